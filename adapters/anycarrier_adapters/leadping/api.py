"""Leadping, operation by operation: each function returns an exchange for ``client.run``.

Source of every method, path, field and status: for 2026-06 the page "Update business phone number settings" and the
PyPI package ``leadping`` 1.0.5, for 2026-08 the official OpenAPI document, for 2026-10 the package's release 1.0.83.
The names in brackets are the document's operation ids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from attrs import frozen

from anycarrier.border import Rows, parse
from anycarrier.decoding.pages import Pages, not_all
from anycarrier.engine.request import request_id
from anycarrier.errors import (
    AnyCarrierError,
    InvalidInput,
    UnexpectedResponse,
)
from anycarrier.exchange import Emit, Exchange, Listing, Purpose, Request, Response
from anycarrier.hints import checked_methods
from anycarrier.numbers import PhoneNumber, is_another
from anycarrier.validation import shape
from anycarrier.wire import ask, json_body, pairs, parse_json, says_failed, unexpected

from ._later import schemas
from .errors import PROVIDER, error_of
from .versions import VERSIONS, ApiVersion

if TYPE_CHECKING:
    from anycarrier.schemas import Record

T = TypeVar("T", bound="Record")

PAGE_SIZE = 100
PAGES_MOST = 10_000
"""A list that has more pages than this has no end."""
CURSOR_MOST = 100_000
EMPTY_MOST = 100
"""Pages in a row without a number that are still followed: Leadping's store may give some."""


