"""Records of LeadConnector as the operations of the API return them: whole, each with its ``raw``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from msgspec import field

from anycarrier.adapter import (
    Converting,
    Count,
    Details,
    Forgiving,
    Hidden,
    InvalidNumber,
    Meta,
    OneOf,
    PhoneNumber,
    Record,
    Text,
)

from . import (
    AccountRecord,
    AvailableNumber,
    Bought,
    Date,
    Known,
    NumberPool,
    NumberRow,
    RcsSenderId,
    Size,
    Texts,
    senders,
    texts_by_name,
)

__all__ = [
    "AccountDetails",
    "AvailableDetails",
    "BoughtDetails",
    "Found",
    "Grant",
    "InstalledLocation",
    "InstalledLocations",
    "NumberDetails",
    "NumberList",
    "NumberListPage",
    "PageTokens",
    "PoolDetails",
    "PoolList",
    "Query",
]


def _party(value: object) -> PhoneNumber | None:
    if isinstance(value, PhoneNumber) or not isinstance(value, str):
        return value if isinstance(value, PhoneNumber) else None
    try:
        return PhoneNumber(value)
    except InvalidNumber:
        return None


if TYPE_CHECKING:
    Party: TypeAlias = PhoneNumber | None
else:
    Party = Annotated[str | None, Converting(_party)]
NamesOf: TypeAlias = Annotated[dict[str, str] | None, Forgiving(texts_by_name)]


# -- search and purchase


class AvailableDetails(AvailableNumber, Details, gc=True, dict=True):
    """Number that can be bought."""

    if TYPE_CHECKING:
        phone_number: PhoneNumber


class Found(Details):
    """Answer of a search; the fingerprint belongs to it and goes with a purchase."""

    fingerprint_id: Text = None
    numbers: list[AvailableDetails] = []  # noqa: RUF012


class BoughtDetails(Bought, Details, gc=True, dict=True):
    """v3's answer to a purchase. ``id`` is the account's, no number's."""


class AccountDetails(AccountRecord, Details, rename=None, gc=True, dict=True):
    """The legacy answer to a purchase: the location's account, with all its numbers."""

    under_ghl_account: Known = None
    validate_sms: Known = None
    migration_status: Text = None
    migration_numbers: Texts = None
    assigned_to_numbers: NamesOf = None
    new_account_sid: Text = None


# -- numbers


class NumberDetails(NumberRow, Details, gc=True, dict=True):
    """Number of a location; it is forwarded to ``forwarding_number``, which is ``None`` for text that is no number."""

    if TYPE_CHECKING:
        phone_number: PhoneNumber
    forwarding_number: Party = None


class NumberListPage(Record):
    """Members around the numbers of a page, of either version."""

    is_under_ghl: Known = None
    is_under_lc: Known = None
    page_size: Size = None
    page: Size = None
    account_status: Annotated[str | None, OneOf(values=("active", "suspended", "closed"))] = None
    total: Count = None
    rcs_sender_ids: Annotated[list[RcsSenderId] | None, Forgiving(senders)] = None


class NumberList(Details):
    """One page of a location's numbers. ``is_under_ghl`` is legacy, ``is_under_lc`` and ``total`` are v3's."""

    numbers: list[NumberDetails] = []  # noqa: RUF012
    is_under_ghl: Known = None
    is_under_lc: Known = None
    page_size: Size = None
    page: Size = None
    account_status: Annotated[str | None, OneOf(values=("active", "suspended", "closed"))] = None
    total: Count = None
    rcs_sender_ids: Annotated[list[RcsSenderId] | None, Forgiving(senders)] = None


# -- number pools


class PoolDetails(NumberPool, Details, gc=True, dict=True):
    """Number pool of a location."""

    forwarding_number: Party = None


class PoolList(Details):
    """All number pools of a location."""

    data: list[PoolDetails]
    success: Known = None
    total: Count = None


# -- OAuth


class Grant(Details):
    """Tokens, and whom they are for (``POST /oauth/token``, ``POST /oauth/location-token``).

    The tokens are not in ``raw``. A refresh token is good once: store the new one before it is used.
    """

    access_token: Hidden
    refresh_token: Hidden = None
    token_type: Text = None
    expires_in: Count = None
    scope: Text = None
    user_type: Annotated[str | None, OneOf(values=("Company", "Location"))] = None
    location_id: Text = None
    company_id: Text = None
    approved_locations: Texts = None
    user_id: Text = None
    plan_id: Text = None
    is_bulk_installation: Known = None
    install_to_future_locations: Known = None
    approve_all_locations: Known = None
    app_id: Text = None
    version_id: Text = None

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        """Some members of legacy answers are in snake case."""
        return {re.sub("_([a-z])", lambda match: match[1].upper(), name): value for name, value in members.items()}

    @property
    def raw(self) -> Mapping[str, Any]:
        return {name: value for name, value in super().raw.items() if not name.lower().endswith("token")}


class InstalledLocation(Details):
    """Location (sub-account) of a company, and whether the app is installed there."""

    id: Annotated[str, Meta(min_length=1)] = field(name="_id")
    name: Text = None
    address: Text = None
    is_installed: Known = None
    version_id: Text = None
    installed_at: Date = None


class PageTokens(Details):
    """Place of a page in v3's list."""

    total_records: Count = None
    has_next_page: Known = None
    has_prev_page: Known = None
    next_page_token: Text = None
    prev_page_token: Text = None
    current_page_size: Count = None
    estimated_total_records: Count = None


class Query(Details):
    """Filters and order that v3 applied."""

    filter_applied: dict[str, Any] | None = None
    sort_applied: dict[str, Any] | None = None


class InstalledLocations(Details):
    """Page of a company's locations: ``items`` and ``pagination`` in v3, ``locations`` and ``count`` before."""

    items: list[InstalledLocation] | None = None
    pagination: PageTokens | None = None
    metadata: Query | None = None
    locations: list[InstalledLocation] | None = None
    count: Count = None
    install_to_future_locations: Known = None
