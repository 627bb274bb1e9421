"""What an adapter's models of a provider's answers are made of: pydantic.

Forgiving where it cannot hurt (unknown fields, absent keys, numbers given as text and text as numbers), exact where it
decides about money. Only an adapter's own schemas import this, and they are loaded when a model is wanted.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from anycarrier.numbers import InvalidNumber, PhoneNumber, from_ten_digit, stated

__all__ = ["READABLE", "Number", "Record", "TenDigit", "Text"]


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


def _readable(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        if not isinstance(value, list):
            raise
        rows = [_row(item, read) for item in value]
        if all(row is None for row in rows):
            raise
        return rows


def _row(item: object, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read([item])[0]
    except ValidationError:
        return None


READABLE = WrapValidator(_readable)
"""Of a list of records in a search's answer: one that cannot be read is ``None`` and does not hide the others; where
none can be read, the list cannot be."""

TenDigit = Annotated[PhoneNumber, PlainValidator(_ten_digit)]
"""A NANP number sent as ten digits, as text or as a JSON number."""

Number = Annotated[PhoneNumber, PlainValidator(_number)]
"""A number as providers write them, also one whose area code is newer than what is known here."""

Text = Annotated[str | None, BeforeValidator(_absent_when_empty)]
"""Optional text; an empty one counts as absent."""
