"""Reads of the journal, also while another process writes."""

# ruff: noqa: S608 - only constants of this package are put into SQL; values are always bound

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from anycarrier.errors import InvalidInput
from anycarrier.numbers import PhoneNumber, stated
from anycarrier.purchase.journal import functions
from anycarrier.purchase.journal.database import Database, Transaction
from anycarrier.purchase.journal.mapping import ENTRY, entry_of
from anycarrier.purchase.journal.types import (
    AttemptRecord,
    Goal,
    ItemRecord,
    ItemState,
    JournalLost,
    OrderRecord,
    Snapshot,
)

__all__ = ["Reader", "no_item", "order_of", "snapshot_of"]

T = TypeVar("T")

EXPORTED = 500
"""Items that an export reads at once."""

_AN_ITEM = "EXISTS (SELECT 1 FROM anycarrier_intent i WHERE i.request_id = r.id AND {})"

_INTENT = "i.id, i.request_id, i.slot, i.state, i.claimable, i.attempt_id, i.passed, i.reason"
_REQUEST = (
    "r.id, r.digest, r.digest_version, r.criteria, r.created, r.valid_until, r.goal, r.reference, r.tags, r.cancelled"
)
_ITEM = f"SELECT {_INTENT}, {_REQUEST} FROM anycarrier_intent i JOIN anycarrier_request r ON r.id = i.request_id"

_ITEM_IDS = "SELECT id FROM anycarrier_intent WHERE request_id = ? ORDER BY slot"


