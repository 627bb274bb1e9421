"""Operations about an account of Leadping: balance, campaigns."""

from __future__ import annotations

import re
from collections.abc import Mapping

from anycarrier.adapter import (
    PORTS,
    Balance,
    BindingStatus,
    Campaign,
    CampaignStatus,
    Evidence,
    Exchange,
    Listing,
    NotFound,
    OwnedNumber,
    Support,
    can,
    cannot,
    collect,
)

from .api import Api
from .errors import PROVIDER
from .mapping import binding_status
from .schemas import Activation, Wallet

__all__ = ["SUPPORTS", "balance", "campaign", "campaigns"]

SUPPORTS: Mapping[str, Support] = {
    **can(
        "campaigns",
        "campaign",
        evidence=Evidence.INFERRED,
        note="those that numbers are bound to; since 2026-08 the organization's 10DLC application, without its numbers",
    ),
    **cannot(
        "Leadping chooses the sender of a text itself, and no request of its API lists a pool of numbers", "pools"
    ),
    **cannot("Leadping's search gives numbers and no counts, and no other request covers what is for sale", "coverage"),
    **cannot(
        "Leadping's API has no request for a number that is elsewhere, and none that ports",
        *PORTS,
        by_hand="ask Leadping's support whether it ports numbers in: its documents say nothing of it",
    ),
    **cannot("Leadping's API has no request that holds a number; the check of one number does not", "reserve"),
    **cannot(
        "Leadping's API has no request for toll-free verification; Leadping's staff prepares a number (TrustedSetup)",
        "verify_toll_free",
    ),
    **cannot(
        "Leadping's API has no request for the texts of a number that is elsewhere, and none that ports", "host_sms"
    ),
    **cannot(
        "Leadping's API has webhooks of lead automations only, and names no event about a number", "number_webhooks"
    ),
    **can("balance", note="the prepaid wallet; documents before 2026-08 name no amount, and one in the answer is read"),
}
"""Declarations about an account, and of the features that no client has."""

_DRAFTS = frozenset({
    "NotSubmitted", "NotStarted", "DraftGenerated", "DraftIncomplete", "DraftNeedsAdminReview", "ReadyToSubmit",
})  # fmt: skip
"""Words for an application that has not been submitted."""


def balance(account: str, wallet: Wallet) -> Balance:
    """Balance of a wallet; a currency that is no ISO 4217 code counts as not stated."""
    currency = (wallet.currency or "").strip().upper()
    return Balance(
        provider=PROVIDER,
        account=account,
        amount=wallet.balance,
        currency=currency if re.fullmatch("[A-Z]{3}", currency) else None,
        as_of=wallet.balance_calculated_at,
        raw=wallet.raw,
    )


def campaigns(api: Api, numbers: Listing[OwnedNumber]) -> Exchange[list[Campaign]]:
    """Campaigns of the business, from the list of its *numbers*; of an organization, its 10DLC application."""
    if api.version.noun == "business":
        return _of_numbers(api.account, (yield from collect(numbers)))
    activation = (yield from api.owner()).activation
    if activation is None or activation.ten_dlc_application_id is None:
        return []
    return [_application(api.account, activation.ten_dlc_application_id, activation)]


def campaign(api: Api, numbers: Listing[OwnedNumber], campaign_id: str) -> Exchange[Campaign]:
    """The one of :func:`campaigns` that has this id."""
    for one in (yield from campaigns(api, numbers)):
        if one.id == campaign_id:
            return one
    raise NotFound("neither a number nor the organization has a campaign of this id", provider=PROVIDER)


def _of_numbers(account: str, owned: list[OwnedNumber]) -> list[Campaign]:
    bound: dict[str, list[OwnedNumber]] = {}
    for one in owned:
        if one.campaign_id is not None:
            bound.setdefault(one.campaign_id, []).append(one)
    found: list[Campaign] = []
    for name, numbers in bound.items():
        status, word = _status([one.detail.ten_dlc_campaign_status for one in numbers])
        found.append(
            Campaign(
                provider=PROVIDER,
                account=account,
                id=name,
                status=status,
                provider_status=word,
                numbers=tuple(one.number for one in numbers),
                raw=numbers[0].raw,
            )
        )
    return found


def _application(account: str, name: str, activation: Activation) -> Campaign:
    draft = activation.ten_dlc_draft
    word = (draft and draft.campaign_status) or activation.ten_dlc_status
    status, word = (CampaignStatus.PENDING, word) if word in _DRAFTS else _status([word])
    return Campaign(
        provider=PROVIDER, account=account, id=name, status=status, provider_status=word, raw=activation.raw
    )


_UNBOUND = (BindingStatus.UNBINDING, BindingStatus.UNBOUND)
"""States of a number that say nothing about its campaign."""


def _status(words: list[str | None]) -> tuple[CampaignStatus, str | None]:
    status, word = binding_status([one for one in words if one])
    return (CampaignStatus.UNKNOWN if status in _UNBOUND else CampaignStatus(status.value)), word
