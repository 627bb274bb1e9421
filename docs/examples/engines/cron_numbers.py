"""Cron, or any timer, on as many machines as one likes: no engine at all.

Every minute: ``* * * * * python cron_numbers.py work spring``;
submit: ``python cron_numbers.py submit orders.csv spring``.
"""

from __future__ import annotations

import random
import sys
import time

from program import book, phone, submit

from anycarrier import jobs


def work(name: str) -> None:
    """Work on what is open for most of a minute, then finish whatever was lost. Others may do the same beside."""
    until = time.monotonic() + 50
    chunks = [*jobs.chunks(book(), name)]
    random.shuffle(chunks)  # so that those who begin at once do not meet
    for chunk in chunks:
        if (left := until - time.monotonic()) > 0:
            phone().run(jobs.fill(chunk, deadline=left))
    phone().recover(deadline=max(1.0, until - time.monotonic()))


if __name__ == "__main__":
    if sys.argv[1] == "submit":
        submit(*sys.argv[2:])
    else:
        work(sys.argv[2])
