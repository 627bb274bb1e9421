"""Reading one long JSON document record by record, where a provider answers a whole inventory at once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from anycarrier.errors import UnexpectedResponse
from anycarrier.exchange import Emit, Exchange, Listing, Request, Response, read
from anycarrier.wire import unexpected

__all__ = ["body_of", "stream_records"]

_BATCH = 500
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

    def wrong(where: str) -> UnexpectedResponse:
        return unexpected(request, response, where, provider=provider)

    start = re.compile(rf'"{re.escape(path[-1])}"\s*:\s*\[')
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    utf8 = _utf8_decoder()
    text = ""
    while not (found := start.search(text)):
        chunk = yield from read(response.stream)
        if not chunk or len(text) > _LONGEST_RECORD:
            raise wrong(f"no array at {'.'.join(path)}")
        try:
            text += utf8.decode(chunk)
        except UnicodeDecodeError:
            raise wrong("not UTF-8") from None
    head, at = text[: found.end()], found.end()
    batch: list[Any] = []
    ended = False
    while True:
        at = _skip(text, at)
        if at < len(text) and text[at] == "]":
            break
        try:
            record, after = decoder.raw_decode(text, at)
            after = _skip(text, after)
            if after >= len(text):
                raise IndexError
        except (ValueError, IndexError, RecursionError) as error:
            if ended or isinstance(error, RecursionError) or len(text) - at > _LONGEST_RECORD:
                raise wrong(f"{'.'.join(path)} breaks off or holds what is not JSON") from None
            if batch:
                yield Emit(batch)
                batch = []
            chunk = yield from read(response.stream)
            ended = not chunk
            try:
                text, at = text[at:] + utf8.decode(chunk, final=ended), 0
            except UnicodeDecodeError:
                raise wrong("not UTF-8") from None
            continue
        if text[after] not in ",]":
            raise wrong(f"{'.'.join(path)} holds what is not JSON")
        batch.append(record)
        at = after + 1 if text[after] == "," else after
        if len(batch) == _BATCH:
            yield Emit(batch)
            batch = []
    if batch:
        yield Emit(batch)
    tail = text[at:]
    while chunk := (yield from read(response.stream)):
        tail += utf8.decode(chunk)
        if len(tail) > _LONGEST_RECORD:
            raise wrong("more than the contract has after the records")
    try:
        rest = json.loads(head + tail)
        array = rest
        for step in path:
            array = array[step]
    except (ValueError, LookupError, TypeError, RecursionError):
        array = None
    if array != []:
        raise wrong(f"no array at {'.'.join(path)}")


def _utf8_decoder() -> Any:
    import codecs

    return codecs.getincrementaldecoder("utf-8")()


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _no_constant(name: str) -> None:
    raise ValueError(name)
