"""Requests of Leadping's API on phone numbers, as data.

Sources of every method, path, field and status: for 2026-06 the page "Update business phone number settings" and the
PyPI package ``leadping`` 1.0.5, for 2026-08 the official OpenAPI document, for 2026-10 the package's release 1.0.83.
The names in brackets are the document's operation ids.
"""

from __future__ import annotations

import re
from datetime import date
from operator import attrgetter
from typing import Any

from anycarrier import adapter
from anycarrier.adapter import (
    AnyCarrierError,
    BoundPages,
    Exchange,
    InvalidInput,
    NotFound,
    Paged,
    PhoneNumber,
    Record,
    Request,
    Response,
    Sent,
    UnexpectedResponse,
    blank_to_none,
    buys,
    linked,
    reads,
    reads_rows,
    request_id,
    sent,
    shape,
    unexpected,
    writes,
)
from anycarrier_adapters.leadping.errors import ERRORS, PROVIDER
from anycarrier_adapters.leadping.schemas import Accepted, Availability, FoundNumber, NumberRecord, NumberRow, Page

from .versions import VERSIONS, ApiVersion

__all__ = ["Api", "checked_id", "is_id"]

_NUMBER = "/phone-numbers/{phoneNumberId}"
_OUTGOING = "/phone-numbers/outgoing"
_CONVERSATION = "/phone-numbers/outgoing/conversation/{conversationId}"


def _rows(path: str) -> Paged[NumberRow, Page]:
    # The list is a POST with the cursor in its body; it changes nothing.
    return linked(
        reads_rows(path, NumberRow, at=("items",), around=Page, method="POST"),
        number="number",
        name=attrgetter("id", "number"),
        parameter="continuationToken",
        cursor=lambda page: blank_to_none(page.continuation_token),
        size=("pageSize", 100),
        total=lambda page: page.total_count,
        within="body",
    )


class Api(adapter.Api):
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

    _rows_of_business = _rows("/phone-numbers/all/my")
    # PhoneNumbers_GetAllForCurrentOrganization
    _rows_of_organization = _rows("/phone-numbers/all/organization")
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

    @reads("/phone-numbers/{phoneNumber}/status", dict)
    def status(
        self,
        number: PhoneNumber,
        *,
        window_days: int | None = None,
        start_date: date | None = None,
        end_date: date | None = None,
    ) -> Sent:
        """Traffic, warm-up and recent events (``PhoneNumbers_GetStatus``). The path takes the number, not its id."""
        return sent(phoneNumber=number.e164, query=_window(window_days, start_date, end_date))

    @reads("/phone-numbers/{phoneNumberId}/warmup", dict)
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

    # -- the owner

    _business = reads("/businesses/me", dict, operation="leadping.owner")
    _organization = reads("/organizations/me", dict, operation="leadping.owner")

    def owner(self) -> Exchange[dict[str, Any]]:
        """The business or organization of the credential, its 10DLC application within ``activation``."""
        return self._business() if self.version.noun == "business" else self._organization()

    # -- the sender of a message or call; "none can" is ``canSend: false``, and no error

    @reads(_CONVERSATION, dict, method="POST", operation="leadping.sender")
    def sender_for_conversation(self, /, conversation_id: str, **hints: str) -> Sent:
        """``PhoneNumbers_GetOutgoingForConversation``; *hints* are the body's members, such as ``channel="sms"``."""
        return sent(conversationId=checked_id("conversation_id", conversation_id), body=hints)

    @reads(f"{_OUTGOING}/new", dict, method="POST", operation="leadping.sender")
    def sender_for_new(self, /, **hints: str) -> Sent:
        """``PhoneNumbers_GetOutgoingForNewOutbound``."""
        return sent(body=hints)

    @reads(f"{_OUTGOING}/manual-override", dict, method="POST", operation="leadping.sender")
    def validate_sender(self, /, phone_number_id: str, **hints: str) -> Sent:
        """``PhoneNumbers_ValidateManualOverride``."""
        return sent(body={"fromPhoneNumberId": phone_number_id, "selection": hints})

    @writes("POST", f"{_CONVERSATION}/override", dict)
    def set_sender(self, /, conversation_id: str, phone_number_id: str, **hints: str) -> Sent:
        """``PhoneNumbers_SetConversationOverride``."""
        body = {"fromPhoneNumberId": phone_number_id, "selection": hints}
        return sent(conversationId=checked_id("conversation_id", conversation_id), body=body)

    @writes("DELETE", f"{_CONVERSATION}/override", dict, operation="leadping.set_sender")
    def clear_sender(self, conversation_id: str) -> Sent:
        """``PhoneNumbers_ClearConversationOverride``; answers 200 with the sender that is chosen then."""
        return sent(conversationId=checked_id("conversation_id", conversation_id))

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


_NOT_IN_IDS = "/ \\ ? # %"


def is_id(value: str) -> bool:
    """Return whether *value* can stand in a path as an id."""
    return (
        value not in (".", "..")
        and re.fullmatch("[!-~]{1,200}", value) is not None
        and frozenset(_NOT_IN_IDS).isdisjoint(value)
    )


def checked_id(name: str, value: str) -> str:
    """Return *value*, or raise ``InvalidInput``: Leadping documents no form of its ids, but not all text can be one."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be text, an id as Leadping gives them, not {shape(value)}")
    if not is_id(value):
        raise InvalidInput(
            f"{name} must be an id as Leadping gives them, of 1 to 200 ASCII characters without spaces and "
            f"{_NOT_IN_IDS}, got {shape(value)}"
        )
    return value


def _window(days: int | None, start: date | None, end: date | None) -> dict[str, str | int | None]:
    dates = [None if day is None else day.strftime("%Y-%m-%d") for day in (start, end)]
    return {"windowDays": days, "startDate": dates[0], "endDate": dates[1]}
