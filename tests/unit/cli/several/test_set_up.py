"""``provision`` with routes and a campaign: each number is bought and set up, or it says what is missing."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

import pytest

from anycarrier.cli.exit_codes import Exit
from anycarrier.desired_state import ChangeRecord
from anycarrier.json_forms import from_json
from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import Simulator
from support.several import PROVISION, charged
from support.terminal import Run, Terminal, last_line

SETUP = ("--gateway", "1000", "--texts-webhook", "https://example.com/texts", "--campaign", "CB2PATH")
FROM = ("--from", "lc_phone", "--from", "voicetel")


@pytest.mark.slow
def test_a_number_is_bought_and_set_up(run: Run, simulators: Mapping[str, Simulator]) -> None:
    code, out, err = run(*PROVISION, *FROM, *SETUP, "--request-id", "r", "--output", "json")
    found = json.loads(out)
    assert code == 0, err
    assert (found["complete"], found["slots"][0]["state"], found["slots"][0]["setup"]) == (True, "SET_UP", "done")
    assert found["slots"][0]["reasons"]["lc_phone"].startswith("cannot route calls to a gateway")
    for step in ("calls", "texts", "campaign", "done"):
        assert f"setting up: {step}" in err
    ((_, number),) = charged(simulators)
    assert simulators["voicetel"].account.owned[number].campaign == "CB2PATH"  # type: ignore[attr-defined]
    assert "set up" in run("purchases")[1]
    told = run("purchases", "r")[1]
    assert "set-up        calls to gateway 1000, texts to https://example.com/texts, campaign CB2PATH" in told
    for what in ("calls", "texts", "campaign"):
        assert f"set up {what}: done" in told
    steps = json.loads(run("purchases", "r", "--output", "json")[1])["purchases"][0]["intents"][0]["steps"]
    assert {from_json(ChangeRecord, one).number for one in steps} == {PhoneNumber("+12015550100")}
    assert [(one["what"], one["outcome"]) for one in steps] == [(one, "done") for one in ("calls", "texts", "campaign")]


def test_the_question_says_what_is_set_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    monkeypatch.setattr(sys, "stderr", terminal)
    argv = [one for one in PROVISION if one != "--yes"]
    assert run(*argv, "--from", "voicetel", *SETUP, "--count", "2")[0] == Exit.INTERRUPTED
    assert terminal.getvalue().splitlines()[0] == (
        "Buy 2 numbers (area code 201) and set each up (calls to gateway 1000, texts to https://example.com/texts,"
        " campaign CB2PATH) from voicetel, at any price?"
    )


@pytest.mark.slow
def test_a_set_up_that_fails_names_the_command_that_tries_again(run: Run, simulators: Mapping[str, Simulator]) -> None:
    fault = simulators["voicetel"].fault("error", operation="campaign_assign", times=None, status=400)
    code, out, err = run(*PROVISION, *FROM, *SETUP, "--request-id", "r", "--output", "json")
    found = json.loads(out)
    assert code == Exit.REFUSED
    assert (found["complete"], found["open"], found["slots"][0]["setup"]) == (False, False, "failed")
    assert found["error"]["type"] == "SetUpFailed"
    assert "not set up: campaign: " in last_line(err)
    assert last_line(err).endswith("try again with: anycarrier recover r")
    assert "bought, set-up failed" in run("purchases")[1]
    assert run("recover")[1].startswith("Nothing is open")
    code, _, err = run("recover", "r")
    assert code == Exit.REFUSED
    simulators["voicetel"].faults.remove(fault)
    code, out, err = run("recover", "r")
    assert code == 0, err
    assert len(charged(simulators)) == 1
    assert "set up" in run("purchases")[1]


@pytest.mark.slow
def test_a_set_up_that_waits_is_finished_by_recover(run: Run, simulators: Mapping[str, Simulator]) -> None:
    fault = simulators["voicetel"].fault("error", operation="sms_set", times=None, status=503)
    code, _, err = run(*PROVISION, *FROM, *SETUP, "--deadline", "30", "--request-id", "r")
    assert code == Exit.UNKNOWN
    assert "texts: ProviderDown" in last_line(err)
    assert "bought, set-up under way" in run("purchases", "--open")[1]
    simulators["voicetel"].faults.remove(fault)
    code, _, err = run("recover", "--deadline", "900")
    assert code == 0, err
    assert len(charged(simulators)) == 1


@pytest.mark.parametrize("option", [("--label", ""), ("--campaign", ""), ("--gateway", "")])
def test_what_makes_no_sense_is_refused_before_anything_is_sent(
    run: Run, simulators: Mapping[str, Simulator], option: tuple[str, str]
) -> None:
    code, _, _ = run(*PROVISION, *FROM, *option)
    assert code != 0
    assert not charged(simulators)
