"""The rate of four processes at one account: a budget each, and one for all of them, also when one is killed and after
the database was away; and other libraries' limiters beside it.

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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from anycarrier.purchase import journal
from anycarrier.simulator import Simulator, load, server
from benchmark import environments
from benchmark.limiters import LIMITERS
from support.limits import most_in
from support.postgres_server import Server
from support.redis_server import MISSING, RedisServer

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks_budget.md"
WORKER = Path(__file__).parents[1] / "simulation" / "budget_worker.py"
LIMITS = {"lc_phone": (100, 10.0, 100.0), "leadping": (300, 60.0, 240.0)}
"""By provider: requests, seconds, and seconds of the measurement."""

AWAY = 5.0
"""Seconds for which the database is away."""

PACKAGES = ("throttled-py==3.5.0", "limits==5.8.0", "pyrate-limiter==4.5.1", "redis==8.1.0")


class Rate(NamedTuple):
    """Rate of one run.

    Attributes:
        share: answered requests of those that the provider allows, after the first window and while the store works.
        refused: answers 429.
        most: most requests in a window.
        calls: of the store, for each request of the processes that were not killed.
        meanwhile: requests that left while the database was away.
    """

    share: float
    refused: int
    most: int
    calls: float
    meanwhile: int


class Scene(NamedTuple):
    """One row of the table: its words, the budget, and what happens half-way."""

    words: str
    budget: str
    event: str = ""


SCENES = (
    Scene("a budget each", "own"),
    Scene("shared", "shared"),
    Scene("shared, one process killed", "shared", "kill"),
    Scene(f"shared, PostgreSQL killed and away for {AWAY:g} s", "shared", "away"),
)
ON_REDIS = (
    Scene("shared through Redis", "redis"),
    Scene("shared through Redis, one process killed", "redis", "kill"),
    *(Scene(f"{name} on Redis", name) for name in LIMITERS),
)


def run(name: str, scene: Scene, database: Server, redis: RedisServer | None) -> Rate:
    """Four processes that read as fast as their budget lets them."""
    requests, window, seconds = LIMITS[name]
    simulator: Simulator = load(name)
    python = sys.executable
    if scene.budget in LIMITERS:
        made = environments.make("limiters", (*environments.our_packages(), *PACKAGES))
        if made.problem:
            raise RuntimeError(made.problem)
        python = str(made.python)
    with server.running({name: simulator}) as urls:
        how: dict[str, Any] = {
            "journal": database.dsn,
            "redis": redis.url if redis else "",
            "budget": scene.budget,
            "provider": name,
            "requests": requests,
            "window": window,
            "url": urls[name],
            "settings": dict(simulator.settings),
            "threads": 4,
            "seconds": seconds,
        }
        folders = [str(Path(__file__).parents[2] / folder) for folder in ("src", "adapters", "tests")]
        workers = [
            subprocess.Popen(
                [python, str(WORKER), json.dumps(how)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
            )
            for _ in range(4)
        ]
        away = _half_way(scene.event, seconds / 2, workers, database)
        reports = [_report(worker) for worker in workers if not (scene.event == "kill" and worker is workers[0])]
    seen = simulator.ledger.requests
    first = min(one.at for one in seen)
    answered = [one.at for one in seen if one.status != 429]
    began, ended = first + window, first + seconds - 2.0
    measured = [at for at in answered if began <= at < ended and not away[0] <= at < away[1]]
    share = len(measured) / ((ended - began - (away[1] - away[0])) * requests / window)
    calls, sent = (sum(report[what] for report in reports) for what in ("calls", "sent"))
    return Rate(
        share,
        sum(one.status == 429 for one in seen),
        most_in(answered, window),
        calls / sent,
        sum(away[0] <= at < away[1] for at in answered),
    )


def _half_way(
    event: str, seconds: float, workers: list[subprocess.Popen[str]], database: Server
) -> tuple[float, float]:
    """Let *event* happen, and return from when until when the database was away."""
    time.sleep(seconds)
    if event == "kill":
        workers[0].kill()
    if event != "away":
        return 0.0, 0.0
    database.crash()
    from_when = time.time()
    time.sleep(AWAY)
    database.start()
    return from_when, time.time()


def _report(worker: subprocess.Popen[str]) -> dict[str, int]:
    out, problems = worker.communicate()
    if worker.returncode:
        raise RuntimeError(problems)
    report: dict[str, int] = json.loads(out.splitlines()[-1])
    return report


def rows(name: str, database: Server, redis: RedisServer | None) -> Iterator[str]:
    """The rows of a provider."""
    requests, window, _ = LIMITS[name]
    for scene in (*SCENES, *(ON_REDIS if redis else ())):
        rate = run(name, scene, database, redis)
        calls = f"{rate.calls:.1f}" if scene.budget != "own" else ""
        meanwhile = f" ({rate.meanwhile} with a place left meanwhile)" if scene.event == "away" else ""
        yield (
            f"| {name}, {requests} in {window:g} s | {scene.words}{meanwhile} | {rate.share:.3f} | {rate.refused} |"
            f" {rate.most} | {calls} |"
        )


def page() -> str:
    """The page of the documentation."""
    lines = [HEAD.format(machine=f"{platform.system()} {platform.machine()}")]
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer()) if RedisServer.is_at_hand() else None
        databases = []
        for _ in LIMITS:
            databases.append(Server(stack.enter_context(tempfile.TemporaryDirectory(prefix="pg"))))
            stack.callback(databases[-1].close)
            journal.open(databases[-1].dsn).close()
        # Each waits most of the time, so both providers are measured at once.
        both = stack.enter_context(ThreadPoolExecutor())
        measured = [
            both.submit(lambda *of: [*rows(*of)], name, database, redis if name == "lc_phone" else None)
            for name, database in zip(LIMITS, databases, strict=True)
        ]
        for one in measured:
            lines += one.result()
    if redis is None:
        lines += ["", f"Nothing was measured on Redis: it {MISSING}."]
    return "\n".join([*lines, TAIL.format(packages=", ".join(PACKAGES[:3]).replace("==", " "))])


HEAD = """# One rate budget for many processes

`make bench` writes this page. Four processes with four threads each read from one account as fast as they may, over
loopback HTTP, on a machine that runs the simulators, PostgreSQL and Redis too ({machine}). The share is of the
documented rate, after the first window and while the database works; one above 1 ends with a burst.
[limits.md](limits.md) says how it works. The aim is 0.97 at least, and no 429.

| account | budget | share | 429 | most in a window | calls of the store per request |
|---|---|---|---|---|---|"""

TAIL = """
A process that is killed loses its places of the next half a second, once.

The other libraries are {packages}.
Each is set to 98 % of the limit, as its documentation has it, in front of a client that keeps no limits
(`max_wait=None`): throttled-py to its GCRA with a burst of 2 %, the other two to their windows, which let all of it go
at once and then wait.
"""


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
