"""Leadping's cassettes, replayed through the HTTP library by both clients."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from anycarrier import AsyncClient, Client, Money, Search
from anycarrier.errors import InvalidRequest
from anycarrier.model import BindingStatus, ReleaseState, Status
from anycarrier.testing.cassettes import replayed

FOLDER = Path(__file__).parents[2] / "cassettes" / "leadping"
NUMBER, OTHER = "+12015550123", "+12015550124"
KEY = "ac1_0123456789abcdef0123456789"
QUERY = Search(area_code="201", state="NJ")

Step = Callable[[Any], Any]


def found(offers: Any) -> None:
    assert [offer.number for offer in offers] == [NUMBER, OTHER]
    assert (offers[0].city, offers[0].state, offers[0].latitude) == ("Hackensack", "NJ", 40.8859)


def refused(error: Any) -> None:
    assert isinstance(error, InvalidRequest)
    assert error.detail == "Request validation failed; One or more request fields are invalid."


def available(answer: Any) -> None:
    assert answer.available
    assert answer.price == Money("2.00")


def bought(owned: Any) -> None:
    assert (owned.number, owned.status, owned.label) == (NUMBER, Status.PENDING, KEY)
    assert owned.detail.provider_order_status == "pending"


def listed(numbers: Any) -> None:
    assert [(owned.number, owned.status) for owned in numbers] == [(NUMBER, Status.ACTIVE), (OTHER, Status.PENDING)]


def got(owned: Any) -> None:
    assert (owned.number, owned.id, owned.status, owned.provider_status) == (
        NUMBER, "num_0001", Status.ACTIVE, "Active",
    )  # fmt: skip
    assert owned.detail.warmup_health_score == 87
    assert owned.detail.billing.monthly_amount == 2
    assert len(owned.raw) == 55


def released(release: Any) -> None:
    assert release.state is ReleaseState.SCHEDULED
    assert release.at == datetime(2023, 11, 14, 5, 31, 56, tzinfo=UTC)


def bound(binding: Any) -> None:
    assert (binding.campaign_id, binding.status, binding.provider_status) == (
        "CTEST01", BindingStatus.ACTIVE, "Assigned",
    )  # fmt: skip


def of_a_later_era(owned: Any) -> None:
    assert (owned.number, owned.campaign_id, owned.detail.owner.id) == (NUMBER, "app_0001", "org_0001")
    assert owned.status is (Status.ACTIVE if owned.detail.sms_ready else Status.UNKNOWN)


def renamed(owned: Any) -> None:
    assert owned.label == "Front desk"


def moved(transfer: Any) -> None:
    assert transfer.to_account == "biz_0002"


STEPS: dict[str, tuple[Step, Callable[[Any], None]]] = {
    "search": (lambda client: client.search(QUERY), found),
    "search_refused": (lambda client: client.search(QUERY), refused),
    "availability": (lambda client: client.run(client.provider.availability(NUMBER)), available),
    "buy": (lambda client: client.buy(NUMBER, key=KEY), bought),
    "list": (lambda client: client.list(), listed),
    "get": (lambda client: client.get(NUMBER), got),
    "update": (lambda client: client.run(client.provider.update(NUMBER, name="Front desk")), renamed),
    "release": (lambda client: client.release(NUMBER), released),
    "transfer": (lambda client: client.transfer(NUMBER, "biz_0002"), moved),
    "campaign_of": (lambda client: client.campaign_of(NUMBER), bound),
    "august_get": (lambda client: client.get(NUMBER), of_a_later_era),
    "october_get": (lambda client: client.get(NUMBER), of_a_later_era),
}
ERAS = {"august_get": "2026-08", "october_get": "2026-10"}


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("name", STEPS)
def test_a_cassette_is_replayed(name: str, colour: str) -> None:
    step, check = STEPS[name]
    settings = {"api_key": "lp_test", "era": ERAS.get(name, "2026-06"), "transport": "httpx"}

    def blocking() -> Any:
        with Client("leadping", **settings) as client:
            value = step(client)
            return list(value) if name == "list" else value

    async def asynchronous() -> Any:
        async with AsyncClient("leadping", **settings) as client:
            value = step(client)
            return [item async for item in value] if name == "list" else await value

    with replayed(FOLDER / f"{name}.yaml") as played:
        try:
            value = blocking() if colour == "sync" else asyncio.run(asynchronous())
        except InvalidRequest as error:
            value = error
        assert played.all_played
    check(value)


def test_there_is_one_for_every_operation_and_none_has_a_secret() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(STEPS)
    assert "by hand" in (FOLDER / "PROVENANCE.md").read_text()
    for path in FOLDER.glob("*.yaml"):
        assert not re.search(r"authorization|bearer|lp_|sk_|cookie", path.read_text(), re.IGNORECASE), path.name
