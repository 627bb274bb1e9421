"""Lists: one long JSON document that is read record by record."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, overload

from anycarrier.decoding.pages import not_all, too_few
from anycarrier.decoding.raw import whole
from anycarrier.errors import UnexpectedResponse
from anycarrier.exchange import Emit, Exchange, Listing, Request, Response, read
from anycarrier.wire import is_deep, load_json, unexpected

__all__ = ["Checked", "Swift", "stream_records"]

T = TypeVar("T")


class Checked(Sequence[T]):
    """Records that were read and checked already, and need no other reader.

    Each is made when it is iterated over, anew each time: what is consumed one by one is never there all at once.
    """

    def __init__(self, size: int, make: Callable[[], Iterator[T]]) -> None:
        self._size = size
        self._make = make

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[T]:
        return self._make()

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: Any) -> Any:
        return [*self][index]


Swift: TypeAlias = Callable[[str], Checked[Any] | None]
"""Reads the text of an array at once, if there is nothing unusual about it."""

_WHITE = " \t\r\n"
_LONGEST_RECORD = 1_000_000
_MOST_LOOKS = 16
"""So many arrays of the right name may stand in other places before the right one."""


def stream_records(
    request: Request, response: Response, path: Sequence[str], *, provider: str, fixed: Mapping[str, Any] | None = None,
    swift: Swift | None = None,
) -> Listing[Any]:  # fmt: skip
    """Emit, in batches, the elements of the array at *path* of a streamed JSON answer.

    *swift* is offered as many records at once as are there. Those that it takes are emitted as it made them; others are
    read one by one.

    Only the array is cut into records. Nothing is emitted before what stands in front of it shows that it is at *path*;
    what stands around it must be the rest of one JSON document, with the members *fixed* at its top, or the listing
    ends in ``UnexpectedResponse``, as it does when the document breaks off.
    """
    where = ".".join(path)

    def wrong(what: str) -> UnexpectedResponse:
        return unexpected(request, response, what, provider=provider)

    source = _Text(response.stream, wrong)
    while not (head := source.array_at(path)):
        if not (yield from source.more()):
            raise wrong(f"no array at {where}")
    batch: list[Any] = []
    count = 0
    comma = False
    while source.peek() != "]" or comma:
        taken = source.taken_by(swift)
        record = source.record() if taken is None else _INCOMPLETE
        if record is not _INCOMPLETE:
            batch.append(record)
            count += 1
            comma = source.take_comma()
            continue
        if batch:
            yield Emit(batch)
            batch = []
        if taken is not None:
            yield Emit(taken)
            count += len(taken)
            comma = source.text[source.at - 1] == ","
        elif not (yield from source.more()):
            raise wrong(f"{where} breaks off, or holds what is not JSON")
    if batch:
        yield Emit(batch)
    yield from source.rest()
    around = head + source.text[source.at :]
    if problem := _around(around, fixed or {}):
        raise wrong(problem)
    if count < (stated := _stated(around, path)):
        raise not_all(request, response, too_few(count, stated), provider=provider)


def _opens(head: str, path: Sequence[str]) -> bool:
    """Whether *head* is the beginning of a JSON document, up to and with the bracket that opens the array at *path*."""
    try:
        value = load_json(head + "]" + "}" * len(path))
        for step in path:
            value = value[step]
    except (ValueError, LookupError, TypeError):
        return False
    return bool(value == [])


def _around(document: str, fixed: Mapping[str, Any]) -> str | None:
    """What is wrong with the document without its records."""
    try:
        members = load_json(document)
    except ValueError:
        return "what stands around the records is not the rest of a JSON document"
    wrong = [f"{name}: {value!r} was expected" for name, value in fixed.items() if members.get(name) != value]
    return "; ".join(wrong) or None


def _stated(document: str, path: Sequence[str]) -> int:
    """The total that stands beside the array at *path*, 0 where there is none."""
    holder = load_json(document)
    for step in path[:-1]:
        holder = holder[step]
    totals = [holder.get(name) for name in ("total", "totalCount")]
    return max(map(_count, totals))


def _count(total: object) -> int:
    """A total as a number or as the text of one; 0 for anything else, since no document here has one."""
    if isinstance(total, str) and re.fullmatch("[0-9]{1,15}", total.strip()):
        return int(total)
    return int(total) if isinstance(total, int | float) and not isinstance(total, bool) and 0 <= total < 10**15 else 0


_INCOMPLETE = object()


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
        """Fetch what comes next; ``False`` at the end. What is not taken yet may not grow without end.

        Pieces are joined until they make up a part of what is kept: a server that sends one byte at a time would
        otherwise make each of them cost a copy, and a look, of all that is kept.
        """
        kept = len(self.text) - self.at
        if kept > _LONGEST_RECORD:
            raise self._wrong(f"a record, or what stands around them, has more than {_LONGEST_RECORD} characters")
        pieces: list[bytes] = []
        wanted = kept // 4 + 1
        while wanted > 0 and not self._ended:
            piece = yield from read(self._stream)
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

    def taken_by(self, swift: Swift | None) -> Checked[Any] | None:
        """What *swift* makes of the text up to the last comma that seems to stand between two records, once; where
        there is none, up to what seems to be the end of the array.

        Both may stand within a record: what is before is then no array of records, which parsing it shows.
        """
        if swift is None:
            return None
        begin = max(self.at, self._one_by_one)
        end = self.text.rfind("},{", begin) + 1
        rest = end + 1
        if not end:
            rest = end = self.text.rfind("}]", begin) + 1
        if not end:
            return None
        self._one_by_one = end
        taken = swift(f"[{self.text[self.at : end]}]")
        if taken is not None:
            self.at = rest
        return taken

    def peek(self) -> str:
        """The next character that is not white space; empty when there is none yet."""
        while self.at < len(self.text) and self.text[self.at] in _WHITE:
            self.at += 1
        return self.text[self.at : self.at + 1]

    def record(self) -> Any:
        """The next record, if it is there with what follows it; else ``_INCOMPLETE`` and nothing is taken."""
        begin = self.at
        try:
            record, self.at = self._json.raw_decode(self.text, begin)
            if is_deep(record):
                raise RecursionError
        except RecursionError:
            raise self._wrong("a record is nested too deep") from None
        except ValueError:
            return _INCOMPLETE
        if self.peek() not in (",", "]"):  # more may come, even of what looks whole: 1.5 cut to 1
            self.at = begin
            return _INCOMPLETE
        return record

    def take_comma(self) -> bool:
        """Whether a comma came next; it is taken."""
        if self.peek() != ",":
            return False
        self.at += 1
        self.peek()
        return True


def _no_constant(name: str) -> None:
    raise ValueError(name)
