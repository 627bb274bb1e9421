"""LeadConnector's cassettes, replayed through the HTTP library by both clients."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anycarrier import AsyncClient, Client, Line, Money, Search
from anycarrier.testing.cassettes import replayed
from support.lc import COLOURS, LOCATION, NAMES, TOKEN, VERSIONS

CASSETTES = Path(__file__).parents[2] / "cassettes"
NUMBER = {"lc_phone": "+17745678902", "lc_legacy": "+18705871861"}
GOT = {"lc_phone": "+17745678902", "lc_legacy": "+14155552671"}
COUNT = {"lc_phone": 1, "lc_legacy": 2}

Step = Callable[[Any, str], Any]


def check_search(value: Any, name: str) -> None:
    (offer,) = value
    assert (offer.number, offer.price, offer.line) == ("+18705871861", Money("1.15"), Line.LOCAL)


def check_buy(value: Any, name: str) -> None:
    assert (value.number, value.provider) == (NUMBER[name], name)


def check_list(value: Any, name: str) -> None:
    assert len(value) == COUNT[name]
    assert value[0].number == GOT[name]


def check_get(value: Any, name: str) -> None:
    assert value.number == GOT[name]


def check_pools(value: Any, name: str) -> None:
    assert [pool.name for pool in value] == ["Sales Team Pool"]


def check_rcs(value: Any, name: str) -> None:
    assert [sender.number for sender in value] == ["rcs-sender-id"]


STEPS: dict[str, tuple[Step, Callable[[Any, str], None]]] = {
    "search": (lambda client, name: client.search(Search(area_code="870")), check_search),
    "buy": (lambda client, name: client.buy(NUMBER[name]), check_buy),
    "list": (lambda client, name: client.list(), check_list),
    "get": (lambda client, name: client.get(GOT[name]), check_get),
    "number_pools": (lambda client, name: client.run(client.provider.number_pools()), check_pools),
    "rcs_sender_ids": (lambda client, name: client.run(client.provider.api.rcs_sender_ids()), check_rcs),
}
FILES = [(name, path.stem) for name in NAMES for path in sorted((CASSETTES / name).glob("*.yaml"))]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("name", "operation"), FILES)
def test_a_cassette_is_replayed(name: str, operation: str, colour: str) -> None:
    step, check = STEPS[operation]

    def blocking() -> Any:
        with Client(name, token=TOKEN, location_id=LOCATION, transport="httpx") as client:
            value = step(client, name)
            return list(value) if operation == "list" else value

    async def asynchronous() -> Any:
        async with AsyncClient(name, token=TOKEN, location_id=LOCATION, transport="httpx") as client:
            value = step(client, name)
            return [item async for item in value] if operation == "list" else await value

    with replayed(CASSETTES / name / f"{operation}.yaml") as played:
        value = blocking() if colour == "sync" else asyncio.run(asynchronous())
        assert played.all_played
        assert all(request.headers["version"] == VERSIONS[name] for request in played.requests)
    check(value, name)


@pytest.mark.parametrize("name", NAMES)
def test_there_is_one_for_every_operation_and_none_has_a_secret(name: str) -> None:
    expected = set(STEPS) - (set() if name == "lc_phone" else {"rcs_sender_ids"})
    assert {operation for each, operation in FILES if each == name} == expected
    assert "by hand" in (CASSETTES / name / "PROVENANCE.md").read_text()
    for path in (CASSETTES / name).glob("*.yaml"):
        assert not re.search(r"authorization|bearer|pit-|cookie", path.read_text(), re.IGNORECASE), path.name
