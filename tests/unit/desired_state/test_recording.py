"""Writes of single operations on record, through a client or a failover with a journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anycarrier import (
    AnyCarrierError,
    AsyncClient,
    Client,
    ConfigurationError,
    Desired,
    EmergencyAddress,
    ForwardTo,
    JournalError,
    NoForward,
    NoTexts,
    NotFound,
    PhoneNumber,
    Search,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.desired_state import ChangeOutcome
from anycarrier.failover import Failover
from anycarrier.purchase import Journal, Order, find_purchases
from anycarrier.purchase import journal as journals
from anycarrier.simulator import AsyncSimTransport, Fault, SimTransport
from anycarrier.testing import AnyClient
from anycarrier_adapters.voicetel import MessagingRoutes, VoiceTel
from support.desired import BASE, ELSEWHERE, ONE, OTHER, Make, World

HOOK = TextsToWebhook("https://example.com/texts")
ADDRESS = EmergencyAddress(
    name="Acme Inc", street="411 Hackensack Avenue", city="Hackensack", state="NJ", postal_code="07601"
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with journals.open(tmp_path / "journal.sqlite") as book:
        yield book


@pytest.fixture(params=["client", "failover"])
def open_phone(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Opens a client of a world's provider with a journal, which is the client's or that of a failover."""
    phones: list[AnyClient] = []

    def open_phone(world: World, journal: Journal | None) -> AnyClient:
        simulators = {BASE: world.simulator}
        transport = SimTransport(simulators) if world.mode == "sync" else AsyncSimTransport(simulators)
        if request.param == "client":
            phones.append(AnyClient(world.mode, world.provider, transport, journal=journal))
        else:
            phones.append(AnyClient(world.mode, Failover([world.provider], journal=journal), transport))
        return phones[-1]

    yield open_phone
    for phone in phones:
        phone.close()


def told(journal: Journal) -> list[tuple[Any, ...]]:
    return [(one.number, one.what, one.before, one.after, one.outcome.value) for one in journal.changes()]


def test_every_write_is_on_record_with_what_it_changed(make: Make, journal: Journal, open_phone: Any) -> None:
    phone = open_phone(make(), journal)
    phone.route(ONE, ToGateway(1000), HOOK)
    phone.bind_campaign(ONE, "CH5K5IZ")
    phone.unbind_campaign(ONE)
    phone.set_emergency_address(ONE, ADDRESS)
    phone.remove_emergency_address(ONE)
    phone.set_caller_name(ONE, "ACME")
    phone.release(ONE)
    phone.transfer(OTHER, "1000000002")
    assert told(journal) == [
        (ONE, "calls", None, ToGateway(1000), "done"),
        (ONE, "texts", None, HOOK, "done"),
        (ONE, "campaign", None, "CH5K5IZ", "done"),
        (ONE, "campaign", "CH5K5IZ", False, "done"),
        (ONE, "emergency", None, ADDRESS, "done"),
        (ONE, "emergency", ADDRESS, False, "done"),
        (ONE, "caller_name", None, "ACME", "done"),
        (ONE, "release", None, True, "done"),
        (OTHER, "transfer", None, "1000000002", "done"),
    ]


def test_recording_sends_nothing_more(make: Make, journal: Journal, open_phone: Any) -> None:
    counts: list[int] = []
    for book in (None, journal):
        world = make()
        phone = open_phone(world, book)
        phone.route(ONE, ToGateway(1000))
        phone.bind_campaign(ONE, "CH5K5IZ")
        phone.release(ONE)
        counts.append(len(phone.sent))
    assert counts[0] == counts[1]


def test_the_former_value_is_that_of_the_number_at_hand_or_what_was_set_last(
    make: Make, journal: Journal, open_phone: Any
) -> None:
    phone = open_phone(make(), journal)
    owned = phone.get(ONE)
    phone.route(owned, ForwardTo(ELSEWHERE))
    phone.route(ONE, NoForward())
    phone.route(ONE, MessagingRoutes(route_out=17))
    assert [one[1:4] for one in told(journal)] == [
        ("forward", NoForward(), ForwardTo(ELSEWHERE)),
        ("forward", ForwardTo(ELSEWHERE), NoForward()),
        ("route", None, repr(MessagingRoutes(route_out=17))),
    ]


def test_a_route_that_fails_says_which_took_effect_and_which_never_left(
    make: Make, journal: Journal, open_phone: Any
) -> None:
    world = make()
    world.simulator.faults.add(Fault(kind="reset", operation="forward_set", times=None, done=False))
    with pytest.raises(AnyCarrierError) as caught:
        open_phone(world, journal).route(ONE, ToGateway(1000), ForwardTo(ELSEWHERE), NoTexts())
    assert caught.value.maybe_applied
    assert [(one[1], one[4]) for one in told(journal)] == [
        ("calls", "done"),
        ("forward", "in_doubt"),
        ("texts", "failed"),
    ]


