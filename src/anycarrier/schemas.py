"""What an adapter's models of a provider's answers are made of: pydantic.

Forgiving where it cannot hurt (unknown fields, absent keys, numbers given as text and text as numbers), exact where it
decides about money. Only an adapter's own schemas import this, and they are loaded when a model is wanted.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

from anycarrier.numbers import PhoneNumber, from_ten_digit

__all__ = ["Record", "TenDigit", "Text"]


class Record(BaseModel):
    """Base of what a provider sends: unknown fields ignored, numbers accepted where text is expected."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, defer_build=True, coerce_numbers_to_str=True, hide_input_in_errors=True,
    )  # fmt: skip


def _ten_digit(value: object) -> PhoneNumber:
    return from_ten_digit(str(value))


def _absent_when_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


TenDigit = Annotated[PhoneNumber, PlainValidator(_ten_digit)]
"""A NANP number sent as ten digits, as text or as a JSON number."""

Text = Annotated[str | None, BeforeValidator(_absent_when_empty)]
"""Optional text; an empty one counts as absent."""
