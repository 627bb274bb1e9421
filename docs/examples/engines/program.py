"""What every engine shares: the journal, the client, and the submission of a job.

Both are made at their first use, so that each process has its own, also one that an engine has forked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

from anycarrier import Client, jobs
from anycarrier.purchase import journal


@cache
def book() -> journal.Journal:
    """The journal of this process, such as ``postgresql:///numbers``."""
    return journal.open(os.environ["ANYCARRIER_JOURNAL"])


@cache
def phone() -> Client:
    """The client of this process; its key comes from the environment too."""
    return Client("voicetel", journal=book(), budget="shared")


def submit(path: str, name: str) -> Iterator[list[str]]:
    """Record the orders of a CSV file as a job, and iterate over what there is to do, fifty orders at a time.

    The same again is right: where the program died before the engine had all of it, submit again, or let ``recover``
    find the rest.
    """
    jobs.submit(book(), jobs.read_orders(path), [phone().provider], name=name)
    return jobs.chunks(book(), name)
