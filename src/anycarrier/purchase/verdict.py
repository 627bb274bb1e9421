"""What an answer to a purchase proves. One function, for every provider and every way of buying."""

from __future__ import annotations

import re
from enum import StrEnum

from anycarrier.errors import (
    AnyCarrierError,
    Conflict,
    InvalidRequest,
    NotFound,
    NumberUnavailable,
    ProviderDown,
    RateLimited,
    TransportError,
    UnexpectedResponse,
)
from anycarrier.provider import ResolutionPolicy

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
    """Refused because the number is gone, or because something was done already: perhaps by ourselves, so the inventory
    is asked before this is believed."""
    THROTTLED = "throttled"
    """Too many requests. That proves nothing: it may come from something in between, after the work. The same request
    may be repeated where the provider replays; elsewhere the inventory is asked before anything else is."""
    REFUSED_AGAIN = "refused_again"
    """A repetition was refused, which says nothing about the first request; repeating has no more use."""
    IN_DOUBT = "in_doubt"
    """It may have been bought."""


def classify(error: Exception | None, rules: ResolutionPolicy, *, first_send: bool, left: bool) -> Verdict:
    """What the outcome of one request proves.

    A request that left may have been carried out, unless its answer is a refusal that counts: the answer to the first
    request with a key (after a repetition the first may still be on its way), with one of the statuses that the
    provider documents as final, and in the provider's own words, for which the adapter says so by
    ``maybe_applied=False``. Where an adapter says nothing, nothing is proven.

    Args:
        error: what :meth:`anycarrier.provider.Buys.place` raised; ``None`` when it returned the number.
        rules: the provider's.
        first_send: whether no request with this key was sent before.
        left: whether a request may have left this machine, whatever *error* says of it.
    """
    if error is None:
        return Verdict.CONFIRMED
    if not isinstance(error, AnyCarrierError) or error.maybe_applied:
        return Verdict.IN_DOUBT
    if not left:
        return _unsent(error, first_send=first_send)
    if vars(error).get("maybe_applied") is not False:
        return Verdict.IN_DOUBT
    if isinstance(error, TransportError):
        return Verdict.IN_DOUBT
    if error.status == 429 or isinstance(error, RateLimited):
        return Verdict.THROTTLED if first_send else Verdict.IN_DOUBT
    if isinstance(error, NumberUnavailable | NotFound | Conflict):
        return Verdict.TAKEN
    if isinstance(error, InvalidRequest) and _PERHAPS_OURS.search(f"{error.code or ''} {error.detail or ''}"):
        return Verdict.TAKEN
    if not first_send:
        return Verdict.REFUSED_AGAIN
    return Verdict.REJECTED if error.status in rules.refusals else Verdict.IN_DOUBT


_PERHAPS_OURS = re.compile(
    r"already|duplicate|(?<!not )(?<!n't )\bexists\b|in progress|(?:is|being) processed", re.IGNORECASE
)
"""Words of a refusal that may be about what this very purchase did."""


def _unsent(error: AnyCarrierError, *, first_send: bool) -> Verdict:
    """What it means that this time no request left."""
    passing = isinstance(error, TransportError | RateLimited | ProviderDown | UnexpectedResponse)
    if passing:
        return Verdict.NOT_SENT if first_send else Verdict.IN_DOUBT
    return Verdict.REJECTED if first_send else Verdict.REFUSED_AGAIN
