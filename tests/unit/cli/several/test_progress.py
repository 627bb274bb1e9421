"""Progress of a purchase, and the command line as a process."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.progress import Ticker
from anycarrier.cli.purchase_output import cost
from anycarrier.cli.reason_text import at, code_of, words
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Progress
from anycarrier.settings import variable
from anycarrier.simulator import load
from support.several import BUYING, FREE, ROOT
from support.terminal import Terminal


class Gone(io.StringIO):
    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_progress_never_stops_a_purchase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Gone())
    with Ticker() as ticker:
        ticker.tell(Progress(kind="search", item="r#1", provider="p"))


def test_a_line_for_each_change(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with Ticker(lambda: 100.0, several=True) as ticker:
        for kind, text in (
            ("look", "x"),
            ("wait", "x"),
            ("look", "x"),
            ("wait", "x"),
            ("parked", "silent"),
            ("new", "y"),
        ):
            number = PhoneNumber(FREE) if kind != "wait" else None
            until = 130.0 if kind == "wait" else None
            ticker.tell(
                Progress(kind=kind, item="r#1", provider="p", account="a", number=number, text=text, until=until)
            )
    assert capsys.readouterr().err.splitlines() == [
        "r#1  p +12015550100 (account a): checking the account",
        "r#1  p (account a): waiting (30 s)",
        "r#1  p +12015550100 (account a): parked: silent",
        "r#1  p +12015550100 (account a): new: y",
    ]


def test_the_live_line_counts_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("anycarrier.cli.progress.EVERY", 0.01)
    now = iter([*map(float, range(100, 110)), *[110.0] * 10_000])
    with Ticker(lambda: next(now)) as ticker:
        for item in ("r#1", "r#2"):
            ticker.tell(Progress(kind="wait", item=item, text="x", until=120.0))
        end = time.monotonic() + 120
        while "waiting, 10 s left, 2 purchases" not in terminal.getvalue() and time.monotonic() < end:
            time.sleep(0.01)
    assert "waiting, 10 s left, 2 purchases (Ctrl-C is safe)" in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")


def test_reasons_in_words_and_as_codes() -> None:
    assert words("RateLimited: p buy: too many") == "p buy: too many"
    assert words("printable: no error") == "printable: no error"
    assert words("nothing matches") == "nothing matches"
    assert at("p", "RateLimited: p buy: too many") == "p buy: too many"
    assert at("p", "nothing matches") == "p: nothing matches"
    assert code_of("RateLimited: p buy: too many") == Exit.UNAVAILABLE
    assert code_of("the deadline ended; TransportError: p search: broken") == Exit.UNAVAILABLE
    assert code_of("Unsupported: p: cannot x") == code_of("cannot x: because") == Exit.UNSUPPORTED
    assert code_of("nothing matches") == Exit.REFUSED
    assert (cost(Money("2")), cost(Money("1.5")), cost(Money("0.0085"))) == ("2.00 USD", "1.50 USD", "0.0085 USD")


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, str]]:
    server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")
    players = {name: load(name) for name in BUYING}
    with server.running(players) as urls:
        yield {
            variable(name, setting): value
            for name, player in players.items()
            for setting, value in {**player.settings, "base_url": urls[name]}.items()
        }


@pytest.mark.slow
def test_as_a_process_without_a_home_of_its_own(served: dict[str, str], tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANYCARRIER_", "XDG_"))}
    environment = {
        **kept,
        **served,
        "HOME": str(tmp_path),
        "PYTHONWARNINGS": "error",
        "ANYCARRIER_CONFIG": str(tmp_path / "none"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")]),
    }

    def anycarrier(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "anycarrier", *argv],
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
        )

    refused = anycarrier("provision", "--area-code", "201", "--from", "lc_phone")
    assert (refused.returncode, refused.stdout) == (Exit.USAGE, "")
    bought = anycarrier(
        "provision", "--area-code", "201", "--from", "lc_phone", "--yes", "--output", "json", "--request-id", "one"
    )
    assert bought.returncode == 0, bought.stderr
    assert json.loads(bought.stdout)["complete"]
    book = tmp_path / ".local" / "share" / "anycarrier" / "journal.sqlite"
    assert stat.S_IMODE(book.parent.stat().st_mode) == 0o700
    assert "one" in anycarrier("purchases").stdout
    assert anycarrier("recover").returncode == 0
    assert anycarrier("reconcile").returncode == Exit.REFUSED
    with sqlite3.connect(book) as db:
        held = " ".join(map(str, db.execute("SELECT * FROM anycarrier_attempt").fetchall()))
    db.close()
    assert not any(value in held for name, value in served.items() if name.endswith(("KEY", "TOKEN")))