@checked_methods
@frozen
class Api:
    """All requests of one account. ``account`` is its id; the session knows its key.

    Attributes:
        api_version: what the server is sent.
    """

    account: str
    api_version: ApiVersion

    # -- searching and buying

    def search(
        self, *, phone_number: str | None = None, location: Mapping[str, str] | None = None
    ) -> Exchange[tuple[Request, Response]]:
        """Numbers that can be bought (``PhoneNumbers_Search``). There are no other fields than these two.

        Args:
            phone_number: a number in E.164 form, or (inferred) what it begins with.
            location: ``location`` (a city), ``state`` and ``countryCode``.
        """
        body = json_body({"phoneNumber": phone_number, "location": dict(location) if location else None})
        request = self._request("search", "POST", "/phone-numbers/search", body=body)
        response = yield from ask(request, error_of)
        return request, response

    def availability(self, number: PhoneNumber) -> Exchange[tuple[schemas.Availability, Response]]:
        """Whether one number can be bought, and its price (``PhoneNumbers_IsAvailableForPurchase``)."""
        body = json_body({"phoneNumber": number.e164})
        request = self._request(
            "leadping.availability", "POST", "/phone-numbers/is-available-for-purchase", body=body
        )  # fmt: skip
        response = yield from ask(request, error_of)
        answer = parse(schemas.Availability, request, response, provider=PROVIDER)
        if answer.phone_number is not None:
            same(request, response, number, answer.phone_number)
        return answer, response

    def create(self, body: bytes) -> Exchange[tuple[schemas.NumberRecord, Request, Response]]:
        """Buy a number (``PhoneNumbers_Create``), exactly these bytes; sent once. Answers 200, and not 201.

        There is no idempotency key: a repeated request may buy twice.
        """
        request = self._request("buy", "POST", "/phone-numbers", body=body, purpose="purchase")
        response = yield from ask(request, error_of)
        if problem := says_failed(parse_json(request, response, provider=PROVIDER), response.status):
            raise unexpected(request, response, f"with status 200, {problem}", provider=PROVIDER)
        return parse(schemas.NumberRecord, request, response, provider=PROVIDER), request, response

    # -- numbers

    def rows(
        self,
        *,
        containing: PhoneNumber | None = None,
        swift: Callable[[bytes], Any] = lambda _: None,
        about: PhoneNumber | None = None,
    ) -> Listing[tuple[schemas.NumberRow, Mapping[str, Any]]]:
        """Every number of the owner, or those that the server finds for *containing*, each with its own record.

        ``PhoneNumbers_GetAllForCurrentOrganization`` and its earlier names. The list is a POST with the cursor in its
        body; it changes nothing. Its end is a page without a cursor. What is not all ends in
        :class:`UnexpectedResponse`: an endless list, a cursor or a page that comes again, fewer rows than the answers
        state (:class:`~anycarrier.records.NotAll`), rows that could not be read. A row that comes again is given once.
        A page that *swift* reads in one go comes as what it made, and is not read again. With *about*, rows that are
        certainly of another number are left out without being read.
        """
        wanted: dict[str, Any] = {"pageSize": PAGE_SIZE}
        if containing is not None:
            wanted.update(search=containing.e164, searchFields=["number"])
        rows = Rows(lambda: schemas.NUMBER_ROWS, "items")
        pages = Pages()
        cursor: str | None = None
        seen: set[str | None] = set()
        empty = 0
        while True:
            body = json_body({**wanted, "continuationToken": cursor})
            request = self._request("list", "POST", self.api_version.list_path, body=body)
            response = yield from ask(request, self._list_error)
            quick = swift(response.body)
            if quick is None and (odd := says_failed(parse_json(request, response, provider=PROVIDER), 200)):
                raise unexpected(request, response, f"with status 200, {odd}", provider=PROVIDER)
            page = quick or parse(schemas.Page, request, response, provider=PROVIDER)
            items: Sequence[Any] = page.items if quick is None else quick.owned
            page_rows = len(items)
            new = pages.new([*map(_identity, items)] if quick is None else quick.names, page.total_count)
            if new is not None:
                every = [*items]
                items = [every[place] for place in new]
            items = items if about is None else _left_of(items, about)
            if quick is None:
                yield Emit(rows.take(items))
            else:
                rows.take(quick.owned)  # counts them
                yield Emit(items)
            empty = 0 if page_rows else empty + 1
            seen.add(cursor)
            cursor = page.continuation_token
            if cursor is None:
                if problem := pages.problem():
                    raise not_all(request, response, problem, provider=PROVIDER)
                problem = rows.problem()
            elif cursor in seen or not cursor.isprintable() or len(cursor) > CURSOR_MOST:
                problem = "it has a continuationToken for the second time, or one that cannot be sent back"
            elif new is not None and not new:
                problem = "a page came again under another continuationToken"
            elif len(seen) == PAGES_MOST or empty == EMPTY_MOST:
                problem = f"the list has more than {PAGES_MOST} pages, or {EMPTY_MOST} in a row that are empty"
            else:
                continue
            if problem is not None:
                raise unexpected(request, response, problem, provider=PROVIDER)
            return

    def number(self, id: str, *, operation: str = "get") -> Exchange[tuple[schemas.NumberRecord, Request, Response]]:
        """One number by its id (``PhoneNumbers_Get``)."""
        request = self._request(operation, "GET", "/phone-numbers/{phoneNumberId}", id=id)
        response = yield from ask(request, error_of)
        return parse(schemas.NumberRecord, request, response, provider=PROVIDER), request, response

    def update(
        self, id: str, body: Mapping[str, Any], *, operation: str = "leadping.update"
    ) -> Exchange[tuple[schemas.NumberRecord, Request, Response]]:
        """Replace what can be set (``PhoneNumbers_Update``); a ``None`` in *body* is sent as null.

        What *body* lacks may be reset: give all of it.
        """
        data = json_body(body, nulls=True)
        path = "/phone-numbers/{phoneNumberId}"
        request = self._request(operation, "PUT", path, id=id, body=data, purpose="write")
        response = yield from ask(request, error_of)
        return parse(schemas.NumberRecord, request, response, provider=PROVIDER), request, response

    def delete(self, id: str) -> Exchange[tuple[Request, Response]]:
        """Give a number up (``PhoneNumbers_Delete``): 204 says that this was accepted, not that it is done. A 200 is
        not documented, so it says nothing."""
        request = self._request("release", "DELETE", "/phone-numbers/{phoneNumberId}", id=id, purpose="write")
        return request, (yield from ask(request, error_of, accept=(204, 200, 202)))

    def status(
        self,
        number: PhoneNumber,
        *,
        window_days: int | None = None,
        start_date: date | None = None,
        end_date: date | None = None,
    ) -> Exchange[Mapping[str, Any]]:
        """Traffic, warm-up and recent events (``PhoneNumbers_GetStatus``). The path takes the number, not its id."""
        query = _window(window_days, start_date, end_date)
        path = "/phone-numbers/{phoneNumber}/status"
        return (yield from self._json("leadping.status", "GET", path, values={"phoneNumber": number.e164}, query=query))

    def warmup(
        self,
        id: str,
        *,
        window_days: int | None = None,
        start_date: date | None = None,
        end_date: date | None = None,
    ) -> Exchange[Mapping[str, Any]]:
        """The same, for the warm-up (``PhoneNumbers_GetWarmupStatus``). The path takes the id."""
        query = _window(window_days, start_date, end_date)
        path = "/phone-numbers/{phoneNumberId}/warmup"
        return (yield from self._json("leadping.warmup", "GET", path, values={"phoneNumberId": id}, query=query))

    def owner(self) -> Exchange[Mapping[str, Any]]:
        """The business or organization of the credential, its 10DLC application within ``activation``."""
        return (yield from self._json("leadping.owner", "GET", self.api_version.owner_path))

    # -- which number a message or a call goes out from; "none can" is ``canSend: false``, and no error

    def sender_for_conversation(self, conversation_id: str, **hints: str) -> Exchange[Mapping[str, Any]]:
        """``PhoneNumbers_GetOutgoingForConversation``; *hints* are the body's fields, such as ``channel="sms"``."""
        path = "/phone-numbers/outgoing/conversation/{conversationId}"
        values = {"conversationId": conversation_id}
        return (yield from self._json("leadping.sender", "POST", path, values=values, body=hints))

    def sender_for_new(self, **hints: str) -> Exchange[Mapping[str, Any]]:
        """``PhoneNumbers_GetOutgoingForNewOutbound``."""
        return (yield from self._json("leadping.sender", "POST", "/phone-numbers/outgoing/new", body=hints))

    def validate_sender(self, phone_number_id: str, **hints: str) -> Exchange[Mapping[str, Any]]:
        """``PhoneNumbers_ValidateManualOverride``."""
        body = {"fromPhoneNumberId": phone_number_id, "selection": hints}
        path = "/phone-numbers/outgoing/manual-override"
        return (yield from self._json("leadping.sender", "POST", path, body=body))

    def set_sender(self, conversation_id: str, phone_number_id: str, **hints: str) -> Exchange[Mapping[str, Any]]:
        """``PhoneNumbers_SetConversationOverride``."""
        body = {"fromPhoneNumberId": phone_number_id, "selection": hints}
        return (yield from self._override("POST", conversation_id, body))

    def clear_sender(self, conversation_id: str) -> Exchange[Mapping[str, Any]]:
        """``PhoneNumbers_ClearConversationOverride``; answers 200 with the sender that is chosen then."""
        return (yield from self._override("DELETE", conversation_id, None))

    # -- how a request is made

    def _override(
        self, method: str, conversation_id: str, body: Mapping[str, Any] | None
    ) -> Exchange[Mapping[str, Any]]:
        path = "/phone-numbers/outgoing/conversation/{conversationId}/override"
        values = {"conversationId": conversation_id}
        return (
            yield from self._json("leadping.set_sender", method, path, values=values, body=body, purpose="write")
        )  # fmt: skip

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        id: str | None = None,
        values: Mapping[str, str] | None = None,
        query: tuple[tuple[str, str], ...] = (),
        body: bytes | None = None,
        purpose: Purpose = "read",
    ) -> Request:
        values = dict(values or {}) if id is None else {"phoneNumberId": id}
        for name in values.keys() - {"phoneNumber"}:
            checked_id(name, values[name])
        return Request(
            account=self.account, operation=operation, method=method, path=path, path_values=values, query=query,
            body=body, purpose=purpose,
        )  # fmt: skip

    def _json(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        values: Mapping[str, str] | None = None,
        query: tuple[tuple[str, str], ...] = (),
        body: Mapping[str, Any] | None = None,
        purpose: Literal["read", "write"] = "read",
    ) -> Exchange[Mapping[str, Any]]:
        data = None if body is None else json_body(body)
        request = self._request(operation, method, path, values=values, query=query, body=data, purpose=purpose)
        response = yield from ask(request, error_of)
        answer = parse_json(request, response, provider=PROVIDER)
        if not isinstance(answer, dict):
            raise unexpected(request, response, "the body is not an object", provider=PROVIDER)
        return answer

    def _list_error(self, request: Request, response: Response) -> AnyCarrierError:
        if response.status not in (404, 405):
            return error_of(request, response)
        return UnexpectedResponse(
            f"there is no list at {request.path}, so this server is not of API version {self.api_version.name}: "
            f"set api_version to another of {', '.join(VERSIONS)}",
            provider=PROVIDER, operation=request.operation, status=response.status,
            request_id=request_id(response.headers), maybe_applied=False,
        )  # fmt: skip


