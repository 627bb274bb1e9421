"""Paging: lists by page number, by cursor, or as one streamed document, with an account of whether all of it came."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import count
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar, overload

import msgspec
from attrs import define, evolve, field

from anycarrier.decoding import NotAll, Pages, Record, RowErrors, Rows, not_all, stream_rows
from anycarrier.errors import NotFound
from anycarrier.exchange import Emit, Listing
from anycarrier.hints import undriven
from anycarrier.http import ask
from anycarrier.numbers import PhoneNumber, is_another

from ._endpoints import Api, Bound, Endpoint
from ._messages import Answer, Query

__all__ = ["BoundPages", "Paged", "linked", "numbered", "streamed"]

R = TypeVar("R", bound=Record)
A = TypeVar("A", bound=Record)
T = TypeVar("T")
Members: TypeAlias = Mapping[str, Any]

MOST_PAGES = 10_000
MOST_EMPTY = 100
"""Pages in a row without a row that are still followed: some stores give them."""
LONGEST_CURSOR = 100_000


@define
class _Page(Generic[R, A]):
    """One page as it came, and what the account of pages says of it."""

    answer: Answer[Rows[R, A]]
    number: int
    again: bool

    @property
    def size(self) -> int:
        return self.answer.value.size


@define(eq=False)
class _Numbered(Generic[A]):
    """By number: a list that gives the same page for ever has more than it gave."""

    by_number: ClassVar[bool] = True

    parameter: str
    start: int
    size: tuple[str, int] | None
    stated_size: Callable[[A], int | None]
    last: Callable[[A], int | None]

    def sent(self, number: int, cursor: Any) -> Members:
        size = () if self.size is None else (self.size,)
        return {**dict(size), self.parameter: self.start + number}

    def after(self, page: _Page[Any, A], pages: Pages, seen: set[Any], empty: int) -> tuple[bool, Any, str | None]:
        around = page.answer.value.around
        full = None if self.size is None else self.size[1]
        stated = self.stated_size(around)
        if stated is not None and full is not None and 1 <= stated < full:
            full = stated
        last = self.last(around)
        if page.size and not page.again:
            if last is not None:
                return page.number + 1 < last, None, None
            ends = pages.whole and (pages.stated > 0 or (full is not None and page.size < full))
            return not ends, None, None
        if page.again and not pages.stated and (full is None or page.size >= full):
            return False, None, "a full page came again"
        return False, None, None


@define(eq=False)
class _Linked(Generic[A]):
    """By cursor."""

    by_number: ClassVar[bool] = False

    parameter: str
    cursor: Callable[[A], str | int | None]
    size: tuple[str, int] | None

    def sent(self, number: int, cursor: Any) -> Members:
        size = () if self.size is None else (self.size,)
        return {**dict(size), **({} if cursor is None else {self.parameter: cursor})}

    def after(self, page: _Page[Any, A], pages: Pages, seen: set[Any], empty: int) -> tuple[bool, Any, str | None]:
        cursor = self.cursor(page.answer.value.around)
        if cursor is None:
            return False, None, None
        odd = isinstance(cursor, str) and (not cursor.isprintable() or len(cursor) > LONGEST_CURSOR)
        if cursor in seen or odd:
            return False, None, f"it has a {self.parameter} for the second time, or one that cannot be sent back"
        if page.again:
            return False, None, f"a page came again under another {self.parameter}"
        if empty >= MOST_EMPTY:
            return False, None, f"it has {MOST_EMPTY} pages in a row that are empty"
        return True, cursor, None


_Order: TypeAlias = "_Numbered[Any] | _Linked[Any]"


def _limited(number: int, step: tuple[bool, Any, str | None]) -> tuple[bool, Any, str | None]:
    """*step*, the way on from page *number*, unless the list would never end."""
    if step[0] and number + 1 == MOST_PAGES:
        return False, None, f"the list has more than {MOST_PAGES} pages"
    return step


@define(eq=False)
class Paged(Generic[R, A]):
    """A list that comes in pages, as an attribute of an :class:`Api`; made by :func:`numbered`, :func:`linked` or
    :func:`streamed`.

    Attributes:
        endpoint: the rows of one page.
        order: the way from one page to the next; ``None`` for one streamed document.
        number: the field of a row that holds its number.
        name: recognizes a row when it comes again, such as by its id and number.
        total: the number of rows that the whole list has, where a page states it.
        within: where the parameters of the page go.
    """

    endpoint: Endpoint[Rows[R, A]]
    order: _Order | None
    number: str
    name: Callable[[R], Hashable]
    total: Callable[[A], int | None]
    within: Literal["query", "body"]
    attribute: str = field(default="", init=False)

    def __attrs_post_init__(self) -> None:
        if not self.endpoint.name:
            self.endpoint.name = "list"

    def __set_name__(self, owner: type[Api], name: str) -> None:
        self.attribute = name

    @overload
    def __get__(self, api: Api, owner: type[Any]) -> BoundPages[R, A]: ...
    @overload
    def __get__(self, api: object, owner: type[Any]) -> Paged[R, A]: ...
    def __get__(self, api: object, owner: type[Any]) -> Paged[R, A] | BoundPages[R, A]:
        if not isinstance(api, Api):
            return self
        bound = BoundPages(self, api)
        vars(api)[self.attribute] = bound
        return bound

    @property
    def member(self) -> str:
        """The name of the number's member on the wire."""
        kind = self.endpoint.record
        names = {one.name: one.encode_name for one in msgspec.structs.fields(kind)} if kind is not None else {}
        return names.get(self.number, self.number)


