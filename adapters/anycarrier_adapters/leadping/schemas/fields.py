"""Field types of Leadping's records: counts that may come as text, and words that an enum may lack."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Annotated, TypeAlias

from anycarrier.adapter import Converting, Forgiving, InvalidNumber, Meta, OneOf, PhoneNumber, blank_to_none

from .enums import (
    CallWarmupStage,
    CallWarmupState,
    InventoryState,
    LifecycleState,
    NumberStatus,
    Ownership,
    ReadinessHealth,
    ReadinessState,
    WarmupState,
)


def _word(kind: type[StrEnum]) -> OneOf:
    known = {word.value: word for word in kind}

    def read(value: object) -> object:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise ValueError("text was expected")
        return known.get(value, value)

    return OneOf(convert=read, values=tuple(known))


def _figure(value: object) -> int | None:
    if type(value) is int or (value := blank_to_none(value)) is None:
        return value
    try:
        figure = Decimal(str(value))
        if figure == (whole := int(figure)):
            return whole
    except (ArithmeticError, ValueError):
        pass
    raise ValueError("a whole number was expected")


def _degrees(value: object) -> float | None:
    if type(value) is float or (value := blank_to_none(value)) is None:
        return value
    try:
        degrees = float(str(value))
    except ValueError:
        raise ValueError("a number was expected") from None
    if not isfinite(degrees):
        raise ValueError("a finite number was expected")
    return degrees


def _price(value: object) -> object:
    if (stated := blank_to_none(value)) is None:
        return None
    try:
        price = Decimal(str(stated))
    except ArithmeticError:
        raise ValueError("an amount was expected") from None
    if not price.is_finite() or price < 0:
        raise ValueError("an amount of at least 0 was expected")
    return price


def _party(value: object) -> PhoneNumber | None:
    if isinstance(value, PhoneNumber) or (value := blank_to_none(value)) is None:
        return value
    try:
        return PhoneNumber(value) if isinstance(value, str) else None
    except InvalidNumber:
        return None


_FIGURE = Annotated[str, Meta(pattern="^-?[0-9]{1,18}$")]
_DEGREES = Annotated[str, Meta(pattern="^-?[0-9]{1,3}([.][0-9]{1,30})?$")]
if TYPE_CHECKING:
    Figure: TypeAlias = int | None
    Degrees: TypeAlias = float | None
    Party: TypeAlias = PhoneNumber | None
else:  # June's documents show numbers as text
    Figure = Annotated[int | _FIGURE | None, Converting(_figure)]
    Degrees = Annotated[float | _DEGREES | None, Converting(_degrees)]
    Party = Annotated[str | None, Converting(_party)]
    """Optional number of a caller, a sender or a recipient; what is no number, such as a short code, is ``None``."""
Price: TypeAlias = Annotated[Decimal | None, Forgiving(_price, always=True)]
InventoryWord: TypeAlias = Annotated[str | None, _word(InventoryState)]
StatusWord: TypeAlias = Annotated[str | None, _word(NumberStatus)]
LifecycleWord: TypeAlias = Annotated[str | None, _word(LifecycleState)]
WarmupWord: TypeAlias = Annotated[str | None, _word(WarmupState)]
CallWarmupWord: TypeAlias = Annotated[str | None, _word(CallWarmupState)]
CallStageWord: TypeAlias = Annotated[str | None, _word(CallWarmupStage)]
ReadinessWord: TypeAlias = Annotated[str | None, _word(ReadinessState)]
ReadinessHealthWord: TypeAlias = Annotated[str | None, _word(ReadinessHealth)]
OwnershipWord: TypeAlias = Annotated[str | None, _word(Ownership)]
