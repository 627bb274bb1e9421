"""Buying one number without a journal: scripted outcomes, a virtual clock, no socket."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.model import Offer
from support.purchases import LOOKS, NUMBER, REPLAYS, Fake, lost, owned, refused


def test_a_confirmed_purchase_is_one_request():
    fake = Fake(REPLAYS, place=[owned()])
    assert fake.buy().number == NUMBER
    assert [event[0] for event in fake.events] == ["place"]
    key = fake.events[0][2]
    assert key.startswith("ac1_")
    assert len(key) > 20


def test_keys_differ_and_a_given_one_is_used():
    keys = set()
    for given in (None, None, "mine_1"):
        fake = Fake(LOOKS, place=[owned()])
        fake.buy(key=given)
        keys.add(fake.events[0][2])
    assert len(keys) == 3
    assert "mine_1" in keys
    with pytest.raises(e.InvalidInput, match="key must match"):
        Fake(LOOKS, place=[owned()]).buy(key="not.allowed")


def test_an_offer_of_another_provider_or_account_is_refused():
    for wrong in ({"provider": "else"}, {"account": "else"}):
        offer = evolve(Offer(provider="fake", account="main", number=NUMBER), **wrong)
        fake = Fake(LOOKS, place=[owned()])
        with pytest.raises(e.InvalidInput, match="the offer is of"):
            fake.buy(offer)
        assert not fake.events


@pytest.mark.parametrize("status", [400, 401])
def test_a_documented_refusal_of_the_first_request_is_final(status):
    fake = Fake(REPLAYS, place=[refused(status=status)])
    with pytest.raises(e.InvalidRequest) as caught:
        fake.buy()
    assert caught.value.safe_elsewhere
    assert not caught.value.maybe_applied
    assert len(fake.events) == 1


def test_a_refusal_with_a_status_that_is_not_documented_as_final_is_looked_into():
    fake = Fake(LOOKS, place=[refused(status=422)], look=[owned()])
    assert fake.buy().number == NUMBER
    assert fake.times("look")


@pytest.mark.parametrize("error", [e.NumberUnavailable, e.NotFound, e.Conflict])
def test_taken_is_believed_only_after_a_look_that_is_later_than_the_lag_of_the_list(error):
    fake = Fake(REPLAYS, place=[refused(error, 409)], look=[None])
    with pytest.raises(error) as caught:
        fake.buy()
    assert caught.value.safe_elsewhere
    assert [event[0] for event in fake.events] == ["place", "look", "look"]
    assert fake.times("look") == [0.5, 0.5 + REPLAYS.lag]

    fake = Fake(REPLAYS, place=[refused(error, 409)], look=[None, owned()])
    assert fake.buy().number == NUMBER

    fake = Fake(REPLAYS, place=[refused(error, 409)], look=[owned()])
    assert fake.buy().number == NUMBER


@pytest.mark.parametrize(
    "words", ["The number was already ordered", "Duplicate request", "number exists", "order in progress"]
)
def test_a_refusal_that_may_be_about_this_very_purchase_is_looked_into(words):
    for rules in (LOOKS, REPLAYS):
        fake = Fake(rules, place=[refused(detail=words)], look=[owned()])
        assert fake.buy().number == NUMBER
        fake = Fake(rules, place=[refused(detail=words)], look=[None])
        with pytest.raises(e.InvalidRequest) as caught:
            fake.buy()
        assert caught.value.safe_elsewhere
        assert len(fake.times("place")) == 1
        assert fake.times("look") == [0.5, 0.5 + rules.lag]


def test_taken_and_a_look_that_tells_nothing_stays_open():
    fake = Fake(LOOKS, place=[refused(e.NumberUnavailable, 409)], look=[lost(), lost(), None])
    with pytest.raises(e.NumberUnavailable):
        fake.buy()
    assert len(fake.times("look")) == 3


def test_a_lost_answer_is_replayed_with_the_same_key_and_bytes_after_growing_waits():
    fake = Fake(REPLAYS, place=[lost(), lost(), refused(e.ProviderDown, 502, maybe_applied=True), owned()])
    assert fake.buy().number == NUMBER
    assert fake.times("place") == [0, 2.5, 7, 15.5]  # 2, 4 and 8 seconds after each answer
    assert len({event[2:] for event in fake.events}) == 1


def test_a_provider_that_says_when_to_come_back_is_not_asked_before():
    limited = refused(e.RateLimited, 429, retry_after=25.0)
    fake = Fake(REPLAYS, place=[lost(), limited, owned()])
    assert fake.buy().number == NUMBER
    assert fake.times("place") == [0, 2.5, 28]


def test_a_replay_that_is_refused_proves_nothing():
    fake = Fake(REPLAYS, place=[lost(), refused(), owned()], look=[None, None, owned()])
    assert fake.buy().number == NUMBER
    assert len(fake.times("place")) == 2


def test_replays_end_when_the_key_may_have_expired():
    rules = evolve(REPLAYS, replay_for=10.0)
    fake = Fake(rules, place=[lost()], look=[None])
    with pytest.raises(e.TransportError, match="was not bought"):
        fake.buy(deadline=1000)
    assert max(fake.times("place")) < 10


def test_absence_counts_only_after_the_settle_window_of_the_last_request():
    fake = Fake(LOOKS, place=[lost()], look=[None])
    with pytest.raises(e.TransportError, match="was not bought") as caught:
        fake.buy(deadline=1000)
    assert caught.value.safe_elsewhere
    assert not caught.value.maybe_applied
    assert len([at for at in fake.times("look") if at >= 300.5]) == 3
    assert len(fake.times("place")) == 1


def test_replays_restart_the_settle_window():
    fake = Fake(REPLAYS, place=[lost()], look=[None])
    with pytest.raises(e.TransportError, match="was not bought"):
        fake.buy(deadline=1000)
    places, looks = fake.times("place"), fake.times("look")
    assert len(places) == 7
    assert len([at for at in looks if at >= places[-1] + 120]) == 2
