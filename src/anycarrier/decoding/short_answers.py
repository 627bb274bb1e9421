"""Short answers: strict JSON, since they decide about money."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec

from anycarrier.decoding.json import load_json, unexpected
from anycarrier.exchange import Request, Response

from .forgiving import forgiven
from .raw import Document, Raw, resolved
from .records import Details, Path, Record, Refused, Unreadable, converted, record_in
from .settling import settled

__all__ = ["check_envelope", "give_raw", "read", "read_list", "read_value"]

R = TypeVar("R", bound=Record)


def read(
    kind: type[R], request: Request, response: Response, *, provider: str, at: Path = (),
    envelope: type[Record] | None = None,
) -> R:  # fmt: skip
    """The record *kind* that stands at *at* of an answer.

    The body is strict JSON: no doubled names, no more than 32 levels, numbers of at most 64 digits, exact decimals.
    A record that does not match its declaration is read once more by a pydantic model of the same declaration.

    Args:
        at: path of the record within the body.
        envelope: record around it, checked only.

    Raises:
        UnexpectedResponse: names every place that cannot be read, never a value.
    """
    body = _strict_json(request, response, provider)
    return read_value(kind, body, request, response, provider=provider, at=at, envelope=envelope)


def read_value(
    kind: type[R], body: Any, request: Request, response: Response, *, provider: str, at: Path = (),
    envelope: type[Record] | None = None,
) -> R:  # fmt: skip
    """:func:`read` of a *body* that :func:`anycarrier.decoding.json.load_json` has decoded."""
    try:
        path, value = _payload(body, response, at, envelope)
        record, as_declared = _one_of(kind, value, ".".join(path))
    except Unreadable as error:
        raise unexpected(request, response, str(error), provider=provider) from None
    if _has_raw(kind):
        give_raw(record, Document(response.body), path, as_declared)
    return record


def read_list(
    kind: type[R],
    request: Request,
    response: Response,
    *,
    provider: str,
    at: Path,
    envelope: type[Record] | None = None,
) -> list[R]:
    """:func:`read` of a list of records: all of them can be read, or none is returned. For long lists see
    :func:`anycarrier.decoding.read_rows`."""
    body = _strict_json(request, response, provider)
    try:
        path, value = _payload(body, response, at, envelope)
        where = ".".join(path)
        if not isinstance(value, list):
            raise Unreadable(f"{where}: a list was expected")
        found = [_one_of(kind, one, f"{where}.{place}") for place, one in enumerate(value)]
    except Unreadable as error:
        raise unexpected(request, response, str(error), provider=provider) from None
    if _has_raw(kind):
        document = Document(response.body)
        for place, (record, as_declared) in enumerate(found):
            give_raw(record, document, (*path, place), as_declared)
    return [record for record, _ in found]


def _strict_json(request: Request, response: Response, provider: str) -> Any:
    try:
        return load_json(response.body, exact=True)
    except ValueError as error:
        raise unexpected(request, response, f"the body is not valid JSON ({error})", provider=provider) from None


def _payload(body: Any, response: Response, at: Path, envelope: type[Record] | None) -> tuple[Path, Any]:
    if envelope is not None:
        check_envelope(envelope, body, response.status, skip=at[0].rstrip("?") if at else "")
    path = resolved(at, body)
    return path, _member_at(body, path)


def give_raw(record: Record, document: Document, path: tuple[str | int, ...], as_declared: bool = False) -> None:
    """Give *record*, and the records within it, the parts of *document* that they were read from.

    *as_declared*: they were read strictly.
    """
    if isinstance(record, Details):
        beside = vars(record)
        beside["raw_"] = Raw(document, path)
        if as_declared:
            beside["as_declared_"] = True
    for name, member in _with_raw(type(record)):
        value = getattr(record, name)
        if isinstance(value, Record):
            give_raw(value, document, (*path, member), as_declared)
        elif isinstance(value, list):
            for place, one in enumerate(value):
                give_raw(one, document, (*path, member, place), as_declared)


@cache
def _has_raw(kind: type[Record]) -> bool:
    return issubclass(kind, Details) or bool(_with_raw(kind))


@cache
def _with_raw(kind: type[Record]) -> tuple[tuple[str, str], ...]:
    """The fields of *kind* that hold :class:`Details`, and their members' names."""
    return tuple(
        (one.name, one.encode_name)
        for one in msgspec.structs.fields(kind)
        if (within := record_in(one.type)) is not None and _has_raw(within)
    )


def _member_at(body: Any, path: Path) -> Any:
    value = body
    for count, step in enumerate(path, 1):
        if not isinstance(value, dict):
            raise Unreadable(f"{'.'.join(path[: count - 1]) or 'the body'}: an object was expected")
        if step not in value:
            raise Unreadable(f"{'.'.join(path[:count])}: it is missing")
        value = value[step]
    return value


def _one_of(kind: type[R], value: Any, where: str) -> tuple[R, bool]:
    """*value* as *kind*, and whether it is as declared."""
    try:
        return settled(converted(kind, value), strict=True), True
    except Refused:
        pass
    record = forgiven(kind, value, where)
    if record is None:
        raise Unreadable(f"{where or 'the body'}: it cannot be read")
    return settled(record), False


def check_envelope(envelope: type[Record], body: Any, status: int, *, skip: str = "") -> None:
    """Refuse *body* where what stands around its payload is not as *envelope* says."""
    if not isinstance(body, dict):
        raise Unreadable("the body: an object was expected")
    try:
        converted(envelope, body)
    except Refused:
        forgiven(envelope, {name: value for name, value in body.items() if name != skip}, "")
    if problem := envelope.refuse(body, status):
        raise Unreadable(problem)
