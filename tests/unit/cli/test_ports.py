"""``portable``, ``ports`` and ``port``: numbers that come from another carrier."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.json_forms import from_json
from anycarrier.port_records import Port, Portability
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.terminal import Run, set_up

URL = "http://127.0.0.1:1"
ONE, TWO, OURS = "+12125550123", "+12125550124", "+12125550199"
DAY = 86_400.0


@pytest.fixture
def simulator(clock: VirtualClock) -> VoiceTelSimulator:
    records = {f"{ONE[2:]},{TWO[2:]}": {"carrier": "Far Telecom", "account_number": "100200300", "pin": "4321"}}
    return VoiceTelSimulator(now=clock.time, service_records=records)


@pytest.fixture
def run(
    simulator: VoiceTelSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    clock: VirtualClock,
) -> Run:
    set_up(monkeypatch, tmp_path, clock)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "journal.sqlite"))
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", DUMMY_API_KEY)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", URL)

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(argv, transport=SimTransport({URL: simulator}, wait=clock.sleep), clock=clock)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


# -- whether numbers can be ported


def test_a_number_that_can_be_ported_has_a_losing_carrier(run: Run) -> None:
    code, out, _ = run("portable", ONE)
    assert code == Exit.DONE
    assert out.splitlines()[-1].split() == ["+12125550123", "2125550123", "yes", "Far", "Telecom"]


def test_a_number_that_cannot_be_ported_has_a_reason_and_ends_with_1(run: Run) -> None:
    code, out, _ = run("portable", ONE, OURS, "--output", "json")
    assert code == Exit.REFUSED
    first, second = (from_json(Portability, json.loads(line)) for line in out.splitlines())
    assert (first.number.e164, first.is_portable, first.losing_carrier) == (ONE, True, "Far Telecom")
    assert (second.number.e164, second.is_portable, second.reason) == (OURS, False, "Number is on this network")


def test_numbers_are_read_from_a_csv(run: Run, tmp_path: Path) -> None:
    (tmp_path / "numbers.csv").write_text(f"note,number\nx,{ONE}\ny,{TWO}\n")
    code, out, _ = run("portable", "--from-file", "numbers.csv", "--output", "csv")
    assert code == Exit.DONE
    found = [*csv.DictReader(io.StringIO(out, newline=""))]
    assert [(row["number"], row["is_portable"], row["losing_carrier"]) for row in found] == [
        (ONE, "true", "Far Telecom"),
        (TWO, "true", "Far Telecom"),
    ]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("portable",), "NUMBER is missing"),
        (("portable", ONE, "--from-file", "numbers.txt"), "not both"),
        (("port",), "the following arguments are required: ID"),
        (("port", ""), "ID is empty"),
    ],
)
def test_what_is_missing_is_refused(argv: tuple[str, ...], said: str, run: Run) -> None:
    code, _, err = run(*argv)
    assert code == Exit.USAGE
    assert said in err


def test_a_wrong_number_is_refused_before_anything_is_sent(run: Run, simulator: VoiceTelSimulator) -> None:
    assert run("portable", ONE, "12")[0] == Exit.USAGE
    assert not simulator.ledger.requests


# -- ports of the account


def test_no_ports_are_said_to_be_none(run: Run) -> None:
    assert run("ports") == (Exit.DONE, "No ports on this account.\n", "")


@pytest.fixture
def pid(simulator: VoiceTelSimulator) -> str:
    """A port whose letter is not signed."""
    simulator._start((ONE[2:],), "Example Inc", {"account_number": "100200300", "pin": "4321"})
    (found,) = simulator.account.ports
    return found


def test_ports_are_listed_and_one_is_shown(
    run: Run, simulator: VoiceTelSimulator, pid: str, clock: VirtualClock
) -> None:
    code, out, _ = run("ports")
    assert code == Exit.DONE
    assert out.splitlines()[-1].split()[:2] == [pid, "needs_loa"]
    code, out, _ = run("port", pid)
    assert code == Exit.DONE
    facts = dict(line.split(None, 1) for line in out.splitlines() if line.strip())
    assert (facts["port"], facts["numbers"]) == (pid, ONE)
    assert "sign the letter of authorization" in " ".join(out.split())
    simulator.happen("loa", pid=pid)
    clock.sleep(2 * DAY)
    (made,) = (from_json(Port, json.loads(line)) for line in run("port", pid, "--output", "json")[1].splitlines())
    assert (made.state, made.due and made.due.isoformat()) == ("scheduled", "2023-11-22")


def test_a_port_that_the_account_does_not_have_is_not_found(run: Run) -> None:
    assert run("port", "zzzzz")[0] == Exit.NOT_FOUND
