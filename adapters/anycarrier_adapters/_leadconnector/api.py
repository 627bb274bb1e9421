"""The four endpoints, operation by operation: each function returns an exchange for ``client.run``.

Source of every method, path and parameter: SPEC-L and SPEC-3, which agree on them. There are no other public endpoints
for phone numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from attrs import field, frozen

from anycarrier.border import Rows, fitted
from anycarrier.decoding.pages import Pages, not_all
from anycarrier.decoding.raw import Document
from anycarrier.errors import AnyCarrierError, UnexpectedResponse
from anycarrier.exchange import Emit, Exchange, Listing, Purpose, Request, Response
from anycarrier.hints import checked_methods
from anycarrier.model import OwnedNumber
from anycarrier.numbers import PhoneNumber, is_another
from anycarrier.wire import ask, pairs, unexpected

from ._later import schemas
from .errors import error_of
from .limits import POLICY, Noted
from .options import PAGE_SIZE
from .quick import Owned
from .shapes import Path, decoded, payload

__all__ = ["PAGE_SIZE", "Api", "Found", "Page", "same_number"]

MOST_PAGES = 10_000


@frozen
class Found:
    """The answer of a search, and where its numbers are in it."""

    answer: schemas.AvailableNumbers
    document: Document
    path: Path


@frozen
class Page:
    """One page of a location's numbers.

    Attributes:
        rows: each with its own record.
        account_status: the provider's word for the state of the account, the same for all of them.
        rcs_senders: RCS sender ids, which are no phone numbers.
        owned: the numbers, where they were read in one go; ``rows`` is then empty.
    """

    rows: Sequence[tuple[schemas.NumberRow, Mapping[str, Any]]]
    account_status: str | None
    rcs_senders: Sequence[schemas.RcsSenderId]
    owned: Sequence[OwnedNumber] = ()


@checked_methods
@frozen
class Api:
    """All requests of one location. ``account`` is the account's id; the session knows its token.

    Attributes:
        noted: rate limits as the last answer stated them.
    """

    provider: ClassVar[str]
    version: ClassVar[str]
    """Value of the one ``Version`` header that every request carries."""

    account: str
    location_id: str
    noted: Noted = field(factory=Noted, init=False, repr=False, eq=False)

    # -- searching and buying

    def available(
        self,
        country: str,
        *,
        types: Sequence[str],
        first_part: str | None = None,
        last_part: str | None = None,
        anywhere: str | None = None,
        sms: bool | None = None,
        mms: bool | None = None,
        voice: bool | None = None,
    ) -> Exchange[tuple[Request, Response]]:
        """Numbers to buy (``available-numbers``, ``listAvailableNumbersForACountry``), some 30 of them.

        *types* are ``local``, ``tollFree`` and ``mobile``: without any the live API has answered with no numbers
        (issue 278 of GoHighLevel/highlevel-api-docs). *first_part* is without the country code.
        """
        query = pairs(
            countryCode=country, numberTypes=types, firstPart=first_part, lastPart=last_part, anywhere=anywhere,
            smsEnabled=sms, mmsEnabled=mms, voiceEnabled=voice,
        )  # fmt: skip
        request = self._request("search", "GET", f"{_LOCATION}/available", query=query)
        response = yield from self._ask(request)
        return request, response

    def found(self, request: Request, response: Response) -> Found:
        """The answer of :meth:`available`."""
        body, path = payload(decoded(request, response, provider=self.provider), "numbers")
        answer = fitted(schemas.AvailableNumbers, body, request, response, provider=self.provider)
        return Found(answer, Document(response.body), path)

    def purchase(self, body: bytes) -> Exchange[tuple[schemas.Bought | schemas.AccountRecord, Path, Request, Response]]:
        """Buy (``purchase-phone-number``, ``purchase-number-for-location``), exactly these bytes; sent once.

        The answer is v3's slim record or the legacy account record, whichever it looks like.
        """
        request = self._request("buy", "POST", f"{_LOCATION}/purchase", body=body, purpose="purchase")
        response = yield from ask(request, self._error, accept=(201, 200))
        self.noted.note(response)
        record, path = payload(decoded(request, response, provider=self.provider), "number", "numbers")
        slim = isinstance(record, dict) and "number" in record
        model: type[schemas.Bought | schemas.AccountRecord] = schemas.Bought if slim else schemas.AccountRecord
        return fitted(model, record, request, response, provider=self.provider), path, request, response

    # -- numbers

    def numbers(
        self,
        *,
        page_size: int = PAGE_SIZE,
        search_filter: str | None = None,
        include_number_pools: bool = True,
        whole: bool = False,
        operation: str = "list",
        swift: Callable[[bytes], Owned | None] | None = None,
        about: PhoneNumber | None = None,
    ) -> Listing[Page]:
        """The location's numbers (``active-numbers``), page by page.

        Pages count from 0; there is no cursor. The last one is short, or reaches the total where the answers state one:
        with fewer than that the listing ends in :class:`~anycarrier.records.NotAll`, as it does when a full page
            comes again. A number that
        comes again is given once. Number pools' numbers are left out by the provider's default. A record that cannot be
        read does not hide the others: the listing ends in :class:`UnexpectedResponse` then.

        Args:
            page_size: 1 to 1000; always sent, because the documents name two different defaults.
            search_filter: part of a number, such as ``+1201``.
            include_number_pools: whether numbers in a pool are listed too.
            whole: raise :class:`UnexpectedResponse` where nobody can say that what was read is all of it.
            operation: for errors.
            swift: reads a page in one go, if there is nothing unusual about it.
            about: leave out what is certainly not this number, without reading it. With a *search_filter* for it the
                listing ends in :class:`~anycarrier.records.NotAll` at the first page that has others.
        """
        query = pairs(searchFilter=search_filter, skipNumberPool=not include_number_pools)
        return self._pages(query, page_size, whole, operation, swift or (lambda _: None), about)

    def number_pools(self) -> Exchange[tuple[schemas.NumberPool, ...]]:
        """All number pools of the location (``getNumberPoolList``)."""
        request = self._request(
            f"{self.provider}.number_pools",
            "GET",
            "/phone-system/number-pools",
            query=pairs(locationId=self.location_id),
        )
        response = yield from self._ask(request)
        found = _pool_records(decoded(request, response, provider=self.provider))
        if found is None:
            raise unexpected(request, response, "a list of number pools was expected", provider=self.provider)
        return fitted(schemas.NumberPools, {"pools": found}, request, response, provider=self.provider).pools

    def _pages(
        self, query: tuple[tuple[str, str], ...], size: int, whole: bool, operation: str,
        swift: Callable[[bytes], Owned | None] = lambda _: None, about: PhoneNumber | None = None,
    ) -> Listing[Page]:  # fmt: skip
        pages = Pages()
        rows = Rows(lambda: schemas.NUMBER_ROWS, "numbers")
        narrowed = about is not None and any(name == "searchFilter" for name, _ in query)
        for number in range(MOST_PAGES):
            request = self._request(operation, "GET", _LOCATION, query=(*pairs(pageSize=size, page=number), *query))
            response = yield from self._ask(request)
            quick = swift(response.body)
            path: Path = ()
            new: Sequence[int] | None
            if quick is not None:
                count, full = len(quick.numbers), _size(quick, size)
                new = pages.new(quick.names, quick.total)
                taken: Sequence[OwnedNumber] = quick.numbers
                if new is not None:
                    every = [*taken]
                    taken = [every[place] for place in new]
                rows.take(quick.numbers)  # counts them
                yield Emit([Page((), quick.account_status, (), taken)])
            else:
                answer, path = self._page(request, response)
                count, full = len(answer.numbers), _size(answer, size)
                new = pages.new([*map(_identity, answer.numbers)], answer.total)
                places = range(count) if new is None else new
                records = [
                    _Placed(answer.numbers[place], place)
                    for place in places
                    if about is None or not _is_of_another(answer.numbers[place], about)
                ]
                yield Emit([self._read(answer, rows, records, path, response)])
                if narrowed and len(records) < len(places):
                    why = "it has other numbers than the one that it was asked for, so it may be an answer to anything"
                    raise not_all(request, response, why, provider=self.provider)
            again = count > 0 and new is not None and not new
            if count and not again and not (pages.whole and (count < full or pages.stated)):
                continue
            if not pages.whole:
                raise not_all(request, response, str(pages.problem()), provider=self.provider)
            if again and count >= full and not pages.stated:
                raise not_all(request, response, "a full page came again", provider=self.provider)
            if whole and path == _BARE:
                why = "the list cannot be read to its end: a bare list is not a documented answer"
                raise unexpected(request, response, why, provider=self.provider)
            if problem := rows.problem():
                raise unexpected(request, response, problem, provider=self.provider)
            return
        raise UnexpectedResponse(
            f"the list has more than {MOST_PAGES} pages", provider=self.provider, operation=operation
        )  # fmt: skip

    def _page(self, request: Request, response: Response) -> tuple[schemas.NumberPage, Path]:
        body = decoded(request, response, provider=self.provider)
        record, path = ({"numbers": body}, _BARE) if isinstance(body, list) else payload(body, "numbers")
        return fitted(schemas.NumberPage, record, request, response, provider=self.provider), path

    def _read(
        self,
        answer: schemas.NumberPage,
        rows: Rows[schemas.NumberRow],
        records: Sequence[_Placed],
        path: Path,
        response: Response,
    ) -> Page:
        document = Document(response.body)
        prefix: Path = () if path == _BARE else (*path, "numbers")
        senders = [*answer.rcs_sender_ids, *(_sender(row) for row in answer.numbers if _is_rcs(row))]
        numbers = [record for record in records if not _is_rcs(record.row)]
        return Page(
            [(row, document.at(*prefix, place)) for row, place in _taken(rows, numbers)],
            answer.account_status,
            [sender for sender, _ in Rows(lambda: schemas.RCS_ROWS, "rcsSenderIds").take(senders)],
        )

    # -- how a request is made

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: tuple[tuple[str, str], ...] = (),
        body: bytes | None = None,
        purpose: Purpose = "read",
    ) -> Request:
        values = {"locationId": self.location_id} if "{locationId}" in path else {}
        return Request(
            account=self.account, operation=operation, method=method, path=path, path_values=values, query=query,
            headers={"version": self.version}, body=body, purpose=purpose,
        )  # fmt: skip

    def _ask(self, request: Request) -> Exchange[Response]:
        response = yield from ask(request, self._error, policy=POLICY)
        self.noted.note(response)
        return response

    def _error(self, request: Request, response: Response) -> AnyCarrierError:
        self.noted.note(response)
        return error_of(request, response, provider=self.provider)


_LOCATION = "/phone-system/numbers/location/{locationId}"
_BARE: Path = ("[]",)
"""Stands for the path of a body that is the list itself."""


def _size(answer: schemas.NumberPage | Owned, asked: int) -> int:
    """How many rows a full page has: what was asked for, or fewer where the server says so."""
    stated = answer.page_size
    return stated if stated is not None and 1 <= stated < asked else asked


@frozen
class _Placed:
    """A record, and where it stands in its page."""

    row: Any
    place: int


def _taken(
    rows: Rows[schemas.NumberRow], records: Sequence[_Placed]
) -> Iterator[tuple[schemas.NumberRow, int]]:  # fmt: skip
    """Those of *records* that can be read, each with its place."""
    places = {id(record.row): record.place for record in records}
    for row, record in rows.take([record.row for record in records]):
        yield row, places[id(record)]


def _identity(row: Any) -> Hashable:
    """What a record is recognised by when it comes again."""
    named = (row.get("sid"), row.get("phoneNumber")) if isinstance(row, dict) else (None,)
    return named if any(named) and all(part is None or isinstance(part, str) for part in named) else repr(row)


def _is_of_another(row: Any, number: PhoneNumber) -> bool:
    return isinstance(row, dict) and is_another(row.get("phoneNumber"), number)


def _is_rcs(row: object) -> bool:
    return isinstance(row, dict) and row.get("numberType") == "rcsSenderId"


def _sender(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"number": row.get("phoneNumber"), **row}


def _pool_records(body: Any) -> list[Any] | None:
    """The list of pools: ``data``, ``data.numberPools``, ``data.pools``, the same at the top, or the body itself."""
    inner = body.get("data", body) if isinstance(body, dict) else body
    candidates = [inner, body]
    for each in (inner, body):
        if isinstance(each, dict):
            candidates += [each.get("numberPools"), each.get("pools")]
    return next((each for each in candidates if isinstance(each, list)), None)


def same_number(text: str, number: PhoneNumber) -> bool:
    """Whether *text* is *number*, however it is written."""
    return text == number.e164 or "+" + "".join(char for char in text if char in "0123456789") == number.e164
