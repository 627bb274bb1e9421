"""A process that buys numbers through a journal, and says what that took: its argument is JSON, its answer too.

It uses what every release has, so that two of them can be measured in turns.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from anycarrier import Client, Search
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.registry import provider_class

AREAS = ("206", "305", "404", "415", "512", "617", "646", "702")


def main(how: dict[str, Any]) -> None:
    """Buy a share of the numbers, once it is told to."""
    provider = provider_class(how["provider"])(base_url=how["url"], **how["settings"])
    names = [f"{how['run']}-{number}" for number in range(how["first"], how["count"], how["step"])]
    with journal.open(how["journal"]) as book, Client(Failover([provider], journal=book), **how["client"]) as client:

        def buy(name: str) -> None:
            order = Order(criteria=Search(area_code=AREAS[hash_of(name) % len(AREAS)], limit=100), deadline=60)
            client.provision(order, request_id=name)

        buy(f"{how['run']}-warm-{how['first']}")
        sys.stdout.write("READY\n")
        sys.stdout.flush()
        sys.stdin.readline()
        began, used = time.time(), time.process_time()
        if how["threads"] == 1:
            for name in names:
                buy(name)
        else:
            with ThreadPoolExecutor(how["threads"]) as pool:
                list(pool.map(buy, names))
        answer = {"cpu": time.process_time() - used, "began": began, "ended": time.time()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        sys.stdin.readline()


def hash_of(name: str) -> int:
    """A number of *name*, the same in each process."""
    return int(name.rpartition("-")[2])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
