"""Bodies: decoded as they come, never beyond a cap."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator

__all__ = ["Body", "Decoder", "Malformed", "TooLarge"]

STEP = 64 * 1024
"""Maximum size of a decoded piece, in bytes, however much a decoder was fed."""


class TooLarge(Exception):
    """The decoded body passes its cap."""


class Malformed(Exception):
    """The body is not what its Content-Encoding says, or ends early."""


LAYERS = 3
"""Maximum number of codings on top of each other; more are an attack."""


class Decoder:
    """Decoder of a Content-Encoding: a list of codings in any case, in the order in which they were applied.

    It returns at most :data:`STEP` bytes at a time: httpx's own decoders inflate a whole chunk at once, and one of 48
    kB may become 50 MB before it can be counted.
    """

    def __init__(self, encoding: str) -> None:
        self._layers: list[_Layer] = []
        if encoding and encoding != "identity":
            codings = [coding.strip(" \t").lower() for coding in encoding.split(",")]
            codings = [coding for coding in codings if coding not in ("", "identity")]
            if len(codings) > LAYERS or not _CODINGS.issuperset(codings):
                raise Malformed
            self._layers = [_Layer(many=coding != "deflate") for coding in reversed(codings)]

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Decode *data*, in pieces."""
        pieces: Iterator[bytes] = iter([data[at : at + STEP] for at in range(0, len(data), STEP)])
        for layer in self._layers:
            pieces = layer.decoded(pieces)
        return pieces

    def finish(self) -> None:
        """End the body; raise :class:`Malformed` where something is missing."""
        if not all(layer.whole() for layer in self._layers):
            raise Malformed


_CODINGS = frozenset({"gzip", "x-gzip", "deflate"})


class _Layer:
    """One coding. With *many* it is gzip, whose members may follow each other."""

    def __init__(self, *, many: bool) -> None:
        self._many = many
        self._inflate: zlib._Decompress | None = None

    def decoded(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for data in pieces:
            left = data
            try:
                while left:
                    left = yield from self._some(left)
            except zlib.error:
                raise Malformed from None

    def _some(self, data: bytes) -> Generator[bytes, None, bytes]:
        """Decode one member; return what follows it."""
        if self._inflate is not None and self._inflate.eof:
            # What follows a gzip member is the next member; zeros are padding. What follows the other is not looked at.
            data = data.lstrip(b"\0") if self._many else b""
            if not data:
                return b""
            self._inflate = None
        if self._inflate is None:
            # 47: a zlib or gzip wrapper, whichever is there. Some servers send "deflate" without the wrapper it needs.
            wrapped = self._many or data[0] & 0x0F == 8
            self._inflate = zlib.decompressobj(47 if wrapped else -15)
        inflate = self._inflate
        while not inflate.eof:
            piece = inflate.decompress(data, STEP)
            data = inflate.unconsumed_tail
            if piece:
                yield piece
            elif not data:
                break
        return inflate.unused_data

    def whole(self) -> bool:
        return self._inflate is None or self._inflate.eof


class Body:
    """A body of up to *cap* bytes, decoded as it comes."""

    def __init__(self, encoding: str, length: str | None, cap: int) -> None:
        self._decoder = Decoder(encoding) if encoding else None
        self._left = cap
        self._parts: list[bytes] = []
        # A declared length is believed when it is too large, and not otherwise. isdecimal() would take other scripts.
        if length is not None and length.isascii() and length.isdigit() and int(length[:20]) > cap:
            raise TooLarge

    def add(self, chunk: bytes) -> None:
        """Add *chunk*; raise :class:`TooLarge` or :class:`Malformed`."""
        for piece in (chunk,) if self._decoder is None else self._decoder.decode(chunk):
            self._left -= len(piece)
            if self._left < 0:
                self._parts.clear()
                raise TooLarge
            self._parts.append(piece)

    def value(self) -> bytes:
        """Return the whole body."""
        if self._decoder is not None:
            self._decoder.finish()
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
