"""``dump``, and the files that say what should be true of numbers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.cli.commands.numbers import KINDS
from anycarrier.cli.exit_codes import Exit
from anycarrier.desired_state import ChangeKind, NumberState
from anycarrier.json_forms import from_json
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.terminal import Run, set_up

URL = "http://127.0.0.1:1"
OWNED, OTHER = "+12125550199", "+12015550197"


@pytest.fixture
def simulator() -> VoiceTelSimulator:
    return VoiceTelSimulator(owned=[OWNED[2:], OTHER[2:]])


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


def rows(out: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(out, newline=""))]


def test_the_kinds_of_the_command_line_are_those_of_the_library() -> None:
    assert [*KINDS, "release"] == [kind.value for kind in ChangeKind]


def test_a_dump_has_a_line_for_each_number(run: Run) -> None:
    run("route", OWNED, "--gateway", "1000", "--texts-webhook", "https://example.com/texts")
    code, out, err = run("dump")
    assert (code, err) == (0, "")
    found = {row["number"]: row for row in rows(out)}
    assert {*found} == {OWNED[2:], OTHER[2:]}
    assert found[OWNED[2:]]["calls"] == "gateway 1000"
    assert found[OWNED[2:]]["texts"] == "webhook https://example.com/texts"


def test_a_dump_reads_what_is_wanted_alone(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, _ = run("dump", "--only", "label")
    assert (code, [*rows(out)[0]]) == (0, ["number", "status", "label"])
    assert len(simulator.ledger.requests) == 1
    code, out, err = run("dump", "--only", "lable")
    assert (code, "did you mean label?" in err) == (Exit.USAGE, True)


def test_a_dump_as_json_is_the_public_form(run: Run) -> None:
    code, out, _ = run("dump", "--output", "json")
    states = [from_json(NumberState, json.loads(line)) for line in out.splitlines()]
    assert (code, [one.number for one in states]) == (0, [OWNED, OTHER])
