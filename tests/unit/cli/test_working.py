"""The last line of a terminal: it shows that a command is at work, and is never mixed with what the command prints."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from anycarrier.cli import working as module
from anycarrier.cli.output import Output, say
from anycarrier.cli.working import quiet, working
from support.terminal import Terminal


class Watched(Terminal):
    """A terminal that tells when text was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Semaphore(0)

    def write(self, text: str) -> int:
        length = super().write(text)
        self.written.release()
        return length

    def wait(self) -> None:
        assert self.written.acquire(timeout=5)


def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A terminal in place of stderr; not a fixture, since pytest puts its own stream there before the test."""
    monkeypatch.setattr(module, "EVERY", 0.005)
    made = Watched()
    monkeypatch.setattr(sys, "stderr", made)
    return made


def seen(text: str) -> str:
    """The screen after *text*, without the blanks that wipe a line."""
    screen: list[str] = []
    for line in text.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        screen.append(shown.rstrip())
    return "\n".join(screen)


def test_a_command_that_takes_long_shows_for_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with working("list"):
        terminal.wait()
        terminal.wait()
    assert "list: 0 s" in terminal.getvalue()
    assert seen(terminal.getvalue()) == ""


def test_lines_are_written_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.setattr(sys, "stdout", terminal)
    out = Output()
    with working("list", out.progress):
        for _ in range(3):
            terminal.wait()
            out.line("a row")
            say("a warning")
    assert "lines" not in terminal.getvalue()  # they are there to be seen
    assert seen(terminal.getvalue()) == "a row\na warning\n" * 3


def test_of_output_that_goes_elsewhere_it_counts_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    out = Output()
    out.line("a row")
    with working("list", out.progress):
        terminal.wait()
    assert "list: 1 lines, 0 s" in terminal.getvalue()


def test_nothing_is_drawn_while_a_question_waits_or_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with quiet(), working("buy"):
        terminal.written.acquire(timeout=0.05)
    assert terminal.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with working("list"):
        assert [one for one in threading.enumerate() if one.name == "anycarrier-working"] == []
