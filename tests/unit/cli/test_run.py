"""The command line in process: what it prints, what it refuses, and every exit code."""

from __future__ import annotations

import importlib
import json
import logging
import re
import shlex
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from anycarrier import errors
from anycarrier.cli import main
from anycarrier.cli.commands import COMMANDS
from anycarrier.cli.exit_codes import TABLE, Exit, exit_code
from anycarrier.cli.parser import parse
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, Place, VoiceTelSimulator
from support.terminal import Run, Terminal, last_line, set_up

URL = "http://127.0.0.1:1"
OTHER = "http://127.0.0.1:2"
CANARY = "canary0secret0canary0secret0cana"
OWNED, FREE, STRANGE = "2125550199", "2015550100", "6465550142"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(1_700_000_000.0, chance=0.5)


@pytest.fixture
def simulator(clock: VirtualClock) -> VoiceTelSimulator:
    return VoiceTelSimulator(now=clock.time)


@pytest.fixture
def other(clock: VirtualClock) -> VoiceTelSimulator:
    return VoiceTelSimulator(now=clock.time)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: VirtualClock) -> None:
    set_up(monkeypatch, tmp_path, clock)
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "journal.sqlite"))
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", DUMMY_API_KEY)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", URL)


@pytest.fixture
def run(
    simulator: VoiceTelSimulator, other: VoiceTelSimulator, clock: VirtualClock, capsys: pytest.CaptureFixture[str]
) -> Run:
    def call(*argv: str) -> tuple[int, str, str]:
        transport = SimTransport({URL: simulator, OTHER: other}, wait=clock.sleep)
        code = main(argv, transport=transport, clock=clock)
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
        assert DUMMY_API_KEY not in said.out + said.err
        return code, said.out, said.err

    return call


def accounts(tmp_path: Path, text: str, mode: int = 0o600) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(text)
    path.chmod(mode)


def one_line(err: str) -> str:
    assert err.startswith("anycarrier: "), err
    assert err.count("\n") == 1, err
    return err


# -- finding and reading


def test_search_shows_a_table(run: Run) -> None:
    code, out, err = run("search", "--area-code", "201", "--limit", "2")
    assert (code, err) == (0, "")
    header, _, *rows = out.splitlines()
    assert header.split() == ["number", "ten", "digits", "city", "state", "rate", "center", "provider"]
    assert [row.split()[:2] for row in rows] == [["+12015550100", FREE], ["+12015550101", "2015550101"]]


def test_search_as_json(run: Run) -> None:
    code, out, _ = run("search", "--prefix", "2015550", "--city", "hackensack", "--limit", "1", "--output", "json")
    found = json.loads(out)
    assert code == 0
    assert found["failed"] == []
    assert found["offers"][0]["number"] == "+12015550100"
    assert found["offers"][0]["ten_digit"] == FREE
    assert "raw" not in found["offers"][0]
    _, out, _ = run("search", "--area-code", "201", "--limit", "1", "--output", "json", "--raw")
    assert json.loads(out)["offers"][0]["raw"]["rateCenter"] == "HACKENSACK"


def test_search_that_finds_nothing_says_so(run: Run) -> None:
    code, out, err = run("search", "--area-code", "201", "--state", "AK")
    assert (code, out, err) == (0, "No numbers found.\n", "")


def test_an_impossible_filter_is_refused_before_anything_is_sent(run: Run, simulator: VoiceTelSimulator) -> None:
    for asked in (["--feature", "sms"], ["--max-price", "1.50"], ["--max-price", "2 EUR"], ["--line", "mobile"]):
        code, out, err = run("search", "--area-code", "201", *asked)
        assert (code, out) == (Exit.UNSUPPORTED, "")
        assert "voicetel: cannot search" in one_line(err)
    assert not simulator.ledger.requests


def test_a_filter_that_makes_no_sense(run: Run) -> None:
    for asked in (["--area-code", "x"], ["--max-price", "cheap"], ["--line", "pink"], ["--limit", "0"]):
        code, _, err = run("search", *asked)
        assert code == Exit.USAGE
        one_line(err)


