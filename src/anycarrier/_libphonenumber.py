"""phonenumbers, the Python edition of libphonenumber, for the numbers that the table does not settle.

It is imported for the first of them: it is slow to import and to call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from anycarrier import _nanp
from anycarrier._number_refusals import MAX_LENGTH, has_letters, named, no_such_exchange
from anycarrier.errors import InvalidNumber
from anycarrier.validation import shape

if TYPE_CHECKING:
    import phonenumbers

Parse = Callable[[str, str | None], str]
"""Parses a text of a region, by the table where it can."""

# What phonenumbers takes for separators and is neither a space nor a dash, and the plus sign that it reads.
_IN_ASCII = str.maketrans(
    {
        "\N{MINUS SIGN}": "-", "\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}": "-", "\N{FULLWIDTH PLUS SIGN}": "+",
        "\N{FULLWIDTH FULL STOP}": ".", "\N{FULLWIDTH SOLIDUS}": "/", "\N{FULLWIDTH LEFT PARENTHESIS}": "(",
        "\N{FULLWIDTH RIGHT PARENTHESIS}": ")", "\N{FULLWIDTH LEFT SQUARE BRACKET}": "[",
        "\N{FULLWIDTH RIGHT SQUARE BRACKET}": "]", "\N{SWUNG DASH}": "-", "\N{TILDE OPERATOR}": "-",
    }
)  # fmt: skip


@cache
def is_newer_than_table() -> bool:
    """Return whether the installed phonenumbers may know area codes that the table does not."""
    from importlib.metadata import version  # phonenumbers itself takes long to load

    installed, known = (
        tuple(int(part) for part in text.split(".") if part.isdecimal())
        for text in (version("phonenumbers"), _nanp.PHONENUMBERS_VERSION)
    )
    return installed > known


def e164(text: str, region: str | None, parse: Parse) -> str:
    """The E.164 form according to phonenumbers."""
    if len(text) > MAX_LENGTH:
        raise InvalidNumber(
            f"a text of {len(text)} characters is not a phone number, which has at most 15 digits",
            reason="too_long",
        )
    if not text.isascii():
        digit = next((char for char in text if not char.isascii() and char.isnumeric()), None)
        if digit is not None:
            raise InvalidNumber(
                f"{shape(text)} has digits outside ASCII{named(digit)}; write the digits 0 to 9",
                reason="non_ascii",
            )
        plain = _with_ascii_separators(text)
        if plain.isascii():
            return parse(plain, region)
        text = plain
    import phonenumbers

    letters = any(char.isalpha() for char in text)
    try:
        # A plus sign stands for the international prefix. Given a region, phonenumbers looks for one after it too.
        parsed = phonenumbers.parse(text, None if _has_plus(text) else region)
    except phonenumbers.NumberParseException as error:
        if letters:
            raise has_letters(text) from None
        raise _of_abroad(text, region, parse) or _unreadable(text, region, error.error_type) from None
    if parsed.extension:
        raise InvalidNumber(
            f"{shape(text)} has an extension; give the number alone, without what to dial afterwards",
            reason="extension",
        )
    if letters:
        raise has_letters(text)
    if parsed.country_code == 1 and _is_doubled(text, region):
        raise InvalidNumber(
            f"{shape(text)} has the country code 1 twice; write it once, such as +12015550123",
            reason="doubled_country_code",
        )
    if not phonenumbers.is_valid_number(parsed):
        raise _of_abroad(text, region, parse) or _bad_number(text, parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _with_ascii_separators(text: str) -> str:
    """The text without characters that only format it, and with each space, dash and full-width mark in ASCII."""
    from unicodedata import category

    kinds = {"Zs": " ", "Pd": "-", "Cf": ""}
    text = "".join(kinds.get(category(char), char) for char in text if char.isascii() or category(char) != "Cf")
    return text.strip().translate(_IN_ASCII)


def _has_plus(text: str) -> bool:
    """Return whether the first thing in the text that counts is a plus sign."""
    return next((char == "+" for char in text if char == "+" or char.isdecimal()), False)


def _is_doubled(text: str, region: str | None) -> bool:
    """Return whether a text read as country code 1 writes that code twice: no area code begins with 1."""
    from phonenumbers.phonemetadata import PhoneMetadata

    digits = "".join(char for char in text if char.isdecimal())
    if not _has_plus(text):
        metadata = None if region is None else PhoneMetadata.metadata_for_region(region)
        if metadata is not None and metadata.international_prefix:
            import re

            # The prefix may itself end in 1 (as 011 does), so it must go before the ones are counted.
            prefix = re.match(metadata.international_prefix, digits)
            if prefix is not None:
                digits = digits[prefix.end() :]
    return len(digits) == 12 and digits.startswith("11")


def facts(number: str) -> tuple[str | None, str]:
    """Country and type according to phonenumbers."""
    import phonenumbers

    parsed = phonenumbers.parse(number, None)
    kind = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed)).lower()
    if kind == "personal_number":
        kind = "personal"
    country = phonenumbers.region_code_for_number(parsed)
    if kind == "toll_free" or country == "001":
        return None, kind
    if parsed.country_code == 1:
        holders = [name for name in _nanp.REGIONS if phonenumbers.is_valid_number_for_region(parsed, name)]
        if len(holders) != 1:
            return None, kind
    return country, kind


def _of_abroad(text: str, region: str | None, parse: Parse) -> InvalidNumber | None:
    """That a text begins with the international prefix of another country, if nothing but that is wrong with it."""
    digits = "".join(char for char in text if char.isdecimal())
    prefix = next((prefix for prefix in ("011", "00") if digits.startswith(prefix)), None)
    if prefix is None or _has_plus(text):
        return None
    try:
        parse("+" + digits.removeprefix(prefix), "US")
    except InvalidNumber:
        return None
    if region is None:
        problem, reason = f"begins with {prefix}, and without a region that means nothing", "no_region"
    else:
        problem = f"begins with {prefix}, and calls abroad do not begin so in the region {str(region)[:10]!r}"
        reason = "invalid_prefix"
    return InvalidNumber(f"{shape(text)} {problem}; write + in its place", reason=reason)


def _unreadable(text: str, region: str | None, error_type: int) -> InvalidNumber:
    """Why phonenumbers could not read a text at all."""
    from phonenumbers import SUPPORTED_REGIONS, NumberParseException

    shown = shape(text)
    if error_type == NumberParseException.INVALID_COUNTRY_CODE:
        if _has_plus(text):
            digits = "".join(char for char in text if char.isdecimal())
            if digits[0] == "0":
                problem = "has 0 after the plus sign, and no country code begins with 0; write it such as +12015550123"
            else:
                problem = "begins with a country code that does not exist"
            reason = "invalid_country_code"
        elif region is None:
            problem = "has no country code; write the international form, such as +12015550123"
            reason = "no_region"
        elif region not in SUPPORTED_REGIONS:
            problem = (
                f"has no country code, and the region {str(region)[:10]!r} is not known; "
                "write the international form, or give a region by its two capital letters, such as 'US'"
            )
            reason = "no_region"
        else:
            problem = "begins as an international call to a country code that does not exist"
            reason = "invalid_country_code"
    elif error_type in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD):
        problem, reason = "has too few digits for a phone number", "too_short"
    elif error_type == NumberParseException.TOO_LONG:
        problem, reason = "has too many digits for a phone number", "too_long"
    else:
        problem = f"is not a phone number{named(*text)}; write it such as +12015550123 or (201) 555-0123"
        reason = "not_a_number"
    return InvalidNumber(f"{shown} {problem}", reason=reason)


def _bad_number(text: str, parsed: phonenumbers.PhoneNumber) -> InvalidNumber:
    """Why phonenumbers does not think that a number it could read is valid."""
    import phonenumbers

    national = phonenumbers.national_significant_number(parsed)
    code = parsed.country_code
    if code == 1:
        if len(national) == 10:
            return no_such_exchange(national)
        problem = f"has {len(national)} digits after the country code 1; a North American number has ten"
        return InvalidNumber(
            f"{shape(text)} {problem}",
            reason="too_short" if len(national) < 10 else "too_long",
        )
    verdict = phonenumbers.is_possible_number_with_reason(parsed)
    if verdict in (
        phonenumbers.ValidationResult.TOO_SHORT,
        phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    ):
        problem, reason = f"has too few digits for the country code {code}", "too_short"
    elif verdict == phonenumbers.ValidationResult.TOO_LONG:
        problem, reason = f"has too many digits for the country code {code}", "too_long"
    else:
        problem, reason = f"is in no range of numbers that the country code {code} has", "not_valid"
    return InvalidNumber(f"{shape(text)} {problem}", reason=reason)


def national_digits(number: str) -> str:
    """The digits after the country code."""
    import phonenumbers

    return phonenumbers.national_significant_number(phonenumbers.parse(number))
