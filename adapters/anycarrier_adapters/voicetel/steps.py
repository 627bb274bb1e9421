"""VoiceTel, step by step: what its cassettes are recorded and replayed by.

What a recording needs to be told: ``gateway`` and ``route_in`` (ids of the account's routes), ``campaign``,
``to_account``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from anycarrier.errors import NumberUnavailable, UnexpectedResponse
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    ForwardTo,
    NoForward,
    NoTexts,
    Offer,
    OwnedNumber,
    ReleaseState,
    Route,
    Search,
    Status,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.testing.recording import SCRUBBED, Step, Steps, Values

from . import MessagingRoutes, Ordered, VoiceTel

__all__ = ["STEPS"]


def _search(phone: Any, values: Values) -> list[Offer]:
    offers: list[Offer] = phone.search(Search(area_code=values["area_code"]))
    for name, offer in zip(("found", "found2", "found3"), offers, strict=False):
        values[name] = offer.number
    return offers


def _buy(phone: Any, values: Values) -> OwnedNumber:
    bought: OwnedNumber = phone.buy(values["found"])
    values["number"] = bought.number
    return bought


def _order(phone: Any, values: Values) -> Ordered:
    ordered: Ordered = phone.run(phone.provider.order([values["found2"], values["found3"]]))
    for name, owned in zip(("second", "third"), ordered.numbers, strict=False):
        values[name] = owned.number
    return ordered


def _list(phone: Any, values: Values) -> list[OwnedNumber]:
    numbers: list[OwnedNumber] = phone.list()
    if numbers:
        values["owned"] = numbers[0].number
    return numbers


def _all_owned(numbers: Sequence[OwnedNumber], values: Values) -> bool:
    return all(isinstance(owned, OwnedNumber) for owned in numbers)


def _is_owned(owned: OwnedNumber, values: Values) -> bool:
    return owned.number == values["owned"]


def _route(route: Callable[[Values], Route], *, shown: bool = True) -> Step:
    """A route of the number that was bought; *shown* where its record says it."""

    def check(owned: OwnedNumber, values: Values) -> bool:
        return owned.number == values["number"] and (not shown or route(values) in (owned.routes or ()))

    return Step(lambda phone, values: phone.route(values["number"], route(values)), check, effect="changes")


def _bound(*statuses: BindingStatus) -> Callable[[CampaignBinding, Values], bool]:
    def check(binding: CampaignBinding, values: Values) -> bool:
        bound = binding.number == values["number"] and binding.status in statuses
        return bound and binding.campaign_id in (None, values["campaign"])

    return check


def _bind(phone: Any, values: Values) -> Any:
    return phone.bind_campaign(values["number"], values["campaign"])


STEPS = Steps(
    provider=VoiceTel,
    settings={"api_key": SCRUBBED},
    values={"area_code": "201"},
    steps={
        "api_key": Step(
            lambda phone, values: phone.run(phone.provider.accounts[0].credentials.headers()),
            lambda headers, values: headers["authorization"].startswith("Bearer "),
            signs_in=lambda: {"api_key": None, "username": SCRUBBED, "password": SCRUBBED},
        ),
        "search": Step(
            _search, lambda offers, values: all(offer.number.npa == values["area_code"] for offer in offers)
        ),
        "buy": Step(
            _buy,
            lambda owned, values: owned.number == values["found"] and owned.status is Status.ACTIVE,
            effect="costs",
            gains=("number",),
        ),
        "buy_failed": Step(
            _buy, lambda error, values: error.safe_elsewhere, effect="documented", refused=NumberUnavailable
        ),
        "order": Step(
            _order,
            lambda ordered, values: (
                {*(owned.number for owned in ordered.numbers), *ordered.failed} == {values["found2"], values["found3"]}
            ),
            effect="costs",
            gains=("second", "third"),
        ),
        "list": Step(_list, _all_owned),
        "list_empty": Step(_list, lambda numbers, values: numbers == [], effect="documented"),
        "list_as_documented": Step(_list, lambda error, values: True, effect="documented", refused=UnexpectedResponse),
        "get": Step(lambda phone, values: phone.get(values["owned"]), _is_owned),
        "campaign_of": Step(lambda phone, values: phone.campaign_of(values["owned"]), _is_owned),
        "route_gateway": _route(lambda values: ToGateway(int(values["gateway"]))),
        "route_forward": _route(lambda values: ForwardTo(values.get("forward", "+12015550123"))),
        "route_no_forward": _route(lambda values: NoForward()),
        "route_texts_email": _route(lambda values: TextsToEmail("user@example.com"), shown=False),
        "route_texts_webhook": _route(lambda values: TextsToWebhook("https://example.com/sms"), shown=False),
        "route_texts_sip": _route(lambda values: TextsToSip("203.0.113.10"), shown=False),
        "route_messaging": _route(lambda values: MessagingRoutes(route_in=int(values["route_in"])), shown=False),
        "route_texts_none": _route(lambda values: NoTexts()),
        "bind_campaign": Step(_bind, _bound(BindingStatus.ACTIVE, BindingStatus.PENDING), effect="changes"),
        "bind_campaign_pending": Step(_bind, _bound(BindingStatus.PENDING), effect="documented"),
        "unbind_campaign": Step(
            lambda phone, values: phone.unbind_campaign(values["number"], values["campaign"]),
            _bound(BindingStatus.UNBOUND),
            effect="changes",
        ),
        "transfer": Step(
            lambda phone, values: phone.transfer(values["second"], values["to_account"]),
            lambda moved, values: (moved.number, moved.to_account) == (values["second"], values["to_account"]),
            effect="changes",
            gives_up="second",
        ),
        "remove": Step(
            lambda phone, values: phone.run(phone.provider.remove(values["third"])),
            lambda gone, values: (gone.number, gone.state) == (values["third"], ReleaseState.RELEASED),
            effect="changes",
            gives_up="third",
        ),
        "release": Step(
            lambda phone, values: phone.release(values["number"]),
            lambda gone, values: (gone.number, gone.state) == (values["number"], ReleaseState.RELEASED),
            effect="changes",
            gives_up="number",
        ),
    },
)
