"""Mapping between rows and values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

from attrs import evolve

from anycarrier.attempt import Attempt, AttemptState, Denial, Draft
from anycarrier.errors import JournalError
from anycarrier.model import Money
from anycarrier.money import first_month
from anycarrier.numbers import stated
from anycarrier.purchase.journal.types import AttemptRecord, SpendCapExceeded
from anycarrier.purchase.resolution import SEND_WITHIN

__all__ = [
    "AHEAD",
    "ANOTHERS",
    "ENTRY",
    "LATE",
    "STATE",
    "check_cap",
    "cost_of",
    "draft_values",
    "entry_of",
    "is_watched",
    "stamped",
    "state_values",
]

AHEAD = 60.0
"""Seconds by which a time may be ahead of the journal's clock, beyond the possible, before it is corrected."""

STATE = "state, first_sent, last_sent, sends, absent, unknown, next_at, no_replay, reason, order_id"
LATE = "there after all, or bought by another buyer since"
"""Reason of a refused or refuted attempt whose number is found on the account later."""

ANOTHERS = "its number is another order's by now"
"""Reason of a late attempt whose number is another order's now."""

_DENIALS = {None: 0, Denial.TAKEN: 2, Denial.THROTTLED: 4}
"""Bits beside the flag ``no_replay``, in its column."""
_DENIED = {bits: denial for denial, bits in _DENIALS.items()}
ENTRY = f"id, intent_id, seq, watched, provider, account, e164, key, body, price, setup, currency, {STATE}"


def cost_of(price: str | None, setup: str | None, currency: str | None) -> Money | None:
    """Cost of a number's first month, of an attempt's columns of these names; ``None`` if its price is not known."""
    return first_month(_money(price, currency), _money(setup, currency))


def draft_values(draft: Draft) -> tuple[object, ...]:
    """The columns of a new attempt that its *draft* fills, from ``provider`` to ``currency``."""
    known = draft.price or draft.setup_price
    return (
        draft.provider,
        draft.account,
        str(draft.number),
        draft.key,
        draft.body,
        sha256(draft.body).hexdigest(),
        None if draft.price is None else str(draft.price.amount),
        None if draft.setup_price is None else str(draft.setup_price.amount),
        None if known is None else known.currency,
    )


def _money(amount: str | None, currency: Any) -> Money | None:
    return None if amount is None else Money(amount, currency)


def check_cap(whose: str, cap: Money, cost: Money | None, spent: Iterable[Money | None]) -> None:
    """Raise :class:`SpendCapExceeded` unless *cost* fits under *cap* beside what was *spent*: costs of first months."""
    total = Money(0, cap.currency)
    for one in [*spent, cost]:
        if one is None or one.currency != cap.currency:
            known = "unknown" if one is None else f"in {one.currency}"
            raise SpendCapExceeded(f"a price is {known}, so {whose} spending cap cannot be checked")
        total = Money(total.amount + one.amount, cap.currency)
    if cap < total:
        raise SpendCapExceeded(
            f"{whose} spending cap of {cap.amount} {cap.currency} would be passed: {_cents(total.amount)} with it"
        )


def _cents(amount: Decimal) -> Decimal:
    """*amount* with two places after the point, or as many as it needs."""
    rounded = amount.quantize(Decimal("0.01"))
    return rounded if rounded == amount else amount.normalize()


def stamped(attempt: Attempt, now: float, *, first: bool = False) -> Attempt:
    """*attempt*, stamped as sent at *now*, by the journal's clock alone.

    If its sender dies, the time at which the request left is unknown. It may have been as late as :data:`SEND_WITHIN`
    allows, so the settle window begins then.
    """
    wait = attempt.next_at - attempt.last_sent
    first_sent = now if first else attempt.first_sent
    return evolve(attempt, first_sent=first_sent, last_sent=now + SEND_WITHIN, next_at=now + wait)


def is_watched(attempt: Attempt) -> bool:
    """Return whether the attempt is on the watch list: refused ones too, since the work may be done."""
    return attempt.state in (AttemptState.REFUTED, AttemptState.REJECTED, AttemptState.NOT_SENT)


def state_values(attempt: Attempt) -> tuple[object, ...]:
    return (
        attempt.state.value,
        attempt.first_sent,
        attempt.last_sent,
        attempt.sends,
        attempt.absent,
        attempt.unknown,
        attempt.next_at,
        int(attempt.no_replay) + _DENIALS[attempt.denial],
        attempt.reason,
        attempt.order_id,
    )


def entry_of(row: Sequence[object]) -> AttemptRecord:
    """The attempt of a row.

    Raises:
        JournalError: the row does not make sense.
    """
    try:
        return _entry(row)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise JournalError(
            f"the journal's attempt {row[0]} of {row[1]} cannot be read ({type(error).__name__}): it is damaged, or "
            "another release wrote it; restore the journal, or use that release"
        ) from None


def _entry(row: Sequence[Any]) -> AttemptRecord:
    draft = Draft(
        provider=row[4],
        account=row[5],
        number=stated(row[6]),
        key=row[7],
        body=bytes(row[8]),
        price=_money(row[9], row[11]),
        setup_price=_money(row[10], row[11]),
    )
    attempt = Attempt(
        draft=draft,
        state=AttemptState(row[12]),
        first_sent=row[13],
        last_sent=row[14],
        sends=row[15],
        absent=row[16],
        unknown=row[17],
        next_at=row[18],
        no_replay=bool(row[19] & 1),
        denial=_DENIED[row[19] & 6],
        reason=row[20],
        order_id=row[21],
    )
    return AttemptRecord(id=row[0], item_id=row[1], seq=row[2], watched=bool(row[3]), attempt=attempt)
