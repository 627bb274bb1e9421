"""Settings of the whole suite: nothing depends on how fast a machine is, or on chance."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.process_state import changed, process_state
from support.untraced import untraced

# The same examples in every run, however long they take.
settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

# A shell starts what runs in the background with SIGINT ignored, and programs pass that on:
# tests of Ctrl-C would wait forever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


MEASURED = tuple(Path(__file__).parent.joinpath("unit", name) for name in ("cli", "jobs"))
"""Folders whose slow tests are measured too: they go through lines that no quick test goes through."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow tests first in what each worker of pytest-xdist begins with: the last one lets all others wait."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))
    if not workers:
        return
    slow = [one for one in items if one.get_closest_marker("slow")]
    quick = [one for one in items if not one.get_closest_marker("slow")]
    items.clear()
    for at in range(workers):
        items += slow[at::workers]
        items += quick[len(quick) * at // workers : len(quick) * (at + 1) // workers]


def pytest_collection_finish() -> None:
    """Leave half a million objects of the collected tests out of each later garbage collection."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Run slow tests without coverage, which doubles their cost, where quick ones go through the same lines."""
    measured = not item.get_closest_marker("slow") or any(one in item.path.parents for one in MEASURED)
    with contextlib.nullcontext() if measured else untraced():
        return (yield)


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    """Fail a test that leaves the process changed: in which process another test runs is chance."""
    before = process_state()
    yield
    left = changed(before)
    assert not left, f"the test leaves changed: {', '.join(left)}"


@pytest.fixture
def without_coverage() -> Iterator[None]:
    """Stop coverage in a test that goes through lines a thousand times which others measure: it doubles the cost."""
    with untraced():
        yield
