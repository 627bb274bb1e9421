"""URLs, read in one way for settings and for connections."""

from __future__ import annotations

import re

__all__ = ["Origin", "is_target"]

_URL = re.compile(
    r"(?P<root>(?P<scheme>https?)://(?P<host>[^\s\x00-\x1f/?#@:\[\]\\%]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?)"
    r"(?P<rest>[/?].*)?",
    re.IGNORECASE,
)
# The text that may follow the root: printable ASCII, and no fragment, which is never sent.
_REST = re.compile(r"(?:[/?][!\"$-~]*)?")


class Origin:
    """Scheme, host and port of a URL, as text and to connect to; ``ValueError`` where a text is no URL."""

    __slots__ = ("host", "netloc", "port", "root", "tls")

    def __init__(self, text: str) -> None:
        found = _URL.fullmatch(text)
        if found is None:
            raise ValueError
        host = found["host"].lower()
        if not host.isascii():
            import idna

            host = idna.encode(host, uts46=True).decode("ascii")
        self.root = found["root"]
        self.tls = found["scheme"].lower() == "https"
        default = 443 if self.tls else 80
        self.port = int(found["port"] or default)
        if not 0 < self.port < 65536:
            raise ValueError
        self.netloc = host if self.port == default else f"{host}:{self.port}"
        self.host = host.strip("[]")

    def same(self, other: Origin) -> bool:
        """Return whether both lead to the same place in the same way."""
        return (self.tls, self.host, self.port) == (other.tls, other.host, other.port)


def is_target(rest: str) -> bool:
    """Return whether *rest* may follow the root of a URL and be sent."""
    return _REST.fullmatch(rest) is not None
