"""PGQueuer on the journal's PostgreSQL, or another one.

Once: ``pgq install``; work: ``python pgqueuer_numbers.py work``, one or more with ``recover`` too;
submit: ``python pgqueuer_numbers.py submit orders.csv spring``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import timedelta

import psycopg
from pgqueuer import Job, PgQueuer, PsycopgDriver, Queries
from pgqueuer.models import Schedule
from program import phone, submit

from anycarrier import jobs


async def driver() -> PsycopgDriver:
    return PsycopgDriver(await psycopg.AsyncConnection.connect(os.environ["QUEUE"], autocommit=True))


async def work(with_recover: bool) -> None:
    queuer = PgQueuer(await driver())

    @queuer.entrypoint("fill")
    async def fill(job: Job) -> None:
        item_ids = json.loads(job.payload or b"[]")
        await asyncio.to_thread(lambda: phone().run(jobs.fill(item_ids)))  # again is right

    if with_recover:

        @queuer.schedule("recover", "* * * * *")
        async def recover(schedule: Schedule) -> None:
            await asyncio.to_thread(lambda: phone().recover(deadline=50))

    # Four chunks at once, and no more taken than that: what a worker holds waits for the heartbeat when it dies.
    await queuer.run(batch_size=2, max_concurrent_tasks=4, heartbeat_timeout=timedelta(seconds=30))


async def enqueue(path: str, name: str) -> None:
    chunks = [json.dumps(chunk).encode() for chunk in submit(path, name)]
    await Queries(await driver()).enqueue(["fill"] * len(chunks), [*chunks], [0] * len(chunks))


if __name__ == "__main__":
    if sys.argv[1] == "submit":
        asyncio.run(enqueue(*sys.argv[2:]))
    else:
        asyncio.run(work("recover" in sys.argv))
