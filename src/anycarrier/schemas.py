"""What an adapter's models of a provider's answers are made of: pydantic.

Forgiving where it cannot hurt (unknown fields, absent keys, numbers given as text and text as numbers), exact where it
decides about money. Only an adapter's own schemas import this, and they are loaded when a model is wanted.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

from anycarrier.numbers import InvalidNumber, PhoneNumber, from_ten_digit, stated

__all__ = ["Number", "Record", "TenDigit", "Text"]


class Record(BaseModel):
    """Base of what a provider sends: unknown fields ignored, numbers accepted where text is expected."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, defer_build=True, coerce_numbers_to_str=True, hide_input_in_errors=True,
    )  # fmt: skip


def _ten_digit(value: object) -> PhoneNumber:
    text = str(value)
    return stated(text) if len(text) == 10 else from_ten_digit(text)  # which says what is wrong with it


def _number(value: object) -> PhoneNumber:
    if not isinstance(value, str):
        raise ValueError("Input should be text")
    try:
        return PhoneNumber(value)
    except InvalidNumber:
        return stated(value)


def _absent_when_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


TenDigit = Annotated[PhoneNumber, PlainValidator(_ten_digit)]
"""A NANP number sent as ten digits, as text or as a JSON number."""

Number = Annotated[PhoneNumber, PlainValidator(_number)]
"""A number as providers write them, also one whose area code is newer than what is known here."""

Text = Annotated[str | None, BeforeValidator(_absent_when_empty)]
"""Optional text; an empty one counts as absent."""
