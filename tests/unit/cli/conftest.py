"""Time of the command line in process."""

from __future__ import annotations

import pytest

from anycarrier.testing import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(1_700_000_000.0, chance=0.5)
