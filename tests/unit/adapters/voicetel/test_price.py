"""The price of a number at VoiceTel: the account's rate, and what the answer to an order says was charged."""

from __future__ import annotations

import json

import pytest

from anycarrier import Client, Money, OutcomeUnknown, PhoneNumber, RateLimited, UnexpectedResponse
from anycarrier.exchange import Response
from anycarrier.model import Receipt
from anycarrier.purchase.selection import is_passing
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel import VoiceTel
from support.lc import Wire

NUMBER = PhoneNumber("+12015550100")


def account(**rates: object) -> Response:
    return Response(200, {}, json.dumps({"status": "success", "data": {"cash": 10, "rates": rates}}).encode())


def asked(voicetel: VoiceTel, transport: Wire, clock: VirtualClock) -> Money | None:
    with Client(voicetel, transport=transport, clock=clock) as client:
        price: Money | None = client.run(voicetel.price_of(NUMBER))
        return price


def test_the_rate_is_asked_for_again_after_ten_minutes_and_never_more_often() -> None:
    voicetel, clock = VoiceTel(api_key="0" * 32), VirtualClock()
    wire = Wire(account(did=0.5, sms=0.01), account(did="0.60"))
    for _ in range(3):
        assert asked(voicetel, wire, clock) == Money("0.5")
        clock.advance(100)
    assert len(wire.requests) == 1
    clock.advance(300)
    assert asked(voicetel, wire, clock) == Money("0.60")
    assert len(wire.requests) == 2


def test_a_rate_that_cannot_be_read_again_holds_for_an_hour_and_no_longer() -> None:
    voicetel, clock = VoiceTel(api_key="0" * 32), VirtualClock()
    refused = Response(429, {}, b"")
    assert asked(voicetel, Wire(account(did=0.5)), clock) == Money("0.5")
    clock.advance(3500)
    assert asked(voicetel, Wire(refused), clock) == Money("0.5")
    clock.advance(200)
    with pytest.raises(RateLimited) as caught:
        asked(voicetel, Wire(refused), clock)
    assert is_passing(caught.value)


def ordered(amount: object, *numbers: str, failed: object = None) -> Response:
    data = {"orderId": "1", "amountCharged": amount, "numbersOrdered": numbers, "failed": failed or []}
    return Response(201, {}, json.dumps({"status": "success", "data": data}).encode())


def test_what_was_charged_is_the_rate_from_then_on() -> None:
    voicetel, clock = VoiceTel(api_key="0" * 32), VirtualClock()
    assert asked(voicetel, Wire(account(did=0.5)), clock) == Money("0.5")
    with Client(voicetel, transport=Wire(ordered(5, NUMBER[2:])), clock=clock) as client:
        assert client.buy(NUMBER).receipt == Receipt(charged=Money("5"))
    assert asked(voicetel, Wire(), clock) == Money("5")


def test_numbers_that_nobody_asked_for_are_told(caplog: pytest.LogCaptureFixture) -> None:
    answer = ordered(1, "2015550199", NUMBER[2:], "odd")
    with Client(VoiceTel(api_key="0" * 32), transport=Wire(answer, answer), clock=VirtualClock()) as client:
        bought = client.buy(NUMBER)
        assert bought.number == NUMBER
        assert bought.receipt.others == ("2015550199", "odd")
        (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
        assert "that were not ordered" in record.getMessage()
        assert "2015550199" not in record.getMessage()
        done = client.run(client.provider.order([NUMBER]))
        assert done.others == ("2015550199", "odd")


@pytest.mark.parametrize(
    "answer",
    [
        ordered(0.5, failed=[{"number": NUMBER[2:], "reason": "gone"}]),
        ordered(0, "2015550199", failed=[{"number": NUMBER[2:], "reason": "gone"}]),
        ordered(0, failed=[{"number": NUMBER[2:], "reason": "has been ordered"}]),
        ordered(0, NUMBER[2:], failed=[{"number": NUMBER[2:], "reason": "gone"}]),
    ],
)
def test_an_answer_that_says_both_proves_nothing(answer: Response) -> None:
    with Client(VoiceTel(api_key="0" * 32), transport=Wire(answer), clock=VirtualClock()) as client:
        with pytest.raises(OutcomeUnknown) as caught:
            client.buy(NUMBER, deadline=1)
        assert isinstance(caught.value.__cause__, UnexpectedResponse)


@pytest.mark.parametrize("rates", [{}, {"did": None}, {"did": "half"}, {"did": True}, {"did": -1}, {"did": [1]}])
def test_a_rate_that_is_not_stated_is_not_guessed(rates: dict[str, object]) -> None:
    assert asked(VoiceTel(api_key="0" * 32), Wire(account(**rates)), VirtualClock()) is None
