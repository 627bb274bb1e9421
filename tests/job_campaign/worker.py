"""A worker of a campaign's jobs; its argument is JSON. It works until it is killed, or told to stop by SIGTERM."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from typing import Any

from attrs import evolve

from anycarrier import AsyncClient
from anycarrier.failover import Failover
from anycarrier.jobs import tasks
from anycarrier.jobs import worker as job_worker
from anycarrier.number_files import read_port_details
from anycarrier.purchase import journal
from anycarrier.registry import names, provider_class
from anycarrier.transports import Timeouts
from support.hurried import hurry_purchases

HASTY = Timeouts(connect=2, read=2, write=2, pool=5, total=4, purchase_read=2, purchase_total=2)


def other_clock(ahead: float) -> None:
    """Let this process be on a machine whose clock is some seconds ahead."""
    real = time.time
    time.time = lambda: real() + ahead


def hurry() -> None:
    """Shorten all waits, a second for some minutes, in the same proportions."""
    job_worker.HEARTBEAT, job_worker.SILENT, job_worker.HEALS, job_worker.RECOVERS = 0.5, 3.0, 1.0, 3.0
    job_worker.POLLS = 0.3
    hurry_purchases(
        0.5, settle=3.0, looks=2, look_every=0.5, replay_waits=(0.05, 0.1, 0.2, 0.4), replay_for=20.0, park_after=20.0
    )
    tasks.SOON, tasks.LONGEST = 0.5, 2.0
    for name in names():
        cls = provider_class(name)
        if hasattr(cls, "port_rules"):
            cls.port_rules = evolve(cls.port_rules, settle=3.0, looks=2, look_every=0.5)


async def main(how: dict[str, Any]) -> None:
    """Work on tasks until the end."""
    members = [provider_class(name)(account=name, **one) for name, one in how["settings"].items()]
    more: dict[str, Any] = {"budget": "shared"} if how["budget"] == "shared" else {"max_wait": None}
    with journal.open(how["dsn"], lease=how["lease"]) as book:
        async with AsyncClient(Failover(members, journal=book), timeouts=HASTY, **more) as phone:
            ports = [read_port_details(how["ports"])] if how.get("ports") else []
            working = job_worker.Worker(phone, book, concurrency=how["concurrency"], grace=5.0, ports=ports)
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.stop)
            await working.run()


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    if told["clock_ahead"]:
        other_clock(told["clock_ahead"])
    hurry()
    asyncio.run(main(told))
