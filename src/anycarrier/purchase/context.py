"""Shared state of the workers of an order: journal, providers, circuit breaker, progress callback."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from anycarrier import validation
from anycarrier.attempt import Draft, ResolutionPolicy
from anycarrier.engine.accounts import refuse_twins
from anycarrier.errors import AnyCarrierError, ConfigurationError, InvalidInput, JournalError
from anycarrier.exchange import Exchange, Moment, call, sleep
from anycarrier.model import ProviderOptions, option_objects
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.circuit_breaker import CircuitBreaker
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import JournalLost
from anycarrier.purchase.order import Order
from anycarrier.purchase.plan import Place, patient
from anycarrier.purchase.protocols import Combines
from anycarrier.purchase.selection import cannot_serve
from anycarrier.purchase.shared_searches import SharedSearches, shared_searches

__all__ = [
    "Progress",
    "PurchaseContext",
    "Stopped",
    "account_name",
    "flat",
    "later",
    "make_context",
    "may_be_done",
    "new_owner",
    "progress_of",
]

T = TypeVar("T")

Stopped: TypeAlias = Callable[[], bool] | None
"""Function that returns true once its worker is to stop; ``None`` for never."""

RECONNECTS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between tries to reach a journal whose connection broke."""


@frozen(kw_only=True)
class Progress:
    """A step of a purchase, for people.

    Attributes:
        kind: ``search``, ``begin``, ``replay``, ``look``, ``wait``, ``confirmed``, ``refused``, ``doubt``, ``refuted``,
            ``passed``, ``parked``, ``late`` or ``end``.
        item: id of the item in the journal.
        until: Unix time on the journal's clock until which the purchase waits.
    """

    kind: str
    item: str
    provider: str | None = None
    account: str | None = None
    number: PhoneNumber | None = None
    text: str = ""
    until: float | None = None


def progress_of(kind: str, item_id: str, draft: Draft, text: str) -> Progress:
    """A step of the attempt that has *draft*."""
    return Progress(
        kind=kind, item=item_id, provider=draft.provider, account=draft.account, number=draft.number, text=text
    )


def may_be_done(error: JournalError, again: str, operation: str | None = None) -> JournalError:
    """*error* of a journal that failed under open orders, with the advice *again*, which goes on with them."""
    if error.maybe_applied:  # an exchange within has said so already
        return error
    return JournalError(
        f"{error.message}. What is open on record may have been carried out; {again} once the journal works",
        operation=operation,
        code=error.code,
        maybe_applied=True,
    )


def _silent(_: Progress) -> None: ...


@frozen
class PurchaseContext:
    """Shared state of the workers of an order.

    Attributes:
        providers: by account id.
        untouched: items without any attempt, as this process saw itself, each with the second of the steady clock until
            which no other worker can have begun one.
        checked: by account, and campaign, routes or emergency address of a set-up, the reason that it cannot be set
            there; empty if it can.
        failed_checks: by the same, the second of the steady clock at which such a check failed last, and its error.
    """

    journal: Journal
    providers: Mapping[str, Any]
    breaker: CircuitBreaker = field(factory=CircuitBreaker)
    notify: Callable[[Progress], None] = _silent
    options: Sequence[ProviderOptions] = ()
    untouched: dict[str, float] = field(factory=dict[str, float])
    searches: SharedSearches = field(factory=SharedSearches)
    checked: dict[tuple[str, object], str] = field(factory=dict[tuple[str, object], str])
    failed_checks: dict[tuple[str, object], tuple[float, AnyCarrierError]] = field(
        factory=dict[tuple[str, object], tuple[float, AnyCarrierError]]
    )

    def journaled(self, work: Callable[[], T], label: str) -> Exchange[T]:
        """Do *work* on the journal, again if the connection breaks: for work that may be done twice."""
        for wait in RECONNECTS:
            try:
                return (yield from call(work, label))
            except JournalLost:
                yield from sleep(wait, "backoff")
        try:
            return (yield from call(work, label))
        except JournalLost as lost:
            raise JournalError(f"the journal cannot be reached: {lost.said}; check it and its network") from None

    def places(self, order: Order, named: Sequence[str]) -> list[Place]:
        """The available accounts of those *named* for *order*, in the order of its preference."""
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
        """The provider's policy, adjusted to *order*."""
        rules: ResolutionPolicy = provider.rules
        return patient(rules) if order.in_doubt == "hold" else rules

    def missing_accounts(self, named: Sequence[str]) -> list[str]:
        """The accounts *named* for an order that are not available here."""
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
    """The name of an account in an order."""
    return f"{provider.name}/{account}"


def flat(providers: Iterable[object]) -> list[Any]:
    """*providers*, with a failover replaced by its members."""
    every: list[object] = []
    for provider in providers:
        every.extend(flat(provider.members) if isinstance(provider, Combines) else [provider])
    return every


def _logging_failures(notify: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """*notify*, its failures logged: a callback must not end a purchase."""

    def notified(progress: Progress) -> None:
        try:
            notify(progress)
        except Exception:
            import logging  # seldom needed, and loaded by few programs that search

            logging.getLogger("anycarrier").exception(
                "notify() raised at a purchase's %r; the purchase goes on", progress.kind, extra=_fields(progress)
            )

    return notified


def _fields(progress: Progress) -> dict[str, object]:
    return {"anycarrier.provider": progress.provider, "anycarrier.account": progress.account}


def make_context(
    providers: Sequence[object],
    journal: Journal,
    breaker: CircuitBreaker | None = None,
    notify: Callable[[Progress], None] | None = None,
    options: Sequence[ProviderOptions] = (),
) -> PurchaseContext:
    """The context for *providers*, each with one account of its own."""
    validation.journal(journal)
    validation.breaker_or_none(breaker)
    validation.notify_or_none(notify)
    option_objects(options)
    members = flat(validation.providers(providers))
    if not members:
        raise InvalidInput("providers is empty: name at least one")
    accounts: dict[str, object] = {}
    for provider in members:
        ids = [account.id for account in provider.accounts if getattr(account, "origin_of", None) is None]
        if len(ids) != 1:
            raise ConfigurationError(f"{provider.name} must have exactly one account here, it has {len(ids)}")
        if ids[0] in accounts:
            raise ConfigurationError("two providers have the same account id; give each its own, account='...'")
        accounts[ids[0]] = provider
    refuse_twins([account for provider in members for account in provider.accounts])
    return PurchaseContext(
        journal,
        accounts,
        breaker or CircuitBreaker(),
        _logging_failures(notify) if notify else _silent,
        options,
        searches=shared_searches(journal),
    )


def new_owner() -> Exchange[str]:
    """A new name for a worker, never the same twice."""
    return call(lambda: secrets.token_hex(8), "owner")


def later(moment: Moment, seconds: float) -> Moment:
    """*moment* plus *seconds*, on both of its clocks."""
    return evolve(moment, monotonic=moment.monotonic + seconds, wall=moment.wall + seconds)
