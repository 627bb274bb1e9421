"""Orders that set their numbers up: bought, routed, bound, whatever breaks in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from anycarrier import (
    Client,
    Desired,
    EmergencyAddress,
    ForwardTo,
    InvalidInput,
    JournalError,
    NoForward,
    OrderExhausted,
    OutcomeUnknown,
    Search,
    SetUpFailed,
    ToGateway,
)
from anycarrier.failover import Failover
from anycarrier.model import TextsToWebhook
from anycarrier.purchase import Order, purchase_of
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import ItemState
from anycarrier.purchase.order import from_json
from anycarrier.registry import provider_class
from anycarrier.simulator.transport import SimTransport
from anycarrier.testing.fakes import VirtualClock
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

HOOK = "https://example.com/texts"
WANTED = Desired(routes=[ToGateway(1000), TextsToWebhook(HOOK)], campaign="CB2PATH")
NEAR = Search(area_code="201")


class Machine:
    """Clients of an LC account and a VoiceTel account that are played, with a journal, in virtual time."""

    def __init__(self, **voicetel: Any) -> None:
        self.clock = VirtualClock()
        self.lc = LCPhoneSimulator(now=self.clock.time)
        self.voicetel = VoiceTelSimulator(now=self.clock.time, **voicetel)
        database = SqliteDatabase(":memory:", clock=self.clock.time)
        schema.migrate(database)
        self.journal = Journal(database)
        played = {"lc_phone": self.lc, "voicetel": self.voicetel}
        origins = {name: f"http://127.0.0.1:{8000 + at}" for at, name in enumerate(played)}
        self.members = [provider_class(name)(base_url=origins[name], **one.settings) for name, one in played.items()]
        self.transport = SimTransport({origins[name]: one for name, one in played.items()})
        self.told: list[str] = []
        self.client = self.process()

    def process(self) -> Client[Failover]:
        """Another process on the same journal."""
        failover = Failover(self.members, journal=self.journal, notify=lambda said: self.told.append(said.text))
        return Client(failover, transport=self.transport, clock=self.clock)

    def provision(self, wanted: Desired = WANTED, **how: Any) -> Any:
        return self.client.provision(Order(criteria=NEAR, setup=wanted, **how), request_id="r")

    def sent(self) -> Any:
        return self.voicetel.ledger.requests

    def state(self) -> ItemState:
        return self.journal.load("r#1").item.state


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine()
    yield made
    made.journal.close()


def test_an_order_is_fulfilled_when_its_number_serves(machine: Machine) -> None:
    done = machine.provision()
    (item,) = done.items
    assert done.complete
    assert (item.state, item.setup) == (ItemState.SET_UP, "done")
    assert item.bought is not None
    # LC has no routes, so nothing was ever bought there.
    assert item.bought.provider == "voicetel"
    assert not machine.lc.ledger.charges
    assert "cannot" in item.reasons["lc_phone"]
    owned = machine.voicetel.account.owned[item.bought.number.ten_digit]
    assert (owned.campaign, owned.route) == ("CB2PATH", 1000)
    assert machine.voicetel.account.inbound[owned.row].resource == HOOK
    assert machine.told.count("done") == 1
    # Again: nothing more is sent.
    sent = len(machine.sent())
    assert machine.provision() == done
    assert len(machine.sent()) == sent


OPERATIONS = {"calls": "number_route", "texts": "sms_set", "campaign": "campaign_assign"}


def served(machine: Machine, number: Any) -> tuple[str | None, int | None, str]:
    owned = machine.voicetel.account.owned[number.ten_digit]
    return owned.campaign, owned.route, machine.voicetel.account.inbound[owned.row].resource


@pytest.mark.parametrize("kind", ["error", "throttle", "reset", "not_json"])
@pytest.mark.parametrize("what", OPERATIONS)
def test_a_step_that_fails_for_a_passing_reason_is_tried_again(machine: Machine, kind: str, what: str) -> None:
    more = {"status": 503} if kind == "error" else {}
    machine.voicetel.fault(kind, operation=OPERATIONS[what], times=3, **more)
    done = machine.provision()
    assert done.complete
    assert len(machine.voicetel.ledger.charges) == 1
    assert served(machine, done.numbers[0]) == ("CB2PATH", 1000, HOOK)


def test_a_step_that_is_perhaps_done_is_looked_at_and_not_sent_again(machine: Machine) -> None:
    machine.voicetel.fault("reset", operation="campaign_assign", done=True)
    assert machine.provision().complete
    assert sum(one.method == "PUT" and one.path.endswith("messaging-campaign") for one in machine.sent()) == 1


@pytest.mark.parametrize("what", OPERATIONS)
def test_a_set_up_that_is_refused_leaves_the_number_and_says_so(machine: Machine, what: str) -> None:
    fault = machine.voicetel.fault("error", operation=OPERATIONS[what], times=None, status=400)
    with pytest.raises(SetUpFailed, match=f"the numbers stay.*resume|set-up failed: {what}") as caught:
        machine.provision()
    error = caught.value
    assert error.maybe_applied
    assert not error.safe_elsewhere
    purchase = error.purchase
    assert purchase is not None
    (item,) = purchase.items
    assert (item.state, item.setup, purchase.open, purchase.complete) == (ItemState.ACTIVE, "failed", False, False)
    assert item.bought is not None
    assert item.bought.number.ten_digit in machine.voicetel.account.owned
    # Nobody tries again, or buys again, by itself.
    sent = len(machine.sent())
    with pytest.raises(SetUpFailed):
        machine.provision()
    assert machine.process().recover(deadline=60).undecided == 0
    assert len(machine.sent()) == sent
    machine.voicetel.faults.remove(fault)
    done = machine.process().resume("r")
    assert done.complete
    assert served(machine, done.numbers[0]) == ("CB2PATH", 1000, HOOK)
    assert len(machine.voicetel.ledger.charges) == 1


def test_a_binding_that_the_provider_finishes_later_is_waited_for_without_a_claim() -> None:
    machine = Machine(release="2.2.17")
    wanted = Desired(routes=[ToGateway(1000)], campaign="CH5K5IZ")
    with pytest.raises(OutcomeUnknown, match="finishes it later") as caught:
        machine.provision(wanted, deadline=20)
    assert caught.value.purchase is not None
    (item,) = caught.value.purchase.items
    assert (item.state, item.setup, item.undecided) == (ItemState.ACTIVE, "pending", True)
    assert item.resume_at is not None
    assert machine.journal.claim("r#1", "somebody else")[1]
    machine.journal.release_claim("r#1", "somebody else")
    binds = lambda: sum(one.method == "PUT" and "campaign" in one.path for one in machine.sent())  # noqa: E731
    assert binds() == 1
    machine.clock.sleep(86_400)
    machine.process().recover(deadline=86_400)
    kept = purchase_of("r", machine.journal)
    assert kept is not None
    assert (kept.complete, kept.items[0].setup) == (True, "done")
    assert binds() == 1
    machine.journal.close()


def test_a_number_that_its_provider_does_not_know_at_first_is_set_up_when_it_does() -> None:
    machine = Machine(lag=40.0)
    done = machine.provision()
    assert served(machine, done.numbers[0]) == ("CB2PATH", 1000, HOOK)
    machine.journal.close()


def test_a_number_that_is_gone_ends_its_set_up(machine: Machine) -> None:
    machine.voicetel.fault("error", operation="number_route", times=None, status=503)
    with pytest.raises(OutcomeUnknown):
        machine.provision(deadline=300)
    machine.voicetel.faults.clear()
    (number,) = [entry.attempt.draft.number for entry in machine.journal.load("r#1").entries]
    del machine.voicetel.account.owned[number.ten_digit]
    machine.clock.sleep(600)
    with pytest.raises(SetUpFailed, match="NotFound"):
        machine.process().resume("r")


def test_a_number_that_is_released_meanwhile_ends_its_order(machine: Machine) -> None:
    machine.voicetel.fault("error", operation="number_route", times=None, status=503)
    with pytest.raises(OutcomeUnknown):
        machine.provision(deadline=60)
    (number,) = [entry.attempt.draft.number for entry in machine.journal.load("r#1").entries]
    assert machine.journal.released("voicetel", "voicetel", number)
    item = machine.journal.load("r#1").item
    assert (item.state, item.claimable) == (ItemState.CANCELLED, False)
    assert not machine.journal.request_ids(unfinished=True)


def test_an_order_that_expired_is_still_set_up(machine: Machine) -> None:
    machine.voicetel.fault("error", operation="campaign_assign", times=None, status=503)
    with pytest.raises(OutcomeUnknown):
        machine.provision(deadline=60, valid_for=120)
    machine.voicetel.faults.clear()
    machine.clock.sleep(3600)
    machine.process().recover(deadline=3600)
    assert machine.state() is ItemState.SET_UP


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"setup": "CB2PATH"}, "setup must be a Desired"),
        ({"setup": Desired("+12015550123", campaign="X")}, "has no number"),
        ({"setup": Desired(release=True)}, "gives none up"),
        ({"setup": Desired()}, "wants nothing"),
        ({"setup": Desired(campaign="X"), "fulfilled_by": "placed"}, "leave fulfilled_by out"),
    ],
)
def test_set_ups_that_make_no_sense(how: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Order(criteria=NEAR, **how)


def test_the_set_up_is_a_part_of_the_order(machine: Machine) -> None:
    machine.provision()
    # The same in other words, and in another order of its routes.
    again = Desired(routes=[TextsToWebhook(HOOK), ToGateway("1000")], campaign="CB2PATH")
    assert machine.provision(again).complete
    for other in (Desired(campaign="CB2PATH"), Desired(routes=[*WANTED.routes, NoForward()], campaign="CB2PATH")):
        with pytest.raises(InvalidInput, match="a different order"):
            machine.provision(other)


@pytest.mark.parametrize(
    ("campaign", "said"), [("CUNKN0WN", "no such campaign"), ("CEXPIRD", "CAMPAIGN_EXPIRED"), ("!", "no such")]
)
def test_nothing_is_bought_for_a_campaign_that_the_account_lacks(machine: Machine, campaign: str, said: str) -> None:
    with pytest.raises(OrderExhausted, match=said):
        machine.provision(Desired(campaign=campaign), quantity=3)
    assert not machine.voicetel.ledger.charges
    assert sum("campaign" in one.path for one in machine.sent()) <= 1


def test_nothing_is_bought_for_a_gateway_that_the_account_lacks(machine: Machine) -> None:
    with pytest.raises(OrderExhausted, match="no gateway 9999"):
        machine.provision(Desired(routes=[ToGateway(9999)]), quantity=3)
    assert not machine.voicetel.ledger.charges
    assert [one.path for one in machine.sent()] == ["/v2.2/gateways"]


def test_gateways_that_cannot_be_read_now_end_no_order(machine: Machine) -> None:
    machine.voicetel.fault("error", path="/v2.2/gateways", times=3, status=503)
    assert machine.provision().complete
    assert len(machine.voicetel.ledger.charges) == 1


def test_nothing_is_bought_where_gateways_are_never_shown(machine: Machine) -> None:
    machine.voicetel.fault("error", path="/v2.2/gateways", times=None, status=403)
    with pytest.raises(OrderExhausted, match="where calls and texts can go cannot be read"):
        machine.provision()
    assert not machine.voicetel.ledger.charges


NOWHERE = EmergencyAddress(name="Acme", street="Nowhere", city="Hackensack", state="NJ", postal_code="07601")


@pytest.mark.parametrize(
    ("wanted", "said", "checks"),
    [
        (Desired(routes=[ForwardTo("+442079460018")]), "ten-digit", 0),
        (Desired(routes=[ToGateway("main")]), "gateway", 0),
        (Desired(emergency=NOWHERE), "refuses the address", 1),
    ],
)
def test_nothing_is_bought_for_a_route_or_an_address_that_the_provider_refuses(
    machine: Machine, wanted: Desired, said: str, checks: int
) -> None:
    with pytest.raises(OrderExhausted, match=said):
        machine.provision(wanted, quantity=3)
    assert not machine.voicetel.ledger.charges
    assert len(machine.sent()) == checks


def test_the_items_of_an_order_that_ask_at_once_ask_once(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    send = machine.transport.send

    def slow(request: Any) -> Any:
        time.sleep(0.2)  # the others come meanwhile
        return send(request)

    monkeypatch.setattr(machine.transport, "send", slow)
    with pytest.raises(OrderExhausted, match="refuses the address"):
        machine.provision(Desired(emergency=NOWHERE), quantity=3)
    assert len(machine.sent()) == 1


@pytest.mark.slow
def test_a_check_that_fails_fails_for_all_that_waited_for_it(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each would wait as long as the first, one after the other."""
    send = machine.transport.send

    def slow(request: Any) -> Any:
        time.sleep(0.2)  # the others come meanwhile
        machine.clock.sleep(30.0)
        return send(request)

    monkeypatch.setattr(machine.transport, "send", slow)
    machine.voicetel.fault("error", path="/v2.2/e911/validations", times=1000, status=503)
    with pytest.raises(OutcomeUnknown):
        machine.provision(Desired(emergency=NOWHERE), quantity=3, deadline=200.0)
    assert len(machine.sent()) < 3 * 3  # not three items with three tries each


