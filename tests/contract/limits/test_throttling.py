"""A 429 holds back all callers of an account, and a purchase is waited for before it is written down."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from anycarrier import AsyncClient
from anycarrier.engine.rate_limits import Limit
from anycarrier.errors import RateLimited
from anycarrier.exchange import Exchange, Request, Response, await_rate_limit, now, send, together
from anycarrier.simulator import AsyncSimTransport
from anycarrier.testing import VirtualClock
from anycarrier.testing.fakes import Mode
from support.meter import BASE, Meter, Metered, _error, phone_of

ACCOUNT = "/account"


# -- 429


@pytest.mark.parametrize("says", [None, 5.0])
def test_a_429_holds_every_caller_back(mode: Mode, says: float | None) -> None:
    clock = VirtualClock()
    simulator = Meter(10, 10.0, says=says, now=clock.time)  # half of what we think
    provider = Metered(Limit(20, 10.0))
    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.many(10))
        with pytest.raises(RateLimited):
            phone.run(send_once(provider))
        before = clock.elapsed
        phone.run(together([provider.thing()]))
        assert clock.elapsed - before >= (says or 0.25) - 1e-6


def send_once(provider: Metered) -> Exchange[Response]:
    request = Request(account="main", operation="thing", method="GET", path="/things", authenticated=False)
    response = yield from send(request)
    if response.status != 200:
        raise _error(request, response)
    return response


def test_an_account_without_declared_limits_is_held_back_by_a_429(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(1, 10.0, says=10, now=clock.time)
    provider = Metered()
    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.thing())
        with pytest.raises(RateLimited):
            phone.run(send_once(provider))
        assert phone.limits() == {"main": {"held": 10.0, "windows": []}}
        phone.run(send_once(provider))
        assert clock.elapsed == pytest.approx(10)


def test_without_max_wait_nothing_is_kept(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(1, 10.0, says=10, now=clock.time)
    provider = Metered(Limit(1, 10.0))
    with phone_of(mode, provider, simulator, clock, max_wait=None) as phone:
        phone.run(provider.thing())
        for _ in range(2):
            with pytest.raises(RateLimited):
                phone.run(send_once(provider))
        assert clock.slept == []
    assert simulator.refused == 2


def test_a_long_wait_is_refused_before_anything_is_sent(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(6, 3600.0, now=clock.time)
    provider = Metered(Limit(6, 3600.0, only=(f"GET {ACCOUNT}",)))
    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.many(6, ACCOUNT))
        clock.sleep(600)
        with pytest.raises(RateLimited, match="nothing was sent") as caught:
            phone.run(provider.thing(ACCOUNT))
        assert caught.value.retry_after == pytest.approx(3001)
        assert not caught.value.maybe_applied
        assert len(phone.sent) == 6
        said = phone.limits()["main"]["windows"][0]
        assert (said["remaining"], said["resets"]) == (0, 3001)
        clock.sleep(2900)
        phone.run(provider.thing(ACCOUNT))  # a hundred seconds are waited for
    assert simulator.refused == 0


# -- purchases


def test_a_purchase_is_waited_for_before_and_never_at_its_request(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(10, 10.0, now=clock.time)
    provider = Metered(Limit(10, 10.0))
    noted: list[float] = []

    def durable() -> Exchange[Response]:
        yield from await_rate_limit("main", at_most=60)
        noted.append((yield from now()).monotonic)
        response = yield from provider.order()
        noted.append((yield from now()).monotonic)
        return response

    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.many(10))
        assert phone.run(durable()).status == 200
        assert noted == pytest.approx([10.2, 10.2])
        assert phone.limits()["main"]["windows"][0]["remaining"] == 9
        phone.run(provider.many(9))
        assert phone.run(provider.order()).status == 429  # sent all the same, and at once
        assert clock.elapsed == pytest.approx(10.2)
        simulator.reset()
        with pytest.raises(RateLimited):
            phone.run(await_rate_limit("main", at_most=1))


def test_cancelled_while_waiting_for_the_limit_gives_the_place_back() -> None:
    provider = Metered(Limit(1, 30.0))

    async def main() -> dict[str, Any]:
        async with AsyncClient(provider, transport=AsyncSimTransport({BASE: Meter(10)})) as client:
            await client.run(provider.thing())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await client.run(provider.at_once(5))
            assert asyncio.all_tasks() == {asyncio.current_task()}
            return client.limits()

    said = asyncio.run(main())["main"]["windows"][0]
    assert said["resets"] <= 31
