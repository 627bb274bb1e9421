"""Switches of both modes, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.switching import SwitchWorld

MakeSwitch = Callable[..., SwitchWorld]


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeSwitch]:
    """Makes worlds of one mode, and closes them."""
    worlds: list[SwitchWorld] = []

    def make(**options: Any) -> SwitchWorld:
        folder = tmp_path / str(len(worlds))
        folder.mkdir()
        worlds.append(SwitchWorld(request.param, folder, **options))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()
