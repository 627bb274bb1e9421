"""A dump that is read back wants nothing else than what is."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from attrs import evolve

from anycarrier import Client
from anycarrier.desired_state import NumberState, observe
from anycarrier.model import NoForward, NoTexts, TextsTo, TextsToSip, ToGateway
from anycarrier.number_files import desired_from_csv, states_to_csv
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import stated
from anycarrier.simulator import SimTransport, load
from anycarrier.testing import VirtualClock

BASE = "http://127.0.0.1:1"


@pytest.mark.parametrize("name", ["lc_legacy", "lc_phone", "leadping", "voicetel"])
def test_the_plan_of_a_dump_is_empty(name: str) -> None:
    simulator = load(name)
    transport = SimTransport({BASE: simulator})
    phone: Client[Any]
    with Client(name, **simulator.settings, base_url=BASE, transport=transport, clock=VirtualClock()) as phone:
        states = phone.run(observe(phone.provider))
        wanted = desired_from_csv("".join(states_to_csv(states.values())))
        plan = phone.plan(wanted)
    assert [one.number for one in wanted] == [*states]
    assert states
    assert [one.number for one in plan.numbers if not one.is_same] == []
    if name == "voicetel":
        assert any([*one.values()] for one in wanted)


STATE = NumberState(
    provider="acme",
    account="main",
    number=stated("+12015550123"),
    calls=ToGateway("1000"),
    forward=NoForward(),
    texts=NoTexts(),
    campaign=False,
    label="Main line",
    caller_name="ACME",
    emergency=EmergencyAddress(name="=A", street="1 Main St", city="-B", state="NJ", postal_code="07601"),
    enabled=False,
)
HOSTILE = (
    "=HYPERLINK(0)",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "'quoted",
    "''",
    "\uff1d1",
    "two\nlines",
    "\u202eevil",
    'a;b,c "d"',
    " spaces ",
    "none",
    "\x1b[31m",
)


def row_of(state: NumberState) -> dict[str, str]:
    (row,) = csv.DictReader(io.StringIO("".join(states_to_csv([state])), newline=""))
    return row


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_is_safe_to_open_and_read_back_or_left_alone(text: str) -> None:
    state = evolve(STATE, label=text, caller_name=text[:15], texts=TextsToSip("sip:x@example.com"), campaign=text)
    row = row_of(state)
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\uff1d", "\t", "\r", "\n"))]
    assert not [cell for cell in row.values() if "\x1b" in cell or "\u202e" in cell]
    (wanted,) = desired_from_csv("".join(states_to_csv([state])))
    assert wanted.label in (text, None)
    assert wanted.campaign in (text, None)
    assert wanted.emergency == STATE.emergency
    assert (wanted.label is None) == (text in ("two\nlines", "\u202eevil", " spaces ", "\x1b[31m")), text


def test_everything_of_a_state_is_written() -> None:
    row = row_of(STATE)
    assert (row["number"], row["calls"], row["forward"], row["texts"]) == ("2015550123", "gateway 1000", "none", "none")
    assert (row["campaign"], row["enabled"], row["emergency_name"]) == ("none", "no", "'=A")
    (wanted,) = desired_from_csv("".join(states_to_csv([STATE])))
    assert dict(wanted.values()) == {kind: STATE.value(kind) for kind, _ in wanted.values()}
    assert len([*wanted.values()]) == 8
    abroad = evolve(STATE, number=stated("+442079460018"), texts=TextsTo("MG01"), emergency=False, label=False)
    row = row_of(abroad)
    assert (row["number"], row["texts"], row["emergency"], row["label"]) == (
        "+442079460018",
        "application MG01",
        "none",
        "",
    )
