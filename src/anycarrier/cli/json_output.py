"""Values of the library as JSON data, and in words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import msgspec
from msgspec import UNSET

from anycarrier.cli.output import View
from anycarrier.cli.table import Column
from anycarrier.json_forms.members import field_names
from anycarrier.json_forms.writing import Writing, ten_digit
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
from anycarrier.numbers import PhoneNumber
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

HEAD = (Column("number"), Column("ten digits"))
"""The first columns of a table of numbers."""


def record(value: object, *, raw: bool = False, reveal: bool = False) -> Any:
    """*value* in its public JSON form (:mod:`anycarrier.json_forms`), or as data of what a provider's own operation
    returns.

    Args:
        value: a value of the library.
        raw: whether the provider's own record is a part of it.
        reveal: whether a secret is shown, where it is what was requested.
    """

    def other(held: object) -> Any:
        if isinstance(held, Secret):
            return held.reveal() if reveal else str(held)
        if isinstance(held, msgspec.Struct):
            names = [name for name in held.__struct_fields__ if raw or name != "raw"]
            return {name: writing.of(one) for name in names if (one := getattr(held, name)) is not UNSET}
        return str(held)

    writing = Writing(raw, other)
    return writing.of(value, root=True)


def record_view(cls: type[object], columns: Sequence[Column], row: Any, *, raw: bool = False, empty: str = "") -> View:
    """The view of an attrs class; programs get every field.

    Args:
        cls: the class.
        columns: the header of the table.
        row: the cells of the table.
        raw: whether programs get the provider's own record.
        empty: the line for people when there are no records.
    """
    names = [name for name in field_names(cls) if name != "purchase" and (raw or name != "raw")]
    fields = [one for name in names for one in ((name, "ten_digit") if name == "number" else (name,))]
    return View(columns, row, fields, lambda value: record(value, raw=raw), empty)


def error_record(error: Exception) -> dict[str, object]:
    """An error as JSON data."""
    made: dict[str, object] = record(error)
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
