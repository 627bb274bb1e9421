"""The rate of four processes at one account: a budget each, and one for all of them, also when one is killed.

Run by ``make bench``, which writes ``docs/benchmarks_budget.md``. The simulator of LC refuses what exceeds 100 requests
in 10 seconds. Its headers let processes make room for each other, so the simulator of Leadping, which states nothing,
is measured too: 300 requests in 60 seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from anycarrier.purchase import journal
from anycarrier.simulator import Simulator, load, server
from simulation.conftest import Server

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks_budget.md"
WORKER = Path(__file__).parents[1] / "simulation" / "budget_worker.py"
LIMITS = {"lc_phone": (100, 10.0, 40.0), "leadping": (300, 60.0, 130.0)}
"""By provider: requests, seconds, and seconds of the measurement."""


class Rate(NamedTuple):
    """Rate of one run.

    Attributes:
        share: answered requests of those that the provider allows, after the first window.
        refused: answers 429.
        most: most requests in a window.
    """

    share: float
    refused: int
    most: int


def most_in(times: list[float], seconds: float) -> int:
    """Most of *times* within an interval."""
    first = most = 0
    for place, one in enumerate(times):
        while one - times[first] >= seconds:
            first += 1
        most = max(most, place - first + 1)
    return most


def run(name: str, dsn: str, budget: str, *, kill: bool = False) -> Rate:
    """Four processes that read as fast as their budget lets them."""
    requests, window, seconds = LIMITS[name]
    simulator: Simulator = load(name)
    with server.running({name: simulator}) as urls:
        how: dict[str, Any] = {
            "journal": dsn,
            "budget": budget,
            "provider": name,
            "url": urls[name],
            "settings": dict(simulator.settings),
            "threads": 4,
            "seconds": seconds,
        }
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, str(WORKER), json.dumps(how)]
        workers = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
            for _ in range(4)
        ]
        began = time.time()
        if kill:
            time.sleep(seconds / 2)
            workers[0].kill()
        for worker in workers:
            worker.communicate()
    seen = [one for one in simulator.ledger.requests if one.at >= began]
    first = min(one.at for one in seen)
    answered = sorted(one.at for one in seen if one.status != 429)
    measured = [at for at in answered if first + window <= at < first + seconds - 2.0]
    share = len(measured) / ((seconds - 2.0 - window) * requests / window)
    return Rate(share, sum(one.status == 429 for one in seen), most_in(answered, window))


def page() -> str:
    """The page of the documentation."""
    lines = [HEAD.format(machine=f"{platform.system()} {platform.machine()}")]
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        database = Server(folder)
        journal.open(database.dsn).close()
        for name, (requests, window, _) in LIMITS.items():
            for words, budget, kill in (
                ("a budget each", "own", False),
                ("shared", "shared", False),
                ("shared, one process killed", "shared", True),
            ):
                rate = run(name, database.dsn, budget, kill=kill)
                limit = f"{requests} in {window:g} s"
                lines.append(f"| {name}, {limit} | {words} | {rate.share:.3f} | {rate.refused} | {rate.most} |")
        database.close()
    return "\n".join(lines) + "\n"


HEAD = """# One rate budget for many processes

`make bench` writes this page. Four processes with four threads each read from one account as fast as they may, over
loopback HTTP, on a machine that runs the simulator and PostgreSQL too ({machine}). The share is of the documented rate,
after the first window; one above 1 ends with a burst. [limits.md](limits.md) says how it works. The aim is 0.97 at
least, and no 429.

| account | budget | share | 429 | most in a window |
|---|---|---|---|---|"""


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-page", action="store_true", help="print it only")
    arguments = parser.parse_args()
    text = page()
    if arguments.no_page:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
