"""Cases of a provider that buys several numbers with one request: what holds of one number holds of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from attrs import evolve

from anycarrier.attempt import Attempt, AttemptState, Draft
from anycarrier.errors import AnyCarrierError
from anycarrier.model import OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.protocols import can_batch
from anycarrier.purchase.sending import fresh_key
from anycarrier.simulator import STANDARD, SimAnswer, Simulator
from anycarrier.testing.contract.altered_answers import answers, renamed
from anycarrier.testing.contract.purchase_faults import PurchaseFaultCases, purchases
from anycarrier.testing.fakes import AnyClient

__all__ = ["SeveralNumbersCases"]


class SeveralNumbersCases(PurchaseFaultCases):
    """Orders of several numbers; a provider that sells one by one has none, and nothing to show."""

    def together(self, phone: AnyClient, count: int = 4) -> list[Draft]:
        """An order of some numbers, ready to be sent; none of a provider that sells one by one."""
        if not can_batch(phone.provider):
            return []
        offers = phone.search(self.also(limit=20))[:count]
        assert len(offers) > 1, "the simulator must have several numbers for sale"
        key = phone.run(fresh_key(phone.provider.rules))
        drafts: list[Draft] = phone.run(phone.provider.draft_many(offers, key=key, options=()))
        return drafts

    def outcomes(self, phone: AnyClient, drafts: Sequence[Draft]) -> Mapping[PhoneNumber, object]:
        """Outcome of each number, and the error of the request for all of them."""
        try:
            told: Mapping[PhoneNumber, object] = phone.run(phone.provider.place_many(drafts))
        except AnyCarrierError as error:
            return {draft.number: error for draft in drafts}
        return told

    def test_an_order_of_several_numbers_is_one_request(self, phone: AnyClient, played: Simulator) -> None:
        if not (drafts := self.together(phone)):
            return
        assert len({(draft.key, draft.body) for draft in drafts}) == 1, "drafts of one order share key and body"
        numbers = [draft.number for draft in drafts]
        assert phone.provider.numbers_in(drafts[0]) == numbers
        assert len(numbers) <= phone.provider.most_at_once()
        told = self.outcomes(phone, drafts)
        (request,) = purchases(phone)
        assert request.body == drafts[0].body, "`place_many` must send the very bytes of the drafts"
        for number in numbers:
            owned = told[number]
            assert isinstance(owned, OwnedNumber)
            assert owned.number == number
            assert len(self.charges(played, number)) == 1

    def test_an_order_of_several_numbers_is_charged_once(self, phone: AnyClient, played: Simulator) -> None:
        """Sent again for all of its numbers, for some, or for one alone."""
        if not (drafts := self.together(phone)):
            return
        first = self.outcomes(phone, drafts)
        assert [*self.outcomes(phone, drafts[1:])] == [draft.number for draft in drafts[1:]]
        assert phone.run(phone.provider.place(drafts[0])).number == drafts[0].number
        for draft in drafts:
            assert isinstance(first[draft.number], OwnedNumber)
            assert len(self.charges(played, draft.number)) == 1, "a replay has charged once more"
        assert len({request.body for request in purchases(phone)}) == 1

    def test_a_number_that_an_order_does_not_get_is_told_apart(self, phone: AnyClient, played: Simulator) -> None:
        if not (drafts := self.together(phone)):
            return
        key = phone.run(fresh_key(phone.provider.rules))
        phone.run(phone.provider.place(phone.run(phone.provider.draft(drafts[1].number, key=key, options=()))))
        told = self.outcomes(phone, drafts)
        failed = told[drafts[1].number]
        assert isinstance(failed, AnyCarrierError), "the number is bought by another order, and this one confirms it"
        for draft in drafts:
            if draft is not drafts[1]:
                assert isinstance(told[draft.number], OwnedNumber)
            assert len(self.charges(played, draft.number)) == 1

    def test_an_answer_about_other_numbers_confirms_none_of_them(self, phone: AnyClient, played: Simulator) -> None:
        if not (drafts := self.together(phone)):
            return
        ours = drafts[0].number

        def change(operation: str | None, answer: SimAnswer) -> SimAnswer:
            return renamed(answer, ours, PhoneNumber(self.absent)) if operation == self.purchase else answer

        with answers(played, change) as changed:
            told = self.outcomes(phone, drafts)
        assert changed
        error = told.get(ours)
        assert not isinstance(error, OwnedNumber), "a number that the answer does not have is confirmed"
        assert error is None or getattr(error, "maybe_applied", None), "its absence from the answer proves nothing"

    @pytest.mark.parametrize("name", ["refuse", "reset-after", "503-html-after", "throttle-html-after"])
    def test_a_fault_of_the_request_is_one_of_each_number(self, phone: AnyClient, played: Simulator, name: str) -> None:
        if not (drafts := self.together(phone)):
            return
        played.faults.add(evolve(STANDARD[name], operation=self.purchase, times=None))
        told = self.outcomes(phone, drafts)
        played.faults.clear()
        assert len(purchases(phone)) == 1
        for draft in drafts:
            error = told[draft.number]
            assert isinstance(error, AnyCarrierError)
            assert error.maybe_applied == (name != "refuse"), f"{name}: {error!r}"

    def test_one_look_finds_the_numbers_of_an_order(self, phone: AnyClient, played: Simulator) -> None:
        if not (drafts := self.together(phone, 6)):
            return
        bought, others = drafts[:4], drafts[4:]
        key = phone.run(fresh_key(phone.provider.rules))
        offers = [draft.number for draft in bought]
        phone.run(phone.provider.place_many(phone.run(phone.provider.draft_many(offers, key=key, options=()))))
        for some in (drafts, [bought[0], others[0]]):
            attempts = [
                Attempt(draft=draft, state=AttemptState.IN_DOUBT, first_sent=0.0, last_sent=0.0) for draft in some
            ]
            found = phone.run(phone.provider.find_purchases(attempts))
            assert {*found} == {draft.number for draft in some if draft in bought}
            assert all(owned.number == number for number, owned in found.items())
