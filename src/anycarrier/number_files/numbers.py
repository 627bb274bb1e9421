"""Numbers as spreadsheets write them."""

from __future__ import annotations

import re

from anycarrier.hints import checked
from anycarrier.numbers import InvalidNumber, PhoneNumber, stated
from anycarrier.validation import shape

__all__ = ["number_in_cell", "ten_digits_or_e164"]

_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
_FORMULA = re.compile(r'="([^"]*)"')
_DECIMAL = re.compile(r"(\+?[0-9]{10,15})[.,]0+")
_THOUSANDS = re.compile(r"[0-9]{1,3}([,.' \u00a0\u202f])[0-9]{3}(\1[0-9]{3})+")


@checked
def number_in_cell(cell: str) -> PhoneNumber:
    """The number in a cell, in any form that a spreadsheet makes of one.

    Read are the usual ways of writing a number, and ``12015550123``, ``2015550123.0``, ``2,015,550,123``,
    ``="2015550123"``, ``'2015550123``, and E.164 without its plus sign, such as ``442079460018``.

    Raises:
        InvalidNumber: it is none; or it is in scientific notation (``2.01556E+09``), which has lost its last digits.
    """
    text = _MARKS.sub("", cell).replace("\u00a0", " ").strip()
    if found := _FORMULA.fullmatch(text):
        text = found[1].strip()
    text = text.removeprefix("'")
    if _SCIENTIFIC.fullmatch(text):
        raise InvalidNumber(
            f"{shape(text)} is in scientific notation, as spreadsheets show a long number, and its last digits are "
            "lost: make the column one of text, and fill it in anew"
        )
    if found := _DECIMAL.fullmatch(text):
        text = found[1]
    elif (found := _THOUSANDS.fullmatch(text)) and 10 <= sum(map(str.isdigit, text)) <= 15:
        text = text.replace(found[1], "")
    return _number(text)


def _number(text: str) -> PhoneNumber:
    try:
        return PhoneNumber(text)
    except InvalidNumber as error:
        digits = text.removeprefix("+")
        if not (digits.isascii() and digits.isdecimal()):
            raise
        # Without its sign a spreadsheet has made a number of it; and an area code may be newer than the table of them.
        for form in (digits, f"+{digits}", digits.removeprefix("1")):
            try:
                return stated(form)
            except InvalidNumber:
                continue
        raise error


def ten_digits_or_e164(number: PhoneNumber) -> str:
    """*number* as a cell has it: ten digits, which no spreadsheet changes, or E.164 outside the North American plan."""
    return number[2:] if number.is_nanp else number.e164
