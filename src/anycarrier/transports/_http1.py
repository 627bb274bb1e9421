"""One connection's side of HTTP/1.1, without the connection: the bytes of a request, and the reading of its answer.

The grammar is llhttp's, the parser of Node.js, through httptools; no leniency of it is switched on. What httptools
(0.9.0, as read and as tested) leaves to its user is done here: an end that only the connection's end shows, ``HEAD``,
informational answers, trailers, and bounds on what is not body.
"""

from __future__ import annotations

from collections import deque

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser

from anycarrier.transports._base import header_text
from anycarrier.transports.protocol import WireRequest

__all__ = ["Broken", "Conversation", "request_bytes"]

HEAD_BYTES = 100_000
"""Maximum size of head, informational answers or trailers, in bytes; h11, below httpx, has the same bound."""


class Broken(Exception):
    """The answer is not HTTP, or ends before its end."""


def request_bytes(request: WireRequest, path: str, headers: list[tuple[str, str]]) -> memoryview:
    """Return a whole request.

    A ``memoryview``, because its ``repr`` shows nothing: frames that are interrupted may be printed with their locals.
    """
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    return memoryview(f"{request.method} {path} HTTP/1.1\r\n{lines}\r\n".encode("ascii") + (request.body or b""))


class Conversation:
    """The answer to the last request, as far as it has come.

    Attributes:
        pieces: of the body, as they came and not decoded yet; a reader takes them out.
        headed: whether status and headers are there.
        complete: whether the answer is.
        reusable: whether another request may follow on the connection.
    """

    __slots__ = (
        "_bare",
        "_fields",
        "_informational",
        "_parser",
        "_quiet",
        "_until_end",
        "_wrong",
        "complete",
        "headed",
        "headers",
        "pieces",
        "reusable",
        "status",
    )

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self.complete = True  # there was no request, so anything that comes is too much

    def ask(self, method: str) -> None:
        """Prepare for the answer to a request of that method."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.pieces: deque[bytes] = deque()
        self.headed = self.complete = self._informational = self._until_end = self._wrong = False
        self.reusable = True
        self._bare = method == "HEAD"
        self._quiet = self._fields = 0

    def feed(self, data: bytes) -> None:
        """Parse what came; raise :class:`Broken`."""
        self._quiet += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserCallbackError as error:
            # httptools keeps what is raised while it calls back, and that may be an interrupt.
            cause = error.__context__
            if cause is not None and not isinstance(cause, Exception):
                raise cause from None
            raise Broken from None
        except (HttpParserError, HttpParserUpgrade):
            self._wrong = True
        if self.complete:
            self.reusable = self.reusable and not self._wrong
        elif self._wrong or self._quiet > HEAD_BYTES:
            raise Broken from None

    def end(self) -> None:
        """Note that the server closed its side in order; raise :class:`Broken` where that is no end of the answer."""
        self.reusable = False
        if self.headed and self._until_end:
            self.complete = True
        if not self.complete:
            raise Broken

    # what the parser calls; after the answer is complete all of it is too much, and is not looked at

    def on_message_begin(self) -> None:
        if self.complete:
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        # Counted here too, since all of them may have come in one piece.
        self._fields += len(name) + len(value) + 4
        if self._fields > HEAD_BYTES:
            self._wrong = True
        if self.headed or self._wrong:
            return  # a trailer, or too much
        key, value = name.decode("ascii").lower(), value.strip(b" \t")
        text = value.decode() if value.isascii() else header_text(value)
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        if self.headed:
            return
        self.status = status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._informational = True
            self.headers.clear()
            return
        coding = self.headers.get("transfer-encoding")
        # 101 would change the protocol, which no request wants.
        self._wrong = self._wrong or status < 200 or (coding is not None and coding.lower() != "chunked")
        self._until_end = coding is None and "content-length" not in self.headers
        self._quiet = self._fields = 0
        self.headed = True
        if self._bare and not self._wrong:
            self.complete, self.reusable = True, False

    def on_body(self, body: bytes) -> None:
        if not self.complete:
            self._quiet = 0
            self.pieces.append(body)

    def on_message_complete(self) -> None:
        if self._informational:
            self._informational = False
        elif not self.complete and not self._wrong:
            self.complete = True
            self.reusable = self._parser.should_keep_alive()
