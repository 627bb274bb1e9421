"""Providers wrapped so that they are wrong in one way: their requests, answers and exchanges, never their source."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from attrs import frozen

from anycarrier.errors import AnyCarrierError, NotFound
from anycarrier.exchange import Emit, Exchange, Exclusive, Listing, Request, Together
from anycarrier.features import OPERATIONS
from anycarrier.model import OwnedNumber, Status
from anycarrier.numbers import PhoneNumber

__all__ = ["Break", "Mutant", "Own", "broken", "emitting", "follows", "not_found", "succeeded"]

METHODS = (
    *("place", "find_purchase", "price_of", "emergency_addresses"),
    *("draft_many", "place_many", "find_purchases"),
    *(one.method for one in OPERATIONS.values()),
)
PLAIN = ("most_at_once", "numbers_in")
"""Methods of a provider that are no exchange."""

T = TypeVar("T")

Own: TypeAlias = Callable[..., Exchange[T]]
"""The provider's own method."""


class Break:
    """One way to be broken. A method called like a provider's takes its place; *own* is the provider's.

    Attributes:
        strikes: how often it made a difference.
    """

    def __init__(self, provider: Any) -> None:
        self.provider = provider
        self.strikes = 0

    def attribute(self, name: str, value: object) -> object:
        """Return the value of ``provider.<name>``."""
        return value

    def request(self, request: Request) -> Request:
        """Return the request that is sent instead."""
        return request

    def struck(self, value: T) -> T:
        """*value*, counted as a difference."""
        self.strikes += 1
        return value

    def owned(self, number: PhoneNumber) -> OwnedNumber:
        """A number as if the provider had said that it is ours."""
        account = self.provider.accounts[0].id
        return OwnedNumber(provider=self.provider.name, account=account, number=number, status=Status.ACTIVE)


def broken(provider: Any, way: Break) -> Any:
    """*provider*, broken in this *way*."""

    def method(name: str) -> Callable[..., Exchange[object]]:
        def own(*given: object, **more: object) -> Exchange[object]:
            return _relayed(getattr(provider, name)(*given, **more), way)

        def call(_: object, *given: object, **more: object) -> Exchange[object]:
            instead = getattr(way, name, None) or getattr(way, "every", None)
            return own(*given, **more) if instead is None else instead(own, *given, **more)

        return call

    def plain(name: str) -> Callable[..., object]:
        return lambda _, *given: getattr(provider, name)(*given)

    def attribute(_: object, name: str) -> object:
        return way.attribute(name, getattr(provider, name))

    members: dict[str, object] = {name: method(name) for name in METHODS if hasattr(type(provider), name)}
    members |= {name: plain(name) for name in PLAIN if hasattr(type(provider), name)}
    return type(type(provider).__name__, (), {**members, "__getattr__": attribute})()


def _relayed(exchange: Exchange[T], way: Break) -> Exchange[T]:
    """*exchange* with its requests as *way* sends them."""
    outcome: Any = None
    try:
        while True:
            try:
                effect = exchange.send(outcome)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            if isinstance(effect, Request):
                effect = way.request(effect)
            elif isinstance(effect, Together):
                effect = Together(tuple(_relayed(one, way) for one in effect.exchanges), effect.limit)
            elif isinstance(effect, Exclusive):
                effect = Exclusive(effect.key, _relayed(effect.exchange, way))
            outcome = yield effect
    finally:
        exchange.close()


@frozen(kw_only=True)
class Mutant:
    """A mistake.

    Attributes:
        means: what the adapter does wrong.
        way: how it is brought about.
        cases: those of the suite that should notice, likeliest first; ``[...]`` picks a fault.
        needs: features without which it cannot be made.
        never: why it may make no difference to a provider.
    """

    means: str
    way: Callable[[Any], Break]
    cases: Sequence[str]
    needs: Sequence[str] = ()
    never: str = "no case brought it about"


def succeeded(error: AnyCarrierError) -> bool:
    return error.status is not None and 200 <= error.status < 300


def not_found(error: AnyCarrierError) -> NotFound:
    return NotFound(
        "not on this account",
        provider=error.provider,
        operation=error.operation,
        status=error.status,
        request_id=error.request_id,
    )


def emitting(listing: Listing[T], each: Callable[[Emit[T]], Sequence[Emit[T]]]) -> Listing[T]:
    """*listing* with each page replaced by those that *each* gives."""
    outcome: Any = None
    try:
        while True:
            try:
                effect = listing.send(outcome)
            except StopIteration:
                return
            outcome = None
            if isinstance(effect, Emit):
                yield from each(effect)
            else:
                outcome = yield effect
    finally:
        listing.close()


def follows(one: Request, other: Request) -> bool:
    """Return whether *other* asks for a later page of what *one* asks for."""
    if (one.method, one.path) != (other.method, other.path) or one.attempt != other.attempt:
        return False
    before, after = _asked(one), _asked(other)
    return before != after and before.keys() <= after.keys()


def _asked(request: Request) -> dict[str, object]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = {}
    return {**dict(request.query), **(body if isinstance(body, dict) else {})}
