"""One account of a simulated provider, and the command line in process."""

from __future__ import annotations

from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.one_account import OTHER, URL
from support.terminal import Run, set_up


@pytest.fixture
def simulator(clock: VirtualClock) -> VoiceTelSimulator:
    return VoiceTelSimulator(now=clock.time)


@pytest.fixture
def other(clock: VirtualClock) -> VoiceTelSimulator:
    return VoiceTelSimulator(now=clock.time)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: VirtualClock) -> None:
    set_up(monkeypatch, tmp_path, clock)
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "journal.sqlite"))
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", DUMMY_API_KEY)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", URL)


@pytest.fixture
def run(
    simulator: VoiceTelSimulator, other: VoiceTelSimulator, clock: VirtualClock, capsys: pytest.CaptureFixture[str]
) -> Run:
    def call(*argv: str) -> tuple[int, str, str]:
        transport = SimTransport({URL: simulator, OTHER: other}, wait=clock.sleep)
        code = main(argv, transport=transport, clock=clock)
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
        assert DUMMY_API_KEY not in said.out + said.err
        return code, said.out, said.err

    return call
