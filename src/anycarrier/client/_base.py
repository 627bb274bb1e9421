"""Parts of a client that both modes share: how it is made, and what it says about its provider."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Mapping
from inspect import CO_COROUTINE
from math import inf
from types import FunctionType
from typing import TYPE_CHECKING, Any, Generic, Self, cast

from anycarrier.capabilities import capabilities
from anycarrier.engine.session import Session
from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.registry import make
from anycarrier.transports import Timeouts
from anycarrier.validation import journal as check_journal
from anycarrier.validation import shape, vars_of

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from anycarrier.engine.accounts import Account
    from anycarrier.engine.rate_limits import Budget
    from anycarrier.provider import Provider
    from anycarrier.purchase.journal import Journal

    P = TypeVar("P", covariant=True, default=Any)
else:
    from typing import TypeVar

    P = TypeVar("P", covariant=True)  # defaults are for type checkers: Client alone is an annotation

__all__ = ["ASYNC", "SYNC", "Base", "P", "budgets", "check_arguments", "is_lent", "made", "writer_of"]


class Base(Generic[P]):
    """A client without its operations."""

    _provider: Any
    _writer: Any
    """Buyer and changer of numbers: the provider, or with a journal a failover of it alone, which records that."""
    _journal: Journal | None
    _session: Session
    _is_shared = False
    """True for a client of :class:`anycarrier.Accounts`, which hands it to many callers, and closes it."""

    @classmethod
    def _joined(cls, provider: object, session: Session, driver: object, journal: Journal | None) -> Self:
        """A client of many, which share a transport."""
        client = cls.__new__(cls)
        writer, journal = writer_of(provider, journal)
        vars(client).update(_provider=provider, _writer=writer, _journal=journal)
        vars(client).update(_session=session, _driver=driver, _is_shared=True)
        return client

    def __reduce__(self) -> Any:
        name = type(self).__name__
        raise TypeError(f"{name} is neither pickled nor copied: make one where it is used; its settings can be sent")

    @property
    def provider(self) -> P:
        """The provider object, with operations of its own: ``client.run(client.provider...)``."""
        return cast("P", self._provider)

    if not TYPE_CHECKING:  # each mode says its types

        @property
        def native(self) -> Any:
            """Operations of the provider itself, driven by this client: ``client.native.gateways()``."""
            api = getattr(self._provider, "api", None)
            if api is None:
                hint = f"{self._provider.title} has the neutral operations only"
                raise AttributeError(f"{type(self).__name__} has no native operations: {hint}")
            from anycarrier.client._native import Native

            return Native(self, api)

    def capabilities(self) -> dict[str, Any]:
        """Features of the provider, with evidence or the reason why not, as JSON-able data."""
        return capabilities(self._provider)

    def limits(self) -> dict[str, Any]:
        """Remaining rate limits of each account, as JSON-able data; sends nothing. See ``docs/limits.md``."""
        return self._session.limits()


def made(
    provider: object,
    settings: Mapping[str, object],
    timeouts: object,
    transport: object,
    clock: object,
    max_wait: Any,
    journal: object,
    *,
    mode: str,
) -> Provider:
    """Make the provider object; one error lists everything that is wrong with a client's arguments."""
    problems = _problems(timeouts, transport, clock, max_wait, mode)
    if journal is not None:
        problems += _journal_problems(provider, journal)
    return cast("Provider", make(provider, settings, problems))


def check_arguments(timeouts: object, transport: object, clock: object, max_wait: Any, *, mode: str) -> None:
    """Raise one ``ConfigurationError`` for everything that is wrong with the arguments that all clients take."""
    problems = _problems(timeouts, transport, clock, max_wait, mode)
    if problems:
        raise ConfigurationError(f"settings: {'; '.join(problems)}", problems=tuple(problems))


