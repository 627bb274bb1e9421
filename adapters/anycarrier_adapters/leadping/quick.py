"""A page of the list, read in one go; ``None`` for what the models have to look at."""

from __future__ import annotations

from functools import cache
from itertools import repeat
from typing import Any

from attrs import frozen
from pydantic_core import SchemaValidator
from pydantic_core import core_schema as c

from anycarrier import swift
from anycarrier.model import Feature, Later, OwnedNumber, Status
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.records import Checked
from anycarrier.swift import FLAG, NONE, TEXT, WHOLE, facts_of, members_of, present

from . import reading, schemas
from .api import PROVIDER

__all__ = ["Quick", "page"]

_DECIDING = (
    "status", "inventoryState", "providerLifecycleState", "providerStatus", "smsReady", "voiceReady", "enabled",
)  # fmt: skip
"""What the neutral status and features of a row depend on."""


@frozen
class Quick:
    """A page: its cursor, and the numbers on it."""

    continuation_token: str | None
    owned: Checked[OwnedNumber]


@cache
def _page() -> SchemaValidator:
    texts = (
        "id", "name", "type", "ownership", "routingSummary", "capabilities", "location", "business", "organization",
        "organizationId", "user", "billingAttribution", "status", "inventoryState", "providerLifecycleState",
        "providerStatus", "providerReconciliationStatus", "tenDlcCampaignId", "tenDlcCampaignStatus", "warmupState",
        "healthStatus",
    )  # fmt: skip
    flags = ("enabled", "smsReady", "voiceReady", "warmupOnly", "internalTestOnly", "isMessagingProgramApproved")
    readiness = swift.whole(
        "", enabled=FLAG, state=TEXT, healthStatus=TEXT, healthScore=WHOLE, progressPercent=WHOLE, callStage=TEXT
    )
    row = swift.whole(
        "number", number=c.str_schema(strict=True), **dict.fromkeys(texts, TEXT), **dict.fromkeys(flags, FLAG),
        warmupHealthScore=WHOLE, warmupProgressPercent=WHOLE, adminEnablementOverride=c.none_schema(),
        warmup=c.nullable_schema(readiness), isDemo=FLAG,
    )  # fmt: skip
    return SchemaValidator(swift.whole(
        "items", items=c.list_schema(row), pageSize=WHOLE, totalCount=WHOLE, continuationToken=TEXT
    ))  # fmt: skip


def page(account: str, body: bytes) -> Quick | None:
    """A page of the list."""
    answer = swift.read(_page(), body)
    if answer is None:
        return None
    rows: list[dict[str, Any]] = answer["items"]
    inner = [warmup for row in rows if (warmup := row.get("warmup"))]
    names: set[str] = {*answer}.union(*rows, *inner)
    # The models know every member by its Python name too.
    if members_of(body) != len(answer) + sum(map(len, rows)) + sum(map(len, inner)) or any("_" in one for one in names):
        return None
    if any(row.get("isDemo") for row in rows):
        return None
    try:
        numbers = [PhoneNumber(row["number"]) for row in rows]
    except InvalidNumber:
        return None
    known: dict[str, swift.Facts] = {}
    words = [tuple(map(row.get, _DECIDING)) for row in rows]
    lives = {each: _life(each) for each in {*words}}
    return Quick(present(answer.get("continuationToken")), Checked(swift.made(
        OwnedNumber, provider=repeat(PROVIDER), account=repeat(account), number=numbers,
        id=[present(row.get("id")) for row in rows], status=[lives[each][0] for each in words],
        provider_status=[lives[each][1] for each in words], label=[present(row.get("name")) for row in rows],
        features=[lives[each][2].copy() for each in words],
        line=[(known.get(number[:5]) or facts_of(number, known))[1] for number in numbers], routes=NONE,
        campaign_id=[present(row.get("tenDlcCampaignId")) for row in rows], created=NONE, detail=repeat(_ROW), raw=rows,
    )))  # fmt: skip


class _Row(Later):
    def made(self, one: OwnedNumber) -> schemas.NumberRow:
        return schemas.NumberRow.model_validate(one.raw)


_ROW = _Row()


def _life(words: tuple[Any, ...]) -> tuple[Status, str | None, dict[Feature, bool]]:
    """Status, the word that decided it, and features, as the careful reader has them."""
    row = schemas.NumberRow.model_validate({"number": "+12015550123", **dict(zip(_DECIDING, words, strict=True))})
    return *reading.status_of(row), reading.ready(row)
