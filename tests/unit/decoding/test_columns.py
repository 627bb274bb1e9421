"""Columns of numbers are read as each of their numbers is."""

from __future__ import annotations

from anycarrier.decoding import fields
from anycarrier.numbers import PhoneNumber


def test_a_column_of_ten_digit_numbers_is_read_as_each_of_them() -> None:
    texts = ["2015550123", "8005550100", "6585550123"]
    many = fields._ten_digits
    for more in ([], ["9995550123"], ["2425550100"]):
        assert many([*texts, *more]) == [fields._ten_digit(text) for text in [*texts, *more]]
    assert {type(number) for number in many(texts) or ()} == {PhoneNumber}
    for odd in (
        "2011550123",
        "201555012",
        "20155501234",
        "201555012a",
        "0015550123",
        "\u0662015550123",
        "",
        "2015550123,2015550123",
        ",",
    ):
        assert many([*texts, odd]) is None
    assert many([]) == []


def test_a_column_of_e164_numbers_is_read_as_each_of_them() -> None:
    texts = ["+12015550123", "+18005550100", "+18009110123"]
    many = fields._e164s
    for more in ([], ["+442079460018", "+16585550123"], ["+19995550123"]):
        assert many([*texts, *more]) == [fields._e164(text) for text in [*texts, *more]]
    assert all(type(number) is PhoneNumber for number in many([*texts, "+442079460018"]) or ())
    for odd in (
        "2015550123",
        "+1201555012",
        "+120155501234",
        "+1201555012a",
        "+10015550123",
        "+1201555012\u0663",
        "",
        "12015550123+",
        "+22015550123",
        "+12015550123,+12015550123",
        ",",
    ):
        assert many([odd, *texts]) is None
        assert many([*texts, odd]) is None
    assert many([]) == []


def test_a_column_of_numbers_in_any_form_is_read_as_each_of_them() -> None:
    texts = ["+12015550123", "+18005550100"]
    for more in ([], ["2015550124", "(201) 555-0125"], ["+442079460018"], ["+19995550123"]):
        assert fields._any_numbers([*texts, *more]) == [fields._any_number(text) for text in [*texts, *more]]
    assert fields._any_numbers([*texts, "12"]) is None
