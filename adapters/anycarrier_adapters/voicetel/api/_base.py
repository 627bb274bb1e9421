"""Parts of every area of the API: envelope, echo of the number, checks of arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from anycarrier import adapter
from anycarrier.adapter import (
    Endpoint,
    InvalidInput,
    Request,
    RetryPolicy,
    Target,
    buys,
    number_of,
    reads,
    writes,
)
from anycarrier_adapters.voicetel import schemas
from anycarrier_adapters.voicetel.errors import ERRORS

__all__ = [
    "ONCE",
    "PROVIDER",
    "Area",
    "changes",
    "checked",
    "checks",
    "done",
    "gets",
    "joined",
    "pays",
    "rfc3339",
    "seconds_of",
    "ten_digit",
]

PROVIDER = "voicetel"
ONCE = RetryPolicy(attempts=1)
"""For requests that VoiceTel allows six times an hour: repeating one would use that up."""

T = TypeVar("T")


class Area(adapter.Api):
    """One account, by its id; the session knows its key."""

    provider = PROVIDER
    errors = ERRORS

    def contradiction(self, request: Request, record: Any) -> str | None:
        name = "dn" if "dn" in request.path_values else "number"
        asked = request.path_values.get(name)
        said = None if asked is None else getattr(record, name, None)
        if isinstance(said, (str, int)) and str(said).removeprefix("+1") not in ("", asked):
            return "it is about another number than the request"
        return None


def gets(path: str, record: type[T], *at: str, policy: RetryPolicy | None = None, operation: str = "") -> Endpoint[T]:
    """Endpoint that reads the record, or the list of records, at *at* within ``data``."""
    return reads(path, record, at=("data", *at), envelope=schemas.Success, policy=policy, operation=operation)


def checks(path: str, record: type[T], *at: str) -> Endpoint[T]:
    """Endpoint that is posted to and changes nothing, so that it may be repeated."""
    return reads(path, record, method="POST", at=("data", *at), envelope=schemas.Success)


def changes(
    method: str,
    path: str,
    record: type[T],
    *at: str,
    accept: tuple[int, ...] = (200,),
    operation: str = "",
    authenticated: bool = True,
) -> Endpoint[T]:
    """Endpoint that changes something and answers the record at *at* within ``data``."""
    return writes(
        method,
        path,
        record,
        at=("data", *at),
        envelope=schemas.Success,
        accept=accept,
        operation=operation,
        authenticated=authenticated,
    )


def pays(method: str, path: str, record: type[T], accept: int = 200) -> Endpoint[T]:
    """Endpoint that costs money, and is never repeated."""
    return buys(path, record, method=method, at=("data",), envelope=schemas.Success, accept=(accept,))


def done(method: str, path: str, *, operation: str = "") -> Endpoint[None]:
    """Endpoint whose answer has no body, or nothing to read in it."""
    return writes(method, path, accept=(200, 204), envelope=schemas.Answer, operation=operation)


def ten_digit(target: Target) -> str:
    """The ten digits that VoiceTel knows a number by; raises ``InvalidNumber`` for one that has none."""
    return number_of(target).ten_digit


def joined(targets: Iterable[Target], most: int = 1000) -> list[str]:
    """1 to *most* numbers for one query parameter."""
    numbers = [ten_digit(target) for target in targets]
    if not 1 <= len(numbers) <= most:
        raise InvalidInput(f"give 1 to {most} numbers, not {len(numbers)}")
    return numbers


def checked(name: str, value: str, form: str, said: str) -> str:
    """*value* if it has the *form* that the official document gives; the error says it in words."""
    if not re.fullmatch(form, value):
        raise InvalidInput(f"{name} must be {said}")
    return value


def seconds_of(name: str, moment: datetime | int | None) -> int | None:
    """Whole seconds since 1970; raises ``InvalidInput`` for a date and time without an offset."""
    return int(_with_offset(name, moment).timestamp()) if isinstance(moment, datetime) else moment


def rfc3339(name: str, moment: datetime | None) -> str | None:
    """Date and time as RFC 3339 has it; raises ``InvalidInput`` for one without an offset."""
    return None if moment is None else _with_offset(name, moment).isoformat().replace("+00:00", "Z")


def _with_offset(name: str, moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InvalidInput(f"{name} must have an offset, such as datetime.now(UTC) has")
    return moment
