"""The legacy LC API (LeadConnector, HighLevel; version 2021-07-28): the neutral operations.

Rests on the official OpenAPI document. Nothing here was tried on the live API. What surprises is on the docs page of
this provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from anycarrier.adapter import Cannot, Evidence, Exchange
from anycarrier_adapters._leadconnector.accounts import PAGE, Agency
from anycarrier_adapters._leadconnector.auth import SNAKE, StoredTokens, Tokens, TokenSource
from anycarrier_adapters._leadconnector.limits import RateLimits
from anycarrier_adapters._leadconnector.options import ListOptions, PurchaseOptions
from anycarrier_adapters._leadconnector.provider import LeadConnector, declared
from anycarrier_adapters._leadconnector.schemas.details import InstalledLocation

from .api import PROVIDER as NAME
from .api import Api

__all__ = [
    "PROVIDER",
    "LCLegacy",
    "LCLegacyAgency",
    "LCList",
    "LCPurchase",
    "RateLimits",
    "StoredTokens",
    "TokenSource",
    "Tokens",
]


@frozen(kw_only=True)
class LCPurchase(PurchaseOptions):
    """Options of a purchase (``PurchasePhoneNumberBodyDto``). An option that is absent is not sent."""

    provider: ClassVar[str] = NAME


@frozen(kw_only=True)
class LCList(ListOptions):
    """Options of a list."""

    provider: ClassVar[str] = NAME


class LCLegacy(LeadConnector[Api]):
    """The legacy LC API: one location (sub-account).

    Args:
        location_id: id of the location.
        token: a private integration token or an access token of the location, or a function that returns one.
        client_id: with *client_secret* and *token_source*, instead of a token: OAuth, refreshed as needed.
        client_secret: of the marketplace app.
        token_source: where the application keeps the customer's tokens; ``StoredTokens`` of *secret_store* by default.
        secret_store: by which processes agree on who refreshes the tokens: a folder, or a
            :class:`~anycarrier.SecretStore`.
        user_type: ``Location``, or ``Company`` for an agency's token.
        agency: instead of all those, the agency, which gets the location's tokens: ``agency.location(...)``.
        account: alias for logs and journals.
        base_url: for a simulator or proxy.
        allow_custom_base_url: allow a host that is neither LeadConnector's nor the loopback.

    Raises:
        ConfigurationError: lists everything that is wrong.
    """

    name = NAME
    title = "LC (legacy API)"
    supports = declared(Evidence.DOCUMENTED)

    api_class = _api = Api
    option_classes = {"buy": LCPurchase, "list": LCList}  # noqa: RUF012
    _spelling = SNAKE
    _purchase_options = LCPurchase
    _list_options = LCList


class LCLegacyAgency(Agency[LCLegacy, Api]):
    __doc__ = Agency.__doc__
    name = NAME
    title = LCLegacy.title + ", agency"
    supports = dict.fromkeys(LCLegacy.supports, Cannot("an agency has no numbers: use agency.location(location_id)"))

    limits = LCLegacy.limits
    _api = Api
    _location = LCLegacy
    _spelling = SNAKE

    def _page(
        self, app: str, is_installed: bool | None, place: str | None
    ) -> Exchange[tuple[Sequence[InstalledLocation], str | None]]:
        skip = int(place or 0)
        found = yield from self._requests.installed_locations(
            self.company_id, app, skip=skip, limit=PAGE, is_installed=is_installed
        )
        rows = found.locations or found.items or ()
        skip += len(rows)
        return rows, str(skip) if found.count is None or skip < found.count else None


PROVIDER = LCLegacy