def budgets(budget: object, journal: Journal | None) -> Callable[[Account], Budget] | None:
    """The function that gives the budget of an account; ``None`` where each client counts by itself."""
    word = budget if isinstance(budget, str) else None
    if word == "own":
        return None
    from anycarrier.engine.shared_budget import Places, shared_budgets

    if isinstance(budget, Places) and not isinstance(budget, type):
        return shared_budgets(budget)
    if word != "shared":
        raise ConfigurationError(f"budget must be 'own', 'shared' or an object that gives places, not {shape(budget)}")
    if journal is None:
        raise ConfigurationError(
            "budget='shared' needs a journal on PostgreSQL, which holds the places of all processes"
        )
    return shared_budgets(journal.places())


def writer_of(provider: object, journal: Journal | None) -> tuple[Any, Journal | None]:
    """The object that buys and changes numbers for a client, and its journal: a failover has its own."""
    if journal is None or _is_failover(provider):
        return provider, getattr(provider, "journal", None)
    from anycarrier.failover import Failover  # it takes a while to load

    return Failover([provider], journal=journal), journal


def _is_failover(provider: object) -> bool:
    from anycarrier.purchase.protocols import BuysThroughJournal

    return issubclass(type(provider), BuysThroughJournal)


def _journal_problems(provider: object, journal: object) -> list[str]:
    if _is_failover(provider):
        return ["journal is for a client of one provider: Failover([...], journal=...) takes that of several"]
    try:
        check_journal(journal)
    except InvalidInput as error:
        return [error.message]
    return []


def _problems(timeouts: object, transport: object, clock: object, max_wait: Any, mode: str) -> list[str]:
    problems: list[str] = []
    if timeouts is not None and not isinstance(timeouts, Timeouts):
        problems.append(f"timeouts must be Timeouts, such as Timeouts(read=30.0), not {shape(timeouts)}")
    number = isinstance(max_wait, int | float) and not isinstance(max_wait, bool)
    if max_wait is not None and not (number and (0 <= max_wait < 10**9 or max_wait == inf)):
        problems.append(f"max_wait must be seconds, or None to keep no rate limits, not {shape(max_wait)}")
    if transport is not None and not isinstance(transport, str) and not _is_transport(transport, mode):
        problems.append(
            f"transport must be the name of one, such as 'httpx', or an object with {mode} send() and close(), not "
            f"{shape(transport)}"
        )
    sleep = "sleep" if mode == SYNC else "async_sleep"
    if clock is not None and not (_mode(clock, "now") == SYNC and _mode(clock, sleep) == mode):
        problems.append(f"clock must be an object with now() and {sleep}(), not {shape(clock)}")
    return problems


def is_lent(transport: object) -> bool:
    """Return whether the caller made the transport, and closes it: it may serve several clients."""
    return transport is not None and not isinstance(transport, str)


SYNC, ASYNC = "blocking", "asynchronous"


def _mode(thing: object, method: str) -> str | None:
    """Mode of the method of *thing*; ``None`` where it has none."""
    found = None if isinstance(thing, type) else getattr(type(thing), method, None) or vars_of(thing).get(method)
    if found is None and not isinstance(thing, type):
        found = getattr(thing, method, None)  # of a proxy
        found = getattr(found, "__func__", found)
    if not callable(found):
        return None
    return ASYNC if isinstance(found, FunctionType) and found.__code__.co_flags & CO_COROUTINE else SYNC


def _is_transport(thing: object, mode: str) -> bool:
    """Return whether it can send, and is not of the other mode."""
    modes = [_mode(thing, name) for name in ("send", "close", "read", "close_stream")]
    if None in modes[:2] or isinstance(thing, Generator | Coroutine):
        return False
    # A function may return a coroutine without being one; of our own classes it is known that none does.
    return ASYNC not in modes if mode == SYNC else ASYNC in modes or not _is_ours(thing)


def _is_ours(thing: object) -> bool:
    return type(thing).__module__.startswith("anycarrier.")
