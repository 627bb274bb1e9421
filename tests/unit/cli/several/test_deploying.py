"""The commands of the page on deploying run, one after the other, on accounts and a journal in use."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from support.several import PROVISION, ROOT
from support.terminal import Run

PAGE = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")


@pytest.fixture
def used(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    assert run(*PROVISION, "--from", "voicetel", "--request-id", "order-1")[0] == 0
    return run


@pytest.mark.slow
def test_the_commands_of_the_page_run(used: Run, tmp_path: Path) -> None:
    lines = re.findall(r"^\$ anycarrier (.*)$", PAGE, re.MULTILINE)
    assert {line.split()[0] for line in lines} == {"doctor", "reconcile", "purchases", "journal"}
    for line in lines:
        code, out, err = used(*line.split())
        assert code == (1 if line == "reconcile" else 0), (line, out, err)  # other buyers' numbers are there
    assert (tmp_path / "backup.sqlite").exists()


def test_the_timer_s_command_runs_and_its_exit_codes_are_those_of_the_table(used: Run) -> None:
    units = configparser.RawConfigParser(strict=False)
    units.optionxform = str  # type: ignore[assignment, method-assign]
    units.read_string(re.findall(r"^```ini\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0])
    command = units["Service"]["ExecStart"].partition("/anycarrier ")[2]
    assert used(*command.split())[0] == 0
    assert units["Service"]["SuccessExitStatus"] == "75"
    assert f"anycarrier {command}`" in PAGE  # cron's
