"""Mistakes about purchases: the request, the answer, the rules of doubt, the price, and the look afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from attrs import evolve

from anycarrier.attempt import Attempt, Draft, ResolutionPolicy
from anycarrier.errors import AnyCarrierError, ProviderDown, ProviderError, RateLimited, TransportError
from anycarrier.exchange import Exchange, Request
from anycarrier.model import Money, Offer, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.search import Search
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own, succeeded

BREAKS = "test_whatever_breaks_nothing_is_paid_twice_or_forgotten"
PLACE = "test_place_sends_one_request_whatever_becomes_of_it"
PENDING = "test_a_number_that_is_set_up_for_long_is_pending_and_then_active"
FAILING = "test_a_number_whose_set_up_fails_is_replaced"
PRICE = "test_the_price_that_is_told_is_what_is_charged"


Priced = TypeVar("Priced", Offer, Draft)


class RefusedIsBought(Break):
    def place(self, own: Own[OwnedNumber], draft: Draft) -> Exchange[OwnedNumber]:
        try:
            return (yield from own(draft))
        except ProviderError as error:
            if error.status is not None and 400 <= error.status < 500:
                return self.struck(self.owned(draft.number))
            raise


class AnySuccessIsBought(Break):
    def place(self, own: Own[OwnedNumber], draft: Draft) -> Exchange[OwnedNumber]:
        try:
            return (yield from own(draft))
        except AnyCarrierError as error:
            if succeeded(error):
                return self.struck(self.owned(draft.number))
            raise


class NotApplied(Break):
    """Takes some of the errors of a purchase for proof that nothing happened."""

    statuses: ClassVar[range] = range(0)

    def place(self, own: Own[OwnedNumber], draft: Draft) -> Exchange[OwnedNumber]:
        try:
            return (yield from own(draft))
        except AnyCarrierError as error:
            if self.takes(error) and error.maybe_applied:
                error.maybe_applied = self.struck(False)
            raise

    def takes(self, error: AnyCarrierError) -> bool:
        return error.status in self.statuses


class PageRefuses(NotApplied):
    statuses = range(400, 429)


class LimitRefuses(NotApplied):
    statuses = range(429, 430)


class FailureRefuses(NotApplied):
    statuses = range(500, 600)


class OddSuccessRefuses(NotApplied):
    statuses = range(200, 300)


class LostIsNotSent(NotApplied):
    def takes(self, error: AnyCarrierError) -> bool:
        return isinstance(error, TransportError)


class SentAgain(Break):
    """Sends a purchase again by itself when its answer is lost."""

    def place(self, own: Own[OwnedNumber], draft: Draft) -> Exchange[OwnedNumber]:
        try:
            return (yield from own(draft))
        except (TransportError, ProviderDown, RateLimited):
            self.strikes += 1
            return (yield from own(draft))


class KeyMissing(Break):
    key = ""

    def place(self, own: Own[OwnedNumber], draft: Draft) -> Exchange[OwnedNumber]:
        self.key = draft.key
        return own(draft)

    def request(self, request: Request) -> Request:
        if request.purpose != "purchase" or not self.key:
            return request
        return self.struck(
            evolve(
                request,
                headers={name: value for name, value in request.headers.items() if value != self.key},
                query=tuple(pair for pair in request.query if pair[1] != self.key),
                body=(request.body or b"").replace(self.key.encode(), b""),
            )
        )


class BodyDiffers(Break):
    """The second time a purchase is sent its bytes are others, as when a moment is written into them."""

    sent = 0

    def request(self, request: Request) -> Request:
        if request.purpose != "purchase":
            return request
        self.sent += 1
        spaces = b" " * (self.sent - 1)
        return self.struck(evolve(request, body=(request.body or b"") + spaces)) if spaces else request


class Rules(Break):
    changed: ClassVar[Mapping[str, Any]] = {}

    def attribute(self, name: str, value: object) -> object:
        return self.struck(evolve(value, **self.changed)) if isinstance(value, ResolutionPolicy) else value


class PriceInCents(Break):
    """Takes a price for a hundredth of what it is, or the other way round."""

    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        offers = yield from own(query, **more)
        return [self._dearer(offer) for offer in offers]

    def draft(self, own: Own[Draft], target: Offer | PhoneNumber, **more: object) -> Exchange[Draft]:
        return self._dearer((yield from own(target, **more)))

    def _dearer(self, one: Priced) -> Priced:
        if one.price is None:
            return one
        return self.struck(evolve(one, price=Money(one.price.amount * 100, one.price.currency)))


class DraftWithoutPrice(Break):
    def draft(self, own: Own[Draft], target: Offer | PhoneNumber, **more: object) -> Exchange[Draft]:
        draft = yield from own(target, **more)
        return draft if draft.price is None else self.struck(evolve(draft, price=None))


class PendingIsActive(Break):
    """Shows a number that is being set up, or could not be, as active."""

    def place(self, own: Own[OwnedNumber], draft: Draft) -> Exchange[OwnedNumber]:
        return self._active((yield from own(draft)))

    def find_purchase(self, own: Own[OwnedNumber | None], attempt: Attempt) -> Exchange[OwnedNumber | None]:
        seen = yield from own(attempt)
        return None if seen is None else self._active(seen)

    def _active(self, owned: OwnedNumber) -> OwnedNumber:
        if owned.status not in (Status.PENDING, Status.FAILED):
            return owned
        return self.struck(evolve(owned, status=Status.ACTIVE))


class FailedIsPending(Break):
    """Shows a number whose set-up failed as one that is being set up still."""

    def find_purchase(self, own: Own[OwnedNumber | None], attempt: Attempt) -> Exchange[OwnedNumber | None]:
        seen = yield from own(attempt)
        if seen is None or seen.status is not Status.FAILED:
            return seen
        return self.struck(evolve(seen, status=Status.PENDING))


class ConcludesAtOnce(Rules):
    changed = {"replay": False, "settle": 0.0, "looks": 1, "look_every": 0.0}  # noqa: RUF012


class ReplaysWithoutPromise(Rules):
    changed = {"replay": True, "replay_for": 3600.0}  # noqa: RUF012

    def attribute(self, name: str, value: object) -> object:
        replays = isinstance(value, ResolutionPolicy) and value.replay
        return value if replays else super().attribute(name, value)


PURCHASES: dict[str, Mutant] = {
    "refused-is-bought": Mutant(
        means="an order that was refused is taken as bought",
        way=RefusedIsBought,
        cases=[f"{BREAKS}[409-html-before]", f"{BREAKS}[throttle-seconds]"],
    ),
    "any-success-is-bought": Mutant(
        means="any answer of 2xx is taken as bought",
        way=AnySuccessIsBought,
        cases=["test_a_hostile_answer_is_never_a_purchase", "test_an_answer_about_another_number_is_not_believed"],
    ),
    "page-refuses": Mutant(
        means="a 4xx page of something in between is taken as the provider's refusal",
        way=PageRefuses,
        cases=[f"{BREAKS}[{status}-html-after]" for status in (400, 401, 402, 403)],
    ),
    "limit-refuses": Mutant(
        means="a 429 is taken as proof that nothing was bought",
        way=LimitRefuses,
        cases=[PLACE, f"{BREAKS}[throttle-html-after]"],
    ),
    "failure-refuses": Mutant(
        means="a 5xx is taken as not sent",
        way=FailureRefuses,
        cases=[PLACE, f"{BREAKS}[503-html-after]"],
    ),
    "odd-success-refuses": Mutant(
        means="an answer of 2xx that cannot be read is taken as proof that nothing was bought",
        way=OddSuccessRefuses,
        cases=["test_a_hostile_answer_is_never_a_purchase"],
    ),
    "lost-is-not-sent": Mutant(
        means="a lost answer is taken as not sent",
        way=LostIsNotSent,
        cases=[PLACE, f"{BREAKS}[reset-after]"],
    ),
    "sent-again": Mutant(means="a purchase is sent again when its answer is lost", way=SentAgain, cases=[PLACE]),
    "key-missing": Mutant(
        means="the key is not in the request of a purchase",
        way=KeyMissing,
        cases=["test_the_request_of_a_purchase_carries_its_key_and_its_body"],
    ),
    "body-differs": Mutant(
        means="a purchase that is sent again has other bytes",
        way=BodyDiffers,
        cases=[f"{BREAKS}[refuse]", f"{BREAKS}[503-html-before]"],
    ),
    "concludes-at-once": Mutant(
        means="`rules` let one early look prove that nothing was bought",
        way=ConcludesAtOnce,
        cases=[f"{BREAKS}[late-hang]", "test_a_list_that_lags_behind_costs_nothing"],
    ),
    "replays-without-promise": Mutant(
        means="`rules` say that a key is answered again, and it is not",
        way=ReplaysWithoutPromise,
        cases=["test_a_replay_is_answered_again_and_charges_nothing"],
        never="the provider does answer a key again",
    ),
    "pending-is-active": Mutant(
        means="a number that is being set up is shown as active",
        way=PendingIsActive,
        cases=[PENDING, FAILING],
        never="its case names no `pending`: a number is active when it is bought",
    ),
    "failed-is-pending": Mutant(
        means="a number whose set-up failed is shown as being set up still",
        way=FailedIsPending,
        cases=[FAILING],
        never="its case names no `pending`: a number is active when it is bought",
    ),
    "price-in-cents": Mutant(
        means="a price is read as another one",
        way=PriceInCents,
        cases=[PRICE],
        never="it states no price before the purchase",
    ),
    "draft-without-price": Mutant(
        means="a purchase forgets the price that its offer states, so no cap holds",
        way=DraftWithoutPrice,
        cases=[PRICE],
        never="it states no price before the purchase",
    ),
}
