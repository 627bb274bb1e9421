"""Worlds of both modes, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.desired import Make, World


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes worlds of one mode, and closes their clients."""
    worlds: list[World] = []

    def make(*names: str, **options: Any) -> World:
        worlds.append(World(request.param, *names, **options))
        return worlds[-1]

    yield make
    for world in worlds:
        world.phone.close()
