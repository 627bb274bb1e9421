"""Bodies: decoded as they come, never beyond a cap."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

__all__ = ["Body", "Decoder", "Malformed", "TooLarge"]

STEP = 64 * 1024
"""A decoder hands out at most so many bytes at a time, however much it was fed."""


class TooLarge(Exception):
    """The decoded body passes its cap."""


class Malformed(Exception):
    """The body is not what its Content-Encoding says, or ends early."""


class Decoder:
    """Undoes a Content-Encoding, at most :data:`STEP` bytes at a time.

    httpx's own decoders inflate a whole chunk at once: one of 48 kB may become 50 MB before anybody can count.
    """

    def __init__(self, encoding: str) -> None:
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Malformed
        self._plain = encoding in ("", "identity")
        self._many = encoding in ("gzip", "x-gzip")
        self._inflate: zlib._Decompress | None = None
        self._rest = b""

    @property
    def plain(self) -> bool:
        """Whether there is nothing to undo."""
        return self._plain

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What *data* decodes to, in pieces."""
        if self._plain:
            for start in range(0, len(data), STEP):
                yield data[start : start + STEP]
            return
        try:
            while data:
                yield from self._decoded(data)
                data = self._rest
        except zlib.error:
            raise Malformed from None

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        if self._inflate is not None and self._inflate.eof:
            # What follows a gzip member is the next member; zeros are padding.
            data = data.lstrip(b"\0") if self._many else b""
        if data and (self._inflate is None or self._inflate.eof):
            # 47: a zlib or gzip wrapper, whichever is there. Some servers send "deflate" without the wrapper it needs.
            wrapped = self._many or data[0] & 0x0F == 8
            self._inflate = zlib.decompressobj(47 if wrapped else -15)
        inflate, self._rest = self._inflate, b""
        while inflate is not None and not inflate.eof:
            piece = inflate.decompress(data, STEP)
            data = inflate.unconsumed_tail
            if piece:
                yield piece
            elif not data:
                return
            self._rest = inflate.unused_data

    def finish(self) -> None:
        """Say that there is no more; raises :class:`Malformed` where something is missing."""
        if self._inflate is not None and not self._inflate.eof:
            raise Malformed


class Body:
    """Collects a body up to *cap* bytes."""

    def __init__(self, encoding: str, length: str | None, cap: int) -> None:
        self._decoder = Decoder(encoding)
        self._left = cap
        self._parts: list[bytes] = []
        # A declared length is believed when it is too large, and not otherwise. isdecimal() would take other scripts.
        if length is not None and length.isascii() and length.isdigit() and int(length[:20]) > cap:
            raise TooLarge

    def add(self, chunk: bytes) -> None:
        """Take *chunk*; raises :class:`TooLarge` or :class:`Malformed`."""
        # What is not encoded is here already, and is taken as it came.
        for piece in (chunk,) if self._decoder.plain else self._decoder.decode(chunk):
            self._left -= len(piece)
            if self._left < 0:
                self._parts.clear()
                raise TooLarge
            self._parts.append(piece)

    def value(self) -> bytes:
        """The whole of it."""
        self._decoder.finish()
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
