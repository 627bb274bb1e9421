"""Errors for texts that are no phone numbers: what is wrong, and what would be right, without the text itself."""

from __future__ import annotations

from anycarrier import _nanp
from anycarrier.errors import InvalidNumber
from anycarrier.validation import shape

MAX_LENGTH = 250
"""Longer texts are refused by phonenumbers: so must the table, and what is done before asking it stays cheap."""


def not_text(value: object) -> InvalidNumber:
    """The error for a value that is no ``str``."""
    return InvalidNumber(f"a phone number must be text, such as '+12015550123', not {shape(value)}", reason="not_text")


def without_ten_digits(masked: str, exchange: str | None) -> InvalidNumber:
    """The error for a number, shown *masked*, without a ten-digit form; *exchange* is ``None`` outside the plan."""
    if exchange is None:
        return InvalidNumber(
            f"{masked} has no ten-digit form: it is not a number of the North American plan (+1 and ten digits); use "
            "its E.164 form",
            reason="not_nanp",
        )
    if exchange[0] < "2":
        problem = f"begins with {exchange[0]}; one that can be called from everywhere begins with 2 to 9"
    else:
        problem = f"is {exchange}, which is a service code and not an exchange in a geographic area code"
    return InvalidNumber(f"the exchange (digits four to six) of {masked} {problem}", reason="invalid_nxx")


def not_ten_digits(text: str) -> InvalidNumber:
    """The error for a text that should be exactly ten ASCII digits."""
    if any(not char.isascii() and char.isnumeric() for char in text):
        problem, reason = "has digits outside ASCII", "non_ascii"
    elif any(char.isalpha() for char in text):
        problem, reason = "has letters", "letters"
    elif not text.isdecimal():
        odd = (char for char in text if not char.isdecimal())
        problem, reason = f"has other characters than digits{named(*odd)}", "not_a_number"
    else:
        problem, reason = f"has {len(text)} digits", "too_short" if len(text) < 10 else "too_long"
    return InvalidNumber(
        f"{shape(text)} {problem}; exactly ten digits are expected here, such as 2015550123",
        reason=reason,
    )


def no_such_exchange(national: str) -> InvalidNumber:
    """The error for ten digits whose exchange, or whose area code, does not exist."""
    npa = national[:3]
    if npa not in _nanp.WHOLE and npa not in _nanp.PARTIAL:
        return no_such_area_code(national)
    return InvalidNumber(
        f"the area code {npa} of {shape(national)} has no exchange (digits four to six) with these digits; "
        "an exchange begins with 2 to 9",
        reason="invalid_nxx",
    )


def no_such_area_code(national: str) -> InvalidNumber:
    """The error for ten digits whose area code does not exist."""
    npa = national[:3]
    if npa[0] in "01":
        problem = f"begins with {npa[0]}; an area code begins with 2 to 9"
    elif npa[1:] == "11":
        problem = f"is {npa}, which is a service code"
    else:
        problem = f"is {npa}, which is not in use"
    return InvalidNumber(f"the area code of {shape(national)} {problem}", reason="invalid_npa")


def has_letters(text: str) -> InvalidNumber:
    """The error for a text with letters."""
    return InvalidNumber(
        f"{shape(text)} has letters{named(*filter(str.isalpha, text))}; write digits only, without words or a tel: "
        "prefix, and convert a number spelled as a word to digits first",
        reason="letters",
    )


def named(*chars: str) -> str:
    """The first of *chars* that people may not see or not tell apart, in brackets; ``""`` where there is none."""
    odd = next((char for char in chars if not (char.isascii() and char.isprintable())), None)
    if odd is None:
        return ""
    from unicodedata import name

    return f" (U+{ord(odd):04X}{' ' if name(odd, '') else ''}{name(odd, '')})"
