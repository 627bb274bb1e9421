"""Plans of switches: for each number whether it is ported, replaced or left, and why."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import Desired, ForwardTo, InvalidInput, Money, Plan, Search, ToGateway, Unsupported
from anycarrier.desired_state import ChangeKind, NumberPlan
from anycarrier.json_forms import from_json, to_json
from anycarrier.switching import Move, SwitchRules
from anycarrier.switching.applying import is_switch
from support.switching import HOOK, SETUP, SwitchWorld

from .conftest import MakeSwitch

MAKE_IT = "make it at the new carrier, or name another in the rules or in the number's line"


def of(plan: Plan, number: Any) -> NumberPlan:
    (found,) = (one for one in plan.numbers if one.number == number)
    return found


def why(plan: Plan, number: Any) -> str:
    one = of(plan, number)
    assert not one.changes
    assert one.left
    return one.left


def test_each_number_is_ported_replaced_or_left_with_the_reason_and_nothing_is_written(make: MakeSwitch) -> None:
    world = make()
    plan = world.plan()
    assert {request.method for request in world.phone.sent} == {"GET"}
    assert is_switch(plan)
    assert from_json(Plan, to_json(plan)) == plan
    for number in world.ported:
        one = of(plan, number)
        assert (one.provider, one.account, one.monthly_after) == ("voicetel", "voicetel", Money("0.5"))
        move, calls, texts, campaign = one.changes
        assert (move.what, move.before, move.after) == (ChangeKind.PORT_IN, "lc_phone/lc_phone", "voicetel/voicetel")
        assert move.cost == Money("6")
        assert [step.after for step in (calls, texts, campaign)] == [ToGateway(1000), HOOK, "CH5K5IZ"]
        assert {step.before for step in (calls, texts, campaign)} == {None}
    for number in world.replaced:
        move = of(plan, number).changes[0]
        assert (move.what, move.after, move.cost) == (ChangeKind.REPLACE, Search(area_code="201"), Money("0.5"))
    pooled, menu = world.left
    assert why(plan, pooled) == "it is in the number pool 'Sales Team Pool'"
    assert why(plan, menu) == "an IVR of LC Phone v3 answers its calls"
    assert of(plan, menu).obstacles[0].by_hand == "say in its own line where its calls go"
    assert plan.existing == {"lc_phone": 7, "voicetel": 0}
    assert plan.cost == (Money("19"),)


def test_a_line_of_its_own_says_where_the_calls_of_an_ivr_go(make: MakeSwitch) -> None:
    world = make(ported=0, replaced=0)
    pooled, menu = world.left
    moves = [Move(pooled, desired=Desired(routes=[ForwardTo("+12125550142")])), Move(menu, desired=SETUP)]
    plan = world.plan(moves=moves)
    assert [one.changes[0].what for one in plan.numbers] == [ChangeKind.PORT_IN, ChangeKind.PORT_IN]
    assert [step.after for step in of(plan, pooled).changes[1:]] == [ToGateway(1000), ForwardTo("+12125550142"), HOOK, "CH5K5IZ"]  # fmt: skip  # noqa: E501


def test_what_the_old_side_states_goes_along_and_the_rules_stand_above_it(make: MakeSwitch) -> None:
    world = make(ported=0, replaced=0, pooled=0, menus=0)
    number = "+13125550160"
    world.lc.own(number, name="Front desk", forwarding="+12125550142")
    (one,) = world.plan(rules=SwitchRules()).numbers
    assert [(step.what.value, step.after) for step in one.changes[1:]] == [("forward", ForwardTo("+12125550142"))]
    (one,) = world.plan(rules=SwitchRules(routes=False)).numbers
    assert not one.changes[1:]
    rules = SwitchRules(setup=Desired(routes=[ForwardTo("+12125550143")]))
    (one,) = world.plan(rules=rules).numbers
    assert [step.after for step in one.changes[1:]] == [ForwardTo("+12125550143")]
    own = Move(number, desired=Desired(routes=[ForwardTo("+12125550144")]))
    (one,) = world.plan(rules=rules, moves=[own]).numbers
    assert [step.after for step in one.changes[1:]] == [ForwardTo("+12125550144")]


def test_numbers_that_stay(make: MakeSwitch) -> None:
    world = make(ported=3, replaced=1, pooled=0, menus=0)
    first, second, third = world.ported
    (stuck,) = world.replaced
    world.voicetel.account.owned[first.ten_digit] = _owned(world, first.ten_digit)
    moves = [Move(first), Move(second, "leave"), Move(third), Move(stuck)]
    plan = world.plan(moves=moves, rules=SwitchRules(not_portable="leave"))
    assert why(plan, first) == "it is on the new account already"
    assert why(plan, second) == "it is to stay"
    assert of(plan, third).changes[0].what is ChangeKind.PORT_IN
    assert why(plan, stuck) == "it cannot be ported: Rate center not served"
    (alone,) = world.plan(moves=[Move(third)]).numbers
    assert alone.number == third


def _owned(world: SwitchWorld, number: str) -> Any:
    from anycarrier_adapters.voicetel.simulator.records import Owned

    return Owned(number, world.at, route=4, translated=number)


def test_what_the_new_side_does_not_have_is_an_obstacle(make: MakeSwitch) -> None:
    world = make(ported=2, replaced=0, pooled=0, menus=0)
    first, second = world.ported
    moves = [
        Move(first, desired=Desired(campaign="CNONE11")),
        Move(second, desired=Desired(routes=[ToGateway(9999)])),
    ]
    plan = world.plan(moves=moves)
    for number, kind in ((first, ChangeKind.CAMPAIGN), (second, ChangeKind.CALLS)):
        one = of(plan, number)
        assert not one.changes
        assert [obstacle.what for obstacle in one.obstacles] == [kind]
        assert (
            one.obstacles[0].by_hand
            == "make it at the new carrier, or name another in the rules or in the number's line"
        )
    assert not is_switch(plan)


def test_a_replacement_is_looked_for_by_what_is_known_and_each_is_another_number(make: MakeSwitch) -> None:
    world = make(ported=0, replaced=0, pooled=0, menus=0)
    far = "+19175550150"  # none of its area code is for sale
    near = "+12015550150"
    for number in (far, near):
        world.lc.own(number, name="Old line")
    rules = SwitchRules(move="replace")
    plan = world.plan(rules=rules)
    assert of(plan, near).changes[0].after == Search(area_code="201")
    assert "no number like it is for sale" in of(plan, far).obstacles[0].reason
    plan = world.plan(rules=rules, moves=[Move(far, state="NJ"), Move(near, rate_center="HACKENSACK", state="NJ")])
    assert of(plan, far).changes[0].after == Search(state="NJ")
    assert of(plan, near).changes[0].after == Search(rate_center="HACKENSACK", state="NJ")
    plan = world.plan(rules=SwitchRules(move="replace", alike=["rate_center"]))
    assert not is_switch(plan)


def test_wrong_arguments_are_refused_before_anything_is_read(make: MakeSwitch) -> None:
    world = make(ported=1, replaced=0, pooled=0, menus=0)
    (number,) = world.ported
    for source, target, more, said in (
        ("lc", "voicetel", {}, "source must be one of this client's accounts"),
        ("lc_phone", "lc_phone", {}, "source and target are one account"),
        ("lc_phone", "voicetel", {"moves": [number]}, r"moves\[0\] must be a Move"),
        ("lc_phone", "voicetel", {"moves": [Move(number), Move(number)]}, "stands in the list already"),
        ("lc_phone", "voicetel", {"rules": {}}, "rules must be SwitchRules"),
    ):
        with pytest.raises(InvalidInput, match=said):
            world.phone.plan_switch(source, target, **more)
    assert not world.phone.sent
    with pytest.raises(InvalidInput, match="1 of the numbers are not on account 'lc_phone'"):
        world.plan(moves=[Move("+12125550142")])
    world.voicetel.account.owned["2125550142"] = _owned(world, "2125550142")
    with pytest.raises(Unsupported, match="port"):
        world.phone.plan_switch("voicetel", "lc_phone", rules=SwitchRules(routes=False))


def test_a_plan_of_many_needs_a_confirmation_for_its_share_and_its_cost(make: MakeSwitch) -> None:
    world = make(ported=12, replaced=0, pooled=0, menus=0)
    plan = world.plan()
    assert plan.unsafe(0.3) == [
        "it changes 12 of the 12 numbers of lc_phone, more than 30%",
        "it costs 72 USD",
    ]
    with pytest.raises(InvalidInput, match="confirm="):
        world.apply(plan, confirm=None)
    some = world.plan(moves=[Move(number) for number in world.ported[:3]])
    assert some.unsafe(0.3) == ["it costs 18 USD"]
