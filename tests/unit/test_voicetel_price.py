"""What a number costs at VoiceTel: the account's rate, asked for once."""

from __future__ import annotations

import json

import pytest

from anycarrier import Money, PhoneNumber
from anycarrier.exchange import Response
from anycarrier.testing import play
from anycarrier_adapters.voicetel import VoiceTel

NUMBER = PhoneNumber("+12015550100")


def account(**rates: object) -> Response:
    return Response(200, {}, json.dumps({"status": "success", "data": {"cash": 10, "rates": rates}}).encode())


def test_the_rate_is_asked_for_once() -> None:
    voicetel = VoiceTel(api_key="0" * 32)
    price, effects = play(voicetel.price_of(NUMBER), account(did=0.5, sms=0.01))
    assert price == Money("0.5")
    assert len(effects) == 2  # the time, and one request
    again, effects = play(voicetel.price_of(NUMBER))
    assert again == price
    assert effects == []


@pytest.mark.parametrize("rates", [{}, {"did": None}, {"did": "half"}, {"did": True}])
def test_a_rate_that_is_not_stated_is_not_guessed(rates: dict[str, object]) -> None:
    assert play(VoiceTel(api_key="0" * 32).price_of(NUMBER), account(**rates))[0] is None
