"""Records of number services, and the numbers without an emergency address, at a provider with and without a list."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from anycarrier import Client, EmergencyAddress, InvalidInput, OwnedNumber, Search, Unsupported
from anycarrier.exchange import Exchange
from anycarrier.failover import Failover
from anycarrier.number_services import EmergencyRecord
from anycarrier.simulator import SimTransport, load
from anycarrier.testing import VirtualClock
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.voicetel import VoiceTel

BASE = "http://127.0.0.1:1"
ADDRESS = EmergencyAddress(
    name="Acme Inc", street="411 Hackensack Avenue", city="Hackensack", state="NJ", postal_code="07601"
)


@pytest.mark.parametrize("field", ["name", "street", "city", "state", "postal_code", "unit"])
def test_an_address_names_the_part_that_is_wrong(field: str) -> None:
    for wrong in ("", " ", 7, "a\nb"):
        with pytest.raises(InvalidInput, match=field):
            evolve(ADDRESS, **{field: wrong})


class OneByOne:
    """VoiceTel without its list of addresses."""

    def __init__(self, real: VoiceTel) -> None:
        self.real = real
        self.name, self.title, self.supports, self.accounts = real.name, real.title, real.supports, real.accounts

    def list(self, **more: Any) -> Any:
        return self.real.list(**more)

    def emergency_address(self, target: OwnedNumber) -> Exchange[EmergencyRecord | None]:
        return self.real.emergency_address(target)


@pytest.mark.parametrize("way", ["listed", "one by one", "failover"])
def test_the_numbers_without_an_address_are_found_with_and_without_a_list_of_addresses(way: str) -> None:
    simulator = load("voicetel")
    real = VoiceTel(**simulator.settings, base_url=BASE)
    ways: dict[str, Any] = {"listed": real, "one by one": OneByOne(real), "failover": Failover([real])}
    transport = SimTransport({BASE: simulator})
    with (
        Client(ways[way], transport=transport, clock=VirtualClock()) as phone,
        Client(real, transport=transport) as own,
    ):
        before = {owned.number for owned in own.list()}
        numbers = [own.buy(offer).number for offer in own.search(Search(area_code="201", limit=3))]
        own.set_emergency_address(numbers[1], ADDRESS)
        found = [owned.number for owned in phone.numbers_without_emergency_address()]
    assert set(found) == before | {numbers[0], numbers[2]}
    assert len(found) == len(set(found))


def test_a_failover_checks_an_address_at_the_first_member_that_can() -> None:
    simulator = load("voicetel")
    lc = load("lc_phone")
    members: list[Any] = [
        LCPhone(**lc.settings, base_url=BASE),
        VoiceTel(**simulator.settings, base_url=BASE),
    ]
    with Client(Failover(members), transport=SimTransport({BASE: simulator})) as phone:
        assert phone.check_emergency_address(ADDRESS).city == "HACKENSACK"
    with (
        Client(Failover(members[:1]), transport=SimTransport({BASE: lc})) as phone,
        pytest.raises(Unsupported, match="no endpoint for emergency addresses"),
    ):
        phone.check_emergency_address(ADDRESS)
