"""Jobs of purchases worked on by processes that are killed at random, and what the carriers say of it afterwards."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import define, field, frozen

from anycarrier import JournalError, Money, Search, jobs
from anycarrier.jobs.worker import enqueuer
from anycarrier.purchase import Order, journal
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import ItemState
from job_campaign.carriers import AREAS, BUYING
from support.server_faults import server_faults

FAULTS = (
    *server_faults(hang=1.0, late=0.5),
    {"kind": "not_json", "done": True},
    {"kind": "throttle", "seconds": 0.1},
    {"kind": "throttle", "seconds": 0.1, "done": True},
)
WINDOWS = {"lc_phone": (100, 10.0), "lc_legacy": (100, 10.0), "leadping": (300, 60.0)}
"""Documented limits: requests and seconds, by carrier."""


@frozen(kw_only=True)
class Verdict:
    """The journal against the carriers' ledgers.

    Attributes:
        orders: numbers that were ordered.
        bought: those that the journal says are bought.
        charged: charges of all carriers.
        twice: numbers that were charged more than once, and orders that have two.
        lost: charges for numbers that no order has.
        stuck: orders that are neither bought nor ended.
        ended: orders that ended without a number, by their reason.
        requests: requests for each purchase, by carrier.
        refused: answers 429, by carrier.
        shares: requests of those that the documented limit allows, by carrier, until nineteen of twenty were sent: by
            then its job has too few orders left for all workers.
        seconds: from the first request to the last.
    """

    orders: int
    bought: int
    charged: int
    twice: int
    lost: int
    stuck: int
    ended: Mapping[str, int]
    requests: Mapping[str, float]
    refused: Mapping[str, int]
    shares: Mapping[str, float]
    seconds: float


@define
class Campaign:
    """Carriers, a journal on PostgreSQL, one job for each carrier, and workers.

    Attributes:
        dsn: address of the journal.
        settings: settings of a client, by carrier.
        budget: ``shared``, or ``own`` for none.
        max_price: that of each order.
        lease: seconds of a claim.
        ports: file of what port orders need.
        random: of kills and clocks.
        workers: processes that work now.
        kills: number of workers that were killed.
    """

    dsn: str
    settings: Mapping[str, Mapping[str, str]]
    budget: str = "own"
    max_price: Money | None = None
    lease: float = 5.0
    ports: str | None = None
    random: random.Random = field(factory=random.Random)
    workers: list[subprocess.Popen[str]] = field(factory=list)
    kills: int = 0

    def submit(self, book: Journal, orders: int) -> None:
        """Submit one job for each carrier, *orders* together."""
        enqueue = enqueuer(book)
        each, rest = divmod(orders, len(self.settings))
        for place, name in enumerate(self.settings):
            count = each + (place < rest)
            made = [
                Order(
                    criteria=Search(area_code=AREAS[at % len(AREAS)], limit=100),
                    max_price=self.max_price,
                    valid_for=7 * 86_400.0,
                )
                for at in range(count)
            ]
            jobs.submit(book, made, [name], name=f"spring-{name}", enqueue=enqueue)

    def start(self, *, clock_ahead: float = 0.0) -> None:
        """Start one worker, whose clock is *clock_ahead* seconds ahead."""
        how = {
            "dsn": self.dsn,
            "settings": {name: dict(one) for name, one in self.settings.items()},
            "budget": self.budget,
            "lease": self.lease,
            "concurrency": 4,
            "ports": self.ports,
            "clock_ahead": clock_ahead,
        }
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-m", "job_campaign.worker", json.dumps(how)]
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment)
        self.workers.append(worker)

    def kill(self, clock_ahead: float = 0.0) -> None:
        """Kill one of the workers without a word to it, and start another."""
        worker = self.workers.pop(self.random.randrange(len(self.workers)))
        worker.kill()
        worker.communicate()
        self.kills += 1
        self.start(clock_ahead=clock_ahead)

    def close(self) -> None:
        """End the workers."""
        for worker in self.workers:
            worker.kill()
        for worker in self.workers:
            worker.communicate()

    def open(self, book: Journal) -> int:
        """Numbers for which there is something to do."""
        while True:
            try:
                return sum(jobs.status(book, f"spring-{name}").open for name in self.settings)
            except JournalError:  # its database is away
                time.sleep(1.0)

    def run(self, book: Journal, *, workers: int, kills: int, every: float, seconds: float = 600.0) -> None:
        """Work on the jobs with some workers, of which one is killed *every* so many seconds, at random.

        Raises:
            TimeoutError: after so many *seconds* something is left to do.
        """
        # Two machines: the clock of the second one is minutes ahead.
        for place in range(workers):
            self.start(clock_ahead=300.0 * (place % 2))
        until = time.monotonic() + seconds
        while left := self.open(book):
            if time.monotonic() > until:
                raise TimeoutError(f"{left} numbers are open after {seconds:g} s")
            time.sleep(self.random.uniform(0.5, 1.5) * every if self.kills < kills else 0.5)
            if self.kills < kills and self.open(book):
                self.kill(clock_ahead=300.0 * (self.kills % 2))

    def faulty(self, probability: float) -> None:
        """Let requests fail from now on, purchases in every way, each with this probability."""
        for name, one in self.settings.items():
            faults = [
                {**fault, "operation": BUYING[name], "times": None, "probability": probability} for fault in FAULTS
            ]
            faults.append({"kind": "reset", "method": "GET", "times": None, "probability": probability})
            _call(f"{one['base_url']}/_simulator/faults", faults)

    def faultless(self) -> None:
        """Let no request fail any more."""
        for one in self.settings.values():
            request = urllib.request.Request(f"{one['base_url']}/_simulator/faults", method="DELETE")  # noqa: S310
            urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - of this machine

    def verdict(self, book: Journal) -> Verdict:
        """Compare the journal with the ledgers."""
        charges: Counter[tuple[str, str]] = Counter()
        requests: dict[str, float] = {}
        refused: dict[str, int] = {}
        shares: dict[str, float] = {}
        times: list[float] = []
        for name, one in self.settings.items():
            ledger = _call(f"{one['base_url']}/_simulator/ledger")
            mine = [(name, charge["number"][-10:]) for charge in ledger["charges"]]
            charges.update(mine)
            at = sorted(seen["at"] for seen in ledger["requests"] if seen["status"] != 429)
            times += at
            requests[name] = len(ledger["requests"]) / max(1, len(mine))
            refused[name] = sum(seen["status"] == 429 for seen in ledger["requests"])
            if name in WINDOWS and at:
                allowed, window = WINDOWS[name]
                busy = at[: len(at) * 19 // 20]
                shares[name] = len(busy) / max(1.0, (busy[-1] - busy[0]) * allowed / window) if busy else 0.0
        bought: Counter[tuple[str, str]] = Counter()
        ended: Counter[str] = Counter()
        stuck = orders = 0
        for name in self.settings:
            for result in jobs.results(book, f"spring-{name}"):
                orders += 1
                if result.outcome == "bought":
                    assert result.number is not None
                    assert result.provider is not None
                    bought[result.provider, result.number.ten_digit] += 1
                elif result.outcome == "open" or result.state is ItemState.PARKED:
                    stuck += 1
                else:
                    ended[result.reason] += 1
        return Verdict(
            orders=orders,
            bought=sum(bought.values()),
            charged=sum(charges.values()),
            twice=sum(count > 1 for count in charges.values()) + sum(count > 1 for count in bought.values()),
            lost=sum((charges - bought).values()),
            stuck=stuck,
            ended=dict(ended),
            requests=requests,
            refused=refused,
            shares=shares,
            seconds=max(times) - min(times) if times else 0.0,
        )


def _call(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(url, data, timeout=60) as answer:  # noqa: S310 - of this machine
        return json.load(answer)


@contextmanager
def carriers(names: Sequence[str], *, limits: bool, stock: int, seed: int = 0) -> Iterator[dict[str, dict[str, str]]]:
    """Run the carriers in a process of their own; their clients' settings."""
    how = {"carriers": [*names], "limits": limits, "stock": stock, "seed": seed}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-m", "job_campaign.carriers", json.dumps(how)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


@contextmanager
def campaign(
    dsn: str, settings: Mapping[str, Mapping[str, str]], seed: int = 0, **how: Any
) -> Iterator[tuple[Campaign, Journal]]:
    """A campaign and its journal; no worker outlives it."""
    with journal.open(dsn) as book:
        made = Campaign(dsn, settings, random=random.Random(seed), **how)
        try:
            yield made, book
        finally:
            made.close()
