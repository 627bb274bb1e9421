"""What a pursuit works with: the journal, the providers, how they have been doing, who wants to hear of progress."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from anycarrier import arguments as given
from anycarrier.engine.accounts import refuse_twins
from anycarrier.errors import ConfigurationError, InvalidInput, JournalError
from anycarrier.exchange import Exchange, Moment, call, sleep
from anycarrier.model import ProviderOptions
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import ResolutionPolicy
from anycarrier.purchase.circuit_breaker import CircuitBreaker
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import JournalLost
from anycarrier.purchase.order import Order
from anycarrier.purchase.plan import Place, patient
from anycarrier.purchase.protocols import Combines
from anycarrier.purchase.selection import cannot_serve

__all__ = ["Progress", "PurchaseContext", "account_name", "flat", "later", "make_context", "new_owner"]

T = TypeVar("T")

RECONNECTS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Waits between tries to reach a journal whose connection broke."""


@frozen(kw_only=True)
class Progress:
    """Something that a person may want to see.

    Attributes:
        kind: ``search``, ``begin``, ``replay``, ``look``, ``wait``, ``confirmed``, ``refused``, ``doubt``, ``refuted``,
            ``passed``, ``parked``, ``late`` or ``end``.
        until: Unix time on the journal's clock until which it waits.
    """

    kind: str
    item: str
    provider: str | None = None
    account: str | None = None
    number: PhoneNumber | None = None
    text: str = ""
    until: float | None = None


def _silent(_: Progress) -> None: ...


@frozen
class PurchaseContext:
    """See the module; ``providers`` maps account ids. ``untouched`` maps intents for which no attempt was ever begun,
    as this desk saw itself, to the second of the steady clock until which no other worker can have begun one either."""

    journal: Journal
    providers: Mapping[str, Any]
    breaker: CircuitBreaker = field(factory=CircuitBreaker)
    notify: Callable[[Progress], None] = _silent
    options: Sequence[ProviderOptions] = ()
    untouched: dict[str, float] = field(factory=dict[str, float])

    def journaled(self, work: Callable[[], T], label: str) -> Exchange[T]:
        """Do *work* on the journal, again when the connection broke: for what may be done twice."""
        for wait in RECONNECTS:
            try:
                return (yield from call(work, label))
            except JournalLost:
                yield from sleep(wait)
        try:
            return (yield from call(work, label))
        except JournalLost as lost:
            raise JournalError(f"the journal cannot be reached: {lost.said}; check it and its network") from None

    def places(self, order: Order, named: Sequence[str]) -> list[Place]:
        """The accounts that are at hand of those *named* for it, in the order in which *order* wants them tried."""
        at_hand = self._names()
        accounts = [at_hand[name] for name in named if name in at_hand]
        if order.prefer == "health":
            accounts.sort(key=self.breaker.failures)
        found: list[Place] = []
        for account in accounts:
            provider = self.providers[account]
            found.append(Place(account, provider.name, self.rules(order, provider)))
        return found

    def rules(self, order: Order, provider: Any) -> ResolutionPolicy:
        """The provider's rules as *order* wants them kept."""
        rules: ResolutionPolicy = provider.rules
        return patient(rules) if order.in_doubt == "hold" else rules

    def missing_accounts(self, named: Sequence[str]) -> list[str]:
        """Those of the accounts *named* for an order that are not at hand."""
        at_hand = self._names()
        return [name for name in named if name not in at_hand]

    def _names(self) -> dict[str, str]:
        return {account_name(provider, account): account for account, provider in self.providers.items()}

    def unable_accounts(self, order: Order, named: Sequence[str]) -> dict[str, str]:
        """Accounts of those *named* that cannot serve *order*, each with the reason."""
        at_hand = self._names()
        reasons = {
            at_hand[name]: cannot_serve(order, self.providers[at_hand[name]]) for name in named if name in at_hand
        }
        return {account: reason for account, reason in reasons.items() if reason}


def account_name(provider: Any, account: str) -> str:
    """How an order names an account."""
    return f"{provider.name}/{account}"


def flat(providers: Iterable[Any]) -> list[Any]:
    """*providers*, with the members of a failover in its place."""
    every: list[Any] = []
    for provider in providers:
        every.extend(flat(provider.members) if isinstance(provider, Combines) else [provider])
    return every


def _logging_failures(notify: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """*notify*, whose failures are logged: what only watches a purchase must not end it."""

    def told(progress: Progress) -> None:
        try:
            notify(progress)
        except Exception:
            import logging  # seldom needed, and loaded by few programs that search

            logging.getLogger("anycarrier").exception("notify() raised at a purchase's %r; it goes on", progress.kind)

    return told


def make_context(
    providers: Sequence[Any],
    journal: Journal,
    breaker: CircuitBreaker | None = None,
    notify: Callable[[Progress], None] | None = None,
    options: Sequence[ProviderOptions] = (),
) -> PurchaseContext:
    """A desk for *providers*, each with one account of its own."""
    given.journal(journal)
    given.breaker_or_none(breaker)
    given.notify_or_none(notify)
    given.options(options)
    members = flat(given.providers(providers))
    if not members:
        raise InvalidInput("no provider is given")
    accounts: dict[str, Any] = {}
    for provider in members:
        ids = [account.id for account in provider.accounts]
        if len(ids) != 1:
            raise ConfigurationError(f"{provider.name} must have exactly one account here, it has {len(ids)}")
        if ids[0] in accounts:
            raise ConfigurationError("two providers have the same account id; give each its own, account='...'")
        accounts[ids[0]] = provider
    refuse_twins([account for provider in members for account in provider.accounts])
    return PurchaseContext(
        journal, accounts, breaker or CircuitBreaker(), _logging_failures(notify) if notify else _silent, options
    )


def new_owner() -> Exchange[str]:
    """A name for whoever pursues an intent now; never the same twice."""
    return call(lambda: secrets.token_hex(8), "owner")


def later(moment: Moment, seconds: float) -> Moment:
    """*moment* and *seconds*, on both of its clocks."""
    return evolve(moment, monotonic=moment.monotonic + seconds, wall=moment.wall + seconds)
