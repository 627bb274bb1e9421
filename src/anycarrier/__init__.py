"""Phone numbers from any provider through one interface: search, buy, list, release, route, bind to a 10DLC campaign.

Importing this loads neither an HTTP library nor pydantic nor asyncio: each public name is imported on first use.
"""

from __future__ import annotations

from anycarrier._version import __version__ as __version__

__all__ = [
    "Accounts",
    "AnyCarrierError",
    "Applied",
    "AsyncAccounts",
    "AsyncClient",
    "AuthenticationFailed",
    "Balance",
    "BindingStatus",
    "CallerName",
    "CallsToWebhook",
    "Campaign",
    "CampaignBinding",
    "CampaignStatus",
    "Can",
    "Cannot",
    "Change",
    "Client",
    "ConfigurationError",
    "Conflict",
    "Coverage",
    "Desired",
    "EmergencyAddress",
    "EmergencyRecord",
    "Evidence",
    "Feature",
    "FileSecretStore",
    "ForwardTo",
    "InsufficientFunds",
    "InvalidInput",
    "InvalidNumber",
    "InvalidRequest",
    "JournalError",
    "Line",
    "LookUp",
    "Money",
    "NoForward",
    "NoTexts",
    "NotFound",
    "NumberUnavailable",
    "Offer",
    "OrderExhausted",
    "OutcomeUnknown",
    "OwnedNumber",
    "PermissionDenied",
    "PhoneNumber",
    "Plan",
    "Pool",
    "Port",
    "PortOrder",
    "PortState",
    "Portability",
    "Problem",
    "ProviderDown",
    "ProviderError",
    "RateLimited",
    "Release",
    "ReleaseState",
    "RequirementsMissing",
    "Route",
    "Search",
    "SecretStore",
    "ServiceAddress",
    "SetUpFailed",
    "SpendLimitExceeded",
    "Status",
    "StillPending",
    "TextsTo",
    "TextsToEmail",
    "TextsToSip",
    "TextsToWebhook",
    "Timeouts",
    "ToGateway",
    "Transfer",
    "TransportError",
    "UnexpectedResponse",
    "Unsupported",
    "__version__",
    "from_json",
    "from_ten_digit",
    "json_schema",
    "to_json",
    "to_ten_digit",
]

_HOMES = (
    "errors",
    "numbers",
    "model",
    "search",
    "features",
    "transports",
    "client",
    "account_records",
    "number_services",
    "secret_store",
    "json_forms",
    "desired_state",
    "ports",
)
"""Modules of the public names, each after those that it imports: finding a name loads little more than it needs."""

TYPE_CHECKING = False  # true for type checkers, whatever its value; importing typing takes longer than all of this
if TYPE_CHECKING:
    from typing import Any

    from anycarrier.account_records import *
    from anycarrier.client import *
    from anycarrier.desired_state import *
    from anycarrier.errors import *
    from anycarrier.features import *
    from anycarrier.json_forms import *
    from anycarrier.model import *
    from anycarrier.number_services import *
    from anycarrier.numbers import *
    from anycarrier.ports import *
    from anycarrier.search import *
    from anycarrier.secret_store import *
    from anycarrier.transports import *


def __getattr__(name: str) -> Any:
    if name in __all__:
        from importlib import import_module

        for home in _HOMES:
            module = import_module(f"anycarrier.{home}")
            if name in module.__all__:
                value = getattr(module, name)
                globals()[name] = value
                return value
    raise AttributeError(f"module 'anycarrier' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
