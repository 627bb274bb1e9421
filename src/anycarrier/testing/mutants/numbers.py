"""Mistakes about one number of the account: reading it, releasing it and handing it over."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve

from anycarrier.errors import AnyCarrierError, NotFound, ProviderDown, RateLimited, TransportError
from anycarrier.exchange import Exchange
from anycarrier.model import CampaignBinding, OwnedNumber, Release, Status, Target, number_of
from anycarrier.testing.mutants.changes import Believes, doing
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own, T, not_found

STRANGER = "test_a_page_of_a_stranger_says_nothing_of_a_number"


class AnothersAnswer(Break):
    def get(self, own: Own[OwnedNumber], target: Target) -> Exchange[OwnedNumber]:
        try:
            return (yield from own(target))
        except TransportError:
            raise
        except AnyCarrierError as error:
            if error.status in (None, 200):
                return self.struck(self.owned(number_of(target)))
            raise


class AnyPageIsNotFound(Break):
    def every(self, own: Own[T], *given: object, **more: object) -> Exchange[T]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError as error:
            if error.status == 404 and not isinstance(error, NotFound):
                self.strikes += 1
                raise not_found(error) from error
            raise


class FromMemory(Break):
    """Repeats an earlier answer."""

    known: ClassVar[tuple[str, ...]] = ()

    def get(self, own: Own[OwnedNumber], target: Target) -> Exchange[OwnedNumber]:
        return self._kept("get", own, target)

    def campaign_of(self, own: Own[CampaignBinding], target: Target) -> Exchange[CampaignBinding]:
        return self._kept("campaign_of", own, target)

    def _kept(self, operation: str, own: Own[T], target: Target) -> Exchange[T]:
        kept: dict[tuple[str, str], T] = vars(self).setdefault("_memory", {})
        asked = operation, str(number_of(target))
        if asked in kept:
            self.strikes += 1
        else:
            kept[asked] = yield from own(target)
        return kept[asked]


class FailureIsNotFound(Break):
    def get(self, own: Own[OwnedNumber], target: Target) -> Exchange[OwnedNumber]:
        try:
            return (yield from own(target))
        except (ProviderDown, TransportError, RateLimited) as error:
            self.strikes += 1
            raise not_found(error) from error


class AnyWordIsActive(Break):
    def get(self, own: Own[OwnedNumber], target: Target) -> Exchange[OwnedNumber]:
        owned = yield from own(target)
        return owned if owned.status is Status.ACTIVE else self.struck(evolve(owned, status=Status.ACTIVE))


class ReleasesNothing(Believes):
    def release(self, own: Own[Release], target: Target) -> Exchange[Release]:
        yield from ()
        return self.struck(self._released(target))


class ReleasesWhatIsNotThere(Believes):
    def release(self, own: Own[Release], target: Target) -> Exchange[Release]:
        try:
            return (yield from own(target))
        except NotFound:
            return self.struck(self._released(target))


NUMBERS: dict[str, Mutant] = {
    "from-memory": Mutant(
        means="get() and campaign_of() repeat an earlier answer",
        way=FromMemory,
        cases=["test_a_released_number_is_gone_or_scheduled", "test_a_campaign_is_bound_read_and_unbound"],
        needs=["release"],
    ),
    "anothers-answer": Mutant(
        means="get() believes an answer about another number",
        way=AnothersAnswer,
        cases=["test_a_number_is_not_read_from_an_answer_about_another"],
        needs=["get"],
    ),
    "any-page-is-not-found": Mutant(
        means="any 404 is NotFound, a proxy's too", way=AnyPageIsNotFound, cases=[STRANGER]
    ),
    "failure-is-not-found": Mutant(
        means="get() takes a failure for NotFound",
        way=FailureIsNotFound,
        cases=["test_failures_are_not_absence"],
        needs=["get"],
    ),
    "any-word-is-active": Mutant(
        means="any word for a number's state is taken as active",
        way=AnyWordIsActive,
        cases=["test_a_status_word_that_is_not_known_is_unknown"],
        needs=["get"],
        never="the provider states no word for a number's state",
    ),
    "release-does-nothing": Mutant(
        means="release() releases nothing",
        way=ReleasesNothing,
        cases=["test_a_released_number_is_gone_or_scheduled"],
        needs=["release"],
    ),
    "release-of-nothing": Mutant(
        means="release() of a number that is not ours says that it is done",
        way=ReleasesWhatIsNotThere,
        cases=["test_a_number_that_is_not_ours_is_not_found"],
        needs=["release"],
    ),
    "transfer-does-nothing": Mutant(
        means="transfer() transfers nothing",
        way=doing("transfer"),
        cases=["test_a_transferred_number_is_not_ours"],
        needs=["transfer"],
    ),
}
