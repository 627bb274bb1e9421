"""Requests of Leadping's API that are about the account, its wallet and its history, as data.

Sources: as in :mod:`anycarrier_adapters.leadping.api`. The names in brackets are the document's operation ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

from anycarrier import adapter
from anycarrier.adapter import (
    Details,
    Exchange,
    Listing,
    Paged,
    Sent,
    Target,
    blank_to_none,
    linked,
    number_of,
    reads,
    reads_rows,
    sent,
    writes,
)
from anycarrier_adapters.leadping.schemas import (
    CallEvent,
    OutboundOverview,
    Owner,
    Page,
    SmsEvent,
    SwitchOption,
    Wallet,
)

from .lists import Direction, FieldRange, Plain, narrowed
from .versions import ApiVersion

__all__ = ["AccountApi"]

E = TypeVar("E", bound=Details)


def _history(kind: str, row: type[E]) -> Paged[E, Page]:
    return linked(
        reads_rows(f"/events/{kind}/phone/{{phoneNumber}}", row, at=("items",), around=Page, method="POST"),
        number="from_phone_number",
        name=attrgetter("id"),
        parameter="continuationToken",
        cursor=lambda page: blank_to_none(page.continuation_token),
        size=("pageSize", 100),
        total=lambda page: page.total_count,
        within="body",
    )


class AccountApi(adapter.Api):
    """Requests about the business or organization, its wallet, its capacity and the history of its numbers.

    Attributes:
        version: version of the API that the server has.
    """

    version: ApiVersion

    # -- money and capacity

    @reads("/wallets/me", Wallet)
    def wallet(self) -> Sent:
        """Prepaid balance of the business or organization (``Wallets_GetForCurrentOrganization``)."""
        return sent()

    @reads("/outbound/overview", OutboundOverview)
    def outbound_overview(self) -> Sent:
        """Texts and calls that can still go out, by number (``OutboundDelivery_GetCurrentOrganizationOverview``)."""
        return sent()

    # -- the history of a number

    _sms_events = _history("sms", SmsEvent)
    _call_events = _history("calls", CallEvent)

    def sms_events(
        self,
        target: Target,
        *,
        search: str | None = None,
        search_fields: Sequence[str] = (),
        order_by: Mapping[str, Direction] | None = None,
        filters: Mapping[str, Plain] | None = None,
        ranges: Sequence[FieldRange] = (),
        include_count: bool | None = None,
        page_size: int = 100,
    ) -> Listing[SmsEvent]:
        """Texts from and to a number, page by page (``SmsEvents_GetByPhoneNumber``).

        Args:
            target: the number.
            search: text to look for in *search_fields*; which fields there are is not documented.
            search_fields: names of members.
            order_by: members to sort by, the first one first.
            filters: members and the values that they must have.
            ranges: members and the bounds that they must keep.
            include_count: have the number of all rows counted; the list is then checked against it.
            page_size: rows of a page; the server may give fewer.
        """
        body = narrowed(search, search_fields, order_by, filters, ranges, include_count)
        number = number_of(target).e164
        return self._sms_events(lambda rows: rows.details(), body=body, size=page_size, phoneNumber=number)

    def call_events(
        self,
        target: Target,
        *,
        search: str | None = None,
        search_fields: Sequence[str] = (),
        order_by: Mapping[str, Direction] | None = None,
        filters: Mapping[str, Plain] | None = None,
        ranges: Sequence[FieldRange] = (),
        include_count: bool | None = None,
        page_size: int = 100,
    ) -> Listing[CallEvent]:
        """Calls from and to a number, page by page (``CallEvents_GetByPhoneNumber``); see :meth:`sms_events`."""
        body = narrowed(search, search_fields, order_by, filters, ranges, include_count)
        number = number_of(target).e164
        return self._call_events(lambda rows: rows.details(), body=body, size=page_size, phoneNumber=number)

    # -- the owner of numbers: a business in June, later an organization

    _business = reads("/businesses/me", Owner, operation="leadping.owner")
    _organization = reads("/organizations/me", Owner, operation="leadping.owner")
    _business_options = reads("/businesses/me/options", list[SwitchOption], operation="leadping.owner_options")
    _organization_options = reads("/organizations/me/options", list[SwitchOption], operation="leadping.owner_options")
    _switch_business = writes("POST", "/businesses/me/switch", Owner, operation="leadping.switch_owner")
    _switch_organization = writes("POST", "/organizations/me/switch", Owner, operation="leadping.switch_owner")

    @property
    def _june(self) -> bool:
        return self.version.noun == "business"

    def owner(self) -> Exchange[Owner]:
        """The business or organization of the credential (``Organizations_GetForCurrentUser``), its 10DLC application
        within ``activation``."""
        return self._business() if self._june else self._organization()

    def owner_options(self) -> Exchange[list[SwitchOption]]:
        """Businesses or organizations that the user can switch to (``Organizations_GetSwitchOptions``)."""
        return self._business_options() if self._june else self._organization_options()

    def switch_owner(self, owner_id: str) -> Exchange[Owner]:
        """Make another business or organization the current one of the user
        (``Organizations_SwitchCurrentOrganization``): all further requests with these credentials are about it, those
        of other programs too."""
        if self._june:
            return self._switch_business(body={"businessId": owner_id})
        return self._switch_organization(body={"organizationId": owner_id})
