"""What an answer to a purchase proves. One function, for every provider and every way of buying."""

from __future__ import annotations

from enum import StrEnum

from anycarrier.errors import AnyCarrierError, Conflict, NotFound, NumberUnavailable, RateLimited, TransportError
from anycarrier.purchase.rules import Rules

__all__ = ["Verdict", "classify"]


class Verdict(StrEnum):
    """What is known after one request."""

    CONFIRMED = "confirmed"
    """The number is ours."""
    REJECTED = "rejected"
    """Refused, and nothing was bought."""
    NOT_SENT = "not_sent"
    """The provider provably did not act on it; it may be sent again."""
    TAKEN = "taken"
    """Refused because the number is gone: perhaps to ourselves, so the inventory is asked before this is believed."""
    REFUSED_AGAIN = "refused_again"
    """A repetition was refused, which says nothing about the first request; repeating has no more use."""
    IN_DOUBT = "in_doubt"
    """It may have been bought."""


def classify(error: Exception | None, rules: Rules, *, first_send: bool) -> Verdict:
    """What the outcome of one request proves.

    A refusal is proof only as the answer to the first request with a key: after a repetition the first may still be on
    its way. It must be one of the statuses that the provider documents as final, and the adapter must say that nothing
    was applied; where either has a doubt, so have we.

    Args:
        error: what :meth:`anycarrier.operations.Buys.place` raised; ``None`` when it returned the number.
        rules: the provider's.
        first_send: whether no request with this key was sent before.
    """
    if error is None:
        return Verdict.CONFIRMED
    if not isinstance(error, AnyCarrierError) or error.maybe_applied:
        return Verdict.IN_DOUBT
    if isinstance(error, TransportError | RateLimited):
        return Verdict.NOT_SENT if first_send else Verdict.IN_DOUBT
    if isinstance(error, NumberUnavailable | NotFound | Conflict):
        return Verdict.TAKEN
    if not first_send:
        return Verdict.REFUSED_AGAIN
    if error.status is None or error.status in rules.refusals:
        return Verdict.REJECTED
    return Verdict.IN_DOUBT
