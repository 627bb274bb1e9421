"""Mapping between rows and values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from anycarrier.attempt import Attempt, AttemptState, Denial, Draft
from anycarrier.errors import JournalError
from anycarrier.model import Money
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
ENTRY = f"id, intent_id, seq, watched, provider, account, e164, key, body, price, currency, {STATE}"


def check_cap(whose: str, cap: Money, price: Money | None, spent: Sequence[Sequence[Any]]) -> None:
    """Raise :class:`SpendCapExceeded` unless *price* fits under *cap* beside *spent*, rows of (amount, currency)."""
    total = Money(0, cap.currency)
    prices = [*(None if amount is None else Money(amount, currency) for amount, currency in spent), price]
    for one in prices:
        if one is None or one.currency != cap.currency:
            known = "unknown" if one is None else f"in {one.currency}"
            raise SpendCapExceeded(f"a price is {known}, so {whose} spending cap cannot be checked")
        total = Money(total.amount + one.amount, cap.currency)
    if cap < total:
        raise SpendCapExceeded(
            f"{whose} spending cap of {cap.amount} {cap.currency} would be passed: {total.amount} with it"
        )


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
    price = None if row[9] is None else Money(row[9], row[10])
    draft = Draft(provider=row[4], account=row[5], number=stated(row[6]), key=row[7], body=bytes(row[8]), price=price)
    attempt = Attempt(
        draft=draft,
        state=AttemptState(row[11]),
        first_sent=row[12],
        last_sent=row[13],
        sends=row[14],
        absent=row[15],
        unknown=row[16],
        next_at=row[17],
        no_replay=bool(row[18] & 1),
        denial=_DENIED[row[18] & 6],
        reason=row[19],
        order_id=row[20],
    )
    return AttemptRecord(id=row[0], item_id=row[1], seq=row[2], watched=bool(row[3]), attempt=attempt)
