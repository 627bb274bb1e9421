"""Everything that goes wrong in a schedule: decided by lists first, then by chance."""

from __future__ import annotations

from anycarrier.search import Search
from simulation.carriers import HOUR

ORDERS = (("key", "fpr", "bare"), ("fpr", "key"), ("bare", "key"), ("bare",), ("fpr",), ("key",))
START = 1_000_000.0
CRITERIA = Search(area_code="201")


class Plan:
    """Everything that goes wrong. Each list is used up first; then, with a random source, chance decides."""

    def __init__(
        self,
        rng=None,
        *,
        writes=(),
        reads=(),
        settings=(),
        crashes=(),
        faults=0.5,
        crash=0.0,
        stop=0.0,
        down=5.0,
        days=0.15,  # chance that a process is away for hours or days
        clock=0.0,
        journal=0.0,
        strangers=0.0,
        ahead=0.0,
        rises=0.0,
        unread=0.0,  # chance that the price cannot be read, and then not for hours
        full=0.0,  # chance that the account's rate limit has no place, for minutes or hours
    ):
        self.rng = rng
        self.writes = list(writes)
        self.reads = list(reads)
        self.settings = list(settings)
        self.crashes = frozenset(crashes)
        self.faults = faults
        self.crash = crash
        self.stop = stop
        self.stopped = stop > 0
        self.down = down
        self.days = days
        self.clock = clock
        self.journal = journal
        self.strangers = strangers
        self.ahead = ahead
        self.rises = rises
        self.unread = unread
        self.full = full

    def calm(self):
        """From here on nothing goes wrong."""
        self.writes, self.reads, self.crashes, self.faults, self.crash, self.stop = [], [], frozenset(), 0.0, 0.0, 0.0
        self.settings = []
        self.journal = self.strangers = self.ahead = self.rises = self.unread = self.full = 0.0

    def pick(self, given, menu):
        if given:
            return given.pop(0)
        if self.rng is None or self.rng.random() >= self.faults:
            return "ok"
        return self.rng.choice(menu)

    def draw(self, low, high):
        return high if self.rng is None else self.rng.uniform(low, high)

    def downtime(self):
        if self.rng is None:
            return self.down
        chance = self.rng.random()
        low, high = (HOUR, 90 * HOUR) if chance >= 1 - self.days else (0, 30) if chance < 0.5 else (30, 900)
        return self.rng.uniform(low, high)


class Crash(BaseException):
    """The process is killed, or only this work of it is cancelled."""

    def __init__(self, where, *, killed=True):
        super().__init__(where)
        self.killed = killed
