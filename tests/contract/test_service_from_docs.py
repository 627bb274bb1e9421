"""The service of docs/service.md, taken from the page word by word, serves 300 tenants of two providers."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from anycarrier import Desired, PhoneNumber, Search, TextsToWebhook, ToGateway, to_json
from anycarrier.purchase import Order
from anycarrier.simulator import load
from anycarrier.simulator.server import running

testing = pytest.importorskip("fastapi.testclient", reason="needs fastapi")

ROOT = Path(__file__).parents[2]
HOOK = "https://hooks.example.com/texts"
VOICETEL = [f"v{at}" for at in range(200)]
LC = [f"lc{at}" for at in range(100)]
AREAS = ("201", "212", "305", "415")
"""One for each sign-up: those for the same numbers at once are a matter of the tests of orders."""


class House:
    """The service, its database and the providers."""

    def __init__(self, folder: Path, urls: Any, simulators: dict[str, Any]) -> None:
        self.folder = folder
        self.simulators = simulators
        self.urls = urls
        with closing(sqlite3.connect(folder / "service.sqlite")) as database:
            database.execute("CREATE TABLE tenant(name TEXT PRIMARY KEY, account TEXT NOT NULL)")
        for provider, names in (("voicetel", VOICETEL), ("lc_phone", LC)):
            for name in names:
                self.write(name, provider)

    def write(self, name: str, provider: str, **more: Any) -> None:
        row = {
            "provider": provider,
            "base_url": self.urls[provider],
            **self.simulators[provider].settings_of(name.partition(".")[0]),
            **more,
        }
        with closing(sqlite3.connect(self.folder / "service.sqlite")) as database, database:
            database.execute("INSERT OR REPLACE INTO tenant VALUES (?, ?)", [name, json.dumps(row)])

    @contextmanager
    def started(self) -> Iterator[Any]:
        sys.modules.pop("service", None)
        with testing.TestClient(import_module("service").app) as web:
            yield web

    def charged(self) -> Counter[str]:
        return Counter(
            charge.number[-10:] for simulator in self.simulators.values() for charge in simulator.ledger.charges
        )


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    page = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    ((name, text),) = re.findall(r"^```python file=(\S+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(text.splitlines()) < 80
    (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DATABASE", str(tmp_path / "service.sqlite"))
    monkeypatch.setenv("JOURNAL", str(tmp_path / "journal.sqlite"))
    simulators = {
        "voicetel": load("voicetel", accounts={name: {"balance": "100"} for name in VOICETEL}),
        "lc_phone": load("lc_phone", accounts={name: {} for name in LC}, burst=None),
    }
    with running(simulators) as urls:
        yield House(tmp_path, urls, simulators)
    sys.modules.pop("service", None)


def body(value: Any) -> Any:
    return to_json(value)


@pytest.mark.slow
def test_three_hundred_tenants_list_search_buy_and_set_up(house: House) -> None:
    with house.started() as web, ThreadPoolExecutor(16) as pool:
        listed = pool.map(lambda tenant: web.get(f"/{tenant}/numbers"), [*VOICETEL, *LC])
        assert {(one.status_code, one.text) for one in listed} == {(200, "[]")}

        offers = web.post("/v0/search", json=body(Search(area_code="201", limit=2))).json()
        assert [one["account"] for one in offers] == ["v0", "v0"]

        orders = {
            tenant: body(Order(criteria=Search(area_code=code), setup=Desired(routes=[TextsToWebhook(HOOK)])))
            for tenant, code in zip(VOICETEL, AREAS, strict=False)
        }
        bought = [*pool.map(lambda tenant: web.put(f"/{tenant}/orders/first", json=orders[tenant]), orders)]
        assert {one.status_code for one in bought} == {200}, [one.text for one in bought if one.status_code != 200]
        items = [one.json()["items"][0] for one in bought]
        assert {item["state"] for item in items} == {"SET_UP"}
        numbers = [item["bought"]["number"] for item in items]
        again = web.put("/v0/orders/first", json=orders["v0"])
        assert again.json()["items"][0]["bought"]["number"] == numbers[0], "the same request is the same order"
        assert web.get("/v0/orders/first").json()["reference"] == "v0"
        assert web.get("/v1/orders/unknown").json() is None

        plain = {tenant: body(Order(criteria=Search(area_code=code))) for tenant, code in zip(LC, AREAS, strict=False)}
        there = [*pool.map(lambda tenant: web.put(f"/{tenant}/orders/first", json=plain[tenant]), plain)]
        assert {one.status_code for one in there} == {200}, [one.text for one in there if one.status_code != 200]
        (owned,) = web.get("/v3/numbers").json()
        assert owned["number"] == numbers[3]
        routed = web.put(f"/v3/numbers/{numbers[3]}", json=body(Desired(routes=[TextsToWebhook(f"{HOOK}/2")])))
        assert routed.status_code == 200, routed.text
        assert f"{HOOK}/2" in repr(house.simulators["voicetel"].accounts["v3"])
    charged = house.charged()
    assert sum(charged.values()) == 2 * len(AREAS)


@pytest.mark.slow
def test_errors_are_problems(house: House) -> None:
    with house.started() as web:
        nobody = web.get("/nobody/numbers")
        assert (nobody.status_code, nobody.headers["content-type"]) == (404, "application/problem+json")
        assert nobody.json()["error"] == "NotFound"
        assert web.post("/v0/search", json={"area_code": "2"}).status_code == 422
        taken = body(Order(number=PhoneNumber("2015550199"), deadline=60))
        assert web.put("/v8/orders/a", json=taken).status_code == 200
        refused = web.put("/v9/orders/a", json=taken)
        assert (refused.status_code, refused.json()["error"]) == (409, "OrderExhausted")
        missing = web.put("/lc0/numbers/+12015550123", json=body(Desired(routes=[TextsToWebhook(HOOK)])))
        assert (missing.status_code, missing.json()["error"]) == (404, "NotFound")
        (owned,) = web.get("/v8/numbers").json()
        for wanted, status, error in (
            (Desired(routes=[ToGateway(999)]), 409, "Conflict"),
            (Desired(caller_name="ACME-1"), 422, "InvalidInput"),
            (Desired(label="Main line"), 409, "Conflict"),
            (Desired(release=True), 422, "InvalidInput"),
        ):
            failed = web.put(f"/v8/numbers/{owned['number']}", json=body(wanted))
            assert (failed.status_code, failed.json()["error"]) == (status, error)
        house.write("v1", "voicetel", api_key="f" * 32)
        denied = web.get("/v1/numbers")
        assert (denied.status_code, denied.json()["error"]) == (502, "AuthenticationFailed")
        assert "f" * 32 not in denied.text
        house.write("v2", "voicetel", api_key="")
        broken = web.get("/v2/numbers")
        assert (broken.status_code, broken.json()["error"]) == (500, "ConfigurationError")
        assert not broken.json().get("detail")


@pytest.mark.slow
def test_no_tenant_sees_an_order_of_another_whose_name_begins_as_its_own(house: House) -> None:
    house.write("v0.west", "voicetel")
    order = body(Order(criteria=Search(area_code="201")))
    with house.started() as web:
        assert web.put("/v0.west/orders/first", json=order).status_code == 200
        assert web.get("/v0.west/orders/first").json()["reference"] == "v0.west"
        assert web.get("/v0/orders/west.first").json() is None


@pytest.mark.slow
def test_a_key_that_is_rotated_is_noticed_while_the_service_runs(house: House) -> None:
    simulator = house.simulators["voicetel"]
    with house.started() as web:
        assert web.get("/v0/numbers").status_code == 200
        simulator.accounts["v0"].api_key = "e" * 32
        house.write("v0", "voicetel", api_key="e" * 32)
        assert web.get("/v0/numbers").status_code == 200


@pytest.mark.slow
def test_a_purchase_whose_answer_is_lost_is_a_problem_and_the_same_request_finds_out(house: House) -> None:
    simulator = house.simulators["voicetel"]
    order = body(Order(criteria=Search(area_code="212"), deadline=0.5))
    with house.started() as web:
        simulator.fault("close", operation="order", done=True, times=1)
        simulator.fault("error", status=503, method="POST", operation="order", times=None)
        lost = web.put("/v0/orders/first", json=order)
        assert lost.status_code == 504, lost.text
        assert lost.json()["maybe_applied"] is True
        assert lost.json()["order"] == "v0/first"
        assert "retry-after" not in lost.headers
    simulator.faults.clear()
    with house.started() as web:  # another process, which goes on by itself
        found = web.put("/v0/orders/first", json=body(Order(criteria=Search(area_code="212"), deadline=60)))
        assert found.status_code == 200, found.text
        assert found.json()["items"][0]["state"] == "ACTIVE"
    assert set(house.charged().values()) == {1}
    assert len(house.charged()) == 1
