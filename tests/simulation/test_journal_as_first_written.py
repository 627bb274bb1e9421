"""Journals that an earlier release wrote are continued: tables, columns, states and JSON keys stay."""

# ruff: noqa: S608 - only constants are put into SQL

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from attrs import evolve, frozen

from anycarrier import Client, InvalidInput, Money, Search
from anycarrier.errors import TransportError
from anycarrier.exchange import Moment, Response
from anycarrier.failover import Failover
from anycarrier.purchase import Order, purchase_of
from anycarrier.purchase.digest import digest
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.database import Database
from anycarrier.purchase.journal.migrations import statements
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.registry import provider_class
from anycarrier.simulator import Simulator
from anycarrier.simulator.transport import SimTransport
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from support.books import recount, totals

WRITTEN = {version: Path(__file__).with_name(f"journal_{version}.sql") for version in (1, 2)}
THEN = 1_000_000.0
ACCOUNTS = ["voicetel/voicetel", "lc_phone/lc_phone"]
DIED = Order(
    criteria=Search(area_code="201", prefix="2015"),
    capabilities=("route.gateway", "list"),
    max_price=Money("2.50"),
    spend_cap=Money("5.00"),
    quantity=2,
    prefer="health",
    deadline=300.0,
    valid_for=50_000.0,
)
STANDS = {
    "bought": ["ACTIVE +12015550100"],
    "died": ["OPEN", "OPEN"],
    "doubtful": ["OPEN"],
    "refused": ["EXHAUSTED"],
    "given up": ["EXHAUSTED"],
    "parked": ["PARKED"],
    "orphan": ["ACTIVE +12015550105"],
    "released": ["ACTIVE +12015550106"],
}
ATTEMPTS = {
    "bought": "CONFIRMED",
    "died": "SENT",
    "doubtful": "IN_DOUBT taken, no replay, unknown 2",
    "refused": "REJECTED watched",
    "given up": "REFUTED watched, absent 2",
    "parked": "IN_DOUBT throttled, unknown 12",
    "orphan": "NOT_SENT watched; ORPHAN absent 3; CONFIRMED",
    "released": "RELEASED",
}
ATTEMPTS_OF_1 = ATTEMPTS | {
    "doubtful": "IN_DOUBT no replay, unknown 2",
    "refused": "REJECTED",
    "parked": "IN_DOUBT unknown 12",
    "orphan": "NOT_SENT; ORPHAN absent 3; CONFIRMED",
}
"""The first schema had no word for how an attempt was refused, and its release did not watch refused ones."""


class Listening(SimTransport):
    """Notes the bodies that are sent."""

    def __init__(self, simulators: dict[str, Simulator], sent: list[bytes | None]) -> None:
        super().__init__(simulators)
        self.sent = sent

    def send(self, request: WireRequest) -> Response | TransportError:
        self.sent.append(request.body)
        return super().send(request)


class Later:
    """The machine some time after the journal was written, with the same accounts, and nobody waits really."""

    def __init__(self, path: Path, after: float) -> None:
        self.time = THEN + after
        self.simulators = {
            "voicetel": VoiceTelSimulator(now=lambda: self.time),
            "lc_phone": LCPhoneSimulator(now=lambda: self.time),
        }
        origins = {name: f"http://127.0.0.1:{8000 + at}" for at, name in enumerate(self.simulators)}
        database = SqliteDatabase(path, clock=lambda: self.time)
        schema.migrate(database)
        self.journal = Journal(database)
        self.journal.release_all_claims()
        members = [
            provider_class(name)(base_url=origins[name], **simulator.settings)
            for name, simulator in self.simulators.items()
        ]
        self.sent: list[bytes | None] = []
        transport = Listening({origins[name]: simulator for name, simulator in self.simulators.items()}, self.sent)
        self.client = Client(Failover(members, journal=self.journal), transport=transport, clock=self)

    def close(self) -> None:
        self.journal.close()

    def now(self) -> Moment:
        return Moment(self.time, self.time, 0.5)

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    async def async_sleep(self, seconds: float) -> None:
        raise NotImplementedError


@pytest.fixture
def later(path: Path) -> Iterator[Callable[[float], Later]]:
    """The machine so many seconds later; its journal is closed at the end."""
    with ExitStack() as stack:
        yield lambda after: stack.enter_context(closing(Later(path, after)))


@pytest.fixture(params=WRITTEN)
def version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def path(tmp_path: Path, version: int) -> Path:
    path = tmp_path / "journal.sqlite"
    database = sqlite3.connect(path)
    database.executescript(WRITTEN[version].read_text())
    database.close()
    return path


def schema_of(path: Path) -> list[tuple[str, str]]:
    database = sqlite3.connect(path)
    rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    database.close()
    return [(name, " ".join(sql.replace('"', "").split())) for name, sql in rows if not name.startswith("sqlite_")]


def test_a_new_journal_has_the_tables_and_columns_of_the_old_one(path: Path, tmp_path: Path) -> None:
    for one in (tmp_path / "new.sqlite", path):
        database = SqliteDatabase(one, clock=lambda: THEN)
        schema.migrate(database)
        database.close()
    assert schema_of(tmp_path / "new.sqlite") == schema_of(path)


def test_every_state_is_read_as_it_was_written(later: Callable[[float], Later], version: int) -> None:
    journal = later(100).journal
    check_what_is_on_record(journal, version)


