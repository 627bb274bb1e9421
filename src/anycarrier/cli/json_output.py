"""The library's values as JSON, and in words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs

from anycarrier.errors import AnyCarrierError
from anycarrier.model import (
    Feature,
    ForwardTo,
    NoForward,
    NoTexts,
    OwnedNumber,
    Route,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.numbers import InvalidNumber, PhoneNumber

__all__ = ["error_record", "features", "owned_facts", "record", "route_words", "routes_words", "ten_digit"]

HIDDEN = frozenset({"purchase", "detail"})
"""Members that are for the adapter, not for people or programs outside."""


def ten_digit(number: PhoneNumber) -> str | None:
    """The ten digits of a North American number; ``None`` for any other."""
    try:
        return number.ten_digit
    except InvalidNumber:
        return None


def record(value: Any, *, raw: bool = False) -> Any:
    """*value* as JSON data: numbers in E.164 with ``ten_digit`` beside, times in ISO 8601, amounts as text."""
    if isinstance(value, PhoneNumber):
        return value.e164
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(record(key)): record(item, raw=raw) for key, item in value.items()}
    if isinstance(value, Sequence | frozenset):
        return [record(item, raw=raw) for item in value]
    if attrs.has(type(value)):
        return _object(value, raw)
    return str(value)


def _object(value: Any, raw: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": type(value).__name__} if isinstance(value, Route) else {}
    for member in attrs.fields(type(value)):
        name = member.name
        if name in HIDDEN or (name == "raw" and not raw):
            continue
        held = getattr(value, name)
        made[name] = record(held, raw=raw)
        if name == "number" and isinstance(held, PhoneNumber):
            made["ten_digit"] = ten_digit(held)
    return made


def error_record(error: Exception) -> dict[str, Any]:
    """An error as JSON data; of one that is not ours only its kind and text."""
    if not isinstance(error, AnyCarrierError):
        return {"type": type(error).__name__, "message": str(error)}
    made: dict[str, Any] = {
        "type": type(error).__name__, "message": str(error), "provider": error.provider, "operation": error.operation,
        "status": error.status, "code": error.code, "request_id": error.request_id, "retry_after": error.retry_after,
        "maybe_applied": error.maybe_applied, "safe_elsewhere": error.safe_elsewhere,
    }  # fmt: skip
    for name in ("feature", "reason", "number", "key", "resume_at", "problems"):
        if hasattr(error, name):
            made[name] = record(getattr(error, name))
    if error.applied:
        made["applied"] = record(error.applied)
    return made


def route_words(route: Route) -> str:
    """Where one kind of traffic goes, in words."""
    match route:
        case ToGateway(gateway=gateway):
            return f"calls to gateway {gateway}"
        case ForwardTo(number=number):
            return f"calls forwarded to {number}"
        case NoForward():
            return "calls not forwarded"
        case TextsToWebhook(url=url):
            return f"texts to {url}"
        case TextsToEmail(address=address) | TextsToSip(address=address):
            return f"texts to {address}"
        case NoTexts():
            return "texts to nowhere"
    return type(route).__name__


def routes_words(routes: Sequence[Route] | None) -> str:
    """All of them; empty where the provider did not say."""
    return ", ".join(route_words(route) for route in routes or ())


def features(held: Mapping[Feature, bool]) -> str:
    """What a number can carry, such as ``sms, no fax``; what was not stated is left out."""
    return ", ".join(name.value if able else f"no {name.value}" for name, able in held.items())


def owned_facts(owned: OwnedNumber) -> dict[str, object]:
    """A number on an account, for people."""
    word = owned.provider_status
    said = f" (the provider says {word})" if word and word.casefold() != owned.status.value else ""
    return {
        "number": owned.number.e164, "ten digits": ten_digit(owned.number), "provider": owned.provider,
        "account": owned.account, "id": owned.id, "status": f"{owned.status.value}{said}", "label": owned.label,
        "can": features(owned.features), "line": owned.line and owned.line.value,
        "routes": routes_words(owned.routes), "campaign": owned.campaign_id,
        "since": owned.created and owned.created.isoformat(),
    }  # fmt: skip
