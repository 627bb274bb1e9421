"""The journal at scale: what a step costs beside 10,000 to 1,000,000 purchases on record, against an empty journal.

Run by ``make bench-scale``, which writes ``docs/benchmarks_scale.md``.
"""

# ruff: noqa: S608 - only constants are put into SQL

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median
from types import SimpleNamespace
from typing import Any

from attrs import evolve

from anycarrier.attempt import AttemptState, Draft, ResolutionPolicy
from anycarrier.exchange import Emit, Exchange, Listing
from anycarrier.model import Money, OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Order, reconcile, recover
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.database import Database, Transaction
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import OrderRecord
from anycarrier.purchase.resolution import Instant, begun
from anycarrier.search import Search
from anycarrier.testing import Script, VirtualClock

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks_scale.md"
STEPS = ("take", "begin", "begin under a cap", "recover, an item", "reconcile, a number")
TARGETS = {"take": 0.2, "begin under a cap": 2.0}
"""Milliseconds, at a million rows."""

ROUNDS = 200
RECONCILED = 1_000_000
"""Rows beyond which reconcile is left out: a million numbers take some minutes."""

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
"""Files there wait for no disk, so that the figures are those of the work."""
ORDER = Order(criteria=Search(area_code="201")).to_json(["shop/shop"])


class Account:
    """A provider whose inventory is what the journal says that it bought."""

    name = title = "shop"
    rules = ResolutionPolicy()
    supports: dict[str, object] = {}  # noqa: RUF012 - nothing is declared
    accounts = (SimpleNamespace(id="shop"),)

    def __init__(self, count: int) -> None:
        self.count = count

    def list(self, *, options: object = ()) -> Listing[OwnedNumber]:
        for start in range(0, self.count, 1000):
            numbers = range(start, min(start + 1000, self.count))
            yield Emit([OwnedNumber(provider="shop", account="shop", number=number_of(one)) for one in numbers])


def number_of(position: int) -> PhoneNumber:
    """A number of the bulk, a different one for each position: of a network without a country."""
    return PhoneNumber(f"+883510{position:09}")


def fill(database: Database, count: int) -> None:
    """Put *count* purchases of the last 24 hours on record, by SQL, with their totals."""
    postgres = database.dialect == "postgres"
    numbers = (
        f"(SELECT generate_series(0, {count - 1}) AS n)"
        if postgres
        else f"(WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {count - 1}) SELECT n FROM s)"
    )
    padded = "lpad(n::text, 9, '0')" if postgres else "printf('%09d', n)"
    body = "'\\x7b7d'::bytea" if postgres else "X'7b7d'"
    with database.transaction() as tx:
        now = tx.time()
        if postgres:
            # A million changes of a few rows in one transaction are no day's work; the totals are counted at the end.
            tx.run("ALTER TABLE anycarrier_attempt DISABLE TRIGGER USER")
        tx.run(
            "INSERT INTO anycarrier_request(id, digest, criteria, created, valid_until)"
            f" SELECT 'old' || {padded}, 'd', ?, ?, ? FROM {numbers} AS numbers",
            ORDER,
            now - 90_000,
            now,
        )
        tx.run(
            "INSERT INTO anycarrier_intent(id, request_id, slot, state, claimable)"
            f" SELECT 'old' || {padded} || '#1', 'old' || {padded}, 1, 'ACTIVE', 0 FROM {numbers} AS numbers"
        )
        tx.run(
            "INSERT INTO anycarrier_attempt(intent_id, seq, provider, account, e164, key, body, body_sha256, price,"
            " currency, state, first_sent, last_sent, sends, absent, unknown, next_at, no_replay)"
            f" SELECT 'old' || {padded} || '#1', 1, 'shop', 'shop', '+883510' || {padded}, 'key' || {padded}, {body},"
            f" '{'0' * 64}', '1.15', 'USD', 'CONFIRMED', ? + n * {86_390 / count}, ?, 1, 0, 0, 0, 0"
            f" FROM {numbers} AS numbers",
            now - 86_400,
            now,
        )
        if postgres:
            tx.run("ALTER TABLE anycarrier_attempt ENABLE TRIGGER USER")
            recount(tx)
        tx.run("ANALYZE")


def recount(tx: Transaction) -> None:
    """Fill the totals, one row for each of eight sessions, as eight workers would have."""
    for span in (60, 3600):
        tx.run(
            "INSERT INTO anycarrier_spent SELECT ?, floor(first_sent / 60)::bigint * 60 / ? * ?, mod(id, 8), 'USD',"
            " sum((price::numeric * 1000000)::bigint), count(*), 0 FROM anycarrier_attempt GROUP BY 2, 3",
            span,
            span,
            span,
        )


def timed(work: Callable[[int], object]) -> float:
    """Median milliseconds of *work*."""
    found = []
    for position in range(ROUNDS):
        began = time.perf_counter()
        work(position)
        found.append(time.perf_counter() - began)
    return median(found) * 1000