class BoundPages(Generic[R, A]):
    """A paged list of one account. Calling it reads the list, page by page."""

    def __init__(self, paged: Paged[R, A], api: Api) -> None:
        self._paged = paged
        self._api = api
        self._page: Bound[Rows[R, A]] = Bound(paged.endpoint, api)

    def __call__(
        self,
        convert: Callable[[Rows[R, A]], Sequence[T]],
        *,
        query: Query | None = None,
        body: Members | None = None,
        size: int | None = None,
        about: PhoneNumber | None = None,
        narrowed: bool = False,
        operation: str | None = None,
        **values: str | int,
    ) -> Listing[T]:
        """Read the list and emit each page, converted; every row once.

        A listing that ends without an error is complete: rows that could not be read, fewer rows than the pages state
        (:class:`NotAll`), a page or cursor that comes again and a list without end are errors. Unreadable rows hide no
        others: the error comes at the end.

        Args:
            convert: makes neutral objects of the rows of a page.
            query: further query parameters.
            body: further members of the body.
            size: rows of a page, in place of the usual number.
            about: leave out rows of other numbers; those of them that cannot be read do not matter then.
            narrowed: whether the request asks for *about* alone: a page with other numbers is then :class:`NotAll`.
            operation: name for errors, where it is a step of another operation.
            values: values of the path's names.
        """
        listing: Listing[T]
        if self._paged.order is None:
            listing = self._streamed(convert, about, query, operation, values)
        else:
            listing = self._paged_listing(
                self._paged.order, convert, query or {}, body, size, about, narrowed, operation, values
            )
        return undriven(listing, self._api, self._paged.attribute)

    def _paged_listing(
        self, order: _Order, convert: Callable[[Rows[R, A]], Sequence[T]], query: Query, body: Members | None,
        size: int | None, about: PhoneNumber | None, narrowed: bool, operation: str | None,
        values: Mapping[str, str | int],
    ) -> Listing[T]:  # fmt: skip
        paged = self._paged
        if size is not None and order.size is not None:
            order = evolve(order, size=(order.size[0], size))
        pages, errors = Pages(), RowErrors()
        cursor: Any = None
        seen: set[Any] = {None}
        empty = 0
        for number in count():
            asked = order.sent(number, cursor)
            if paged.within == "query":
                answer = yield from self._page.ask({**asked, **query}, body, None, operation, values)
            else:
                answer = yield from self._page.ask(query, {**(body or {}), **asked}, None, operation, values)
            rows = answer.value
            new = pages.new(self._names(answer), paged.total(rows.around))
            page = _Page(answer, number, rows.size > 0 and new is not None and not new)
            empty = 0 if rows.size else empty + 1
            if new is not None:
                rows = rows.only([index for index in new if index < len(rows)])
            others = strange = False
            if about is not None:
                column = rows.numbers(paged.number)
                mine = [index for index, one in enumerate(column) if one == about]
                strange = rows.failed > 0 and not _may_be(rows, paged.member, about)
                others = strange or len(mine) < len(column)
                rows = rows.only(mine)
            if not strange:
                errors.add(rows)
            yield Emit(convert(rows))
            if narrowed and others:
                why = "it has other numbers than the one requested, so it may be an answer to anything"
                raise self._not_all(answer, why)
            more, cursor, problem = _limited(number, order.after(page, pages, seen, empty))
            if more:
                seen.add(cursor)
                continue
            if problem is not None and not order.by_number:
                raise answer.wrong(problem)
            if short := pages.problem() or problem:
                raise self._not_all(answer, short)
            if errors.problem:
                raise answer.wrong(errors.problem)
            return

    def _names(self, answer: Answer[Rows[R, A]]) -> list[Hashable]:
        """Names of all rows, of those that cannot be read by the page that they are on."""
        rows, name = answer.value, self._paged.name
        names: list[Hashable] = [*map(name, rows.rows)]
        if rows.size > len(names):
            page = hash(answer.response.body)
            names += [(page, place) for place in range(rows.size - len(names))]
        return names

    def _not_all(self, answer: Answer[Rows[R, A]], why: str) -> NotAll:
        return not_all(answer.request, answer.response, why, provider=answer.provider)

    def _streamed(
        self, convert: Callable[[Rows[R, Any]], Sequence[T]], about: PhoneNumber | None, query: Query | None,
        operation: str | None, values: Mapping[str, str | int],
    ) -> Listing[T]:  # fmt: skip
        paged, api, endpoint = self._paged, self._api, self._paged.endpoint
        request = self._page.request(query, None, None, operation, values)
        try:
            response = yield from ask(
                request, api.error_of, accept=endpoint.accept, policy=endpoint.policy or api.policy
            )
        except NotFound:  # the provider's own words: the account has no numbers
            return
        api.note(response)

        def mine(rows: Rows[R, Any]) -> Sequence[T]:
            if about is not None:
                column = rows.numbers(paged.number)
                rows = rows.only([index for index, one in enumerate(column) if one == about])
            return convert(rows)

        kind: Any = endpoint.record
        yield from stream_rows(
            kind, request, response, mine, provider=api.provider, at=endpoint.at, envelope=endpoint.envelope
        )


