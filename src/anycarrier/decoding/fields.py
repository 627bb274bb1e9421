"""Field types of records: what each value may be, and what is forgiven where it is something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from attrs import frozen
from msgspec import Meta

from anycarrier import _nanp
from anycarrier.numbers import InvalidNumber, PhoneNumber, from_ten_digit, stated
from anycarrier.secret import Secret

__all__ = [
    "E164",
    "Amount",
    "AnyNumber",
    "Converting",
    "Count",
    "Day",
    "Flag",
    "Forgiving",
    "Hidden",
    "Instant",
    "Number",
    "NumberForm",
    "NumberOrText",
    "OneOf",
    "OptionalAnyNumber",
    "OptionalE164",
    "OptionalNumber",
    "OptionalTenDigit",
    "Rate",
    "TenDigit",
    "Text",
    "UnixTime",
    "Whole",
    "blank_to_none",
    "blanks_to_none",
    "phone_number",
]

T = TypeVar("T")


@frozen
class Forgiving:
    """Field marker: *convert* turns a value that does not match the declared type into one that does.

    Attributes:
        convert: gets any JSON value, also one that matches or that it made itself; raises ``ValueError``, without the
            value in its message, for what cannot be read.
        always: convert matching values too, in :func:`anycarrier.decoding.read` and in
            :func:`anycarrier.decoding.settled` for rows. It must not raise for a value of the declared type then.
        exact: a value that cannot be read refuses the answer in :class:`anycarrier.decoding.Details` too, where it
            would be ``None`` otherwise: for what money or identity depends on.
    """

    convert: Callable[[Any], Any]
    always: bool = False
    exact: bool = False


@frozen
class Converting(Forgiving):
    """Field marker: the field holds what *convert* makes of a value, also of one that matches the declared type."""

    always: bool = True


@frozen
class NumberForm(Converting):
    """Field marker of a phone number at the top of a record: a value that is no number does not match.

    Attributes:
        many: the numbers of a column of texts, ``None`` where one is no number.
    """

    exact: bool = True
    many: Callable[[Sequence[str]], list[PhoneNumber] | None] = lambda texts: None


def blank_to_none(value: T) -> T | None:
    """*value*; ``None`` for text that is empty or only white space."""
    return None if isinstance(value, str) and (not value or value.isspace()) else value


@frozen
class OneOf(Forgiving):
    """Field marker of text that is one of the documented *values*; another text is taken as well.

    ::

        status: Annotated[str | None, OneOf(values=("active", "closed"))] = None
    """

    convert: Callable[[Any], Any] = blank_to_none
    always: bool = True
    values: tuple[str, ...] = ()


def blanks_to_none(column: Sequence[str | None]) -> Sequence[str | None]:
    """A column of texts with blank ones as ``None``; each distinct text is looked at once."""
    blank = {text for text in {*column} if text is not None and blank_to_none(text) is None}
    return [None if text in blank else text for text in column] if blank else column


Text: TypeAlias = Annotated[str | None, Forgiving(blank_to_none, always=True)]
"""Optional text. A number counts as text, blank text as absent.

In a row that was read strictly blank text is still there: use :func:`blank_to_none`, or
:func:`anycarrier.decoding.settled`.
"""
Flag: TypeAlias = Annotated[bool | None, Forgiving(blank_to_none)]
"""Optional boolean. ``"true"``, 1 and the like are read too; blank text counts as absent."""
_Whole = Annotated[int, Meta(ge=-(10**18), le=10**18)]
Whole: TypeAlias = Annotated[_Whole | None, Forgiving(blank_to_none)]
"""Optional whole number within 10**18, also as text; blank text counts as absent."""
_Count = Annotated[int, Meta(ge=0, le=10**12)]


def _count(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a number was expected")
    return blank_to_none(value)


Count: TypeAlias = Annotated[_Count | None, Forgiving(_count)]
"""Optional number of things: 0 to 10**12, also as text; blank text counts as absent, a boolean is refused."""


def _finite(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, Decimal) and not value.is_finite()):
        raise ValueError("an amount was expected")
    return blank_to_none(value)


Amount: TypeAlias = Annotated[Decimal | None, Forgiving(_finite, always=True, exact=True)]
"""Optional amount, exact as written, also as text; blank text counts as absent.

