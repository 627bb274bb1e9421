"""Mapping of VoiceTel's records to the neutral model, and of the neutral model to VoiceTel's requests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anycarrier.adapter import (
    UNSET,
    Answer,
    BindingStatus,
    CampaignBinding,
    ForwardTo,
    InvalidInput,
    InvalidNumber,
    LazyFields,
    Line,
    MessagingRecord,
    NoForward,
    NoTexts,
    Offer,
    OwnedNumber,
    PhoneNumber,
    Receipt,
    Record,
    Route,
    Rows,
    Status,
    Target,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
    UnexpectedResponse,
    blank_to_none,
    blanks_to_none,
    build,
    json_body,
    number_of,
    phone_number,
    price_of,
    refusal,
    settled,
    shape,
    stated,
    whole,
)

from . import schemas
from .accounts import registry_id
from .api import PROVIDER
from .options import MessagingRoutes, Ordered

__all__ = [
    "bound_status",
    "campaign_status",
    "destination",
    "gateway",
    "messaging_routes",
    "offers",
    "order_body",
    "ordered_numbers",
    "ours",
    "outcomes",
    "owned",
    "owned_rows",
    "result",
    "unclear",
    "webhook",
]

# -- from records to the neutral model

OFFER = LazyFields[schemas.InventoryRow, Offer](
    Offer,
    rate_center=lambda row, _: blank_to_none(row.rate_center),
    lata=lambda row, _: blank_to_none(row.lata),
    country=lambda _, offer: offer.number.country,
    line=lambda _, offer: Line.of(offer.number),
)

OWNED = LazyFields[schemas.NumberRow, OwnedNumber](
    OwnedNumber,
    line=lambda _, owned: Line.of(owned.number),
    routes=lambda row, _: routes(row),
    detail=lambda row, _: settled(row),
)


def offers(account: str, rows: Rows[schemas.InventoryRow, Record]) -> Sequence[Offer]:
    """The offers of a search's answer."""
    return build(
        OFFER,
        rows,
        provider=PROVIDER,
        account=account,
        number=rows.numbers("number"),
        city=blanks_to_none([row.city for row in rows.rows]),
        state=blanks_to_none([row.province for row in rows.rows]),
    )


def owned_rows(account: str, rows: Rows[schemas.NumberRow, Record]) -> Sequence[OwnedNumber]:
    """The numbers of a piece of the list. VoiceTel states no status: a number on the account works."""
    return build(OWNED, rows, provider=PROVIDER, account=account, number=rows.numbers("number"), status=Status.ACTIVE)


def owned(account: str, answer: Answer[schemas.NumberRow]) -> OwnedNumber:
    """The number of one answer."""
    row = answer.value
    number = phone_number(row.number)
    return OwnedNumber(
        provider=PROVIDER,
        account=account,
        number=number,
        status=Status.ACTIVE,
        line=Line.of(number),
        routes=routes(row),
        detail=row,
        raw=answer.raw(),
    )


def routes(row: schemas.NumberRow) -> tuple[Route, ...] | None:
    """The routes that a record states; ``None`` where it states none."""
    found: list[Route] = []
    if row.route is not None:
        found.append(ToGateway(row.route))
    if row.forward and row.forward_to:
        found.append(ForwardTo(phone_number(row.forward_to)))
    elif row.forward is False:
        found.append(NoForward())
    if row.sms_enabled is False:
        found.append(NoTexts())
    return tuple(found) or None


