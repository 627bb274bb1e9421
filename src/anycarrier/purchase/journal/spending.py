"""Running totals of the cost of attempts, so that a cap for a day need not read each attempt of that day.

Triggers of the database keep the table ``anycarrier_spent``: one row for each minute and one for each hour of
``first_sent``, by currency, in millionths. A price is the one of a month, and the one of setting up where there is one.
A row with an empty currency counts attempts whose price is unknown. Prices that a millionth does not divide, or of a
thousand million and more, are only counted (``uncounted``), and such a day's attempts are read one by one.

On PostgreSQL each session adds to one of several rows, its shard, so that workers do not wait for each other.
"""

# ruff: noqa: S608 - only constants of this module are put into SQL; values are always bound

from __future__ import annotations

from decimal import Decimal

from anycarrier.model import Money
from anycarrier.purchase.journal.database import Transaction
from anycarrier.purchase.journal.mapping import cost_of

__all__ = ["PAID", "TOTALS", "costs", "spent_since", "totals"]

PAID = "('SENT','IN_DOUBT','PLACED','CONFIRMED','ORPHAN')"
"""States of attempts that cost money, as far as is known."""

MINUTE, HOUR = 60, 3600
MILLIONTHS = 1_000_000

_WHOLE = {
    "sqlite": (
        "({0} NOT GLOB '*[^0-9.]*' AND instr({0} || '.', '.') + 6 >= length({0}) AND CAST({0} AS REAL) < 1000000000)"
    ),
    "postgres": "(scale({0}::numeric) <= 6 AND abs({0}::numeric) < 1000000000)",
}
_AMOUNT = {
    "sqlite": f"CAST(round(CAST({{0}} AS REAL) * {MILLIONTHS}) AS INTEGER)",
    "postgres": f"({{0}}::numeric * {MILLIONTHS})::bigint",
}
_BEGAN = {
    "sqlite": f"CAST({{0}}.first_sent / {MINUTE} AS INTEGER) * {MINUTE}",
    "postgres": f"floor({{0}}.first_sent / {MINUTE})::bigint * {MINUTE}",
}
_SHARD = {"sqlite": "0", "postgres": "pg_backend_pid() % 8"}
_ROOM = {"sqlite": "", "postgres": " WITH (fillfactor = 50)"}
"""Room in each page for new versions of its rows, which PostgreSQL then writes without touching an index."""
_SPANS = f"(SELECT {MINUTE} AS span UNION ALL SELECT {HOUR}) AS spans"


def _cells(dialect: str, row: str) -> tuple[str, str, str]:
    """Currency, amount, and whether it is uncounted, of an attempt's *row* in SQL."""
    price, setup = f"{row}.price", f"{row}.setup"
    whole, amount = _WHOLE[dialect], _AMOUNT[dialect]
    counted = f"{whole.format(price)} AND ({setup} IS NULL OR {whole.format(setup)})"
    cost = f"{amount.format(price)} + CASE WHEN {setup} IS NULL THEN 0 ELSE {amount.format(setup)} END"
    return (
        f"CASE WHEN {price} IS NULL THEN '' ELSE {row}.currency END",
        f"CASE WHEN {price} IS NULL THEN 0 WHEN {counted} THEN {cost} ELSE 0 END",
        f"CASE WHEN {price} IS NULL THEN 0 WHEN {counted} THEN 0 ELSE 1 END",
    )


def _add(dialect: str, row: str, sign: str) -> str:
    """Add an attempt's *row* to the totals, or take it from them."""
    currency, amount, uncounted = _cells(dialect, row)
    return f"""INSERT INTO anycarrier_spent(span, began, shard, currency, amount, attempts, uncounted)
        SELECT span, {_BEGAN[dialect].format(row)} / span * span, {_SHARD[dialect]}, {currency},
            {sign}({amount}), {sign}1, {sign}({uncounted})
        FROM {_SPANS} WHERE {row}.state IN {PAID}
        ON CONFLICT (span, began, shard, currency) DO UPDATE SET amount = anycarrier_spent.amount + excluded.amount,
            attempts = anycarrier_spent.attempts + excluded.attempts,
            uncounted = anycarrier_spent.uncounted + excluded.uncounted;"""


def _changed(dialect: str) -> str:
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    values = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in ("price", "currency", "setup", "first_sent"))
    return f"(OLD.state IN {PAID}) <> (NEW.state IN {PAID}) OR {values}"


_COUNTED = "state, price, currency, setup, first_sent"


def _sums(dialect: str) -> str:
    """Each total as a count of all attempts says it."""
    currency, amount, uncounted = _cells(dialect, "a")
    return f"""SELECT span, began, currency, CAST(sum(amount) AS BIGINT) AS amount, count(*) AS attempts,
        CAST(sum(uncounted) AS BIGINT) AS uncounted
    FROM (SELECT span, {_BEGAN[dialect].format("a")} / span * span AS began, {currency} AS currency, {amount} AS amount,
        {uncounted} AS uncounted FROM anycarrier_attempt a, {_SPANS} WHERE a.state IN {PAID}) AS each_attempt
    GROUP BY span, began, currency"""


