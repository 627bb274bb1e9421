"""Accounts by name for both modes: which clients there are, when an account is loaded anew, which one is let go.

A client that is let go is not closed: callers that work with it go on, as all of them share one transport.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary
from zlib import crc32

from attrs import define, evolve, field

from anycarrier import processes
from anycarrier.engine.accounts import Account, Credentials
from anycarrier.engine.budget_table import BudgetTable
from anycarrier.engine.rate_limits import Budget
from anycarrier.engine.session import Clock, Session
from anycarrier.errors import AuthenticationFailed, ConfigurationError, InvalidInput
from anycarrier.exchange import Exchange, Response, call, exclusive, now
from anycarrier.registry import loaded
from anycarrier.validation import seconds, shape, text, whole

__all__ = ["Table"]

C = TypeVar("C")

AGAIN_AFTER = 10.0
"""Seconds: after a 401, the account is not loaded again sooner, as the new credentials may be wrong too."""

TURNS = 1024
"""Locks for loading. Two names may share one, which only makes one wait; with one for each, they would pile up."""


@define
class _Note:
    """Origin of a client.

    Attributes:
        source: what the application loaded.
        at: monotonic seconds at which that was last looked at.
        latest: what it loaded last, also after a 401; the credentials are of that.
        after_401: the provider object that was loaded after a 401, and when.
    """

    source: Any = field(repr=False)
    at: float
    latest: Any = field(repr=False)
    after_401: tuple[Any, float] | None = field(default=None, repr=False)


class Table(Generic[C]):
    """The clients of the accounts that are in use.

    Args:
        load: of the application.
        join: makes a client of a provider object and a session.
        most: clients in memory.
        reload_after: seconds after which an account is loaded anew.
        clock: time and chance.
        max_wait: longest wait for a rate limit.
        budget_of: gives the budget of an account; by default one of a table, which counts in this process.
    """

    def __init__(
        self,
        load: Callable[[str], object],
        join: Callable[[Any, Session], C],
        *,
        most: int,
        reload_after: float,
        clock: Clock | None,
        max_wait: float | None,
        budget_of: Callable[[Account], Budget] | None,
    ) -> None:
        if not callable(load):
            raise InvalidInput(f"load must be a function of a name, not {shape(load)}")
        self._load = load
        self._join = join
        self._most = whole("most", most, 1)
        self._reload_after = seconds("reload_after", reload_after)
        self._clock = clock
        self._max_wait = max_wait
        self._budgets = BudgetTable(4 * most)
        self._budget_of = budget_of or self._budgets.of
        self._recent: OrderedDict[str, C] = OrderedDict()
        self._alive: WeakValueDictionary[str, C] = WeakValueDictionary()
        self._notes: WeakKeyDictionary[C, _Note] = WeakKeyDictionary()
        self._closed = False
        self.forked()
        processes.begins_anew(self)

    def forked(self) -> None:
        """Go on in a child, without the lock that a thread of the parent may hold."""
        self._guard = threading.Lock()

    def obtain(self, name: str) -> Exchange[C]:
        """The client of an account, which is loaded where it is not there, or was loaded too long ago."""
        text("name", name, "tenant-42")
        found = self._fresh(name, (yield from now()).monotonic)
        if found is None:
            found = yield from exclusive(f"accounts {crc32(name.encode()) % TURNS}", self._loaded(name))
        return found

    def forget(self, name: str) -> None:
        """Load the account anew when it is next needed."""
        with self._guard:
            self._recent.pop(name, None)
            self._alive.pop(name, None)

    def close(self) -> list[C]:
        """Give out no more clients; return those that are there."""
        with self._guard:
            self._closed = True
            self._recent.clear()
            return [*self._alive.values()]

    def _fresh(self, name: str, at: float) -> C | None:
        with self._guard:
            if self._closed:
                raise ConfigurationError("the accounts are closed; make new ones")
            client = self._alive.get(name)
            if client is None or at - self._notes[client].at >= self._reload_after:
                return None
            return self._used(name, client)

    def _used(self, name: str, client: C) -> C:
        self._recent[name] = client
        self._recent.move_to_end(name)
        while len(self._recent) > self._most:
            self._recent.popitem(last=False)
        return client

    def _loaded(self, name: str) -> Exchange[C]:
        found = self._fresh(name, (yield from now()).monotonic)  # by another caller, meanwhile
        if found is not None:
            return found
        try:
            source = yield from self._source(name)
        except BaseException:
            self.forget(name)  # it may be gone; who works with its client goes on
            raise
        at = (yield from now()).monotonic
        with self._guard:
            client = self._alive.get(name)
            if client is not None and _is_same(self._notes[client].source, source):
                self._notes[client].at = at
                return self._used(name, client)
        fresh = self._made(name, source, at)
        with self._guard:
            self._alive[name] = fresh
            return self._used(name, fresh)

    def _source(self, name: str) -> Exchange[Any]:
        source = yield from call(partial(self._load, name), "load account")
        if isinstance(source, Awaitable):
            close = getattr(source, "close", None)
            if close is not None:
                close()
            raise InvalidInput("load is asynchronous: give it to AsyncAccounts")
        return dict(source) if isinstance(source, Mapping) else source

    def _made(self, name: str, source: Any, at: float) -> C:
        note = _Note(source, at, source)
        provider = loaded(name, source)
        accounts = [
            evolve(one, credentials=_Reloading(one, partial(self._after_401, name, note))) for one in provider.accounts
        ]
        session = Session(accounts, self._clock, max_wait=self._max_wait, budget_of=self._budget_of)
        client = self._join(provider, session)
        self._notes[client] = note
        return client

    def _after_401(self, name: str, note: _Note, account: Account) -> Exchange[Credentials | None]:
        """Other credentials of *account*, as they are loaded now; ``None`` where there are none."""
        at = (yield from now()).monotonic
        if note.after_401 is None or at - note.after_401[1] >= AGAIN_AFTER:
            try:
                source = yield from self._source(name)
                changed = not _is_same(note.latest, source)
                note.after_401 = (loaded(name, source) if changed else None, at)
                note.latest = source
            except Exception as error:
                raise ConfigurationError(
                    f"the account was refused (401), and load() could not give it anew ({type(error).__name__})",
                    provider=account.provider,
                ) from error
        provider, _ = note.after_401
        for one in () if provider is None else provider.accounts:
            place = (one.id, one.provider, one.base_url, one.owner)
            if place == (account.id, account.provider, account.base_url, account.owner):
                credentials: Credentials = one.credentials
                return credentials
        return None


class _Reloading:
    """Credentials of a loaded account: where they do not get over a 401 themselves, the account is loaded again."""

    def __init__(self, account: Account, reload: Callable[[Account], Exchange[Credentials | None]]) -> None:
        self._account = account
        self._now = account.credentials
        self._reload = reload

    def headers(self) -> Exchange[Mapping[str, str]]:
        return self._now.headers()

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        failed: AuthenticationFailed | None = None
        try:
            if (yield from self._now.renew(rejected, sent)):
                return True
        except AuthenticationFailed as error:
            failed = error
        fresh = yield from self._reload(self._account)
        if fresh is not None and fresh is not self._now:
            self._now = fresh
            return (yield from fresh.headers()) != sent
        if failed is not None:
            raise failed
        return False

    def secrets(self) -> tuple[str, ...]:
        return self._now.secrets()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(**********)"


def _is_same(one: object, other: object) -> bool:
    """Return whether two loaded accounts are the same: equal settings, or one and the same provider object."""
    return one is other or (isinstance(one, Mapping) and isinstance(other, Mapping) and one == other)
