"""A page of a location's numbers, read in one go; ``None`` for what the models have to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import repeat
from typing import Any

from attrs import frozen
from pydantic_core import SchemaValidator
from pydantic_core import core_schema as c

from anycarrier import swift
from anycarrier.model import Later, NoForward, OwnedNumber, Route, Status
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.records import Checked
from anycarrier.swift import FLAG, NONE, PLAIN, TEXT, members_of, present

from . import schemas

__all__ = ["Quick", "page"]

Routes = tuple[Route, ...] | None


@frozen
class Quick:
    """A page: what stands around its rows, the rows, and the numbers that they are."""

    answer: schemas.NumberPage
    rows: list[dict[str, Any]]
    owned: Checked[OwnedNumber]


@cache
def _validator(enveloped: bool) -> SchemaValidator:
    count = c.nullable_schema(c.int_schema(strict=True, ge=0, le=10**12))
    row = swift.whole(
        "phoneNumber", phoneNumber=c.str_schema(strict=True), friendlyName=TEXT, sid=TEXT, countryCode=TEXT,
        capabilities=c.nullable_schema(c.dict_schema(c.str_schema(strict=True), c.bool_schema(strict=True))),
        type=TEXT, isDefaultNumber=FLAG, linkedUser=TEXT,
        linkedRingAllUsers=c.nullable_schema(c.list_schema(c.str_schema(strict=True))),
        inboundCallService=c.nullable_schema(swift.whole("", type=TEXT, value=PLAIN)), forwardingNumber=TEXT,
        isGroupConversationEnabled=FLAG, addressSid=TEXT, bundleSid=TEXT, dateAdded=TEXT, dateUpdated=TEXT,
        dateCreated=TEXT, origin=TEXT, numberType=swift.never(),
    )  # fmt: skip
    inner = swift.whole(
        "numbers", numbers=c.list_schema(row), isUnderLc=FLAG, isUnderGhl=FLAG, pageSize=count, page=count, total=count,
        accountStatus=TEXT, rcsSenderIds=c.list_schema(c.str_schema(), max_length=0), data=swift.never(),
    )  # fmt: skip
    if not enveloped:
        return SchemaValidator(inner)
    return SchemaValidator(swift.whole("status data", status=c.literal_schema(["success"]), data=inner))


def page(
    provider: str, account: str, status: Callable[[str | None], Status], routes: Callable[[schemas.NumberRow], Routes],
    body: bytes,
) -> Quick | None:  # fmt: skip
    """A page of the list. *status* and *routes* are how the careful reader reads those."""
    enveloped = body.startswith(b'{"status"')
    answer = swift.read(_validator(enveloped), body)
    if answer is None:
        return None
    inner = answer["data"] if enveloped else answer
    rows: list[dict[str, Any]] = inner["numbers"]
    count = len(inner) + (len(answer) if enveloped else 0)
    for row in rows:
        count += len(row) + len(row.get("capabilities") or ()) + len(row.get("inboundCallService") or ())
    names: set[str] = {*inner}.union(*rows)
    # The models know every member by its Python name too.
    if members_of(body) != count or any("_" in name for name in names):
        return None
    try:
        numbers = [_number(row["phoneNumber"]) for row in rows]
    except InvalidNumber:
        return None
    word = present(inner.get("accountStatus"))
    made = swift.made(
        OwnedNumber, provider=repeat(provider), account=repeat(account), number=numbers,
        id=[present(row.get("sid")) for row in rows], status=repeat(status(word)), provider_status=repeat(word),
        label=[present(row.get("friendlyName")) for row in rows],
        features=[schemas.features_of(row.get("capabilities")) for row in rows],
        line=[schemas.line_of(present(row.get("type"))) for row in rows],
        routes=[_routes(row, routes) for row in rows], campaign_id=NONE,
        created=[schemas.date_of(row.get("dateAdded")) or schemas.date_of(row.get("dateCreated")) for row in rows],
        detail=repeat(_ROW), raw=rows,
    )  # fmt: skip
    return Quick(schemas.NumberPage.model_validate({**inner, "numbers": rows}), rows, Checked(made))


class _Row(Later):
    def made(self, one: OwnedNumber) -> schemas.NumberRow:
        return schemas.NumberRow.model_validate(one.raw)


_ROW = _Row()
_NOT_FORWARDED: Routes = (NoForward(),)


def _number(text: str) -> PhoneNumber:
    if text[:1] != "+":
        raise InvalidNumber("an E.164 number was expected")
    return PhoneNumber(text, region=None)


def _routes(row: Mapping[str, Any], careful: Callable[[schemas.NumberRow], Routes]) -> Routes:
    if row.get("forwardingNumber") or row.get("inboundCallService"):
        return careful(schemas.NumberRow.model_validate(row))
    return _NOT_FORWARDED if "forwardingNumber" in row else None
