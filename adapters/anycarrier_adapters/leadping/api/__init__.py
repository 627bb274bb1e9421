"""Requests of Leadping's API on phone numbers, as data.

Sources of every method, path, field and status: for 2026-06 the page "Update business phone number settings" and the
PyPI package ``leadping`` 1.0.5, for 2026-08 the official OpenAPI document, for 2026-10 the package's release 1.0.83.
The names in brackets are the document's operation ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, TypeVar

from anycarrier.adapter import (
    AnyCarrierError,
    BoundPages,
    Exchange,
    InvalidInput,
    Listing,
    NotFound,
    Paged,
    Record,
    Request,
    Response,
    Sent,
    Target,
    UnexpectedResponse,
    blank_to_none,
    buys,
    linked,
    number_of,
    reads,
    reads_rows,
    request_id,
    sent,
    unexpected,
    writes,
)
from anycarrier_adapters.leadping.errors import ERRORS, PROVIDER
from anycarrier_adapters.leadping.options import AdminOverride, checked_name
from anycarrier_adapters.leadping.schemas import (
    Accepted,
    Availability,
    AvailabilityDetails,
    FoundNumber,
    FoundNumberDetails,
    NumberDetails,
    NumberRecord,
    NumberRow,
    NumberRowDetails,
    Page,
    StatusReport,
)

from .accounts import AccountApi
from .ids import checked_id, is_id
from .lists import Direction, FieldRange, Plain, narrowed
from .senders import SenderApi
from .versions import VERSIONS, ApiVersion

__all__ = ["Api", "checked_id", "is_id"]

_NUMBER = "/phone-numbers/{phoneNumberId}"
R = TypeVar("R", bound=NumberRow)


def _rows(path: str, row: type[R]) -> Paged[R, Page]:
    # The list is a POST with the cursor in its body; it changes nothing.
    return linked(
        reads_rows(path, row, at=("items",), around=Page, method="POST"),
        number="number",
        name=attrgetter("id", "number"),
        parameter="continuationToken",
        cursor=lambda page: blank_to_none(page.continuation_token),
        size=("pageSize", 100),
        total=lambda page: page.total_count,
        within="body",
    )


class Api(SenderApi, AccountApi):
    """All requests of one account.

    Attributes:
        version: version of the API that the server has.
    """

    provider = PROVIDER
    errors = ERRORS

    def __init__(self, account: str, version: ApiVersion) -> None:
        super().__init__(account)
        self.version = version

    # -- searching and buying

    # PhoneNumbers_Search: phoneNumber in E.164 form, or (inferred) its beginning; location, state and countryCode
    search = reads_rows(
        "/phone-numbers/search", FoundNumber, method="POST", at=("numbers",), around=Record, some=True, envelope=None
    )
    # PhoneNumbers_IsAvailableForPurchase: phoneNumber
    availability = reads("/phone-numbers/is-available-for-purchase", Availability, method="POST")
    # PhoneNumbers_Create: there is no idempotency key, so a repeated request may buy twice. Answers 200, and not 201
    create = buys("/phone-numbers", NumberRecord, envelope=Accepted, operation="buy")

    # -- numbers

    _rows_of_business = _rows("/phone-numbers/all/my", NumberRow)
    # PhoneNumbers_GetAllForCurrentOrganization
    _rows_of_organization = _rows("/phone-numbers/all/organization", NumberRow)
    _list_of_business = _rows("/phone-numbers/all/my", NumberRowDetails)
    _list_of_organization = _rows("/phone-numbers/all/organization", NumberRowDetails)
    _found = reads_rows(
        "/phone-numbers/search",
        FoundNumberDetails,
        method="POST",
        at=("numbers",),
        some=True,
        envelope=None,
        operation="leadping.search_numbers",
        around=Record,
    )
    # PhoneNumbers_Get
    number = reads(_NUMBER, NumberRecord, operation="get")
    # PhoneNumbers_Update: replaces all that can be set; an absent member may be reset
    update = writes("PUT", _NUMBER, NumberRecord, nulls=True)
    # PhoneNumbers_Delete: 204 accepts a release. A 200 is not documented, so it proves nothing
    delete = writes("DELETE", _NUMBER, operation="release", accept=(204, 200, 202))

    @property
    def rows(self) -> BoundPages[NumberRow, Page]:
        """Numbers of the owner, page by page; ``search`` and ``searchFields`` in the body narrow them."""
        return self._rows_of_business if self.version.noun == "business" else self._rows_of_organization

    @reads("/phone-numbers/{phoneNumber}/status", StatusReport)
    def status(
        self,
        target: Target,
        *,
        window_days: int | None = None,
        start_date: date | None = None,
        end_date: date | None = None,
    ) -> Sent:
        """Traffic, warm-up and recent events (``PhoneNumbers_GetStatus``). The path takes the number, not its id."""
        return sent(phoneNumber=number_of(target).e164, query=_window(window_days, start_date, end_date))

    @reads("/phone-numbers/{phoneNumberId}/warmup", StatusReport)
    def warmup(
        self,
        id: str,
        *,
        window_days: int | None = None,
        start_date: date | None = None,
        end_date: date | None = None,
    ) -> Sent:
        """The same for the warm-up (``PhoneNumbers_GetWarmupStatus``). The path takes the id."""
        return sent(phoneNumberId=checked_id("id", id), query=_window(window_days, start_date, end_date))

    # -- the same, typed: an operation for each that Leadping documents

    def search_numbers(
        self,
        *,
        phone_number: str | None = None,
        location: str | None = None,
        state: str | None = None,
        country_code: str | None = None,
    ) -> Exchange[Sequence[FoundNumberDetails]]:
        """Numbers that can be bought (``PhoneNumbers_Search``).

        Args:
            phone_number: a number in E.164 form or (inferred) its beginning, such as ``+1201``.
            location: city.
            state: state or province.
            country_code: two letters.
        """
        place = {"location": location, "state": state, "countryCode": country_code}
        stated = {name: value for name, value in place.items() if value is not None}
        rows = yield from self._found(body={"phoneNumber": phone_number, "location": stated or None})
        return tuple(rows.details())

    @reads("/phone-numbers/is-available-for-purchase", AvailabilityDetails, method="POST")
    def check_number(self, target: Target) -> Sent:
        """Check one number: whether it can be bought, and its price (``PhoneNumbers_IsAvailableForPurchase``)."""
        return sent(body={"phoneNumber": number_of(target).e164})

    @buys("/phone-numbers", NumberDetails, envelope=Accepted)
    def create_number(
        self,
        target: Target,
        *,
        name: str,
        enabled: bool = True,
        number_health: bool = False,
        owner_id: str | None = None,
        admin_enablement_override: AdminOverride | None = None,
    ) -> Sent:
        """Buy a number (``PhoneNumbers_Create``), at once and without a journal: ``client.buy`` finds out what became
        of a purchase without an answer, and this does not.

        Args:
            target: the number.
            name: display name, 1 to 255 characters.
            enabled: whether it is in use; not in 2026-10.
            number_health: the add-on of 2 USD a month. It is always sent: servers of 2026-10 opt in by default.
            owner_id: business or organization; not in 2026-10. By default that of the credentials.
            admin_enablement_override: an administrator's decision; 2026-06 only.
        """
        body = self._stated(name, number_of(target).e164, enabled, owner_id, admin_enablement_override, None)
        return sent(body={**body, "numberHealthEnabled": number_health})

    def list_numbers(
        self,
        *,
        search: str | None = None,
        search_fields: Sequence[str] = (),
        order_by: Mapping[str, Direction] | None = None,
        filters: Mapping[str, Plain] | None = None,
        ranges: Sequence[FieldRange] = (),
        include_count: bool | None = None,
        page_size: int = 100,
    ) -> Listing[NumberRowDetails]:
        """Numbers of the owner, page by page (``PhoneNumbers_GetAllForCurrentOrganization``); the arguments are those
        of :meth:`sms_events`."""
        body = narrowed(search, search_fields, order_by, filters, ranges, include_count)
        pages = self._list_of_business if self.version.noun == "business" else self._list_of_organization
        return pages(lambda rows: rows.details(), body=body, size=page_size)

    @reads(_NUMBER, NumberDetails)
    def get_number(self, id: str) -> Sent:
        """One number (``PhoneNumbers_Get``)."""
        return sent(phoneNumberId=checked_id("id", id))

    @writes("PUT", _NUMBER, NumberDetails)
    def update_number(
        self,
        id: str,
        target: Target,
        *,
        name: str | None = None,
        enabled: bool | None = None,
        number_health: bool | None = None,
        owner_id: str | None = None,
        admin_enablement_override: AdminOverride | None = None,
    ) -> Sent:
        """Replace all that can be set of a number (``PhoneNumbers_Update``); what is absent may be reset.
        ``client.provider.update`` reads the number first and sends the rest back unchanged.

        Args:
            id: id of the number.
            target: the number itself.
            name: display name; required before 2026-10.
            enabled: whether it is in use; not in 2026-10. Absent, it may be switched off.
            number_health: the add-on of 2 USD a month; 2026-10.
            owner_id: business or organization; not in 2026-10.
            admin_enablement_override: an administrator's decision; 2026-06 only.
        """
        override, number = admin_enablement_override, number_of(target).e164
        body = self._stated(name, number, enabled, owner_id, override, number_health)
        if "id" in self.version.update:
            body["id"] = id
        return sent(phoneNumberId=checked_id("id", id), body=body)

    @writes("DELETE", _NUMBER, accept=(204, 200, 202))
    def delete_number(self, id: str) -> Sent:
        """Release a number (``PhoneNumbers_Delete``): the answer accepts it, and :meth:`get_number` shows the rest."""
        return sent(phoneNumberId=checked_id("id", id))

    def _stated(
        self,
        name: str | None,
        number: str,
        enabled: bool | None,
        owner_id: str | None,
        override: AdminOverride | None,
        health: bool | None,
    ) -> dict[str, Any]:
        """Members of ``PhoneNumberRequest``; one that the API version lacks is refused if it would be dropped."""
        members = {
            "name": None if name is None else checked_name(name),
            "number": number,
            "enabled": enabled,
            self.version.owner or "organizationId": owner_id,
            "adminEnablementOverride": None if override is None else override.as_dict(),
            "numberHealthEnabled": health,
        }
        stated = {member: value for member, value in members.items() if value is not None}
        lacking = [member for member in stated if member not in self.version.update]
        if lacking == ["enabled"] and enabled:
            del stated["enabled"]
        elif lacking:
            raise InvalidInput(f"a request of API version {self.version.name} has no {', '.join(lacking)}")
        return stated

    # -- errors

    def error_of(self, request: Request, response: Response) -> AnyCarrierError:
        """Return the error of an answer; a 404 means "not found" only if the path named something."""
        if request.path == self.version.list_path and response.status in (404, 405):
            return UnexpectedResponse(
                f"there is no list at {request.path}, so this server is not of API version {self.version.name}: "
                f"set api_version to another of {', '.join(VERSIONS)}",
                provider=PROVIDER,
                operation=request.operation,
                status=response.status,
                request_id=request_id(response.headers),
                maybe_applied=False,
            )
        error = super().error_of(request, response)
        if isinstance(error, NotFound) and not request.path_values:
            odd = unexpected(request, response, "a 404 although the request names nothing", provider=PROVIDER)
            odd.detail = error.detail
            return odd
        return error


def _window(days: int | None, start: date | None, end: date | None) -> dict[str, str | int | None]:
    dates = [None if day is None else day.strftime("%Y-%m-%d") for day in (start, end)]
    return {"windowDays": days, "startDate": dates[0], "endDate": dates[1]}
