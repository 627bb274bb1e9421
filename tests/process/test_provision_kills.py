"""``provision`` killed at any moment, over real HTTP, and ``recover`` afterwards: one number, paid once, on record."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.settings import variable
from anycarrier.simulator import Simulator, load, read_scenario
from support.server_faults import server_faults

pytestmark = pytest.mark.slow
server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")

ROOT = Path(__file__).parents[2]
HURRIED = ROOT / "tests" / "support" / "hurried.py"
BUYING = {"leadping": "create", "lc_phone": "purchase", "voicetel": "order", "lc_legacy": "purchase"}
FAULTS = (*server_faults(hang=0.3, late=0.2), {"kind": "error", "status": 401})


@pytest.fixture(scope="module")
def simulators() -> Mapping[str, Simulator]:
    return {name: load(name) for name in BUYING}


@pytest.fixture(scope="module")
def environment(simulators: Mapping[str, Simulator]) -> Iterator[dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYCARRIER_")}
    kept |= {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")]),
        "PYTHONWARNINGS": "error",
        "ANYCARRIER_CONFIG": str(ROOT / "no-such-file"),
    }
    with server.running(dict(simulators)) as urls:
        for name, simulator in simulators.items():
            for setting, value in {**simulator.settings, "base_url": urls[name]}.items():
                kept[variable(name, setting)] = value
        yield kept


class Shop:
    """Four providers, a journal, and commands run as processes."""

    def __init__(
        self, simulators: Mapping[str, Simulator], environment: Mapping[str, str], journal: Path, seed: int
    ) -> None:
        self.simulators = simulators
        self.environment = {**environment, "ANYCARRIER_JOURNAL": str(journal)}
        self.rng = random.Random(seed)
        self.order = self.rng.sample(sorted(BUYING), len(BUYING))
        for name, simulator in simulators.items():
            simulator.reset()
            simulator.random.seed(seed)
            for fault in FAULTS:
                simulator.fault(**fault, operation=BUYING[name], probability=0.25)
            simulator.fault("reset", method="GET", probability=0.2)
            simulator.fault("latency", seconds=0.03, times=None)

    def start(self, *argv: str, program: Sequence[str] = (str(HURRIED),)) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *program, *argv],
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *argv: str) -> tuple[int, str, str]:
        process = self.start(*argv)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    def here(self, *argv: str) -> Any:
        """Output of a command, as JSON, run in this process, which is quicker."""
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stdout(said):
            for name, value in self.environment.items():
                patched.setenv(name, value)
            with contextlib.redirect_stderr(io.StringIO()) as problems:
                code = main([*argv, "--output", "json"])
        assert code == 0, problems.getvalue()
        return json.loads(said.getvalue())

    def provision(self) -> list[str]:
        wanted = [word for name in self.order for word in ("--from", name)]
        return ["provision", "--area-code", "201", *wanted, "--request-id", "order-1", "--yes", "--deadline", "20"]

    def charges(self) -> list[tuple[str, str]]:
        return [
            (name, charge.number[-10:])
            for name, simulator in self.simulators.items()
            for charge in simulator.ledger.charges
        ]


def kill_at(shop: Shop, *, line: int, later: float) -> bool:
    """Kill a purchase a little after it has said so many lines; whether it was still running."""
    with shop.start(*shop.provision()) as process:
        assert process.stderr
        for _ in range(line):
            if not process.stderr.readline():
                break
        time.sleep(later)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=300)
    return process.returncode == -signal.SIGKILL


def one_number_is_paid_and_on_record(shop: Shop) -> None:
    code, _, err = shop.run("recover", "--deadline", "20")
    if code == Exit.INPUT_OUTPUT and "there is no journal" in err:
        found = []  # killed before it was made
    else:
        assert code == 0, err
        found = shop.here("purchases")["purchases"]
    if not found:
        # Killed before the order was on record, and so before anything was sent: the same command begins it.
        assert not any(
            seen.operation in BUYING.values() for one in shop.simulators.values() for seen in one.ledger.requests
        )
        code, _, err = shop.run(*shop.provision())
        assert code == 0, err
        found = shop.here("purchases")["purchases"]
    (purchase,) = found
    (intent,) = purchase["intents"]
    assert intent["state"] == "ACTIVE", purchase
    (bought,) = [one for one in intent["attempts"] if one["state"] == "CONFIRMED"]
    time.sleep(0.2)  # what is late has happened by now
    assert shop.charges() == [(bought["provider"], bought["ten_digit"])]


def campaign(simulators: Mapping[str, Simulator], environment: Mapping[str, str], folder: Path, seed: int) -> None:
    shop = Shop(simulators, environment, folder / "journal.sqlite", seed)
    kill_at(shop, line=shop.rng.randrange(6), later=shop.rng.uniform(0.0, 0.15))
    one_number_is_paid_and_on_record(shop)
    for simulator in simulators.values():
        simulator.faults.clear()
    # The same order once more is the same purchase.
    assert shop.here(*shop.provision())["complete"]
    assert len(shop.charges()) == 1


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_any_moment(
    simulators: Mapping[str, Simulator], environment: Mapping[str, str], tmp_path: Path, seed: int
) -> None:
    campaign(simulators, environment, tmp_path, seed)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_soak_killed_at_any_moment(
    simulators: Mapping[str, Simulator], environment: Mapping[str, str], tmp_path: Path, seed: int
) -> None:
    campaign(simulators, environment, tmp_path, seed)


def test_killed_again_and_again_also_while_it_recovers(
    simulators: Mapping[str, Simulator], environment: Mapping[str, str], tmp_path: Path
) -> None:
    shop = Shop(simulators, environment, tmp_path / "journal.sqlite", 99)
    kill_at(shop, line=3, later=0.0)
    for _ in range(3):
        with shop.start("recover") as process:
            time.sleep(shop.rng.uniform(0.3, 0.6))
            process.kill()
            process.communicate(timeout=300)
    one_number_is_paid_and_on_record(shop)


def test_the_page_says_what_happens(
    simulators: Mapping[str, Simulator], environment: Mapping[str, str], tmp_path: Path
) -> None:
    """The walk through docs/provision.md, as it stands there, with the waits of life."""
    page = (ROOT / "docs" / "provision.md").read_text()
    (scenario,) = re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    command, *said = re.findall(
        r"^\$ anycarrier (provision .* --yes) &\n(Request .*)\n(?:.*\n)*?(lc_phone .*: buying)$", page, re.MULTILINE
    )[0]
    shop = Shop(simulators, environment, tmp_path / "journal.sqlite", 1)
    for simulator in simulators.values():
        simulator.reset()
        simulator.apply(read_scenario(scenario))
    with shop.start(*command.split(), program=["-m", "anycarrier"]) as process:
        assert process.stderr
        lines = [process.stderr.readline()]
        while lines[-1] and lines[-1].rstrip() != said[1]:
            lines.append(process.stderr.readline())
        assert lines[-1], lines
        assert re.sub("r[0-9a-f]{12}|on record in .*[.] I", "", lines[0].rstrip()) == re.sub(
            "r[0-9a-f]{12}|on record in .*[.] I", "", said[0]
        )
        time.sleep(0.3)
        process.kill()
        process.communicate(timeout=300)
    assert shop.here("purchases", "--open")["purchases"]
    with shop.start("recover", program=["-m", "anycarrier"]) as process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    (found,) = re.findall(r"^\$ anycarrier recover\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert re.sub("r[0-9a-f]{12}", "", err + out) == re.sub("r[0-9a-f]{12}", "", found)
    assert shop.charges() == [("lc_phone", "2015550101")]


def test_several_at_once_on_postgresql(simulators: Mapping[str, Simulator], environment: Mapping[str, str]) -> None:
    """The same order from three processes at once, and one of them killed."""
    postgres = pytest.importorskip("simulation.conftest", reason="needs the suite")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        book = postgres.Server(folder)
        try:
            shop = Shop(simulators, environment, Path("unused"), 7)
            shop.environment["ANYCARRIER_JOURNAL"] = book.dsn
            shop.environment.pop("PYTHONWARNINGS")
            running = [shop.start(*shop.provision()) for _ in range(3)]
            assert running[0].stderr
            running[0].stderr.readline()
            running[0].kill()
            said = [process.communicate(timeout=300)[1] for process in running]
            assert [process.returncode for process in running[1:]] == [0, 0], said
            one_number_is_paid_and_on_record(shop)
        finally:
            book.close()
