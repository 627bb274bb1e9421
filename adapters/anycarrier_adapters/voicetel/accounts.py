"""Operations about an account of VoiceTel: balance, campaigns, coverage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from anycarrier.adapter import (
    Balance,
    Campaign,
    CampaignStatus,
    Coverage,
    CoverageBy,
    Exchange,
    Failed,
    InvalidInput,
    Listing,
    NotFound,
    OwnedNumber,
    PhoneNumber,
    Route,
    Search,
    Support,
    ToGateway,
    UnexpectedResponse,
    blank_to_none,
    can,
    cannot,
    collect,
    together,
)

from . import schemas
from .api import PROVIDER, UNBINDABLE, Api

__all__ = [
    "SUPPORTS",
    "balance",
    "campaign",
    "campaigns",
    "coverage",
    "messaging_states",
    "missing_gateways",
    "registry_id",
]

T = TypeVar("T")

SUPPORTS: Mapping[str, Support] = {
    **can("campaigns", note="those that numbers of the account are bound to: VoiceTel has no list of all"),
    **can("coverage", note="up to ten minutes old"),
    **cannot(
        "VoiceTel has no number pools; a gateway (phone.native.gateways()) is where calls of several numbers go",
        "pools",
    ),
    **cannot("VoiceTel's documents have no request that holds a number: an order buys it at once", "reserve"),
    **cannot(
        "VoiceTel's documents have no toll-free verification: what they register is 10DLC brands and campaigns",
        "verify_toll_free",
    ),
    **cannot(
        "VoiceTel's documents have no request for the texts of a number alone: a port moves its calls too",
        "host_sms",
    ),
    **cannot(
        "VoiceTel's documents name no event about a number; a webhook takes its texts only (route.texts.webhook)",
        "number_webhooks",
    ),
    **can("balance", note="the account's cash; VoiceTel allows six requests an hour, with others of the account"),
}
"""Declarations about an account, and of the features that no client has."""

STATES_AT_ONCE = 500
"""Numbers in one request for messaging states; VoiceTel takes 1000, which make a long URL."""
STATES_MOST = 1000
CAMPAIGNS_AT_ONCE = 100
ID_FORM = "[A-Z0-9]+"
SYSTEM = frozenset({1, 2, 3, 4, 5, 6, 8})
"""Ids of the system routes, which every account has."""

INVALID = "campaign_invalid_id"
"""Word of later releases for a campaign that is not there."""
_CAMPAIGNS: Mapping[str, CampaignStatus] = {
    "campaign_dca_complete": CampaignStatus.ACTIVE,
    "campaign_dca_complete_no_numbers_assigned": CampaignStatus.ACTIVE,
    "campaign_active": CampaignStatus.ACTIVE,
    "campaign_pending_dca": CampaignStatus.PENDING,
    "campaign_pending": CampaignStatus.PENDING,
    "campaign_dca_rejected": CampaignStatus.FAILED,
    "campaign_expired": CampaignStatus.FAILED,
    "campaign_suspended": CampaignStatus.FAILED,
    INVALID: CampaignStatus.FAILED,
}
"""The documented words, and CAMPAIGN_ with the words of the registry."""

_COUNT_BY: Mapping[CoverageBy, str] = {
    "state": "state",
    "city": "city",
    "rate_center": "rateCenter",
    "prefix": "npanxx",
}


def balance(account: str, record: schemas.AccountInfo) -> Balance:
    """The account's cash. That it is in USD is said of what an order takes from it."""
    currency = None if record.cash is None else "USD"
    return Balance(provider=PROVIDER, account=account, amount=record.cash, currency=currency, raw=record.raw)


def messaging_states(api: Api, numbers: Sequence[PhoneNumber]) -> Exchange[list[schemas.MessagingState]]:
    """The messaging states of any count of numbers, 1000 in a request."""
    found: list[schemas.MessagingState] = []
    reads = [api.messaging_states(some) for some in _pieces(numbers, STATES_MOST)]
    for outcome in (yield from together(reads, limit=4)):
        if isinstance(outcome, Failed):
            raise outcome.error
        found += outcome.value
    return found


