"""The doctor."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.one_account import CANARY, FREE, OTHER, URL, accounts, one_line
from support.terminal import Run


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
    simulator.account.owned.clear()
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
        problem = _unreachable(f"https://127.0.0.1:{port}", 5)
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
    monkeypatch.setattr(VoiceTel, "draft" if command[0] == "buy" else "search", None)
    code, _, err = run(*command)
    assert code == Exit.UNSUPPORTED
    one_line(err)
    if command[0] == "search":
        assert run(*command, "--provider", "all")[0] == Exit.UNSUPPORTED


def test_values_as_json_and_in_words() -> None:
    from datetime import UTC, datetime
    from decimal import Decimal

    from anycarrier import CallsToWebhook, Feature, Line, Money, PhoneNumber, TextsTo, TextsToEmail
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
        [2],
    ]
    assert record(Money("1.15")) == {"amount": "1.15", "currency": "USD"}
    assert record(TextsToEmail("a@example.com")) == {"kind": "TextsToEmail", "address": "a@example.com"}
    assert features({Feature.SMS: True, Feature.FAX: False}) == "sms, no fax"
    assert route_words(Elsewhere()) == "Elsewhere"
    assert route_words(CallsToWebhook("https://example.com/calls")) == "calls to https://example.com/calls"
    assert route_words(TextsTo("MG01")) == "texts to application MG01"
    assert routes_words(None) == ""
