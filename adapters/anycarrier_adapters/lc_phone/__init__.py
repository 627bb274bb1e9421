"""LC Phone v3 (LeadConnector, HighLevel): the neutral operations.

Rests on the official OpenAPI document of v3; what that leaves out (the answers of search and pools, every error) is
read as the legacy document has it. Nothing here was tried on the live API. What surprises is on the docs page of this
provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from attrs import frozen

from anycarrier.adapter import Cannot, Evidence, Exchange
from anycarrier_adapters._leadconnector.accounts import PAGE, Agency
from anycarrier_adapters._leadconnector.auth import CAMEL, StoredTokens, Tokens, TokenSource
from anycarrier_adapters._leadconnector.limits import RateLimits
from anycarrier_adapters._leadconnector.options import ListOptions, PurchaseOptions, text
from anycarrier_adapters._leadconnector.provider import LeadConnector, declared
from anycarrier_adapters._leadconnector.schemas.details import InstalledLocation

from .api import PROVIDER as NAME
from .api import Api

__all__ = [
    "PROVIDER",
    "Agency",
    "LCAgency",
    "LCList",
    "LCPhone",
    "LCPurchase",
    "RateLimits",
    "StoredTokens",
    "TokenSource",
    "Tokens",
]


@frozen(kw_only=True)
class LCPurchase(PurchaseOptions):
    """Options of a purchase (v3, ``PurchasePhoneNumberBodyDto``). An option that is absent is not sent.

    v3's document calls all twelve fields required; callers of the public API cannot have the Stripe ids.

    Attributes:
        payment_intent_id: Stripe's ``pi_...``; give a new one for each purchase.
        stripe_account_id: Stripe's ``acct_...``.
        payment_method_id: Stripe's ``pm_...``.
    """

    provider: ClassVar[str] = NAME
    payment_intent_id: str | None = text(r"pi_[A-Za-z0-9_]{1,120}", "pi_3O...")
    stripe_account_id: str | None = text(r"acct_[A-Za-z0-9_]{1,120}", "acct_1O...")
    payment_method_id: str | None = text(r"pm_[A-Za-z0-9_]{1,120}", "pm_1O...")

    def fields(self) -> dict[str, Any]:
        return {
            **super().fields(),
            "paymentIntentId": self.payment_intent_id,
            "stripeAccountId": self.stripe_account_id,
            "paymentMethodId": self.payment_method_id,
        }


@frozen(kw_only=True)
class LCList(ListOptions):
    """Options of a list."""

    provider: ClassVar[str] = NAME


class LCPhone(LeadConnector[Api]):
    """LC Phone v3: one location (sub-account).

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
    title = "LC Phone v3"
    supports = declared(Evidence.INFERRED)

    api_class = _api = Api
    option_classes = {"buy": LCPurchase, "list": LCList}  # noqa: RUF012
    _spelling = CAMEL
    _purchase_options = LCPurchase
    _list_options = LCList


class LCAgency(Agency[LCPhone, Api]):
    __doc__ = Agency.__doc__
    name = NAME
    title = LCPhone.title + ", agency"
    supports = dict.fromkeys(LCPhone.supports, Cannot("an agency has no numbers: use agency.location(location_id)"))

    limits = LCPhone.limits
    _api = Api
    _location = LCPhone
    _spelling = CAMEL

    def _page(
        self, app: str, is_installed: bool | None, place: str | None
    ) -> Exchange[tuple[Sequence[InstalledLocation], str | None]]:
        found = yield from self._requests.installed_locations(
            self.company_id, app, page_size=PAGE, page_token=place, is_installed=is_installed
        )
        pages = found.pagination
        return found.items or found.locations or (), pages.next_page_token if pages and pages.has_next_page else None


PROVIDER = LCPhone
