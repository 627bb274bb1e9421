"""Both drivers, one after the other."""

from __future__ import annotations

import pytest

from support.rigs import AsyncRig, Rig, SyncRig


@pytest.fixture(params=[SyncRig, AsyncRig], ids=["sync", "async"])
def rig(request: pytest.FixtureRequest) -> Rig:
    return request.param  # type: ignore[no-any-return]
