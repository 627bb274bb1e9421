"""Errors, their exit codes, and the help."""

from __future__ import annotations

import importlib
import json
import logging
import re
import shlex
from pathlib import Path

import pytest

from anycarrier import errors
from anycarrier.cli import main
from anycarrier.cli.commands import COMMANDS
from anycarrier.cli.exit_codes import TABLE, Exit, exit_code
from anycarrier.cli.parser import parse
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import Place, VoiceTelSimulator
from support.one_account import CANARY, FREE, OWNED, STRANGE, one_line
from support.terminal import Run


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


def test_help_documents_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for meaning in TABLE:
        assert re.search(rf"^ +{meaning.code}  {re.escape(meaning.text[:40])}", out, re.MULTILINE)
    assert all(len(line) <= 80 for line in out.splitlines())


@pytest.mark.slow
def test_every_command_has_help_and_runs_somewhere(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[4] / "docs" / "cli.md").read_text()
    for name, command in COMMANDS.items():
        assert main([name, "--help"]) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"usage: anycarrier {name} ")
        assert "examples:\n  anycarrier " in out
        assert f"anycarrier {name}" in page
        if name == "help":  # the parser does it
            continue
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
