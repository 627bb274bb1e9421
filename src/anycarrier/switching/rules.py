"""Rules of a switch: what becomes of the numbers for which a file says nothing of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from anycarrier.desired_state import Desired
from anycarrier.errors import InvalidInput
from anycarrier.json_markers import JsonForm
from anycarrier.model import number_named
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.order_checks import setup_of
from anycarrier.validation import flag, shape, text

__all__ = ["ALIKE", "MOVES", "Alike", "Move", "Moving", "SwitchRules"]

Moving: TypeAlias = Literal["port", "replace", "leave"]
"""The same number at the new carrier, another number like it there, or the same number where it is."""
MOVES: tuple[Moving, ...] = ("port", "replace", "leave")
Alike: TypeAlias = Literal["rate_center", "area_code", "state"]
ALIKE: tuple[Alike, ...] = ("rate_center", "area_code", "state")
"""Places that a number and its replacement share, the nearest first."""


def _one_of(name: str, value: object, words: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in words:
        raise InvalidInput(f"{name} must be one of {', '.join(words)}, not {shape(value)}")
    return value


def _move(value: object) -> Any:
    return _one_of("move", value, MOVES)


def _move_or_none(value: object) -> Any:
    return None if value is None else _move(value)


def _not_portable(value: object) -> Any:
    return _one_of("not_portable", value, ("replace", "leave"))


def _alike(value: object) -> Any:
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise InvalidInput(f"alike must be a list of {', '.join(ALIKE)}, not {shape(value)}")
    return tuple(_one_of("alike", one, ALIKE) for one in value)


def _campaigns(value: object) -> Any:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"campaigns must be ids of campaigns by those of the old carrier, not {shape(value)}")
    for old, new in value.items():
        text("a campaign of campaigns", old, "CH5K5IZ", 200)
        text("a campaign of campaigns", new, "CB2PATH", 200)
    return dict(value)


def _flag(_: object, attribute: Any, value: object) -> None:
    flag(attribute.name, value)


@frozen(kw_only=True)
class SwitchRules(JsonForm):
    """Rules of a switch, for all numbers whose own line says nothing else.

    Attributes:
        move: ``port`` keeps the number, ``replace`` buys another like it, ``leave`` leaves it where it is.
        not_portable: what becomes of a number that cannot be ported: ``replace`` or ``leave``.
        alike: places that a replacement shares with its number, the first that is known and has one for sale; a
            number's area code is known, the others are as its own line says.
        setup: routes, campaign and so on of every number, in a ``Desired`` without a number.
        campaigns: by the campaign at the old carrier, the one at the new.
        labels: whether a label goes along, where the new carrier has labels.
        routes: whether forwarding and destinations of texts go along as far as the old carrier states them: those that
            mean the same at any carrier, such as a number or an https URL.
    """

    move: Moving = field(default="port", converter=_move)
    not_portable: Literal["replace", "leave"] = field(default="replace", converter=_not_portable)
    alike: tuple[Alike, ...] = field(default=ALIKE, converter=_alike)
    setup: Desired | None = field(default=None, converter=setup_of)
    campaigns: Mapping[str, str] = field(factory=dict[str, str], converter=_campaigns)
    labels: bool = field(default=True, validator=_flag)
    routes: bool = field(default=True, validator=_flag)


def _number(value: str) -> PhoneNumber:
    return number_named("number", value)


@frozen
class Move(JsonForm):
    """One number of a switch.

    Attributes:
        move: what becomes of it; ``None`` for what the rules say.
        desired: its routes, campaign and so on, in a ``Desired`` of this number or of none; what it does not name is
            as the rules say.
        rate_center: its rate center, as the new carrier spells it, for the search for a number like it.
        state: its state, two letters, for the same.
    """

    number: PhoneNumber = field(converter=_number)
    move: Moving | None = field(default=None, converter=_move_or_none)
    desired: Desired | None = field(default=None, kw_only=True)
    rate_center: str | None = field(default=None, kw_only=True)
    state: str | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.desired is not None and not isinstance(self.desired, Desired):
            raise InvalidInput(f"desired must be a Desired, not {shape(self.desired)}")
        if self.desired is not None and self.desired.number not in (None, self.number):
            raise InvalidInput("desired is of another number")
        if self.desired is not None and self.desired.release:
            raise InvalidInput("a switch releases nothing by itself: finish_switch() plans that")
        if self.rate_center is not None:
            text("rate_center", self.rate_center, "CLOSTER", 80)
        if self.state is not None:
            text("state", self.state, "NJ", 80)
