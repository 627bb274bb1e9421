"""Purchases and changes whose answer is lost."""

from __future__ import annotations

import json

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from support.one_account import FREE, OWNED, URL, go_on_of, one_line
from support.terminal import Run, last_line


def test_a_lost_answer_ends_in_one_charge(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.fault("reset", operation="order", done=True)
    assert run("buy", FREE, "--yes")[0] == 0
    assert len(simulator.ledger.charges) == 1


def test_an_unknown_outcome_names_number_key_and_the_command_that_finishes_it(
    run: Run, simulator: VoiceTelSimulator
) -> None:
    simulator.fault("reset", operation="order", done=True)
    code, out, err = run("buy", FREE, "--yes", "--deadline", "1", "--output", "json")
    error = json.loads(out)["error"]
    assert code == Exit.UNKNOWN
    assert (error["type"], error["number"], error["maybe_applied"]) == ("OutcomeUnknown", "+12015550100", True)
    assert "+12015550100" in last_line(err)
    assert error["key"] in last_line(err)
    code, out, _ = run(*go_on_of(err))
    assert code == 0
    assert "+12015550100" in out
    assert [charge.mark for charge in simulator.ledger.charges] == [error["key"]]


def test_going_on_with_a_purchase_that_never_happened_makes_it_happen_once(
    run: Run, simulator: VoiceTelSimulator
) -> None:
    simulator.fault("reset", operation="order", done=False)
    code, _, err = run("buy", FREE, "--yes", "--deadline", "1")
    assert code == Exit.UNKNOWN
    assert not simulator.ledger.charges
    again = go_on_of(err)
    assert run(*again)[0] == 0
    assert run(*again)[0] == 0
    assert len(simulator.ledger.charges) == 1


def test_going_on_after_the_life_of_a_key_only_looks(
    run: Run, simulator: VoiceTelSimulator, clock: VirtualClock
) -> None:
    simulator.fault("reset", operation="order", done=False)
    _, _, err = run("buy", FREE, "--yes", "--deadline", "1")
    clock.sleep(21 * 3600)
    code, _, err = run(*go_on_of(err))
    assert code == Exit.REFUSED
    assert "nothing was bought" in last_line(err)
    assert not simulator.ledger.charges


def test_a_provider_that_replays_nothing_is_only_looked_at(
    run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attrs import evolve

    monkeypatch.setattr(VoiceTel, "rules", evolve(VoiceTel.rules, replay=False))
    simulator.fault("reset", operation="order", done=True)
    assert run("buy", FREE, "--yes")[0] == 0  # found by looking
    assert [seen.operation for seen in simulator.ledger.requests].count("order") == 1


def test_an_interrupted_purchase_tells_how_to_go_on(
    run: Run,
    simulator: VoiceTelSimulator,
    clock: VirtualClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    simulator.fault("reset", operation="order", done=True)

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(clock, "sleep", interrupted)
        # What was given on the command line is on no record, so the command that goes on repeats it.
        argv = ["buy", FREE, "--yes", "--base-url", URL]
        code = main(argv, transport=SimTransport({URL: simulator}), clock=clock)
    assert code == Exit.INTERRUPTED
    again = go_on_of(capsys.readouterr().err)
    assert again[2:] == ["--provider", "voicetel", "--base-url", URL]
    assert run(*again)[0] == 0
    assert len(simulator.ledger.charges) == 1


def test_an_interrupted_change_tells_how_to_look(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(VoiceTel, "release", interrupted)
    monkeypatch.setattr(VoiceTel, "campaign_of", interrupted)
    monkeypatch.setattr(VoiceTel, "get", interrupted)
    code, _, err = run("release", OWNED, "--yes")
    assert code == Exit.INTERRUPTED
    assert f"it may have happened, see: anycarrier get +1{OWNED} --provider voicetel" in one_line(err)
    code, _, err = run("get", OWNED)
    assert (code, err) == (Exit.INTERRUPTED, "anycarrier: get: interrupted\n")
    monkeypatch.delenv("ANYCARRIER_PROVIDER")
    code, _, err = run("campaign", "show", OWNED, "--provider", "voicetel")
    assert code == Exit.INTERRUPTED
    assert "anycarrier campaign show" in err


def test_a_change_whose_answer_is_lost_says_where_to_look(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.fault("reset", method="POST", done=True)
    code, _, err = run("release", OWNED, "--yes", "--base-url", URL, "--set", "account=main")
    assert code == Exit.UNKNOWN
    wanted = f"anycarrier get +1{OWNED} --provider voicetel --set account=main --base-url {URL}"
    assert wanted in one_line(err)


def test_routes_that_took_effect_before_an_error_are_named(run: Run, simulator: VoiceTelSimulator) -> None:
    code, _, err = run("route", OWNED, "--gateway", "1001", "--texts-webhook", "https://unreachable.invalid/x")
    assert code == Exit.REFUSED
    assert "in effect before that: calls to gateway 1001" in one_line(err)