A row that was read strictly may hold ``NaN`` or an infinity: :func:`anycarrier.adapter.price_of` takes neither.
"""
Rate: TypeAlias = Annotated[Decimal | None, Forgiving(_finite, always=True)]
"""The same for :class:`anycarrier.decoding.Details` where nothing is charged by it: ``None`` if it cannot be read."""


def phone_number(text: str) -> PhoneNumber:
    """The number that the field of a record holds; it is text still in a row that was read strictly."""
    return text if isinstance(text, PhoneNumber) else stated(text)


def _ten_digit(value: object) -> PhoneNumber:
    if isinstance(value, PhoneNumber):
        return value
    text = str(value)
    try:
        return from_ten_digit(text)  # quick, and says what is wrong
    except InvalidNumber:
        if len(text) != 10:
            raise
        return stated(text)


def _e164(value: object) -> PhoneNumber:
    if isinstance(value, PhoneNumber):
        return value
    if not isinstance(value, str) or value[:1] != "+":
        raise InvalidNumber("an E.164 number was expected")
    return stated(value)


def _any_number(value: object) -> PhoneNumber:
    if isinstance(value, PhoneNumber):
        return value
    if not isinstance(value, str):
        raise InvalidNumber("text was expected")
    try:
        return PhoneNumber(value)
    except InvalidNumber:
        return stated(value)


_TEN_DIGITS = re.compile("(?:[0-9]{3}[2-9](?!11)[0-9]{6},)*")
_E164 = re.compile(r"(?:\+1[0-9]{3}[2-9][0-9]{6},)*")
_FULL = frozenset(map(tuple, _nanp.FULL))


def _plain(texts: Sequence[str], form: re.Pattern[str], size: int) -> bool:
    """Return whether all *texts* have this *size* and *form*, and area codes in which every such number exists.

    They are looked at as one text, which is quicker than one by one: a comma behind each shows where it ends.
    """
    joined = ",".join(texts) + "," if texts else ""
    step = size + 1
    area = size - 10
    return (
        len(joined) == step * len(texts)
        and form.fullmatch(joined) is not None
        and _FULL.issuperset(zip(joined[area::step], joined[area + 1 :: step], joined[area + 2 :: step], strict=True))
    )


def _each(texts: Sequence[str], one: Callable[[object], PhoneNumber]) -> list[PhoneNumber] | None:
    try:
        return [one(text) for text in texts]
    except InvalidNumber:
        return None


def _ten_digits(texts: Sequence[str]) -> list[PhoneNumber] | None:
    if not _plain(texts, _TEN_DIGITS, 10):
        return _each(texts, _ten_digit)
    new = str.__new__
    return [new(PhoneNumber, "+1" + text) for text in texts]


def _e164s(texts: Sequence[str]) -> list[PhoneNumber] | None:
    return _plain_e164s(texts) or _each(texts, _e164)


def _any_numbers(texts: Sequence[str]) -> list[PhoneNumber] | None:
    return _plain_e164s(texts) or _each(texts, _any_number)


def _plain_e164s(texts: Sequence[str]) -> list[PhoneNumber] | None:
    return [*map(str.__new__, repeat(PhoneNumber), texts)] if _plain(texts, _E164, 12) else None


def _optional(one: Callable[[object], PhoneNumber]) -> Callable[[object], PhoneNumber | None]:
    return lambda value: None if value is None or value == "" else one(value)


def _optionals(one: Callable[[object], PhoneNumber]) -> Callable[[Sequence[str]], list[PhoneNumber] | None]:
    read_one = _optional(one)

    def many(texts: Sequence[str | None]) -> Any:
        try:
            known = {text: read_one(text) for text in {*texts}}
        except InvalidNumber:
            return None
        return [*map(known.__getitem__, texts)] if any(known.values()) else [None] * len(texts)

    return many


def _form(one: Callable[[object], PhoneNumber], many: Any = None) -> NumberForm:
    if many is None:
        return NumberForm(_optional(one), many=_optionals(one))
    return NumberForm(one, many=many)


TenDigit: TypeAlias = Annotated[str, _form(_ten_digit, _ten_digits)]
"""North American number as ten digits, text or a JSON number. Area codes newer than the library's table are taken."""
OptionalTenDigit: TypeAlias = Annotated[str | None, _form(_ten_digit)]
E164: TypeAlias = Annotated[str, _form(_e164, _e164s)]
"""Number in E.164 form."""
OptionalE164: TypeAlias = Annotated[str | None, _form(_e164)]
AnyNumber: TypeAlias = Annotated[str, _form(_any_number, _any_numbers)]
"""Number in any form that :class:`PhoneNumber` reads."""
OptionalAnyNumber: TypeAlias = Annotated[str | None, _form(_any_number)]

