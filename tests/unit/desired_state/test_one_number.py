"""One number: its desired state, what is observed of it, the difference, and each change of it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from anycarrier import (
    Change,
    Conflict,
    Desired,
    EmergencyAddress,
    ForwardTo,
    InvalidInput,
    NoForward,
    NoTexts,
    NotFound,
    Status,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
    Unsupported,
)
from anycarrier.desired_state import ChangeKind, ChangeState, Difference, NumberState, carry_out, difference, observe
from anycarrier.model import BindingStatus
from anycarrier.simulator import Fault
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.voicetel import MessagingRoutes, VoiceTel
from support.desired import BASE, ELSEWHERE, ONE, OTHER, Make

HOOK = "https://example.com/texts"
ADDRESS = EmergencyAddress(
    name="Acme Inc", street="411 Hackensack Avenue", city="Hackensack", state="NJ", postal_code="07601"
)


# -- desired


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": "12"}, "number"),
        ({"routes": ToGateway(1)}, "must be a list"),
        ({"routes": "calls"}, "must be a list"),
        ({"routes": [1]}, "ToGateway"),
        ({"routes": [MessagingRoutes(route_in=3)]}, "neutral"),
        ({"routes": [NoForward(), ForwardTo(OTHER)]}, "contradict"),
        ({"routes": [ToGateway(1), ToGateway(2)]}, "contradict"),
        ({"campaign": True}, "campaign"),
        ({"campaign": ""}, "campaign"),
        ({"label": False}, "label"),
        ({"caller_name": "SIXTEEN LETTERS!"}, "caller_name"),
        ({"emergency": True}, "emergency"),
        ({"enabled": 1}, "enabled"),
        ({"release": True, "label": "Main line"}, "release"),
    ],
)
def test_a_desired_state_that_makes_no_sense_is_refused_by_the_part_that_is_wrong(
    wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        Desired(**{"number": ONE, **wrong})


def test_a_desired_state_names_its_values_in_the_order_in_which_they_are_changed() -> None:
    desired = Desired(
        "(201) 555-0101", emergency=False, enabled=False, campaign=False, routes=[NoTexts(), NoForward(), ToGateway(7)]
    )
    assert [*desired.values()] == [
        ("calls", ToGateway(7)),
        ("forward", NoForward()),
        ("texts", NoTexts()),
        ("campaign", False),
        ("emergency", False),
        ("enabled", False),
    ]
    assert [*Desired(ONE, release=False).values()] == []
    assert [*Desired(ONE, release=True).values()] == [("release", True)]


def test_a_change_is_undone_where_the_former_value_is_known_and_can_be_set() -> None:
    assert Change(ONE, "campaign", False, "CB2PATH").undo == Change(ONE, "campaign", "CB2PATH", False)
    assert Change(ONE, "texts", NoTexts(), TextsToWebhook(HOOK)).undo == Change(
        ONE, "texts", TextsToWebhook(HOOK), NoTexts()
    )
    assert Change(ONE, "enabled", False, True).undo == Change(ONE, "enabled", True, False)
    assert Change(ONE, "caller_name", None, "ACME").undo is None
    assert Change(ONE, "label", False, "Main line").undo is None
    assert Change(ONE, "release", None, True).undo is None


# -- observed


@pytest.mark.parametrize(
    "texts", [TextsToWebhook(HOOK), TextsToEmail("texts@example.com"), TextsToSip("sip.example.com"), NoTexts()]
)
def test_voicetel_states_every_kind_of_route_in_two_requests(make: Make, texts: Any) -> None:
    world = make()
    world.phone.route(ONE, ToGateway(1000), ForwardTo(ELSEWHERE), texts)
    world.phone.bind_campaign(ONE, "CH5K5IZ")
    world.phone.sent.clear()
    state = world.observed(kinds={ChangeKind.TEXTS})
    assert len(world.phone.sent) == 2
    assert (state.calls, state.forward, state.texts) == (ToGateway(1000), ForwardTo(ELSEWHERE), texts)
    assert (state.campaign, state.binding) == ("CH5K5IZ", BindingStatus.ACTIVE)
    other = world.observed(OTHER)
    assert (other.texts, other.campaign, other.emergency) == (NoTexts(), False, False)
    assert (other.caller_name, other.label, other.enabled) == (None, None, None)


def test_all_numbers_are_observed_with_one_list_and_a_number_of_others_is_left_out(make: Make) -> None:
    world = make()
    world.phone.set_emergency_address(ONE, ADDRESS)
    world.phone.sent.clear()
    states = world.phone.run(observe(world.provider, kinds={ChangeKind.TEXTS, ChangeKind.EMERGENCY}))
    assert len(world.phone.sent) == 3
    assert {*states} == {ONE, OTHER}
    assert states[ONE].emergency.city == "HACKENSACK"
    assert states[OTHER].emergency is False
    assert world.phone.run(observe(world.provider, [ELSEWHERE])) == {}


def test_no_state_is_made_of_a_part_of_the_answers(make: Make) -> None:
    world = make()
    world.simulator.faults.add(Fault(kind="error", status=403, operation="messaging_bulk", times=None))
    with pytest.raises(Exception, match="403"):
        world.phone.run(observe(world.provider))
    assert ONE in world.phone.run(observe(world.provider, kinds={ChangeKind.CALLS}))


def test_leadping_states_labels_and_the_switch_in_its_list_and_in_its_record(make: Make) -> None:
    world = make("leadping")
    world.phone.set_label(ONE, "Main line")
    for states in (world.phone.run(observe(world.provider)), world.phone.run(observe(world.provider, [ONE]))):
        assert (states[ONE].label, states[ONE].enabled) == ("Main line", True)


# -- difference

VOICETEL = VoiceTel(api_key="0" * 32)
STATE = NumberState(
    provider="voicetel",
    account="voicetel",
    number=ONE,
    status=Status.ACTIVE,
    calls=ToGateway(4),
    forward=NoForward(),
    texts=NoTexts(),
    campaign=False,
    emergency=ADDRESS,
    caller_name="ACME",
)


def test_only_what_differs_is_changed_and_nothing_that_is_not_named() -> None:
    desired = Desired(ONE, routes=[ToGateway("4"), TextsToWebhook(HOOK)], campaign="CB2PATH", caller_name=" acme ")
    found = difference(VOICETEL, desired, STATE)
    assert found.changes == (
        Change(ONE, "texts", NoTexts(), TextsToWebhook(HOOK)),
        Change(ONE, "campaign", False, "CB2PATH"),
    )
    assert found.obstacles == ()
    capitals = evolve(ADDRESS, street="411 HACKENSACK  AVENUE", city="HACKENSACK", name="ACME INC")
    assert difference(VOICETEL, Desired(ONE, emergency=capitals), STATE) == Difference()
    assert difference(VOICETEL, Desired(ONE), STATE) == Difference()


def test_what_is_not_stated_is_changed_from_an_unknown_value() -> None:
    found = difference(VOICETEL, Desired(ONE, caller_name="ACME"), evolve(STATE, caller_name=None))
    assert found.changes == (Change(ONE, "caller_name", None, "ACME"),)


def test_the_routes_that_a_provider_cannot_set_are_obstacles_before_anything_is_sent() -> None:
    desired = Desired(ONE, routes=[ToGateway("main"), TextsToWebhook("http://example.com")], label="Main line")
    found = difference(VOICETEL, desired, STATE)
    assert found.changes == ()
    assert [(one.what, one.by_hand) for one in found.obstacles] == [("calls", None), ("texts", None), ("label", None)]
    assert "gateway" in found.obstacles[0].reason
    assert "https" in found.obstacles[1].reason
    assert "no label" in found.obstacles[2].reason


def test_what_a_person_does_instead_is_named() -> None:
    provider = LCPhone(token="t", location_id="L1")
    state = NumberState(provider="lc_phone", account="lc_phone", number=ONE, status=Status.ACTIVE)
    found = difference(provider, Desired(ONE, routes=[ForwardTo(OTHER)], campaign="CB2PATH", caller_name="ACME"), state)
    assert found.changes == ()
    assert [one.by_hand and one.by_hand.partition(" of ")[2] for one in found.obstacles] == [
        "the LeadConnector web app",
        "the LeadConnector web app (Trust Center)",
        None,
    ]


def test_a_number_that_leaves_or_waits_for_a_person_is_not_changed() -> None:
    desired = Desired(ONE, routes=[ToGateway(1000)])
    for status in (Status.RELEASING, Status.RELEASED, Status.PORTING_OUT, Status.FAILED):
        found = difference(VOICETEL, desired, evolve(STATE, status=status, provider_status="Word"))
        assert not found.changes
        assert "(Word)" in found.obstacles[0].reason
    (waits,) = difference(VOICETEL, desired, evolve(STATE, status=Status.NEEDS_ACTION)).obstacles
    assert waits.by_hand
    assert difference(VOICETEL, desired, evolve(STATE, status=Status.PENDING)).changes
    (absent,) = difference(VOICETEL, desired, None).obstacles
    assert (absent.what, absent.reason) == (None, "it is not on this account")


def test_a_release_is_a_change_until_the_number_is_leaving_and_pending_until_it_has_left() -> None:
    desired = Desired(ONE, release=True)
    assert difference(VOICETEL, desired, STATE).changes == (Change(ONE, "release", None, True),)
    assert difference(VOICETEL, desired, evolve(STATE, status=Status.FAILED)).changes
    assert difference(VOICETEL, desired, evolve(STATE, status=Status.RELEASING)).pending == ("release",)
    assert difference(VOICETEL, desired, None) == Difference()


def test_a_binding_that_the_provider_finishes_later_is_pending_and_not_sent_again() -> None:
    bound = evolve(STATE, campaign="CB2PATH", binding=BindingStatus.PENDING)
    assert difference(VOICETEL, Desired(ONE, campaign="CB2PATH"), bound).pending == ("campaign",)
    assert difference(VOICETEL, Desired(ONE, campaign="CH5K5IZ"), bound).changes
    (failed,) = difference(
        VOICETEL, Desired(ONE, campaign="CB2PATH"), evolve(bound, binding=BindingStatus.FAILED)
    ).obstacles
    assert failed.by_hand
    leaving = evolve(STATE, campaign="CB2PATH", binding=BindingStatus.UNBINDING)
    assert difference(VOICETEL, Desired(ONE, campaign=False), leaving).pending == ("campaign",)


# -- carried out

VOICETEL_CHANGES = [
    ("calls", ToGateway(1000)),
    ("forward", ForwardTo(ELSEWHERE)),
    ("forward", NoForward()),
    ("texts", TextsToWebhook(HOOK)),
    ("campaign", "CH5K5IZ"),
    ("emergency", ADDRESS),
]


@pytest.mark.parametrize(("what", "after"), VOICETEL_CHANGES)
def test_each_change_makes_the_observed_state_the_desired_one_and_a_second_look_sends_nothing(
    make: Make, what: str, after: Any
) -> None:
    world = make()
    desired = Desired(ONE, **({what: after} if what in ("campaign", "emergency") else {"routes": [after]}))
    assert world.carry_out(what, after) is ChangeState.DONE
    checked = world.phone.check_emergency_address(after) if what == "emergency" else None
    if checked is not None:
        desired = Desired(ONE, emergency=checked)
    assert difference(world.provider, desired, world.observed()) == Difference()
    sent = len(world.writes())
    assert world.carry_out(what, checked or after, look_first=True) is ChangeState.ALREADY
    assert len(world.writes()) == sent


def test_a_route_is_set_with_one_request(make: Make) -> None:
    world = make()
    world.carry_out("texts", TextsToWebhook(HOOK))
    assert [request.method for request in world.phone.sent] == ["PUT"]


@pytest.mark.parametrize(
    ("what", "value", "none"),
    [("campaign", "CH5K5IZ", False), ("emergency", ADDRESS, False), ("texts", TextsToWebhook(HOOK), NoTexts())],
)
def test_what_is_taken_away_is_gone_and_taking_it_away_twice_is_no_error(
    make: Make, what: str, value: Any, none: Any
) -> None:
    world = make()
    world.carry_out(what, value)
    assert world.carry_out(what, none, value) is ChangeState.DONE
    assert world.observed().value(ChangeKind(what)) == none
    assert world.carry_out(what, none, value) in (ChangeState.DONE, ChangeState.ALREADY)


def test_leadping_takes_a_label_and_the_switch(make: Make) -> None:
    world = make("leadping")
    assert world.carry_out("label", "Support") is ChangeState.DONE
    assert world.carry_out("enabled", False) is ChangeState.DONE
    state = world.observed()
    assert (state.label, state.enabled) == ("Support", False)
    with pytest.raises(Unsupported):
        world.carry_out("campaign", "CB2PATH")


def test_a_binding_that_goes_on_is_pending_until_it_stands(make: Make) -> None:
    world = make(release="2.2.17")
    world.simulator.now = world.phone.clock.time
    assert world.carry_out("campaign", "CH5K5IZ") is ChangeState.PENDING
    assert world.carry_out("campaign", "CH5K5IZ", look_first=True) is ChangeState.PENDING
    assert (world.observed().campaign, world.observed().binding) == ("CH5K5IZ", BindingStatus.PENDING)
    assert len(world.writes()) == 1
    world.phone.clock.advance(600)
    assert world.carry_out("campaign", "CH5K5IZ", look_first=True) is ChangeState.ALREADY


def test_a_release_is_done_at_once_or_pending_and_done_already_when_the_number_is_gone(make: Make) -> None:
    assert (world := make()).carry_out("release", True) is ChangeState.DONE
    assert world.carry_out("release", True, look_first=True) is ChangeState.ALREADY
    assert world.carry_out("release", True) is ChangeState.ALREADY
    assert (world := make("leadping")).carry_out("release", True) is ChangeState.PENDING
    assert world.carry_out("release", True, look_first=True) is ChangeState.PENDING


@pytest.mark.parametrize(("what", "after"), [*VOICETEL_CHANGES, ("texts", NoTexts()), ("campaign", False)])
def test_a_number_of_others_is_not_found(make: Make, what: str, after: Any) -> None:
    world = make()
    for look_first in (False, True):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - what each endpoint documents
            world.phone.run(carry_out(world.provider, Change(ELSEWHERE, what, None, after), look_first=look_first))
        assert getattr(caught.value, "number", None) == ELSEWHERE
        if look_first or what != "calls":  # VoiceTel documents 400 alone for a gateway
            assert isinstance(caught.value, NotFound)


def test_a_change_whose_answer_is_lost_is_done_when_a_look_shows_it(make: Make) -> None:
    world = make()
    world.carry_out("campaign", "CH5K5IZ")
    # The first answer is lost after the work was done, and a repetition finds nothing to unbind.
    world.simulator.faults.add(Fault(kind="error", status=503, operation="campaign_unassign", done=True))
    assert world.carry_out("campaign", False, "CH5K5IZ") in (ChangeState.DONE, ChangeState.ALREADY)
    assert world.observed().campaign is False


def test_a_change_that_a_look_does_not_show_raises_what_the_operation_raised(make: Make) -> None:
    world = make()
    world.simulator.faults.add(Fault(kind="reset", method="PUT", times=None, done=False))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the wire gives
        world.carry_out("calls", ToGateway(1000))
    assert caught.value.maybe_applied  # type: ignore[attr-defined]
    assert caught.value.number == ONE  # type: ignore[attr-defined]


def test_a_campaign_of_another_name_is_never_unbound(make: Make) -> None:
    world = make()
    world.carry_out("campaign", "CH5K5IZ")
    with pytest.raises(NotFound):
        world.carry_out("campaign", False, "CB2PATH")
    assert world.observed().campaign == "CH5K5IZ"


def test_a_binding_that_the_provider_refuses_is_an_error(make: Make) -> None:
    class Refuses(VoiceTel):
        def bind_campaign(self, target: Any, campaign_id: str) -> Any:
            binding = yield from super().bind_campaign(target, campaign_id)
            return evolve(binding, status=BindingStatus.FAILED, provider_status="failed")

    world = make()
    provider = Refuses(**world.simulator.settings, base_url=BASE)
    with pytest.raises(Conflict, match="failed"):
        world.phone.run(carry_out(provider, Change(ONE, "campaign", False, "CH5K5IZ")))