def measured(database: Database, count: int) -> dict[str, float]:
    """Milliseconds of each step beside *count* purchases on record."""
    if count:
        fill(database, count)
    journal = Journal(database)
    for position in range(ROUNDS):
        journal.create(OrderRecord(id=f"a{position:03}", digest="d", order=ORDER), 1, -1.0)
    costs = {"take": timed(lambda position: journal.claim_next(f"w{position}"))}
    journal.release_all_claims()
    random = Random(1)
    for name, cap in (("begin", None), ("begin under a cap", Money("99999999"))):
        journal.day_cap = cap
        costs[name] = timed_begins(journal, random)
    journal.day_cap = None
    shop = Account(count or 1)
    began = time.perf_counter()
    recovered = run(recover([shop], journal=journal))
    assert len(recovered.items) == ROUNDS
    costs["recover, an item"] = (time.perf_counter() - began) / ROUNDS * 1000
    if count > RECONCILED:
        return costs
    began = time.perf_counter()
    audit = run(reconcile([shop], journal=journal))
    assert not audit.failed, audit.failed
    assert len(audit.unknown) == (0 if count else 1)
    assert not audit.missing
    costs["reconcile, a number"] = (time.perf_counter() - began) / (count or 1) * 1000
    return costs


def timed_begins(journal: Journal, random: Random) -> float:
    """Median milliseconds of a begin; each attempt ends at once, unsent."""
    found = []
    for position in range(ROUNDS):
        item = f"a{position:03}#1"
        journal.claim(item, "me")
        number = PhoneNumber(f"+1201555{random.randrange(100, 200):04}")
        draft = Draft(provider="shop", account="shop", number=number, key=item, body=b"{}", price=Money("1.15"))
        attempt = begun(draft, ResolutionPolicy(), Instant(time.time(), time.time()))
        began = time.perf_counter()
        entry = journal.begin(item, "me", attempt)
        found.append(time.perf_counter() - began)
        journal.record(entry, "me", evolve(entry.attempt, state=AttemptState.REJECTED))
        journal.unwatch(entry)
        journal.release_claim(item, "me")
    return median(found) * 1000


def run(exchange: Exchange[Any]) -> Any:
    """The result of *exchange*, whose waits take no time."""
    return Script(clock=VirtualClock(time.time(), chance=0.5)).run(exchange)


@contextmanager
def databases(kind: str) -> Iterator[Database]:
    """An empty database of its own."""
    with tempfile.TemporaryDirectory(prefix="pg", dir=MEMORY if MEMORY.exists() else None) as folder:
        if kind == "SQLite":
            database: Database = SqliteDatabase(Path(folder) / "journal.sqlite")
            yield database
            database.close()
            return
        from anycarrier.purchase.journal.postgres import PostgresDatabase
        from support.postgres_server import Server

        server = Server(folder)
        database = PostgresDatabase(server.dsn)
        yield database
        database.close()
        server.close()


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--no-page", action="store_true", help="print it only")
    args = parser.parse_args()
    parts = []
    for kind in ("SQLite", "PostgreSQL"):
        found = {}
        for count in (0, *args.rows):
            with databases(kind) as database:
                schema.migrate(database)
                found[count] = measured(database, count)
                sys.stderr.write(f"{kind}, {count:,}: {found[count]}\n")
        parts.append(table(kind, found))
    text = "\n".join([HEAD.format(machine=f"{platform.system()} {platform.machine()}"), *parts])
    if args.no_page:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text)


def table(kind: str, found: dict[int, dict[str, float]]) -> str:
    """The figures of one database: milliseconds, and how many times those of an empty journal."""
    counts = [count for count in found if count]
    lines = [
        f"## {kind}\n",
        "| ms | empty | " + " | ".join(f"{count:,}" for count in counts) + " | target |",
        "|---|---|" + "---|" * (len(counts) + 1),
    ]
    for step in STEPS:
        empty = found[0][step]
        cells = [
            f"{found[count][step]:.3f} ({found[count][step] / empty:.2g})" if step in found[count] else "not measured"
            for count in counts
        ]
        target = f"under {TARGETS[step]}" if step in TARGETS else ""
        lines.append(f"| {step} | {empty:.3f} | {' | '.join(cells)} | {target} |")
    return "\n".join(lines) + "\n"


HEAD = """# The journal at scale

`make bench-scale` writes this page. Each step is measured beside purchases of the last 24 hours on record, in one
process; in brackets, how many times as long it takes as with an empty journal in the same run ({machine}). An empty
journal is reconciled with an inventory of one number, so its figure is that of the whole command. The databases are in
memory where the machine has room for that: on a disk, each commit waits for it, however much is on record.
PostgreSQL plans each statement anew, so that it works behind a pooler, and takes several round trips for most steps.
"""

if __name__ == "__main__":
    main()
