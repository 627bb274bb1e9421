"""Whatever happens at two joined simulators: a number is at one of them at a time, and none is lost unasked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anycarrier.simulator import join, load
from anycarrier_adapters._leadconnector.simulator import LeadConnectorSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from support.voicetel_played import DAY, PORT, Time, ask

NUMBERS = ["+13125550150", "+13125550151", "+18005550150"]
GOOD = {"lcAccountNumber": "100200300", "pin": "4321", "streetNumber": "411", "zip": "07601", "desiredDueDate": ""}

ACTIONS = st.one_of(
    st.tuples(st.just("order"), st.sets(st.sampled_from(NUMBERS), min_size=1), st.sampled_from(["4321", "0000"])),
    st.tuples(st.just("sign")),
    st.tuples(st.just("days"), st.sampled_from([0.5, 1.0, 3.0, 8.0])),
    st.tuples(st.just("delete"), st.sampled_from(NUMBERS)),
    st.tuples(
        st.just("fact"),
        st.sampled_from(NUMBERS),
        st.sampled_from(
            [
                {"arrive_days": -3},
                {"arrive_days": 2},
                {"stays": True},
                {"reason": "Not served"},
                {"porting_to": "Third Telecom"},
                {"answer_days": 5},
            ]
        ),
    ),
)


END: list[tuple[Any, ...]] = [("sign",), ("days", 1.0), ("sign",), ("days", 8.0), ("days", 8.0)]
"""Actions after all others, so that what was ordered comes to its end."""


def order(gaining: VoiceTelSimulator, numbers: set[str], pin: str) -> None:
    wanted = sorted(number[2:] for number in numbers)
    for number in wanted:
        ask(gaining, "GET", f"/ports/availability/{number}")
    ask(gaining, "POST", "/ports", {**PORT, **GOOD, "did": wanted, "features": [], "pin": pin})


def act(time: Time, losing: LeadConnectorSimulator, gaining: VoiceTelSimulator, action: tuple[Any, ...]) -> None:
    match action:
        case ("order", numbers, pin):
            order(gaining, numbers, pin)
        case ("sign",):
            gaining.happen("loa")
        case ("days", days):
            time.at += days * DAY
        case ("delete", number) if number in losing.held():
            losing.happen("delete", number=number)
        case ("fact", number, facts):
            gaining.happen("other_carrier", number=number, **facts)


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(st.lists(ACTIONS, max_size=14))
def test_a_number_is_at_one_carrier_at_a_time(actions: list[tuple[Any, ...]]) -> None:
    time = Time()
    losing = load("lc_phone", now=time, owned=NUMBERS)
    assert isinstance(losing, LeadConnectorSimulator)
    gaining = VoiceTelSimulator(now=time, balance=10_000, owned=())
    join(losing=losing, gaining=gaining)
    for action in (*actions, *END):
        act(time, losing, gaining, action)
        losing.settle()
        gone = {number for _, number in losing.ledger.releases}
        places = [number for simulator in (losing, gaining) for number in simulator.held()]
        assert sorted([*places, *gone]) == sorted(NUMBERS), action
        left = [number for _, number in losing.ledger.ported_out]
        assert sorted(left) == sorted(gaining.held()), action
        ports = gaining.account.ports.values()
        coming = [
            number for port in ports if port.rejection is None for number in port.numbers if number not in port.settled
        ]
        assert len(coming) == len({*coming}), "a number is in one live port at a time"
        fees = 6 * sum(len(port.numbers) for port in ports)
        assert gaining.account.balance == 10_000 - fees
