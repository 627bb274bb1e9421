"""Mistakes about orders of several numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import evolve

from anycarrier.attempt import Attempt, Draft
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange
from anycarrier.model import OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own

Outcomes: TypeAlias = Mapping[PhoneNumber, OwnedNumber | AnyCarrierError]


class EveryNumberIsBought(Break):
    def place_many(self, own: Own[Outcomes], drafts: Sequence[Draft]) -> Exchange[Outcomes]:
        told = yield from own(drafts)
        self.strikes += any(isinstance(one, AnyCarrierError) for one in told.values())
        return {draft.number: self.owned(draft.number) for draft in drafts}


class LostOrderIsRefused(Break):
    def place_many(self, own: Own[Outcomes], drafts: Sequence[Draft]) -> Exchange[Outcomes]:
        try:
            return (yield from own(drafts))
        except AnyCarrierError as error:
            if error.maybe_applied:
                error.maybe_applied = self.struck(False)
            raise


class LeftOutIsRefused(Break):
    """A number that an answer leaves out counts as refused."""

    def place_many(self, own: Own[Outcomes], drafts: Sequence[Draft]) -> Exchange[Outcomes]:
        told = yield from own(drafts)
        for one in told.values():
            if isinstance(one, AnyCarrierError) and one.maybe_applied:
                one.maybe_applied = self.struck(False)
        return told


class SomeSentAgain(Break):
    """A repetition for some of the numbers orders these alone."""

    def place_many(self, own: Own[Outcomes], drafts: Sequence[Draft]) -> Exchange[Outcomes]:
        numbers: list[PhoneNumber] = self.provider.numbers_in(drafts[0])
        if len(drafts) < len(numbers):
            key, wanted = drafts[0].key, [draft.number for draft in drafts]
            drafts = self.struck((yield from self.provider.draft_many(wanted, key=key, options=())))
        return (yield from own(drafts))


class KeyForEach(Break):
    def draft_many(self, own: Own[list[Draft]], *targets: object, key: str, **more: object) -> Exchange[list[Draft]]:
        drafts = yield from own(*targets, key=key, **more)
        return self.struck([evolve(draft, key=f"{key}{place}") for place, draft in enumerate(drafts)])


class AllFound(Break):
    def find_purchases(
        self, own: Own[Mapping[PhoneNumber, OwnedNumber]], attempts: Sequence[Attempt]
    ) -> Exchange[Mapping[PhoneNumber, OwnedNumber]]:
        yield from own(attempts)
        return self.struck({one.draft.number: self.owned(one.draft.number) for one in attempts})


class FirstFound(Break):
    def find_purchases(
        self, own: Own[Mapping[PhoneNumber, OwnedNumber]], attempts: Sequence[Attempt]
    ) -> Exchange[Mapping[PhoneNumber, OwnedNumber]]:
        found = yield from own(attempts)
        return self.struck(dict([*found.items()][:1]))


ONE_BY_ONE = "the provider sells one number with a request"

SEVERAL_NUMBERS: dict[str, Mutant] = {
    "every-number-is-bought": Mutant(
        means="an order of several numbers that is answered is taken as bought for each of them",
        way=EveryNumberIsBought,
        cases=["test_a_number_that_an_order_does_not_get_is_told_apart"],
        never=ONE_BY_ONE,
    ),
    "lost-order-is-refused": Mutant(
        means="a lost answer to an order of several numbers is taken as a refusal",
        way=LostOrderIsRefused,
        cases=["test_a_fault_of_the_request_is_one_of_each_number[reset-after]"],
        never=ONE_BY_ONE,
    ),
    "left-out-is-refused": Mutant(
        means="a number that the answer to its order leaves out is taken as refused",
        way=LeftOutIsRefused,
        cases=["test_an_answer_about_other_numbers_confirms_none_of_them"],
        never=ONE_BY_ONE,
    ),
    "some-sent-again": Mutant(
        means="a repetition orders fewer numbers under the same key",
        way=SomeSentAgain,
        cases=["test_an_order_of_several_numbers_is_charged_once"],
        never=ONE_BY_ONE,
    ),
    "key-for-each": Mutant(
        means="the numbers of one order have keys of their own",
        way=KeyForEach,
        cases=["test_an_order_of_several_numbers_is_one_request"],
        never=ONE_BY_ONE,
    ),
    "all-found": Mutant(
        means="a look for several numbers finds each of them",
        way=AllFound,
        cases=["test_one_look_finds_the_numbers_of_an_order"],
        never=ONE_BY_ONE,
    ),
    "first-found": Mutant(
        means="a look for several numbers ends with the first that it finds",
        way=FirstFound,
        cases=["test_one_look_finds_the_numbers_of_an_order"],
        never=ONE_BY_ONE,
    ),
}
