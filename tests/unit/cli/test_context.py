"""``--timeout``: how long a command waits for one request, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.simulator import Fault
from anycarrier.simulator.server import running
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator


@pytest.fixture
def simulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[VoiceTelSimulator]:
    made = VoiceTelSimulator()
    with running(made) as urls:
        monkeypatch.setenv("ANYCARRIER_CONFIG", str(tmp_path / "accounts.toml"))
        monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "journal.sqlite"))
        monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
        monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", DUMMY_API_KEY)
        monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", urls["voicetel"])
        yield made


def test_a_request_ends_after_the_timeout(simulator: VoiceTelSimulator, capsys: pytest.CaptureFixture[str]) -> None:
    simulator.faults.add(Fault(kind="hang", operation="number_release", times=None))
    assert main(["release", "2015550123", "--yes", "--timeout", "0.1"]) == Exit.UNKNOWN
    assert "after 0.1 s" in capsys.readouterr().err


@pytest.mark.slow
def test_a_purchase_is_not_cut_off_by_an_impatient_timeout(
    simulator: VoiceTelSimulator, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator.faults.add(Fault(kind="latency", operation="order", seconds=0.4, times=1))
    assert main(["buy", "2015550100", "--yes", "--timeout", "0.2"]) == Exit.DONE, capsys.readouterr().err
    assert len(simulator.ledger.charges) == 1
