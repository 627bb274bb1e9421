"""Values of columns and of profiles: text, and the values of a desired state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from anycarrier.errors import InvalidInput
from anycarrier.model import (
    CallsToWebhook,
    ForwardTo,
    NoForward,
    NoTexts,
    Route,
    TextsTo,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.number_files.numbers import number_in_cell, ten_digits_or_e164
from anycarrier.search import Search
from anycarrier.validation import shape

__all__ = ["ADDRESS", "NONE", "VALUES", "read_value", "refuse_error", "written_value"]

NONE = "none"
"""The word for none of a thing."""

ADDRESS = ("name", "street", "unit", "city", "state", "postal_code")
"""Parts of an emergency address, each a column that begins with ``emergency_``."""

Read: TypeAlias = Callable[[str], Any]


def _calls(text: str) -> Route:
    word, rest = _word(text)
    if word == "gateway":
        return ToGateway(rest)
    if word == "webhook" or _is_url(text):
        return CallsToWebhook(rest if word == "webhook" else text)
    raise InvalidInput(f"calls must be such as 'gateway 1000' or 'webhook https://example.com', not {shape(text)}")


def _forward(text: str) -> Route:
    if _is_none(text):
        return NoForward()
    number = number_in_cell(text)
    if not number.is_nanp and "+" not in text:  # a digit too many must not send calls abroad
        raise InvalidInput(f"forward must have its plus sign where it leads to another country, not {shape(text)}")
    return ForwardTo(number)


def _texts(text: str) -> Route:
    word, rest = _word(text)
    if _is_none(text):
        return NoTexts()
    if word in _TEXTS:
        return _TEXTS[word](rest)
    for word, begins in (("webhook", _is_url(text)), ("sip", text.startswith("sip:")), ("email", "@" in text)):
        if begins:
            return _TEXTS[word](text)
    raise InvalidInput(
        "texts must be such as 'webhook https://example.com', 'application MG01', 'email texts@example.com', "
        f"'sip sip:texts@example.com' or 'none', not {shape(text)}"
    )


_TEXTS: Mapping[str, Callable[[str], Route]] = {
    "application": TextsTo,
    "webhook": TextsToWebhook,
    "email": TextsToEmail,
    "sip": TextsToSip,
}


def _word(text: str) -> tuple[str, str]:
    word, _, rest = text.partition(" ")
    return word.casefold(), rest.strip()


def _is_url(text: str) -> bool:
    return text.casefold().startswith(("https://", "http://"))


def _is_none(text: str) -> bool:
    return text.casefold() == NONE


def _or_none(text: str) -> str | bool:
    return False if _is_none(text) else text


def _flag(text: str) -> bool:
    word = text.casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise InvalidInput(f"it must be yes or no, not {shape(text)}")


_YES = frozenset({"yes", "true", "1", "on", "y"})
_NO = frozenset({"no", "false", "0", "off", "n"})


def _no_address(text: str) -> bool:
    if _is_none(text):
        return False
    raise InvalidInput("emergency must be 'none', or be left empty: an address has columns such as emergency_name")


VALUES: Mapping[str, Read] = {
    "calls": _calls,
    "forward": _forward,
    "texts": _texts,
    "campaign": _or_none,
    "label": str,
    "caller_name": str,
    "emergency": _no_address,
    "enabled": _flag,
    "release": _flag,
}
"""By the name of a column, how its text is read."""


def read_value(name: str, text: str) -> Any:
    """The value that *text* is in the column *name*.

    Raises:
        InvalidInput: it is none; the message does not show it.
    """
    refuse_error(text)
    return VALUES[name](text)


_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#ERROR!"})


def refuse_error(text: str) -> None:
    """Refuse a cell that a spreadsheet has filled with an error of its formula."""
    if text.upper() in _ERRORS:
        raise InvalidInput(f"it is {text.upper()}, an error of the spreadsheet: mend its formula")


def written_value(value: object) -> str:
    """The text of a value, as its column has it; empty for ``None``."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case ToGateway(gateway=gateway):
            return f"gateway {gateway}"
        case CallsToWebhook(url=url) | TextsToWebhook(url=url):
            return f"webhook {url}"
        case ForwardTo(number=number):
            return ten_digits_or_e164(number)
        case NoForward() | NoTexts():
            return NONE
        case TextsTo(id=application):
            return f"application {application}"
        case TextsToEmail(address=address):
            return f"email {address}"
        case TextsToSip(address=address):
            return f"sip {address}"
        case Search():
            places = ("area_code", "rate_center", "state", "line")
            return ", ".join(f"{name.replace('_', ' ')} {one}" for name in places if (one := getattr(value, name)))
    return str(value)