def test_list_is_a_table_or_json_lines(run: Run) -> None:
    code, out, _ = run("list")
    assert code == 0
    assert "calls to gateway 1000" in out
    code, out, _ = run("list", "--output", "json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [one["ten_digit"] for one in found] == ["2015550197", "2015550198", OWNED]
    assert found[2]["routes"] == [{"kind": "ToGateway", "gateway": 1000}, {"kind": "NoForward"}]
    _, out, _ = run("list", "--output", "json", "--limit", "1")
    assert len(out.splitlines()) == 1


def test_an_account_without_numbers(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.owned.clear()
    assert run("list") == (0, "No numbers on this account.\n", "")
    assert run("list", "--output", "json") == (0, "", "")


def test_get(run: Run) -> None:
    code, out, _ = run("get", "(212) 555-0199")
    assert code == 0
    assert f"number      +1{OWNED}\nten digits  {OWNED}\n" in out
    code, out, err = run("get", STRANGE)
    assert (code, out) == (Exit.NOT_FOUND, "")
    assert "voicetel get: not on this account" in one_line(err)


def test_a_number_that_is_none_is_not_repeated(run: Run) -> None:
    code, _, err = run("get", "555-0100")
    assert code == Exit.USAGE
    assert "0100" not in one_line(err)


# -- money, and numbers that are given up


def test_buy_asks_and_without_a_terminal_refuses(run: Run, simulator: VoiceTelSimulator) -> None:
    for command in (["buy", FREE], ["release", OWNED], ["transfer", OWNED, "--to", "1000000002"]):
        code, out, err = run(*command)
        assert (code, out) == (Exit.USAGE, "")
        assert "--yes" in one_line(err)
    assert not simulator.ledger.requests


def test_the_question_names_what_is_at_stake(
    run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command, words in (
        (["buy", FREE], ["Buy +12015550100 (2015550100) from voicetel for 0.50 USD a month?", "costs money"]),
        (["release", OWNED], ["Give up +12125550199 (2125550199) at voicetel", "cannot be undone"]),
        (["transfer", OWNED, "--to", "1000000002"], ["to account 1000000002", "cannot be undone"]),
    ):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
        monkeypatch.setattr(sys, "stderr", terminal)
        code, out, _ = run(*command)
        assert (code, out) == (Exit.INTERRUPTED, "")
        assert all(word in terminal.getvalue() for word in words)
        assert terminal.getvalue().endswith("nothing was done\n")
    assert [seen.operation for seen in simulator.ledger.requests] == ["account_get"]  # the price, for the question


def test_a_yes_buys(run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    monkeypatch.setattr(sys, "stderr", Terminal())
    code, out, _ = run("buy", FREE)
    assert code == 0
    assert "active" in out
    assert len(simulator.ledger.charges) == 1


def test_ctrl_c_or_the_end_of_input_at_the_question_is_a_no(
    run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Terminal):
        def readline(self, *_: Any) -> str:
            raise KeyboardInterrupt

    for answer in (Interrupted(), Terminal("")):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdin", answer)
        monkeypatch.setattr(sys, "stderr", terminal)
        assert run("buy", FREE)[0] == Exit.INTERRUPTED
        assert "nothing was done" in terminal.getvalue()
    assert {seen.operation for seen in simulator.ledger.requests} == {"account_get"}


def test_buy_release_and_transfer(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, _ = run("buy", FREE, "--yes", "--output", "json", "--request-id", "order-1")
    assert code == 0
    assert json.loads(out)["number"] == "+12015550100"
    assert run("release", FREE, "--yes") == (0, "+12015550100 is released.\n", "")
    code, out, _ = run("transfer", OWNED, "--to", "1000000002", "--yes", "--output", "json")
    assert code == 0
    assert json.loads(out)["to_account"] == "1000000002"
    code, out, _ = run("transfer", "2015550197", "--to", "1000000002", "--yes")
    assert (code, out) == (0, "+12015550197 is on account 1000000002 now.\n")


def test_release_as_json_and_a_number_that_is_being_ported(run: Run) -> None:
    code, out, _ = run("release", OWNED, "--yes", "--output", "json")
    assert (code, json.loads(out)["state"]) == (0, "released")
    code, _, err = run("release", "2015550198", "--yes")
    assert code == Exit.REFUSED
    one_line(err)


def test_a_number_that_cannot_be_had(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, err = run("buy", "9085550100", "--yes", "--output", "json")
    assert code in (Exit.REFUSED, Exit.UNAVAILABLE)  # the provider answers 502, as documented
    assert json.loads(out)["error"]["maybe_applied"] is False
    last_line(err)
    assert not simulator.ledger.charges


def test_no_money(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.balance *= 0
    code, _, err = run("buy", FREE, "--yes")
    assert code == Exit.REFUSED
    assert "balance" in last_line(err)


# -- when it cannot be known


def go_on_of(err: str) -> list[str]:
    found = re.search(r"go on with: anycarrier (recover .*)$", last_line(err))
    assert found, err
    return found[1].split()


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


# -- routes, campaigns, waiting


def test_routes_are_set_in_the_order_typed(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, _ = run("route", OWNED, "--no-texts", "--forward", FREE, "--gateway", "1001")
    assert code == 0
    assert "Set: texts to nowhere, calls forwarded to +12015550100, calls to gateway 1001." in out
    paths = [seen.path for seen in simulator.ledger.requests]
    assert [path.rpartition("/")[2] for path in paths if path][:3] == ["sms", "forward", "route"]
    for options in (
        ["--no-forward", "--texts-email", "texts@example.com"],
        ["--texts-sip", "sip:texts@example.com"],
        ["--texts-webhook", "https://example.com/texts"],
    ):
        code, out, _ = run("route", OWNED, *options, "--output", "json")
        assert code == 0
        assert json.loads(out)["number"] == f"+1{OWNED}"
    assert run("route", OWNED)[0] == Exit.USAGE
    assert run("route", OWNED, "--gateway", "x")[0] == Exit.USAGE


def test_campaigns(run: Run) -> None:
    assert "CB2PATH" in run("campaign", "show", OWNED)[1]
    code, out, _ = run("campaign", "bind", OWNED, "CH5K5IZ", "--output", "json")
    assert (code, json.loads(out)["campaign_id"], json.loads(out)["status"]) == (0, "CH5K5IZ", "active")
    code, out, _ = run("campaign", "unbind", OWNED)
    assert code == 0
    assert "unbound" in out
    assert run("campaign", "unbind", OWNED, "CH5K5IZ")[0] == Exit.NOT_FOUND


def test_wait(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from attrs import evolve

    from anycarrier.model import Status

    assert run("wait", OWNED)[0] == 0
    real = VoiceTel.get
    word = Status.PENDING

    def other_status(self: VoiceTel, target: Any) -> Any:
        return evolve((yield from real(self, target)), status=word, provider_status="cooking")

    monkeypatch.setattr(VoiceTel, "get", other_status)
    code, _, err = run("wait", OWNED, "--deadline", "30")
    assert code == Exit.UNKNOWN
    assert f"go on with: anycarrier wait +1{OWNED} --provider voicetel" in one_line(err)
    word = Status.FAILED
    code, out, _ = run("wait", OWNED)
    assert code == Exit.REFUSED
    assert "failed (the provider says cooking)" in out


# -- which provider


def test_without_a_provider(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANYCARRIER_PROVIDER")
    code, _, err = run("list")
    assert code == Exit.USAGE
    assert "--provider NAME" in one_line(err)
    assert run("list", "--provider", "voicetel")[0] == 0
    assert run("list", "--provider", "nobody")[0] == Exit.USAGE
    assert run("list", "--provider", "all")[0] == Exit.USAGE


def test_a_named_account(run: Run, tmp_path: Path, other: VoiceTelSimulator) -> None:
    accounts(
        tmp_path,
        f'[accounts.second]\nprovider = "voicetel"\napi_key = "{DUMMY_API_KEY}"\nbase_url = "{OTHER}"\n',
    )
    code, out, _ = run("get", OWNED, "--account", "second")
    assert code == 0
    assert "second" in out
    assert len(other.ledger.requests) == 1
    assert run("get", OWNED, "--account", "second", "--base-url", URL)[0] == 0
    assert len(other.ledger.requests) == 1
    for wrong in (["--account", "third"], ["--account", "second", "--provider", "nobody"]):
        code, _, err = run("get", OWNED, *wrong)
        assert code == Exit.USAGE
        one_line(err)
    assert "second" in run("providers")[1]


def test_settings_from_options(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("get", OWNED, "--set", "allow_custom_base_url=no")[0] == 0
    for wrong, said in (
        ("nothing=1", "nothing is not a setting"),
        ("allow_custom_base_url=maybe", "must be true or false"),
        ("novalue", "NAME=VALUE"),
    ):
        code, _, err = run("get", OWNED, "--set", wrong)
        assert code == Exit.USAGE
        assert said in one_line(err)


def test_a_secret_is_never_taken_from_the_command_line_nor_repeated(run: Run) -> None:
    for words in (
        ["--set", f"api_key={CANARY}"],
        ["--set", f"password={CANARY}"],
        ["--set", CANARY],
        [f"--api-key={CANARY}"],
        ["--api-key", CANARY],
        [CANARY],
    ):
        code, out, err = run("get", OWNED, *words)
        assert code == Exit.USAGE
        assert CANARY not in out + err
        one_line(err)
    assert "accounts file" in run("get", OWNED, "--set", "api_key=x")[2]
    assert "environment" in run("get", OWNED, "--api-key", "x")[2]


def test_bad_settings_list_every_problem(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", "two words")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", "http://example.com")
    code, _, err = run("list")
    assert code == Exit.USAGE
    assert "api_key" in one_line(err)
    assert "base_url" in err


# -- all providers at once


def two_accounts(tmp_path: Path) -> None:
    accounts(
        tmp_path,
        f'[accounts.one]\nprovider = "voicetel"\napi_key = "{DUMMY_API_KEY}"\nbase_url = "{URL}"\n'
        f'[accounts.two]\nprovider = "voicetel"\napi_key = "{DUMMY_API_KEY}"\nbase_url = "{OTHER}"\n'
        '[accounts.empty]\nprovider = "voicetel"\n'
        '[accounts.gone]\nprovider = "nobody"\n',
    )


def test_all_providers_are_merged_with_what_failed_and_why(
    run: Run, tmp_path: Path, other: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_accounts(tmp_path)
    monkeypatch.delenv("ANYCARRIER_VOICETEL_API_KEY")
    monkeypatch.delenv("ANYCARRIER_VOICETEL_BASE_URL")
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "all")
    code, out, err = run("search", "--area-code", "201", "--limit", "1")
    assert code == 0
    assert [row.split()[-2:] for row in out.splitlines()[2:]] == [["voicetel", "one"], ["voicetel", "two"]]
    assert [line for line in err.splitlines() if "api_key is missing" in line]
    assert [line for line in err.splitlines() if "no provider is called 'nobody'" in line]
    other.fault("error", status=503, times=None)
    code, out, _ = run("search", "--area-code", "201", "--limit", "1", "--output", "json")
    found = json.loads(out)
    assert code == 0
    assert [offer["account"] for offer in found["offers"]] == ["one"]
    assert {one["account"]: one["error"]["type"] for one in found["failed"]} == {
        "empty": "ConfigurationError",
        "gone": "ConfigurationError",
        "two": "ProviderDown",
    }


def test_when_no_provider_answers_the_first_reason_counts(
    run: Run, tmp_path: Path, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.fault("error", status=503, times=None)
    code, out, err = run("search", "--provider", "all", "--area-code", "201")
    assert (code, out) == (Exit.UNAVAILABLE, "")
    one_line(err)
    assert run("search", "--provider", "all", "--base-url", URL)[0] == Exit.USAGE
    # An account that is called as another one is skipped, not mixed up with it.
    accounts(tmp_path, f'[accounts.voicetel]\nprovider = "voicetel"\napi_key = "{DUMMY_API_KEY}"\n')
    assert "also called voicetel" in run("search", "--provider", "all", "--area-code", "201")[2]
    monkeypatch.delenv("ANYCARRIER_VOICETEL_API_KEY")
    monkeypatch.delenv("ANYCARRIER_VOICETEL_BASE_URL")
    (tmp_path / "accounts.toml").unlink()
    code, _, err = run("search", "--provider", "all", "--area-code", "201")
    assert code == Exit.USAGE
    assert "no provider has settings" in one_line(err)


# -- what there is


def test_providers(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("providers", "--output", "json")
    found = {one["provider"]: one for one in json.loads(out)["providers"]}
    assert code == 0
    assert found["voicetel"]["environment"] == ["ANYCARRIER_VOICETEL_API_KEY", "ANYCARRIER_VOICETEL_BASE_URL"]
    assert "api_key" in found["voicetel"]["settings"]
    accounts(tmp_path, "x = 1")
    code, out, _ = run("providers")
    assert code == 0
    assert "is not a table" in out


def test_a_broken_adapter_does_not_hide_the_others(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from anycarrier.cli import accounts

    real = accounts.provider_class

    def broken(name: str) -> Any:
        if name == "broken":
            raise ImportError("no module named \x1b[31mthings")
        return real(name)

    monkeypatch.setattr(accounts, "names", lambda: ["broken", "voicetel"])
    monkeypatch.setattr(accounts, "provider_class", broken)
    code, out, _ = run("providers")
    assert code == 0
    assert "no module named \\u001b[31mthings" in out
    assert "the environment" in out


def test_capabilities(run: Run) -> None:
    code, out, _ = run("capabilities", "voicetel")
    assert code == 0
    assert re.search(r"search\.no_digits +no +VoiceTel's search requires", out)
    code, out, _ = run("capabilities", "--output", "json")
    assert code == 0
    declared = {one["provider"]: one for one in json.loads(out)["providers"]}
    assert declared["voicetel"]["features"]["buy"]["supported"] is True
    assert run("capabilities", "nobody")[0] == Exit.USAGE


def test_capabilities_of_several_are_a_matrix(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from anycarrier.cli import capabilities

    class Lesser(VoiceTel):
        name = "lesser"
        supports = {}  # noqa: RUF012

    monkeypatch.setattr(capabilities, "provider_class", lambda name: Lesser if name == "lesser" else VoiceTel)
    code, out, _ = run("capabilities", "voicetel", "lesser")
    assert code == 0
    assert re.search(r"^release +give a number up +yes, documented +no$", out, re.MULTILINE)


# -- errors


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.OutcomeUnknown("x"), 75),
        (errors.StillPending("x"), 75),
        (errors.ConfigurationError("x"), 2),
        (errors.InvalidInput("x"), 2),
        (errors.Unsupported("p", "f", "r"), 3),
        (errors.NotFound("x"), 4),
        (errors.AuthenticationFailed("x"), 77),
        (errors.PermissionDenied("x"), 77),
        (errors.RateLimited("x"), 69),
        (errors.ProviderDown("x"), 69),
        (errors.TransportError("x"), 69),
        (errors.TransportError("x", maybe_applied=True), 75),
        (errors.ProviderDown("x", maybe_applied=True), 75),
        (errors.UnexpectedResponse("x"), 76),
        (errors.JournalError("x"), 74),
        (errors.NumberUnavailable("x"), 1),
        (errors.InsufficientFunds("x"), 1),
        (errors.Conflict("x"), 1),
        (errors.InvalidRequest("x"), 1),
        (errors.OrderExhausted("x"), 1),
        (errors.SpendLimitExceeded("x"), 1),
        (errors.AnyCarrierError("x"), 70),
        (RuntimeError("x"), 70),
    ],
)
def test_every_error_has_its_exit_code(error: Exception, code: int) -> None:
    assert exit_code(error) == code
    assert code in {meaning.code for meaning in TABLE}


def test_wrong_credentials(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", CANARY)
    code, out, err = run("list", "--debug")
    assert code == Exit.DENIED
    assert "anycarrier doctor" in err
    assert CANARY not in out + err


def test_a_provider_that_is_down_and_one_that_limits(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.fault("error", status=503, times=None)
    code, _, err = run("get", OWNED)
    assert code == Exit.UNAVAILABLE
    one_line(err)
    simulator.faults.clear()
    simulator.fault("throttle", seconds=900, times=None)
    code, _, err = run("campaign", "bind", OWNED, "CH5K5IZ")
    assert code == Exit.UNAVAILABLE
    assert "again in 900 s" in one_line(err)
    simulator.faults.clear()
    simulator.fault("not_json", times=None)
    code, _, err = run("get", OWNED)
    assert code == Exit.PROTOCOL
    one_line(err)


def test_a_mistake_of_ours_is_one_line_and_its_text_is_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"with {CANARY} in it")

    monkeypatch.setattr(VoiceTel, "get", broken)
    code, _, err = run("get", OWNED)
    assert code == Exit.BUG
    assert CANARY not in one_line(err)
    assert "RuntimeError" in err


def test_a_library_that_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'thing'", name="thing")

    monkeypatch.setattr(VoiceTel, "get", broken)
    code, _, err = run("get", OWNED)
    assert code == Exit.USAGE
    assert "needs thing" in one_line(err)


def test_debug_shows_requests_and_where_an_error_came_from(run: Run) -> None:
    logger = logging.getLogger("anycarrier")
    before = (logger.level, list(logger.handlers))
    code, out, err = run("get", STRANGE, "--debug", "--output", "json")
    assert code == Exit.NOT_FOUND
    assert "debug anycarrier: GET /v2.2/numbers/{number} -> 404" in err
    assert "Traceback" in err
    assert STRANGE not in err.replace(f"get {STRANGE}", "")
    assert json.loads(out)["error"]["status"] == 404
    assert (logger.level, list(logger.handlers)) == before


# -- what others wrote


EVIL = "\x1b]0;owned\x07[red]Evil[/red]\u202e\x9b31m"


def test_what_a_provider_writes_does_not_act_on_the_terminal(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.stock[FREE] = Place("201", EVIL, "NJ", EVIL, "224")
    for command in (["search", "--area-code", "201"], ["search", "--area-code", "201", "--output", "json", "--raw"]):
        code, out, _ = run(*command)
        assert code == 0
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out)
        assert "[red]Evil[/red]" in out


def test_what_a_provider_answers_in_an_error_does_not_act_either(
    run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anycarrier.simulator import Refused

    def refuse(call: object) -> None:
        raise Refused(403, EVIL)

    monkeypatch.setattr(simulator, "authenticate", refuse)
    for options in ([], ["--debug"], ["--output", "json"]):
        code, out, err = run("list", *options)
        assert code == Exit.DENIED
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out + err)


@pytest.mark.parametrize("command", [["list"], ["doctor"], ["capabilities"], ["search", "--area-code", "201"]])
def test_a_provider_name_with_escapes_is_harmless(
    run: Run, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "\x1b[2Jevil"
    words = [*command, name] if command == ["capabilities"] else [*command, "--provider", name]
    code, out, err = run(*words)
    assert code == Exit.USAGE
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out + err)
    code, _, err = run(name)
    assert code == Exit.USAGE
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", err)


# -- help


def test_help_documents_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for meaning in TABLE:
        assert re.search(rf"^ +{meaning.code}  {re.escape(meaning.text[:40])}", out, re.MULTILINE)
    assert all(len(line) <= 80 for line in out.splitlines())


def test_every_command_has_help_and_runs_somewhere(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()
    for name, command in COMMANDS.items():
        assert main([name, "--help"]) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"usage: anycarrier {name} ")
        assert "examples:\n  anycarrier " in out
        assert f"anycarrier {name}" in page
        module, _, function = command.runs.partition(":")
        assert callable(getattr(importlib.import_module(f"anycarrier.cli.{module}"), function))
        for example in command.examples:
            assert parse(shlex.split(example)).command == name


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == Exit.USAGE
    assert "usage: anycarrier COMMAND" in capsys.readouterr().err
    for wrong in (
        ["sell"],
        ["get"],
        ["campaign"],
        ["buy", FREE, "--deadline", "x"],
        ["buy", FREE, "--deadline", "0"],
        ["list", "--limit", "0"],
        ["simulate", "--port", "70000"],
        ["get", FREE, "--jso"],
        ["get", FREE, "1", "2"],
        ["--nothing"],
    ):
        assert main(wrong) == Exit.USAGE
        one_line(capsys.readouterr().err)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    from anycarrier import __version__

    for option in ("--version", "-V"):
        assert main([option]) == 0
        assert capsys.readouterr().out == f"anycarrier {__version__}\n"
    assert main(["--version", "--help"]) == 0


# -- doctor


def test_doctor_when_all_is_well(run: Run) -> None:
    code, out, err = run("doctor")
    assert (code, err) == (0, "")
    assert "ok       voicetel credentials: accepted" in out
    assert out.endswith("All is well.\n")
    code, out, _ = run("doctor", "--output", "json")
    found = json.loads(out)
    assert (code, found["ok"]) == (0, True)
    assert {"check", "state", "detail", "advice"} == set(found["checks"][0])


def test_doctor_lists_every_problem_and_what_to_do(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts(tmp_path, f'[accounts.main]\nprovider = "voicetel"\napi_key = "{CANARY}"\nbase_url = "{OTHER}"\n')
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", "two words")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", "http://example.com")
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "nobody")
    code, out, err = run("doctor", "--debug")
    assert code == Exit.USAGE
    assert CANARY not in out + err
    assert "problem  ANYCARRIER_PROVIDER: names 'nobody'" in out
    assert out.count("problem  voicetel settings") == 2
    assert "problem  voicetel (account main) credentials" in out
    assert "under [accounts.main]: api_key or password" in out
    assert out.endswith("4 problems\n")
    code, out, _ = run("doctor", "--account", "main")
    assert code == Exit.DENIED
    assert out.endswith("1 problem\n")


def test_doctor_without_settings(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ANYCARRIER_VOICETEL_API_KEY")
    monkeypatch.delenv("ANYCARRIER_VOICETEL_BASE_URL")
    code, out, _ = run("doctor")
    assert code == Exit.USAGE
    assert "anycarrier simulate" in out
    assert run("doctor", "--provider", "nobody")[0] == Exit.USAGE
    accounts(tmp_path, "", 0o644)
    code, out, _ = run("doctor")
    assert code == Exit.USAGE
    assert "chmod 600" in out


def test_doctor_looks_at_the_folder_of_the_accounts_file(run: Run, tmp_path: Path) -> None:
    accounts(tmp_path, f'[accounts.main]\nprovider = "voicetel"\napi_key = "{DUMMY_API_KEY}"\nbase_url = "{URL}"\n')
    tmp_path.chmod(0o777)
    code, out, _ = run("doctor")
    tmp_path.chmod(0o700)
    assert code == Exit.USAGE
    assert "chmod go-w" in out


def test_doctor_advises_by_the_kind_of_error(run: Run, simulator: VoiceTelSimulator) -> None:
    for fault, code, advice in (
        ({"kind": "error", "status": 403}, Exit.DENIED, "right to list numbers"),
        ({"kind": "error", "status": 503}, Exit.UNAVAILABLE, "try again later"),
        ({"kind": "not_json"}, Exit.PROTOCOL, "--debug"),
    ):
        simulator.faults.clear()
        simulator.fault(times=None, **fault)
        got, out, _ = run("doctor")
        assert (got, advice in out) == (code, True), out


def test_doctor_on_an_account_without_numbers(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.owned.clear()
    code, out, _ = run("doctor")
    assert code == 0
    assert "the account has no numbers" in out


def test_doctor_when_nobody_listens(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as bound:  # and does not listen
        bound.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", f"http://127.0.0.1:{bound.getsockname()[1]}")
        assert main(["doctor"]) == Exit.UNAVAILABLE
    assert "problem  voicetel reachable: 127.0.0.1:" in capsys.readouterr().out


def test_doctor_misses_libraries(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    from anycarrier.cli import doctor

    def version(name: str) -> str:
        if name in ("attrs", "shtab"):
            raise PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(doctor, "version", version)
    code, out, _ = run("doctor")
    assert code == Exit.USAGE
    assert "problem  libraries: attrs is not installed" in out
    assert "note     shtab: not installed" in out


def test_doctor_when_credentials_cannot_be_checked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from anycarrier.cli import doctor
    from anycarrier.features import Cannot

    monkeypatch.setattr(VoiceTel, "supports", {**VoiceTel.supports, "list": Cannot("no")})
    code, out, _ = run("doctor")
    assert code == 0
    assert "note     voicetel credentials: not checked" in out
    monkeypatch.setattr(doctor, "sync_transport", _broken)
    code, out, _ = run("doctor")
    assert code == Exit.USAGE
    assert "problem  transport: broken" in out


def _broken(*_: object) -> None:
    raise ImportError("broken")


def test_doctor_when_an_adapter_is_broken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from anycarrier.cli import accounts

    monkeypatch.setattr(accounts, "provider_class", _broken)
    code, out, _ = run("doctor", "--provider", "voicetel")
    assert code == Exit.USAGE
    assert "its adapter cannot be loaded: broken" in out
    monkeypatch.setattr(accounts, "names", lambda: ["voicetel"])
    assert run("capabilities")[0] == Exit.USAGE


def test_doctor_and_a_server_that_speaks_no_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    from anycarrier.cli.doctor import _unreachable

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]

        def answer() -> None:
            with listening.accept()[0] as connection:
                connection.recv(1)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        problem = _unreachable(f"https://127.0.0.1:{port}")
        thread.join()
    assert problem
    assert problem.startswith(f"127.0.0.1:{port}: ")


def test_a_number_that_is_being_set_up_says_how_to_wait(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from attrs import evolve

    from anycarrier.model import Status

    real = VoiceTel.place

    def pending(self: VoiceTel, draft: Any) -> Any:
        return evolve((yield from real(self, draft)), status=Status.PENDING)

    monkeypatch.setattr(VoiceTel, "place", pending)
    code, out, _ = run("buy", FREE, "--yes")
    assert code == 0
    assert out.endswith("to wait for it: anycarrier wait +12015550100 --provider voicetel\n")


@pytest.mark.parametrize("command", [["search", "--area-code", "201"], ["buy", FREE, "--yes"]])
def test_an_operation_that_a_provider_lacks(run: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.delattr(VoiceTel, "draft" if command[0] == "buy" else "search")
    code, _, err = run(*command)
    assert code == Exit.UNSUPPORTED
    one_line(err)
    if command[0] == "search":
        assert run(*command, "--provider", "all")[0] == Exit.UNSUPPORTED


def test_values_as_json_and_in_words() -> None:
    from datetime import UTC, datetime
    from decimal import Decimal

    from anycarrier import Feature, Line, Money, PhoneNumber, TextsToEmail
    from anycarrier.cli.json_output import features, record, route_words, routes_words, ten_digit
    from anycarrier.model import Route

    class Elsewhere(Route):
        """A route that only one provider has."""

    abroad = PhoneNumber("+442079460018")
    assert ten_digit(abroad) is None
    assert record([abroad, Line.TOLL_FREE, Decimal("1.150"), datetime(2026, 1, 2, tzinfo=UTC), {1: None}, {2}]) == [
        "+442079460018",
        "toll_free",
        "1.150",
        "2026-01-02T00:00:00+00:00",
        {"1": None},
        "{2}",
    ]
    assert record(Money("1.15")) == {"amount": "1.15", "currency": "USD"}
    assert record(TextsToEmail("a@example.com")) == {"kind": "TextsToEmail", "address": "a@example.com"}
    assert features({Feature.SMS: True, Feature.FAX: False}) == "sms, no fax"
    assert route_words(Elsewhere()) == "Elsewhere"
    assert routes_words(None) == ""
