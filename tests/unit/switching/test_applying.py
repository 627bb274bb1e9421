"""Switches that are applied for days, killed, looked at, finished and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from anycarrier import (
    Applied,
    ConfigurationError,
    Conflict,
    Desired,
    InvalidInput,
    NoTexts,
    NotFound,
    PhoneNumber,
    ToGateway,
)
from anycarrier.desired_state import ChangeKind, ChangeState
from anycarrier.ports import PortOrder
from anycarrier.purchase.journal.switches import SwitchState
from anycarrier.switching import Move, SwitchRules
from anycarrier_adapters.voicetel.simulator.records import Owned
from support.switching import DAY, HOOK, RULES, SwitchWorld, details_of

from .conftest import MakeSwitch


def states(results: Mapping[PhoneNumber, Applied]) -> dict[PhoneNumber, str]:
    return {number: one.state.value for number, one in results.items()}


def serves(world: SwitchWorld, number: PhoneNumber) -> None:
    """The number is at VoiceTel with its routes and campaign, and paid once."""
    account = world.voicetel.account
    owned = account.owned[number.ten_digit]
    assert (owned.route, owned.campaign) == (1000, "CH5K5IZ")
    assert account.inbound[owned.row].resource == HOOK.url
    assert len(world.voicetel.ledger.charges_of(number.ten_digit)) == 1


@pytest.mark.slow
def test_a_switch_from_the_first_order_to_the_last_release(make: MakeSwitch) -> None:
    world = make()
    plan = world.plan()
    first = world.apply(plan)
    assert {first[number].state for number in world.ported} == {ChangeState.PENDING}
    assert all("signs the letter of authorization: https://" in first[number].reason for number in world.ported)
    bought = [first[number].replaced_by for number in world.replaced]
    for number in bought:
        assert number is not None
        serves(world, number)
    assert len({*bought}) == 2

    world.phone.sent.clear()
    assert states(world.apply(plan)) == states(first)
    assert {request.method for request in world.phone.sent} == {"GET"}

    world.sign()
    world.pass_days(2)
    assert {world.status(plan)[number].reason for number in world.ported} == {"it comes on 2026-09-28"}
    world.pass_days(7)
    half = world.status(plan)
    world.phone.run(world.providers[0].pools())  # any request, after which it knows the day
    assert not {number.e164 for number in world.ported} & {*world.lc.owned}
    assert [result.state.value for result in half[world.ported[0]].results] == ["done", "already", "pending", "already"]
    assert {*states(world.apply(plan)).values()} == {"done"}
    for number in world.ported:
        serves(world, number)
    assert {*states(world.status(plan)).values()} == {"done"}
    world.phone.sent.clear()
    world.apply(plan, ports=[])
    assert {request.method for request in world.phone.sent} == {"GET"}
    paid = sum(charge.amount for charge in world.voicetel.ledger.charges)
    assert (paid,) == tuple(cost.amount for cost in plan.cost)

    waiting = world.phone.finish_switch(plan)
    assert {obstacle.reason for obstacle in waiting.obstacles} == {"its grace ends in 7.0 days"}
    ended = world.phone.finish_switch(plan, grace=0)
    assert [one.number for one in ended.numbers] == world.replaced  # the ported ones are gone by themselves
    assert all("web app" in str(obstacle.by_hand) for obstacle in ended.obstacles)
    for number in world.replaced:
        world.lc.happen("delete", number=number.e164)
    assert world.phone.finish_switch(plan, grace=0).numbers == ()


def test_without_details_nothing_is_ordered_and_all_else_goes_on(make: MakeSwitch) -> None:
    world = make()
    plan = world.plan()
    results = world.apply(plan, ports=[])
    assert all("the port order needs the subscriber" in results[number].reason for number in world.ported)
    assert {results[number].state for number in world.replaced} == {ChangeState.DONE}
    assert not world.voicetel.account.ports
    looked = world.status(plan)
    assert all("not ordered yet" in looked[number].reason for number in world.ported)


def test_ports_are_ordered_a_few_at_a_time_and_by_the_details_of_their_own(make: MakeSwitch) -> None:
    world = make(ported=5, replaced=0, pooled=0, menus=0)
    plan = world.plan()
    first = world.apply(plan, most_ports=2)
    assert sum("at most 2 are ordered at once" in one.reason for one in first.values()) == 3
    own = world.ported[4]
    wrong = details_of(world.lc, own, account_number="999999999")
    order = PortOrder([own], max_fee=plan.cost[0], **{name: getattr(wrong, name) for name in _DETAILS})
    world.apply(plan, ports=[world.details, order])
    assert len(world.voicetel.account.ports) == 3
    world.sign()
    world.pass_days(2)
    results = world.apply(plan)
    assert results[own].state is ChangeState.FAILED
    assert "rejected: " in results[own].reason
    assert "the account number" in results[own].reason
    assert "999999999" not in str(results)
    world.phone.sent.clear()
    world.apply(plan)
    assert {request.method for request in world.phone.sent} == {"GET"}  # nothing is ordered again by itself
    again = world.apply(plan, order_again=True)
    assert "signs the letter" in again[own].reason
    world.sign()
    world.pass_days(9)
    assert {*states(world.apply(plan)).values()} == {"done"}
    assert len(world.voicetel.ledger.charges_of(own.ten_digit)) == 2  # the second by a person's word


_DETAILS = (
    "subscriber", "subscriber_kind", "service_address", "account_number", "pin", "billing_number", "authorized_person",
)  # fmt: skip


def test_a_number_that_cannot_be_ported_any_more_is_named(make: MakeSwitch) -> None:
    world = make(ported=2, replaced=0, pooled=0, menus=0)
    plan = world.plan()
    lost, other = world.ported
    world.voicetel.happen("other_carrier", number=lost.ten_digit, reason="Number is not in service")
    results = world.apply(plan)
    assert results[lost].state is ChangeState.FAILED
    assert results[lost].reason == "it cannot be ported now: Number is not in service"
    assert results[other].state is ChangeState.PENDING


def test_what_arrives_only_in_part_is_named_and_the_rest_goes_on(make: MakeSwitch) -> None:
    world = make(ported=3, replaced=0, pooled=0, menus=0)
    plan = world.plan()
    world.apply(plan)
    stuck = world.ported[1]
    world.voicetel.happen("other_carrier", number=stuck.ten_digit, stays=True)
    world.sign()
    world.pass_days(9)
    results = world.apply(plan)
    assert states(results)[world.ported[0]] == "done"
    assert results[stuck].state is ChangeState.PENDING
    assert "its port is complete, and it is not on the account" in results[stuck].reason
    waits = world.phone.finish_switch(plan, grace=0)
    assert [one.number for one in waits.numbers] == [stuck]
    assert "does not serve at its new carrier yet" in waits.numbers[0].obstacles[0].reason


@pytest.mark.slow
def test_a_number_that_was_changed_after_it_was_set_up_is_not_changed_back(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=1, pooled=0, menus=0)
    plan = world.plan()
    first = world.apply(plan)
    world.sign()
    world.pass_days(9)
    world.apply(plan)
    (number,), (old,) = world.ported, world.replaced
    bought = first[old].replaced_by
    for one in (number, bought):
        world.phone.route(one, NoTexts())
    results = world.apply(plan)
    assert results[number].state is ChangeState.SKIPPED
    assert "its texts is another than when the plan was made" in results[number].reason
    looked = world.status(plan)
    assert looked[old].state is ChangeState.FAILED
    assert looked[old].reason == f"the texts of {bought} was changed since"
    waits = world.phone.finish_switch(plan, grace=0)
    assert [one.number for one in waits.numbers] == [old]
    assert not list(waits.changes)
    del world.voicetel.account.owned[bought.ten_digit]
    world.voicetel.account.document = None
    assert "is not on the account any more" in world.status(plan)[old].reason


def test_one_process_at_a_time_carries_a_switch_on(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=1, pooled=0, menus=0)
    plan = world.plan()
    names = ("lc_phone/lc_phone", "voicetel/voicetel")
    assert world.book.claim_switch(plan.id, *names, "another") == 0.0
    with pytest.raises(
        Conflict, match="another process carries this switch on, or another from this account"
    ) as caught:
        world.apply(plan)
    assert 0 < caught.value.retry_after <= 60
    assert not world.voicetel.account.ports
    assert not world.voicetel.ledger.charges
    assert states(world.status(plan))  # looking needs no turn
    world.book.leave_switch(plan.id, "another")
    world.apply(plan)
    assert world.book.claim_switch(plan.id, *names, "another") == 0.0  # it was left at the end


def test_an_interrupted_call_leaves_the_switch_to_the_next_one(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=2, pooled=0, menus=0)
    plan = world.plan()
    coming = world.phone.apply(plan, confirm=plan.id, ports=[world.details])
    assert len(world.phone.some(coming, 1)) == 1
    results = world.apply(plan)
    assert {results[number].state for number in world.replaced} == {ChangeState.DONE}
    assert len(world.voicetel.account.ports) == 1
    for number in world.replaced:
        bought = results[number].replaced_by
        assert bought is not None
        serves(world, bought)


def test_a_switch_that_is_taken_back_goes_on_no_more(make: MakeSwitch) -> None:
    world = make(ported=3, replaced=2, pooled=0, menus=0)
    plan = world.plan()
    results = world.apply(plan, most_ports=2)
    bought = {results[number].replaced_by for number in world.replaced}
    back = world.phone.undo(plan)
    assert back.undoes == plan.id
    assert {change.number for change in back.changes} == bought
    assert {change.what for change in back.changes} == {ChangeKind.RELEASE}
    ports = [obstacle for obstacle in back.obstacles if obstacle.what is ChangeKind.PORT_IN]
    assert len(ports) == 2
    assert all("do not sign" in str(obstacle.by_hand) for obstacle in ports)
    with pytest.raises(InvalidInput, match="gives 2 numbers up, for good"):
        world.phone.every(world.phone.apply(back))
    world.phone.every(world.phone.apply(back, confirm=back.id))
    assert not world.voicetel.account.owned
    assert {number.e164 for number in (*world.ported, *world.replaced)} <= {*world.lc.owned}  # untouched
    record = world.book.switch(plan.id)
    assert record is not None
    assert record.state is SwitchState.UNDONE
    with pytest.raises(Conflict, match="this switch was undone"):
        world.apply(plan)
    assert len(world.voicetel.account.ports) == 1


def test_taking_back_gives_nothing_up_that_is_the_last_of_its_kind(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=1, pooled=0, menus=0)
    plan = world.plan()
    world.apply(plan)
    world.sign()
    world.pass_days(9)
    world.apply(plan)
    (old,) = world.replaced
    world.lc.happen("delete", number=old.e164)
    back = world.phone.undo(plan)
    assert not list(back.changes)
    assert {str(obstacle.reason) for obstacle in back.obstacles} == {
        "it was ported", f"it is all that is left of {old}, which is not on the old account any more"
    }  # fmt: skip


def test_a_switch_needs_its_journal_and_both_accounts(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=0, pooled=0, menus=0)
    plan = world.plan()
    from anycarrier import Client
    from anycarrier.failover import Failover

    with Client(Failover(world.providers)) as phone:
        for call in (
            lambda: phone.apply(plan, confirm=plan.id),
            lambda: phone.finish_switch(plan),
            lambda: phone.undo(plan),
            lambda: phone.status(plan),
        ):
            with pytest.raises(ConfigurationError, match="a switch needs a journal"):
                call()
        with pytest.raises(InvalidInput, match="ports must be a list of PortDetails"):
            phone.apply(plan, confirm=plan.id, ports=["port.toml"])  # type: ignore[list-item]
        with pytest.raises(InvalidInput, match="grace"):
            phone.finish_switch(plan, journal=world.book, grace=-1)
    with (
        Client(world.providers[1], journal=world.book) as phone,
        pytest.raises(InvalidInput, match="lc_phone/lc_phone, which is not one of this client's accounts"),
    ):
        list(phone.apply(plan, confirm=plan.id))
    assert world.status(plan)[world.ported[0]].state is ChangeState.PENDING


def test_a_port_without_set_up_is_done_when_it_is_there(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=1, pooled=0, menus=0)
    plan = world.plan(rules=SwitchRules(labels=False, routes=False))
    assert [len(one.changes) for one in plan.numbers] == [1, 1]
    world.apply(plan)
    world.sign()
    world.pass_days(9)
    assert {*states(world.apply(plan)).values()} == {"done"}
    assert world.phone.finish_switch(plan, grace=DAY).obstacles


def test_nothing_private_is_in_the_journal_or_the_plan(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=0, pooled=0, menus=0)
    plan = world.plan()
    world.apply(plan)
    held = world.book._database
    rows: list[Any] = []
    with held.transaction(writes=False) as tx:
        for table in ("anycarrier_port", "anycarrier_port_number", "anycarrier_change", "anycarrier_switch"):
            rows += map(str, tx.rows(f"SELECT * FROM {table}"))  # noqa: S608 - names of this test
    assert rows
    for secret in ("Acme Inc", "Ada Doe", str(world.lc.service_record(world.ported[0]).account_number)):  # type: ignore[union-attr]
        assert not [row for row in rows if secret in row]


def test_a_plan_of_desired_states_can_be_looked_at_too(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=0, pooled=0, menus=0)
    plan = world.plan(moves=[Move(world.ported[0])], rules=RULES)
    world.apply(plan)
    world.sign()
    world.pass_days(9)
    world.apply(plan)
    (number,) = world.ported
    further = world.phone.plan([Desired(number, routes=[ToGateway(1001)])])
    assert states(world.status(further)) == {number: "pending"}
    world.phone.every(world.phone.apply(further, confirm=further.id))
    assert states(world.status(further)) == {number: "already"}


def test_programs_reach_a_number_wherever_it_is_today(make: MakeSwitch) -> None:
    world = make(ported=2, replaced=0, pooled=0, menus=0)
    plan = world.plan()
    number, other = world.ported

    def seen(one: PhoneNumber = number) -> tuple[str, str]:
        owned = world.phone.get(one)
        return owned.account, owned.status.value

    assert seen() == ("lc_phone", "active")
    world.apply(plan, most_ports=1)
    assert seen() == ("lc_phone", "porting_out")
    assert seen(other) == ("lc_phone", "active")
    assert {(owned.number, owned.status.value) for owned in world.phone.list()} == {
        (number, "porting_out"), (other, "active")
    }  # fmt: skip
    world.lc.happen("port_out", number=number.e164)  # gone, and not there yet
    assert seen() == ("voicetel", "porting_in")
    assert seen(other) == ("lc_phone", "active")
    with pytest.raises(NotFound):
        world.phone.get("+12125550142")


def test_routes_go_to_the_account_that_serves_the_number(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=0, pooled=0, menus=0)
    plan = world.plan()
    (number,) = world.ported
    world.apply(plan)
    world.sign()
    world.pass_days(9)
    world.apply(plan)
    assert (world.phone.get(number).account, world.phone.get(number).status.value) == ("voicetel", "active")
    assert ToGateway(1001) in world.phone.route(number, ToGateway(1001)).routes


@pytest.mark.slow
def test_two_plans_never_move_one_number(make: MakeSwitch) -> None:
    world = make(ported=2, replaced=2, pooled=0, menus=0)
    first, second = world.plan(), world.plan(rules=SwitchRules(move="replace", alike=["area_code"]))
    assert first.id != second.id
    results = world.apply(first)
    (old, other) = world.replaced
    skipped = world.apply(second)
    assert {one.state for one in skipped.values()} == {ChangeState.SKIPPED}
    assert skipped[old].reason == f"switch {first.id} replaces it by {results[old].replaced_by}"
    assert skipped[world.ported[0]].reason == f"switch {first.id} ports it"
    assert len(world.voicetel.ledger.charges) == 4
    again = world.plan()  # the journal knows what moves already
    assert {one.left for one in again.numbers} == {
        f"switch {first.id} ports it",
        *(f"switch {first.id} replaces it by {results[number].replaced_by}" for number in (old, other)),
    }
    back = world.phone.undo(first)
    world.phone.every(world.phone.apply(back, confirm=back.id))
    assert {number for number, one in world.apply(second).items() if one.state is ChangeState.DONE} >= {old, other}


def test_a_switch_to_a_carrier_that_ports_nothing_replaces(make: MakeSwitch) -> None:
    world = make(ported=0, replaced=0, pooled=0, menus=0)
    number = PhoneNumber("+12125550142")
    world.voicetel.account.owned[number.ten_digit] = Owned(number.ten_digit, world.at, route=4, translated=None)
    rules = SwitchRules(move="replace", routes=False)
    plan = world.phone.plan_switch("voicetel", "lc_phone", rules=rules)
    results = world.apply(plan, ports=[])
    assert results[number].state is ChangeState.DONE
    assert [one.number for one in world.phone.finish_switch(plan, grace=0).numbers] == [number]
