"""Transports move bytes. Only the modules in here know an HTTP library; each is imported when a client needs it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attrs import frozen

from anycarrier.errors import ConfigurationError
from anycarrier.transports.protocol import OTHER_BYTES, PURCHASE_BYTES, AsyncTransport, Timeouts, Transport

if TYPE_CHECKING:
    import ssl

__all__ = ["OTHER_BYTES", "PURCHASE_BYTES", "InUse", "Timeouts", "async_transport", "in_use", "sync_transport"]


@frozen
class InUse:
    """The transport of a client: its name, the library below it, and the version of that."""

    name: str
    library: str
    version: str

    def __str__(self) -> str:
        library = f"{self.library} {self.version}".rstrip()
        return library if self.name == self.library else f"{self.name} ({library})"


# By the names of the modules here: the command that installs its library; where there is none, an extra of that name
_INSTALL = {"httpx": "pip install httpx", "httpx2": "pip install httpx2", "fast": None}


def sync_transport(
    transport: Transport | str | None, timeouts: Timeouts | None, *, tls: ssl.SSLContext | None = None
) -> Transport:
    """Return the blocking transport of that name, the default for ``None``; an object is returned unchanged.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.

    Raises:
        ConfigurationError: no transport has that name, or its library is not installed.
    """
    if transport is not None and not isinstance(transport, str):
        return transport
    made: Transport = _module(transport).sync_transport(timeouts or Timeouts(), tls=tls)
    return made


def async_transport(
    transport: AsyncTransport | str | None, timeouts: Timeouts | None, *, tls: ssl.SSLContext | None = None
) -> AsyncTransport:
    """Return the transport of that name for asyncio; see :func:`sync_transport`."""
    if transport is not None and not isinstance(transport, str):
        return transport
    made: AsyncTransport = _module(transport).async_transport(timeouts or Timeouts(), tls=tls)
    return made


def in_use(transport: Transport | AsyncTransport | str | None = None) -> InUse:
    """Return the transport and library that a client with this ``transport=`` uses.

    Raises:
        ConfigurationError: no transport has that name, or its library is not installed.
    """
    if transport is not None and not isinstance(transport, str):
        made = type(transport)
        return InUse(made.__qualname__, made.__module__, "")
    module = _module(transport)
    return InUse(transport or "httpx", *module.LIBRARY)


def _module(name: str | None) -> Any:
    name = name or "httpx"
    if name not in _INSTALL:
        from anycarrier.suggestions import meant_or_all

        raise ConfigurationError(f"no transport is called {name!r}{meant_or_all(name, _INSTALL)}")
    try:
        return import_module(f"anycarrier.transports.{name}")
    except ModuleNotFoundError as error:
        from anycarrier.installation import how_to_install

        command = _INSTALL[name] or how_to_install(name)
        raise ConfigurationError(
            f"transport={name!r} needs a package that is missing ({error.name}): {command}"
        ) from None
