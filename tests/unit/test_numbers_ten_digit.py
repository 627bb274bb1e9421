"""The ten-digit form of a number, there and back."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anycarrier import _nanp
from anycarrier.numbers import InvalidNumber, PhoneNumber, from_ten_digit, to_ten_digit


def unsplit_pairs() -> list[str]:
    """NPA-NXX pairs with a ten-digit form, all of whose line numbers are valid."""
    pairs = []
    for npa in sorted({*_nanp.FULL, *_nanp.PARTIAL}):
        for nxx in range(200, 1000):
            try:
                to_ten_digit(f"{npa}{nxx}0123")
                to_ten_digit(f"{npa}{nxx}9876")
            except InvalidNumber:
                continue
            pairs.append(f"{npa}{nxx}")
    return pairs


ten_digits = st.deferred(
    lambda: st.builds(lambda pair, line: f"{pair}{line:04}", st.sampled_from(unsplit_pairs()), st.integers(0, 9999))
)


@pytest.mark.slow
@pytest.mark.usefixtures("without_coverage")
@given(ten_digits)
@settings(max_examples=500, deadline=None)
def test_ten_digit_round_trip(digits: str) -> None:
    number = from_ten_digit(digits)
    assert number == f"+1{digits}"
    assert type(number) is PhoneNumber
    assert to_ten_digit(number) == number.ten_digit == digits
    assert type(number.ten_digit) is str
    assert from_ten_digit(to_ten_digit(number)) == number
    for text in (f"+1{digits}", digits, f"({digits[:3]}) {digits[3:6]}-{digits[6:]}", f"1-{digits}\n"):
        assert to_ten_digit(text) == digits


@pytest.mark.slow
@given(st.text(alphabet="0123456789", min_size=10, max_size=10))
@settings(max_examples=500, deadline=None)
def test_ten_digits_are_refused_or_come_back(digits: str) -> None:
    try:
        number = from_ten_digit(digits)
    except InvalidNumber as error:
        reason = error.reason
        with pytest.raises(InvalidNumber, match=r"area code|exchange"):
            to_ten_digit(f"+1{digits}")
    else:
        assert to_ten_digit(number) == digits
        return
    assert reason in {"invalid_npa", "invalid_nxx"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_a_number"),
        ("201555012", "too_short"),
        ("20155501234", "too_long"),
        ("12015550123", "too_long"),
        ("+12015550123", "not_a_number"),
        ("(201) 555-0123", "not_a_number"),
        ("2015550123\n", "not_a_number"),
        (" 2015550123", "not_a_number"),
        ("201555012 ", "not_a_number"),
        ("20155501AB", "letters"),
        ("201555012\u0663", "non_ascii"),
        ("\uff12\uff10\uff11\uff15\uff15\uff15\uff10\uff11\uff12\uff13", "non_ascii"),
        ("0112015550", "invalid_npa"),
        ("1201555012", "invalid_npa"),
        ("9115550123", "invalid_npa"),
        ("9995550123", "invalid_npa"),
        ("2010550123", "invalid_nxx"),
        ("2011550123", "invalid_nxx"),
        ("2019110123", "invalid_nxx"),
        ("2014110123", "invalid_nxx"),
        ("8090110123", "invalid_nxx"),
    ],
)
def test_from_ten_digit_refusals(text: str, reason: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        from_ten_digit(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("+442079460018", "not_nanp"),
        ("+1 201 911 0123", "invalid_nxx"),
        ("+1 809 011 0123", "invalid_nxx"),
        ("+1 800 141 0123", "invalid_nxx"),
        ("+1 911 555 0123", "invalid_npa"),
        ("+1 1 201 555 0123", "doubled_country_code"),
        ("201-555-0123 x4", "extension"),
    ],
)
def test_to_ten_digit_refusals(text: str, reason: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        to_ten_digit(text)
    assert caught.value.reason == reason


def test_service_codes_as_exchanges() -> None:
    # Valid for phonenumbers, hence a number; but nothing a carrier could be asked for in ten digits.
    for first in range(2, 10):
        number = PhoneNumber(f"+1201{first}110123")
        assert number.nxx == f"{first}11"
        with pytest.raises(InvalidNumber, match="service code"):
            number.ten_digit  # noqa: B018
        # Toll-free area codes have such exchanges.
        assert from_ten_digit(f"800{first}110123").is_toll_free


def test_canadian_numbers_of_seven_digits() -> None:
    # Dialled without an area code, all over Canada; valid for phonenumbers, and not of ten digits.
    example = phonenumbers.example_number_for_type("CA", phonenumbers.PhoneNumberType.UAN)
    assert example is not None
    number = PhoneNumber(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
    assert (len(number), number.is_nanp, number.npa, number.country) == (9, False, None, "CA")
    assert number.masked == f"+1*****{number[-2:]}"
    with pytest.raises(InvalidNumber) as caught:
        to_ten_digit(number)
    assert caught.value.reason == "not_nanp"


def test_to_ten_digit_takes_a_region() -> None:
    assert to_ten_digit("2015550123", region="CA") == "2015550123"
    with pytest.raises(InvalidNumber) as caught:
        to_ten_digit("2015550123", region=None)
    assert caught.value.reason == "no_region"