def _table(dialect: str) -> str:
    # No line that ends a statement within a trigger may be followed by one that is not indented.
    return f"""
CREATE TABLE anycarrier_spent(
    span INTEGER NOT NULL,
    began BIGINT NOT NULL,
    shard INTEGER NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    uncounted BIGINT NOT NULL,
    PRIMARY KEY (span, began, shard, currency)
){_ROOM[dialect]};
CREATE INDEX anycarrier_attempt_begun ON anycarrier_attempt(first_sent);
INSERT INTO anycarrier_spent(span, began, shard, currency, amount, attempts, uncounted)
    SELECT span, began, 0, currency, amount, attempts, uncounted FROM (
    {_sums(dialect)}) AS totals;
"""


_TRIGGERS = {
    "sqlite": f"""
CREATE TRIGGER anycarrier_spent_more AFTER INSERT ON anycarrier_attempt BEGIN
    {_add("sqlite", "NEW", "+")}
    END;
CREATE TRIGGER anycarrier_spent_otherwise AFTER UPDATE OF {_COUNTED} ON anycarrier_attempt
    WHEN {_changed("sqlite")} BEGIN
    {_add("sqlite", "OLD", "-")}
    {_add("sqlite", "NEW", "+")}
    END;
CREATE TRIGGER anycarrier_spent_less AFTER DELETE ON anycarrier_attempt BEGIN
    {_add("sqlite", "OLD", "-")}
    END
""",
    "postgres": f"""
CREATE FUNCTION anycarrier_count_spent() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN
    {_add("postgres", "OLD", "-")}
    END IF;
    IF TG_OP <> 'DELETE' THEN
    {_add("postgres", "NEW", "+")}
    END IF;
    RETURN NULL;
    END $$;
CREATE TRIGGER anycarrier_spent_more AFTER INSERT OR DELETE ON anycarrier_attempt
    FOR EACH ROW EXECUTE FUNCTION anycarrier_count_spent();
CREATE TRIGGER anycarrier_spent_otherwise AFTER UPDATE OF {_COUNTED} ON anycarrier_attempt
    FOR EACH ROW WHEN ({_changed("postgres")}) EXECUTE FUNCTION anycarrier_count_spent()
""",
}

TOTALS = {dialect: _table(dialect) + triggers for dialect, triggers in _TRIGGERS.items()}
"""The table, filled from what is on record, and its triggers, in the SQL of each database."""


def spent_since(tx: Transaction, dialect: str, since: float) -> list[Money | None]:
    """Cost of the attempts that began after *since*: one sum for each currency, and ``None`` if a price is unknown.

    Whole hours and minutes are read from their totals, and the minute of *since* attempt by attempt.
    """
    minute = int(since // MINUTE) * MINUTE
    hour = minute // HOUR * HOUR
    currency, amount, uncounted = _cells(dialect, "a")
    sums = "currency, amount, attempts, uncounted FROM anycarrier_spent WHERE span"
    rows = tx.rows(
        "SELECT currency, CAST(sum(amount) AS BIGINT), CAST(sum(attempts) AS BIGINT), CAST(sum(uncounted) AS BIGINT)"
        f" FROM (SELECT {sums} = {HOUR} AND began > ? UNION ALL SELECT {sums} = {MINUTE} AND began > ? AND began < ?"
        # Equal prices are counted first, since to read one as a number takes longest.
        f" UNION ALL SELECT {currency}, count * ({amount}), count, count * ({uncounted}) FROM (SELECT price, setup,"
        f" currency, count(*) AS count FROM anycarrier_attempt r WHERE r.state IN {PAID} AND r.first_sent > ?"
        f" AND r.first_sent < ? AND {_BEGAN[dialect].format('r')} = ? GROUP BY price, setup, currency) AS a) AS parts"
        " GROUP BY currency ORDER BY currency",
        hour,
        minute,
        hour + HOUR,
        since,
        minute + MINUTE + 1,
        minute,
    )
    if any(row[3] for row in rows):
        return costs(tx, "a.first_sent > ?", since)
    return [Money(Decimal(row[1]) / MILLIONTHS, row[0]) if row[0] else None for row in rows if row[2]]


def costs(tx: Transaction, where: str, *values: object) -> list[Money | None]:
    """Cost of each attempt ``a`` that costs money, *where* the SQL says; ``None`` if its price is unknown."""
    sql = f"SELECT price, setup, currency FROM anycarrier_attempt a WHERE a.state IN {PAID} AND {where}"
    return [cost_of(*row) for row in tx.rows(sql, *values)]


def totals(tx: Transaction) -> list[tuple[object, ...]]:
    """The totals on record, all shards together: span, beginning, currency, amount, attempts, uncounted ones."""
    rows = tx.rows(
        "SELECT span, began, currency, CAST(sum(amount) AS BIGINT), CAST(sum(attempts) AS BIGINT),"
        " CAST(sum(uncounted) AS BIGINT) FROM anycarrier_spent GROUP BY span, began, currency"
    )
    return [tuple(row) for row in rows]
