"""Accounts of several simulated providers, and the command line in process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.simulator import SimTransport, Simulator, load
from anycarrier.testing import VirtualClock
from support.several import URLS
from support.terminal import Run, account_each, set_up


@pytest.fixture
def urls() -> Mapping[str, str]:
    """Base URL of each provider; a module with other providers has a fixture of its own."""
    return URLS


@pytest.fixture
def simulators(clock: VirtualClock, urls: Mapping[str, str]) -> Mapping[str, Simulator]:
    return {name: load(name, now=clock.time) for name in urls}


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    clock: VirtualClock,
    simulators: Mapping[str, Simulator],
    urls: Mapping[str, str],
) -> None:
    set_up(monkeypatch, tmp_path, clock)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    account_each(monkeypatch, simulators, urls)


@pytest.fixture
def run(
    simulators: Mapping[str, Simulator],
    urls: Mapping[str, str],
    clock: VirtualClock,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    def call(*argv: str) -> tuple[int, str, str]:
        transport = SimTransport({urls[name]: one for name, one in simulators.items()}, wait=clock.sleep)
        code = main(argv, transport=transport, clock=clock)
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
        for simulator in simulators.values():
            for name, value in simulator.settings.items():
                assert "id" in name or value not in said.out + said.err
        return code, said.out, said.err

    return call


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Path of the journal by default."""
    return tmp_path / "data" / "anycarrier" / "journal.sqlite"
