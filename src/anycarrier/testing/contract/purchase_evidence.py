"""Cases of evidence about a purchase: its request, the number that turns up, and lists that lag or withhold it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from attrs import evolve

from anycarrier.attempt import Attempt, Draft
from anycarrier.errors import (
    AnyCarrierError,
    OutcomeUnknown,
    UnexpectedResponse,
)
from anycarrier.model import (
    Offer,
    OwnedNumber,
)
from anycarrier.purchase.sending import fresh_key
from anycarrier.simulator import STANDARD, Failure, SimAnswer, SimRequest, Simulator
from anycarrier.testing.contract.altered_answers import Handle, altered, answers, operation_of, renamed, withheld
from anycarrier.testing.contract.purchase_faults import PurchaseFaultCases, purchases
from anycarrier.testing.fakes import AnyClient, VirtualClock

__all__ = ["PurchaseEvidenceCases"]


class PurchaseEvidenceCases(PurchaseFaultCases):
    """The request of a purchase and looking for its number; in process only, as the wire adds nothing to them."""

    # -- one request, with the key

    def lost(self, phone: AnyClient, played: Simulator, offer: Offer) -> Attempt:
        """A purchase that was charged and whose answer was lost."""
        played.fault("reset", operation=self.purchase, done=True)
        with pytest.raises(OutcomeUnknown) as caught:
            phone.buy(offer, deadline=0)
        assert self.charges(played, offer.number)
        attempt = caught.value.attempt
        assert isinstance(attempt, Attempt)
        return attempt

    def drafted(self, phone: AnyClient, offer: Offer) -> Draft:
        """A purchase that is ready to be sent."""
        key = phone.run(fresh_key(phone.provider.rules))
        draft = phone.run(phone.provider.draft(offer, key=key, options=()))
        assert isinstance(draft, Draft)
        return draft

    def test_the_request_of_a_purchase_carries_its_key_and_its_body(self, phone: AnyClient, played: Simulator) -> None:
        attempt = self.lost(phone, played, phone.search(self.criteria)[0])
        (request,) = purchases(phone)
        shown = "\n".join([request.url, *(value for _, value in request.headers), (request.body or b"").decode()])
        assert attempt.draft.key in shown, "the key is not in the request: the purchase cannot be known again by it"
        assert request.body == attempt.draft.body, "`place` must send the very bytes of the draft"

    def test_place_sends_one_request_whatever_becomes_of_it(self, phone: AnyClient, played: Simulator) -> None:
        draft = self.drafted(phone, phone.search(self.criteria)[0])
        faults = {name: STANDARD[name] for name in ("refuse", "reset-after", "hang-before", "503-html-after")}
        for name, fault in {**faults, "throttle": STANDARD["throttle-html-after"]}.items():
            sent = len(purchases(phone))
            played.faults.add(evolve(fault, operation=self.purchase, times=None))
            with pytest.raises(AnyCarrierError) as caught:
                phone.run(phone.provider.place(draft))
            played.faults.clear()
            count = len(purchases(phone)) - sent
            assert count == 1, f"`place` sent {count} requests under {name}: when to send again is not its business"
            if name != "refuse":
                assert caught.value.maybe_applied, f"{name}: the provider may have done it, and `place` says that not"

    def test_an_answer_about_another_number_is_not_believed(self, phone: AnyClient, played: Simulator) -> None:
        first, second, *_ = phone.search(self.criteria)
        draft = self.drafted(phone, first)

        def change(operation: str | None, answer: SimAnswer) -> SimAnswer:
            return renamed(answer, first.number, second.number) if operation == self.purchase else answer

        with answers(played, change) as changed, pytest.raises(AnyCarrierError) as caught:
            phone.run(phone.provider.place(draft))
        if changed:
            assert caught.value.maybe_applied, "an answer about another number proves nothing about this one"

    def test_a_replay_is_answered_again_and_charges_nothing(self, phone: AnyClient, played: Simulator) -> None:
        if not phone.provider.rules.replay:
            return
        draft = self.drafted(phone, phone.search(self.criteria)[0])
        for _ in range(2):
            assert phone.run(phone.provider.place(draft)).number == draft.number
        assert len(self.charges(played, draft.number)) == 1, (
            "`rules.replay` says that a key is charged once, and it is not"
        )

    def test_the_price_that_is_told_is_what_is_charged(self, phone: AnyClient, played: Simulator) -> None:
        offer = phone.search(self.criteria)[0]
        draft = self.drafted(phone, offer)
        phone.run(phone.provider.place(draft))
        (charge,) = self.charges(played, offer.number)
        if offer.setup_price is not None:
            assert draft.setup_price is not None, "the offer states a set-up cost and the draft none: no cap counts it"
        if offer.price is not None:
            assert draft.price is not None, "the offer states a price and the draft none: a cap on it cannot hold"
        for what, price in (("the offer", offer.price), ("the draft", draft.price)):
            assert price is None or price.amount == charge.amount, (
                f"{what} says {price}, and {charge.amount} is charged"
            )

    # -- looking

    def seen(self, phone: AnyClient, attempt: Attempt) -> OwnedNumber | AnyCarrierError | None:
        """Result of a look, or the error that it raised."""
        try:
            seen: OwnedNumber | None = phone.run(phone.provider.find_purchase(attempt))
        except AnyCarrierError as error:
            return error
        return seen

    def test_a_look_finds_what_was_bought(self, phone: AnyClient, played: Simulator) -> None:
        offer = phone.search(self.criteria)[0]
        for number in self.numbers(self.many):
            self.own(played, number)
        attempt = self.lost(phone, played, offer)
        seen = self.seen(phone, attempt)
        assert isinstance(seen, OwnedNumber), f"`look` says {seen!r} of a number that is on the account"
        assert seen.number == offer.number

    def test_a_look_that_got_no_clear_answer_proves_no_absence(self, phone: AnyClient, played: Simulator) -> None:
        attempt = self.lost(phone, played, phone.search(self.criteria)[0])
        for name, fault in STANDARD.items():
            own_no = fault.page == "json" and fault.status in (404, 410)
            if fault.kind in ("latency", "drift", "twice", "late") or own_no:
                continue
            played.faults.add(evolve(fault, times=None))
            seen = self.seen(phone, attempt)
            played.faults.clear()
            assert seen is not None, (
                f"`look` says that a number is absent, which is on the account, because of {name}: it may return None "
                "only for the provider's own, whole answer; whatever else there is it must raise"
            )

    def test_a_look_reads_on_where_the_filter_of_a_list_is_ignored(self, phone: AnyClient, played: Simulator) -> None:
        offer = phone.search(self.criteria)[0]
        for number in self.numbers(self.many):
            self.own(played, number)
        attempt = self.lost(phone, played, offer)
        digits = offer.number.ten_digit

        def handle(own: Handle, request: SimRequest) -> SimAnswer | Failure:
            if operation_of(played, request) != self.listing:
                return own(request)
            query = tuple(pair for pair in request.query if digits not in pair[1])
            return own(evolve(request, query=query, body=_unfiltered(request.body, digits)))

        with altered(played, handle):
            seen = self.seen(phone, attempt)
        assert seen is not None, (
            "`look` says that a number is absent, which stands on a later page: a filter is a hint to some servers, so "
            "absence is known only at the end of the list"
        )

    def test_a_list_that_is_shorter_than_it_says_is_not_all(self, phone: AnyClient, played: Simulator) -> None:
        offer = phone.search(self.criteria)[0]
        attempt = self.lost(phone, played, offer)
        stated: list[bool] = []

        def change(operation: str | None, answer: SimAnswer) -> SimAnswer:
            if operation != self.listing or answer.status != 200:
                return answer
            changed, states = withheld(answer, offer.number)
            if changed != answer:
                stated.append(states)
            return changed

        with answers(played, change):
            seen = self.seen(phone, attempt)
            if stated and stated[-1]:
                assert seen is not None, "`look` takes a list for whole that states more numbers than it shows"
            stated.clear()
            try:
                phone.list()
            except UnexpectedResponse:
                return
            assert not (stated and stated[-1]), "list() ends without an error though the list states more than it shows"

    @pytest.mark.parametrize(
        "name", ["reset-after", "503-html-after", "409-html-after", "late-hang", "twice", "409-json-after"]
    )
    def test_a_list_that_lags_behind_costs_nothing(
        self, name: str, phone: AnyClient, played: Simulator, clock: VirtualClock
    ) -> None:
        # After the provider's own no, its rules say how far behind a list may be.
        lag = phone.provider.rules.lag * 0.9 if name in ("twice", "409-json-after") else self.lag
        with self.behind(played, clock, lag):
            self.breaks(STANDARD[name], name, phone, played, clock)

    @contextmanager
    def behind(self, played: Simulator, clock: VirtualClock, lag: float) -> Iterator[None]:
        """Have what is read come from a copy of the account that is *lag* seconds old."""
        stale = self.simulate(now=clock.time)
        bought: list[float] = []

        def handle(own: Handle, request: SimRequest) -> SimAnswer | Failure:
            operation = operation_of(played, request)
            if operation == self.purchase:
                bought.append(clock.time())
            elif bought and clock.time() < bought[0] + lag:
                return stale.handle(request)
            return own(request)

        with altered(played, handle):
            yield


def _unfiltered(body: bytes, digits: str) -> bytes:
    try:
        members = json.loads(body)
    except ValueError:
        return body
    if not isinstance(members, dict):
        return body
    return json.dumps({name: value for name, value in members.items() if digits not in str(value)}).encode()
