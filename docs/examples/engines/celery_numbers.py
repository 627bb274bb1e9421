"""Celery on Redis.

Work: ``celery -A celery_numbers worker``; once: ``celery -A celery_numbers beat``;
submit: ``python celery_numbers.py orders.csv spring``.
"""

from __future__ import annotations

import os
import sys

from celery import Celery
from program import phone, submit

from anycarrier import jobs

app = Celery("numbers", broker=os.environ.get("BROKER", "redis://127.0.0.1:6379/0"))
app.conf.update(
    task_acks_late=True,  # a task is done when it has ended, not when it begins
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    broker_transport_options={"visibility_timeout": 3600},  # longer than any task, or it runs twice at once
    beat_schedule={"recover": {"task": "numbers.recover", "schedule": 60.0}},
)


@app.task(name="numbers.fill")
def fill(item_ids: list[str]) -> None:
    """Work on a chunk; again is right."""
    phone().run(jobs.fill(item_ids))


@app.task(name="numbers.recover", expires=60)
def recover() -> None:
    """Finish whatever was lost."""
    phone().recover(deadline=50)


if __name__ == "__main__":
    for chunk in submit(*sys.argv[1:]):
        fill.delay(chunk)
