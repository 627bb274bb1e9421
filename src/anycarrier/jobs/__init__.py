"""Jobs: many orders that are submitted, worked on, counted and cancelled together, by one process or by many.

The journal has every order and every purchase, so an engine that runs the work needs to call two things, at least
once: ``client.run(fill(item_ids))`` for a chunk of items, and ``client.recover(deadline=50)`` now and then, which
finishes whatever the engine lost.
"""

from __future__ import annotations

from anycarrier.jobs.filling import Filled, fill
from anycarrier.jobs.orders import orders_from_csv, read_orders
from anycarrier.jobs.results import JobResult, results, results_to_csv, results_to_json_lines
from anycarrier.jobs.standing import JobStatus, every, status
from anycarrier.jobs.submitting import CHUNK, Enqueue, Job, cancel, chunks, resume, submit

__all__ = [
    "CHUNK",
    "Enqueue",
    "Filled",
    "Job",
    "JobResult",
    "JobStatus",
    "cancel",
    "chunks",
    "every",
    "fill",
    "orders_from_csv",
    "read_orders",
    "results",
    "results_to_csv",
    "results_to_json_lines",
    "resume",
    "status",
    "submit",
]
