"""States of an order on record, as its provider's port shows them, in words that hold nothing private."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from attrs import evolve

from anycarrier.attempt import Attempt, AttemptState
from anycarrier.errors import AnyCarrierError
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Port, PortRecord, PortState, RecordedNumber

__all__ = ["ended", "refusal_words", "seen"]

_TOPICS: Sequence[tuple[str, str]] = (
    ("the account number", r"\baccount\b|\bacct\b"),
    ("the PIN", r"\bpin\b|pass ?code|password"),
    ("the billing number", r"\bbtn\b|billing"),
    ("the subscriber's name", r"\bname\b|subscriber|customer"),
    ("the address", r"address|street|\bzip\b|postal"),
    ("who may sign", r"authori[sz]|signature|\bloa\b|letter"),
    ("the due date", r"\bdate\b|\bfoc\b"),
    ("another port of the number", r"already|in progress|pending|another port"),
    ("a number that the losing carrier does not have", r"not (?:on|in|with|found|active)|disconnect"),
    ("the account's money", r"fund|balance|\bcash\b"),
)
"""Things that a message may be about. The journal has these, since the message itself may quote what is private."""


def seen(record: PortRecord, port: Port, owned: Collection[PhoneNumber]) -> PortRecord:
    """*record*, as the provider shows its *port*; *owned* are those of its numbers that are on the account."""
    numbers = tuple(_number(one, port.state, one.number in owned) for one in record.numbers)
    reason = _rejection(port) if port.state is PortState.REJECTED else ""
    left_out = sum(one.state is PortState.LEFT_OUT for one in numbers)
    if left_out:
        reason = f"the port is complete, and {left_out} of its {len(numbers)} numbers are not on the account"
    return evolve(
        record,
        port_id=port.id,
        state=port.state,
        numbers=numbers,
        due=port.due or record.due,
        loa_url=port.loa_url or record.loa_url,
        reason=reason,
    )


def ended(record: PortRecord, attempt: Attempt) -> PortRecord:
    """*record*, whose request ended without a port, or is in doubt still, as *attempt* says."""
    state = {AttemptState.IN_DOUBT: PortState.IN_DOUBT, AttemptState.REFUTED: PortState.ABSENT}.get(
        attempt.state, PortState.REFUSED
    )
    return evolve(
        record,
        state=state,
        numbers=tuple(evolve(one, state=state) for one in record.numbers),
        reason=attempt.reason,
        fee=record.fee if state is PortState.IN_DOUBT else None,
    )


def refusal_words(error: Exception | None) -> str:
    """*error* in words that hold nothing of the order, for the journal."""
    if not isinstance(error, AnyCarrierError):
        return "" if error is None else type(error).__name__
    status = "" if error.status is None else f" [HTTP {error.status}]"
    about = _about(error.detail or "")
    return f"{type(error).__name__}{status}{f': about {about}' if about else ''}"


def _number(one: RecordedNumber, state: PortState, is_owned: bool) -> RecordedNumber:
    if one.state is PortState.COMPLETE:
        return one
    if state is not PortState.COMPLETE:
        return evolve(one, state=state, reason="")
    if is_owned:
        return evolve(one, state=PortState.COMPLETE, reason="")
    return evolve(one, state=PortState.LEFT_OUT, reason="its port is complete, and it is not on the account")


def _rejection(port: Port) -> str:
    about = _about(port.reason or "")
    words = f"rejected: about {about}" if about else "rejected"
    return f"{words}; client.port({port.id!r}) has the provider's own words"


def _about(message: str) -> str:
    return ", ".join(topic for topic, words in _TOPICS if re.search(words, message, re.IGNORECASE))