def test_a_refused_write_is_on_record_as_failed(make: Make, journal: Journal, open_phone: Any) -> None:
    with pytest.raises(NotFound):
        open_phone(make(), journal).bind_campaign(ELSEWHERE, "CH5K5IZ")
    (record,) = journal.changes()
    assert record.outcome is ChangeOutcome.FAILED
    assert record.reason
    assert str(ELSEWHERE) not in record.reason


def test_what_the_provider_finishes_later_is_pending(make: Make, journal: Journal, open_phone: Any) -> None:
    phone = open_phone(make("leadping"), journal)
    phone.set_label(ONE, "Main line")
    phone.release(ONE)
    assert [(one[1], one[4]) for one in told(journal)] == [("label", "done"), ("release", "pending")]
    open_phone(make(release="2.2.17"), journal).bind_campaign(ONE, "CH5K5IZ")
    assert told(journal)[-1][4] == "pending"


def test_nothing_is_sent_that_cannot_be_recorded(
    make: Make, journal: Journal, open_phone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = open_phone(make(), journal)

    def broken(*_: object) -> Any:
        raise JournalError("the disk is full")

    monkeypatch.setattr(journal, "begin_changes", broken)
    with pytest.raises(JournalError):
        phone.release(ONE)
    assert phone.sent == []


def test_a_write_that_is_over_is_no_error_when_its_outcome_cannot_be_recorded(
    make: Make, journal: Journal, open_phone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise JournalError("the disk is full")

    monkeypatch.setattr(journal, "end_changes", broken)
    assert open_phone(make(), journal).route(ONE, ToGateway(1000)).number == ONE
    assert told(journal)[0][4] == "sent"


def test_a_write_has_the_reference_of_the_order_that_bought_its_number(
    make: Make, journal: Journal, open_phone: Any
) -> None:
    phone = open_phone(make(), journal)
    order = Order(criteria=Search(area_code="201"), reference="tenant-42")
    number: PhoneNumber = phone.provision(order, request_id="r1").bought[0].number
    assert journal.uses_of("voicetel", "voicetel", number) == ["it was bought for 'tenant-42'"]
    phone.route(number, HOOK)
    phone.bind_campaign(number, "CH5K5IZ")
    phone.route(ONE, HOOK)
    assert [one.reference for one in journal.changes()] == ["tenant-42", "tenant-42", None]
    assert [one.number for one in journal.changes(reference="tenant-42")] == [number, number]
    assert journal.uses_of("voicetel", "voicetel", number) == [
        "it was bought for 'tenant-42'",
        "its texts were routed",
        "it was bound to a campaign",
    ]
    plan = phone.plan([Desired(number, campaign=False), Desired(ONE, campaign="CH5K5IZ")])
    assert len(phone.every(phone.apply(plan))) == 2
    assert {one.number: one.reference for one in journal.changes(plan=plan.id)} == {number: "tenant-42", ONE: None}
    phone.route(number, NoTexts())
    assert journal.uses_of("voicetel", "voicetel", number) == ["it was bought for 'tenant-42'"]
    assert journal.uses_of("voicetel", "voicetel", OTHER) == []


def test_a_client_with_a_journal_is_that_of_its_provider_and_buys_through_the_journal(
    make: Make, journal: Journal
) -> None:
    world = make()
    simulators = {BASE: world.simulator}
    transport = SimTransport(simulators) if world.mode == "sync" else AsyncSimTransport(simulators)
    phone = AnyClient(world.mode, world.provider, transport, journal=journal)
    assert phone.provider is world.provider
    assert phone.balance().amount is not None  # a failover has none
    bought = phone.buy(phone.search(Search(area_code="201"))[0])
    (purchase,) = find_purchases(journal)
    assert [one.number for one in purchase.bought] == [bought.number]
    assert phone.recover().undecided == 0
    plan = phone.plan([Desired(bought.number, routes=[HOOK])])
    assert len(phone.every(phone.apply(plan))) == 1
    assert [one.what for one in journal.changes(plan=plan.id)] == ["texts"]
    assert phone.every(phone.apply(phone.undo(plan.id)))
    phone.close()


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_journal_that_is_none_or_is_given_to_the_client_of_a_failover_is_refused(kind: Any, journal: Journal) -> None:
    provider = VoiceTel(api_key="0" * 32)
    with pytest.raises(ConfigurationError, match="journal must be a Journal"):
        kind(provider, journal="journal.sqlite")
    with pytest.raises(ConfigurationError, match=r"Failover\(\[\.\.\.\], journal=\.\.\.\) takes that of several"):
        kind(Failover([provider]), journal=journal)
