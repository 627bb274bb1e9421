"""Questions about portability."""

from __future__ import annotations

import pytest

from anycarrier import Client, Unsupported
from anycarrier.errors import InvalidInput
from anycarrier.failover import Failover
from anycarrier.porting import portable
from anycarrier.simulator import SimTransport, load

BASE, OTHER, THIRD = (f"http://127.0.0.1:{port}" for port in (1, 2, 3))
ONE, OURS = "+19075550150", "+12015550100"


def test_each_number_has_one_answer_in_the_order_of_the_question() -> None:
    played = load("voicetel")
    with Client("voicetel", **played.settings, base_url=BASE, transport=SimTransport({BASE: played})) as phone:
        found = phone.portable([ONE, OURS, ONE])
        assert [one.number for one in found] == [ONE, OURS, ONE]
        assert [one.is_portable for one in found] == [True, False, True]
        assert found[0].losing_carrier
        assert found[1].reason
        again = phone.run(portable(phone.provider, [one.number for one in found[:2]]))
        assert again == found[:2]
    asked = [seen for seen in played.ledger.requests if seen.operation == "port_check"]
    assert len(asked) == 4  # a number that is named twice is asked for once


def test_a_failover_asks_the_one_that_ports_and_wants_a_name_where_several_do() -> None:
    one, two, lc = load("voicetel"), load("voicetel"), load("lc_phone")
    from anycarrier_adapters.lc_phone import LCPhone
    from anycarrier_adapters.voicetel import VoiceTel

    first = VoiceTel(**one.settings, base_url=BASE)
    second = VoiceTel(api_key="1" * 32, base_url=OTHER, account="second")
    office = LCPhone(**lc.settings, base_url=THIRD, account="office")
    transport = SimTransport({BASE: one, OTHER: two, THIRD: lc})
    with Client(Failover([office, first]), transport=transport) as phone:
        assert phone.portable([ONE])[0].is_portable
        assert phone.ports() == phone.ports(account="voicetel") == []
        assert phone.capabilities()["features"]["portable"]["supported"]
        with pytest.raises(Unsupported, match="no endpoint for ports"):
            phone.ports(account="office")
        with pytest.raises(InvalidInput, match="account 'nobody'"):
            phone.port("a3a2a", account="nobody")
    with Client(Failover([first, second]), transport=transport) as phone:
        with pytest.raises(InvalidInput, match="name one of voicetel, second"):
            phone.portable([ONE])
        assert phone.portable([ONE], account="voicetel")[0].is_portable
    with Client(Failover([office]), transport=transport) as phone, pytest.raises(Unsupported):
        phone.portable([ONE])


@pytest.mark.parametrize("numbers", [ONE, [], ["x"], None, [None]])
def test_numbers_are_a_list_of_numbers(numbers: object) -> None:
    played = load("voicetel")
    with (
        Client("voicetel", **played.settings, base_url=BASE, transport=SimTransport({BASE: played})) as phone,
        pytest.raises(InvalidInput, match="numbers"),
    ):
        phone.portable(numbers)
