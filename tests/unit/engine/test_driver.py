"""The two drivers, each test in both modes: what an exchange may rely on, whoever drives it."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from anycarrier.engine.accounts import StaticToken
from anycarrier.engine.session import Session
from anycarrier.errors import AnyCarrierError, ConfigurationError, TransportError
from anycarrier.exchange import Emit, Exchange, Response, call, now, send, sleep
from support.rigs import Rig, account, asking, get, ok


def test_a_request_gets_its_accounts_credentials_and_origin(rig: Rig) -> None:
    made = rig(
        ok, account(), account(id="other", base_url="https://other.example/v1", credentials=StaticToken("sec0nd"))
    )

    def both() -> Exchange[None]:
        yield from send(get())
        yield from send(get(account="other"))
        yield from send(get(account="other", authenticated=False))

    made.run(both())
    sent = made.transport.sent
    assert [wire.url for wire in sent] == ["https://api.example/things"] + ["https://other.example/v1/things"] * 2
    assert [dict(wire.headers).get("authorization") for wire in sent] == ["Bearer t0ken", "Bearer sec0nd", None]


def test_sleep_and_now_go_through_the_clock(rig: Rig) -> None:
    made = rig()

    def waiting() -> Exchange[float]:
        began = yield from now()
        yield from sleep(2.5)
        ended = yield from now()
        return ended.monotonic - began.monotonic

    assert made.run(waiting()) == 2.5
    assert made.clock.slept == [2.5]


def test_a_failed_connection_is_raised_inside_the_exchange_and_can_be_recovered(rig: Rig) -> None:
    made = rig(lambda _: TransportError("broke", kind="broken", maybe_applied=True))

    def recovering() -> Exchange[str]:
        try:
            yield from send(get(purpose="write"))
        except TransportError as error:
            return f"{error.provider} {error.operation} {error.maybe_applied} {error.safe_elsewhere}"
        return "?"

    assert made.run(recovering()) == "fake op True False"


def test_a_blocking_call_runs_off_the_event_loop(rig: Rig) -> None:
    def calling() -> Exchange[int]:
        return (yield from call(threading.get_ident, "ident"))

    made = rig()
    ran_in = made.run(calling())
    assert (ran_in == threading.get_ident()) == (made.mode == "sync")


def test_what_a_call_raises_is_raised_inside_the_exchange(rig: Rig) -> None:
    def fail() -> None:
        raise ValueError("no")

    def calling() -> Exchange[str]:
        try:
            yield from call(fail)
        except ValueError as error:
            return str(error)
        return "?"

    assert rig().run(calling()) == "no"


def test_an_unknown_account_is_an_error_inside_the_exchange(rig: Rig) -> None:
    made = rig()
    with pytest.raises(ConfigurationError, match="no account 'nobody'"):
        made.run(asking(account="nobody"))
    assert made.transport.sent == []


def test_two_accounts_of_the_same_id() -> None:
    with pytest.raises(ConfigurationError, match="same id"):
        Session([account(), account(base_url="https://other.example")])


@pytest.mark.parametrize("effect", [None, 7, Emit([1])])
def test_what_is_not_an_effect(rig: Rig, effect: Any) -> None:
    def odd() -> Exchange[None]:
        yield effect

    exchange = odd()
    with pytest.raises(AnyCarrierError, match="iterate" if isinstance(effect, Emit) else "not an effect"):
        rig().run(exchange)
    assert inspect.getgeneratorstate(exchange) == inspect.GEN_CLOSED


def test_closing_closes_the_transport(rig: Rig) -> None:
    made = rig()
    made.close()
    assert made.transport.is_closed


# -- what is logged


def test_the_debug_line(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    answers: Iterator[Any] = iter(
        [Response(200, {"x-request-id": "r\x1b[1"}), TransportError("broke", kind="broken", maybe_applied=True)]
    )
    made = rig(lambda _: next(answers))

    def two() -> Exchange[None]:
        more = {"path_values": {"n": "2015550123"}, "query": (("q", "hidden"),)}
        yield from send(get("/numbers/{n}", **more))
        with pytest.raises(TransportError):
            yield from send(get("/numbers/{n}", **more))

    with caplog.at_level(logging.DEBUG, "anycarrier"):
        made.run(two())
    first, second = [record.getMessage() for record in caplog.records if record.name == "anycarrier"]
    assert first.startswith("GET /numbers/{n} -> 200 in ")
    assert "account main, attempt 1, request id r\\u001b[1" in first
    assert "-> broken in" in second
    for hidden in ("2015550123", "hidden", "t0ken"):
        assert hidden not in first + second