def _may_be(rows: Rows[Any, Any], member: str, number: PhoneNumber) -> bool:
    """Return whether a row that cannot be read may be of this *number*."""
    listed = rows.document.value()
    for step in rows.path:
        listed = listed[step]
    unread = {*range(len(listed))} - {*(range(len(rows)) if rows.places is None else rows.places)}
    for place in unread:
        row = listed[place]
        if not (isinstance(row, dict) and is_another(row.get(member), number)):
            return True
    return False


def numbered(
    endpoint: Endpoint[Rows[R, A]],
    *,
    number: str,
    name: Callable[[R], Hashable],
    parameter: str = "page",
    start: int = 1,
    size: tuple[str, int] | None = None,
    stated_size: Callable[[A], int | None] = lambda around: None,
    last: Callable[[A], int | None] = lambda around: None,
    total: Callable[[A], int | None] = lambda around: None,
    within: Literal["query", "body"] = "query",
) -> Paged[R, A]:
    """A list by page number. It ends with the *last* page, with the *total*, with a page that is not full, or with an
    empty one, whichever the pages state.

    Args:
        endpoint: the rows of one page.
        number: the field of a row that holds its number.
        name: recognizes a row when it comes again, such as ``lambda row: (row.id, row.number)``.
        parameter: name of the page's number.
        start: number of the first page.
        size: name and value of the parameter for the rows of a page.
        stated_size: the rows of a page as the answer states them.
        last: the count of pages, where the answer states it.
        total: the count of rows in the whole list, where the answer states it.
        within: where the parameters go.
    """
    return Paged(endpoint, _Numbered(parameter, start, size, stated_size, last), number, name, total, within)


def linked(
    endpoint: Endpoint[Rows[R, A]],
    *,
    number: str,
    name: Callable[[R], Hashable],
    parameter: str,
    cursor: Callable[[A], str | int | None],
    size: tuple[str, int] | None = None,
    total: Callable[[A], int | None] = lambda around: None,
    within: Literal["query", "body"] = "query",
) -> Paged[R, A]:
    """A list by cursor: each page names the next one, and the last page names none.

    Args:
        endpoint: the rows of one page.
        number: the field of a row that holds its number.
        name: recognizes a row when it comes again, such as ``lambda row: (row.id, row.number)``.
        parameter: name of the cursor in a request; the first request has none.
        cursor: the cursor of the next page, or its number, of what stands around the rows.
        size: name and value of the parameter for the rows of a page.
        total: the count of rows in the whole list, where the answer states it.
        within: where the parameters go.
    """
    return Paged(endpoint, _Linked(parameter, cursor, size), number, name, total, within)


def streamed(endpoint: Endpoint[Rows[R, A]], *, number: str) -> Paged[R, A]:
    """A list that is one document, read while it arrives; *endpoint* says ``stream=True``. An account without numbers
    may be the provider's own "not found"."""
    return Paged(endpoint, None, number, lambda row: None, lambda around: None, "query")
