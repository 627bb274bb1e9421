"""Purchases through a journal: statements, commits, syncs and CPU of each, with one process and several.

Run by ``make bench``, which writes ``docs/benchmarks_journal.md``. The carrier is a simulator in the process that
measures, whose CPU is not counted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from attrs import evolve, frozen

from anycarrier.simulator import Simulator, load, server
from benchmark.purchase_worker import AREAS
from benchmark.slow_link import linked
from support.postgres_server import Server

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks_journal.md"
WORKER = Path(__file__).with_name("purchase_worker.py")
ROOT = Path(__file__).parents[2]
TICK = os.sysconf("SC_CLK_TCK")
WORKERS = ((1, "process"), (2, "processes"), (4, "processes"))


@frozen(kw_only=True)
class Cost:
    """Cost of one purchase on average; the rate is of all processes together.

    Attributes:
        cpu: milliseconds of the buying processes.
        server: milliseconds of PostgreSQL.
    """

    rate: float
    cpu: float
    server: float = 0.0
    statements: float = 0.0
    commits: float = 0.0
    syncs: float = 0.0


def carrier(count: int) -> Simulator:
    """VoiceTel with numbers and money for *count* orders."""
    one: Any = load("voicetel", account_calls=None, balance=Decimal(2 * count + 100))
    like = next(iter(one.stock.values()))
    for area in AREAS:
        for line in range(count // len(AREAS) * 2 + 200):
            one.stock[f"{area}{220 + line // 10_000}{line % 10_000:04}"] = like
    return one  # type: ignore[no-any-return]


def cpu_of_server(folder: Path) -> float:
    """Seconds of CPU of a PostgreSQL, with its processes that have ended."""
    main = int((folder / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            words = (process / "stat").read_text().rpartition(")")[2].split()
            if int(process.name) == main:
                ticks += sum(map(int, words[11:15]))
            elif int(words[1]) == main:
                ticks += sum(map(int, words[11:13]))
    return ticks / TICK


def counters(dsn: str) -> tuple[int, int]:
    """Transactions that wrote, and syncs of the log, so far."""
    import psycopg

    with psycopg.connect(dsn, autocommit=True) as db:
        version = db.info.server_version
        syncs = (
            "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'"
            if version >= 180_000
            else "SELECT wal_sync FROM pg_stat_wal"
        )
        row = db.execute(f"SELECT pg_current_xact_id()::text::bigint, ({syncs})").fetchone()
        assert row is not None
        return int(row[0]), int(row[1])


def made_database(dsn: str, name: str) -> str:
    """A new database on the server of *dsn*."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}".encode())
    return make_conninfo(dsn, dbname=name)


def workers(root: Path, count: int, how: dict[str, Any]) -> list[subprocess.Popen[str]]:
    """Processes of the clone at *root* that are ready to buy."""
    path = os.pathsep.join([*(str(root / name) for name in ("src", "adapters")), str(ROOT / "tests")])
    started = []
    for first in range(count):
        started.append(
            subprocess.Popen(
                [str(python_of(root)), str(WORKER), json.dumps({**how, "first": first, "step": count})],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": path},
            )
        )
        if answer(started[-1]) != "READY":
            raise RuntimeError("a buying process failed")
    return started


def answer(process: subprocess.Popen[str]) -> str:
    """The next line that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def python_of(root: Path) -> Path:
    """The interpreter of a clone's own environment, or this one."""
    own = root / ".venv" / "bin" / "python"
    return own if own.exists() else Path(sys.executable)


def tell(processes: list[subprocess.Popen[str]]) -> None:
    """Send each a line."""
    for one in processes:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()


def bought(
    dsn: str | None,
    folder: Path,
    *,
    root: Path = ROOT,
    processes: int = 1,
    count: int = 400,
    threads: int = 8,
    delay: float = 0.0,
    chunks: bool = False,
) -> Cost:
    """Cost of *count* purchases by processes of the clone at *root*, each with some orders at once.

    Args:
        dsn: a PostgreSQL server, whose folder is *folder*; ``None`` for a file of that folder.
        delay: seconds of each direction between a process and PostgreSQL.
        chunks: fill the items of a job, whose orders are on record before, instead of one order after the other.
    """
    simulator = carrier(count)
    run = os.urandom(4).hex()
    with contextlib.ExitStack() as stack:
        urls = stack.enter_context(server.running({"voicetel": simulator}))
        where, link = str(folder / f"{run}.sqlite"), None
        if dsn is not None:
            dsn = made_database(dsn, f"run{run}")
            link = stack.enter_context(linked(dsn, delay))
            where = link.dsn
        how = {
            "provider": "voicetel",
            "url": urls["voicetel"],
            "settings": dict(simulator.settings),
            "journal": where,
            "run": run,
            "count": count,
            "threads": threads,
            "client": {"transport": "fast"},
            "chunks": chunks,
        }
        started = workers(root, processes, how)

        def taken() -> list[float]:
            return [] if link is None or dsn is None else [link.statements(), *counters(dsn), cpu_of_server(folder)]

        before = taken()
        tell(started)
        answers = [json.loads(answer(one)) for one in started]
        used = [(late - early) / count for early, late in zip(before, taken(), strict=True)]
        tell(started)
        for one in started:
            one.communicate(timeout=60)
    seconds = max(one["ended"] for one in answers) - min(one["began"] for one in answers)
    cost = Cost(rate=count / seconds, cpu=sum(one["cpu"] for one in answers) / count * 1000)
    if not used:
        return cost
    return evolve(cost, statements=used[0], commits=used[1], syncs=used[2], server=used[3] * 1000)


