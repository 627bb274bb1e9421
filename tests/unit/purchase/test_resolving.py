"""A purchase whose outcome stayed unknown is resolved later, here or in another process."""

from __future__ import annotations

import pickle

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.attempt import AttemptState
from anycarrier.purchase import resolve
from support.purchases import LOOKS, NUMBER, REPLAYS, Fake, lost, owned


def test_the_deadline_ends_in_an_error_that_carries_all_that_is_needed():
    fake = Fake(LOOKS, place=[lost()], look=[None])
    with pytest.raises(e.OutcomeUnknown) as caught:
        fake.buy()
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.maybe_applied
    assert not error.safe_elsewhere
    assert error.number == NUMBER
    assert error.key == fake.events[0][2] == error.attempt.draft.key
    assert error.resume_at > fake.clock.time()
    assert str(NUMBER) not in str(error)

    fake.script["look"] = [owned()]
    fake.clock.advance(3600)
    assert fake.run(resolve(fake, error)).number == NUMBER
    assert len(fake.times("place")) == 1


def test_resolving_after_a_long_pause_looks_before_it_concludes():
    fake = Fake(LOOKS, place=[lost()], look=[None])
    with pytest.raises(e.OutcomeUnknown) as caught:
        fake.buy(deadline=20)
    fake.clock.advance(10 * 86_400)
    before = len(fake.times("look"))
    with pytest.raises(e.TransportError, match="was not bought"):
        fake.run(resolve(fake, caught.value))
    assert len(fake.times("look")) - before == 3


def test_resolving_does_not_replay_an_expired_key():
    fake = Fake(REPLAYS, place=[lost(), owned()], look=[None])
    with pytest.raises(e.OutcomeUnknown) as caught:
        fake.buy(deadline=1)
    fake.clock.advance(80_000)
    with pytest.raises(e.TransportError, match="was not bought"):
        fake.run(resolve(fake, caught.value))
    assert len(fake.times("place")) == 1


def over_there(fake, error, ahead=0.0):
    """*error* as another process has it, whose clock is *ahead*."""
    fake.clock.advance(ahead)
    return pickle.loads(pickle.dumps(error))


@pytest.mark.parametrize("ahead", [3600.0, -3600.0, 0.0])
@pytest.mark.parametrize("rules", [LOOKS, REPLAYS])
def test_in_another_process_the_window_begins_with_its_own_first_look(rules, ahead):
    fake = Fake(rules, place=[lost()], look=[None])
    with pytest.raises(e.OutcomeUnknown) as caught:
        fake.buy(deadline=5)
    error = over_there(fake, caught.value, ahead)
    began, sent = fake.clock.elapsed, len(fake.times("place"))
    with pytest.raises(e.AnyCarrierError, match="was not bought"):
        fake.run(resolve(fake, error, deadline=1000))
    assert fake.times("look")[-1] >= began + rules.settle
    assert len(fake.times("place")) == sent  # how old its key is cannot be known


def test_resolving_in_small_steps_comes_to_an_end_within_a_process():
    fake = Fake(LOOKS, place=[lost()], look=[None])
    unknown = None
    with pytest.raises(e.OutcomeUnknown) as caught:
        fake.buy(deadline=20)
    unknown = caught.value
    for _ in range(30):
        try:
            fake.run(resolve(fake, unknown, deadline=20))
        except e.OutcomeUnknown as again:
            unknown = again
            fake.clock.advance(max(0.0, again.resume_at - fake.clock.time()))
        except e.TransportError:
            break
    else:
        raise AssertionError("it never ends")
    assert fake.times("look")[-1] >= 300.5


def test_times_of_a_clock_that_was_ahead_make_nobody_wait():
    fake = Fake(LOOKS, place=[lost()], look=[None])
    with pytest.raises(e.OutcomeUnknown) as caught:
        fake.buy(deadline=5)
    error = over_there(fake, caught.value, ahead=-9 * 86_400.0)
    fake.script["look"] = [owned()]
    assert fake.run(resolve(fake, error)).number == NUMBER


@pytest.mark.parametrize("state", AttemptState)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_resolving_believes_no_state_but_what_it_finds(state, elsewhere):
    fake = Fake(LOOKS, place=[lost()], look=[None])
    with pytest.raises(e.OutcomeUnknown) as caught:
        fake.buy(deadline=1)
    error = caught.value
    error.attempt = evolve(error.attempt, state=state)
    if elsewhere:
        error = pickle.loads(pickle.dumps(error))
    fake.script["look"] = [owned()]
    assert fake.run(resolve(fake, error)).number == NUMBER


def test_resolving_needs_the_same_provider_and_an_attempt():
    fake = Fake(LOOKS, place=[lost()], look=[None])
    with pytest.raises(e.InvalidInput, match="cannot use it"):
        fake.run(resolve(fake, e.OutcomeUnknown("?", number=str(NUMBER))))
    with pytest.raises(e.OutcomeUnknown) as caught:
        fake.buy(deadline=1)
    fake.name = "else"
    with pytest.raises(e.InvalidInput, match="the purchase is of"):
        fake.run(resolve(fake, caught.value))
