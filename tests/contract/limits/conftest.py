"""Both modes, and no thread that outlives its test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from anycarrier.testing import MODES
from anycarrier.testing.fakes import Mode
from support.threads import threads_of_clients


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    before = threads_of_clients()
    yield
    assert {*threads_of_clients()} <= {*before}
