"""Phone numbers from any provider through one interface: search, buy, list, release, route, bind to a 10DLC campaign.

Importing this loads neither an HTTP library nor pydantic nor asyncio: each public name is imported when first used.
"""

from __future__ import annotations

from anycarrier._version import __version__ as __version__

__all__ = [
    "AnyCarrierError", "AsyncClient", "AuthenticationFailed", "BindingStatus", "CampaignBinding", "Can", "Cannot",
    "Client", "ConfigurationError", "Conflict", "Evidence", "Feature", "ForwardTo", "InsufficientFunds",
    "InvalidInput", "InvalidNumber", "InvalidRequest", "JournalError", "Line", "Money", "NoForward", "NoTexts",
    "NotFound", "NumberUnavailable", "Offer", "OrderExhausted", "OutcomeUnknown", "OwnedNumber", "PermissionDenied",
    "PhoneNumber", "ProviderDown", "ProviderError", "RateLimited", "Release", "ReleaseState", "Search",
    "SpendLimitExceeded", "Status", "StillPending", "TextsToEmail", "TextsToSip", "TextsToWebhook", "Timeouts",
    "ToGateway", "Transfer", "TransportError", "UnexpectedResponse", "Unsupported", "__version__", "from_ten_digit",
    "to_ten_digit",
]  # fmt: skip

TYPE_CHECKING = False  # type checkers take it for true, whatever it says; importing typing costs more than all of this
if TYPE_CHECKING:
    from typing import Any

    from anycarrier.client import AsyncClient as AsyncClient
    from anycarrier.client import Client as Client
    from anycarrier.errors import AnyCarrierError as AnyCarrierError
    from anycarrier.errors import AuthenticationFailed as AuthenticationFailed
    from anycarrier.errors import ConfigurationError as ConfigurationError
    from anycarrier.errors import Conflict as Conflict
    from anycarrier.errors import InsufficientFunds as InsufficientFunds
    from anycarrier.errors import InvalidInput as InvalidInput
    from anycarrier.errors import InvalidRequest as InvalidRequest
    from anycarrier.errors import JournalError as JournalError
    from anycarrier.errors import NotFound as NotFound
    from anycarrier.errors import NumberUnavailable as NumberUnavailable
    from anycarrier.errors import OrderExhausted as OrderExhausted
    from anycarrier.errors import OutcomeUnknown as OutcomeUnknown
    from anycarrier.errors import PermissionDenied as PermissionDenied
    from anycarrier.errors import ProviderDown as ProviderDown
    from anycarrier.errors import ProviderError as ProviderError
    from anycarrier.errors import RateLimited as RateLimited
    from anycarrier.errors import SpendLimitExceeded as SpendLimitExceeded
    from anycarrier.errors import StillPending as StillPending
    from anycarrier.errors import TransportError as TransportError
    from anycarrier.errors import UnexpectedResponse as UnexpectedResponse
    from anycarrier.errors import Unsupported as Unsupported
    from anycarrier.features import Can as Can
    from anycarrier.features import Cannot as Cannot
    from anycarrier.features import Evidence as Evidence
    from anycarrier.model import BindingStatus as BindingStatus
    from anycarrier.model import CampaignBinding as CampaignBinding
    from anycarrier.model import Feature as Feature
    from anycarrier.model import ForwardTo as ForwardTo
    from anycarrier.model import Line as Line
    from anycarrier.model import Money as Money
    from anycarrier.model import NoForward as NoForward
    from anycarrier.model import NoTexts as NoTexts
    from anycarrier.model import Offer as Offer
    from anycarrier.model import OwnedNumber as OwnedNumber
    from anycarrier.model import Release as Release
    from anycarrier.model import ReleaseState as ReleaseState
    from anycarrier.model import Status as Status
    from anycarrier.model import TextsToEmail as TextsToEmail
    from anycarrier.model import TextsToSip as TextsToSip
    from anycarrier.model import TextsToWebhook as TextsToWebhook
    from anycarrier.model import ToGateway as ToGateway
    from anycarrier.model import Transfer as Transfer
    from anycarrier.numbers import InvalidNumber as InvalidNumber
    from anycarrier.numbers import PhoneNumber as PhoneNumber
    from anycarrier.numbers import from_ten_digit as from_ten_digit
    from anycarrier.numbers import to_ten_digit as to_ten_digit
    from anycarrier.search import Search as Search
    from anycarrier.transports import Timeouts as Timeouts

_HOMES = {
    name: home
    for home, names in {
        "features": "Can Cannot Evidence",
        "client": "AsyncClient Client",
        "errors": "AnyCarrierError AuthenticationFailed ConfigurationError Conflict InsufficientFunds InvalidInput "
        "InvalidRequest JournalError NotFound NumberUnavailable OrderExhausted OutcomeUnknown PermissionDenied "
        "ProviderDown ProviderError RateLimited SpendLimitExceeded StillPending TransportError UnexpectedResponse "
        "Unsupported",
        "model": "BindingStatus CampaignBinding Feature ForwardTo Line Money NoForward NoTexts Offer OwnedNumber "
        "Release ReleaseState Status TextsToEmail TextsToSip TextsToWebhook ToGateway Transfer",
        "numbers": "InvalidNumber PhoneNumber from_ten_digit to_ten_digit",
        "search": "Search",
        "transports": "Timeouts",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'anycarrier' has no attribute {name!r}")
    value = getattr(import_module(f"anycarrier.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
