"""Clocks, medians, cores and memory."""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Time taken, in seconds: of all CPUs in user and system mode, and by the clock on the wall."""

    cpu: float
    wall: float


def pin(core: int) -> None:
    """Run this process on one core, where there are several and the system can; the server has one of its own."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > core:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {cores[core]})


def timed(work: Callable[[], object], times: int = 1) -> Cost:
    """Average cost of one run of *work*."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        work()
    return Cost((time.process_time() - cpu) / times, (time.perf_counter() - wall) / times)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each part."""
    return Cost(statistics.median(cost.cpu for cost in costs), statistics.median(cost.wall for cost in costs))


class Memory:
    """Rise of the process's memory above its present size."""

    def __init__(self) -> None:
        self._before = self._now()
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far

    def added(self) -> float | None:
        """MB at most, since it was made; ``None`` where the system does not tell."""
        highest = _status("VmHWM:")
        if highest is None or self._before is None:
            return None
        return max(0.0, (highest - self._before) / 1024)

    def _now(self) -> int | None:
        return _status("VmRSS:")


def _status(name: str) -> int | None:
    if not sys.platform.startswith("linux"):
        return None
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return None
