"""Plans of many numbers: made, confirmed, applied, stopped and applied again, and taken back."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from anycarrier import (
    AnyCarrierError,
    Applied,
    AuthenticationFailed,
    Change,
    Client,
    Desired,
    EmergencyAddress,
    ForwardTo,
    InvalidInput,
    JournalError,
    Money,
    NoForward,
    NoTexts,
    PhoneNumber,
    Plan,
    Status,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.desired_state import ChangeKind, ChangeOutcome, ChangeState, NewChange
from anycarrier.desired_state.plan import digest_of
from anycarrier.exchange import Emit
from anycarrier.failover import Failover
from anycarrier.json_forms import from_json, to_json
from anycarrier.purchase import Journal
from anycarrier.purchase import journal as journals
from anycarrier.simulator import Fault, SimTransport, load
from anycarrier.testing import VirtualClock
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel
from support.desired import BASE, ELSEWHERE, ONE, OTHER, Make, World

HOOK = TextsToWebhook("https://example.com/texts")
FAR = PhoneNumber("+12125550150")
ADDRESS = EmergencyAddress(
    name="Acme Inc", street="411 Hackensack Avenue", city="Hackensack", state="NJ", postal_code="07601"
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with journals.open(tmp_path / "journal.sqlite") as book:
        yield book


def support(number: PhoneNumber) -> Desired:
    return Desired(number, routes=[ToGateway(1000), HOOK], campaign="CH5K5IZ")


def priced(plan: Plan, *costs: Money | None) -> Plan:
    """*plan* of one number, with a cost of each of its changes."""
    (one,) = plan.numbers
    changes = tuple(evolve(change, cost=cost) for change, cost in zip(one.changes, costs, strict=True))
    numbers = (evolve(one, changes=changes),)
    return evolve(plan, id=digest_of(numbers, plan.existing), numbers=numbers)


def outcomes(journal: Journal, **more: Any) -> list[str]:
    return [record.outcome.value for record in journal.changes(**more)]


# -- made


def test_a_plan_says_for_each_number_what_is_the_same_what_changes_and_what_cannot(make: Make) -> None:
    world = make(count=4)
    one, other, third, _ = world.numbers
    world.phone.route(other, ToGateway(1000))
    world.phone.sent.clear()
    plan = world.plan(
        Desired(one, routes=[ToGateway(1000)], campaign="CH5K5IZ"),
        Desired(other, routes=[ToGateway(1000)]),
        Desired(third, label="Main line", campaign=False),
        Desired(FAR, campaign=False),
    )
    assert [(part.number, part.is_same) for part in plan.numbers] == [
        (one, False),
        (other, True),
        (third, False),
        (FAR, False),
    ]
    assert plan.numbers[0].changes == (
        Change(one, "calls", ToGateway(4), ToGateway(1000)),
        Change(one, "campaign", False, "CH5K5IZ"),
    )
    assert [(obstacle.number, obstacle.what) for obstacle in plan.obstacles] == [(third, "label"), (FAR, None)]
    assert plan.existing == {"voicetel": 4}
    assert plan.requests == 2
    assert len(world.phone.sent) == 3  # the list, what texts and campaigns it states, and the campaign
    assert world.writes() == []


def test_a_plan_says_what_its_changes_cost_by_currency_and_that_nothing_is_stated(make: Make) -> None:
    plan = make().plan(support(ONE))
    assert ([change.cost for change in plan.changes], plan.cost) == ([None, None, None], ())
    assert priced(plan, None, Money("0"), None).cost == (Money("0"),)
    assert priced(plan, None, Money("6.00"), Money("1.25")).cost == (Money("7.25"),)
    assert priced(plan, Money("2", "EUR"), Money("1.25"), Money("3", "EUR")).cost == (Money("5", "EUR"), Money("1.25"))
    with pytest.raises(InvalidInput, match="cost must not be below 0"):
        evolve(next(plan.changes), cost=Money("-1"))


def test_a_plan_that_costs_money_needs_a_confirmation_of_that_amount(make: Make) -> None:
    world = make(count=3)
    plan = world.plan(support(ONE))
    assert priced(plan, None, Money("0"), None).unsafe(0.3) == []
    dear = priced(plan, Money("6.00"), None, Money("1.25"))
    assert dear.unsafe(0.3) == ["it costs 7.25 USD"]
    with pytest.raises(InvalidInput, match=r"without a confirmation: it costs 7\.25 USD"):
        world.apply(dear, confirm=None)
    with pytest.raises(InvalidInput, match="not those that its id was made of"):
        world.apply(evolve(dear, id=plan.id), confirm=plan.id)
    assert world.writes() == []
    assert from_json(Plan, json.loads(json.dumps(to_json(dear)))) == dear


def test_a_plan_written_before_changes_had_a_cost_is_read_and_applied(make: Make) -> None:
    world = make()
    plan = world.plan(support(ONE))
    document = json.loads(json.dumps(to_json(plan)))
    for change in document["numbers"][0]["changes"]:
        del change["cost"]
    assert from_json(Plan, document) == plan
    assert [one.state for one in world.apply(from_json(Plan, document))] == [ChangeState.DONE]


def test_a_list_that_is_cut_off_plans_nothing(make: Make) -> None:
    world = make(count=40)
    for kind in ("truncate", "not_json", "reset"):
        world.simulator.faults.clear()
        world.simulator.faults.add(Fault(kind=kind, operation="numbers", times=None))
        with pytest.raises(AnyCarrierError):
            world.plan(Desired(ONE, release=True), Desired(FAR, release=True))
    assert world.writes() == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Desired(ONE), "list of Desired"),
        ("+12015550101", "list of Desired"),
        ([ONE], r"wanted\[0\]"),
        ([Desired(campaign="CB2PATH")], "no number"),
        ([Desired(ONE), Desired("2015550101")], r"wanted\[1\] is of a number that stands"),
    ],
)
def test_what_cannot_be_planned_is_refused_before_anything_is_read(make: Make, wanted: Any, said: str) -> None:
    world = make()
    with pytest.raises(InvalidInput, match=said):
        world.phone.plan(wanted)
    assert world.phone.sent == []


def test_an_address_is_compared_and_set_as_the_emergency_service_writes_it(make: Make) -> None:
    world = make()
    wrong = evolve(ADDRESS, street="Nowhere")
    plan = world.plan(Desired(ONE, emergency=ADDRESS), Desired(OTHER, emergency=wrong))
    assert plan.numbers[0].changes[0].after.city == "HACKENSACK"  # type: ignore[union-attr]
    assert "refuses the address" in plan.numbers[1].obstacles[0].reason
    assert [one.state for one in world.apply(plan)] == [ChangeState.DONE]
    assert world.plan(Desired(ONE, emergency=ADDRESS)).numbers[0].is_same


def test_a_journal_recalls_what_the_provider_does_not_state(make: Make, journal: Journal) -> None:
    world = make()
    wanted = Desired(ONE, caller_name="ACME CORP")
    plan = world.plan(wanted, journal=journal)
    assert plan.numbers[0].changes == (Change(ONE, "caller_name", None, "ACME CORP"),)
    world.apply(plan, journal=journal)
    assert world.plan(wanted).numbers[0].changes
    assert world.plan(wanted, journal=journal).numbers[0].is_same
    again = world.plan(Desired(ONE, caller_name="ACME SALES"), journal=journal)
    assert again.numbers[0].changes == (Change(ONE, "caller_name", "ACME CORP", "ACME SALES"),)
    sent = len(world.writes())
    assert [one.state for one in world.apply(plan, journal=journal)] == [ChangeState.ALREADY]
    assert len(world.writes()) == sent


def test_what_was_changed_back_since_is_changed_again_by_the_same_plan(make: Make, journal: Journal) -> None:
    world = make()

    def name(said: str) -> tuple[Plan, list[ChangeState]]:
        plan = world.plan(Desired(ONE, caller_name=said), journal=journal)
        return plan, [one.state for one in world.apply(plan, journal=journal)]

    name("ACME CORP")
    sales, _ = name("ACME SALES")
    name("ACME CORP")
    again, states = name("ACME SALES")
    assert (again.id, states) == (sales.id, [ChangeState.DONE])
    back = world.phone.undo(again, journal=journal)
    assert [one.state for one in world.apply(back, journal=journal)] == [ChangeState.DONE]
    assert [one.state for one in world.apply(back, journal=journal)] == [ChangeState.ALREADY]
    assert world.phone.undo(again, journal=journal).numbers[0].is_same
    assert [one.state for one in world.apply(again, journal=journal)] == [ChangeState.DONE]


def test_undo_leaves_alone_what_the_journal_says_was_changed_since(make: Make, journal: Journal) -> None:
    world = make()
    plans: list[Plan] = []
    for said in ("ACME CORP", "ACME SALES", "ACME HELP"):
        plans.append(world.plan(Desired(ONE, caller_name=said), journal=journal))
        world.apply(plans[-1], journal=journal)
    back = world.phone.undo(plans[1], journal=journal)
    assert [*back.changes] == []
    assert [one.reason for one in back.obstacles] == ["it was changed since, to another value"]


# -- confirmed


def test_a_plan_that_changes_much_or_gives_a_number_up_needs_a_confirmation(make: Make) -> None:
    world = make(count=20)
    few = world.plan(*map(support, world.numbers[:6]))
    many = world.plan(*map(support, world.numbers[:7]))
    gives_up = world.plan(Desired(ONE, release=True))
    assert few.unsafe(0.3) == []
    assert few.unsafe(0.2) == ["it changes 6 of the 20 numbers of voicetel, more than 20%"]
    for plan, more in ((many, {}), (few, {"most": 0.2}), (gives_up, {"most": 1.0}), (many, {"confirm": few.id})):
        with pytest.raises(InvalidInput, match="confirm"):
            world.apply(plan, **{"confirm": None, **more})
    assert world.writes() == []
    world.apply(few, confirm=None)
    world.apply(many)
    assert [one.state for one in world.apply(gives_up)] == [ChangeState.DONE]


def test_a_small_account_needs_a_confirmation_for_releases_alone(make: Make) -> None:
    world = make(count=3)
    world.apply(world.plan(*map(support, world.numbers)), confirm=None)
    with pytest.raises(InvalidInput, match="gives 1 number up"):
        world.apply(world.plan(Desired(ONE, release=True)), confirm=None)


def test_a_plan_that_was_altered_or_is_of_another_account_is_refused(make: Make) -> None:
    world = make()
    plan = world.plan(support(ONE))
    other = evolve(plan.numbers[0], changes=(Change(ONE, "campaign", False, "CB2PATH"),))
    with pytest.raises(InvalidInput, match="not those that its id was made of"):
        world.apply(evolve(plan, numbers=(other,)))
    strange = World(world.mode)
    strange.phone.close()
    provider = VoiceTel(api_key="0" * 32, account="second")
    with Client(provider, transport=SimTransport({})) as phone, pytest.raises(InvalidInput, match="'voicetel'"):
        [*phone.apply(plan)]
    assert world.writes() == []


def test_a_plan_for_another_provider_whose_account_has_the_same_name_is_refused(make: Make) -> None:
    world = make()
    plan = world.plan(Desired(ONE, release=True))
    provider = Leadping(api_key="lp_0123456789abcdef0123456789", account="voicetel")
    with Client(provider, transport=SimTransport({})) as phone:
        with pytest.raises(InvalidInput, match="of 'voicetel', and here that is one of 'leadping'"):
            [*phone.apply(plan, confirm=plan.id)]
        with pytest.raises(InvalidInput, match="of 'voicetel', and here that is one of 'leadping'"):
            phone.undo(plan)


def test_a_plan_of_another_login_under_the_same_name_is_refused(make: Make) -> None:
    world = make()

    def login(username: str) -> Client[VoiceTel]:
        provider = VoiceTel(username=username, password="pw000001", base_url=BASE, account="voicetel")
        return Client(provider, transport=SimTransport({BASE: world.simulator}))

    world.simulator.account.username, world.simulator.account.password = "1000000001", "pw000001"  # type: ignore[attr-defined]
    with login("1000000001") as phone, login("1000000002") as other:
        plan = phone.plan([Desired(ONE, routes=[ToGateway(1000)])])
        document = json.loads(json.dumps(to_json(plan)))
        assert "1000000001" not in json.dumps(document)
        assert from_json(Plan, document) == plan
        for refused in (lambda: [*other.apply(plan)], lambda: other.undo(plan)):
            with pytest.raises(InvalidInput, match="another login or location"):
                refused()
        with pytest.raises(InvalidInput, match="its changes are not those"):
            [*other.apply(evolve(plan, holders={}))]
        assert world.writes() == []
        assert [one.state for one in phone.apply(plan)] == [ChangeState.DONE]
        assert [one.state for one in phone.apply(phone.undo(plan))] == [ChangeState.DONE]
    assert world.apply(plan)[0].state is not ChangeState.FAILED  # a key alone does not tell whose it is


# -- applied


def test_a_plan_is_a_file_that_another_machine_applies(make: Make) -> None:
    world = make(count=3)
    wanted = [support(world.numbers[0]), Desired(OTHER, campaign=False, emergency=ADDRESS), Desired(FAR, label="Main")]
    plan = world.plan(*wanted)
    text = json.dumps(to_json(plan))
    again = from_json(Plan, json.loads(text))
    assert again == plan
    assert {one.state for one in world.apply(again)} == {ChangeState.DONE}
    document = json.loads(text)
    document["numbers"][0]["changes"][2]["after"] = "CB2PATH"
    with pytest.raises(InvalidInput, match="not those that its id was made of"):
        world.apply(from_json(Plan, document))


def test_a_result_says_as_json_what_failed_and_why(make: Make) -> None:
    world = make()
    plan = world.plan(support(ONE))
    world.simulator.faults.add(Fault(kind="error", status=400, method="PUT", path="/v2.2/numbers/{number}/sms"))
    (result,) = world.apply(plan)
    document = json.loads(json.dumps(to_json(result)))
    assert document["state"] == "failed"
    assert [one["state"] for one in document["results"]] == ["done", "failed", "skipped"]
    assert document["results"][1]["error"]["type"] == "InvalidRequest"
    again = from_json(Applied, document)
    assert again.state is ChangeState.FAILED
    assert again.error is not None
    assert again.error.number == ONE


def test_applying_does_what_the_plan_names_and_a_second_time_nothing(make: Make, journal: Journal) -> None:
    world = make(count=30)
    wanted = [*map(support, world.numbers[:25])]
    plan = world.plan(*wanted)
    results = world.apply(plan, journal=journal)
    assert sorted(one.number for one in results) == world.numbers[:25]
    assert {one.state for one in results} == {ChangeState.DONE}
    assert len(world.writes()) == 75
    assert outcomes(journal, plan=plan.id) == ["done"] * 75
    assert all(one.is_same for one in world.plan(*wanted).numbers)
    again = world.apply(plan, journal=journal)
    assert {one.state for one in again} == {ChangeState.ALREADY}
    assert len(world.writes()) == 75
    assert len(outcomes(journal)) == 75


@pytest.mark.parametrize("meanwhile", ["changed", "ported away"])
def test_a_number_in_another_state_is_skipped_and_the_others_go_on(make: Make, meanwhile: str) -> None:
    world = make(count=5)
    plan = world.plan(*map(support, world.numbers))
    if meanwhile == "changed":
        world.phone.route(OTHER, ForwardTo(ELSEWHERE), TextsToWebhook("https://example.com/other"))
    else:
        world.phone.release(OTHER)
    world.phone.sent.clear()
    results = {one.number: one for one in world.apply(plan)}
    assert results[OTHER].state is ChangeState.SKIPPED
    assert results[OTHER].reason
    assert [one.state for number, one in results.items() if number != OTHER] == [ChangeState.DONE] * 4
    assert len(world.writes()) == 12
    assert not any(OTHER.ten_digit in request.url for request in world.phone.sent if request.method != "GET")


@pytest.mark.parametrize(
    ("status", "said"),
    [(Status.PORTING_OUT, "on its way to another carrier"), (Status.NEEDS_ACTION, "waits for a person")],
)
@pytest.mark.parametrize("wanted", [Desired(ONE, release=True), support(ONE)])
def test_a_number_that_is_on_its_way_off_the_account_by_now_is_skipped(
    make: Make, monkeypatch: pytest.MonkeyPatch, status: Status, said: str, wanted: Desired
) -> None:
    world = make()
    plan = world.plan(wanted)
    listed = type(world.provider).list

    def leaving(provider: Any) -> Any:
        def moved(owned: Any) -> Any:
            return evolve(owned, status=status)

        listing, outcome = listed(provider), None
        while True:
            try:
                effect = listing.send(outcome)
            except StopIteration:
                return
            outcome = yield Emit([*map(moved, effect.items)]) if isinstance(effect, Emit) else effect

    monkeypatch.setattr(type(world.provider), "list", leaving)
    (result,) = world.apply(plan)
    assert result.state is ChangeState.SKIPPED
    assert said in result.reason
    assert world.writes() == []


def test_a_change_that_is_made_already_is_not_sent_and_the_rest_of_its_number_is(make: Make) -> None:
    world = make()
    plan = world.plan(support(ONE))
    world.phone.route(ONE, ToGateway(1000))
    (result,) = world.apply(plan)
    assert [one.state for one in result.results] == [ChangeState.ALREADY, ChangeState.DONE, ChangeState.DONE]


def test_the_first_change_that_fails_ends_those_of_its_number_and_applying_again_does_the_rest(
    make: Make, journal: Journal
) -> None:
    world = make()
    plan = world.plan(support(ONE), support(OTHER))
    world.simulator.faults.add(Fault(kind="error", status=400, method="PUT", path="/v2.2/numbers/{number}/sms"))
    results = world.apply(plan, journal=journal, at_once=1)
    first, second = sorted(results, key=lambda one: one.state != ChangeState.FAILED)
    assert [one.state for one in first.results] == [ChangeState.DONE, ChangeState.FAILED, ChangeState.SKIPPED]
    assert first.error is not None
    assert first.error.number == first.number
    assert second.state is ChangeState.DONE
    assert sorted(outcomes(journal)) == ["done"] * 4 + ["failed"] * 2
    sent = len(world.writes())
    assert {one.state for one in world.apply(plan, journal=journal)} == {ChangeState.DONE, ChangeState.ALREADY}
    assert len(world.writes()) == sent + 2


@pytest.mark.slow
def test_a_failure_that_passes_is_tried_again(make: Make, journal: Journal) -> None:
    world = make(count=40)
    world.simulator.faults.add(Fault(kind="error", status=503, probability=0.1, times=None))
    world.simulator.faults.add(Fault(kind="reset", method="PUT", probability=0.05, times=None, done=True))
    plan = world.plan(*map(support, world.numbers))
    results = world.apply(plan, journal=journal)
    assert {one.state for one in results} <= {ChangeState.DONE, ChangeState.ALREADY}
    world.simulator.faults.clear()
    assert all(one.is_same for one in world.plan(*map(support, world.numbers)).numbers)
    assert {*outcomes(journal)} == {"done"}


def test_leadping_takes_labels_and_the_switch_in_spite_of_faults(make: Make) -> None:
    world = make("leadping", count=12)
    wanted = [Desired(number, label=f"Line {at}", enabled=False) for at, number in enumerate(world.numbers)]
    plan = world.plan(*wanted)
    assert len([*plan.changes]) == 24
    world.simulator.faults.add(Fault(kind="error", status=503, probability=0.1, times=None))
    assert {one.state for one in world.apply(plan)} <= {ChangeState.DONE, ChangeState.ALREADY}
    world.simulator.faults.clear()
    assert all(one.is_same for one in world.plan(*wanted).numbers)


def test_what_the_provider_finishes_later_is_pending_and_not_sent_again(make: Make, journal: Journal) -> None:
    world = make(release="2.2.17")
    world.simulator.now = world.phone.clock.time
    plan = world.plan(Desired(ONE, campaign="CH5K5IZ"))
    for _ in range(2):
        assert [one.state for one in world.apply(plan, journal=journal)] == [ChangeState.PENDING]
    assert len(world.writes()) == 1
    assert outcomes(journal) == ["pending"]
    assert world.plan(Desired(ONE, campaign="CH5K5IZ")).numbers[0].pending == ("campaign",)
    world.phone.clock.advance(600)
    assert [one.state for one in world.apply(plan, journal=journal)] == [ChangeState.ALREADY]
    assert outcomes(journal) == ["done"]


@pytest.mark.parametrize("name", ["lc_phone", "lc_legacy"])
def test_leadconnector_needs_a_person_and_applying_sends_nothing(make: Make, name: str) -> None:
    world = make(name, count=3)
    plan = world.plan(*[Desired(number, routes=[ForwardTo(ELSEWHERE)]) for number in world.numbers])
    assert [*plan.changes] == []
    assert {obstacle.by_hand for obstacle in plan.obstacles} == {
        "do it in the phone settings of the LeadConnector web app"
    }
    world.phone.sent.clear()
    assert world.apply(plan) == []
    assert world.phone.sent == []


# -- stopped, and applied again


@pytest.mark.slow
def test_a_plan_that_is_stopped_again_and_again_is_done_once(make: Make, journal: Journal) -> None:
    world = make(count=60)
    plan = world.plan(*map(support, world.numbers))
    chance = random.Random(13)
    for _ in range(5):
        world.apply(plan, journal=journal, stop_after=chance.randint(1, 8), at_once=8)
    last = world.apply(plan, journal=journal)
    assert {one.state for one in last} <= {ChangeState.DONE, ChangeState.ALREADY}
    done = [(record.number, record.what) for record in journal.changes(outcome=ChangeOutcome.DONE)]
    assert len({*done}) == 180
    sent = len(world.writes())
    assert {one.state for one in world.apply(plan, journal=journal)} == {ChangeState.ALREADY}
    assert len(world.writes()) == sent
    assert "sent" not in outcomes(journal)


def test_what_was_recorded_and_never_sent_says_so_after_a_stop(make: Make, journal: Journal) -> None:
    world = make(count=40)
    plan = world.plan(*map(support, world.numbers))
    world.apply(plan, journal=journal, stop_after=1, at_once=1)
    records = [*journal.changes()]
    assert len(records) == 120
    never = [one for one in records if one.reason == "not sent"]
    assert never
    assert {one.outcome for one in never} == {ChangeOutcome.FAILED}
    others = [one.outcome for one in records if one.reason != "not sent"]
    assert {*others} <= {ChangeOutcome.DONE, ChangeOutcome.SENT}
    assert len(world.writes()) <= len(others)


def test_what_a_crash_left_without_an_outcome_is_settled_by_a_look(make: Make, journal: Journal) -> None:
    world = make()
    plan = world.plan(support(ONE), support(OTHER))
    world.phone.route(ONE, ToGateway(1000))
    of: dict[str, Any] = {"provider": "voicetel", "account": "voicetel", "what": "calls", "plan": plan.id}
    journal.begin_changes(
        [NewChange(**of, number=number, before=ToGateway(4), after=ToGateway(1000)) for number in (ONE, OTHER)]
    )
    world.apply(plan, journal=journal)
    first, second, *_ = journal.changes()
    assert (first.outcome, second.outcome) == (ChangeOutcome.DONE, ChangeOutcome.FAILED)
    assert {*outcomes(journal)} == {"done", "failed"}
    assert len(outcomes(journal, number=OTHER)) == 4


def test_nothing_is_sent_that_is_not_on_record(make: Make, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make(count=4)
    plan = world.plan(*map(support, world.numbers))

    def broken(*_: object) -> Any:
        raise JournalError("the disk is full")

    monkeypatch.setattr(journal, "begin_changes", broken)
    with pytest.raises(JournalError):
        world.apply(plan, journal=journal)
    assert world.writes() == []


def test_a_number_that_is_given_up_is_not_the_journals_any_more(make: Make, journal: Journal) -> None:
    world = make()
    noted: list[Any] = []
    journal.released = lambda *place: bool(noted.append(place))  # type: ignore[method-assign, func-returns-value]
    world.apply(world.plan(Desired(ONE, release=True)), journal=journal)
    assert noted == [("voicetel", "voicetel", ONE)]


def test_a_number_that_was_given_up_and_bought_again_is_not_called_gone(make: Make, journal: Journal) -> None:
    world = make()
    plan = world.plan(Desired(ONE, release=True))
    world.apply(plan, journal=journal)
    world.simulator.reset()  # the number is on the account again
    again = world.plan(Desired(ONE, release=True), journal=journal)
    sent = len(world.writes())
    (result,) = world.apply(again, journal=journal)
    assert (again.id, result.state, len(world.writes())) == (plan.id, ChangeState.SKIPPED, sent)
    assert "still or again on the account" in result.reason


# -- taken back


def test_undo_puts_back_what_was_and_names_what_it_cannot(make: Make, journal: Journal) -> None:
    world = make(count=4)
    one, other, third, fourth = world.numbers
    world.phone.route(other, ForwardTo(ELSEWHERE))
    wanted = [
        support(one),
        Desired(other, routes=[NoForward(), HOOK], campaign="CH5K5IZ", emergency=ADDRESS),
        Desired(third, caller_name="ACME", campaign="CH5K5IZ"),
        Desired(fourth, release=True),
    ]
    before = world.phone.run(_states(world))
    plan = world.plan(*wanted)
    world.apply(plan, journal=journal)
    world.phone.route(one, TextsToWebhook("https://example.com/other"))
    for undone in (plan, plan.id):
        undo: Plan = world.phone.undo(undone, journal=journal)
        assert undo.undoes == plan.id
        assert [(obstacle.number, obstacle.what) for obstacle in undo.obstacles] == [
            (one, "texts"),
            (third, "caller_name"),
            (fourth, "release"),
        ]
    results = world.apply(undo, journal=journal)
    assert {result.state for result in results} == {ChangeState.DONE}
    after = world.phone.run(_states(world))
    assert after[one] == evolve(before[one], texts=TextsToWebhook("https://example.com/other"))
    assert after[other] == before[other]
    assert after[third] == before[third]
    assert not [*world.phone.undo(plan, journal=journal).changes]
    assert all(result.state is ChangeState.ALREADY for result in world.apply(undo, journal=journal))


def test_undo_of_a_plan_that_was_done_by_half_takes_that_half_back(make: Make, journal: Journal) -> None:
    world = make(count=30)
    before = world.phone.run(_states(world))
    plan = world.plan(*map(support, world.numbers))
    world.apply(plan, stop_after=5, at_once=2, journal=journal)
    world.apply(world.phone.undo(plan.id, journal=journal), journal=journal)
    assert world.phone.run(_states(world)) == before


def test_undo_leaves_out_what_the_provider_refused_or_was_never_sent(make: Make, journal: Journal) -> None:
    world = make()
    world.apply(world.plan(Desired(ONE, caller_name="ACME CORP")), journal=journal)
    plan = world.plan(Desired(ONE, campaign="CH5K5IZ", caller_name="ACME SALES"), journal=journal)
    world.simulator.faults.add(Fault(kind="error", status=400, method="PUT"))
    assert [one.state for one in world.apply(plan, journal=journal)] == [ChangeState.FAILED]
    assert [one.is_same for one in world.phone.undo(plan, journal=journal).numbers] == [True]


def test_the_id_of_a_plan_that_is_not_on_record_is_refused(make: Make, journal: Journal) -> None:
    world = make()
    with pytest.raises(InvalidInput, match="without a journal"):
        world.phone.undo("0123456789abcdef")
    with pytest.raises(InvalidInput, match="no change of a plan"):
        world.phone.undo("0123456789abcdef", journal=journal)


def _states(world: World) -> Any:
    from anycarrier.desired_state import observe

    return observe(world.provider, kinds={ChangeKind.TEXTS, ChangeKind.CAMPAIGN, ChangeKind.EMERGENCY})


# -- several accounts


def test_each_number_is_changed_on_the_account_that_has_it(journal: Journal) -> None:
    voicetel, leadping = load("voicetel", owned=(ONE.ten_digit,)), load("leadping", owned=(OTHER.e164,))
    urls = ("http://127.0.0.1:1", "http://127.0.0.1:2")
    providers = [VoiceTel(**voicetel.settings, base_url=urls[0]), Leadping(**leadping.settings, base_url=urls[1])]
    both = Failover(providers, journal=journal)
    transport = SimTransport(dict(zip(urls, (voicetel, leadping), strict=True)))
    with Client(both, transport=transport, clock=VirtualClock()) as phone:
        plan = phone.plan(
            [
                Desired(ONE, routes=[ToGateway(1000)]),
                Desired(OTHER, label="Main line", routes=[ToGateway(1000)]),
                Desired(FAR, routes=[NoTexts()]),
            ]
        )
        assert [part.account for part in plan.numbers] == ["voicetel", "leadping", ""]
        assert [obstacle.number for obstacle in plan.obstacles] == [OTHER, FAR]
        assert {one.account: one.state for one in phone.apply(plan)} == {
            "voicetel": ChangeState.DONE,
            "leadping": ChangeState.DONE,
        }
        undo = phone.undo(plan)
        assert sorted(change.number for change in undo.changes) == [ONE, OTHER]
    assert outcomes(journal, plan=plan.id) == ["done", "done"]


def test_a_number_that_two_accounts_have_is_changed_on_neither() -> None:
    simulators = {f"http://127.0.0.1:{port}": load("voicetel", owned=(ONE.ten_digit,)) for port in (1, 2)}
    providers = [
        VoiceTel(api_key=f"{at}" * 32, base_url=url, account=f"account{at}") for at, url in enumerate(simulators)
    ]
    for at, simulator in enumerate(simulators.values()):
        simulator.account.api_key = f"{at}" * 32  # type: ignore[attr-defined]
    with Client(Failover(providers), transport=SimTransport(simulators), clock=VirtualClock()) as phone:
        plan = phone.plan([Desired(ONE, routes=[ToGateway(1000)])])
    assert [*plan.changes] == []
    assert "account0, account1" in next(plan.obstacles).reason


@pytest.mark.parametrize(("campaign", "said"), [("CUNKN0WN", "no such campaign"), ("CEXPIRD", "CAMPAIGN_EXPIRED")])
def test_a_campaign_that_cannot_be_bound_is_an_obstacle(make: Make, campaign: str, said: str) -> None:
    world = make(count=3)
    plan = world.plan(*(Desired(number, routes=[ToGateway(1000)], campaign=campaign) for number in world.numbers))
    assert {change.what for change in plan.changes} == {ChangeKind.CALLS}
    reasons = [(obstacle.what, said in obstacle.reason) for obstacle in plan.obstacles]
    assert reasons == [(ChangeKind.CAMPAIGN, True)] * 3
    assert sum("campaigns" in request.url for request in world.phone.sent) == 1


def test_a_gateway_that_is_not_there_is_an_obstacle_and_is_looked_up_once(make: Make) -> None:
    world = make(count=4)
    known, *missing = (Desired(number, routes=[ToGateway(1000), HOOK]) for number in world.numbers)
    plan = world.plan(known, *(evolve(one, routes=(ToGateway(9999), HOOK)) for one in missing))
    assert [(one.what, one.after) for one in plan.obstacles] == [(ChangeKind.CALLS, ToGateway(9999))] * 3
    assert "no gateway 9999" in next(plan.obstacles).reason
    assert [change.what for change in plan.changes] == ["calls", *["texts"] * 4]
    assert sum("gateways" in request.url for request in world.phone.sent) == 1


def test_a_gateway_that_a_number_has_or_every_account_has_is_not_looked_up(make: Make) -> None:
    world = make(count=3)
    one, other, third = world.numbers
    world.phone.route(one, ToGateway(1000))
    world.phone.sent.clear()
    wanted = [Desired(number, routes=[ToGateway(1000), HOOK]) for number in (one, other)]
    plan = world.plan(*wanted, Desired(third, routes=[ToGateway(2)]))
    assert [*plan.obstacles] == []
    assert len(world.phone.sent) == 2  # the list, and what texts it states


def test_a_gateway_that_cannot_be_looked_up_plans_nothing(make: Make) -> None:
    world = make()
    world.simulator.faults.add(Fault(kind="error", status=401, path="/v2.2/gateways"))
    with pytest.raises(AuthenticationFailed):
        world.plan(Desired(ONE, routes=[ToGateway(1001)]))


def test_a_plan_whose_count_of_numbers_was_edited_is_refused(make: Make) -> None:
    """Else it would change more than its share without a confirmation."""
    world = make(count=20)
    plan = world.plan(*(Desired(number, routes=[ToGateway(1000)]) for number in world.numbers))
    assert plan.unsafe(0.3)
    edited = evolve(plan, existing=dict.fromkeys(plan.existing, 1000))
    assert not edited.unsafe(0.3)
    with pytest.raises(InvalidInput, match="id"):
        world.apply(edited)