_SHOWN = "/ \\ ? # %"
_NOT_IN_IDS = frozenset(_SHOWN)


def is_id(value: str) -> bool:
    """Whether *value* can stand in a path as an id."""
    return (
        value not in (".", "..") and re.fullmatch("[!-~]{1,200}", value) is not None and _NOT_IN_IDS.isdisjoint(value)
    )


def checked_id(name: str, value: str) -> str:
    """*value*, if it can be an id of Leadping's, which documents no form of them."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be text, an id as Leadping gives them, not {shape(value)}")
    if not is_id(value):
        raise InvalidInput(
            f"{name} must be an id as Leadping gives them, of 1 to 200 ASCII characters without spaces and {_SHOWN}, "
            f"got {shape(value)}"
        )
    return value


def _left_of(rows: Sequence[Any], number: PhoneNumber) -> Sequence[Any]:
    """*rows* without those that are certainly of another number."""
    return [row for row in rows if not (isinstance(row, dict) and is_another(row.get("number"), number))]


def _identity(row: Any) -> Hashable:
    """What a row is recognised by when it comes again."""
    named = (row.get("id"), row.get("number")) if isinstance(row, dict) else (None,)
    return named if any(named) and all(part is None or isinstance(part, str) for part in named) else repr(row)


def _window(window_days: int | None, start: date | None, end: date | None) -> tuple[tuple[str, str], ...]:
    dates = [None if day is None else day.strftime("%Y-%m-%d") for day in (start, end)]
    return pairs(windowDays=window_days, startDate=dates[0], endDate=dates[1])


def same(request: Request, response: Response, asked: PhoneNumber, answered: PhoneNumber) -> None:
    """Raise unless the answer is about the number that was asked for."""
    if asked != answered:
        raise unexpected(request, response, "it is about another number than was asked", provider=PROVIDER)