@contextlib.contextmanager
def postgresql() -> Iterator[tuple[str, Path]]:
    """A PostgreSQL of our own: its address and its folder."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        database = Server(folder)
        yield database.dsn, Path(folder)
        database.close()


class Case(NamedTuple):
    """One row of the page."""

    words: str
    postgres: bool = True
    processes: int = 1
    delay: float = 0.0
    chunks: bool = False


CASES = (
    Case("SQLite, one process", postgres=False),
    Case("SQLite, one process, a job in chunks", postgres=False, chunks=True),
    *(Case(f"PostgreSQL, {number} {words}", processes=number) for number, words in WORKERS),
    *(
        Case(f"PostgreSQL, {number} {words}, a job in chunks", processes=number, chunks=True)
        for number, words in WORKERS
    ),
    Case("PostgreSQL a millisecond away, 1 process", delay=0.0005),
)


def row(case: Case, cost: Cost) -> str:
    """A row of the table."""
    counts = [f"{one:.1f}" if case.postgres else "" for one in (cost.statements, cost.commits, cost.syncs)]
    server_cpu = f"{cost.server:.1f}" if case.postgres else ""
    return f"| {case.words} | {cost.rate:.0f} | {cost.cpu:.1f} | {server_cpu} | {' | '.join(counts)} |"


def compared(before: Path, rounds: int, count: int) -> str:
    """The CPU of this clone's purchases beside those of another one, measured in turns."""
    found: dict[Path, list[float]] = {before: [], ROOT: []}
    with postgresql() as (dsn, folder):
        for _ in range(rounds):
            for root, costs in found.items():
                cost = bought(dsn, folder, root=root, count=count)
                costs.append(cost.cpu + cost.server)
                sys.stderr.write(f"{root.name}: {cost}\n")
    early, late = (median(found[root]) for root in (before, ROOT))
    return f"{late:.2f} ms of CPU beside {early:.2f}: {late / early:.2f}\n"


HEAD = """# The cost of a purchase in the journal

`make bench` writes this page. Numbers are bought one by one through `provision`, eight at once in each process, or as a
job through `jobs.fill`, whose orders are on record before; the carrier is VoiceTel's simulator, whose CPU is not
counted, over the fast transport, and each search serves some orders. Everything runs on one machine ({machine},
{cores} cores), so rates are floors, and CPU is the figure to extrapolate from. Statements are messages to PostgreSQL
that wait for an answer, commits are transactions that wrote, syncs are those of its log: parallel orders share them.
Each purchase is five statements: the order is recorded, claimed, a number that no order has is chosen, the attempt is
recorded, and its outcome; in a job, VoiceTel's numbers are bought up to a hundred with one request.

| | purchases/s | CPU ms, processes | CPU ms, PostgreSQL | statements | commits | syncs |
|---|---|---|---|---|---|---|"""


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=800, help="purchases of a run")
    parser.add_argument("--rounds", type=int, default=3, help="turns of a comparison")
    parser.add_argument("--no-page", action="store_true", help="print it only")
    parser.add_argument("--beside", type=Path, help="another clone, with its environment: only compare with that one")
    arguments = parser.parse_args()
    if arguments.beside is not None:
        sys.stdout.write(compared(arguments.beside, arguments.rounds, arguments.count))
        return
    lines = [HEAD.format(machine=f"{platform.system()} {platform.machine()}", cores=os.cpu_count())]
    with postgresql() as (dsn, folder), tempfile.TemporaryDirectory() as files:
        for case in CASES:
            where = (dsn, folder) if case.postgres else (None, Path(files))
            cost = bought(*where, processes=case.processes, count=arguments.count, delay=case.delay, chunks=case.chunks)
            lines.append(row(case, cost))
            sys.stderr.write(lines[-1] + "\n")
    text = "\n".join(lines) + "\n"
    if arguments.no_page:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
