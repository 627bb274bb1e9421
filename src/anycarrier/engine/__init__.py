"""The engine: sessions, drivers, rate limits and retries, which perform what the exchanges ask for."""

from __future__ import annotations

from typing import Protocol, TypeVar

from anycarrier.exchange import Exchange, Request

__all__ = ["Observer", "watch"]

T = TypeVar("T")


class Observer(Protocol):
    """Sees exchanges on their way and changes none of their effects or outcomes: :mod:`anycarrier.telemetry`."""

    def operation(self, exchange: Exchange[T], name: str, provider: str) -> Exchange[T]:
        """*exchange*, an operation of a client."""
        ...

    def request(self, sending: Exchange[T], request: Request, provider: str, origin: str) -> Exchange[T]:
        """*sending*, which sends *request* once."""
        ...

    def held(self, waiting: Exchange[T], provider: str, account: str) -> Exchange[T]:
        """*waiting*, which waits for a rate limit as long as that takes."""
        ...

    def purchase(self, exchange: Exchange[T]) -> Exchange[T]:
        """*exchange*, the purchase of one number."""
        ...

    def attempt(self, before: object, after: object) -> None:
        """The state of an attempt of a purchase has changed."""
        ...


class Watch:
    """Holder of the observer of this process; ``None`` where nothing is observed."""

    observer: Observer | None = None


watch = Watch()
