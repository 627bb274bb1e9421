"""Exchanges: operations as generators, which yield effects and receive their outcomes.

An *exchange* yields an :data:`Effect`, is sent its outcome, and returns its result. So each operation is written once
and is driven by a blocking client, an asynchronous client, or a test's script. Failures of a request are values at
this seam; :func:`send` raises them inside the exchange, which may recover.

Two rules: no exchange yields inside ``finally`` (a driver that stops early only closes it), and none holds a secret:
a :class:`Request` names its account, and the session alone adds that account's credentials.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import GeneratorType
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast

from attrs import field, frozen

from anycarrier.errors import AnyCarrierError, TransportError
from anycarrier.frames import hide

T = TypeVar("T")
U = TypeVar("U")
T_co = TypeVar("T_co", covariant=True)

Purpose: TypeAlias = Literal["read", "write", "purchase"]

WaitReason: TypeAlias = Literal["rate_limit", "backoff", "settling", "other_worker", "other"]
"""Reason of a wait: a rate limit, a failure, what a provider has yet to finish, or another worker."""


@frozen(kw_only=True)
class Request:
    """One HTTP request, in terms of its account: no host, no credentials.

    Attributes:
        account: id of the account it is for; the session knows origin and credentials.
        operation: for errors and logs, such as ``"search"`` or ``"acme.order"``.
        method: ``GET``, ``POST`` and so on.
        path: template such as ``/v2.2/numbers/{number}``; logs show it and never the filled path.
        path_values: one value for each name in *path*; quoted when the URL is built.
        query: pairs, in order; a name may repeat.
        headers: beyond those of the account; never a secret.
        body: exact bytes, or ``None``.
        content_type: of *body*.
        purpose: ``read`` (repeatable), ``write``, or ``purchase`` (spends money; longer timeouts, never repeated by
            the retry policy).
        authenticated: whether the account's credentials are added.
        stream: answer as soon as the head is there; the body is then fetched with :class:`Read`.
        max_bytes: cap on the decoded body; ``None`` takes the transport's cap for the purpose.
        attempt: which try it is, from 1.
        not_after: when one of its clocks has passed this moment, the request is not sent any more, but answered with a
            ``TransportError`` that says so: the steady one stands still while a machine is suspended, and the other may
            be set. ``None`` for any time.
        permit: exchange that is run once the request could leave, after all waits; it is not sent, but answered with
            the error that this returns, if any.
    """

    account: str
    operation: str
    method: str
    path: str
    path_values: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes | None = field(default=None, repr=False)
    content_type: str = "application/json"
    purpose: Purpose = "read"
    authenticated: bool = True
    stream: bool = False
    max_bytes: int | None = None
    attempt: int = 1
    not_after: Moment | None = None
    permit: Callable[[], Exchange[AnyCarrierError | None]] | None = field(default=None, eq=False, repr=False)


@frozen
class Response:
    """An HTTP answer, of any status. Header names are in lower case.

    Attributes:
        stream: for a streamed request, what :class:`Read` wants; ``body`` is then empty.
    """

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    stream: object = field(default=None, repr=False)


@frozen
class Read:
    """The next bytes of a streamed answer; ``b""`` is its end, a broken stream is a :class:`TransportError`."""

    stream: object


@frozen
class Sleep:
    """Wait for some seconds; the reason is for telemetry."""

    seconds: float
    reason: WaitReason = field(default="other", eq=False)


@frozen
class AwaitRateLimit(Sleep):
    """Wait until the account's rate limit lets a purchase leave, which is then not held back when it is sent.

    Answered with ``None``, or with :class:`~anycarrier.errors.RateLimited` where that takes longer than *at_most*
    seconds (``None`` for as
    long as the client waits). To a driver that knows no limits it is a sleep of no time.
    """

    seconds: float = field(default=0.0, init=False)
    reason: WaitReason = field(default="rate_limit", init=False, eq=False)
    account: str = field(kw_only=True)
    at_most: float | None = field(default=None, kw_only=True)


@frozen
class Now:
    """Read the clock: answered with a :class:`Moment`."""


@frozen
class Moment:
    """``monotonic``: seconds for measuring; ``wall``: Unix time in seconds; ``random``: from [0, 1), for jitter."""

    monotonic: float
    wall: float
    random: float


@frozen
class Call(Generic[T]):
    """Run code that may block (a journal, an application's token store) without blocking an event loop.

    Answered with :class:`Done` or :class:`Failed`.
    """

    function: Callable[[], T]
    label: str = ""


@frozen
class Together:
    """Run several exchanges at once, *limit* at a time; answered with one :class:`Done` or :class:`Failed` each."""

    exchanges: Sequence[Exchange[Any]]
    limit: int = 16


@frozen
class Exclusive(Generic[T]):
    """Run one exchange while no other that names the same key runs in this session.

    Answered with :class:`Done` or :class:`Failed`.
    """

    key: str
    exchange: Exchange[T]


@frozen
class Within:
    """Perform *effect* inside of *context*, which is entered where that happens: in the same thread or task."""

    effect: Effect
    context: AbstractContextManager[object]


@frozen
class Emit(Generic[T]):
    """Hand items to the iterating caller; only a :data:`Listing` yields it."""

    items: Sequence[T]


@frozen
class AsCompleted:
    """Run several exchanges at once, *limit* at a time, and hand each value to the iterating caller as soon as that is
    known.

    Only a :data:`Listing` yields it. It is answered with ``None`` when all are done; the first error ends the listing.
    """

    exchanges: Sequence[Exchange[Any]]
    limit: int = 16


@frozen
class Done(Generic[T_co]):
    """A returned value; it may be a token, so ``repr`` does not show it."""

    value: T_co = field(repr=False)


@frozen
class Failed:
    """A raised error."""

    error: Exception


Effect: TypeAlias = Request | Read | Sleep | Now | Call[Any] | Together | Exclusive[Any] | Within
Exchange: TypeAlias = Generator[Any, Any, T]
"""``Generator[Effect, outcome, T]``; the outcome's type depends on the effect, which the helpers below narrow."""
Listing: TypeAlias = Generator["Emit[T] | Any", Any, None]
"""An exchange that also yields :class:`Emit`, page by page, and returns nothing."""


@frozen
class ForClient(Generic[T]):
    """An exchange that is made of a client's own provider, when that client drives it."""

    make: Callable[[Any], Exchange[T]]


def send(request: Request) -> Exchange[Response]:
    """Send *request*; raises :class:`TransportError` if the connection fails, and errors of the credentials."""
    outcome = yield request
    if isinstance(outcome, AnyCarrierError):
        raise outcome
    response: Response = outcome
    return response


def read(stream: object) -> Exchange[bytes]:
    """The next bytes of a streamed answer, ``b""`` at its end; raises :class:`TransportError` if it breaks."""
    outcome = yield Read(stream)
    if isinstance(outcome, TransportError):
        raise outcome
    return cast("bytes", outcome)


def sleep(seconds: float, reason: WaitReason = "other") -> Exchange[None]:
    """Wait *seconds*."""
    yield Sleep(seconds, reason)


def await_rate_limit(account: str, *, at_most: float | None = None) -> Exchange[None]:
    """Wait for the account's rate limit before a purchase is written to the journal; after that it must not wait.

    Raises:
        RateLimited: it takes longer than *at_most* seconds, or than the client waits.
    """
    outcome = yield AwaitRateLimit(account=account, at_most=at_most)
    if isinstance(outcome, AnyCarrierError):
        raise outcome


def now() -> Exchange[Moment]:
    """The time, and a random number."""
    moment: Moment = yield _NOW
    return moment


_NOW = Now()


def call(function: Callable[[], T], label: str = "") -> Exchange[T]:
    """Run blocking code off the event loop; returns what it returns, raises what it raises."""
    outcome: Done[T] | Failed = yield Call(function, label)
    return _value(outcome)


def together(exchanges: Iterable[Exchange[T]], *, limit: int = 16) -> Exchange[list[Done[T] | Failed]]:
    """Run *exchanges* at once, at most *limit* of them at a time; their outcomes, in order."""
    return cast("list[Done[T] | Failed]", (yield Together(tuple(exchanges), limit)))


def exclusive(key: str, exchange: Exchange[T]) -> Exchange[T]:
    """Run *exchange* while no other of the same *key* runs; returns its value or raises its error."""
    outcome: Done[T] | Failed = yield Exclusive(key, exchange)
    return _value(outcome)


def _value(outcome: Done[T] | Failed) -> T:
    if isinstance(outcome, Failed):
        raise outcome.error
    return outcome.value


def caught(function: Callable[[], T]) -> Done[T] | Failed:
    """Call *function*: its value or its error, as the outcome of an effect."""
    before = sys.exception()
    try:
        return Done(function())
    except Exception as error:  # noqa: BLE001 - it is the outcome, raised inside the exchange
        hide(error, before)  # an outcome may be handed out without being raised again
        return Failed(error)


def collect(listing: Listing[T]) -> Exchange[list[T]]:
    """All items of *listing*, as an exchange."""
    items: list[T] = []
    yield from _each(listing, items.extend)
    return items


def first(listing: Listing[T], wanted: Callable[[T], bool]) -> Exchange[T | None]:
    """The first item that is *wanted*; nothing is read beyond its page."""
    found: list[T] = []

    def look(items: Sequence[T]) -> bool:
        found.extend(item for item in items if wanted(item))
        return bool(found)

    yield from _each(listing, look)
    return found[0] if found else None


def each_page(listing: Listing[T], work: Callable[[Sequence[T]], Exchange[None]]) -> Exchange[None]:
    """Do *work* with the items of each page of *listing*, before the next one is read."""
    outcome: Any = None
    try:
        while True:
            effect = listing.send(outcome)
            if isinstance(effect, Emit | AsCompleted):
                yield from work((yield from _handed_out(effect)))
                outcome = None
            else:
                outcome = yield effect
    except StopIteration:
        return
    finally:
        listing.close()


def mapped(listing: Listing[T], convert: Callable[[Sequence[T]], Sequence[U]]) -> Listing[U]:
    """*listing* with each batch of items converted."""
    outcome: Any = None
    try:
        while True:
            effect = listing.send(outcome)
            if isinstance(effect, Emit | AsCompleted):
                yield Emit(convert((yield from _handed_out(effect))))
                outcome = None
            else:
                outcome = yield effect
    except StopIteration:
        return
    finally:
        listing.close()


def _handed_out(effect: Emit[T] | AsCompleted) -> Exchange[Sequence[T]]:
    """The items of *effect*, all at once."""
    if isinstance(effect, Emit):
        return effect.items
    outcomes: list[Done[T] | Failed] = yield Together(effect.exchanges, effect.limit)
    return [_value(outcome) for outcome in outcomes]


def _each(listing: Listing[T], take: Callable[[Sequence[T]], bool | None]) -> Exchange[None]:
    outcome: Any = None
    try:
        while True:
            effect = listing.send(outcome)
            if not isinstance(effect, Emit | AsCompleted):
                outcome = yield effect
            elif take((yield from _handed_out(effect))):
                return
            else:
                outcome = None
    except StopIteration:
        return
    finally:
        listing.close()


def named(operation: str, exchange: Exchange[T]) -> Exchange[T]:
    """*exchange*, under the name that telemetry shows for it."""
    if isinstance(exchange, GeneratorType):
        exchange.__name__ = operation
    return exchange