class Reader:
    """The reading half of :class:`~anycarrier.purchase.journal.Journal`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> float:
        """Unix time, in seconds, on the journal's clock."""
        return self._read(lambda tx: tx.time())

    def request(self, request_id: str) -> OrderRecord | None:
        """The order of this request id, or ``None``."""
        rows = self._rows(f"SELECT {_REQUEST} FROM anycarrier_request r WHERE r.id = ?", request_id)
        return order_of(rows[0]) if rows else None

    def item_ids(self, request_id: str) -> list[str]:
        """Ids of its items, by position."""
        return [row[0] for row in self._rows(_ITEM_IDS, request_id)]

    def request_ids(self, *, unfinished: bool = False) -> list[str]:
        """Request ids of all orders, newest first; or of those with an item that is undecided."""
        return list(self.found(unfinished=unfinished))

    def found(
        self,
        *,
        unfinished: bool = False,
        reference: str | None = None,
        tags: Mapping[str, str] | None = None,
        state: ItemState | None = None,
    ) -> Iterator[str]:
        """Request ids of orders, newest first, page by page.

        Args:
            unfinished: only those with an item that is undecided.
            reference: only those with this reference.
            tags: only those with each of these tags.
            state: only those with an item in this state.
        """
        where = ["(r.created < ? OR (r.created = ? AND r.id > ?))"]
        values: list[object] = []
        if unfinished:
            where.append(_AN_ITEM.format("(i.claimable = 1 OR i.state = 'PARKED')"))
        if reference is not None:
            where.append("r.reference = ?")
            values.append(reference)
        for name, value in (tags or {}).items():
            where.append("r.id IN (SELECT request_id FROM anycarrier_tag WHERE name = ? AND value = ?)")
            values += name, value
        if state is not None:
            where.append(_AN_ITEM.format("i.state = ?"))
            values.append(state.value)
        sql = (
            f"SELECT r.id, r.created FROM anycarrier_request r WHERE {' AND '.join(where)}"
            f" ORDER BY r.created DESC, r.id LIMIT {EXPORTED}"
        )
        before: tuple[object, ...] = (float("inf"), float("inf"), "")
        while page := self._page(sql, (*before, *values)):
            yield from (row[0] for row in page)
            before = page[-1][1], page[-1][1], page[-1][0]

    def load(self, item_id: str) -> Snapshot:
        """The item and its attempts."""
        return self._read(lambda tx: self._snapshot(tx, item_id, tx.time()))

    def standing(self, request_id: str) -> list[Snapshot] | None:
        """Every item of a request at one moment; ``None`` for an unknown id."""

        def work(tx: Transaction) -> list[Snapshot] | None:
            if self._request(tx, request_id) is None:
                return None
            now = tx.time()
            return [self._snapshot(tx, one, now) for one in self._item_ids(tx, request_id)]

        return self._read(work)

    def claimed(self, provider: str, numbers: Sequence[PhoneNumber]) -> set[PhoneNumber]:
        """Those of *numbers* that an order is buying at this provider, for whichever account, or has bought."""
        names = [*map(str, numbers)]
        sql = (
            "SELECT e164 FROM anycarrier_attempt WHERE provider = ?"
            f" AND e164 IN ({', '.join('?' * len(names))}) AND state IN ('SENT','IN_DOUBT','PLACED','CONFIRMED')"
        )

        def work(tx: Transaction) -> list[str]:
            if self._database.dialect == "postgres":
                return functions.pursued(tx, provider, names)
            return [row[0] for row in tx.rows(sql, provider, *names)]

        return {stated(name) for name in self._read(work, whole=False)}

    def watched(self, *, of_open: bool | None = None, after: int = 0, most: int | None = None) -> list[AttemptRecord]:
        """Attempts on the watch list, and those of parked items, in the order of their ids.

        Args:
            of_open: only those of items that are open or parked; or, if ``False``, only those of others.
            after: only ids that follow this one.
            most: number of them at most.
        """
        unfinished = "(i.claimable = 1 OR i.state = 'PARKED')"
        of = {None: "", True: f" AND {unfinished}", False: f" AND NOT {unfinished}"}[of_open]
        both = "JOIN anycarrier_attempt a ON a.intent_id = i.id WHERE a.id > ? AND"
        wanted = f"SELECT a.id FROM anycarrier_intent i {both} a.watched = 1{of}"
        values = [after]
        if of_open is not False:
            wanted += (
                f" UNION SELECT a.id FROM anycarrier_intent i {both} i.state = 'PARKED'"
                " AND a.state IN ('SENT','IN_DOUBT','PLACED')"
            )
            values.append(after)
        limit = "" if most is None else f" LIMIT {most:d}"
        sql = f"SELECT {ENTRY} FROM anycarrier_attempt WHERE id IN ({wanted}) ORDER BY id{limit}"
        return [entry_of(row) for row in self._rows(sql, *values)]

    def entries(self, provider: str | None = None, account: str | None = None) -> list[AttemptRecord]:
        """All attempts, or those at one account."""
        where = "" if provider is None else " WHERE provider = ? AND account = ?"
        values = () if provider is None else (provider, account)
        sql = f"SELECT {ENTRY} FROM anycarrier_attempt{where} ORDER BY id"
        return [entry_of(row) for row in self._rows(sql, *values)]

    def entries_of(self, provider: str, account: str, numbers: Sequence[PhoneNumber]) -> list[AttemptRecord]:
        """All attempts to buy one of *numbers* (some hundreds at most) at one account."""
        where = f"provider = ? AND account = ? AND e164 IN ({', '.join('?' * len(numbers))})"
        sql = f"SELECT {ENTRY} FROM anycarrier_attempt WHERE {where} ORDER BY id"
        return [entry_of(row) for row in self._rows(sql, provider, account, *map(str, numbers))]

    def bought(self, provider: str, account: str, *, after: tuple[str, int], most: int) -> list[AttemptRecord]:
        """Attempts whose numbers were bought or placed at an account, orphans too, by number and id: *most* at most,
        of those that follow *after*."""
        sql = (
            f"SELECT {ENTRY} FROM anycarrier_attempt WHERE provider = ? AND account = ? AND (e164, id) > (?, ?)"
            " AND state IN ('PLACED','CONFIRMED','ORPHAN') ORDER BY provider, account, e164, id LIMIT ?"
        )
        return [entry_of(row) for row in self._rows(sql, provider, account, *after, most)]

    def under_way(self, provider: str, account: str) -> tuple[set[int], int]:
        """Ids of the undecided attempts at one account, and the highest id of all attempts. One that is placed, and has
        fulfilled its order by that, is decided: no worker looks at it again."""
        sql = (
            "SELECT a.id FROM anycarrier_attempt a JOIN anycarrier_intent i ON i.id = a.intent_id"
            " WHERE a.provider = ? AND a.account = ? AND (a.state IN ('SENT','IN_DOUBT')"
            " OR (a.state = 'PLACED' AND (i.claimable = 1 OR i.state <> 'PLACED')))"
        )

        def work(tx: Transaction) -> tuple[set[int], int]:
            highest = tx.rows("SELECT coalesce(max(id), 0) FROM anycarrier_attempt")
            return {row[0] for row in tx.rows(sql, provider, account)}, highest[0][0]

        return self._read(work)

    def accounts(self, *, watched: bool = False) -> list[tuple[str, str]]:
        """Provider and account of each attempt that has or is buying a number; or of those on the watch list."""
        where = "watched = 1" if watched else "state IN ('SENT','IN_DOUBT','PLACED','CONFIRMED')"
        sql = f"SELECT DISTINCT provider, account FROM anycarrier_attempt WHERE {where} ORDER BY provider, account"
        return [(row[0], row[1]) for row in self._rows(sql)]

    def export(self) -> Iterator[dict[str, object]]:
        """Every attempt as JSON-able data, with the state of its item; request bodies as their hash only."""
        columns = (
            "i.request_id, i.id, i.state, a.id, a.seq, a.provider, a.account, a.e164, a.key, a.body_sha256,"
            " a.price, a.setup, a.currency, a.state, a.first_sent, a.last_sent, a.sends, a.watched, a.reason,"
            " r.reference, r.tags, i.reason"
        )
        # Page by page, so that memory does not grow with the journal, and no transaction is open while it is used.
        items = (
            "SELECT id, request_id, slot, state, reason FROM anycarrier_intent WHERE (request_id, slot) > (?, ?)"
            f" ORDER BY request_id, slot LIMIT {EXPORTED}"
        )
        sql = (
            f"SELECT {columns}, i.slot FROM ({items}) i JOIN anycarrier_request r ON r.id = i.request_id"
            " LEFT JOIN anycarrier_attempt a ON a.intent_id = i.id"
            " ORDER BY i.request_id, i.slot, a.seq"
        )
        names = (
            "request_id",
            "intent",
            "intent_state",
            "attempt",
            "seq",
            "provider",
            "account",
            "number",
            "key",
            "body_sha256",
            "price",
            "setup_price",
            "currency",
            "state",
            "first_sent",
            "last_sent",
            "sends",
            "watched",
            "reason",
            "reference",
            "tags",
            "intent_reason",
        )
        after: tuple[str, int] = "", 0
        while page := self._page(sql, after):
            for row in page:
                made = dict(zip(names, row[:-1], strict=True))
                yield {**made, "tags": {} if made["tags"] is None else json.loads(made["tags"])}
            after = page[-1][0], page[-1][-1]

    def _page(self, sql: str, after: tuple[object, ...]) -> Sequence[Sequence[Any]]:
        return self._rows(sql, *after)

    # -- within a transaction

    def _read(self, work: Callable[[Transaction], T], *, whole: bool = True) -> T:
        """Run *work* in a read transaction, not *whole* where it is one statement; once more if the server closed an
        idle connection."""
        begin = self._database.transaction if whole else self._database.alone
        try:
            with begin(writes=False) as tx:
                return work(tx)
        except JournalLost:
            with begin(writes=False) as tx:
                return work(tx)

    def _rows(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
        """Read with one statement."""
        return self._read(lambda tx: tx.rows(sql, *values), whole=False)

    def _twice(self, work: Callable[[Transaction], T]) -> T:
        """*work* in a transaction, again where the connection broke: for what may be done twice."""
        try:
            with self._database.transaction() as tx:
                return work(tx)
        except JournalLost:
            with self._database.transaction() as tx:
                return work(tx)

    def _request(self, tx: Transaction, request_id: str) -> OrderRecord | None:
        rows = tx.rows(f"SELECT {_REQUEST} FROM anycarrier_request r WHERE r.id = ?", request_id)
        return order_of(rows[0]) if rows else None

    def _item_ids(self, tx: Transaction, request_id: str) -> list[str]:
        rows = tx.rows(_ITEM_IDS, request_id)
        return [row[0] for row in rows]

    def _snapshot(self, tx: Transaction, item_id: str, now: float) -> Snapshot:
        rows = tx.rows(f"{_ITEM} WHERE i.id = ?", item_id)
        if not rows:
            raise no_item(item_id)
        entries = tx.rows(f"SELECT {ENTRY} FROM anycarrier_attempt WHERE intent_id = ? ORDER BY seq", item_id)
        return snapshot_of(rows[0], [entry_of(row) for row in entries], now)

    def _snapshots(self, tx: Transaction, item_ids: Sequence[str], now: float) -> list[Snapshot]:
        """Some hundreds of items, by their ids."""
        marks = ", ".join("?" * len(item_ids))
        rows = tx.rows(f"{_ITEM} WHERE i.id IN ({marks}) ORDER BY i.id", *item_ids)
        found = tx.rows(f"SELECT {ENTRY} FROM anycarrier_attempt WHERE intent_id IN ({marks}) ORDER BY seq", *item_ids)
        entries: dict[str, list[AttemptRecord]] = {}
        for entry in map(entry_of, found):
            entries.setdefault(entry.item_id, []).append(entry)
        return [snapshot_of(row, entries.get(row[0], []), now) for row in rows]


def no_item(item_id: str) -> InvalidInput:
    """The error of an item that is not there."""
    return InvalidInput(f"the journal has no purchase {item_id!r}")


def snapshot_of(row: Sequence[Any], entries: Sequence[AttemptRecord], now: float) -> Snapshot:
    """An item of the row of it and its order."""
    item = ItemRecord(
        id=row[0],
        request_id=row[1],
        position=row[2],
        state=ItemState(row[3]),
        claimable=bool(row[4]),
        attempt_id=row[5],
        passed=json.loads(row[6]),
        reason=row[7],
    )
    return Snapshot(request=order_of(row[8:]), item=item, entries=entries, now=now)


def order_of(row: Sequence[Any]) -> OrderRecord:
    return OrderRecord(
        id=row[0],
        digest=row[1],
        digest_version=row[2],
        order=row[3],
        created=row[4],
        valid_until=row[5],
        goal=Goal(row[6]),
        reference=row[7],
        tags={} if row[8] is None else json.loads(row[8]),
        cancelled=bool(row[9]),
    )
