"""Mapping of VoiceTel's records to the neutral model, and of the neutral model to VoiceTel's requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anycarrier.decoding import (
    UNSET,
    Document,
    LazyFields,
    Record,
    Rows,
    blank_to_none,
    blanks_to_none,
    build,
    phone_number,
    settled,
)
from anycarrier.errors import InvalidInput, NotFound
from anycarrier.exchange import Exchange, Request, Response
from anycarrier.features import refusal
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    ForwardTo,
    Line,
    NoForward,
    NoTexts,
    Offer,
    OwnedNumber,
    Receipt,
    Route,
    Status,
    Target,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
    number_of,
    price_of,
)
from anycarrier.numbers import InvalidNumber, PhoneNumber, stated
from anycarrier.validation import shape, whole
from anycarrier.wire import json_body, unexpected

from . import schemas
from .api import PROVIDER, Api
from .options import MessagingRoutes, Ordered

__all__ = [
    "binding",
    "bound_status",
    "campaign_status",
    "offers",
    "order_body",
    "ours",
    "owned",
    "owned_rows",
    "result",
    "step",
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


def owned(account: str, row: schemas.NumberRow, response: Response) -> OwnedNumber:
    """The number of one answer."""
    number = phone_number(row.number)
    return OwnedNumber(
        provider=PROVIDER,
        account=account,
        number=number,
        status=Status.ACTIVE,
        line=Line.of(number),
        routes=routes(row),
        detail=row,
        raw=Document(response.body).at("data"),
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


def result(
    account: str, wanted: Iterable[PhoneNumber], order: schemas.Order, request: Request, response: Response
) -> Ordered:
    """What became of each number *wanted*; ``UnexpectedResponse`` when one is in both lists, or in neither, or when
    something was charged though nothing was bought."""
    wanted = [*wanted]
    listed = {text: _number(text) for text in order.numbers_ordered or ()}
    bought = {*listed.values()}
    failed = {number: item.reason or "" for item in order.failed or () if (number := _number(item.number))}
    raw = Document(response.body).at("data")
    for number in wanted:
        if (number in bought) == (number in failed):
            which = "both ordered and failed" if number in bought else "neither ordered nor failed"
            raise unexpected(request, response, f"{number.masked} is {which}", provider=PROVIDER)
    amount = order.amount_charged
    if amount and not bought.intersection(wanted):
        raise unexpected(request, response, "nothing was bought, and something charged", provider=PROVIDER)
    others = tuple(text for text, number in listed.items() if number not in wanted)
    each = None if amount is None else price_of(amount / max(1, len(listed)))
    receipt = Receipt(charged=each, others=others)
    return Ordered(
        order_id=order.order_id, amount_charged=None if amount is None else price_of(amount), others=others,
        numbers=tuple(bought_one(account, number, receipt, raw) for number in wanted if number in bought),
        failed={number: failed[number] for number in wanted if number in failed},
    )  # fmt: skip


def bought_one(account: str, number: PhoneNumber, receipt: Receipt, raw: Mapping[str, Any]) -> OwnedNumber:
    """A number just bought: the answer says nothing more about it."""
    return OwnedNumber(
        provider=PROVIDER, account=account, number=number, status=Status.ACTIVE, line=Line.of(number),
        receipt=receipt, raw=raw,
    )  # fmt: skip


def _number(text: str) -> PhoneNumber | None:
    for read in (stated, PhoneNumber):
        try:
            return read(text)
        except InvalidNumber:
            continue
    return None


_JOBS = dict.fromkeys(("queued", "hosting", "assigning", "routing"), BindingStatus.PENDING) | {
    "done": BindingStatus.ACTIVE, "failed": BindingStatus.FAILED,
}  # fmt: skip
_WORDS = {
    "enabled": BindingStatus.ACTIVE, "already": BindingStatus.ACTIVE, "pending": BindingStatus.PENDING,
}  # fmt: skip
_CAMPAIGNS = {
    "active": BindingStatus.ACTIVE, "pending": BindingStatus.PENDING, "expired": BindingStatus.FAILED,
    "suspended": BindingStatus.FAILED,
}  # fmt: skip


def bound_status(bound: schemas.Bound, response: Response) -> tuple[BindingStatus, str | None]:
    """How a binding stands, and VoiceTel's word for it. 2.2.10 binds at once and has no word."""
    job = bound.job.state if bound.job else None
    if job and _JOBS.get(job.casefold()) is BindingStatus.FAILED:
        return BindingStatus.FAILED, job
    word = bound.status or job
    if response.status == 202:
        return BindingStatus.PENDING, word
    if word is None:
        return BindingStatus.ACTIVE, None
    return (_WORDS | _JOBS).get(word.casefold(), BindingStatus.UNKNOWN), word


def campaign_status(state: schemas.MessagingState) -> tuple[BindingStatus, str | None]:
    """How the campaign of a number stands, and VoiceTel's word for it."""
    campaign = None if state.campaign is UNSET else state.campaign
    word = campaign.status if campaign else None
    if state.pending:
        return BindingStatus.PENDING, word
    if campaign is not None:
        return _CAMPAIGNS.get((word or "").casefold(), BindingStatus.UNKNOWN), word
    # null says that there is none; a missing member says nothing
    return BindingStatus.UNKNOWN if state.campaign is UNSET else BindingStatus.UNBOUND, None


def binding(
    account: str, number: PhoneNumber, campaign_id: str | None, status: tuple[BindingStatus, str | None],
    response: Response,
) -> CampaignBinding:  # fmt: skip
    """A number's campaign."""
    return CampaignBinding(
        provider=PROVIDER, account=account, number=number, campaign_id=campaign_id, status=status[0],
        provider_status=status[1], raw=Document(response.body).at("data"),
    )  # fmt: skip


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


def step(api: Api, number: PhoneNumber, route: Route) -> tuple[str, Exchange[object]]:
    """What *route* is about, and the exchange that sets it: everything is checked before the first is driven."""
    match route:
        case ToGateway(gateway=gateway):
            return "calls", api.set_route(number, _gateway(gateway))
        case ForwardTo(number=destination):
            return "forwarding", api.set_forward(number, ours(destination, "route.forward"))
        case NoForward():
            return "forwarding", api.remove_forward(number)
        case TextsToWebhook(url=url):
            if not url.lower().startswith("https://"):
                raise InvalidInput("url must begin with https://: VoiceTel sends texts to no other URLs")
            return "texts", api.set_sms(number, "webhook", url)
        case TextsToEmail(address=address):
            return "texts", api.set_sms(number, "email", address)
        case TextsToSip(address=address):
            return "texts", api.set_sms(number, "sip", address)
        case NoTexts():
            return "texts", _no_texts(api, number)
        case MessagingRoutes(route_in=route_in, route_out=route_out):
            return "messaging", api.set_messaging(number, route_in=route_in, route_out=route_out)
    if not isinstance(route, Route):
        raise InvalidInput(f"a route must be an object such as ToGateway(1000) or NoTexts(), not {shape(route)}")
    raise refusal(PROVIDER, route.feature, f"VoiceTel has nothing like {type(route).__name__}")


def _no_texts(api: Api, number: PhoneNumber) -> Exchange[None]:
    try:
        yield from api.remove_sms(number)
    except NotFound:  # so it was already, or the number is not ours: reading it at the end tells which
        return


def _gateway(gateway: int | str) -> int:
    if not re.fullmatch("[0-9]{1,9}", str(gateway)):
        raise InvalidInput(f"gateway must be the id of a VoiceTel gateway, such as 1000, got {shape(str(gateway))}")
    return int(gateway)
