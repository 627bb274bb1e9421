"""Operations of a provider beyond the neutral ones, bound to a client: ``phone.native.gateways()``."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import wraps
from typing import Any

from anycarrier.exchange import named
from anycarrier.hints import kind_of

__all__ = ["Native"]


class Native:
    """The provider's own API, whose exchanges the client drives.

    A method takes the arguments of the method of ``client.provider.api`` with this name. In a blocking client it
    returns the value, in an asynchronous one an awaitable; a listing is iterated, and yields its items as they come.
    """

    __slots__ = ("_api", "_client")

    def __init__(self, client: Any, api: object) -> None:
        self._client = client
        self._api = api

    def __repr__(self) -> str:
        return f"<the operations of {self._client.provider.name}: {', '.join(dir(self))}>"

    def __dir__(self) -> list[str]:
        return [name for name in dir(self._api) if not name.startswith("_") and kind_of(getattr(self._api, name))]

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._api, name)
        return self._bound(operation) if callable(operation) else operation

    def _bound(self, operation: Callable[..., object]) -> Callable[..., object]:
        drive = self._client.iterate if kind_of(operation) == "listing" else self._client.run

        @wraps(operation)
        def call(*args: object, **kwargs: object) -> Any:
            exchange = operation(*args, **kwargs)
            return drive(named(operation.__name__, exchange)) if isinstance(exchange, Generator) else exchange

        return call
