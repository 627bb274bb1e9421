"""One request of a purchase, and one look for it: with a journal and without."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from attrs import evolve, frozen

from anycarrier.attempt import Attempt, AttemptState, Draft, ResolutionPolicy
from anycarrier.engine import watch
from anycarrier.errors import AnyCarrierError, InvalidInput, OutcomeUnknown, RateLimited, UnexpectedResponse, masked
from anycarrier.exchange import Exchange, Moment, Request, await_rate_limit, call
from anycarrier.model import Money, Offer, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber

if TYPE_CHECKING:
    from anycarrier.provider import Buys
    from anycarrier.purchase.journal.types import AttemptRecord

__all__ = [
    "Sent",
    "carry",
    "check_account",
    "check_offer",
    "confirmed",
    "found_by",
    "fresh_key",
    "held_back",
    "look_for",
    "look_once",
    "odd_in",
    "outcome_of",
    "place_once",
    "purchased",
    "reason_of",
    "sent_by",
    "sent_once",
    "state_changed",
]

T = TypeVar("T")

LIMIT_WAIT = 5.0
"""Seconds for which a replay waits for a rate limit; then the decision is made anew."""

DAY = 86_400.0


def fresh_key(rules: ResolutionPolicy) -> Exchange[str]:
    """A new random key in the form of *rules*: ``ac1_`` and 26 hexadecimal digits."""
    key = yield from call(_random_key, "key")
    if not re.fullmatch(rules.key_form, key):
        raise InvalidInput(f"our keys do not match {rules.key_form}; give one", operation="buy")
    return key


def _random_key() -> str:
    import secrets  # loads OpenSSL's hashes, which nothing else needs here

    return f"ac1_{secrets.token_hex(13)}"


def check_offer(provider: Buys, offer: Offer) -> None:
    """Raise :class:`InvalidInput` unless *offer* was found by *provider*, on its account."""
    check_account(provider, offer.provider, offer.account, "the offer")


def check_account(provider: Buys, name: str, account: str, what: str) -> None:
    """Raise :class:`InvalidInput` unless *what* is of *provider* and of one of its accounts."""
    ours = getattr(provider, "name", name)
    accounts = [one.id for one in getattr(provider, "accounts", ())]
    if name != ours or (accounts and account not in accounts):
        raise InvalidInput(f"{what} is of {name} (account {account}), not of {ours} (account {', '.join(accounts)})")


class Places(Protocol):
    """Sender of a purchase."""

    def place(self, draft: Draft) -> Exchange[OwnedNumber]: ...


@frozen
class Sent:
    """Outcome of one request: the number if it is ours, else the error.

    Attributes:
        left: whether a request may have left this machine. Observed here, so adapters need not be trusted with it.
    """

    owned: OwnedNumber | None = None
    error: Exception | None = None
    left: bool = True


def sent_once(
    exchange: Exchange[T], not_after: Moment | None = None
) -> Exchange[tuple[T | None, Exception | None, bool]]:
    """Drive *exchange*, whose purchase leaves by *not_after* or not at all; an error is returned, not raised.

    Returns its value or its error, and whether a request may have left this machine.
    """
    asked = left = False
    outcome: object = None
    try:
        while True:
            effect = exchange.send(outcome)
            if isinstance(effect, Request):
                if not_after is not None and effect.purpose == "purchase":
                    effect = evolve(effect, not_after=not_after)
                asked = True
            outcome = yield effect
            if isinstance(effect, Request):
                # A driver's error with maybe_applied=False came before the sending; anything else was sent, perhaps.
                stated = vars(outcome).get("maybe_applied") if isinstance(outcome, AnyCarrierError) else None
                left = left or stated is not False
    except StopIteration as stop:
        return stop.value, None, left
    except Exception as error:  # noqa: BLE001 - any error may come after the request left
        answered = getattr(error, "status", None) is not None
        return None, error, left if asked else answered or getattr(error, "maybe_applied", True)
    finally:
        exchange.close()


def place_once(provider: Places, attempt: Attempt, not_after: Moment | None = None) -> Exchange[Sent]:
    """Send the request of *attempt* once, and not later than *not_after*; an error is returned, not raised."""
    value, error, left = yield from sent_once(provider.place(attempt.draft), not_after)
    if error is not None:
        return Sent(error=error, left=left)
    return confirmed(cast("OwnedNumber", value), attempt.draft)


def confirmed(owned: OwnedNumber, draft: Draft) -> Sent:
    """The outcome of a request whose answer confirms *owned*; in doubt where that is another number."""
    if owned.number != draft.number:
        return Sent(
            error=UnexpectedResponse(
                "the answer confirms another number than the one ordered",
                provider=draft.provider,
                operation="buy",
                maybe_applied=True,
            )
        )
    if odd := odd_in(owned, draft):
        import logging

        fields = {
            "anycarrier.operation": "buy",
            "anycarrier.provider": draft.provider,
            "anycarrier.account": draft.account,
        }
        logging.getLogger("anycarrier").warning("%s buy: %s", draft.provider, odd, extra=fields)
    return Sent(owned)


def sent_by(exchange: Exchange[T], not_after: Moment) -> Exchange[T]:
    """*exchange*, whose writes leave by *not_after* or not at all, which is a ``TransportError`` that proves it."""
    outcome: object = None
    try:
        while True:
            effect = exchange.send(outcome)
            if isinstance(effect, Request) and effect.purpose != "read":
                effect = evolve(effect, not_after=not_after)
            outcome = yield effect
    except StopIteration as stop:
        value: T = stop.value
        return value
    finally:
        exchange.close()


def odd_in(owned: OwnedNumber, draft: Draft) -> str:
    """Facts in the answer to a purchase that its buyer must know, in words; empty if there are none."""
    receipt, cost = owned.receipt, draft.first_month
    if receipt is None:
        return ""
    said: list[str] = []
    charged = receipt.charged
    if charged is not None and cost is not None and (charged.currency != cost.currency or charged > cost):
        what = "price" if draft.setup_price is None else "first month with the set-up"
        said.append(f"{owned.number.masked} was charged {charged}, and its {what} was {cost}")
    if receipt.others:
        listed = ", ".join(masked(text) for text in receipt.others)
        said.append(
            f"the answer lists numbers as bought that were not ordered ({listed}): check whether they were charged"
        )
    return "; ".join(said)


def with_charge(draft: Draft, charged: Money) -> Draft:
    """*draft*, whose first month costs what was *charged*; what is not its set-up cost counts as its price."""
    setup = draft.setup_price
    if setup is None or setup.currency != charged.currency or charged <= setup:
        return evolve(draft, price=charged, setup_price=None)
    return evolve(draft, price=Money(charged.amount - setup.amount, charged.currency))


def look_once(provider: Buys, attempt: Attempt) -> Exchange[OwnedNumber | bool | None]:
    """Look for the number of *attempt* on the account: return the number, ``False``, or ``None`` if unknown."""
    try:
        owned = yield from provider.find_purchase(attempt)
    except Exception:  # noqa: BLE001 - anything but a clear answer proves nothing
        return None
    if owned is None:
        return False
    return owned if owned.number == attempt.draft.number else None


def outcome_of(outcomes: Mapping[PhoneNumber, OwnedNumber | AnyCarrierError], draft: Draft) -> Sent:
    """The outcome of one number of an answered request."""
    outcome = outcomes.get(draft.number)
    if isinstance(outcome, OwnedNumber):
        return confirmed(outcome, draft)
    if outcome is None:
        outcome = UnexpectedResponse(
            "the answer says nothing of a number that was ordered",
            provider=draft.provider,
            operation="buy",
            maybe_applied=True,
        )
    return Sent(error=outcome)


def look_for(provider: Any, entries: Sequence[AttemptRecord]) -> Exchange[dict[int, OwnedNumber | bool | None]]:
    """Look once for each attempt; by its id the number, ``False``, or ``None`` if unknown."""
    if len(entries) == 1:
        return {entries[0].id: (yield from look_once(provider, entries[0].attempt))}
    try:
        found: Mapping[PhoneNumber, OwnedNumber] = yield from provider.find_purchases([one.attempt for one in entries])
    except Exception:  # noqa: BLE001 - anything but a clear answer proves nothing
        return dict.fromkeys((one.id for one in entries), None)
    seen: dict[int, OwnedNumber | bool | None] = {}
    for one in entries:
        number = one.attempt.draft.number
        owned = found.get(number)
        seen[one.id] = False if owned is None else owned if owned.number == number else None
    return seen


def found_by(attempt: Attempt, seen: OwnedNumber | bool) -> str:
    """Evidence, in words, that the number of *attempt*, which a look has *seen*, is of this purchase."""
    if isinstance(seen, OwnedNumber):
        if attempt.draft.key in (seen.label or ""):
            return "found with this purchase's mark"
        if seen.created is not None and seen.created.timestamp() < attempt.first_sent - DAY:
            return f"found, there since {seen.created:%Y-%m-%d}: perhaps another buyer's"
    return "found by its number alone, perhaps another buyer's"


def with_needs(attempt: Attempt, owned: OwnedNumber) -> Attempt:
    """*attempt*, whose reason says whether a person has to act before its number, seen as *owned*, is active."""
    reason = attempt.reason.removeprefix(NEEDS_ACTION).removeprefix("; ")
    if attempt.state is AttemptState.PLACED and owned.status is Status.NEEDS_ACTION:
        reason = f"{NEEDS_ACTION}; {reason}" if reason else NEEDS_ACTION
    return attempt if reason == attempt.reason else evolve(attempt, reason=reason)


def placed_words(attempt: Attempt) -> str:
    """The reason in words that a placed attempt is not active."""
    return NEEDS_ACTION if attempt.reason.startswith(NEEDS_ACTION) else SETTING_UP


SETTING_UP = "its provider is setting the number up"
"""Reason of a purchase that waits for that."""

NEEDS_ACTION = "its provider waits for a person to supply something, such as documents or an address"
"""Reason of a purchase that waits for that."""


def held_back(account: str) -> Exchange[float | None]:
    """Seconds for which the account's rate limit holds a replay back; ``None`` once it may leave."""
    try:
        yield from await_rate_limit(account, at_most=LIMIT_WAIT)
    except RateLimited as limited:
        return limited.retry_after or LIMIT_WAIT
    return None


def carry(closing: GeneratorExit, unknown: OutcomeUnknown) -> None:
    """Attach *unknown* to the exception for which a driver closes an exchange: an interrupt or a cancellation."""
    interrupt = closing.__context__  # a driver that closes because of an exception is handling it
    while isinstance(interrupt, GeneratorExit):
        interrupt = interrupt.__context__  # an exchange around this one was closed first
    if interrupt is None:
        return
    interrupt.outcome_unknown = unknown  # type: ignore[attr-defined]
    interrupt.add_note(f"{unknown.message}. It is this exception's outcome_unknown.")


def purchased(exchange: Exchange[T]) -> Exchange[T]:
    """*exchange*, the purchase of one number, seen by the observer."""
    return exchange if watch.observer is None else watch.observer.purchase(exchange)


def state_changed(before: Attempt, after: Attempt) -> None:
    """Let the observer see that an attempt has another state."""
    if watch.observer is not None and before.state is not after.state:
        watch.observer.attempt(before, after)


def reason_of(error: Exception | None) -> str:
    """*error* in a few words that are safe to store."""
    if error is None:
        return ""
    return f"{type(error).__name__}: {error}"[:300] if isinstance(error, AnyCarrierError) else type(error).__name__
