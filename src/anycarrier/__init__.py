"""Phone numbers from any provider through one interface.

Importing this loads neither an HTTP library nor pydantic nor asyncio: each public name is imported when it is first
used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from anycarrier._version import __version__

if TYPE_CHECKING:
    from anycarrier.client import AsyncClient as AsyncClient
    from anycarrier.client import Client as Client

_HOMES = {"AsyncClient": "client", "Client": "client"}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'anycarrier' has no attribute {name!r}")
    value = getattr(import_module(f"anycarrier.{home}"), name)
    globals()[name] = value
    return value
