"""A plan for 300 numbers, over real HTTP with faults, killed five times: all is done in the end, and nothing twice."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from anycarrier import Client, Plan
from anycarrier.desired_state import ChangeOutcome
from anycarrier.json_forms import from_json
from anycarrier.purchase import journal as journals
from anycarrier.settings import variable
from anycarrier.simulator import Simulator, load
from anycarrier_adapters.voicetel import VoiceTel

server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")

ROOT = Path(__file__).parents[2]
COUNT = 300
KILLS = 5
WRITES = {"number_route", "sms_set", "campaign_assign"}
PAGE = ROOT / "docs" / "desired-state.md"


@pytest.fixture
def simulator() -> Simulator:
    return load("voicetel", owned=tuple(f"201555{at:04}" for at in range(100, 100 + COUNT)))


@pytest.fixture
def environment(simulator: Simulator, tmp_path: Path) -> Iterator[dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYCARRIER_")}
    kept |= {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")]),
        "ANYCARRIER_CONFIG": str(tmp_path / "no-such-file"),
    }
    with server.running({"voicetel": simulator}) as urls:
        for setting, value in {**simulator.settings, "base_url": urls["voicetel"]}.items():
            kept[variable("voicetel", setting)] = value
        yield kept


def programs() -> list[str]:
    """The two programs of the page: the one that plans, and the one that applies."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return [block for block in blocks if block.startswith(("# plan.py", "# apply.py"))]


@pytest.mark.slow
def test_300_numbers_get_routes_and_a_campaign_although_it_is_killed_five_times(
    simulator: Simulator, environment: dict[str, str], tmp_path: Path
) -> None:
    planning, applying = programs()
    simulator.fault("error", status=503, probability=0.1, times=None)

    def start(program: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def finished(process: subprocess.Popen[str]) -> str:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    assert finished(start(planning)).startswith("300 numbers: 900 changes")
    plan = from_json(Plan, json.loads((tmp_path / "plan.json").read_text()))
    chance = random.Random(5)
    for _ in range(KILLS):
        with start(applying) as process:
            assert process.stdout is not None
            for _ in range(chance.randint(1, 40)):
                assert process.stdout.readline(), "it ended before it was killed"
            time.sleep(chance.random() * 0.05)
            process.send_signal(signal.SIGKILL)
    for _ in range(3):  # one of 900 changes may meet five 503 in a row: the same command goes on
        last = finished(start(applying)).splitlines()
        assert len(last) == COUNT
        if "failed" not in {line.split()[1] for line in last}:
            break
    assert {line.split()[1] for line in last} <= {"done", "already"}

    written = writes(simulator)
    assert written >= 3 * COUNT
    again = finished(start(applying)).splitlines()
    assert {line.split()[1] for line in again} == {"already"}
    assert writes(simulator) == written, "a second apply sends nothing"

    simulator.faults.clear()
    provider = VoiceTel(**simulator.settings, base_url=environment[variable("voicetel", "base_url")])
    with Client(provider) as phone, journals.open(tmp_path / "journal.sqlite") as book:
        assert {route for number in phone.list() for route in number.routes or ()} >= {plan.numbers[0].changes[0].after}
        outcomes = Counter(record.outcome for record in book.changes(plan=plan.id))
        assert outcomes[ChangeOutcome.DONE] == 3 * COUNT
        assert not outcomes[ChangeOutcome.SENT], "what a kill left open is settled by the next apply"
        undo = phone.undo(plan.id, journal=book)
        assert len([*undo.changes]) == 3 * COUNT
        assert {result.state.value for result in phone.apply(undo, journal=book, confirm=undo.id)} == {"done"}
        assert not [*phone.undo(plan, journal=book).changes]


def writes(simulator: Simulator) -> int:
    """Writes that arrived."""
    return sum(count for key, count in simulator.ledger.counters.items() if key.split()[0] in WRITES)
