"""A process that buys numbers through a journal, and says what that took: its argument is JSON, its answer too.

It uses what every release has, so that two of them can be measured in turns.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from anycarrier import Client, Search
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.registry import provider_class

AREAS = ("206", "305", "404", "415", "512", "617", "646", "702")


def main(how: dict[str, Any]) -> None:
    """Buy a share of the numbers, once a line comes."""
    provider = provider_class(how["provider"])(base_url=how["url"], **how["settings"])
    numbers = range(how["first"], how["count"], how["step"])
    with journal.open(how["journal"]) as book, Client(Failover([provider], journal=book), **how["client"]) as client:

        def order_of(number: int) -> Order:
            return Order(criteria=Search(area_code=AREAS[number % len(AREAS)], limit=100), deadline=60)

        def buy(number: int) -> None:
            client.provision(order_of(number), request_id=f"{how['run']}-{number}")

        def fill(ids: list[str]) -> None:
            while ids:
                ids = [*client.run(jobs.fill(ids)).left]

        work: list[Callable[[], None]] = [partial(buy, number) for number in numbers]
        if how["chunks"]:
            from anycarrier import jobs

            name = f"job-{how['run']}"
            if not how["first"]:
                jobs.submit(book, [order_of(number) for number in range(how["count"])], [provider], name=name)
            parts = [*jobs.chunks(book, name)][how["first"] :: how["step"]]
            work = [partial(fill, one) for one in parts]
        client.provision(order_of(0), request_id=f"{how['run']}-warm-{how['first']}")
        say("READY")
        sys.stdin.readline()
        began, used = time.time(), time.process_time()
        with ThreadPoolExecutor(how["threads"]) as pool:
            for done in [pool.submit(one) for one in work]:
                done.result()
        say(json.dumps({"cpu": time.process_time() - used, "began": began, "ended": time.time()}))
        sys.stdin.readline()


def say(line: str) -> None:
    """Print *line* at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
