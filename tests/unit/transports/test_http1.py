"""The reading of answers, byte by byte: what httptools leaves to us, and what it must refuse."""

from __future__ import annotations

import pytest
from httptools import HttpParserCallbackError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anycarrier.transports._base import Origin
from anycarrier.transports._http1 import HEAD_BYTES, Broken, Conversation, request_bytes
from support.ports import wire

Seen = tuple[int, dict[str, str], bytes, bool]


def told(data: list[bytes], *, method: str = "POST", end: bool = True) -> Seen:
    """The answer that one conversation reads from *data*, and whether its connection may be used again."""
    conversation = Conversation()
    conversation.ask(method)
    body = b""
    for piece in data:
        conversation.feed(piece)
        while conversation.pieces:
            body += conversation.pieces.popleft()
    if end and not conversation.complete:
        conversation.end()
    assert conversation.complete
    return conversation.status, conversation.headers, body, conversation.reusable


GOOD = {
    "length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1 \r\nx-a:2\r\n\r\nab",
        (200, {"content-length": "2", "x-a": "1, 2"}, b"ab", True),
    ),
    "chunks": (
        b"HTTP/1.1 201 X\r\nTransfer-Encoding: Chunked\r\n\r\n2;e=1\r\nab\r\n1\r\nc\r\n0\r\nX-Late: 1\r\n\r\n",
        (201, {"transfer-encoding": "Chunked"}, b"abc", True),
    ),
    "until the end": (b"HTTP/1.1 200 OK\r\nX-Empty:\r\n\r\nabc", (200, {"x-empty": ""}, b"abc", False)),
    "nothing": (b"HTTP/1.1 204 No Content\r\n\r\n", (204, {}, b"", True)),
    "not modified": (
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        (304, {"content-length": "5"}, b"", True),
    ),
    "early hints": (
        b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
        (200, {"content-length": "1"}, b"a", True),
    ),
    "closing": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
        (200, {"connection": "close", "content-length": "1"}, b"a", False),
    ),
    "old": (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", (200, {"content-length": "1"}, b"a", False)),
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", (200, {"content-length": "0"}, b"", True)),
    "latin": (
        b"HTTP/1.1 200 OK\r\nX: \xe9\r\nY: \xc3\xa9\r\nContent-Length: 0\r\n\r\n",
        (200, {"x": "\xe9", "y": "\xe9", "content-length": "0"}, b"", True),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GOOD)
@settings(deadline=None)
@given(data=st.data())
def test_however_an_answer_is_cut_it_is_the_same(name: str, data: st.DataObject) -> None:
    raw, expected = GOOD[name]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(raw) - 1))))
    pieces = [raw[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert told(pieces) == expected


@pytest.mark.parametrize("name", GOOD)
def test_every_beginning_of_an_answer_is_no_answer(name: str) -> None:
    raw, (_, _, body, _) = GOOD[name]
    for size in range(len(raw)):
        if name == "until the end" and raw[:size].endswith((b"\r\n\r\n", b"a", b"b")):
            continue
        with pytest.raises(Broken):
            told([raw[:size]] if size else [])
    assert told([raw])[2] == body


BAD = {
    "not HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "folded": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "NUL": b"HTTP/1.1 200 OK\r\nX: \x00\r\nContent-Length: 0\r\n\r\n",
    "space before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
    "status below 100": b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
    "another coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
    "another coding, chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    "long chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\n",
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_answer(name: str) -> None:
    for pieces in ([BAD[name]], [BAD[name][at : at + 1] for at in range(len(BAD[name]))]):
        with pytest.raises(Broken) as raised:
            told(pieces)
        assert raised.value.__cause__ is None
        assert str(raised.value) == ""


@settings(deadline=None)
@given(st.binary(max_size=300))
@example(b"HTTP/1.1 200 OK\r\n\r\n")
@example(b"RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
def test_anything_is_an_answer_or_broken(raw: bytes) -> None:
    for prefix in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
        try:
            status, _, body, _ = told([prefix + raw])
        except Broken:
            continue
        assert 200 <= status <= 999
        assert len(body) <= len(raw)


def test_what_comes_after_the_answer_is_not_part_of_it_and_ends_the_connection() -> None:
    raw, (status, headers, body, _) = GOOD["length"]
    for more in (raw, b"garbage", b"HTTP/1.1 500 No\r\nX-A: 3\r\n\r\n"):
        assert told([raw + more]) == (status, headers, body, False)


def test_an_answer_to_head_has_no_body() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    assert told([raw], method="HEAD") == (200, {"content-length": "5"}, b"", False)
    with pytest.raises(Broken):
        told([BAD["switching"]], method="HEAD")


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
    ],
    ids=["a header", "headers", "informational answers", "a trailer", "a chunk's extension"],
)
def test_what_is_not_body_is_bounded(begin: bytes, more: bytes) -> None:
    conversation = Conversation()
    conversation.ask("GET")
    conversation.feed(begin)
    fed = 0
    while fed < 2 * HEAD_BYTES:
        fed += len(more) * 100
        try:
            conversation.feed(more * 100)
        except Broken:
            break
    assert HEAD_BYTES - len(begin) < fed <= HEAD_BYTES + 100 * len(more)


def test_the_same_connection_is_asked_again() -> None:
    conversation = Conversation()
    for name in ("length", "chunks", "early hints", "nothing"):
        raw, (status, headers, body, _) = GOOD[name]
        conversation.ask("GET")
        conversation.feed(raw)
        assert conversation.complete
        assert conversation.reusable
        assert (conversation.status, conversation.headers, b"".join(conversation.pieces)) == (status, headers, body)


def test_an_interrupt_while_the_parser_calls_back_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """httptools keeps whatever its callbacks raise and raises an error of its own."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Conversation, "on_headers_complete", interrupted)
    with pytest.raises(KeyboardInterrupt):
        told([GOOD["length"][0]])

    def failing(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Conversation, "on_headers_complete", failing)
    with pytest.raises(Broken) as raised:
        told([GOOD["length"][0]])
    assert not isinstance(raised.value, HttpParserCallbackError)


def test_the_bytes_of_a_request() -> None:
    request = wire("https://api.example", body=b"{}")
    sent = request_bytes(request, "/things?q=1", [("host", "api.example"), ("content-length", "2")])
    assert bytes(sent) == b"POST /things?q=1 HTTP/1.1\r\nhost: api.example\r\ncontent-length: 2\r\n\r\n{}"
    assert "things" not in repr(sent)


@pytest.mark.parametrize(
    ("text", "host", "port", "netloc"),
    [
        ("https://API.example", "api.example", 443, "api.example"),
        ("HTTP://a:80/x?y", "a", 80, "a"),
        ("https://[::1]:8443/", "::1", 8443, "[::1]:8443"),
        ("http://[2001:DB8::1]", "2001:db8::1", 80, "[2001:db8::1]"),
        ("https://b\xfccher.example", "xn--bcher-kva.example", 443, "xn--bcher-kva.example"),
    ],
)
def test_origins(text: str, host: str, port: int, netloc: str) -> None:
    origin = Origin(text)
    assert (origin.host, origin.port, origin.netloc) == (host, port, netloc)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.example",
        "ftp://a",
        "https://",
        "https://a:0",
        "https://a:65536",
        "https://a:b",
        "https://u@a",
        "https://a b",
        "https://a%2f",
        "https://[a]x",
        "https://a\\b",
        "https://a\n",
        "https://\u2100.example",
    ],
)
def test_what_is_no_origin(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Origin(text)
