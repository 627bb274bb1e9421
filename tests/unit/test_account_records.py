"""Records about an account, as clients of both modes give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from anycarrier import Balance, UnexpectedResponse, Unsupported
from anycarrier.exchange import Response
from anycarrier.failover import Failover
from anycarrier.testing.fakes import MODES, AnyClient, Mode, StubTransport
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel

ACCOUNTS: dict[str, Callable[[], Any]] = {
    "voicetel": lambda: VoiceTel(api_key="0" * 32),
    "leadping": lambda: Leadping(api_key="lp_x"),
}


def calling(provider: Any, mode: Mode, *bodies: object) -> AnyClient:
    """A client of *provider*, which answers its requests with *bodies* in turn."""
    answers = iter(bodies)
    headers = {"content-type": "application/json"}
    return AnyClient(
        mode, provider, StubTransport(lambda request: Response(200, headers, json.dumps(next(answers)).encode()))
    )


def account(**members: object) -> dict[str, object]:
    return {"status": "success", "data": members}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "body", "amount", "currency"),
    [
        ("voicetel", account(cash=0.1), "0.1", "USD"),
        ("voicetel", account(cash=-3), "-3", "USD"),
        ("voicetel", account(cash=None), None, None),
        ("leadping", {"balance": 87.35, "currency": " usd "}, "87.35", "USD"),
        ("leadping", {"balance": "87.35", "currency": "EUR"}, "87.35", "EUR"),
        ("leadping", {"balance": 87.35, "currency": "dollars"}, "87.35", None),
        ("leadping", {"currency": "USD"}, None, "USD"),
    ],
)
def test_a_balance_is_exact_and_what_is_not_stated_is_none(
    mode: Mode, name: str, body: object, amount: str | None, currency: str | None
) -> None:
    with calling(ACCOUNTS[name](), mode, body) as phone:
        read = phone.balance()
    assert isinstance(read, Balance)
    assert (read.provider, read.account) == (name, name)
    assert read.amount == (None if amount is None else Decimal(amount))
    assert read.currency == currency


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "body"), [("voicetel", account(cash="much")), ("leadping", {"balance": [1], "currency": "USD"})]
)
def test_a_balance_that_cannot_be_read_is_not_guessed(mode: Mode, name: str, body: object) -> None:
    with calling(ACCOUNTS[name](), mode, body) as phone, pytest.raises(UnexpectedResponse) as caught:
        phone.balance()
    assert caught.value.operation == "balance"


@pytest.mark.parametrize("mode", MODES)
def test_a_failover_leaves_the_account_to_a_client_of_one_provider(mode: Mode) -> None:
    with calling(Failover([make() for make in ACCOUNTS.values()]), mode) as phone:
        with pytest.raises(Unsupported, match="members") as caught:
            phone.balance()
        assert caught.value.feature == "balance"
        assert not phone.capabilities()["features"]["balance"]["supported"]
        assert not phone.sent