def outcomes(
    account: str, wanted: Sequence[PhoneNumber], answer: Answer[schemas.Order], also: Iterable[PhoneNumber] = ()
) -> tuple[Receipt, dict[PhoneNumber, OwnedNumber | str | None]]:
    """The receipt of an order, and what its answer says of each number *wanted*: the number itself, the reason that it
    failed, or ``None`` where it is in both lists, or in neither.

    Args:
        account: the account.
        wanted: numbers to tell about.
        answer: the answer.
        also: further numbers that were ordered.

    Raises:
        UnexpectedResponse: something was charged, and nothing bought.
    """
    order = answer.value
    listed = {text: _number(text) for text in order.numbers_ordered or ()}
    bought = {*listed.values()}
    failed = {number: item.reason or "" for item in order.failed or () if (number := _number(item.number))}
    expected = {*wanted, *also}
    others = tuple(text for text, number in listed.items() if number not in expected)
    each = None if order.amount_charged is None else price_of(order.amount_charged / max(1, len(listed)))
    receipt, raw = Receipt(charged=each, others=others), answer.raw()
    said: dict[PhoneNumber, OwnedNumber | str | None] = {}
    for number in wanted:
        if (number in bought) == (number in failed):
            said[number] = None
        else:
            said[number] = failed[number] if number in failed else bought_one(account, number, receipt, raw)
    if order.amount_charged and len(others) == len(listed) and None not in said.values():
        raise answer.wrong("nothing was bought, and something charged")
    return receipt, said


def unclear(answer: Answer[schemas.Order], number: PhoneNumber) -> UnexpectedResponse:
    """The error for a number that an answer lists as ordered and as failed, or as neither."""
    both = number in {_number(text) for text in answer.value.numbers_ordered or ()}
    which = "both ordered and failed" if both else "neither ordered nor failed"
    return answer.wrong(f"{number.masked} is {which}")


def result(account: str, wanted: Sequence[PhoneNumber], answer: Answer[schemas.Order]) -> Ordered:
    """The outcome of an order for each number *wanted*.

    Raises:
        UnexpectedResponse: a number is in both lists, or in neither, or something was charged and nothing bought.
    """
    receipt, said = outcomes(account, wanted, answer)
    for number, one in said.items():
        if one is None:
            raise unclear(answer, number)
    amount = answer.value.amount_charged
    return Ordered(
        order_id=answer.value.order_id,
        amount_charged=None if amount is None else price_of(amount),
        others=receipt.others,
        numbers=tuple(one for one in said.values() if isinstance(one, OwnedNumber)),
        failed={number: one for number, one in said.items() if isinstance(one, str)},
    )


def bought_one(account: str, number: PhoneNumber, receipt: Receipt, raw: Mapping[str, Any]) -> OwnedNumber:
    """A number just bought: the answer says nothing more about it."""
    return OwnedNumber(
        provider=PROVIDER,
        account=account,
        number=number,
        status=Status.ACTIVE,
        line=Line.of(number),
        receipt=receipt,
        raw=raw,
    )


def _number(text: str) -> PhoneNumber | None:
    for read in (stated, PhoneNumber):
        try:
            return read(text)
        except InvalidNumber:
            continue
    return None


_JOBS = dict.fromkeys(("queued", "hosting", "assigning", "routing"), BindingStatus.PENDING) | {
    "done": BindingStatus.ACTIVE,
    "failed": BindingStatus.FAILED,
}
_WORDS = {
    "enabled": BindingStatus.ACTIVE,
    "already": BindingStatus.ACTIVE,
    "pending": BindingStatus.PENDING,
}
_CAMPAIGNS = {
    "active": BindingStatus.ACTIVE,
    "pending": BindingStatus.PENDING,
    "expired": BindingStatus.FAILED,
    "suspended": BindingStatus.FAILED,
}


def bound_status(answer: Answer[schemas.Bound]) -> tuple[BindingStatus, str | None]:
    """State of a binding, and VoiceTel's word for it. 2.2.10 binds at once and has no word."""
    bound = answer.value
    job = bound.job.state if bound.job else None
    if job and _JOBS.get(job.casefold()) is BindingStatus.FAILED:
        return BindingStatus.FAILED, job
    word = bound.status or job
    if answer.response.status == 202:
        return BindingStatus.PENDING, word
    if word is None:
        return BindingStatus.ACTIVE, None
    return (_WORDS | _JOBS).get(word.casefold(), BindingStatus.UNKNOWN), word


