"""Worker that reads an account's list again and again, at the rate of a budget that it shares. Its argument is JSON.

It ends after ``seconds``, or where none are given when its input ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from anycarrier import Client, RateLimited
from anycarrier.purchase import journal


def main(how: dict[str, Any]) -> None:
    book = journal.open(how["journal"]) if how["budget"] == "shared" else None
    more = {} if book is None else {"journal": book, "budget": "shared"}
    ended = threading.Event()
    refused: list[str] = []

    def read() -> None:
        while not ended.is_set():
            try:
                next(phone.list(), None)
            except RateLimited as error:
                refused.append(str(error))
                ended.wait(0.2)

    with Client(how["provider"], base_url=how["url"], **how["settings"], **more) as phone:
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
    sys.stdout.write(json.dumps(refused) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
