"""Writes to numbers on record, on the command line."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import datetime
from pathlib import Path

import pytest

from anycarrier.cli.exit_codes import Exit
from anycarrier.desired_state import ChangeOutcome, ChangeRecord, NewChange
from anycarrier.json_forms import from_json
from anycarrier.model import NoTexts, TextsToWebhook, ToGateway
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import journal
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.testing import VirtualClock
from support.several import FREE, PROVISION
from support.terminal import Run, Terminal, last_line

ONE, OTHER = PhoneNumber("+12015550101"), PhoneNumber("+12015550102")
ADDRESS = EmergencyAddress(name="Acme Inc", street="1 Main St", city="Hackensack", state="NJ", postal_code="07601")


def recorded(book: journal.Journal) -> None:
    def change(number: PhoneNumber, what: str, before: object, after: object, **more: str) -> NewChange:
        return NewChange(
            provider="voicetel",
            account="main",
            number=number,
            what=what,
            before=before,  # type: ignore[arg-type]
            after=after,  # type: ignore[arg-type]
            **more,
        )

    first, second, third, _ = book.begin_changes(
        [
            change(ONE, "calls", None, ToGateway(1000), reference="tenant-42"),
            change(ONE, "texts", NoTexts(), TextsToWebhook("https://example.com/texts"), plan="0123456789abcdef"),
            change(OTHER, "campaign", "CB2PATH", False),
            change(OTHER, "emergency", False, ADDRESS),
        ]
    )
    book.end_changes(
        [
            (first, ChangeOutcome.DONE, ""),
            (second, ChangeOutcome.IN_DOUBT, "no answer in time"),
            (third, ChangeOutcome.PENDING, ""),
        ]
    )


@pytest.fixture(autouse=True)
def same_clock(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> None:
    """Journals that are only read go by the clock of those that are written."""
    monkeypatch.setattr(SqliteDatabase, "time", lambda _: clock.time())


@pytest.mark.slow
def test_the_writes_on_record_are_listed_with_their_values_and_outcomes(run: Run, book: Path) -> None:
    code, _, err = run("audit")
    assert (code, f"there is no journal at {book}" in last_line(err)) == (Exit.INPUT_OUTPUT, True)
    with journal.open() as opened:
        recorded(opened)
    code, out, err = run("audit", "--since", "1d")
    assert (code, err) == (0, "")
    header, _, *rows = out.splitlines()
    assert header.split()[:4] == ["when", "number", "ten", "digits"]
    assert all(word in rows[0] for word in ("calls to gateway 1000", "done", "tenant-42"))
    assert "in doubt: no answer" in out
    assert "pending at the provider" in rows[-2]
    assert "1 Main St" in rows[-1]
    assert "outcome not on record" in rows[-1]


@pytest.mark.slow
def test_they_are_narrowed_and_are_data_for_programs(run: Run, book: Path, clock: VirtualClock) -> None:
    with journal.open() as opened:
        recorded(opened)

    def found(*options: str) -> list[str]:
        code, out, _ = run("audit", *options, "--output", "json")
        assert code == 0
        return [document["what"] for document in map(json.loads, out.splitlines())]

    assert found() == ["calls", "texts", "campaign", "emergency"]
    assert found("2015550101") == ["calls", "texts"]
    assert found("--reference", "tenant-42") == ["calls"]
    assert found("--plan", "0123456789abcdef") == ["texts"]
    assert found("--since", "30m", str(OTHER)) == ["campaign", "emergency"]
    clock.sleep(3600)
    assert found("--since", "30m") == []
    assert len(found("--since", "2h")) == 4
    _, out, _ = run("audit", str(ONE), "--output", "json")
    first = json.loads(out.splitlines()[0])
    assert first["after"] == {"kind": "ToGateway", "gateway": "1000"}
    assert datetime.fromisoformat(first["created"]).timestamp() == clock.time() - 3600
    assert first["outcome"] == "done"
    with journal.open() as opened:
        assert from_json(ChangeRecord, first) == next(iter(opened.changes()))
    _, out, _ = run("audit", str(ONE), "--output", "csv")
    row = next(csv.DictReader(io.StringIO(out)))
    assert (row["created"], row["ended"], row["outcome"]) == (first["created"], first["ended"], "done")
    assert run("audit", "2125550199")[1] == f"No such write is on record in {book}.\n"
    for wrong in ("1y", "day", "-1d"):
        assert run("audit", "--since", wrong)[0] == Exit.USAGE


@pytest.mark.slow
def test_writes_of_the_command_line_are_on_record_where_there_is_a_journal(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    assert run("route", "2015550197", "--gateway", "1000")[0] == 0
    assert not book.exists()
    assert run("buy", FREE, "--yes", "--request-id", "one")[0] == 0
    assert run("route", FREE, "--gateway", "1000", "--texts-webhook", "https://example.com/texts")[0] == 0
    assert run("campaign", "bind", FREE, "CH5K5IZ")[0] == 0
    assert run("campaign", "show", FREE)[0] == 0
    assert run("campaign", "unbind", FREE)[0] == 0
    assert run("release", FREE, "--yes")[0] == 0
    found = [json.loads(line) for line in run("audit", "--output", "json")[1].splitlines()]
    assert [(one["what"], one["outcome"]) for one in found] == [
        ("calls", "done"),
        ("texts", "done"),
        ("campaign", "done"),
        ("campaign", "done"),
        ("release", "done"),
    ]
    assert found[3]["before"] == "CH5K5IZ"
    assert run("buy", FREE, "--yes", "--request-id", "two")[0] != Exit.UNKNOWN  # the journal knows that it is free
    with journal.open():  # as another process
        code, _, err = run("route", "2015550197", "--gateway", "1000")
    assert code == 0
    assert "what is done now is not on record: the journal is open in" in err
    code, _, err = run("route", "2015550197", "--gateway", "1000", "--journal", str(book.with_name("other")))
    assert code == Exit.INPUT_OUTPUT


@pytest.mark.slow
def test_releasing_a_number_that_serves_somebody_is_asked_once_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    assert run(*PROVISION, "--from", "voicetel", "--request-id", "one", "--reference", "tenant-42")[0] == 0
    assert run("campaign", "bind", FREE, "CH5K5IZ")[0] == 0

    def release(answers: str, number: str = FREE) -> tuple[int, str]:
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal(answers))
        monkeypatch.setattr(sys, "stderr", terminal)
        return run("release", number)[0], terminal.getvalue()

    code, said = release("yes\nno\n")
    assert (code, said.count("Type yes")) == (Exit.INTERRUPTED, 2)
    assert "+12015550100: it was bought for 'tenant-42', it was bound to a campaign" in said
    code, said = release("yes\n", "2015550197")
    assert (code, said.count("Type yes")) == (0, 1)
    assert release("yes\nyes\n")[0] == 0
