"""PhoneNumber: ways of writing that are read, and what a number says of itself."""

from __future__ import annotations

import pickle
from typing import Any

import phonenumbers
import pytest

from anycarrier import _nanp
from anycarrier.numbers import InvalidNumber, NumberType, PhoneNumber, from_ten_digit, to_ten_digit

EXAMPLE = PhoneNumber("+12015550123")


@pytest.mark.parametrize(
    "text",
    [
        "+12015550123",
        "12015550123",
        "2015550123",
        "(201) 555-0123",
        "(201)555-0123",
        "201-555-0123",
        "201.555.0123",
        "201 555 0123",
        "1-201-555-0123",
        "1 (201) 555-0123",
        "+1 201 555 0123",
        "+1 (201) 555-0123",
        "+1-201-555-0123",
        "011 1 201 555 0123",
        "201/555/0123",
        "[201] 555 0123",
        "201\u2013555\u20130123",
        "201\u00a0555\u00a00123",
        "\uff0b12015550123",
        "  2015550123  ",
        "\t+12015550123",
        "2015550123\n",
        "+12015550123\r\n",
        "(201) 555-0123\n",
    ],
)
def test_ways_of_writing_a_number(text: str) -> None:
    assert PhoneNumber(text) == EXAMPLE
    assert type(PhoneNumber(text)) is PhoneNumber


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("+44 20 7946 0018", "US", "+442079460018"),
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("00 1 201 555 0123", "GB", "+12015550123"),
        ("0011 1 201 555 0123", "AU", "+12015550123"),
        ("+12015550123", None, "+12015550123"),
        ("+1 (201) 555-0123", None, "+12015550123"),
        ("2015550123", "CA", "+12015550123"),
        ("2015550123", "JM", "+12015550123"),
    ],
)
def test_regions_and_other_countries(text: str, region: str | None, expected: str) -> None:
    assert PhoneNumber(text, region=region) == expected


def test_a_number_is_returned_as_it_is() -> None:
    assert PhoneNumber(EXAMPLE) is EXAMPLE
    assert PhoneNumber(EXAMPLE, region=None) is EXAMPLE


def test_any_other_str_subclass_is_parsed() -> None:
    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "not this"

    assert PhoneNumber(Text("2015550123")) == EXAMPLE
    assert from_ten_digit(Text("2015550123")) == EXAMPLE

    class Special(PhoneNumber):
        __slots__ = ()

    special = Special(EXAMPLE)
    assert type(special) is Special
    assert special == EXAMPLE
    assert PhoneNumber(special) is special
    assert repr(special) == "Special('+12015550123')"
    assert type(pickle.loads(pickle.dumps(EXAMPLE))) is PhoneNumber


@pytest.mark.parametrize("value", [None, 2015550123, b"+12015550123", 2015550123.0, ["+12015550123"]])
def test_only_text_is_parsed(value: Any) -> None:
    for read in (PhoneNumber, from_ten_digit, to_ten_digit):
        with pytest.raises(InvalidNumber, match=r"must be text, such as '\+12015550123', not [a-zN]") as caught:
            read(value)
        assert caught.value.reason == "not_text"


def test_fictional_numbers_are_valid() -> None:
    for npa in _nanp.FULL:
        for line in (100, 150, 199):
            assert PhoneNumber(f"+1{npa}5550{line}") == f"+1{npa}5550{line}"


# --- what a number says ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "country", "kind", "toll_free"),
    [
        ("+12015550123", "US", "fixed_line_or_mobile", False),
        ("+14165550123", "CA", "fixed_line_or_mobile", False),
        ("+17875550123", "PR", "fixed_line_or_mobile", False),
        ("+16585550123", "JM", "fixed_line", False),
        ("+18095550123", "DO", "fixed_line_or_mobile", False),
        ("+18005550123", None, "toll_free", True),
        ("+18335550123", None, "toll_free", True),
        ("+18885550123", None, "toll_free", True),
        ("+19005550123", None, "premium_rate", False),
        ("+15005550123", None, "personal", False),
        ("+15335550123", None, "personal", False),
        ("+16005550123", "CA", "voip", False),
        ("+442079460018", "GB", "fixed_line", False),
    ],
)
def test_country_and_type(text: str, country: str | None, kind: str, toll_free: bool) -> None:
    number = PhoneNumber(text)
    assert number.country == country
    assert number.type is NumberType(kind)
    assert number.is_toll_free is toll_free


def test_no_number_without_a_country_is_called_american() -> None:
    for npa in sorted(_nanp.FULL):
        number = PhoneNumber(f"+1{npa}5550123")
        parsed = phonenumbers.parse(number, None)
        assert number.country in {None, phonenumbers.region_code_for_number(parsed)}
        if number.type in {NumberType.TOLL_FREE, NumberType.PREMIUM_RATE}:
            assert number.country is None


def test_international_services_and_toll_free_abroad_have_no_country() -> None:
    service = PhoneNumber(phonenumbers.format_number(example_of_800(), phonenumbers.PhoneNumberFormat.E164))
    assert (service.country, service.is_toll_free, service.is_nanp) == (None, True, False)
    british = phonenumbers.example_number_for_type("GB", phonenumbers.PhoneNumberType.TOLL_FREE)
    assert british is not None
    number = PhoneNumber(phonenumbers.format_number(british, phonenumbers.PhoneNumberFormat.E164))
    assert (number.country, number.type) == (None, NumberType.TOLL_FREE)


def example_of_800() -> phonenumbers.PhoneNumber:
    found = phonenumbers.example_number_for_non_geo_entity(800)
    assert found is not None
    return found


def test_types_have_the_words_of_phonenumbers() -> None:
    theirs = phonenumbers.PhoneNumberType
    words = {theirs.to_string(kind).lower() for kind in theirs.values()}
    assert {kind.value for kind in NumberType} == words - {"personal_number"} | {"personal"}


def test_parts() -> None:
    assert (EXAMPLE.npa, EXAMPLE.nxx, EXAMPLE.is_nanp) == ("201", "555", True)
    assert EXAMPLE.e164 == "+12015550123"
    assert type(EXAMPLE.e164) is str
    abroad = PhoneNumber("+442079460018")
    assert (abroad.npa, abroad.nxx, abroad.is_nanp) == (None, None, False)


@pytest.mark.parametrize(
    ("text", "masked"),
    [("+12015550123", "+1201*****23"), ("+18005550123", "+1800*****23"), ("+442079460018", "+44********18")],
)
def test_masked(text: str, masked: str) -> None:
    assert PhoneNumber(text).masked == masked


@pytest.mark.slow
def test_every_kind_of_number_of_every_country() -> None:
    """Each example that phonenumbers has: accepted, stable, masked behind its country code."""
    seen = set()
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in phonenumbers.PhoneNumberType.values():
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None or not phonenumbers.is_valid_number(example):
                continue
            text = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            number = PhoneNumber(text, region=None)
            assert number == text
            assert pickle.loads(pickle.dumps(number)) == number
            code = f"+{example.country_code}"
            assert number.masked.startswith(code)
            assert len(number.masked) == len(number)
            shown = number.masked.removeprefix(code).rstrip("0123456789").rstrip("*")
            assert shown == (number.npa or "")
            national = PhoneNumber(phonenumbers.format_number(example, 2), region=region)
            if region not in {"AR", "MX"}:
                assert national == number
            assert number.type != NumberType.UNKNOWN
            seen.add(number.type)
            if number.country is not None and example.country_code != 1:
                assert number.country == phonenumbers.region_code_for_number(example)
    assert len(seen) == len(NumberType) - 1
