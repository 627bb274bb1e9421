"""A process hands JSON to another, which buys, resolves and goes on with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from anycarrier import AnyCarrierError, Client, InvalidInput, Offer, OutcomeUnknown, PhoneNumber, Search
from anycarrier.attempt import Attempt, AttemptState, Draft
from anycarrier.json_forms import from_json, to_json
from anycarrier.simulator import SimTransport, Simulator, load
from anycarrier.simulator.server import running
from anycarrier.testing import VirtualClock

PROVIDERS = ("lc_legacy", "lc_phone", "leadping", "voicetel")
BASE = "http://127.0.0.1:1"
ROOT = Path(__file__).parents[3]


def client(name: str, simulator: Simulator) -> Client[Any]:
    made: Client[Any] = Client(
        name, **simulator.settings, base_url=BASE, transport=SimTransport({BASE: simulator}), clock=VirtualClock()
    )
    return made


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_offer_is_bought_after_a_round_trip(name: str) -> None:
    simulator = load(name)
    with client(name, simulator) as phone:
        offers = phone.search(Search(area_code="201"))
    text = json.dumps(to_json(offers))
    again = from_json(list[Offer], json.loads(text))
    assert again == [*offers]
    with client(name, simulator) as phone:
        owned = phone.buy(again[0])
    assert owned.number == offers[0].number
    assert [charge.number for charge in simulator.ledger.charges] == [owned.number.ten_digit] or name != "voicetel"
    assert len(simulator.ledger.charges) == 1


def test_an_offer_with_a_mark_is_bought_with_it() -> None:
    """LC sells a number by the mark of the search that found it."""
    simulator = load("lc_phone")
    with client("lc_phone", simulator) as phone:
        (offer, *_) = phone.search(Search(area_code="201"))
    assert offer.purchase
    assert from_json(Offer, json.loads(json.dumps(to_json(offer)))).purchase == offer.purchase


RESOLVE = """
import json, sys
from anycarrier import Client, OutcomeUnknown, from_json, to_json
given = json.load(sys.stdin)
with Client(given["name"], **given["settings"]) as phone:
    print(json.dumps(to_json(phone.resolve(from_json(OutcomeUnknown, given["error"]), deadline=30))))
"""


def in_another_process(code: str, given: Mapping[str, Any]) -> Any:
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")]))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        input=json.dumps(given),
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVIDERS)
def test_an_unknown_outcome_is_resolved_by_another_process(name: str) -> None:
    simulator = load(name)
    with running(simulator) as urls:
        settings = {**simulator.settings, "base_url": urls[name]}
        with Client(name, **settings) as phone:
            offer = phone.search(Search(area_code="201"))[0]
            purchases = {"voicetel": "order", "leadping": "create"}
            simulator.fault("close", operation=purchases.get(name, "purchase"), done=True)
            for method in ("GET", "POST"):  # nor can the account be read afterwards
                simulator.fault("refuse", method=method, times=100)
            with pytest.raises(OutcomeUnknown) as caught:
                phone.buy(offer, deadline=0.2)
        simulator.faults.clear()
        given = {"name": name, "settings": settings, "error": to_json(caught.value)}
        owned = in_another_process(RESOLVE, given)
    assert owned["number"] == offer.number
    assert len(simulator.ledger.charges) == 1
    written = json.dumps(given["error"])
    assert not [one for key, one in simulator.settings.items() if key in ("token", "api_key") and one in written]


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_outcome_that_was_made_up_sends_no_purchase(name: str) -> None:
    """JSON may be anybody's: the number is looked for, and nothing is bought."""
    simulator = load(name)
    with client(name, simulator) as phone:
        provider = phone.provider
        made_up = OutcomeUnknown(
            "perhaps",
            attempt=Attempt(
                draft=Draft(
                    provider=provider.name,
                    account=provider.accounts[0].id,
                    number=PhoneNumber("+12015550100"),
                    key="k1",
                    body=b"{}",
                ),
                state=AttemptState.SENT,
                first_sent=0.0,
                last_sent=0.0,
            ),
        )
        with pytest.raises(AnyCarrierError, match="was not bought"):
            phone.resolve(from_json(OutcomeUnknown, json.loads(json.dumps(to_json(made_up)))), deadline=4000)
    assert simulator.ledger.requests
    assert not simulator.ledger.charges


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_offer_of_another_account_is_refused(name: str) -> None:
    simulator = load(name)
    with client(name, simulator) as phone:
        form = to_json(phone.search(Search(area_code="201"))[0])
        with pytest.raises(InvalidInput, match="account"):
            phone.buy(from_json(Offer, {**form, "account": "another"}))
    assert not simulator.ledger.charges
