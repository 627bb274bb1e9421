"""Tables: they stream, fit the terminal, and never break a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier.cli import output
from anycarrier.cli.output import Output
from anycarrier.cli.table import LOOKAHEAD, NARROWEST, Column, block, columns_of, lines, wrap

NUMBER = "+12015550123"
PURCHASE = (
    Column("request"),
    Column("state", wraps=True),
    Column("number"),
    Column("ten digits"),
    Column("provider"),
    Column("price"),
    Column("since"),
    Column("why", wraps=True),
)
ROW = (
    "customer-42-of-today",
    "bought",
    NUMBER,
    NUMBER[2:],
    "lc_phone",
    "1.15 USD",
    "2026-11-20 08:23:45Z",
    "found on it, calls forwarded to +12125550199 and texts to https://example.com/texts/+12125550142/in",
)


@pytest.mark.parametrize("width", [40, 80, 200, None])
def test_a_number_is_never_cut_in_two(
    width: int | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_width", lambda: width)
    Output().table(PURCHASE, [ROW, ROW])
    out = capsys.readouterr().out
    for number in (NUMBER, NUMBER[2:], "+12125550199", "+12125550142"):
        assert len(re.findall(rf"(?<![\d+]){re.escape(number)}(?!\d)", out)) >= 2, out
    assert width is None or all(len(line) <= width for line in out.splitlines()), out


@pytest.mark.parametrize("width", [40, 80, 200, None])
def test_facts_keep_numbers_whole_too(
    width: int | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_width", lambda: width)
    Output().facts({"number": NUMBER, "empty": None, "routes": f"calls forwarded to +12125550199, texts to {ROW[-1]}"})
    out = capsys.readouterr().out
    assert out.startswith(f"number  {NUMBER}\nroutes  calls forwarded to")
    assert "+12125550199" in out
    assert width is None or all(len(line) <= width for line in out.splitlines()), out


def test_the_first_row_is_out_before_the_last_one_is_read() -> None:
    read = 0

    def rows() -> Iterator[tuple[str, str]]:
        nonlocal read
        for place in range(1000):
            read += 1
            yield (f"+1201555{100 + place % 100:04}", "Newark")

    drawn = lines((Column("number"), Column("city", wraps=True)), rows(), 80)
    assert [next(drawn) for _ in range(3)][2].startswith("+12015550100")
    assert read == LOOKAHEAD
    assert len(list(drawn)) == 999


def test_rows_that_were_read_before_an_error_are_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    def rows() -> Iterator[tuple[str]]:
        yield (NUMBER,)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Output().table((Column("number"),), rows())
    assert NUMBER in capsys.readouterr().out


def test_a_column_without_values_is_left_out_and_a_late_value_is_drawn_below_its_row() -> None:
    rows = [(NUMBER, None)] * LOOKAHEAD + [(NUMBER, "main line")]
    drawn = list(lines((Column("number"), Column("label", wraps=True)), iter(rows), 80))
    assert drawn[0] == "number"
    assert drawn[-2:] == [NUMBER, "  label  main line"]


def test_a_late_value_that_is_too_wide_for_its_column_keeps_its_row_whole() -> None:
    columns = (Column("number"), Column("ten digits"), Column("why", wraps=True))
    rows = [("+1201555010", "x", "short")] * LOOKAHEAD + [(NUMBER, NUMBER[2:], "short")]
    drawn = list(lines(columns, iter(rows), 80))
    assert drawn[-3:] == [f"number      {NUMBER}", f"ten digits  {NUMBER[2:]}", "why         short"]


def test_a_column_of_short_words_is_narrow_until_a_number_comes() -> None:
    columns = (Column("number"), Column("can", wraps=True), Column("why", wraps=True))
    rows = [(NUMBER, "mms, sms, voice", "a b")] * LOOKAHEAD + [(NUMBER, f"forwards to {NUMBER}", "a b")]
    drawn = list(lines(columns, iter(rows), 24))
    assert drawn[2:5] == [f"{NUMBER}  mms,   a b", "              sms,", "              voice"]
    assert drawn[-4:] == [f"number  {NUMBER}", "can     forwards to", f"        {NUMBER}", "why     a b"]


def test_a_list_is_as_wide_as_its_widest_row() -> None:
    rows = [("search", "yes")] * LOOKAHEAD + [("search.postal_code", "no")]
    drawn = list(lines((Column("feature"), Column("can")), rows, 80))
    assert {line.rindex(word) for line in drawn for word in line.split()[1:]} == {len("search.postal_code  ")}


def test_columns_that_do_not_fit_side_by_side_make_blocks() -> None:
    drawn = list(lines(PURCHASE, [ROW, ROW], 40))
    assert drawn[:2] == ["request     customer-42-of-today", "state       bought"]
    assert drawn.count("") == 1


def test_wide_letters_take_two_columns_and_marks_none() -> None:
    assert columns_of("Ōtsu") == 4
    assert columns_of("大津") == 4
    assert columns_of("e\u0301") == 1
    drawn = list(lines((Column("city"), Column("state")), [("大津", "JP"), ("Newark", "NJ")], 80))
    assert drawn[2:] == ["大津    JP", "Newark  NJ"]


@pytest.mark.parametrize("width", [1, 10, 20])
def test_a_terminal_too_narrow_for_anything_still_shows_numbers_whole(width: int) -> None:
    drawn = list(lines(PURCHASE, [ROW], width))
    assert NUMBER in "\n".join(drawn)
    assert list(block([("number", NUMBER)], width)) == (["number", f"  {NUMBER}"])


NUMBERS = st.integers(10**6, 10**15 - 1).map(lambda digits: f"+{digits}")
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=30)
TEXTS = st.lists(NUMBERS | WORDS | st.tuples(WORDS, NUMBERS).map("/".join), max_size=6).map(" ".join)


@pytest.mark.slow
@pytest.mark.usefixtures("without_coverage")
@given(
    st.lists(st.tuples(NUMBERS, TEXTS, TEXTS), min_size=1, max_size=2 * LOOKAHEAD),
    st.sampled_from([40, 80, 200]) | st.integers(40, 220),
)
def test_any_table_at_any_width_has_every_word_and_every_number_whole(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    columns = (Column("number"), Column("routes", wraps=True), Column("label", wraps=True))
    drawn = "\n".join(lines(columns, rows, width))
    assert all(columns_of(line) <= width for line in drawn.splitlines())
    words = drawn.split()
    for number, *texts in rows:
        assert number in words
        for found in re.findall(r"(?<![^\s/])\+[0-9]{7,15}(?![^\s/])", " ".join(texts)):
            assert found in drawn
    piped = list(lines(columns, rows, None))
    assert len([line for line in piped[2:] if not line.startswith("  ")]) == len(rows)


@pytest.mark.slow
@given(TEXTS, st.integers(NARROWEST, 100))
def test_wrapped_text_loses_nothing(text: str, width: int) -> None:
    made = wrap(text, width)
    assert "".join("".join(made).split()) == "".join(text.split())
    assert all(columns_of(line) <= width for line in made)
