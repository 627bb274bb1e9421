"""The types of a purchase attempt: what is sent, how it stands, and the policy for one whose response is lost."""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from anycarrier.hints import by_hints
from anycarrier.json_markers import JsonForm
from anycarrier.money import Money, first_month
from anycarrier.numbers import PhoneNumber

__all__ = ["Attempt", "AttemptState", "Denial", "Draft", "ResolutionPolicy"]


@frozen(kw_only=True, field_transformer=by_hints)
class ResolutionPolicy:
    """Policy for a purchase whose response is lost, as data; :mod:`anycarrier.purchase` acts on it.

    Times are seconds. Values that no document states are estimates, which a program may tune.

    Attributes:
        replay: whether the provider documents that the same key with the same bytes never charges again.
        replay_for: time after the first send in which a replay is allowed: the documented life of a key, less a margin.
        replay_waits: waits before the first, second, ... replay, and so the number of replays.
        settle: time after the last send in which the number may still turn up: absence before proves nothing.
        lag: time for which the provider's list may lack a change. If the provider says that it did nothing ("not
            available", "too many requests"), one look after this time ends the attempt.
        looks: number of looks after ``settle`` that must find the number absent before it counts as not bought.
        look_every: wait between looks.
        same_number_once: whether a refuted number may be bought here once more with the same key.
        fresh_search: whether a purchase needs a mark from a search of its own, such as LC's fingerprint.
        key_form: regular expression of the provider's keys.
        refusals: HTTP statuses that, with the documented error body, prove that nothing was bought.
        watch: time for which a refuted purchase is watched, in case it turns up late; a refused one is watched for
            ``settle``.
        park_after: time after the first send, and ``park_looks`` the looks in a row without an answer, after which an
            order is parked until the provider answers again.
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
class Draft(JsonForm):
    """One purchase, ready to send: exactly these bytes, for exactly this number.

    Attributes:
        key: mark of the request: an idempotency key, or a text that a list shows afterwards.
        body: body of the request; a replay sends the same bytes. Holds no secret.
        price: per month, if the provider states it.
        setup_price: once, beside the price per month; ``None`` if the provider does not say.
    """

    provider: str
    account: str
    number: PhoneNumber
    key: str
    body: bytes = field(repr=False)
    price: Money | None = None
    setup_price: Money | None = None

    @property
    def first_month(self) -> Money | None:
        """Cost of the first month, which caps compare: price and set-up cost; ``None`` if the price is not known."""
        return first_month(self.price, self.setup_price)


class Denial(StrEnum):
    """A refusal that one look after the list's lag confirms."""

    TAKEN = "taken"
    """The number is gone, perhaps to this account."""
    THROTTLED = "throttled"
    """Too many requests; another try is allowed."""


class AttemptState(StrEnum):
    """State of an attempt."""

    SENT = "SENT"
    """In the journal before the first byte left; after a crash, it is in doubt."""
    IN_DOUBT = "IN_DOUBT"
    PLACED = "PLACED"
    """The provider took the order, and is setting the number up: it may still fail."""
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    NOT_SENT = "NOT_SENT"
    REFUTED = "REFUTED"
    ORPHAN = "ORPHAN"
    """Assumed not bought, but later found on the account: paid for and no longer needed."""
    RELEASED = "RELEASED"
    """Released after it was bought."""


@frozen(kw_only=True, field_transformer=by_hints)
class Attempt(JsonForm):
    """One try to buy one number, with its history. Times are Unix seconds.

    Attributes:
        sends: number of times that the request was sent.
        absent: looks after the settle window that found the number absent, since the last send.
        unknown: looks in a row that failed.
        next_at: time of the next step.
        no_replay: whether a replay was refused, which proves nothing: only looks decide now.
        denial: refusal of the only request, which a look has to confirm; else ``None``.
        order_id: the provider's own id of the order, if it states one.
        reason: reason in words, for people.
    """

    _json_times = ("first_sent", "last_sent", "next_at")
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
    order_id: str | None = None
