"""Command lines in the docs: each is one that the parser takes, and those of the page on the command line run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.cli.parser import parse
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.terminal import set_up

ROOT = Path(__file__).parents[3]
URL = "http://127.0.0.1:1"


def command_lines(page: Path) -> list[list[str]]:
    """The ``anycarrier`` commands after a prompt, without what the shell does with them."""
    found: list[list[str]] = []
    for line in re.findall(r"^\$ (.*anycarrier .*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        for part in re.split(r" \| | && |\$\(", line.split("  #")[0]):
            if part.startswith("anycarrier "):
                words = shlex.split(re.sub(r"\).*$|[<>]+ .*$|&$|2>\S+", "", part))
                found.append(words[1:])
    return found


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.slow
def test_every_command_line_in_the_docs_is_one_that_the_parser_takes() -> None:
    lines = [argv for page in PAGES for argv in command_lines(page)]
    assert len(lines) > 15
    for argv in lines:
        assert parse(argv).command == argv[0]


@pytest.mark.slow
def test_the_commands_of_the_page_on_the_command_line_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = VirtualClock(1_700_000_000.0, chance=0.5)
    set_up(monkeypatch, tmp_path, clock)
    monkeypatch.chdir(tmp_path)
    Path("numbers.txt").write_text("2015550100\n2125550199\n")
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "journal.sqlite"))
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", DUMMY_API_KEY)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", URL)
    simulator = VoiceTelSimulator()
    ran: list[str] = []
    for argv in command_lines(ROOT / "docs" / "cli.md"):
        if argv[0] == "simulate" or "-" in argv:  # it goes on until Ctrl-C; it reads what another command writes
            continue
        answer = ["--yes"] if argv[0] == "buy" else []
        code = main([*argv, *answer], transport=SimTransport({URL: simulator}, wait=clock.sleep), clock=clock)
        said = capsys.readouterr()
        assert code == 0, (argv, said.err)
        ran.append(argv[0])
    assert {"search", "buy", "list", "get", "route", "completion"} <= set(ran)
    assert len(simulator.ledger.charges) == 1
