"""Providers and accounts: chosen, searched at once, listed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from anycarrier.capabilities import Cannot
from anycarrier.cli.exit_codes import Exit
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.one_account import CANARY, OTHER, OWNED, URL, accounts, one_line
from support.terminal import Run


def test_without_a_provider(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANYCARRIER_PROVIDER")
    code, _, err = run("list")
    assert code == Exit.USAGE
    assert "--provider NAME" in one_line(err)
    assert run("list", "--provider", "voicetel")[0] == 0
    assert run("list", "--provider", "nobody")[0] == Exit.USAGE
    assert run("list", "--provider", "all")[0] == Exit.USAGE


def test_a_named_account(run: Run, tmp_path: Path, other: VoiceTelSimulator) -> None:
    accounts(tmp_path, f'[accounts.second]\nprovider = "voicetel"\napi_key = "{DUMMY_API_KEY}"\nbase_url = "{OTHER}"\n')
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_capabilities(run: Run) -> None:
    code, out, _ = run("capabilities", "voicetel")
    assert code == 0
    assert re.search(r"search\.features +no +VoiceTel's inventory does not", out)
    code, out, _ = run("capabilities", "--output", "json")
    assert code == 0
    declared = {one["provider"]: one for one in json.loads(out)["providers"]}
    assert declared["voicetel"]["features"]["buy"]["supported"] is True
    assert run("capabilities", "nobody")[0] == Exit.USAGE


def test_capabilities_of_several_are_a_matrix(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from anycarrier.cli import capabilities

    class Lesser(VoiceTel):
        name = "lesser"
        supports = {"release": Cannot("it cannot")}  # noqa: RUF012

    monkeypatch.setattr(capabilities, "provider_class", lambda name: Lesser if name == "lesser" else VoiceTel)
    code, out, _ = run("capabilities", "voicetel", "lesser")
    assert code == 0
    assert re.search(r"^release +give a number up +yes, documented +no$", out, re.MULTILINE)
