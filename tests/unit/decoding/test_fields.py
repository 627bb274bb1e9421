"""Each field type takes exactly what its documentation says, in whichever way an answer is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from anycarrier import errors as e
from anycarrier.decoding import (
    E164,
    Amount,
    AnyNumber,
    Converting,
    Count,
    Flag,
    Forgiving,
    Instant,
    OptionalAnyNumber,
    OptionalE164,
    OptionalTenDigit,
    Record,
    Rows,
    TenDigit,
    Text,
    Whole,
    read,
    read_rows,
    records,
    settled,
    stream_rows,
)
from anycarrier.exchange import Listing, Request, send
from anycarrier.numbers import PhoneNumber
from support.script import answer, items

READ = Request(account="a", operation="get", method="GET", path="/x")
REFUSED, UNDOCUMENTED = object(), object()
BLANK = ("", " ", "\x1c", "\u2003\t")


# -- what each field type takes: one rule for each, written without the code that it is a rule of


def blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def text(value: Any) -> Any:
    if blank(value):
        return None
    return value if isinstance(value, str) else str(value) if is_number(value) else REFUSED


TRUE, FALSE = {"true", "t", "yes", "y", "on", "1"}, {"false", "f", "no", "n", "off", "0"}


def flag(value: Any) -> Any:
    if blank(value):
        return None
    if isinstance(value, str):
        said = value.casefold()
        return True if said in TRUE else False if said in FALSE else REFUSED
    return bool(value) if isinstance(value, int | float) and value in (0, 1) else REFUSED


def whole(least: int, most: int, *, booleans: bool) -> Callable[[Any], Any]:
    def rule(value: Any) -> Any:
        if blank(value):
            return None
        if isinstance(value, bool):
            return int(value) if booleans else REFUSED
        if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]+(\.0*)?\s*", value):
            value = int(value.strip().partition(".")[0])
        return int(value) if is_number(value) and value == int(value) and least <= value <= most else REFUSED

    return rule


def amount(value: Any) -> Any:
    if blank(value):
        return None
    if is_number(value):
        return Decimal(str(value))
    plain = isinstance(value, str) and re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", value)
    return Decimal(value.strip()) if plain else REFUSED


WELL_FORMED = "[2-9](?!11)[0-9]{2}[2-9][0-9]{6}"
"""A North American number that is well formed. The library's own table decides about exchanges such as 911."""


def ten_digit(value: Any) -> Any:
    said = str(value) if isinstance(value, str) or (isinstance(value, int) and value is not True) else ""
    return f"+1{said}" if re.fullmatch(WELL_FORMED, said) else REFUSED


def e164(value: Any) -> Any:
    good = isinstance(value, str) and (re.fullmatch(rf"\+1{WELL_FORMED}", value) or value == "+442079460018")
    return value if good else REFUSED


def any_number(value: Any) -> Any:
    if (found := e164(value)) is not REFUSED or not isinstance(value, str):
        return found
    return ten_digit(re.sub(r"[^0-9]", "", value) if re.fullmatch(r"\([0-9]{3}\) [0-9]{3}-[0-9]{4}", value) else value)


