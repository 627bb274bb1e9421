"""The vocabulary of a purchase: what is asked, what came of it so far, and how each provider lets one find out."""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from anycarrier.hints import by_hints
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber

__all__ = ["Attempt", "AttemptState", "Denial", "Draft", "Rules"]


@frozen(kw_only=True, field_transformer=by_hints)
class Rules:
    """How a purchase at one provider can be resolved when its answer is lost. Data; :mod:`anycarrier.purchase` acts.

    Times are seconds. What documents do not state is our guess, kept here so that it can be tuned.

    Attributes:
        replay: the provider documents that the same key with the same bytes answers again and never charges again.
        replay_for: after the first send, how long a replay is allowed; the documented life of a key, less a margin.
        replay_waits: waits before the first, second, ... replay; there are no more replays than waits.
        settle: after the last send, how long the number may still turn up: absence seen earlier proves nothing.
        lag: how long what was done already may be missing from the provider's list. Where the provider itself says that
            it did nothing ("not available", "too many requests"), a look after this ends the attempt, not the whole
            of ``settle`` and ``looks``.
        looks: how many looks after ``settle`` must each find the number absent before it counts as not bought.
        look_every: wait between looks.
        same_number_once: once refuted, the same number with the same key may be asked for one more time here.
        fresh_search: a purchase needs a mark from a search made for it alone (LC's fingerprint).
        key_form: regular expression of the keys that the provider takes.
        refusals: HTTP statuses that, with the documented error body, prove that nothing was bought.
        watch: how long a refuted purchase stays on the watch list, in case it turns up late; one that was refused stays
            there for ``settle``.
        park_after: this long after the first send, and after ``park_looks`` looks in a row that told nothing, an order
            is laid aside until the provider answers again.
    """

    replay: bool = False
    replay_for: float = 0.0
    replay_waits: tuple[float, ...] = (2.0, 4.0, 8.0, 16.0, 30.0, 60.0)
    settle: float = 300.0
    lag: float = 20.0
    looks: int = 3
    look_every: float = 15.0
    same_number_once: bool = False
    fresh_search: bool = False
    key_form: str = "[A-Za-z0-9_-]{1,128}"
    refusals: frozenset[int] = frozenset({400, 401})
    watch: float = 24 * 3600.0
    park_after: float = 3600.0
    park_looks: int = 10


@frozen(kw_only=True, field_transformer=by_hints)
class Draft:
    """One purchase, ready to be sent: exactly these bytes, for exactly this number.

    Attributes:
        key: the mark that the request carries: an idempotency key, or what a listing shows afterwards.
        body: the request's body; a replay sends the same bytes. Holds no secret.
        price: per month, where the provider states it.
    """

    provider: str
    account: str
    number: PhoneNumber
    key: str
    body: bytes = field(repr=False)
    price: Money | None = None


class Denial(StrEnum):
    """A no that is believed after one look, later than the list's lag."""

    TAKEN = "taken"
    """The number is gone, perhaps to ourselves."""
    THROTTLED = "throttled"
    """Too many requests; it may be asked for again."""


class AttemptState(StrEnum):
    """Where an attempt stands."""

    SENT = "SENT"
    """Written down before the first byte left; found so after a crash, it is in doubt."""
    IN_DOUBT = "IN_DOUBT"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    NOT_SENT = "NOT_SENT"
    REFUTED = "REFUTED"
    ORPHAN = "ORPHAN"
    """Refuted, yet found later: paid for, and not needed by its order any more."""
    RELEASED = "RELEASED"
    """Was ours, and was given up since."""


@frozen(kw_only=True, field_transformer=by_hints)
class Attempt:
    """One try to buy one number, and all that is known of it. Times are Unix seconds.

    Attributes:
        sends: how often the request was sent.
        absent: looks after the settle window that found the number absent, since the last send.
        unknown: looks in a row that told nothing.
        next_at: not before this time is anything to be done.
        no_replay: a replay was refused, which proves nothing; only looks can tell now.
        denial: the provider's own no to the only request ever sent, one that a look has to bear out; else ``None``.
        reason: in words, for people.
    """

    draft: Draft
    state: AttemptState
    first_sent: float
    last_sent: float
    sends: int = 1
    absent: int = 0
    unknown: int = 0
    next_at: float = 0.0
    no_replay: bool = False
    denial: Denial | None = None
    reason: str = ""