def test_an_address_that_cannot_be_checked_now_ends_no_order(machine: Machine) -> None:
    address = evolve(NOWHERE, street="411 Hackensack Avenue")
    machine.voicetel.fault("error", path="/v2.2/e911/validations", times=3, status=503)
    assert machine.provision(Desired(emergency=address)).complete
    assert len(machine.voicetel.ledger.charges) == 1


def test_a_campaign_that_cannot_be_read_now_ends_no_order(machine: Machine) -> None:
    machine.voicetel.fault("error", operation="campaign_status", times=3, status=503)
    done = machine.provision()
    assert done.complete
    assert len(machine.voicetel.ledger.charges) == 1


def test_a_step_waits_as_long_as_its_provider_says(machine: Machine) -> None:
    machine.voicetel.fault("throttle", operation="sms_set", times=1, seconds=400)
    began = machine.clock.time()
    assert machine.provision().complete
    assert machine.clock.time() - began > 390


def test_a_set_up_of_a_later_release_is_refused() -> None:
    text = Order(criteria=NEAR, setup=WANTED).to_json(["voicetel/main"])
    assert from_json(text)[0].setup == WANTED
    with pytest.raises(JournalError, match="does not know: smell"):
        from_json(text.replace('"campaign":"CB2PATH"', '"smell":"roses"'))
