"""Worker that reads an account's list again and again, at the rate of a budget that it shares. Its argument is JSON.

It ends after ``seconds``, or where none are given when its input ends; then it writes what refused its requests, how
many it sent and how often it called the store.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from anycarrier import Client, RateLimited
from anycarrier.engine.rate_limits import Limit
from anycarrier.engine.shared_budget import Pace, Places
from anycarrier.purchase import journal

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


class Counted(Places):
    """Places of another store, and the number of calls."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.calls: list[None] = []

    def take(self, key: str, pace: Pace, count: int, hold: float, at_most: float) -> float | None:
        self.calls.append(None)
        return self._places.take(key, pace, count, hold, at_most)

    def take_slice(self, key: str, limit: Limit, count: int) -> float:
        self.calls.append(None)
        return self._places.take_slice(key, limit, count)


def main(how: dict[str, Any]) -> None:
    more: dict[str, Any] = {}
    calls: list[None] = []
    wait: Any = None
    stack = ExitStack()
    if how["budget"] == "shared":
        places = Counted(stack.enter_context(journal.open(how["journal"])).places())
        more, calls = {"budget": places}, places.calls
    elif how["budget"] == "redis":
        sys.path.insert(0, str(EXAMPLES))
        import redis
        from redis_places import RedisPlaces

        places = Counted(RedisPlaces(redis.Redis.from_url(how["redis"])))
        more, calls = {"budget": places}, places.calls
    elif how["budget"] != "own":
        from benchmark.limiters import LIMITERS, count_calls

        more, calls = {"max_wait": None}, count_calls()
        wait = LIMITERS[how["budget"]](how["redis"], Limit(how["requests"], how["window"]))
    ended = threading.Event()
    refused: list[str] = []
    sent: list[None] = []

    def read() -> None:
        while not ended.is_set():
            if wait is not None:
                wait()
            try:
                next(phone.list(), None)
                sent.append(None)
            except RateLimited as error:
                refused.append(str(error))
                ended.wait(0.2)

    with stack, Client(how["provider"], base_url=how["url"], **how["settings"], **more) as phone:
        sys.stdout.write("READY\n")
        sys.stdout.flush()
        threads = [threading.Thread(target=read) for _ in range(how["threads"])]
        for thread in threads:
            thread.start()
        if "seconds" in how:
            time.sleep(how["seconds"])
        else:
            sys.stdin.read()
        ended.set()
        for thread in threads:
            thread.join()
    sys.stdout.write(json.dumps({"refused": refused, "sent": len(sent), "calls": len(calls)}) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
