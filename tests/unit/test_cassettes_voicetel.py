"""VoiceTel's cassettes, replayed through the HTTP library by both clients."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anycarrier import (
    AsyncClient,
    Client,
    ForwardTo,
    Money,
    NoForward,
    NoTexts,
    Search,
    TextsToEmail,
    ToGateway,
)
from anycarrier import errors as e
from anycarrier.model import BindingStatus, ReleaseState, Status
from anycarrier.testing.cassettes import replayed
from anycarrier_adapters.voicetel import MessagingRoutes

FOLDER = Path(__file__).parents[2] / "cassettes" / "voicetel"
NUMBER, FOUND, DETAIL = "+12012548000", "+12019085750", "+12015551234"
TEXTING, BOUND = "+19175803800", "+16185243600"
FORWARD = ForwardTo("+12015550123")
KEY = "ac1_0123456789abcdef0123456789"
CAMPAIGN = "CH5K5IZ"

Step = Callable[[Any], Any]
Check = Callable[[Any], None]


def found(offers: Any) -> None:
    (offer,) = offers
    assert (offer.number, offer.city, offer.state, offer.rate_center, offer.lata) == (
        FOUND, "Closter", "NJ", "CLOSTER", "224",
    )  # fmt: skip


def bought(owned: Any) -> None:
    assert (owned.number, owned.status, owned.raw["orderId"]) == (NUMBER, Status.ACTIVE, "1747345200")


def unavailable(error: Any) -> None:
    assert isinstance(error, e.NumberUnavailable)
    assert error.safe_elsewhere
    assert error.detail == "example"


def ordered(order: Any) -> None:
    assert [owned.number for owned in order.numbers] == [FOUND]
    assert order.failed == {NUMBER: "example"}
    assert order.amount_charged == Money("0.5")


def listed(numbers: Any) -> None:
    (owned,) = numbers
    assert owned.number == DETAIL
    assert owned.routes == (ToGateway(1000), FORWARD)


def nothing(numbers: Any) -> None:
    assert numbers == []


def unreadable(error: Any) -> None:
    assert isinstance(error, e.UnexpectedResponse)
    assert "1 of 1 records cannot be read: data.numbers.0.forwardTo" in str(error)


def got(owned: Any) -> None:
    assert owned.number == DETAIL
    assert owned.detail.gateway == "203.0.113.10:5060"


def gone(release: Any) -> None:
    assert (release.number, release.state) == (NUMBER, ReleaseState.RELEASED)


def moved(transfer: Any) -> None:
    assert (transfer.number, transfer.to_account) == (NUMBER, "1")


def routed(*routes: Any, number: str = NUMBER) -> Check:
    def check(owned: Any) -> None:
        assert owned.number == number
        assert owned.routes == routes

    return check


def campaign(status: BindingStatus, campaign_id: str | None, word: str | None, number: str) -> Check:
    def check(binding: Any) -> None:
        assert (binding.status, binding.campaign_id, binding.provider_status, binding.number) == (
            status, campaign_id, word, number,
        )  # fmt: skip

    return check


GATEWAY = ToGateway(1000)
ACTIVE, PENDING, UNBOUND = BindingStatus.ACTIVE, BindingStatus.PENDING, BindingStatus.UNBOUND

STEPS: dict[str, tuple[Step, Check]] = {
    "search": (lambda c: c.search(Search(area_code="201", state="NJ")), found),
    "buy": (lambda c: c.buy(NUMBER, key=KEY), bought),
    "buy_failed": (lambda c: c.buy(NUMBER, key=KEY), unavailable),
    "order": (lambda c: c.run(c.provider.order([FOUND, NUMBER], key=KEY)), ordered),
    "list": (lambda c: c.list(), listed),
    "list_empty": (lambda c: c.list(), nothing),
    "list_as_documented": (lambda c: c.list(), unreadable),
    "get": (lambda c: c.get(DETAIL), got),
    "release": (lambda c: c.release(NUMBER), gone),
    "remove": (lambda c: c.run(c.provider.remove(NUMBER)), gone),
    "transfer": (lambda c: c.transfer(NUMBER, "1"), moved),
    "route_gateway": (lambda c: c.route(NUMBER, GATEWAY), routed(GATEWAY, FORWARD)),
    "route_forward": (lambda c: c.route(NUMBER, FORWARD), routed(GATEWAY, FORWARD)),
    "route_no_forward": (lambda c: c.route(NUMBER, NoForward()), routed(GATEWAY, NoForward())),
    "route_texts": (lambda c: c.route(NUMBER, TextsToEmail("user@example.com")), routed(GATEWAY, FORWARD)),
    "route_no_texts": (lambda c: c.route(NUMBER, NoTexts()), routed(GATEWAY, FORWARD, NoTexts())),
    "route_messaging": (
        lambda c: c.route(TEXTING, MessagingRoutes(route_in=1234)), routed(GATEWAY, FORWARD, number=TEXTING),
    ),
    "bind_campaign": (lambda c: c.bind_campaign(BOUND, CAMPAIGN), campaign(ACTIVE, CAMPAIGN, None, BOUND)),
    "bind_campaign_pending": (
        lambda c: c.bind_campaign(BOUND, CAMPAIGN), campaign(PENDING, CAMPAIGN, "pending", BOUND),
    ),
    "unbind_campaign": (lambda c: c.unbind_campaign(BOUND, CAMPAIGN), campaign(UNBOUND, None, None, BOUND)),
    "campaign_of": (lambda c: c.campaign_of(TEXTING), campaign(ACTIVE, CAMPAIGN, "ACTIVE", TEXTING)),
    "api_key": (lambda c: c.get(DETAIL), got),
}  # fmt: skip
LISTS = ("list", "list_empty", "list_as_documented")


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("name", STEPS)
def test_a_cassette_is_replayed(name: str, colour: str) -> None:
    step, check = STEPS[name]
    settings: dict[str, Any] = {"api_key": "not-a-key", "transport": "httpx"}
    if name == "api_key":
        settings = {"username": "1000000001", "password": "scrubbed", "transport": "httpx"}

    def blocking() -> Any:
        with Client("voicetel", **settings) as client:
            return list(step(client)) if name in LISTS else step(client)

    async def asynchronous() -> Any:
        async with AsyncClient("voicetel", **settings) as client:
            return [item async for item in step(client)] if name in LISTS else await step(client)

    with replayed(FOLDER / f"{name}.yaml") as played:
        try:
            value = blocking() if colour == "sync" else asyncio.run(asynchronous())
        except e.AnyCarrierError as error:
            value = error
        check(value)
        assert played.all_played


def test_every_cassette_is_replayed_and_has_a_provenance() -> None:
    names = {path.stem for path in FOLDER.glob("*.yaml")}
    assert names == set(STEPS)
    told = (FOLDER / "PROVENANCE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)`", told))
    assert names - named <= {name for name in names if name.startswith("route_")}
    assert "documented" in told
