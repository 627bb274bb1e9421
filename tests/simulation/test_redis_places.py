"""Places and secrets that processes share in a real Redis, by the file that the documentation offers."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from anycarrier import Client, RateLimited
from anycarrier.engine.rate_limits import Limit
from anycarrier.engine.shared_budget import pace_of
from anycarrier.errors import AnyCarrierError
from anycarrier.simulator import SimTransport
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from support.limits import places_hold_the_limit
from support.redis_server import MISSING, RedisServer

redis = pytest.importorskip("redis", reason="needs the package redis")
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture(scope="module")
def example():
    sys.path.insert(0, str(EXAMPLES))
    try:
        import redis_places
    finally:
        sys.path.remove(str(EXAMPLES))
    return redis_places


@pytest.fixture(scope="module")
def server():
    if not RedisServer.is_at_hand():
        pytest.skip(MISSING)
    with RedisServer() as running:
        yield running


@pytest.fixture
def client(server):
    with redis.Redis.from_url(server.url) as made:
        made.flushall()
        yield made


@pytest.fixture
def places(example, client):
    return example.RedisPlaces(client)


@pytest.mark.parametrize("limit", [Limit(300, 60.0), Limit(100, 10.0), Limit(6, 3600.0), Limit(2, 1.0), Limit(1, 5.0)])
def test_no_interval_holds_more_places_than_the_limit_whoever_takes_them(example, server, client, limit):
    with ExitStack() as opened:
        clients = [opened.enter_context(redis.Redis.from_url(server.url)) for _ in range(4)]
        places_hold_the_limit(limit, [example.RedisPlaces(one) for one in clients])


def test_a_place_that_lies_too_late_is_not_taken(places):
    pace = pace_of(Limit(2, 10.0))
    assert places.take("key", pace, 1, 0.0, 1.0) == 0.0
    second = places.take("key", pace, 1, 0.0, 60.0)
    assert 0 < second <= 10
    assert places.take("key", pace, 1, 0.0, 1.0) is None
    assert places.take("key", pace, 1, 0.0, 60.0) == pytest.approx(second + pace.step, abs=0.5)
    assert places.take("other", pace, 1, 0.0, 1.0) == 0.0


def test_repetitions_are_paid_for_a_429_holds_everybody_back_and_keys_end(places, client):
    pace = pace_of(Limit(100, 10.0))
    assert places.take("key", pace, 1, 0.0, 60.0) == 0.0
    assert places.take("key", pace, 11, 0.0, 60.0) == pytest.approx(10 * pace.step, abs=0.05)
    assert places.take("key", pace, 1, 5.0, 60.0) == pytest.approx(5.0, abs=0.3)
    assert places.take("key", pace, 1, 0.0, 60.0) == pytest.approx(5.0, abs=0.3)
    assert 5000 <= client.pttl("anycarrier:key") <= 5600


def test_a_long_limit_is_taken_in_slices_and_never_exceeded(places, client):
    limit = Limit(1000, 86_400.0)
    taken = 0
    while not (wait := places.take_slice("day", limit, 100)):
        taken += 100
    assert taken == 1000
    assert 86_400 <= wait <= 87_000
    assert places.take_slice("other", limit, 100) == 0.0
    ((bucket, count),) = client.hgetall("anycarrier:day").items()
    client.delete("anycarrier:day")
    client.hset("anycarrier:day", str(int(bucket) - 145), int(count))
    assert places.take_slice("day", limit, 100) == 0.0
    assert client.hvals("anycarrier:day") == [b"100"]


def test_without_redis_nothing_is_sent_and_its_places_survive_it(server, places, client):
    pace, url = pace_of(Limit(2, 60.0)), "http://127.0.0.1:1"
    simulator = LeadpingSimulator()
    assert places.take("key", pace, 1, 0.0, 60.0) == 0.0
    assert places.take("key", pace, 1, 0.0, 90.0) > 0.0
    with Client(
        "leadping", **simulator.settings, base_url=url, transport=SimTransport({url: simulator}), budget=places
    ) as phone:
        next(phone.list(), None)
        before = len(simulator.ledger.requests)
        server.stop()
        try:
            with pytest.raises(AnyCarrierError, match="Redis does not answer"):
                places.take("key", pace, 1, 0.0, 60.0)
            with pytest.raises(RateLimited, match="Redis does not answer") as caught:
                next(phone.list(), None)
        finally:
            server.start()
        assert (caught.value.maybe_applied, len(simulator.ledger.requests)) == (False, before)
        next(phone.list(), None)
        assert len(simulator.ledger.requests) > before
    assert places.take("key", pace, 1, 0.0, 60.0) is None


def test_processes_share_one_key_of_voicetel_through_redis(example, client):
    simulator, url = VoiceTelSimulator(account_calls=6), "http://127.0.0.1:1"
    login = {"username": simulator.account.username, "password": simulator.account.password}
    for _ in range(8):
        voicetel = VoiceTel(**login, secret_store=example.RedisSecrets(client), base_url=url)
        with Client(voicetel, transport=SimTransport({url: simulator}), budget=example.RedisPlaces(client)) as phone:
            next(phone.list(), None)
    assert [seen.path for seen in simulator.ledger.requests].count("/v2.2/account/api-key") == 1
    assert {seen.status for seen in simulator.ledger.requests} == {200}
    store = example.RedisSecrets(client)
    assert store.replace("one", None, "a")
    assert not store.replace("one", None, "b")
    assert not store.replace("one", "b", "c")
    assert store.replace("one", "a", "c")
    assert (store.read("one"), store.read("two")) == ("c", None)
