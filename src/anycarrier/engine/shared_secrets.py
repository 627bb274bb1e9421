"""Credentials that processes share through a store: one process at a time obtains them, and all others use them.

An entry of a store is a JSON object: the values, and the claim of the process that is obtaining new ones. A claim ends
by itself, so that a process that is killed does not hold up the others for long. Every change replaces exactly the
text that was read, so of two processes that want to claim or write at once, one finds that the other was faster.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from attrs import field, frozen

from anycarrier.errors import AnyCarrierError, ConfigurationError, RateLimited
from anycarrier.exchange import Exchange, Moment, call, now, sleep
from anycarrier.secret_store import SecretStore

__all__ = ["SharedSecrets", "Values", "entry_name"]

T = TypeVar("T")

Values: TypeAlias = Mapping[str, Any]
"""Values of an entry, as JSON has them."""

WAITS = (0.1, 0.2, 0.5, 1.0)
"""Seconds of the waits for another process; the last one is repeated."""

AHEAD = 60.0
"""Seconds by which the clocks of machines may differ; a claim that lasts longer than any was written by one ahead."""


def entry_name(kind: str, *of: str) -> str:
    """Name of an entry: *kind*, and a hash of what it is about, such as a base URL and a user name."""
    from hashlib import sha256

    return f"{kind}.{sha256(json.dumps(of).encode()).hexdigest()[:32]}"


@frozen
class _Entry:
    """An entry as it was read, or written by us; it holds secrets and shows none."""

    text: str | None = field(repr=False)
    values: Values = field(repr=False)
    claimed_by: str | None = None
    claimed_until: float = 0.0


class SharedSecrets:
    """An entry of a store, or of this object alone where there is no store.

    Args:
        store: of the application; ``None`` for values that this process has to itself.
        name: of the entry.
        provider: for errors.
        lease: seconds for which a process may take to obtain new values; then another one does.
    """

    def __init__(self, store: SecretStore | None, name: str, *, provider: str, lease: float) -> None:
        self._store = store
        self._name = name
        self._provider = provider
        self._lease = lease
        self._own = _Entry(None, {})
        self._claims: set[str] = set()  # those of this object that work goes on under
        self._mark = secrets.token_hex(8)

    def obtain(
        self,
        is_usable: Callable[[Values], Exchange[bool]],
        make: Callable[[Values, Moment], Exchange[Values]],
        *,
        begin: Callable[[Values, Moment], Values] = lambda values, _: values,
        failed: Callable[[Values, AnyCarrierError], Values] = lambda values, _: values,
    ) -> Exchange[Values]:
        """Return values that are usable: those of the entry, else new ones, which one process at a time makes.

        Args:
            is_usable: whether values serve.
            make: gets new values, by a moment on the clocks at which the claim ends.
            begin: the values that are written with the claim, before *make* begins; may raise instead.
            failed: the values that are written after *make* raised.

        Raises:
            ConfigurationError: the store does not work. Nothing was made then.
            RateLimited: another process has been making them for long.
            AnyCarrierError: of *begin* or *make*.
        """
        entry, until = yield from self._usable_or_claimed(is_usable, begin)
        if until is None:
            return entry.values
        try:
            try:
                values = yield from make(entry.values, until)
            except AnyCarrierError as error:
                yield from self._write_quietly(entry, failed(entry.values, error))
                raise
            yield from self._write_quietly(entry, values)
            return values
        finally:
            self._claims.discard(entry.claimed_by or "")

    def _usable_or_claimed(
        self, is_usable: Callable[[Values], Exchange[bool]], begin: Callable[[Values, Moment], Values]
    ) -> Exchange[tuple[_Entry, Moment | None]]:
        """The entry where it is usable, or claimed for us with the moment at which the claim ends."""
        turn, first = 0, (yield from now())
        while True:
            entry = yield from self._read()
            if (yield from is_usable(entry.values)):
                return entry, None
            moment = yield from now()
            if self._is_free(entry, moment):
                fresh = yield from self._written(entry, begin(entry.values, moment), moment.wall + self._lease)
                if fresh is not None:
                    self._claims.add(fresh.claimed_by or "")
                    return fresh, Moment(moment.monotonic + self._lease, moment.wall + self._lease, moment.random)
            if moment.monotonic - first.monotonic > 2 * self._lease:
                raise RateLimited(
                    "another process is obtaining the credentials", provider=self._provider, retry_after=self._lease
                )
            yield from sleep(WAITS[min(turn, len(WAITS) - 1)], "other_worker")
            turn += 1

    def _us(self) -> str:
        return f"{self._mark}.{os.getpid()}."  # a forked child is another one

    def _is_free(self, entry: _Entry, moment: Moment) -> bool:
        if entry.claimed_by is None or self._store is None:
            return True
        if entry.claimed_by.startswith(self._us()) and entry.claimed_by not in self._claims:
            return True  # ours, of a caller that was stopped
        return not moment.wall < entry.claimed_until < moment.wall + self._lease + AHEAD

    def _read(self) -> Exchange[_Entry]:
        store = self._store
        if store is None:
            return self._own
        return (yield from self._called(lambda: _entry(store.read(self._name)), "read"))

    def _written(self, entry: _Entry, values: Values, claimed_until: float | None) -> Exchange[_Entry | None]:
        """The entry with these *values* in place of *entry*; ``None`` where that is not there any more."""
        by = None if claimed_until is None else f"{self._us()}{secrets.token_hex(8)}"
        claim = None if by is None else {"by": by, "until": claimed_until}
        # A text is never written twice, so that whoever read it knows that nothing happened since.
        text = json.dumps({"values": values, "claim": claim, "turn": secrets.token_hex(8)})
        fresh = _Entry(text, values, by, claimed_until or 0.0)
        if self._store is None:
            self._own = fresh
            return fresh
        store = self._store
        done = yield from self._called(lambda: store.replace(self._name, entry.text, text), "write")
        return fresh if done else None

    def _write_quietly(self, entry: _Entry, values: Values) -> Exchange[None]:
        """End the claim. Where the store fails, or another process has the claim by now, that goes on by itself."""
        try:
            yield from self._written(entry, values, None)
        except AnyCarrierError:
            pass  # what was made is good, and the next one to need the store says what is wrong with it

    def _called(self, function: Callable[[], T], verb: str) -> Exchange[T]:
        try:
            return (yield from call(function, "secret store"))
        except AnyCarrierError:
            raise
        except Exception as error:
            raise ConfigurationError(
                f"the secret store could not {verb} its entry {self._name} ({type(error).__name__}); nothing was sent",
                provider=self._provider,
            ) from error


def _entry(text: str | None) -> _Entry:
    if text is None:
        return _Entry(None, {})
    try:
        document = json.loads(text)
        values, claim = document["values"], document["claim"]
        if not isinstance(values, dict):
            raise TypeError
        return _Entry(text, values) if claim is None else _Entry(text, values, str(claim["by"]), float(claim["until"]))
    except (ValueError, TypeError, KeyError):
        raise ConfigurationError("the secret store has something else under this name: delete the entry") from None
