"""What an adapter proves and what it believes: the request of a purchase, looks, lists, and answers that mislead."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import evolve

from anycarrier.errors import (
    AnyCarrierError,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    UnexpectedResponse,
    Unsupported,
)
from anycarrier.model import (
    BindingStatus,
    Feature,
    Line,
    Money,
    Offer,
    OwnedNumber,
    ReleaseState,
    Route,
    Status,
    ToGateway,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import Attempt, Draft
from anycarrier.purchase.plain import fresh_key
from anycarrier.search import Search, matches
from anycarrier.simulator import STANDARD, Failure, SimAnswer, SimRequest, Simulator
from anycarrier.testing.contract.altered_answers import Handle, altered, answers, operation_of, renamed, withheld
from anycarrier.testing.contract.purchase_faults import PurchaseFaultCases, purchases
from anycarrier.testing.fakes import AnyClient, VirtualClock

__all__ = ["EvidenceCases"]

MOST_PAGES = 50
"""Requests within which a list that never ends must have been given up."""

PAGE = SimAnswer(200, (("content-type", "text/html"),), b"<html><body>Welcome</body></html>")


class EvidenceCases(PurchaseFaultCases):
    """Cases in process only: the wire adds nothing to them."""

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
        if offer.price is not None:
            assert draft.price is not None, "the offer states a price and the draft none: a cap on it cannot hold"
        for what, price in (("the offer", offer.price), ("the draft", draft.price)):
            assert price is None or price.amount == charge.amount, (
                f"{what} says {price}, and {charge.amount} is charged"
            )

    # -- looking

    def seen(self, phone: AnyClient, attempt: Attempt) -> OwnedNumber | AnyCarrierError | None:
        """What a look says, or what it raised."""
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

    # -- answers that mislead

    def test_a_number_is_not_read_from_an_answer_about_another(self, phone: AnyClient, played: Simulator) -> None:
        number = phone.search(self.criteria)[0].number
        other = PhoneNumber(self.absent)
        bought = self.settled(phone, phone.buy(number))
        for operation in ("get", "campaign_of"):
            if not self.can(operation):
                continue
            assert getattr(phone, operation)(number).number == number
            with (
                answers(played, lambda _, answer: renamed(answer, number, other)) as changed,
                pytest.raises(AnyCarrierError) as caught,
            ):
                getattr(phone, operation)(bought.number)
            assert changed, f"no answer to {operation} names the number"
            assert caught.value.operation == operation

    def test_a_page_of_a_stranger_says_nothing_of_a_number(self, phone: AnyClient, played: Simulator) -> None:
        number = phone.search(self.criteria)[0].number
        self.settled(phone, phone.buy(number))
        for status in (404, 410):
            for body in (b"<html>gateway</html>", b'{"fault": {"code": "gateway"}}', b""):
                with answers(played, lambda _, answer: SimAnswer(status, (), body)):  # noqa: B023 - called here
                    for operation in ("get", "campaign_of", "release"):
                        if not self.can(operation):
                            continue
                        with pytest.raises(AnyCarrierError) as caught:
                            getattr(phone, operation)(number)
                        assert not isinstance(caught.value, NotFound), (
                            f"{operation} says that a number is not on the account because something in between "
                            f"answered {status} {body!r}: NotFound is for the provider's own words"
                        )

    def test_failures_are_not_absence(self, phone: AnyClient, played: Simulator) -> None:
        for name in ("500-json-before", "503-html-before", "reset-before", "throttle-none"):
            for operation in ("get", "campaign_of", "release"):
                if not self.can(operation):
                    continue
                played.faults.add(evolve(STANDARD[name], times=None))
                with pytest.raises(AnyCarrierError) as caught:
                    getattr(phone, operation)(self.absent)
                played.faults.clear()
                assert not isinstance(caught.value, NotFound), f"{operation} is told as NotFound under {name}"

    def test_a_status_word_that_is_not_known_is_unknown(self, phone: AnyClient, played: Simulator) -> None:
        bought = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        word = phone.get(bought).provider_status
        if word is None:
            return

        def change(_: str | None, answer: SimAnswer) -> SimAnswer:
            said = json.dumps(word).encode()
            body = answer.body.replace(b": " + said, b': "unheard-of"').replace(b":" + said, b':"unheard-of"')
            return evolve(answer, body=body)

        with answers(played, change) as changed:
            told = phone.get(bought.number)
        assert changed
        assert told.status is Status.UNKNOWN, f"a word that nobody knows is told as {told.status}: it is UNKNOWN"
        assert told.provider_status == "unheard-of"

    def test_a_success_that_is_none_is_not_believed(self, phone: AnyClient, played: Simulator) -> None:
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        reads = {"GET", "HEAD"}

        def handle(own: Handle, request: SimRequest) -> SimAnswer | Failure:
            listing = operation_of(played, request) == self.listing
            return own(request) if listing or request.method in reads else PAGE

        operations: list[str | Route] = ["release", "transfer", "bind_campaign", *self.each_route()]
        for operation in operations:
            if not self.can(operation if isinstance(operation, str) else operation.feature):
                continue
            before = len(phone.sent)
            with altered(played, handle), pytest.raises(AnyCarrierError) as caught:
                self._write(phone, operation, number.number)
            wrote = [request for request in phone.sent[before:] if request.purpose == "write"]
            assert len(wrote) == 1, f"{operation} was sent {len(wrote)} times: a change is never repeated by itself"
            assert caught.value.maybe_applied, f"{operation} may have been done, and the error says that it was not"

    def _write(self, phone: AnyClient, operation: str | Route, number: PhoneNumber) -> Any:
        if not isinstance(operation, str):
            return phone.route(number, operation)
        arguments = {"transfer": (self.to_account,), "bind_campaign": (self.campaign,)}.get(operation, ())
        return getattr(phone, operation)(number, *arguments)

    def each_route(self) -> Sequence[Route]:
        """The routes that the provider can set, one of each feature."""
        return [*{route.feature: route for route in self.routes if self.can(route.feature)}.values()]

    # -- lists

    def test_a_list_that_breaks_says_so(self, phone: AnyClient, played: Simulator) -> None:
        for number in self.numbers(self.many):
            self.own(played, number)
        before = len(phone.sent)
        phone.list()
        pages = len(phone.sent) - before
        names = ("500-json-before", "404-html-after", "truncate-after", "not_json-after", "reset-after")
        for name in names:
            for after in {0, pages - 1}:
                fault = evolve(STANDARD[name], operation=self.listing, times=None, after=after)
                played.faults.add(fault)
                with pytest.raises(AnyCarrierError):
                    phone.list()
                played.faults.clear()

    def test_a_row_that_cannot_be_read_is_told(self, phone: AnyClient, played: Simulator) -> None:
        first, second = self.numbers(2)
        for number in (first, second):
            self.own(played, number)
        odd = first.ten_digit[:6].encode() + b"-odd"

        def change(operation: str | None, answer: SimAnswer) -> SimAnswer:
            listed = operation == self.listing
            return evolve(answer, body=answer.body.replace(first.ten_digit.encode(), odd)) if listed else answer

        assert first in {owned.number for owned in phone.list()}
        with answers(played, change) as changed, pytest.raises(UnexpectedResponse):
            phone.list()
        assert changed

    def test_a_list_without_end_is_given_up(self, phone: AnyClient, played: Simulator) -> None:
        for number in self.numbers(self.many):
            self.own(played, number)
        first: dict[str, SimAnswer] = {}
        asked = 0

        def change(operation: str | None, answer: SimAnswer) -> SimAnswer:
            nonlocal asked
            asked += 1
            assert asked <= MOST_PAGES, "one page for ever is read for ever: stop when it comes again"
            return first.setdefault("page", answer) if operation == self.listing else answer

        with answers(played, change):
            try:
                listed = phone.list()
            except AnyCarrierError:
                return
        assert len(listed) == len({owned.number for owned in listed})

    # -- what is declared

    def test_what_it_can_is_not_refused(self, phone: AnyClient) -> None:
        offers = phone.search(self.criteria)
        one = offers[0]
        filters = {
            "no_digits": Search(), "area_code": Search(area_code=one.number.npa),
            "prefix": Search(prefix=one.number.national[:6]), "ends_with": self.also(ends_with="00"),
            "contains": self.also(contains="55"), "city": self.also(city=one.city or "Anywhere"),
            "state": self.also(state=one.state or "NJ"), "rate_center": self.also(rate_center=one.rate_center or "ANY"),
            "lata": self.also(lata=one.lata or "224"), "local": self.also(line="local"),
            "toll_free": self.also(line="toll_free"), "mobile": self.also(line="mobile"),
            "max_price": self.also(max_price=Money("3")), "country": self.also(country=one.country or "US"),
        }  # fmt: skip
        for name, query in filters.items():
            if not self.can(f"search.{name}"):
                continue
            try:
                phone.search(query)
            except Unsupported as refused:
                raise AssertionError(f"search.{name} is declared as Can, and refused: {refused.reason}") from refused
            except AnyCarrierError:  # a provider may have nothing of the kind to say
                continue

    def test_a_filter_that_few_fit_holds_for_every_offer(self, phone: AnyClient) -> None:
        prices = [offer.price for offer in phone.search(self.also(limit=50)) if offer.price is not None]
        cheapest = min(prices, key=lambda price: price.amount) if prices else Money("0.02")
        wanted: dict[str, Any] = {
            "prefix": (self.criteria.leading + "999")[:6], "contains": "9999999", "ends_with": "9999999",
            "city": "Nowhere At All", "state": "WY", "rate_center": "NOWHEREATALL", "lata": "999", "country": "CA",
            "max_price": Money(cheapest.amount / 2, cheapest.currency),
        }  # fmt: skip
        filters = [{name: value} for name, value in wanted.items() if self.can(f"search.{name}")]
        filters += [{"line": line} for line in Line if self.can(f"search.{line.value}")]
        for one in filters:
            query = Search(**{"area_code": self.criteria.leading[:3], "limit": 50, **one})
            self._holds(query, phone.search(query))

    def test_features_that_are_asked_for_are_had(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("search.features"):
            return
        query = self.also(features={Feature.VOICE, Feature.SMS, Feature.MMS}, limit=50)

        def change(_: str | None, answer: SimAnswer) -> SimAnswer:
            return evolve(answer, body=answer.body.replace(b"true", b"false"))

        self._holds(query, phone.search(query))
        with answers(played, change):  # a server may take a filter for a hint
            try:
                found = phone.search(query)
            except AnyCarrierError:
                return
        self._holds(query, found)

    def _holds(self, query: Search, found: Sequence[Offer]) -> None:
        wrong = [offer for offer in found if not matches(query, offer)]
        assert not wrong, f"{query} finds {wrong[:1]}, which it must not: a filter is sent, applied here, or refused"

    # -- writes

    def test_routes_that_contradict_each_other_are_refused(self, phone: AnyClient) -> None:
        pairs = [[one, other] for one in self.routes for other in self.routes if _contradict(one, other)]
        pairs = [pair for pair in pairs if all(self.can(route.feature) for route in pair)]
        if self.can("route.gateway"):
            pairs.append([ToGateway(self.gateways[0]), ToGateway(self.gateways[1])])
        if not self.can("route"):
            return
        for pair in pairs:
            sent = len(phone.sent)
            with pytest.raises(InvalidInput):
                phone.route(self.absent, *pair)
            assert len(phone.sent) == sent, f"{pair} contradict each other, and something was sent"

    def test_another_campaign_is_not_unbound(self, phone: AnyClient) -> None:
        if not self.can("unbind_campaign") or not self.can("bind_campaign"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        phone.bind_campaign(number, self.campaign)
        with pytest.raises(AnyCarrierError):
            phone.unbind_campaign(number, self.other_campaign)
        bound = phone.campaign_of(number)
        assert bound.campaign_id == self.campaign, "the campaign that was not named was unbound"
        assert bound.status is not BindingStatus.UNBOUND

    def test_a_release_is_told_as_it_is(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("release"):
            return
        bought = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        released = phone.release(bought.number)
        gone = bought.number.ten_digit in {PhoneNumber(number).ten_digit for _, number in played.ledger.releases}
        still = [owned for owned in phone.list() if owned.number == bought.number]
        if released.state is ReleaseState.RELEASED:
            assert gone or not still, "told as released, and the number is still on the account"


def _contradict(one: Route, other: Route) -> bool:
    """Whether both say where texts go, or both whether calls are forwarded."""

    def slot(route: Route) -> str:
        return ".".join(route.feature.split(".")[:2])

    return one != other and slot(one) == slot(other)


def _unfiltered(body: bytes, digits: str) -> bytes:
    try:
        members = json.loads(body)
    except ValueError:
        return body
    if not isinstance(members, dict):
        return body
    return json.dumps({name: value for name, value in members.items() if digits not in str(value)}).encode()
