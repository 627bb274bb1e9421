"""A purchase that is cancelled, timed out or interrupted leaves its caller with what resolve() needs."""

from __future__ import annotations

import asyncio
import pickle

import pytest

from anycarrier import AsyncClient, Client
from anycarrier.errors import OutcomeUnknown
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.search import Search
from anycarrier.simulator.transport import AsyncSimTransport, SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

ORIGIN = "http://127.0.0.1:8000"


class Hanging(AsyncSimTransport):
    """Carries a purchase out, and never answers."""

    def __init__(self, played):
        super().__init__(played)
        self.asked = asyncio.Event()

    async def send(self, request):
        outcome = await super().send(request)
        if request.purpose == "purchase" and not self.asked.is_set():
            self.asked.set()
            await asyncio.Event().wait()
        return outcome


@pytest.fixture
def played():
    return VoiceTelSimulator()


def provider(played):
    return VoiceTel(base_url=ORIGIN, **played.settings)


async def an_hour_later(asked):
    """Move the loop's clock once the carrier has the request, so that no limit ends before it, however slow all is."""
    await asked.wait()
    loop = asyncio.get_running_loop()
    now = loop.time
    loop.time = lambda: now() + 3600


async def timed_out(work, asked):
    later = asyncio.ensure_future(an_hour_later(asked))
    async with asyncio.timeout(1800):
        await work
    await later


async def waited_for(work, asked):
    later = asyncio.ensure_future(an_hour_later(asked))
    await asyncio.wait_for(work, 1800)
    await later


async def cancelled(work, asked):
    task = asyncio.ensure_future(work)
    await asked.wait()
    task.cancel()
    await task


def carried(error):
    """Return the exception, cause or context that carries an outcome, found as the docs say."""
    while error is not None:
        if hasattr(error, "outcome_unknown"):
            return error
        error = error.__cause__ or error.__context__
    raise AssertionError("nothing is left to go on with")


@pytest.mark.parametrize("how", [timed_out, waited_for, cancelled])
def test_a_buy_that_is_cut_off_can_be_resolved(played, how):
    async def main():
        transport = Hanging({ORIGIN: played})
        async with AsyncClient(provider(played), transport=transport) as phone:
            offer = (await phone.search(Search(area_code="201")))[0]
            with pytest.raises((TimeoutError, asyncio.CancelledError)) as caught:
                await how(phone.buy(offer), transport.asked)
            left = carried(caught.value)
            unknown = left.outcome_unknown
            assert isinstance(unknown, OutcomeUnknown)
            assert unknown.number == offer.number
            assert any(unknown.key in note and "client.resolve" in note for note in left.__notes__)
            assert offer.number not in "".join(left.__notes__)
            return await phone.resolve(pickle.loads(pickle.dumps(unknown))), offer

    owned, offer = asyncio.run(main())
    assert owned.number == offer.number
    assert len(played.ledger.charges) == 1


@pytest.mark.slow
@pytest.mark.parametrize("how", [timed_out, cancelled])
def test_an_order_that_is_cut_off_names_its_request(played, how):
    async def main():
        transport = Hanging({ORIGIN: played})
        with journal.open(":memory:") as book:
            members = Failover([provider(played)], journal=book)
            async with AsyncClient(members, transport=transport) as phone:
                order = Order(criteria=Search(area_code="201"))
                with pytest.raises((TimeoutError, asyncio.CancelledError)) as caught:
                    await how(phone.provision(order, request_id="order-1"), transport.asked)
                unknown = carried(caught.value).outcome_unknown
                return await phone.resume(unknown.purchase.request_id)

    assert asyncio.run(main()).complete
    assert len(played.ledger.charges) == 1


class Interrupted(SimTransport):
    """Ctrl-C while a purchase's answer is waited for."""

    over = False

    def send(self, request):
        outcome = super().send(request)
        if request.purpose == "purchase" and not self.over:
            self.over = True
            raise KeyboardInterrupt
        return outcome


def test_ctrl_c_carries_it_too(played):
    with Client(provider(played), transport=Interrupted({ORIGIN: played}), clock=VirtualClock()) as phone:
        offer = phone.search(Search(area_code="201"))[0]
        with pytest.raises(KeyboardInterrupt) as caught:
            phone.buy(offer)
        assert phone.resolve(caught.value.outcome_unknown).number == offer.number
    assert len(played.ledger.charges) == 1


def test_ctrl_c_before_anything_was_sent_carries_nothing(played):
    transport = SimTransport({ORIGIN: played})
    with Client(provider(played), transport=transport) as phone:
        offer = phone.search(Search(area_code="201"))[0]
        phone.provider.draft = interrupted_draft
        with pytest.raises(KeyboardInterrupt) as caught:
            phone.buy(offer)
    assert not hasattr(caught.value, "outcome_unknown")
    assert not played.ledger.charges


def interrupted_draft(*_, **__):
    raise KeyboardInterrupt
    yield