def test_postgresql_reads_every_state_as_it_was_written(
    path: Path, version: int, postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows that SQLite has, in the tables that PostgreSQL had then."""
    monkeypatch.setattr(postgres_database, "now", lambda: f"({THEN + 100}::double precision)")
    written = sqlite3.connect(path)
    with postgres_database.transaction() as tx:
        tx.run("CREATE TABLE anycarrier_schema(version INTEGER PRIMARY KEY)")
        for number in range(1, version + 1):
            for statement in statements(number, "postgres"):
                tx.run(statement)
            tx.run("INSERT INTO anycarrier_schema VALUES (?)", number)
        for table in ("request", "intent", "attempt"):
            cursor = written.execute(f"SELECT * FROM anycarrier_{table}")
            names = [column[0] for column in cursor.description]
            into = f"INSERT INTO anycarrier_{table}({', '.join(names)}) OVERRIDING SYSTEM VALUE"
            for row in cursor:
                tx.run(f"{into} VALUES ({', '.join('?' * len(names))})", *row)
        tx.run("SELECT setval(pg_get_serial_sequence('anycarrier_attempt', 'id'), 10)")
    written.close()
    schema.migrate(postgres_database)
    journal = Journal(postgres_database)
    try:
        check_what_is_on_record(journal, version)
        journal.release_all_claims()
        assert journal.claim_next("me") == "died#1"
    finally:
        journal.close()


def check_what_is_on_record(journal: Journal, version: int) -> None:
    assert schema.check(journal._database) == schema.VERSION
    assert totals(journal) == recount(journal) != set()
    stands, attempts = {}, {}
    for request_id in journal.request_ids():
        purchase = purchase_of(request_id, journal)
        assert purchase is not None
        stands[request_id] = [
            " ".join([item.state.value, *([item.bought.number] if item.bought else [])]) for item in purchase.items
        ]
        found = []
        for entry in journal.load(f"{request_id}#1").entries:
            attempt = entry.attempt
            marks = {
                "watched": entry.watched,
                attempt.denial or "": attempt.denial,
                "no replay": attempt.no_replay,
                f"absent {attempt.absent}": attempt.absent,
                f"unknown {attempt.unknown}": attempt.unknown,
            }
            marked = ", ".join(mark for mark, holds in marks.items() if holds)
            found.append(f"{attempt.state.value} {marked}".strip())
        attempts[request_id] = "; ".join(found)
    assert stands == STANDS
    assert attempts == (ATTEMPTS_OF_1 if version == 1 else ATTEMPTS)
    refused = journal.load("refused#1").item
    assert dict(refused.passed) == {"voicetel": "InsufficientFunds: too little"}


def test_the_same_request_is_the_same_order_and_its_purchase_is_finished(later: Callable[[float], Later]) -> None:
    machine = later(100)
    done = machine.client.provision(DIED, request_id="died")
    assert done.complete
    assert done.items[0].bought is not None
    assert (done.items[0].bought.number, done.items[0].bought.key) == ("+12015550101", "key_died")
    charges = machine.simulators["voicetel"].ledger.charges
    assert len(charges) == 2
    assert not machine.simulators["lc_phone"].ledger.charges
    assert machine.client.provision(evolve(DIED, max_price=Money("2.5")), request_id="died") == done
    with pytest.raises(InvalidInput, match="request id"):
        machine.client.provision(evolve(DIED, quantity=1), request_id="died")


def test_the_bytes_that_were_written_down_are_sent_again(later: Callable[[float], Later]) -> None:
    machine = later(100)
    body = machine.journal.load("died#1").entries[0].attempt.draft.body
    machine.client.resume("died")
    assert body in machine.sent


def test_a_purchase_that_was_given_up_is_adopted_when_it_turns_up(later: Callable[[float], Later]) -> None:
    machine = later(600)
    machine.simulators["voicetel"].own("2015550103")
    swept = machine.client.run(machine.client.provider.sweep())
    assert [(one.number, one.key) for one in swept.adopted] == [("+12015550103", "key_given_up")]
    assert swept.reopened == ("parked#1",)


def test_everything_that_is_open_comes_to_its_end(later: Callable[[float], Later], version: int) -> None:
    machine = later(100)
    recovery = machine.client.recover(deadline=200_000.0)
    assert not recovery.failed
    assert {item.id: item.state.value for item in recovery.items} == {
        "died#1": "ACTIVE",
        "died#2": "ACTIVE",
        # With no word that its number was taken, it waits until the number would be there, and then its time is over.
        "doubtful#1": "EXHAUSTED" if version == 1 else "ACTIVE",
        "parked#1": "ACTIVE",
    }


@frozen(kw_only=True)
class Wider(Search):
    """A search of a later release, with one filter more."""

    postal_code: str | None = None


def test_an_order_is_the_same_though_a_later_release_knows_more_filters(later: Callable[[float], Later]) -> None:
    stored = later(0).journal.request("died")
    assert stored is not None
    assert stored.digest_version == 1
    for kind, more in ((Search, {}), (Wider, {}), (Wider, {"postal_code": "07624"})):
        text = evolve(DIED, criteria=kind(area_code="201", prefix="2015", **more)).to_json(ACCOUNTS)
        assert (text == stored.order) is not bool(more)
        assert (digest(text) == digest(stored.order)) is not bool(more)
