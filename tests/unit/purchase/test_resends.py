"""A purchase that was refused for now or never left: what is sent once more, and what is looked into first."""

from __future__ import annotations

import copy

import pytest

from anycarrier import errors as e
from anycarrier.exchange import Response
from anycarrier.numbers import PhoneNumber
from anycarrier.testing import VirtualClock
from support.purchases import LOOKS, NUMBER, REPLAYS, Fake, lost, owned, refused

OTHER = PhoneNumber("+12015550124")


def unsent():
    return e.TransportError("refused", kind="connect", maybe_applied=False)


def test_what_provably_was_not_sent_is_sent_again():
    fake = Fake(LOOKS, place=[unsent(), owned()])
    assert fake.buy().number == NUMBER
    first, second = fake.times("place")
    assert 0.5 < second - first < 2
    assert len({event[2] for event in fake.events}) == 1


def limited(**more):
    return refused(e.RateLimited, 429, **more)


def test_a_429_is_looked_into_before_the_next_request_where_nothing_is_replayed():
    fake = Fake(LOOKS, place=[limited(retry_after=10.0), owned()], look=[None])
    assert fake.buy().number == NUMBER
    assert [event[0] for event in fake.events] == ["place", "look", "place"]
    assert fake.times("look") == [0.5 + LOOKS.lag]
    assert len({event[2:] for event in fake.events if event[0] == "place"}) == 1

    fake = Fake(LOOKS, place=[limited()], look=[owned()])
    assert fake.buy().number == NUMBER
    assert len(fake.times("place")) == 1


def test_a_429_that_comes_again_and_again_is_raised_as_what_it_is():
    fake = Fake(LOOKS, place=[limited(retry_after=10.0)], look=[None])
    with pytest.raises(e.RateLimited) as caught:
        fake.buy(deadline=1000)
    assert caught.value.safe_elsewhere
    assert [event[0] for event in fake.events] == ["place", "look"] * 5


def test_after_a_429_the_same_key_and_bytes_are_sent_when_it_says_where_the_provider_replays():
    fake = Fake(REPLAYS, place=[limited(retry_after=25.0), limited(), owned()])
    assert fake.buy().number == NUMBER
    assert fake.times("place") == [0, 25.5, 30]
    assert len({event[2:] for event in fake.events}) == 1


def test_a_429_that_is_not_in_the_providers_own_words_is_a_plain_doubt():
    strange = e.RateLimited("page", provider="fake", status=429, maybe_applied=True)
    fake = Fake(LOOKS, place=[strange], look=[None])
    with pytest.raises(e.RateLimited, match="was not bought"):
        fake.buy(deadline=1000)
    assert max(fake.times("look")) >= 300.5
    assert len(fake.times("place")) == 1


@pytest.mark.parametrize("kind", [e.InvalidRequest, e.AuthenticationFailed, e.NumberUnavailable, e.RateLimited])
@pytest.mark.parametrize("rules", [LOOKS, REPLAYS])
def test_a_refusal_of_which_the_adapter_does_not_say_that_nothing_was_applied_proves_nothing(kind, rules):
    vague = kind("no", provider="fake", status=429 if kind is e.RateLimited else 400)
    fake = Fake(rules, place=[vague], look=[owned()])
    assert fake.buy(deadline=1000).number == NUMBER
    assert fake.times("look")


def test_an_error_without_a_status_counts_as_a_refusal_only_where_no_request_left():
    # The adapter says that nothing was applied, and an answer had come.
    quiet = e.AuthenticationFailed("no", maybe_applied=False)
    fake = Fake(LOOKS, answer=Response(200), place=[quiet], look=[owned()])
    assert fake.buy().number == NUMBER

    fake = Fake(LOOKS, answer=copy.copy(quiet), place=[quiet], look=[owned()])
    with pytest.raises(e.AuthenticationFailed) as caught:
        fake.buy()
    assert caught.value.safe_elsewhere
    assert not fake.times("look")


def test_a_connection_that_does_not_say_that_nothing_was_sent_may_have_sent_it():
    silent, quiet = e.TransportError("?"), e.TransportError("?", maybe_applied=False)
    fake = Fake(LOOKS, answer=silent, place=[quiet], look=[None])
    with pytest.raises(e.OutcomeUnknown):
        fake.buy()
    assert len(fake.times("place")) == 1


def test_a_passing_failure_before_the_request_left_is_tried_again():
    tokens = e.ProviderDown("no token", status=503, maybe_applied=False)
    fake = Fake(LOOKS, answer=tokens, place=[tokens], look=[owned()])
    with pytest.raises(e.ProviderDown):
        fake.buy(deadline=1000)
    assert len(fake.times("place")) == 5
    assert not fake.times("look")


@pytest.mark.parametrize(("deadline", "tries"), [(1000, 5), (3, 2)])
def test_what_is_never_sent_is_given_up(deadline, tries):
    fake = Fake(LOOKS, place=[unsent()])
    with pytest.raises(e.TransportError, match="refused") as caught:
        fake.buy(deadline=deadline)
    assert not caught.value.maybe_applied
    assert len(fake.times("place")) == tries


def test_not_sent_on_a_replay_proves_nothing():
    fake = Fake(REPLAYS, place=[lost(), unsent(), owned()])
    assert fake.buy().number == NUMBER


def test_an_answer_about_another_number_is_a_doubt():
    fake = Fake(LOOKS, place=[owned(OTHER)], look=[owned()])
    assert fake.buy().number == NUMBER
    fake = Fake(LOOKS, place=[lost()], look=[owned(OTHER)])
    with pytest.raises(e.OutcomeUnknown):
        fake.buy()


def test_an_adapter_that_breaks_after_the_answer_is_a_doubt():
    fake = Fake(LOOKS, place=[KeyError("id")], look=[owned()])
    assert fake.buy().number == NUMBER


@pytest.mark.parametrize("stop", [KeyboardInterrupt, GeneratorExit])
def test_interruption_unwinds(stop):
    fake = Fake(LOOKS, place=[lost()], look=[stop()])
    with pytest.raises(stop):
        fake.buy()


class JumpingClock(VirtualClock):
    """The date is an hour later each time it is read; the monotonic time is right."""

    def now(self):
        self.start += 3600
        return super().now()


def test_a_wall_clock_that_jumps_does_not_end_the_settle_window():
    fake = Fake(LOOKS, place=[lost()], look=[None])
    fake.clock = JumpingClock(1_000_000.0, chance=0.5)
    with pytest.raises(e.TransportError, match="was not bought"):
        fake.buy(deadline=1000)
    assert len([at for at in fake.times("look") if at >= 300.5]) == 3