def campaigns(api: Api, numbers: Listing[OwnedNumber]) -> Exchange[list[Campaign]]:
    """Campaigns that *numbers* are bound to, or are being bound to."""
    owned = yield from collect(numbers)
    ids: dict[str, None] = {}
    for some in _pieces(owned, STATES_AT_ONCE):
        for state in (yield from api.messaging_states(some)):
            bound = [state.campaign.id if isinstance(state.campaign, schemas.Campaign) else None]
            bound.append(state.pending.campaign_id if state.pending else None)
            ids.update(dict.fromkeys(one for one in bound if one is not None))
    if not all(re.fullmatch(ID_FORM, one) for one in ids):
        raise _wrong("the id of a campaign that VoiceTel shows is not one that it takes")
    found: list[Campaign] = []
    for wanted in _pieces([*ids], CAMPAIGNS_AT_ONCE):
        found += yield from _read(api, wanted)
    return found


def campaign(api: Api, campaign_id: str) -> Exchange[Campaign]:
    """One campaign; ``NotFound`` where VoiceTel says that the id is invalid."""
    if not re.fullmatch(ID_FORM, campaign_id):
        raise InvalidInput("campaign_id must be capitals and digits, such as CH5K5IZ")
    (found,) = yield from _read(api, [campaign_id])
    if (found.provider_status or "").casefold() == INVALID:
        raise NotFound("VoiceTel has no campaign of this id", provider=PROVIDER, code=found.provider_status)
    return found


def missing_gateways(api: Api, routes: Sequence[Route]) -> Exchange[Mapping[Route, str]]:
    """Those of *routes* to a gateway that VoiceTel does not list, with the reason; nothing is read without such."""
    ids = {
        one: int(one.gateway)
        for one in routes
        if isinstance(one, ToGateway) and re.fullmatch("[0-9]{1,9}", one.gateway) and int(one.gateway) not in SYSTEM
    }
    if not ids:
        return {}
    known = {gateway.id for gateway in (yield from api.gateways())}
    return {
        one: f"VoiceTel lists no gateway {gateway} of this account"
        for one, gateway in ids.items()
        if gateway not in known
    }


_IS_REGISTRY_ID = re.compile(UNBINDABLE).fullmatch


def registry_id(campaign_id: str | None) -> str | None:
    """The registry's (TCR) id of a campaign: its own, where it has that form, as VoiceTel documents."""
    return campaign_id if campaign_id and _IS_REGISTRY_ID(campaign_id) else None


def coverage(api: Api, by: CoverageBy, within: Search) -> Exchange[list[Coverage]]:
    """Counts of the inventory."""
    rows = yield from api.coverage(
        _COUNT_BY[by],  # type: ignore[arg-type]
        state=within.state and within.state.strip().upper(),
        city=within.city and within.city.strip(),
        rate_center=within.rate_center and within.rate_center.strip(),
        npa=within.area_code if isinstance(within.area_code, str) else None,
        lata=None if within.lata is None else int(within.lata),
    )
    return [_place(api.account, row) for row in rows]


def _place(account: str, row: schemas.Coverage) -> Coverage:
    if row.count is None or row.count < 0:
        raise _wrong("a place has no count that can be read")
    npa, nxx = blank_to_none(row.npa), blank_to_none(row.nxx)
    return Coverage(
        provider=PROVIDER,
        account=account,
        count=row.count,
        state=blank_to_none(row.loc_state),
        city=blank_to_none(row.city),
        rate_center=blank_to_none(row.rc_abbre),
        prefix=npa + nxx if npa and nxx else None,
        lata=blank_to_none(row.lata),
        raw=row.raw,
    )


def _read(api: Api, ids: Sequence[str]) -> Exchange[list[Campaign]]:
    """The campaigns of *ids*, each of which the answer must list."""
    rows = {row.id: row for row in (yield from api.campaigns(ids))}
    if missing := [one for one in ids if one not in rows]:
        raise _wrong(f"the answer lacks {len(missing)} of {len(ids)} campaigns")
    return [
        Campaign(
            provider=PROVIDER,
            account=api.account,
            id=one,
            registry_id=registry_id(one),
            status=_CAMPAIGNS.get((rows[one].status or "").casefold(), CampaignStatus.UNKNOWN),
            provider_status=rows[one].status,
            numbers=_numbers(rows[one].numbers),
            raw=rows[one].raw,
        )
        for one in ids
    ]


def _numbers(stated: Sequence[PhoneNumber | str | None] | None) -> tuple[PhoneNumber, ...] | None:
    return None if stated is None else tuple(one for one in stated if isinstance(one, PhoneNumber))


def _pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]


def _wrong(what: str) -> UnexpectedResponse:
    return UnexpectedResponse(what, provider=PROVIDER)
