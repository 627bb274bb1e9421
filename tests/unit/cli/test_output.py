"""Machine output: JSON and CSV are exact and complete, and safe to open."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier import Money
from anycarrier.cli.json_output import record
from anycarrier.cli.output import Output, View
from anycarrier.cli.table import Column


def written(fields: list[str], records: list[dict[str, Any]]) -> str:
    """The CSV of *records*."""
    before, sys.stdout = sys.stdout, io.StringIO(newline="")
    try:
        Output("csv").rows(fields, records)
        return sys.stdout.getvalue()  # type: ignore[attr-defined,no-any-return]
    finally:
        sys.stdout = before


def test_csv_has_a_header_and_ends_lines_as_rfc_4180_says() -> None:
    made = written(["number", "city", "price"], [{"number": "+12015550123", "city": 'New "Ark", NJ'}])
    assert made == 'number,city,price,price_currency\r\n+12015550123,"New ""Ark"", NJ",,\r\n'
    assert written(["number"], []) == "number\r\n"


def test_amounts_flags_times_and_lists_are_exact() -> None:
    price = record(Money("1.150"))
    rows = [{"price": price, "open": True, "label": None, "routes": [{"kind": "NoForward"}], "limit": -3}]
    made = written(["price", "open", "label", "routes", "limit"], rows)
    (row,) = csv.DictReader(io.StringIO(made, newline=""))
    assert row == {
        "price": "1.150",
        "price_currency": "USD",
        "open": "true",
        "label": "",
        "routes": '[{"kind": "NoForward"}]',
        "limit": "-3",
    }


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\n=1", "\uff1d1+1", "'quoted", "-", "+1 201"]
)
def test_text_that_a_spreadsheet_would_run_gets_a_quote_that_can_be_removed(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(written(["label"], [{"label": text}]), newline=""))
    assert row["label"] == f"'{text}"


def test_control_characters_are_shown_and_do_nothing() -> None:
    made = written(["label"], [{"label": "\x1b]0;owned\x07\u202e\x9b31m\r"}])
    assert made == "label\r\n\\u001b]0;owned\\u0007\\u202e\\u009b31m\\u000d\r\n"
    made = written(["raw"], [{"raw": {"label": "\x1b[2J\u202e"}}])
    (row,) = csv.DictReader(io.StringIO(made, newline=""))
    assert json.loads(row["raw"]) == {"label": "\x1b[2J\u202e"}


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_records_are_written_before_the_last_one_is_read(form: str, capfd: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []

    def records() -> Iterator[str]:
        for place in range(100):
            yield f"+120155501{place:02}"
            seen.append(capfd.readouterr().out)  # what has really left, not what a buffer holds

    view = View((Column("number"),), lambda one: (one,), ("number",), lambda one: {"number": one})
    Output(form).show(view, records())
    assert "+12015550100" in "".join(seen[:-1])


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")))


@pytest.mark.slow
@given(st.lists(st.tuples(PLAIN, PLAIN, st.integers()), max_size=5))
def test_any_text_is_read_back_exactly(rows: list[tuple[str, str, int]]) -> None:
    made = written(
        ["label", "city", "count"], [dict(zip(("label", "city", "count"), row, strict=True)) for row in rows]
    )
    found = list(csv.DictReader(io.StringIO(made, newline="")))
    assert [(one["label"].removeprefix("'"), one["city"].removeprefix("'"), int(one["count"])) for one in found] == rows
    for row in found:
        assert not row["label"].startswith(("=", "@", "-=", "\t"))
