"""Numbers as documents, contact cards and keyboards write them: what is dropped, what separates, what is refused."""

from __future__ import annotations

import functools
import sys
import unicodedata
from typing import Any

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anycarrier.errors import InvalidInput
from anycarrier.numbers import InvalidNumber, PhoneNumber, from_ten_digit

EXAMPLE = "+12015550123"


@functools.cache
def of(*categories: str) -> list[str]:
    """Every character of these Unicode categories."""
    return [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in categories]


def formatting() -> list[str]:
    return of("Cf")


def separators() -> list[str]:
    return [*of("Zs", "Pd"), "\N{MINUS SIGN}"]


LINE_BREAKS = ["\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]


def refusal(text: Any, region: Any = "US") -> InvalidNumber:
    with pytest.raises(InvalidNumber) as caught:
        PhoneNumber(text, region=region)
    return caught.value


@pytest.mark.slow
@pytest.mark.parametrize("form", ["{}+12015550123", "+1{}2015550123", "(201){}555{}0123", "201{}555-0123{}"])
def test_characters_that_format_are_dropped_and_unicode_separators_separate(form: str) -> None:
    for char in [*formatting(), *separators()]:
        if not (char in separators() and form.endswith("0123{}")):
            assert PhoneNumber(form.replace("{}", char)) == EXAMPLE, f"U+{ord(char):04X}"


def test_a_number_may_be_wrapped_in_marks_and_line_breaks() -> None:
    assert PhoneNumber("\ufeff\u202a(201)\u202f555\u20110123\u202c\r\n") == EXAMPLE
    assert PhoneNumber("\u2066+44\u00a020\u20097946\u202f0018\u2069") == "+442079460018"
    assert PhoneNumber("020\u20117946\u200b 0018", region="GB") == "+442079460018"


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("\u2028", "U+2028 LINE SEPARATOR"),
        ("\u2800", "U+2800 BRAILLE PATTERN BLANK"),
        ("\u3164", "U+3164 HANGUL FILLER"),
        ("\ufe0f", "U+FE0F VARIATION SELECTOR-16"),
        ("\x00", "U+0000"),
        ("\x85", "U+0085"),
        ("\u0430", "U+0430 CYRILLIC SMALL LETTER A"),
        ("\u2022", "U+2022 BULLET"),
        ("\ue000", "U+E000"),
        ("\ud800", "U+D800"),
        ("\n", "U+000A"),
        ("\uff15", "U+FF15 FULLWIDTH DIGIT FIVE"),
    ],
)
def test_a_character_that_is_refused_is_named(char: str, name: str) -> None:
    assert f"({name})" in str(refusal(f"201{char}555-0123"))
    with pytest.raises(InvalidNumber) as caught:
        from_ten_digit(f"201{char}555012")
    if caught.value.reason == "not_a_number":
        assert f"({name})" in str(caught.value)


@pytest.mark.parametrize("char", LINE_BREAKS)
def test_a_line_break_separates_no_digits(char: str) -> None:
    assert PhoneNumber(f"{char}2015550123{char}") == EXAMPLE
    assert refusal(f"201{char}555{char}0123").reason == "not_a_number"


@pytest.mark.parametrize("region", ["US", "GB", "RU", "AU", "CU", None])
@pytest.mark.parametrize("prefix", ["0", "00", "011", "0011", "01", "810", "8~10", "119", "0 11"])
@pytest.mark.parametrize("plus", ["+", "++", "(+", "\N{FULLWIDTH PLUS SIGN}", "\u200e+ ", "\u260e +"])
def test_after_a_plus_sign_nothing_is_an_international_prefix(plus: str, prefix: str, region: str | None) -> None:
    for rest in ("2015550123", "12015550123", "442079460018", " 201 555 0123"):
        text = f"{plus}{prefix}{rest}"
        try:
            number = PhoneNumber(text, region=region)
        except InvalidNumber:
            continue
        digits = "".join(char for char in text if char.isdecimal())
        # The digits are a number themselves. A 0 after the country code is the national prefix, as in +44 (0)20.
        assert number.replace("0", "") == f"+{digits}".replace("0", ""), text


def test_a_zero_after_the_plus_sign_is_told() -> None:
    error = refusal("+011 201 555 0123")
    assert error.reason == "invalid_country_code"
    assert "has 0 after the plus sign" in str(error)


@pytest.mark.parametrize(
    ("text", "region", "prefix"),
    [
        ("0012015550123", "US", "00"),
        ("00 44 20 7946 0018", "US", "00"),
        ("011 1 201 555 0123", "GB", "011"),
        ("011 1 201 555 0123", "AU", "011"),
    ],
)
def test_the_international_prefix_of_another_country_is_told(text: str, region: str, prefix: str) -> None:
    error = refusal(text, region)
    assert error.reason == "invalid_prefix"
    assert f"begins with {prefix}, and calls abroad do not begin so in the region '{region}'" in str(error)
    assert "write + in its place" in str(error)
    assert PhoneNumber("+" + text.removeprefix(prefix).strip())


def test_without_a_region_a_prefix_means_nothing() -> None:
    error = refusal("0012015550123", None)
    assert error.reason == "no_region"
    assert "write + in its place" in str(error)


@pytest.mark.parametrize("region", [5, b"US", [], {}, 1.5, True, object()])
@pytest.mark.parametrize("text", ["2015550123", "(201) 555-0123", "nothing", "020 7946 0018"])
def test_a_region_is_text(text: str, region: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^region must be two capitals"):
        PhoneNumber(text, region=region)


digits = st.sampled_from(["12015550123", "2015550123", "442079460018", "02079460018", "0012015550123", "61212345678"])
between = st.sampled_from(
    ["", "", "", "", " ", "-", ".", "(", ")", "/", "\u200b", "\u00ad", "\u2011", "\u3000", "\uff08", "\u2053", "\u260e"]
)


@st.composite
def written(draw: st.DrawFn) -> str:
    text = "".join(digit + draw(between) for digit in draw(digits))
    return draw(st.sampled_from(["", "+", "\uff0b", "\ufeff", "(", " "])) + text


@pytest.mark.slow
@given(written(), st.sampled_from(["US", "GB", "AU", None]))
@settings(max_examples=600, deadline=None, derandomize=True)
def test_what_is_read_is_what_phonenumbers_reads(text: str, region: str | None) -> None:
    """And what phonenumbers reads is read, apart from what the module's docstring says."""
    plain = "".join(char for char in text if char not in formatting())
    try:
        parsed = phonenumbers.parse(plain, region)
        if not phonenumbers.is_valid_number(parsed) or parsed.extension:
            raise phonenumbers.NumberParseException(1, "not valid")
        right = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        refusal(text, region)
        return
    after_plus = plain.lstrip("( ")[:2] in ("+0", "\uff0b0")
    if after_plus:
        assert refusal(text, region).reason == "invalid_country_code"
    else:
        assert PhoneNumber(text, region=region) == right
