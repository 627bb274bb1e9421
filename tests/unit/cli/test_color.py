"""Colors: states on a terminal, and nowhere else unless they are asked for."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.cli.color import code_of, wanted
from anycarrier.cli.table import Column, block, lines
from anycarrier.model import BindingStatus, Status
from anycarrier.port_records import PortState
from anycarrier.purchase import ItemState
from support.terminal import Terminal

GREEN, YELLOW, RED, RESET = "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("environment", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_a_terminal_shows_colors_and_a_pipe_does_not(
    environment: dict[str, str], terminal: bool, pipe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (wanted(Terminal()), wanted(io.StringIO())) == (terminal, pipe)


@pytest.mark.parametrize("state", [*Status, *PortState, *ItemState, *BindingStatus])
def test_every_state_has_a_color(state: object) -> None:
    word = str(getattr(state, "value", state))
    assert code_of("state", word) or word in ("none", "unbound"), word


def test_the_first_words_decide_and_other_columns_have_no_color() -> None:
    assert code_of("status", "needs action (provider: on hold)") == YELLOW
    assert code_of("state", "in doubt, for an hour") == YELLOW
    assert code_of("state", "NJ") == code_of("city", "active") == ""


def test_color_changes_no_width() -> None:
    columns = (Column("number"), Column("state"), Column("note", wraps=True))
    rows = [("+12015550100", "active", "x"), ("+12015550101", "failed", "some words that go on"), ("+1", None, "y")]
    for width in (None, 40, 24, 14):
        drawn = [*lines(columns, rows, width, color=True)]
        assert [re.sub("\x1b\\[\\d+m", "", one) for one in drawn] == [*lines(columns, rows, width)]
        assert any(f"{GREEN}active{RESET}" in one for one in drawn)
        assert any(f"{RED}failed{RESET}" in one for one in drawn)


def test_a_fact_is_colored_in_each_line() -> None:
    assert [*block([("status", "failed for a long time")], 24, color=True)] == [
        f"status  {RED}failed for a{RESET}",
        f"        {RED}long time{RESET}",
    ]


def test_doctor_on_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "nobody")
    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    main(["doctor"])
    assert f"{GREEN}ok{RESET}       anycarrier: " in shown.getvalue()
    assert f"{RED}problem{RESET}  " in shown.getvalue()
