"""What moves bytes. Only the modules in here know an HTTP library; each is imported when a client is made."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from anycarrier.errors import ConfigurationError
from anycarrier.transports.protocol import AsyncTransport, Transport
from anycarrier.validation import seconds, validator

if TYPE_CHECKING:
    import ssl

__all__ = ["OTHER_BYTES", "PURCHASE_BYTES", "InUse", "Timeouts", "async_transport", "in_use", "sync_transport"]

PURCHASE_BYTES = 1_000_000
"""So many decoded bytes of an answer to a purchase are taken."""
OTHER_BYTES = 10_000_000
"""So many of any other answer, unless its request says otherwise; a streamed one has no cap."""


_ABOVE_0 = validator(seconds, zero=False, most=1_000_000)  # sockets take up to 24 days


@frozen(kw_only=True)
class Timeouts:
    """Time limits of requests, in seconds.

    ``total`` bounds a whole request, however slowly its answer trickles; purchases have a longer pair of their own.
    For a streamed answer, such as a long list, ``total`` bounds the wait for its head and ``stream`` the reading of the
    rest: a list of 100,000 numbers (30 MB) needs 240 s at 1 Mbit/s. The time that the program takes between two items
    does not count.
    """

    connect: float = field(default=5.0, validator=_ABOVE_0)
    read: float = field(default=20.0, validator=_ABOVE_0)
    write: float = field(default=10.0, validator=_ABOVE_0)
    pool: float = field(default=5.0, validator=_ABOVE_0)
    total: float = field(default=30.0, validator=_ABOVE_0)
    stream: float = field(default=300.0, validator=_ABOVE_0)
    purchase_read: float = field(default=45.0, validator=_ABOVE_0)
    purchase_total: float = field(default=45.0, validator=_ABOVE_0)


@frozen
class InUse:
    """What moves the bytes: the transport's name, its library and that one's version."""

    name: str
    library: str
    version: str

    def __str__(self) -> str:
        said = f"{self.library} {self.version}".rstrip()
        return said if self.name == self.library else f"{self.name} ({said})"


# By name: the module, and the command that installs what it needs.
_MODULES = {
    "httpx": ("httpx", "pip install httpx"),
    "httpx2": ("httpx2", "pip install httpx2"),
    "fast": ("fast", "pip install 'anycarrier[fast]'"),
}


def sync_transport(
    transport: Transport | str | None, timeouts: Timeouts | None, *, tls: ssl.SSLContext | None = None
) -> Transport:
    """The blocking transport called *transport*, or *transport* itself when it is an object."""
    if transport is not None and not isinstance(transport, str):
        return transport
    made: Transport = _module(transport).sync_transport(timeouts or Timeouts(), tls=tls)
    return made


def async_transport(
    transport: AsyncTransport | str | None, timeouts: Timeouts | None, *, tls: ssl.SSLContext | None = None
) -> AsyncTransport:
    """The asynchronous transport called *transport*, or *transport* itself when it is an object."""
    if transport is not None and not isinstance(transport, str):
        return transport
    made: AsyncTransport = _module(transport).async_transport(timeouts or Timeouts(), tls=tls)
    return made


def in_use(transport: Transport | AsyncTransport | str | None = None) -> InUse:
    """What a client made with this ``transport=`` uses.

    Raises:
        ConfigurationError: there is no such transport, or its library is not installed.
    """
    if transport is not None and not isinstance(transport, str):
        made = type(transport)
        return InUse(made.__qualname__, made.__module__, "")
    module = _module(transport)
    return InUse(transport or "httpx", *module.LIBRARY)


def _module(name: str | None) -> Any:
    known = _MODULES.get(name or "httpx")
    if known is None:
        raise ConfigurationError(f"no transport is called {name!r}; there are: {', '.join(_MODULES)}")
    module, command = known
    try:
        return import_module(f"anycarrier.transports.{module}")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"transport={name!r} needs a package that is missing ({error.name}): {command}"
        ) from None
