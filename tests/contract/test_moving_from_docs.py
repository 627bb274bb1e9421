"""The page about moving from LC to VoiceTel: each of its commands, run as it stands there, over simulated weeks."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from anycarrier.settings import variable
from anycarrier.simulator import join
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "moving.md").read_text(encoding="utf-8")
MAIN = "from anycarrier.cli import main; raise SystemExit(main())"


def commands() -> list[list[str]]:
    """Commands of the page in their order."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [shlex.split(line[2:]) for block in blocks for line in block.splitlines() if line.startswith("$ ")]


class Desk:
    """A folder with the page's files, both simulators joined, and the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lc = LCPhoneSimulator(owned=[])
        self.voicetel = VoiceTelSimulator(balance=500, account_calls=None)
        join(losing=self.lc, gaining=self.voicetel)
        self.ported = self.lc.fill(3, name="Line {}")
        self.replaced = self.lc.fill(2)
        for number in self.replaced:
            self.voicetel.happen("other_carrier", number=number[2:], reason="Rate center not served")
        self.lc.fill(1, pooled=True)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("ANYCARRIER_")}
        self.environment |= {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")]),
            "ANYCARRIER_CONFIG": str(folder / "no-such-file"),
            "ANYCARRIER_JOURNAL": str(folder / "purchases.db"),
        }
        for name, text in re.findall(r"^```toml file=(\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
            (folder / name).write_text(text)

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        words = [self.plan_id if word == "PLAN" else word for word in command]
        program = [sys.executable, "-c", MAIN] if words[0] == "anycarrier" else words[:1]
        how = {"cwd": self.folder, "env": self.environment, "text": True, "capture_output": True, "timeout": 120}
        return subprocess.run([*program, *words[1:]], check=False, **how)  # type: ignore[call-overload,no-any-return]

    @property
    def plan_id(self) -> str:
        return str(json.loads((self.folder / "plan.json").read_text())["id"])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    simulators = {"lc_phone": desk.lc, "voicetel": desk.voicetel}
    with server.running(simulators) as urls:
        for name, simulator in simulators.items():
            for setting, value in {**simulator.settings, "base_url": urls[name]}.items():
                desk.environment[variable(name, setting)] = value
        yield desk


def test_every_command_of_the_page(desk: Desk) -> None:
    simulate, plan, private, first, again, status, finish, undo = commands()
    assert simulate[:2] == ["anycarrier", "simulate"]

    planned = desk.run(plan)
    assert planned.returncode == 1, planned.stderr  # one number is in a pool
    assert "6 numbers: 3 to port, 2 to replace, 1 to leave." in planned.stderr
    assert "Cost: 19.00 USD once" in planned.stderr, planned.stderr
    assert "it is in the number pool 'Sales Team Pool'" in planned.stdout
    tasks = (desk.folder / "todo.csv").read_text()
    assert "sign the letter of authorization" in tasks
    assert "take it out of the pool" in tasks

    refused = desk.run(first)
    assert refused.returncode == 2
    assert "chmod 600" in refused.stderr  # others may read it still
    assert not desk.voicetel.account.ports
    assert desk.run(private).returncode == 0

    ordered = desk.run(first)
    assert ordered.returncode == 75, ordered.stderr
    assert ordered.stdout.count("a person signs the letter of authorization: https://") == 3
    assert ordered.stdout.count("done (replace") == 2
    assert "3 pending" in ordered.stderr

    desk.voicetel.happen("loa")
    desk.lc.pass_time(9 * 86_400)
    looked = desk.run(status)
    assert looked.returncode == 75
    assert looked.stdout.count("not made yet: apply the plan to go on") == 3
    arrived = desk.run(again)
    assert arrived.returncode == 0, arrived.stdout + arrived.stderr
    assert desk.run(status).returncode == 0
    assert desk.run(again).returncode == 0

    waiting = desk.run(finish)
    assert waiting.returncode == 1
    assert waiting.stdout.count("its grace ends in 7.0 days") == 2
    ready = desk.run([*finish[:-1], "0", "--by-hand", "release.csv"])
    assert ready.returncode == 1
    assert ready.stdout.count("phone settings") >= 2
    listed = (desk.folder / "release.csv").read_text()
    assert all(number in listed for number in desk.replaced)
    for number in desk.replaced:
        desk.lc.happen("delete", number=number)
    gone = desk.run([*finish[:-1], "0"])
    assert gone.returncode == 0, gone.stdout + gone.stderr

    back = desk.run(undo)
    assert back.returncode == 1, back.stdout + back.stderr
    assert back.stderr.count("it was ported; it comes back only by a port order at the old carrier") == 3
    over = desk.run(again)
    assert over.returncode == 1
    assert "this switch was undone" in over.stderr
    charges = [charge.number[-10:] for charge in desk.voicetel.ledger.charges]
    assert len(charges) == len({*charges}) == 5
    assert not desk.voicetel.ledger.releases


def test_undo_of_a_switch_that_has_begun_releases_what_was_bought(desk: Desk) -> None:
    _, plan, private, first, again, _, _, undo = commands()
    for command in (plan, private, first):
        desk.run(command)
    back = desk.run(undo)
    assert "do not sign the letter of authorization" in back.stderr
    assert "2 done" in back.stderr
    assert len(desk.voicetel.ledger.releases) == 2
    assert desk.run(again).returncode == 1
    assert {*desk.ported, *desk.replaced} <= {*desk.lc.owned}


def test_mistakes_are_named(desk: Desk) -> None:
    _, plan, private, first, _, _, finish, _ = commands()
    assert "there is no journal yet" in (desk.run(plan) and desk.run(finish)).stderr
    desk.run(private)
    wrong = desk.run([*first[:-1], "0123456789abcdef"])
    assert wrong.returncode == 2
    assert "--confirm is not the id of this plan" in wrong.stderr
    same = desk.run(["anycarrier", "switch", "plan", "--from", "voicetel", "--to", "voicetel"])
    assert "--from and --to are one account" in same.stderr
    assert "todo.csv exists already" in desk.run(plan).stderr
    assert "plan.json exists already" in desk.run(plan[:-2]).stderr
    (desk.folder / "bad.toml").write_text('move = "sell"\n[setup]\ncalls = "nowhere"\n')
    bad = desk.run(["anycarrier", "switch", "plan", "--from", "lc_phone", "--to", "voicetel", "--rules", "bad.toml"])
    assert bad.returncode == 2
    assert "move must be one of port, replace, leave" in bad.stderr
    assert "setup, calls" in bad.stderr
    desk.environment.pop("ANYCARRIER_LC_PHONE_TOKEN")
    lost = desk.run(first)
    assert lost.returncode == 2
    assert "lc_phone/lc_phone" in lost.stderr
