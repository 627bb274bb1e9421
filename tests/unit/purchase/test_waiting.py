"""Waiting until a number that was bought is set up."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.model import Status
from anycarrier.purchase import until_settled
from support.purchases import LOOKS, NUMBER, Fake, lost, owned, refused


def test_waiting_until_a_number_is_set_up():
    pending = owned(status=Status.PENDING)
    fake = Fake(LOOKS, get=[e.NotFound("no"), pending, lost(), pending, owned()])
    assert fake.run(until_settled(fake, NUMBER)).status is Status.ACTIVE
    assert fake.times("get") == [0, 1, 3, 7, 15]


def test_waiting_says_what_it_last_saw():
    fake = Fake(LOOKS, get=[evolve(owned(status=Status.PENDING), provider_status="ordered")])
    with pytest.raises(e.StillPending, match="the provider says ordered") as caught:
        fake.run(until_settled(fake, NUMBER, deadline=100))
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.last.number == NUMBER
    assert fake.clock.elapsed == 100


def test_waiting_gives_up_on_a_number_that_is_not_there_or_a_provider_that_is_down():
    fake = Fake(LOOKS, get=[e.NotFound("no")])
    with pytest.raises(e.NotFound):
        fake.run(until_settled(fake, NUMBER))
    assert 30 <= fake.clock.elapsed < 60
    fake = Fake(LOOKS, get=[refused(e.ProviderDown, 503)])
    with pytest.raises(e.ProviderDown):
        fake.run(until_settled(fake, NUMBER, deadline=60))
