"""Two names of one account are refused where they would be bought from: a number would fulfil two orders."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import Client, ConfigurationError, Search
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal, provision, reconcile
from anycarrier.simulator import SimTransport, load
from anycarrier_adapters.lc_legacy import LCLegacy
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel

KEY = "0" * 32
HERE = {"base_url": "http://127.0.0.1:1"}
TWINS: list[tuple[Any, Any]] = [
    (LCPhone(location_id="loc1", token="pit-1"), LCLegacy(location_id="loc1", token="pit-2")),
    (LCPhone(location_id="loc1", token="pit-1"), LCPhone(location_id=" loc1", token="pit-2", account="backup")),
    (VoiceTel(api_key=KEY), VoiceTel(api_key=f" {KEY}", account="backup")),
    (VoiceTel(username="1000000001", password="p"), VoiceTel(username="1000000001", password="q", account="backup")),
    (Leadping(api_key="lp_1"), Leadping(api_key="lp_1", account="backup", api_version="2026-10")),
]
OTHERS: list[tuple[Any, Any]] = [
    (LCPhone(location_id="loc1", token="pit-1"), LCLegacy(location_id="loc2", token="pit-1")),
    (LCPhone(location_id="loc1", token="pit-1"), LCLegacy(location_id="loc1", token="pit-1", **HERE)),
    (VoiceTel(api_key=KEY), VoiceTel(api_key="1" * 32, account="backup")),
    (VoiceTel(username="1000000001", password="p"), VoiceTel(username="1000000002", password="p", account="backup")),
    (VoiceTel(api_key=KEY), Leadping(api_key=KEY)),
    (Leadping(api_key=lambda: "lp_1"), Leadping(api_key=lambda: "lp_1", account="backup")),
]


@pytest.mark.parametrize("twins", TWINS)
def test_two_names_of_one_account_are_refused(twins: tuple[Any, Any], tmp_path: Any) -> None:
    shown = "(account .*) and .* are the same account at their provider.*give only one of them"
    with pytest.raises(ConfigurationError, match=shown) as caught:
        Failover(twins)
    assert KEY not in str(caught.value)
    order = Order(criteria=Search(area_code="201"))
    with journal.open(tmp_path / "journal.sqlite") as book:
        for exchange in (provision(order, twins, journal=book, request_id="r"), reconcile(twins, journal=book)):
            with pytest.raises(ConfigurationError, match=shown):
                next(exchange)


@pytest.mark.parametrize("others", OTHERS)
def test_accounts_that_are_two_or_may_be_are_taken(others: tuple[Any, Any]) -> None:
    assert len(Failover(others).members) == 2


def test_a_journal_tells_an_account_whatever_its_name_is() -> None:
    for one, other in TWINS:
        holders = [kind.accounts[0].holder for kind in (one, other)]
        assert holders[0] == holders[1]
        assert (holders[0] is None) == (one.accounts[0].owner is None)
    known = [one for pair in OTHERS for one in pair if one.accounts[0].owner is not None]
    assert len({one.accounts[0].holder for one in known}) == 5
    assert all("loc1" not in str(one.accounts[0].holder) for one in known)


def test_an_order_is_written_down_with_the_account_that_it_is_at(tmp_path: Any) -> None:
    origin = "http://127.0.0.1:1"
    played = load("lc_phone")
    phone = LCPhone(base_url=origin, **played.settings)
    with journal.open(tmp_path / "journal.sqlite") as book:
        with Client(Failover([phone], journal=book), transport=SimTransport({origin: played})) as client:
            client.provision(Order(criteria=Search(area_code="201")), request_id="one")
        with book._database.transaction() as tx:
            assert tx.rows("SELECT holder FROM anycarrier_attempt") == [(phone.accounts[0].holder,)]
