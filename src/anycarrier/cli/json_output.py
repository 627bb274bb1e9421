"""Values of the library as JSON data, and in words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs
import msgspec
from msgspec import UNSET

from anycarrier.cli.output import View
from anycarrier.cli.table import Column
from anycarrier.errors import AnyCarrierError
from anycarrier.model import (
    CallsToWebhook,
    Feature,
    ForwardTo,
    NoForward,
    NoTexts,
    OwnedNumber,
    Route,
    TextsTo,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.secret import Secret

__all__ = [
    "HEAD",
    "both",
    "error_record",
    "features",
    "owned_facts",
    "owned_view",
    "record",
    "record_view",
    "route_words",
    "routes_words",
    "status_words",
    "ten_digit",
]

HIDDEN = frozenset({"purchase", "detail"})
"""Fields that are for the adapter alone."""

_ABSENT = object()

HEAD = (Column("number"), Column("ten digits"))
"""The first columns of a table of numbers."""


def ten_digit(number: PhoneNumber) -> str | None:
    """The ten digits of a North American number; ``None`` for any other."""
    try:
        return number.ten_digit
    except InvalidNumber:
        return None


def record(value: object, *, raw: bool = False, reveal: bool = False) -> Any:
    """*value* as JSON data: numbers in E.164 with ``ten_digit`` beside, times in ISO 8601, amounts as text.

    Args:
        value: a value of the library.
        raw: whether the provider's own record is a part of it.
        reveal: whether a secret is shown, where it is what was requested.
    """
    if isinstance(value, PhoneNumber):
        return value.e164
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):  # and a datetime, which is one
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Secret):
        return value.reveal() if reveal else str(value)
    if isinstance(value, Mapping):
        return {str(record(key)): record(item, raw=raw, reveal=reveal) for key, item in value.items()}
    if isinstance(value, Sequence | frozenset):
        return [record(item, raw=raw, reveal=reveal) for item in value]
    if attrs.has(type(value)):
        return _object(value, raw)
    if isinstance(value, msgspec.Struct):
        return _struct(value, raw, reveal)
    return str(value)


def _struct(value: msgspec.Struct, raw: bool, reveal: bool) -> dict[str, object]:
    members = {name: getattr(value, name) for name in value.__struct_fields__ if raw or name != "raw"}
    return {name: record(held, raw=raw, reveal=reveal) for name, held in members.items() if held is not UNSET}


def _object(value: object, raw: bool) -> dict[str, object]:
    made: dict[str, object] = {"kind": type(value).__name__} if isinstance(value, Route) else {}
    for name in _names(type(value), raw):
        held = getattr(value, name)
        made[name] = record(held, raw=raw)
        if name == "number" and isinstance(held, PhoneNumber):
            made["ten_digit"] = ten_digit(held)
    return made


def _names(cls: type[Any], raw: bool) -> list[str]:
    return [one.name for one in attrs.fields(cls) if one.name not in HIDDEN and (raw or one.name != "raw")]


def record_view(cls: type[object], columns: Sequence[Column], row: Any, *, raw: bool = False, empty: str = "") -> View:
    """The view of an attrs class; programs get every field.

    Args:
        cls: the class.
        columns: the header of the table.
        row: the cells of the table.
        raw: whether programs get the provider's own record.
        empty: the line for people when there are no records.
    """
    fields = [one for name in _names(cls, raw) for one in ((name, "ten_digit") if name == "number" else (name,))]
    return View(columns, row, fields, lambda value: record(value, raw=raw), empty)


def error_record(error: Exception) -> dict[str, object]:
    """An error as JSON data."""
    if not isinstance(error, AnyCarrierError):
        return {"type": type(error).__name__, "message": str(error)}
    made: dict[str, object] = {"type": type(error).__name__, "message": str(error)}
    for name in (
        "provider",
        "operation",
        "status",
        "code",
        "request_id",
        "retry_after",
        "maybe_applied",
        "safe_elsewhere",
    ):
        made[name] = getattr(error, name)
    for name in ("feature", "reason", "number", "key", "resume_at", "problems", "requirements"):
        held = getattr(error, name, _ABSENT)
        if held is not _ABSENT:
            made[name] = record(held)
    if error.applied:
        made["applied"] = record(error.applied)
    return made


def route_words(route: Route) -> str:
    """A route in words."""
    match route:
        case ToGateway(gateway=gateway):
            return f"calls to gateway {gateway}"
        case ForwardTo(number=number):
            return f"calls forwarded to {number}"
        case NoForward():
            return "calls not forwarded"
        case CallsToWebhook(url=url):
            return f"calls to {url}"
        case TextsTo(id=application):
            return f"texts to application {application}"
        case TextsToWebhook(url=url):
            return f"texts to {url}"
        case TextsToEmail(address=address) | TextsToSip(address=address):
            return f"texts to {address}"
        case NoTexts():
            return "texts to nowhere"
    return type(route).__name__


def routes_words(routes: Sequence[Route] | None) -> str:
    """All routes in words; empty where the provider does not state them."""
    return ", ".join(route_words(route) for route in routes or ())


def features(held: Mapping[Feature, bool]) -> str:
    """The features of a number, such as ``sms, no fax``, as far as they are stated."""
    return ", ".join(name.value if able else f"no {name.value}" for name, able in held.items())


def both(number: PhoneNumber) -> str:
    """E.164 with the ten digits beside."""
    ten = ten_digit(number)
    return f"{number.e164} ({ten})" if ten else number.e164


def status_words(status: Enum, word: str | None) -> str:
    """A status, and the provider's own word where it is another one."""
    said = f" (the provider says {word})" if word and word.casefold() != status.value else ""
    return f"{status.value}{said}"


def owned_facts(owned: OwnedNumber) -> dict[str, object]:
    """A number on an account, for people."""
    return {
        "number": owned.number.e164,
        "ten digits": ten_digit(owned.number),
        "provider": owned.provider,
        "account": owned.account,
        "id": owned.id,
        "status": status_words(owned.status, owned.provider_status),
        "label": owned.label,
        "can": features(owned.features),
        "line": owned.line and owned.line.value,
        "routes": routes_words(owned.routes),
        "campaign": owned.campaign_id,
        "since": owned.created and owned.created.isoformat(),
    }


def owned_view(raw: bool, empty: str = "") -> View:
    """The view of numbers on an account."""
    columns = (
        *HEAD,
        Column("status"),
        Column("routes", wraps=True),
        Column("campaign"),
        Column("label", wraps=True),
        Column("provider"),
        Column("account"),
    )
    return record_view(OwnedNumber, columns, _owned_row, raw=raw, empty=empty)


def _owned_row(owned: OwnedNumber) -> tuple[object, ...]:
    return (
        owned.number.e164,
        ten_digit(owned.number),
        owned.status.value,
        routes_words(owned.routes),
        owned.campaign_id,
        owned.label,
        owned.provider,
        None if owned.account == owned.provider else owned.account,
    )
