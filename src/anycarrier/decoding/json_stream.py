"""Streaming of long lists: rows are read while the rest of the document is still on its way."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeAlias, TypeVar

from anycarrier.decoding.json import load_json, unexpected
from anycarrier.errors import UnexpectedResponse
from anycarrier.exchange import Emit, Exchange, Listing, Request, Response
from anycarrier.exchange import read as read_piece

from .long_answers import rows_of_text
from .pages import not_all, too_few
from .raw import whole
from .records import Path, Record, Unreadable
from .rows import RowErrors, Rows
from .short_answers import check_envelope

__all__ = ["stream_rows"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_WHITE = " \t\r\n"
_LONGEST_RECORD = 1_000_000
_MOST_LOOKS = 16
"""Arrays of the right name that may stand in other places before the right one."""

Take: TypeAlias = Callable[[str, int], tuple[int, Sequence[T]] | None]
"""Reader of the text of an array that begins with a row's index: how many rows it has, and what to emit for them.
``None`` where the text is no array."""


def stream_rows(
    kind: type[R],
    request: Request,
    response: Response,
    convert: Callable[[Rows[R, Record]], Sequence[T]],
    *,
    provider: str,
    at: Path,
    envelope: type[Record] | None = None,
) -> Listing[T]:
    """Emit, in batches, the *kind* records of the list at *at* of a streamed answer, each batch converted.

    Nothing is emitted before what stands in front of the list shows that it is at *at*. What stands around it must be
    the rest of one JSON document that *envelope* describes, or the listing ends in ``UnexpectedResponse``, as it does
    when the document breaks off, when rows cannot be read, and when there are fewer than a total beside the list says.
    """
    errors = RowErrors()
    where = ".".join(at)

    def take(text: str, first: int) -> tuple[int, Sequence[T]] | None:
        rows = rows_of_text(kind, text, where=where, first=first)
        if rows is None:
            return None
        errors.add(rows)
        return rows.size, convert(rows)

    yield from stream_array(request, response, at, take, provider=provider, envelope=envelope)
    if problem := errors.problem:
        raise unexpected(request, response, problem, provider=provider)


def stream_array(
    request: Request,
    response: Response,
    path: Path,
    take: Take[T],
    *,
    provider: str,
    envelope: type[Record] | None = None,
) -> Listing[T]:
    """:func:`stream_rows` for a reader of pieces of the array."""
    where = ".".join(path)

    def wrong(what: str) -> UnexpectedResponse:
        return unexpected(request, response, what, provider=provider)

    source = _Text(response.stream, wrong)
    while not (head := source.array_at(path)):
        if not (yield from source.more()):
            raise wrong(f"no array at {where}")
    count = yield from _pieces(source, take, where, wrong)
    yield from source.rest()
    around = _around(head + source.text[source.at :], wrong)
    if envelope is not None:
        try:
            check_envelope(envelope, around, response.status, skip=path[0])
        except Unreadable as error:
            raise wrong(str(error)) from None
    if count < (stated := _stated(around, path)):
        raise not_all(request, response, too_few(count, stated), provider=provider)


def _pieces(
    source: _Text, take: Take[T], where: str, wrong: Callable[[str], UnexpectedResponse]
) -> Generator[Any, Any, int]:
    """Emit the array up to its end; return how many rows it has."""
    count = 0
    batch: list[str] = []
    comma = False
    while source.peek() != "]" or comma:
        if not batch and (many := source.many(take, count)) is not None:
            count += many[0]
            yield Emit(many[1])
            comma = source.text[source.at - 1] == ","
        elif (record := source.record()) is not None:
            batch.append(record)
            comma = source.take_comma()
        elif batch:
            count += yield from _flushed(batch, take, count, where, wrong)
            batch = []
        elif not (yield from source.more()):
            raise wrong(f"{where} breaks off, or holds what is not JSON")
    if batch:
        count += yield from _flushed(batch, take, count, where, wrong)
    return count


def _flushed(
    batch: list[str], take: Take[T], first: int, where: str, wrong: Callable[[str], UnexpectedResponse]
) -> Generator[Any, Any, int]:
    taken = take(f"[{','.join(batch)}]", first)
    if taken is None:
        raise wrong(f"{where} holds what is not JSON")
    yield Emit(taken[1])
    return taken[0]


def _around(document: str, wrong: Callable[[str], UnexpectedResponse]) -> object:
    try:
        return load_json(document)
    except ValueError:
        raise wrong("what stands around the records is not the rest of a JSON document") from None


def _opens(head: str, path: Sequence[str]) -> bool:
    """Return whether *head* begins a JSON document, up to and with the bracket that opens the array at *path*."""
    try:
        value = load_json(head + "]" + "}" * len(path))
        for step in path:
            value = value[step]
    except (ValueError, LookupError, TypeError):
        return False
    return bool(value == [])


def _stated(document: Any, path: Sequence[str]) -> int:
    """The total that stands beside the array at *path*, 0 where there is none."""
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    totals = [holder.get(name) for name in ("total", "totalCount")]
    return max(map(_count, totals))


def _count(total: object) -> int:
    """A total as a number or as the text of one; 0 for anything else, since no document here has one."""
    if isinstance(total, str) and re.fullmatch("[0-9]{1,15}", total.strip()):
        return int(total)
    return int(total) if isinstance(total, int | float) and not isinstance(total, bool) and 0 <= total < 10**15 else 0


class _Text:
    """The decoded text of a stream from the last record on, and how far it has been read."""

    def __init__(self, stream: object, wrong: Callable[[str], UnexpectedResponse]) -> None:
        self.text = ""
        self.at = 0
        self._one_by_one = 0
        self._ended = False
        self._stream = stream
        self._wrong = wrong
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder(parse_constant=_no_constant, parse_int=whole)

    def more(self) -> Exchange[bool]:
        """Fetch the next piece; ``False`` at the end. The pending text may not grow without end.

        Pieces are joined until they make up a part of the pending text: with a server that sends one byte at a time,
        each byte would otherwise cost a copy and a scan of all pending text.
        """
        kept = len(self.text) - self.at
        if kept > _LONGEST_RECORD:
            raise self._wrong(f"a record, or what stands around them, has more than {_LONGEST_RECORD} characters")
        pieces: list[bytes] = []
        wanted = kept // 4 + 1
        while wanted > 0 and not self._ended:
            piece = yield from read_piece(self._stream)
            pieces.append(piece)
            wanted -= len(piece)
            self._ended = not piece
        self._one_by_one -= self.at
        try:
            self.text = self.text[self.at :] + self._utf8.decode(b"".join(pieces), final=self._ended)
        except UnicodeDecodeError:
            raise self._wrong("the body is not UTF-8") from None
        self.at = 0
        return any(pieces)

    def rest(self) -> Exchange[None]:
        """Fetch all that is left."""
        while (yield from self.more()):
            pass

    def array_at(self, path: Sequence[str]) -> str:
        """The text up to the array at *path*, which is taken; empty when there is none yet."""
        for looks, found in enumerate(re.finditer(rf'"{re.escape(path[-1])}"\s*:\s*\[', self.text)):
            if looks == _MOST_LOOKS:
                raise self._wrong(f"no array at {'.'.join(path)}")
            if _opens(self.text[: found.end()], path):
                self.at = found.end()
                return self.text[: self.at]
        return ""

    def many(self, take: Take[T], first: int) -> tuple[int, Sequence[T]] | None:
        """Whatever *take* makes of the text up to the last comma that seems to stand between two records, once; where
        there is none, up to what seems to be the end of the array.

        Both may stand within a record: what is before is then no array of records, which parsing it shows.
        """
        begin = max(self.at, self._one_by_one)
        end = self.text.rfind("},{", begin) + 1
        rest = end + 1
        if not end:
            rest = end = self.text.rfind("}]", begin) + 1
        if not end:
            return None
        self._one_by_one = end
        taken = take(f"[{self.text[self.at : end]}]", first)
        if taken is not None:
            self.at = rest
        return taken

    def peek(self) -> str:
        """The next character that is not white space; empty when there is none yet."""
        while self.at < len(self.text) and self.text[self.at] in _WHITE:
            self.at += 1
        return self.text[self.at : self.at + 1]

    def record(self) -> str | None:
        """The text of the next record, if it is there with what follows it; else nothing is taken."""
        begin = self.at
        try:
            _, self.at = self._json.raw_decode(self.text, begin)
        except RecursionError:
            raise self._wrong("a record is nested too deep") from None
        except ValueError:
            return None
        end = self.at
        if self.peek() not in (",", "]"):  # more may come, even of what looks whole: 1.5 cut to 1
            self.at = begin
            return None
        return self.text[begin:end]

    def take_comma(self) -> bool:
        """Return whether a comma came next; it is taken."""
        if self.peek() != ",":
            return False
        self.at += 1
        self.peek()
        return True


def _no_constant(name: str) -> None:
    raise ValueError(name)
