"""Plans of many numbers: requests, time and memory, against VoiceTel's simulator with a fixed latency.

Run by ``make bench``, which writes ``docs/benchmarks_plans.md``.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from anycarrier import Applied, Client, Desired, Plan, TextsToWebhook, ToGateway
from anycarrier.purchase import Journal
from anycarrier.purchase import journal as journals
from anycarrier.simulator import Fault, SimTransport, Simulator, load
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters.voicetel import VoiceTel

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks_plans.md"
BASE = "http://127.0.0.1:1"
HOOK = TextsToWebhook("https://example.com/texts")
LATENCY = 0.05
AT_ONCE = 16
SEVERAL = 1_000
MANY = 100_000


class Measured(SimTransport):
    """Counts requests, and the seconds that they take."""

    def __init__(self, simulator: Simulator, **more: Any) -> None:
        super().__init__({BASE: simulator}, **more)
        self.reads = self.writes = 0
        self.seconds = 0.0

    def send(self, request: WireRequest) -> Any:
        began = time.perf_counter()
        outcome = super().send(request)
        self.seconds += time.perf_counter() - began
        if request.purpose == "read":
            self.reads += 1
        else:
            self.writes += 1
        return outcome

    def begin(self) -> None:
        """Count from here."""
        self.reads = self.writes = 0
        self.seconds = 0.0

    @property
    def mean(self) -> float:
        """Seconds of a request."""
        return self.seconds / (self.reads + self.writes)


@contextmanager
def account(count: int, latency: float = 0.0) -> Iterator[tuple[Client[Any], Measured]]:
    """A client of an account with numbers, which keeps no rate limits."""
    simulator = load("voicetel", owned=(), big=count)
    if latency:
        simulator.faults.add(Fault(kind="latency", seconds=latency, times=None))
    transport = Measured(simulator, wait=time.sleep)
    with Client(VoiceTel(**simulator.settings, base_url=BASE), transport=transport, max_wait=None) as phone:
        yield phone, transport


def wanted(phone: Client[Any], *routes: Any) -> list[Desired]:
    """The desired state of every number of the account."""
    return [Desired(owned.number, routes=routes, campaign="CH5K5IZ") for owned in phone.list()]


class Figures(NamedTuple):
    """Figures that were measured; ``ratio`` is the time of the changes, of which that of as many requests is 1."""

    plan_requests: int
    new_requests: int
    again_writes: int
    again_reads: int
    ratio: float
    changes_per_second: float
    megabytes: float
    plan_seconds: float


def counts(*, used: bool = True) -> tuple[int, int, int]:
    """Requests that plan 1,000 numbers, and writes and reads of applying a plan that is done.

    *used*: one of the numbers has the gateway already; else that one is looked up.
    """
    with account(SEVERAL) as (phone, transport):
        desired = wanted(phone, ToGateway(1000), HOOK)
        if used:
            phone.route(desired[0].number, ToGateway(1000))
        transport.begin()
        plan: Plan = phone.plan(desired)
        requests = transport.reads + transport.writes
        for _ in phone.apply(plan, confirm=plan.id):
            pass
        transport.begin()
        again: list[Applied] = [*phone.apply(plan, confirm=plan.id)]
        assert len(again) == SEVERAL
        return requests, transport.writes, transport.reads


def speed(journal: Journal | None) -> tuple[float, float]:
    """The time of 1,000 changes at 16 at once, of which 1,000 / 16 times the mean latency is 1; changes per second."""
    with account(SEVERAL, LATENCY) as (phone, transport):
        plan = phone.plan([Desired(owned.number, routes=[ToGateway(1000)]) for owned in phone.list()])
        transport.begin()
        began = time.perf_counter()
        done = sum(1 for _ in phone.apply(plan, journal=journal, at_once=AT_ONCE, confirm=plan.id))
        took = time.perf_counter() - began
        assert done == transport.writes == SEVERAL
        return took / (SEVERAL / AT_ONCE * transport.mean), SEVERAL / took


def memory() -> tuple[float, float]:
    """Megabytes of a plan that changes 100,000 numbers, and the seconds to make it."""
    with account(MANY) as (phone, _):
        desired = wanted(phone, ToGateway(1000), HOOK)
        began = time.perf_counter()
        phone.plan(desired)
        took = time.perf_counter() - began
        tracemalloc.start()
        plan = phone.plan(desired)
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(plan.numbers) == MANY
        return held / 1e6, took


def measured() -> Figures:
    """All of it; the changes are on record, as they should be."""
    requests, writes, reads = counts()
    new_requests, _, _ = counts(used=False)
    with tempfile.TemporaryDirectory() as folder, journals.open(Path(folder) / "journal.sqlite") as journal:
        ratio, per_second = speed(journal)
    megabytes, seconds = memory()
    return Figures(requests, new_requests, writes, reads, ratio, per_second, megabytes, seconds)


def page(found: Figures) -> str:
    """The page of the documentation."""
    rows = [
        ("requests to plan 1,000 numbers, three changes each", f"{found.plan_requests}", "3 at most"),
        ("the same, to a gateway that no number has yet, which is looked up", f"{found.new_requests}", "one more"),
        ("writes to apply a plan that is done", f"{found.again_writes} (and {found.again_reads} reads)", "none"),
        (
            "1,000 changes at 16 at once, 50 ms each, on record, in 1,000 / 16 times the mean latency",
            f"{found.ratio:.2f} ({found.changes_per_second:.0f} changes/s)",
            "1.1 at most",
        ),
        (
            "memory of a plan that changes 100,000 numbers",
            f"{found.megabytes:.0f} MB (made in {found.plan_seconds:.1f} s)",
            "100 MB at most",
        ),
    ]
    lines = [
        HEAD.format(machine=f"{platform.system()} {platform.machine()}"),
        "| | measured | target |",
        "|---|---|---|",
    ]
    return "\n".join([*lines, *(f"| {what} | {value} | {target} |" for what, value, target in rows)]) + "\n"


HEAD = """# Plans of many numbers

`make bench` writes this page. It is measured against the simulator of VoiceTel in the same process, without rate limits
({machine}). The page [desired-state.md](desired-state.md) says what a plan is.
"""


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-page", action="store_true", help="print it only")
    text = page(measured())
    if parser.parse_args().no_page:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
