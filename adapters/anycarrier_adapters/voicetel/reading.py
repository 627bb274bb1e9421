"""From VoiceTel's records to the neutral model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from anycarrier.decoding.raw import Document
from anycarrier.exchange import Request, Response
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    Line,
    Offer,
    OwnedNumber,
    Receipt,
    Status,
    price_of,
)
from anycarrier.numbers import InvalidNumber, PhoneNumber, stated
from anycarrier.wire import unexpected

from . import routes
from ._later import schemas
from .api import PROVIDER
from .options import Ordered

__all__ = ["binding", "bound_status", "campaign_status", "offers", "owned", "result"]


def offers(account: str, inventory: schemas.Inventory, response: Response) -> list[Offer]:
    """What a search found."""
    document = Document(response.body)
    found: list[Offer] = []
    for place, row in enumerate(inventory.numbers):
        if row is None:
            continue
        offer = Offer(
            provider=PROVIDER, account=account, number=row.number, city=row.city, state=row.province,
            rate_center=row.rate_center, lata=row.lata, country=row.number.country, line=Line.of(row.number),
            raw=document.at("data", "numbers", place),
        )  # fmt: skip
        found.append(offer)
    return found


def owned(account: str, row: schemas.NumberRow, raw: Mapping[str, Any]) -> OwnedNumber:
    """A number on the account. VoiceTel states no status: what is on the account works."""
    return OwnedNumber(
        provider=PROVIDER, account=account, number=row.number, status=Status.ACTIVE, line=Line.of(row.number),
        routes=routes.stated(row.route, row.forward, row.forward_to, row.sms_enabled), detail=row, raw=raw,
    )  # fmt: skip


def result(
    account: str, wanted: Iterable[PhoneNumber], order: schemas.Order, request: Request, response: Response
) -> Ordered:
    """What became of each number *wanted*; ``UnexpectedResponse`` when one is in both lists, or in neither, or when
    something was charged though nothing was bought."""
    wanted = [*wanted]
    listed = {text: _number(text) for text in order.numbers_ordered}
    bought = {*listed.values()}
    failed = {number: item.reason or "" for item in order.failed if (number := _number(item.number))}
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
    campaign = state.campaign
    word = campaign.status if campaign else None
    if state.pending:
        return BindingStatus.PENDING, word
    if campaign is not None:
        return _CAMPAIGNS.get((word or "").casefold(), BindingStatus.UNKNOWN), word
    said = "campaign" in state.model_fields_set  # null says that there is none; a missing member says nothing
    return BindingStatus.UNBOUND if said else BindingStatus.UNKNOWN, None


def binding(
    account: str, number: PhoneNumber, campaign_id: str | None, status: tuple[BindingStatus, str | None],
    response: Response,
) -> CampaignBinding:  # fmt: skip
    """A number's campaign."""
    return CampaignBinding(
        provider=PROVIDER, account=account, number=number, campaign_id=campaign_id, status=status[0],
        provider_status=status[1], raw=Document(response.body).at("data"),
    )  # fmt: skip
