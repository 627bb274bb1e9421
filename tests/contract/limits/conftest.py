"""Both modes, and no thread that outlives its test."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from anycarrier.testing import MODES
from anycarrier.testing.fakes import Mode


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before
