"""Numbers in any form that a spreadsheet makes of them."""

from __future__ import annotations

import pytest

from anycarrier.errors import InvalidInput, InvalidNumber
from anycarrier.number_files import number_in_cell


@pytest.mark.parametrize(
    "cell",
    [
        "2015550123",
        "12015550123",
        "+12015550123",
        "(201) 555-0123",
        "201.555.0123",
        "2015550123.0",
        "12015550123.00",
        "2015550123,0",
        "2,015,550,123",
        "2.015.550.123",
        "12,015,550,123",
        "2 015 550 123",
        "2\u202f015\u202f550\u202f123",
        '="2015550123"',
        "'2015550123",
        "'+12015550123",
        "\ufeff2015550123\u00a0",
        "\u202a+12015550123\u202c",
    ],
)
def test_a_north_american_number_is_read(cell: str) -> None:
    assert number_in_cell(cell) == "+12015550123"


def test_a_number_of_another_country_has_lost_its_sign() -> None:
    assert number_in_cell("442079460018") == number_in_cell("+44 20 7946 0018") == "+442079460018"
    assert number_in_cell("442079460018.0") == "+442079460018"


def test_a_number_of_an_area_code_newer_than_the_table_is_one() -> None:
    assert number_in_cell("3875550123") == number_in_cell("13875550123") == "+13875550123"


@pytest.mark.parametrize("cell", ["2.01556E+09", "2,01556E+09", "1.20156e10", "2E9", "+2.01556E+09", '="2.01556E+09"'])
def test_scientific_notation_is_refused_whatever_it_says(cell: str) -> None:
    with pytest.raises(InvalidNumber, match="scientific notation") as caught:
        number_in_cell(cell)
    assert "01556" not in str(caught.value)


@pytest.mark.parametrize("cell", ["", "201555", "1,234", "2.015.550", "none", "2015550123.5", "0012015550123"])
def test_anything_else_is_none(cell: str) -> None:
    with pytest.raises(InvalidInput):
        number_in_cell(cell)
