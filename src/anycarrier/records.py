"""Reading one long JSON document record by record, where a provider answers a whole inventory at once."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from anycarrier.errors import UnexpectedResponse
from anycarrier.exchange import Emit, Exchange, Listing, Request, Response, read
from anycarrier.wire import unexpected

__all__ = ["body_of", "stream_records"]

_WHITE = " \t\r\n"
_LONGEST_RECORD = 1_000_000


def body_of(response: Response, limit: int = 1_000_000) -> Exchange[Response]:
    """A streamed answer with its body read whole, at most *limit* bytes of it; for error answers."""
    body = b""
    while len(body) < limit and (chunk := (yield from read(response.stream))):
        body += chunk
    return Response(response.status, response.headers, body[:limit])


def stream_records(request: Request, response: Response, path: Sequence[str], *, provider: str) -> Listing[Any]:
    """Emit, in batches, the elements of the array at *path* of a streamed JSON answer.

    Only the array is cut into records; what stands before and after it must form the rest of a JSON document in which
    that array is at *path*, or the listing ends in ``UnexpectedResponse``, as it does when the document breaks off.
    """
    where = ".".join(path)

    def wrong(what: str) -> UnexpectedResponse:
        return unexpected(request, response, what, provider=provider)

    source = _Text(response.stream, wrong)
    start = re.compile(rf'"{re.escape(path[-1])}"\s*:\s*\[')
    while not (found := start.search(source.text)):
        if not (yield from source.more()):
            raise wrong(f"no array at {where}")
    head, source.at = source.text[: found.end()], found.end()
    batch: list[Any] = []
    comma = False
    while source.peek() != "]" or comma:
        record = source.record()
        if record is _INCOMPLETE:
            if batch:
                yield Emit(batch)
                batch = []
            if not (yield from source.more()):
                raise wrong(f"{where} breaks off, or holds what is not JSON")
            continue
        batch.append(record)
        comma = source.take_comma()
    if batch:
        yield Emit(batch)
    while (yield from source.more()):
        pass
    if _at(head + source.text[source.at :], path) != []:
        raise wrong(f"no array at {where}")


def _at(document: str, path: Sequence[str]) -> Any:
    """What is at *path* of the JSON *document*; ``None`` where there is nothing, or no JSON."""
    try:
        value = json.loads(document)
        for step in path:
            value = value[step]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return value


_INCOMPLETE = object()


class _Text:
    """The decoded text of a stream from the last record on, and how far it has been read."""

    def __init__(self, stream: object, wrong: Callable[[str], UnexpectedResponse]) -> None:
        self.text = ""
        self.at = 0
        self._stream = stream
        self._wrong = wrong
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder(parse_constant=_no_constant)

    def more(self) -> Exchange[bool]:
        """Fetch the next piece; ``False`` at the end. What is not taken yet may not grow without end."""
        chunk = yield from read(self._stream)
        try:
            self.text = self.text[self.at :] + self._utf8.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            raise self._wrong("the body is not UTF-8") from None
        self.at = 0
        if len(self.text) > _LONGEST_RECORD:
            raise self._wrong(f"one record is longer than {_LONGEST_RECORD} characters")
        return bool(chunk)

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
        except RecursionError:
            raise self._wrong("a record is nested too deep") from None
        except ValueError:
            return _INCOMPLETE
        follows = self.peek()
        if not follows:
            self.at = begin
            return _INCOMPLETE
        if follows not in ",]":
            raise self._wrong("the records are not separated by commas")
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
