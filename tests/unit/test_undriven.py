"""An exchange that is dropped without being driven warns, as a coroutine does."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from anycarrier import AnyCarrierError, Client
from anycarrier.exchange import Emit, Exchange, Listing, Response, collect, now, together
from anycarrier.hints import checked_methods
from anycarrier.testing.fakes import AnyClient, StubTransport
from anycarrier_adapters.voicetel import VoiceTel

PROVIDER = VoiceTel(api_key="0" * 32)
N = "+12015550123"


def warned(use: Callable[[], Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use()
        gc.collect()
    return [str(one.message) for one in caught if one.category is ResourceWarning]


@checked_methods
class Api:
    """Two operations by hand."""

    def number(self) -> Exchange[float]:
        return (yield from now()).wall

    def rows(self) -> Listing[int]:
        yield Emit([1, 2])


@pytest.mark.parametrize(
    ("drop", "name"),
    [
        (lambda: PROVIDER.get(N), "VoiceTel.get()"),
        (PROVIDER.list, "VoiceTel.list()"),
        (PROVIDER.api.gateways, "Api.gateways()"),
        (PROVIDER.api.numbers, "Api.numbers()"),
        (lambda: PROVIDER.api.number(N), "Api.number()"),
        (lambda: PROVIDER.api.one(number="2015550123"), "Api.one()"),
        (lambda: PROVIDER.api.one.answer(number="2015550123"), "Api.one()"),
        (lambda: PROVIDER.api.pages(list), "Api.pages()"),
        (Api().number, "Api.number()"),
        (Api().rows, "Api.rows()"),
    ],
)
def test_an_exchange_that_is_dropped_warns_with_its_name(drop: Callable[[], Any], name: str) -> None:
    (said,) = warned(drop)
    assert said.startswith(f"{name} was never driven, so nothing was sent")


def drive(exchange: Any) -> None:
    answer = Response(401, {"content-type": "application/json"}, b"{}")
    with AnyClient("sync", PROVIDER, StubTransport(lambda _: answer)) as phone, pytest.raises(AnyCarrierError):
        phone.run(exchange)


@pytest.mark.parametrize(
    "use",
    [
        lambda: drive(PROVIDER.get(N)),
        lambda: drive(PROVIDER.api.gateways()),
        lambda: drive(collect(PROVIDER.list())),
        lambda: PROVIDER.get(N).close(),
        lambda: next(PROVIDER.get(N)),
    ],
)
def test_an_exchange_that_is_driven_or_closed_does_not_warn(use: Callable[[], Any]) -> None:
    assert warned(use) == []


def test_exchanges_at_once_are_driven_too() -> None:
    answer = Response(401, {"content-type": "application/json"}, b"{}")
    with AnyClient("sync", PROVIDER, StubTransport(lambda _: answer)) as phone:
        assert warned(lambda: phone.run(together([PROVIDER.get(N), PROVIDER.api.gateways()]))) == []


def test_operations_of_a_client_never_warn() -> None:
    def use() -> None:
        with Client(PROVIDER) as phone:
            for call in (lambda: phone.search_each([], limit=0), lambda: phone.route(N)):
                with pytest.raises(AnyCarrierError):
                    call()

    assert warned(use) == []
