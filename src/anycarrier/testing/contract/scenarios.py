"""Cases of every operation, from search to release, against the provider's simulator."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from attrs import evolve

from anycarrier.errors import (
    AnyCarrierError,
    NotFound,
    UnexpectedResponse,
)
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    ForwardTo,
    Offer,
    OwnedNumber,
    Release,
    ReleaseState,
    Status,
    ToGateway,
    Transfer,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.search import FILTERS, Search, matches
from anycarrier.simulator import STANDARD, Simulator
from anycarrier.testing.contract.purchase_faults import PurchaseFaultCases
from anycarrier.testing.fakes import AnyClient, Mode, PatientClock, VirtualClock
from anycarrier.testing.provider_case import ABSENCE
from anycarrier.transports import Timeouts

__all__ = ["HttpContract", "ScenarioCases"]

QUICK = Timeouts(read=0.4, total=0.8, purchase_read=0.4, purchase_total=0.8)


class ScenarioCases(PurchaseFaultCases):
    """The cases that need the provider played, in process."""

    # -- searching

    def test_search_finds_what_was_asked_for(self, phone: AnyClient) -> None:
        offers = phone.search(self.criteria)
        assert 2 <= len(offers) <= self.criteria.limit
        assert len({offer.number for offer in offers}) == len(offers)
        for offer in offers:
            assert isinstance(offer, Offer)
            assert matches(self.criteria, offer)
            assert offer.provider == phone.provider.name
            assert offer.account == phone.provider.accounts[0].id
            assert dict(offer.raw)

    def test_search_keeps_to_the_limit(self, phone: AnyClient) -> None:
        assert len(phone.search(self.also(limit=1))) == 1

    def test_search_that_finds_nothing_is_an_empty_list(self, phone: AnyClient) -> None:
        assert phone.search(self.nothing) == []

    def test_several_area_codes_are_searched_in_their_order(self, phone: AnyClient) -> None:
        if not self.can("search.area_codes"):
            return
        wanted = [*self.area_codes[:1], self.criteria.leading[:3], *self.area_codes[1:]]
        found = [offer.number.npa for offer in phone.search(Search(area_code=wanted, limit=1000))]
        assert self.criteria.leading[:3] in found
        assert found == sorted(found, key=lambda code: wanted.index(code or "")), "not in the order of the area codes"
        assert len(phone.search(Search(area_code=wanted, limit=1))) == 1

    def test_every_filter_that_it_takes_holds_for_every_offer(self, phone: AnyClient) -> None:
        some = phone.search(self.also(limit=50))
        one = some[-1]
        tried = 0
        for row in FILTERS:
            value = row.example(one)
            if not row.matches(value, one) or not self.can(row.feature(value)):
                continue
            query = Search(**{"area_code": one.number.npa, row.name: value, "limit": 50})
            found = phone.search(query)
            assert one.number in {offer.number for offer in found}, row.name
            assert all(matches(query, offer) for offer in found), row.name
            tried += 1
        assert tried >= 3

    # -- buying

    def test_a_number_that_was_bought_is_ours_and_was_charged_once(self, phone: AnyClient, played: Simulator) -> None:
        offer = phone.search(self.criteria)[0]
        bought = phone.buy(offer)
        assert isinstance(bought, OwnedNumber)
        assert bought.number == offer.number
        assert bought.provider == phone.provider.name
        assert bought.status in (Status.ACTIVE, Status.PENDING, Status.UNKNOWN)
        settled = self.settled(phone, bought)
        assert settled.status is not Status.PENDING
        assert phone.get(bought).number == offer.number
        assert offer.number in {owned.number for owned in phone.list()}
        assert len(self.charges(played, offer.number)) == 1

    def test_two_offers_of_one_search_can_both_be_bought(self, phone: AnyClient, played: Simulator) -> None:
        first, second, *_ = phone.search(self.criteria)
        phone.buy(first)
        phone.buy(second)
        assert len(self.charges(played, first.number)) == len(self.charges(played, second.number)) == 1

    def test_an_offer_of_another_provider_is_refused(self, phone: AnyClient) -> None:
        foreign = Offer(provider="somebody", account="else", number=PhoneNumber(self.absent))
        with pytest.raises(AnyCarrierError, match="somebody"):
            phone.buy(foreign)
        assert not phone.sent

    # -- owning

    def test_an_account_without_numbers_lists_none(self, mode: Mode, clock: VirtualClock) -> None:
        with self.calling(mode, self.empty(now=clock.time), clock) as phone:
            assert phone.list() == []

    def test_the_list_goes_to_the_end(self, phone: AnyClient, played: Simulator) -> None:
        before = {owned.number for owned in phone.list()}
        more = set(self.numbers(self.many))
        for number in sorted(more):
            self.own(played, number)
        listed = phone.list()
        assert len(listed) == len({owned.number for owned in listed})
        assert {owned.number for owned in listed} == before | more
        for owned in listed:
            assert owned.provider == phone.provider.name
            assert owned.number.ten_digit
            assert dict(owned.raw)

    def test_a_list_left_early_holds_nothing_open(self, phone: AnyClient, played: Simulator) -> None:
        for number in self.numbers(2):
            self.own(played, number)
        assert phone.first() is not None
        # the transport's count of open streams is checked when the client is closed

    def test_a_number_that_is_not_ours_is_not_found(self, phone: AnyClient) -> None:
        for operation in (*ABSENCE, "set_emergency_address", "remove_emergency_address"):
            if self.can(operation):
                with pytest.raises(NotFound) as caught:
                    getattr(phone, operation)(self.absent, *self.arguments(operation))
                assert caught.value.provider == phone.provider.name

    def test_a_released_number_is_gone_or_scheduled(self, phone: AnyClient) -> None:
        if not self.can("release"):
            return
        bought = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        assert phone.get(bought.number).number == bought.number
        released = phone.release(bought)
        assert isinstance(released, Release)
        assert released.number == bought.number
        if released.state is ReleaseState.RELEASED:
            with pytest.raises(NotFound):
                phone.get(bought.number)
        else:
            assert phone.get(bought.number).status in (Status.RELEASING, Status.RELEASED)

    def test_each_route_takes_effect_and_leaves_the_others(self, phone: AnyClient) -> None:
        if not self.can("route"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        able = [route for route in self.routes if self.can(route.feature)]
        for route in able:
            changed = phone.route(number, route)
            assert changed.number == number.number
            if changed.routes is not None and not route.feature.startswith("route.texts"):
                assert route in changed.routes, f"{route} was set and is not shown"
        calls = [route for route in able if isinstance(route, ToGateway | ForwardTo)]
        if len(calls) == 2:
            both = phone.route(number, *calls)
            assert both.routes is not None
            assert set(calls) <= set(both.routes)

    def test_a_route_that_fails_says_what_was_applied_before(self, phone: AnyClient) -> None:
        if not self.can("route.gateway"):
            return
        others = [route for route in self.routes if self.can(route.feature) and not isinstance(route, ToGateway)]
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        with pytest.raises(AnyCarrierError) as caught:
            phone.route(number, *others[:1], ToGateway(self.no_gateway))
        assert caught.value.applied == tuple(others[:1])

    def test_a_transferred_number_is_not_ours(self, phone: AnyClient) -> None:
        if not self.can("transfer"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        moved = phone.transfer(number, self.to_account)
        assert isinstance(moved, Transfer)
        assert moved.to_account == self.to_account
        with pytest.raises(NotFound):
            phone.get(PhoneNumber(number.number))

    def test_a_campaign_is_bound_read_and_unbound(self, phone: AnyClient) -> None:
        if not self.can("bind_campaign"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        assert phone.campaign_of(number).status is BindingStatus.UNBOUND
        bound = phone.bind_campaign(number, self.campaign)
        assert isinstance(bound, CampaignBinding)
        assert bound.campaign_id == self.campaign
        assert bound.status in (BindingStatus.ACTIVE, BindingStatus.PENDING)
        assert phone.campaign_of(number).campaign_id == self.campaign
        after = phone.unbind_campaign(number).status
        assert after in (BindingStatus.UNBOUND, BindingStatus.UNBINDING)
        assert phone.campaign_of(number).status in (after, BindingStatus.UNBOUND)

    @pytest.mark.parametrize("change", ["add", "drop", "rename", "word", "text", "null"])
    def test_answers_that_drift_are_read_or_refused(self, phone: AnyClient, played: Simulator, change: str) -> None:
        known = {offer.number for offer in phone.search(self.criteria)}
        # Where one cannot be read, the next one of the same answer takes its place.
        all_known = {offer.number for offer in phone.search(evolve(self.criteria, limit=1000))}
        for _ in range(12):
            played.fault("drift", change=change)
            try:
                found = phone.search(self.criteria)
            except UnexpectedResponse as error:
                assert change != "add", error
            else:
                assert {offer.number for offer in found} <= all_known
                if change == "add":
                    assert {offer.number for offer in found} == known
            played.faults.clear()
            played.fault("drift", change=change, operation=self.listing)
            try:
                assert all(isinstance(owned, OwnedNumber) for owned in phone.list())
            except UnexpectedResponse as error:
                assert change != "add", error
            played.faults.clear()

    def test_numbers_in_logs_are_templates(self, phone: AnyClient, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, "anycarrier")
        try:
            phone.get(self.absent)
        except AnyCarrierError as error:
            assert PhoneNumber(self.absent).ten_digit not in str(error)
        digits = PhoneNumber(self.absent).ten_digit
        assert not [record for record in caplog.records if digits in record.getMessage()]
        assert [record for record in caplog.records if record.name == "anycarrier"]


OVER_HTTP = sorted({evolve(fault, status=None, change="drop"): name for name, fault in STANDARD.items()}.values())
"""One fault of each form: on the wire a status is like another."""


class HttpContract(ScenarioCases):
    """The same cases over real HTTP on the loopback; only time is virtual, and nothing waits long.

    One server plays for the whole class, and is set back to its first state before each case.
    """

    @pytest.fixture(scope="class")
    @classmethod
    def served(cls) -> Iterator[tuple[Simulator, str, PatientClock]]:
        """The simulator, where it listens, and its time."""
        from anycarrier.simulator.server import running

        clock = PatientClock()
        simulator = cls.simulate(now=clock.time)
        with running(simulator) as urls:
            yield simulator, urls[simulator.name], clock

    @pytest.fixture
    def clock(self, served: tuple[Simulator, str, PatientClock]) -> VirtualClock:
        return served[2]

    @pytest.fixture
    def played(self, served: tuple[Simulator, str, PatientClock]) -> Iterator[Simulator]:
        served[0].reset()
        yield served[0]
        self.all_struck(served[0])

    @pytest.fixture
    def phone(
        self, mode: Mode, clock: VirtualClock, played: Simulator, served: tuple[Simulator, str, PatientClock]
    ) -> Iterator[AnyClient]:
        with AnyClient(mode, self.provider(served[1]), None, clock, timeouts=QUICK) as phone:
            yield phone

    @contextmanager
    def calling(self, mode: Mode, simulator: Simulator, clock: VirtualClock) -> Iterator[AnyClient]:
        from anycarrier.simulator.server import running

        with (
            running(simulator) as urls,
            AnyClient(mode, self.provider(urls[simulator.name]), None, clock, timeouts=QUICK) as phone,
        ):
            yield phone

    @pytest.mark.parametrize("name", OVER_HTTP)
    def test_whatever_breaks_nothing_is_paid_twice_or_forgotten(
        self, name: str, phone: AnyClient, played: Simulator, clock: VirtualClock
    ) -> None:
        self.breaks(STANDARD[name], name, phone, played, clock)
