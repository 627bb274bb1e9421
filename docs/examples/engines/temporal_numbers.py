"""Temporal: a workflow for a job, an activity for a chunk, and a schedule that recovers.

Work: ``python temporal_numbers.py work``; once: ``python temporal_numbers.py schedule``;
submit: ``python temporal_numbers.py submit orders.csv spring``.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.worker import Worker

QUEUE = "numbers"
PART = 500
"""Chunks of one workflow: it may have 2,000 activities under way, and arguments of two megabytes."""

BEAT = timedelta(seconds=10)
"""A worker that is silent for longer is dead, and its chunk begins anew elsewhere."""


def beating(work: Callable[[], object]) -> None:
    """Do *work*, and say all the while that it goes on."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT.total_seconds() / 5):
            activity.heartbeat()

    thread = threading.Thread(target=contextvars.copy_context().run, args=[beat], daemon=True)
    thread.start()
    try:
        work()
    finally:
        ended.set()


@activity.defn
def fill(item_ids: list[str]) -> None:
    """Work on a chunk; again is right."""
    from program import phone

    from anycarrier import jobs

    beating(lambda: phone().run(jobs.fill(item_ids)))


@activity.defn
def recover() -> None:
    """Finish whatever was lost."""
    from program import phone

    beating(lambda: phone().recover(deadline=50))


@workflow.defn
class Job:
    @workflow.run
    async def run(self, chunks: list[list[str]]) -> None:
        await asyncio.gather(
            *(
                workflow.execute_activity(
                    fill, chunk, start_to_close_timeout=timedelta(minutes=15), heartbeat_timeout=BEAT
                )
                for chunk in chunks
            )
        )


@workflow.defn
class Recover:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(recover, start_to_close_timeout=timedelta(minutes=2), heartbeat_timeout=BEAT)


async def connect() -> Client:
    return await Client.connect(os.environ.get("TEMPORAL", "127.0.0.1:7233"))


async def work() -> None:
    with ThreadPoolExecutor(4) as threads:
        await Worker(
            await connect(),
            task_queue=QUEUE,
            workflows=[Job, Recover],
            activities=[fill, recover],
            activity_executor=threads,
            max_concurrent_activities=4,
        ).run()


async def schedule() -> None:
    await (await connect()).create_schedule(
        "recover",
        Schedule(
            action=ScheduleActionStartWorkflow(Recover.run, id="recover", task_queue=QUEUE),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(minutes=1))]),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
        ),
    )


async def submit(path: str, name: str) -> None:
    from program import submit

    client, chunks = await connect(), [*submit(path, name)]
    for place in range(0, len(chunks), PART):
        part = chunks[place : place + PART]
        await client.start_workflow(Job.run, part, id=f"job-{name}-{place}", task_queue=QUEUE)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "submit":
        asyncio.run(submit(*arguments))
    else:
        asyncio.run(work() if command == "work" else schedule())
