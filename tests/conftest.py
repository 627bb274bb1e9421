"""Settings of the whole suite: nothing depends on how fast a machine is, or on chance."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

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


@pytest.fixture
def without_coverage() -> Iterator[None]:
    """Stop coverage in a test that goes through lines a thousand times which others measure: it doubles the cost."""
    with untraced():
        yield
