"""Options with which simulators are made: accounts, numbers, and how a command line writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from anycarrier import Client, NotFound, PhoneNumber, Search
from anycarrier.errors import InvalidInput
from anycarrier.simulator import SimTransport, load, read_options
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

BASE = "http://127.0.0.1:1"
FIRST, SECOND = PhoneNumber("2015550123"), PhoneNumber("2125550123")


@pytest.fixture
def simulator() -> VoiceTelSimulator:
    made = load("voicetel", owned="2015550123", accounts={"second": {"owned": ["2125550123"], "balance": "1.25"}})
    assert isinstance(made, VoiceTelSimulator)
    return made


def client(simulator: VoiceTelSimulator, account: str) -> Client[Any]:
    transport = SimTransport({BASE: simulator})
    return Client("voicetel", **simulator.settings_of(account), base_url=BASE, transport=transport)


def test_each_account_has_its_own_numbers_balance_and_charges(simulator: VoiceTelSimulator) -> None:
    with client(simulator, "main") as main, client(simulator, "second") as second:
        assert [owned.number for owned in main.list()] == [FIRST]
        assert [owned.number for owned in second.list()] == [SECOND]
        with pytest.raises(NotFound):
            second.get(FIRST)
        offer = main.search(Search(area_code="305"))[0]
        second.buy(offer)
        assert offer.number not in [other.number for other in main.search(Search(area_code="305"))]
    assert simulator.accounts["second"].balance == Decimal("0.75")
    assert simulator.accounts["main"].balance == 100
    assert [charge.account for charge in simulator.ledger.charges] == ["second"]


def test_a_number_moves_from_one_account_to_the_other(simulator: VoiceTelSimulator) -> None:
    with client(simulator, "main") as main, client(simulator, "second") as second:
        main.transfer(FIRST, simulator.accounts["second"].username)
        assert {owned.number for owned in second.list()} == {FIRST, SECOND}
        with pytest.raises(NotFound):
            main.get(FIRST)


def test_a_reset_returns_every_account_to_its_beginning(simulator: VoiceTelSimulator) -> None:
    with client(simulator, "second") as second:
        second.release(SECOND)
        simulator.reset()
        assert second.get(SECOND).number == SECOND


def test_an_account_that_is_unknown_has_no_settings(simulator: VoiceTelSimulator) -> None:
    with pytest.raises(InvalidInput, match="has no account third"):
        simulator.settings_of("third")


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ({"second": {"wallet": 5}}, "account second takes admin, api_key, balance, owned, ports, not wallet"),
        ({"second": 5}, "account second needs options, not 5"),
        ({"second": {"balance": "much"}}, "cannot be made"),
    ],
)
def test_wrong_options_of_accounts_are_refused(accounts: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        load("voicetel", accounts=accounts)


PROVIDERS = ["lc_legacy", "lc_phone", "leadping", "voicetel"]


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("owned", [2015550123, "2015550123", 12015550123, "+12015550123", ["2015550123"]])
def test_numbers_are_written_in_each_form_at_every_provider(name: str, owned: Any) -> None:
    simulator = load(name, owned=owned)
    with Client(name, **simulator.settings, base_url=BASE, transport=SimTransport({BASE: simulator})) as phone:
        assert [one.number for one in phone.list()] == [FIRST]


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("owned", [1000, "201555012", ["2015550123", "a number"]])
def test_what_is_no_number_is_refused(name: str, owned: Any) -> None:
    with pytest.raises(InvalidInput, match=r"has (4|9) digits|has letters"):
        load(name, owned=owned)


def test_a_number_of_another_country_is_none_of_voicetels() -> None:
    with pytest.raises(InvalidInput, match="North American"):
        load("voicetel", owned="+442079460018")
    (number,) = load("lc_phone", **read_options(["owned=+442079460018"], ["lc_phone"])["lc_phone"]).owned
    assert number == "+442079460018"


def test_options_as_a_command_line_has_them() -> None:
    texts = ["release=2.2.17", "owned=2015550123,2015550124", "voicetel.big=3", "accounts.second.balance=5.10"]
    assert read_options(texts, ["voicetel"]) == {
        "voicetel": {
            "release": "2.2.17",
            "owned": "2015550123,2015550124",
            "big": 3,
            "accounts": {"second": {"balance": Decimal("5.10")}},
        }
    }
    assert read_options(["voicetel.owned=[]"], ["voicetel", "leadping"]) == {"voicetel": {"owned": []}}
    for wrong in (["release"], ["=1"], ["a..b=1"], ["release=1", "release.x=1"]):
        with pytest.raises(InvalidInput):
            read_options(wrong, ["voicetel"])
    with pytest.raises(InvalidInput, match="PROVIDER"):
        read_options(["release=1"], ["voicetel", "leadping"])
