"""Helpers of tests of the command line: a terminal, and settings."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.settings import variable
from anycarrier.simulator import Simulator
from anycarrier.testing import VirtualClock

if TYPE_CHECKING:
    import pytest

Run = Callable[..., tuple[int, str, str]]
"""Runs a command line: its exit code, stdout and stderr."""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def set_up(monkeypatch: pytest.MonkeyPatch, folder: Path, clock: VirtualClock) -> None:
    """Take away the settings of this machine; accounts are in *folder*, and journals go by *clock*."""
    for name in [name for name in os.environ if name.startswith("ANYCARRIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(folder / "accounts.toml"))
    monkeypatch.setattr(SqliteDatabase, "_steady_clock", lambda _: clock.time)


def account_each(monkeypatch: pytest.MonkeyPatch, simulators: Mapping[str, Simulator], urls: Mapping[str, str]) -> None:
    """Set an account at each simulator by environment variables."""
    for name, simulator in simulators.items():
        for setting, value in {**simulator.settings, "base_url": urls[name]}.items():
            monkeypatch.setenv(variable(name, setting), value)


def last_line(err: str) -> str:
    """The last line, after what a purchase says of its progress."""
    *_, last = err.splitlines()
    assert last.startswith("anycarrier: "), err
    return last
