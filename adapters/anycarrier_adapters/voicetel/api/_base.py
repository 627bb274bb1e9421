"""Parts of every area of the API: envelope, echo of the number, checks of arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypedDict

from anycarrier import adapter
from anycarrier.adapter import (
    Endpoint,
    InvalidInput,
    Path,
    Record,
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
    "DATA",
    "ONCE",
    "PROVIDER",
    "Area",
    "Data",
    "changes",
    "checked",
    "done",
    "gets",
    "joined",
    "lists",
    "pays",
    "ten_digit",
]

PROVIDER = "voicetel"
ONCE = RetryPolicy(attempts=1)
"""For requests that VoiceTel allows six times an hour: repeating one would use that up."""

Data: TypeAlias = Mapping[str, Any]
"""``data`` of an answer as VoiceTel sends it: the official document lists its members."""
OBJECT: type[Data] = dict


class Within(TypedDict):
    """Place of a record in an answer, and what stands around it."""

    at: Path
    envelope: type[Record]


DATA: Within = {"at": ("data",), "envelope": schemas.Success}
"""Place of the record in nearly every answer: ``data`` of the envelope."""


class Area(adapter.Api):
    """One account, by its id; the session knows its key."""

    provider = PROVIDER
    errors = ERRORS

    def contradiction(self, request: Request, record: Any) -> str | None:
        asked = request.path_values.get("number")
        if asked is None:
            return None
        said = record.get("number") if isinstance(record, dict) else getattr(record, "number", None)
        if isinstance(said, str | int) and str(said).removeprefix("+1") not in ("", asked):
            return "it is about another number than the request"
        return None


def gets(path: str, *, policy: RetryPolicy | None = None) -> Endpoint[Data]:
    """Endpoint that reads ``data``."""
    return reads(path, OBJECT, **DATA, policy=policy)


def lists(path: str, member: str) -> Endpoint[list[Data]]:
    """Endpoint that reads the one array of ``data``."""
    return reads(path, list, at=("data", member), envelope=schemas.Success)


def changes(method: str, path: str, *accept: int, operation: str = "", authenticated: bool = True) -> Endpoint[Data]:
    """Endpoint that changes something and answers ``data``."""
    accepted = accept or (200,)
    return writes(method, path, OBJECT, **DATA, accept=accepted, operation=operation, authenticated=authenticated)


def pays(method: str, path: str, accept: int = 200) -> Endpoint[Data]:
    """Endpoint that costs money, and is never repeated."""
    return buys(path, OBJECT, method=method, **DATA, accept=(accept,))


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
