"""Buying one number without a journal: scripted outcomes, a virtual clock, no socket."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.exchange import Request, Response, Sleep
from anycarrier.model import Offer, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import AttemptState, Draft, ResolutionPolicy
from anycarrier.purchase import buy, resolve, until_settled
from anycarrier.testing import Script, VirtualClock

NUMBER = PhoneNumber("+12015550123")
OTHER = PhoneNumber("+12015550124")
REPLAYS = ResolutionPolicy(replay=True, replay_for=72_000, settle=120, looks=2, refusals=frozenset({400, 401, 402}))
LOOKS = ResolutionPolicy(settle=300, looks=3)


def owned(number=NUMBER, status=Status.ACTIVE):
    return OwnedNumber(provider="fake", account="main", number=number, status=status)


def refused(kind=e.InvalidRequest, status=400, **more):
    return kind("no", provider="fake", status=status, **{"maybe_applied": False, **more})


def lost():
    return e.TransportError("timeout", kind="timeout", maybe_applied=True)


def unsent():
    return e.TransportError("refused", kind="connect", maybe_applied=False)


class Fake:
    """A provider whose outcomes are scripted: errors are raised, the rest is returned; the last one stays.

    ``answer`` is the outcome of every request that it sends; without it, a purchase needs none.
    """

    name = "fake"
    accounts = (SimpleNamespace(id="main"),)

    def __init__(self, rules, place=(), look=(), get=(), answer=None):
        self.rules = rules
        self.script = {"place": [*place], "look": [*look], "get": [*get]}
        self.answer = answer
        self.clock = VirtualClock(1_000_000.0, chance=0.5)
        self.events = []

    def _next(self, what, took):
        script = self.script[what]
        outcome = script.pop(0) if len(script) > 1 else script[0]
        yield Sleep(took)
        if isinstance(outcome, BaseException):
            raise copy.copy(outcome) if isinstance(outcome, e.AnyCarrierError) else outcome
        return outcome

    def draft(self, target, *, key, options=()):
        number = target.number if isinstance(target, Offer) else target
        return Draft(provider="fake", account="main", number=number, key=key, body=b"{}")
        yield

    def place(self, draft):
        self.events.append(("place", self.clock.elapsed, draft.key, draft.body))
        if self.answer is not None:
            yield Request(account="main", operation="buy", method="POST", path="/", purpose="purchase")
        return (yield from self._next("place", 0.5))

    def find_purchase(self, attempt):
        self.events.append(("look", self.clock.elapsed))
        return (yield from self._next("look", 0.1))

    def get(self, target):
        self.events.append(("get", self.clock.elapsed))
        return (yield from self._next("get", 0.0))

    def times(self, what):
        return [round(event[1], 6) for event in self.events if event[0] == what]

    def run(self, exchange):
        return Script(*[self.answer] * 9, clock=self.clock).run(exchange)

    def buy(self, target=NUMBER, **how):
        return self.run(buy(self, target, **how))


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