_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")


def _instant(value: object) -> datetime | None:
    if (value := blank_to_none(value)) is None:
        return None
    try:
        if isinstance(value, str) and _RFC3339.fullmatch(value):
            found = datetime.fromisoformat(value)
        else:
            from pydantic import TypeAdapter

            found = TypeAdapter(datetime).validate_python(value)
    except ValueError:
        raise ValueError("a date and time was expected") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


if TYPE_CHECKING:
    Instant: TypeAlias = datetime | None
else:
    Instant = Annotated[str | None, Converting(_instant)]
    """Optional date and time as in RFC 3339, or as a number of Unix seconds or milliseconds; UTC without an offset.

    Digits beyond microseconds are dropped, not rounded. In a row that was read strictly, text that is no instant stays
    text.
    """


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if (value := blank_to_none(value)) is None or isinstance(value, date):
        return value
    text = "" if isinstance(value, bool) or not isinstance(value, str | int) else str(value)
    try:
        if len(text) in (8, 10) and "T" not in text:
            return date.fromisoformat(text)
        if _RFC3339.fullmatch(text):
            return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    raise ValueError("a date was expected")


def _unix_time(value: object) -> datetime | None:
    if (value := blank_to_none(value)) is None or isinstance(value, datetime):
        return value
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        return _instant(value)
    try:
        if not isinstance(value, bool) and isinstance(value, str | int | Decimal):
            return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError("seconds since 1970 were expected")


def _north_american(value: object) -> PhoneNumber:
    if isinstance(value, PhoneNumber):
        return value
    if not isinstance(value, str) and (isinstance(value, bool) or not isinstance(value, int)):
        raise InvalidNumber("a number was expected")
    text = str(value)
    if len(text) == 12 and text[:2] == "+1":
        text = text[2:]
    elif len(text) == 11 and text[0] == "1":
        text = text[1:]
    return _ten_digit(text)


def _number(value: object) -> PhoneNumber | None:
    return None if blank_to_none(value) is None else _north_american(value)


def _number_or_text(value: object) -> PhoneNumber | str | None:
    if (value := blank_to_none(value)) is None:
        return None
    try:
        return _north_american(value)
    except InvalidNumber:
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    raise ValueError("text was expected")


def _secret(value: object) -> Secret | None:
    if isinstance(value, Secret) or (value := blank_to_none(value)) is None:
        return value
    if not isinstance(value, str):
        raise ValueError("text was expected")
    return Secret(value)


if TYPE_CHECKING:
    Day: TypeAlias = date | None
    UnixTime: TypeAlias = datetime | None
    Number: TypeAlias = PhoneNumber
    OptionalNumber: TypeAlias = PhoneNumber | None
    NumberOrText: TypeAlias = PhoneNumber | str | None
    Hidden: TypeAlias = Secret | None
else:
    Day = Annotated[str | None, Converting(_day)]
    """Optional date, as ``20260518`` or ``2026-05-18``; of a date and time its date."""
    UnixTime = Annotated[int | str | None, Converting(_unix_time)]
    """Optional date and time in seconds since 1970, as a number or text; UTC."""
    Number = Annotated[str, Converting(_north_american, exact=True)]
    """North American number: ten digits, ``1`` or ``+1`` before them or not, text or a JSON number."""
    OptionalNumber = Annotated[str | None, Converting(_number, exact=True)]
    NumberOrText = Annotated[str | None, Converting(_number_or_text)]
    """The same where other texts may stand, such as a foreign number or a name; those come as text."""
    Hidden = Annotated[str | None, Converting(_secret)]
    """Optional text that is never shown, such as a password."""
