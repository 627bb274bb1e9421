"""Purchases through a journal: statements, commits, syncs and CPU of each, with one process and several.

Run by ``make bench``, which writes ``docs/benchmarks_journal.md``. The carrier is a simulator in the process that
measures, whose CPU is not counted.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import frozen

from anycarrier.simulator import Simulator, load, server
from benchmark.purchase_worker import AREAS
from benchmark.slow_link import linked
from support.postgres_server import Server

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks_journal.md"
WORKER = Path(__file__).with_name("purchase_worker.py")
ROOT = Path(__file__).parents[2]
TICK = os.sysconf("SC_CLK_TCK")


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
    statements: float | None = None
    commits: float | None = None
    syncs: float | None = None


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


def workers(
    root: Path,
    where: str,
    url: str,
    settings: dict[str, Any],
    run: str,
    *,
    processes: int,
    count: int,
    threads: int,
    client: dict[str, Any],
) -> list[subprocess.Popen[str]]:
    """Processes that are ready to buy."""
    path = os.pathsep.join([*(str(root / name) for name in ("src", "adapters")), str(ROOT / "tests")])
    started = []
    for first in range(processes):
        how = {
            "provider": "voicetel",
            "url": url,
            "settings": settings,
            "journal": where,
            "run": run,
            "first": first,
            "step": processes,
            "count": count,
            "threads": threads,
            "client": client,
        }
        started.append(
            subprocess.Popen(
                [str(python_of(root)), str(WORKER), json.dumps(how)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": path},
            )
        )
        assert started[-1].stdout is not None
        assert started[-1].stdout.readline() == "READY\n"
    return started


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
    client: dict[str, Any] | None = None,
) -> Cost:
    """Cost of *count* purchases, on PostgreSQL if there is one, else in a file of *folder*."""
    simulator = carrier(count)
    run = os.urandom(4).hex()
    if dsn is not None:
        dsn = made_database(dsn, f"run{run}")
    with contextlib.ExitStack() as stack:
        urls = stack.enter_context(server.running({"voicetel": simulator}))
        link = None if dsn is None else stack.enter_context(linked(dsn, delay))
        where = str(folder / "journal.sqlite") if link is None else link.dsn
        started = workers(
            root,
            where,
            urls["voicetel"],
            dict(simulator.settings),
            run,
            processes=processes,
            count=count,
            threads=threads,
            client=client or {"transport": "fast"},
        )
        before = None
        if link is not None and dsn is not None:
            before = (link.statements(), *counters(dsn), cpu_of_server(folder))
        tell(started)
        answers = [json.loads(one.stdout.readline()) for one in started if one.stdout is not None]
        used: tuple[float, ...] = ()
        if link is not None and dsn is not None and before is not None:
            after = (link.statements(), *counters(dsn), cpu_of_server(folder))
            used = tuple((late - early) / count for early, late in zip(before, after, strict=True))
        tell(started)
        for one in started:
            one.wait(30)
        seconds = max(one["ended"] for one in answers) - min(one["began"] for one in answers)
        cost = Cost(rate=count / seconds, cpu=sum(one["cpu"] for one in answers) / count * 1000)
        if not used:
            return cost
        return Cost(
            rate=cost.rate, cpu=cost.cpu, statements=used[0], commits=used[1], syncs=used[2], server=used[3] * 1000
        )


@contextlib.contextmanager
def postgresql() -> Iterator[tuple[str, Path]]:
    """A PostgreSQL of our own: its address and its folder."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        database = Server(folder)
        yield database.dsn, Path(folder)
        database.close()
