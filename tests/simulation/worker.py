"""A worker process for ``test_processes.py``: fills orders through a journal over real HTTP until all are decided.

Waits are shorter than in life, a second for some minutes, in the same proportions.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

from attrs import evolve

from anycarrier import (
    Client,
    Desired,
    Money,
    OrderExhausted,
    OutcomeUnknown,
    Search,
    SetUpFailed,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal, set_ups, worker
from anycarrier.purchase.journal import mapping
from anycarrier.registry import provider_class
from anycarrier.transports import Timeouts

HOOK = "https://example.com/texts"
WANTED = Desired(routes=[ToGateway(1000), TextsToWebhook(HOOK)], campaign="CB2PATH")

SETTLE = 1.5
SEND_WITHIN = 0.3
HASTY = Timeouts(connect=0.3, read=0.3, write=0.3, pool=0.3, total=0.4, purchase_read=0.4, purchase_total=0.4)


def hurry(member):
    """The same rules, faster."""
    member.rules = evolve(
        member.rules,
        settle=SETTLE,
        looks=2,
        look_every=0.1,
        replay_waits=(0.05, 0.1, 0.2, 0.4),
        replay_for=20.0,
        park_after=5.0,
    )
    return member


def members(providers):
    return [hurry(provider_class(name)(base_url=url, **settings)) for name, url, settings in providers]


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def fill(client, orders, number):
    name = f"r{number}"
    area = orders["areas"][number % len(orders["areas"])]
    cap = Money(orders["max_price"]) if "max_price" in orders else None
    setup = WANTED if orders.get("setup") else None
    order = Order(
        criteria=Search(area_code=area), deadline=20, max_price=cap, setup=setup, reference=f"tenant-{number}"
    )
    while True:
        try:
            client.provision(order, request_id=name)
        except OutcomeUnknown:
            continue
        except (OrderExhausted, SetUpFailed) as error:
            say("EXHAUSTED", name, error)
        return


def main():
    how = json.loads(sys.argv[1])
    worker.SEND_WITHIN = mapping.SEND_WITHIN = SEND_WITHIN
    set_ups.FIRST_PAUSE, set_ups.LONGEST_PAUSE, set_ups.NOT_THERE_YET = 0.05, 0.5, 2.0
    if how.get("disk") is not None:
        # As on a full disk: nothing can be written beyond this size.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (how["disk"], how["disk"]))
    with (
        journal.open(how["journal"], lease=how.get("lease", 1.2)) as book,
        Client(Failover(members(how["providers"]), journal=book), timeouts=HASTY) as client,
    ):
        say("READY", os.getpid())
        step = how.get("step", 1)
        with ThreadPoolExecutor(how.get("threads", 4)) as pool:
            list(pool.map(lambda number: fill(client, how, number), range(how.get("first", 0), how["count"], step)))
        client.recover(deadline=10)
    say("DONE")


if __name__ == "__main__":
    main()
