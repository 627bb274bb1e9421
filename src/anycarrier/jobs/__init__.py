"""Jobs: purchases of many numbers, plans and ports that are submitted, worked on, counted and cancelled, by one process
or by many.

The journal has all of them, and what became of each number, so an engine that runs the work needs to call two things,
at least once: ``client.run(fill(item_ids))`` for a chunk of items, and ``client.recover(deadline=50)`` now and then,
which finishes whatever the engine lost.
"""

from __future__ import annotations

from anycarrier.jobs.filling import Filled, fill
from anycarrier.jobs.orders import orders_from_csv, read_orders
from anycarrier.jobs.plans import submit_plan
from anycarrier.jobs.ports import submit_ports
from anycarrier.jobs.results import JobResult, results, results_to_csv, results_to_json_lines
from anycarrier.jobs.standing import JobStatus, every, status
from anycarrier.jobs.submitting import CHUNK, Enqueue, Job, cancel, chunks, resume, submit
from anycarrier.purchase.journal.job_records import JobKind

__all__ = [
    "CHUNK",
    "Enqueue",
    "Filled",
    "Job",
    "JobKind",
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
    "submit_plan",
    "submit_ports",
]