def campaign_status(state: schemas.MessagingState) -> tuple[BindingStatus, str | None]:
    """State of a number's campaign, and VoiceTel's word for it."""
    campaign = None if state.campaign is UNSET else state.campaign
    word = campaign.status if campaign else None
    # Whatever it is: its form is not in the document. An answer that is as declared is not decoded again for it.
    if (state.pending is not None or not state.as_declared) and state.raw.get("pending"):
        return BindingStatus.PENDING, word
    if campaign is not None:
        return _CAMPAIGNS.get((word or "").casefold(), BindingStatus.UNKNOWN), word
    # null says that there is none; a missing member says nothing
    return BindingStatus.UNKNOWN if state.campaign is UNSET else BindingStatus.UNBOUND, None


def messaging(account: str, state: schemas.MessagingState) -> MessagingRecord:
    """Destination of a number's texts, and its campaign, from its messaging state."""
    number = stated(state.number)
    status, word = campaign_status(state)
    campaign = state.campaign.id if state.campaign else None
    if status is BindingStatus.PENDING and state.pending and state.pending.campaign_id:
        campaign = state.pending.campaign_id
    binding = CampaignBinding(
        provider=PROVIDER,
        account=account,
        number=number,
        campaign_id=campaign,
        registry_id=registry_id(campaign),
        status=status,
        provider_status=word,
        raw=state.raw,
    )
    return MessagingRecord(number=number, texts=_texts(state), binding=binding)


def _texts(state: schemas.MessagingState) -> Route | None:
    """The destination of texts. The state has the place and not its kind, which the place shows."""
    place = (state.resource or "").strip()
    if place:
        if place.lower().startswith("https://"):
            return TextsToWebhook(place)
        return TextsToSip(place) if "@" not in place or place.lower().startswith("sip") else TextsToEmail(place)
    return NoTexts() if state.route_in == 0 else None


# -- from the neutral model to requests


def ours(target: Target, feature: str) -> PhoneNumber:
    """The number, if it is one that VoiceTel can name."""
    number = number_of(target)
    try:
        number.ten_digit  # noqa: B018 - raises
    except InvalidNumber as error:
        raise refusal(PROVIDER, feature, f"VoiceTel has ten-digit numbers only: {error}") from None
    return number


def order_body(numbers: Sequence[PhoneNumber], route: int | None) -> bytes:
    """The body of an order; the same numbers and route give the same bytes."""
    if route is not None:
        whole("route", route, 0)
    items = [n.ten_digit if route is None else {"number": n.ten_digit, "route": route} for n in numbers]
    return json_body({"numbers": items})


def ordered_numbers(body: bytes) -> list[PhoneNumber]:
    """The numbers that a body of :func:`order_body` orders."""
    items: list[str | dict[str, str]] = json.loads(body)["numbers"]
    return [PhoneNumber(item if isinstance(item, str) else item["number"]) for item in items]


def gateway(route: ToGateway) -> dict[str, int]:
    """Body that routes calls to a gateway."""
    if not re.fullmatch("[0-9]{1,9}", str(route.gateway)):
        said = shape(str(route.gateway))
        raise InvalidInput(f"gateway must be the id of a VoiceTel gateway, such as 1000, got {said}")
    return {"route": int(route.gateway)}


def destination(route: ForwardTo) -> dict[str, str]:
    """Body that forwards calls."""
    return {"destination": ours(route.number, "route.forward").ten_digit}


def webhook(route: TextsToWebhook) -> dict[str, str]:
    """Body that routes texts to a webhook."""
    if not route.url.lower().startswith("https://"):
        raise InvalidInput("url must begin with https://: VoiceTel sends texts to no other URLs")
    return {"type": "webhook", "resource": route.url}


def messaging_routes(route: MessagingRoutes) -> dict[str, int | None]:
    """Body that routes texts to a messaging route and by a carrier."""
    return {"routeIn": route.route_in, "routeOut": route.route_out}
