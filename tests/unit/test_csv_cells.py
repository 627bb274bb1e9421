"""Cells that no spreadsheet runs and no terminal obeys."""

from __future__ import annotations

import pytest

from anycarrier.csv_cells import inert, original

FORMULAS = ("=1+1", "+1+cmd", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "'x", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_text(text: str) -> None:
    assert inert(text)[0] not in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("text", [one for one in FORMULAS if one == one.strip() and one.isprintable()])
def test_the_text_of_a_cell_comes_back(text: str) -> None:
    assert original(inert(text)) == text


@pytest.mark.parametrize("text", ["+12015550123", "-1.50", "1", "plain", "", "a=b"])
def test_numbers_amounts_and_plain_text_stay(text: str) -> None:
    assert inert(text) == original(text) == text


def test_control_characters_are_written_out() -> None:
    assert inert("a\x1b[31m\u202eb\ud800") == "a\\u001b[31m\\u202eb\\ud800"