def optional(rule: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None or value == "" else rule(value)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def instant(value: Any) -> Any:
    if blank(value):
        return None
    if not isinstance(value, str):
        unit = timedelta(milliseconds=1) if is_number(value) and abs(value) > 2 * 10**10 else timedelta(seconds=1)
        return EPOCH + value * unit if is_number(value) and abs(value) < 10**13 else REFUSED
    parts = STAMP.fullmatch(value)
    if parts is None:
        return UNDOCUMENTED if amount(value) is not REFUSED else REFUSED
    *numbers, fraction, zone = parts.groups()
    hours, minutes = (0, 0) if zone in (None, "Z") else (int(zone[:3]), int(zone[0] + zone[4:]))
    there = timezone(timedelta(hours=hours, minutes=minutes))
    try:
        return datetime(*map(int, numbers), int((fraction or "0")[:6].ljust(6, "0")), tzinfo=there)  # type: ignore[misc,arg-type]
    except ValueError:
        return REFUSED


def split(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


def parts(value: Any) -> Any:
    if not isinstance(value, list):
        return value if value is None else split(value) if isinstance(value, str) else REFUSED
    return [str(one) for one in value] if all(map(is_number, value)) else REFUSED


def capitals(value: Any) -> Any:
    if not isinstance(value, str | None):
        raise ValueError("text was expected")
    return value and value.upper()


def capital(value: Any) -> Any:
    return capitals(value) if isinstance(value, str | None) else REFUSED


def few(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("text was expected")
    return value.split(",")


KINDS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "Text": (Text, text),
    "Flag": (Flag, flag),
    "Whole": (Whole, whole(-(10**18), 10**18, booleans=True)),
    "Count": (Count, whole(0, 10**12, booleans=False)),
    "Amount": (Amount, amount),
    "TenDigit": (TenDigit, ten_digit),
    "OptionalTenDigit": (OptionalTenDigit, optional(ten_digit)),
    "E164": (E164, e164),
    "OptionalE164": (OptionalE164, optional(e164)),
    "AnyNumber": (AnyNumber, any_number),
    "OptionalAnyNumber": (OptionalAnyNumber, optional(any_number)),
    "Instant": (Instant, instant),
    "Forgiving": (Annotated[list[str] | None, Forgiving(split)], parts),
    "Forgiving, always": (Annotated[str | None, Forgiving(capitals, always=True)], capital),
    "Converting": (
        Annotated[str, Converting(few)],
        lambda value: value.split(",") if isinstance(value, str) else REFUSED,
    ),
}

NUMBERS = [
    "2015550123",
    "8005550100",
    "6585550100",
    "9995550123",
    "2425550100",
    "2115550123",
    "1015550123",
    "2011550123",
    "201555012",
    "20155501234",
    "201555012a",
    "\u0662015550123",
    " 2015550123",
    "+12015550123",
    "+19995550123",
    "+12115550123",
    "+442079460018",
    "+4420",
    "+",
    "(201) 555-0123",
    "tel",
    2015550123,
    12015550123,
    201555012,
]
STAMPS = [
    "2026-11-07T05:31:56Z",
    "2026-11-07T05:31:56.1239996Z",
    "2026-11-07T05:31:56",
    "2026-11-07 05:31:56Z",
    "2026-11-07T06:31:56.5+01:00",
    "2026-11-07T00:31:56-05:30",
    "2026-13-07T05:31:56Z",
    "2026-11-07T25:31:56Z",
    "soon",
]
WORDS = [
    *BLANK,
    "a",
    "a,b",
    "true",
    "TRUE",
    "yes",
    "off",
    "maybe",
    "1",
    "0",
    "2",
    "5",
    "-1",
    "5.0",
    "5.5",
    "1.150",
    "-.5",
    "1e3",
    "1,5",
    "NaN",
    "Infinity",
    "0x10",
    "\u00e9",
]
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([10**12, 10**12 + 1, 10**18, 10**18 + 1, -(10**18)]),
    st.sampled_from([0.0, 1.0, 4.0, 5.5, 1.15, -2.5]),
    st.sampled_from(WORDS),
    st.sampled_from(NUMBERS),
    st.sampled_from(STAMPS),
    st.text("0123456789", min_size=10, max_size=10),
)
VALUES = PLAIN | st.lists(PLAIN.filter(lambda value: not isinstance(value, str)), max_size=1) | st.just({"a": 1})


AS_SENT = {"Amount", "Instant"}
"""Texts that a strictly read row may have although they cannot be converted: they stay as they were sent."""


class Ways:
    """The ways in which one field is read: a short answer, and the rows of a long one."""

    def __init__(self, kind: Any) -> None:
        fields = [("field", kind), ("other", int)]
        self.record: Any = msgspec.defstruct("Row", fields, bases=(Record,), frozen=True, kw_only=True)
        self.is_number = bool(records.number_forms(self.record))

    def short(self, value: Any) -> Any:
        try:
            return read(self.record, READ, answer({"field": value, "other": 1}), provider="p").field
        except e.UnexpectedResponse:
            return REFUSED

    def rows(self, value: Any, *neighbors: Any) -> Any:
        body = answer({"rows": [{"field": value, "other": 1}, *neighbors]})
        return self.first(read_rows(self.record, READ, body, provider="p", at=("rows",)))

    def streamed(self, value: Any) -> Any:
        def listing() -> Listing[Any]:
            request = Request(account="a", operation="list", method="GET", path="/x", stream=True)
            response = yield from send(request)
            yield from stream_rows(
                self.record, request, response, lambda rows: [self.first(rows)], provider="p", at=("rows",)
            )

        try:
            found, _ = items(listing(), answer({"rows": [{"field": value, "other": 1}]}), chunk=9)
        except e.UnexpectedResponse:
            return REFUSED
        return found[0] if found else REFUSED

    def first(self, rows: Rows[Any, Record]) -> Any:
        if not rows:
            return REFUSED
        found = settled(rows[0]).field
        if self.is_number:
            assert rows.numbers("field")[0] == found
        return found


@cache
def ways_of(name: str) -> Ways:
    return Ways(KINDS[name][0])


def same(found: Any, expected: Any) -> bool:
    return bool(found == expected) and isinstance(found, bool) == isinstance(expected, bool)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=60)
@given(value=VALUES)
def test_a_field_takes_what_its_documentation_says_in_every_way_of_reading(name: str, value: Any) -> None:
    _, rule = KINDS[name]
    ways = ways_of(name)
    expected = rule(value)
    assume(expected is not UNDOCUMENTED)
    assert same(ways.short(value), expected)
    for found in (ways.rows(value), ways.rows(value, {"field": []}), ways.streamed(value)):
        as_sent = name in AS_SENT and expected is REFUSED and isinstance(value, str) and str(found) == value
        assert as_sent or same(found, expected)
    if expected is not REFUSED and name in ("TenDigit", "E164", "AnyNumber"):
        assert type(ways.short(value)) is PhoneNumber
