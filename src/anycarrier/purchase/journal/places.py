"""Places in rate limits that the processes of a journal share, in its PostgreSQL: one statement for each."""

from __future__ import annotations

from anycarrier.engine.rate_limits import Limit
from anycarrier.engine.shared_budget import Pace
from anycarrier.errors import ConfigurationError, JournalError
from anycarrier.purchase.journal.database import Database
from anycarrier.purchase.journal.postgres import PostgresDatabase
from anycarrier.purchase.journal.types import JournalLost

__all__ = ["JournalPlaces", "places_of"]

BUCKET = 600
"""Seconds of a bucket of a long limit."""

# A place that a crash of the database lost would be given to another process too, so each commit is on the disk,
# whatever the server's default is; said in the statement itself, since a pooler may give each transaction to another
# session.
_DURABLY = "WITH durably AS MATERIALIZED (SELECT set_config('synchronous_commit', 'on', true))"
_NOW = "extract(epoch FROM clock_timestamp())::double precision"
_TAKE = f"""
{_DURABLY}
INSERT INTO anycarrier_budget AS b (key, next)
SELECT ?::text, {_NOW} + ?::double precision + ?::double precision FROM durably
ON CONFLICT (key) DO UPDATE
   SET next = greatest(b.next, {_NOW} + ?::double precision) + ?::double precision
 WHERE b.next <= {_NOW} + ?::double precision
RETURNING next - {_NOW}
"""  # noqa: S608 - only constants of this module are put into SQL; values are always bound
_SLICE = f"""
{_DURABLY},
used AS (
    SELECT coalesce(sum(taken), 0) AS taken FROM anycarrier_budget_slice WHERE key = ?::text AND bucket > ?::integer
)
INSERT INTO anycarrier_budget_slice AS b (key, bucket, taken)
SELECT ?::text, ?::integer, ?::integer FROM used, durably WHERE used.taken + ?::integer <= ?::integer
ON CONFLICT (key, bucket) DO UPDATE SET taken = b.taken + excluded.taken
RETURNING taken
"""  # noqa: S608


class JournalPlaces:
    """Places in the journal's database, over a connection of its own: no place waits for the transaction of a purchase.

    Args:
        database: a connection that nothing else uses.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, key: str, pace: Pace, count: int, hold: float, at_most: float) -> float | None:
        """Take the next places: see :class:`anycarrier.engine.shared_budget.Places`."""
        steps, earliest = pace.step * count, hold - pace.burst
        rows = self._rows(_TAKE, (key, earliest, steps, earliest, steps, at_most))
        if not rows:
            return None
        # The time of the place is one step before the next one; those who are ahead of it by the burst may leave.
        return max(0.0, float(rows[0][0]) - pace.step)

    def take_slice(self, key: str, limit: Limit, count: int) -> float:
        """Take requests of a long limit: see :class:`anycarrier.engine.shared_budget.Places`.

        Several processes that take at once may exceed the limit by a slice each: so half a percent of it stays.
        """
        with self._database.alone() as tx:
            bucket = int(tx.time() // BUCKET)
            oldest = bucket - int(limit.seconds // BUCKET) - 1
            allowed = limit.requests - max(1, limit.requests // 200)
            if tx.rows(_SLICE, key, oldest, key, bucket, count, count, allowed):
                return 0.0
            first = tx.rows("SELECT min(bucket) FROM anycarrier_budget_slice WHERE key = ? AND bucket > ?", key, oldest)
            tx.run("DELETE FROM anycarrier_budget_slice WHERE key = ? AND bucket <= ?", key, oldest)
            begins = bucket if first[0][0] is None else int(first[0][0])
            return max(1.0, (begins + 1) * BUCKET + limit.seconds - tx.time())

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def _rows(self, sql: str, values: tuple[object, ...]) -> list[list[float]]:
        try:
            with self._database.alone() as tx:
                return [[*row] for row in tx.rows(sql, *values)]
        except JournalLost as lost:
            raise JournalError(f"the journal's database cannot be reached: {lost.said}", maybe_applied=False) from None


def places_of(database: Database) -> JournalPlaces:
    """The places of a journal's database.

    Raises:
        ConfigurationError: it is no PostgreSQL: a journal in a file belongs to one process alone.
    """
    if not isinstance(database, PostgresDatabase):
        raise ConfigurationError(
            "a shared budget needs a journal on PostgreSQL: a journal in a file belongs to one process, which counts "
            "its requests by itself"
        )
    return JournalPlaces(database.another())
