"""Evidence about one attempt: what an answer proves, and what is done next."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.purchase.resolution import Action, Do, Instant, Verdict, classify, decide, longest_wait, resent, sane
from support.orders import NOW, RULES, S, entry


def no(kind, status=None, **more):
    return kind("x", status=status, **{"maybe_applied": False, **more})


@pytest.mark.parametrize(
    ("error", "first", "again"),
    [
        (None, Verdict.CONFIRMED, Verdict.CONFIRMED),
        (e.TransportError("x", maybe_applied=True), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (e.TransportError("x"), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.TransportError), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.RateLimited, 429), Verdict.THROTTLED, Verdict.IN_DOUBT),
        (no(e.InvalidRequest, 429), Verdict.THROTTLED, Verdict.IN_DOUBT),
        (e.RateLimited("x", status=429), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.NumberUnavailable, 409), Verdict.TAKEN, Verdict.TAKEN),
        (no(e.NotFound, 404), Verdict.TAKEN, Verdict.TAKEN),
        (no(e.Conflict, 409), Verdict.TAKEN, Verdict.TAKEN),
        (e.NumberUnavailable("x", status=409), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.InvalidRequest, 400), Verdict.REJECTED, Verdict.REFUSED_AGAIN),
        (e.InvalidRequest("x", status=400), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.AuthenticationFailed), Verdict.IN_DOUBT, Verdict.REFUSED_AGAIN),
        (no(e.InsufficientFunds, 402), Verdict.REJECTED, Verdict.REFUSED_AGAIN),
        (no(e.PermissionDenied, 403), Verdict.IN_DOUBT, Verdict.REFUSED_AGAIN),
        (no(e.InvalidRequest, 422), Verdict.IN_DOUBT, Verdict.REFUSED_AGAIN),
        (no(e.InvalidRequest, 400, maybe_applied=True), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.ProviderDown, 503, maybe_applied=True), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.UnexpectedResponse, 201, maybe_applied=True), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (KeyError("x"), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
    ],
)
def test_verdicts(error, first, again):
    assert classify(error, RULES, first_send=True, left=True) is first
    assert classify(error, RULES, first_send=False, left=True) is again


@pytest.mark.parametrize(
    ("error", "first", "again"),
    [
        (no(e.TransportError), Verdict.NOT_SENT, Verdict.IN_DOUBT),
        (no(e.RateLimited), Verdict.NOT_SENT, Verdict.IN_DOUBT),
        (no(e.ProviderDown, 503), Verdict.NOT_SENT, Verdict.IN_DOUBT),
        (e.AuthenticationFailed("x"), Verdict.REJECTED, Verdict.REFUSED_AGAIN),
        (e.InvalidInput("x"), Verdict.REJECTED, Verdict.REFUSED_AGAIN),
        (KeyError("x"), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
    ],
)
def test_verdicts_where_no_request_left(error, first, again):
    assert classify(error, RULES, first_send=True, left=False) is first
    assert classify(error, RULES, first_send=False, left=False) is again


def test_replays_stop_by_the_latest_clock_and_windows_end_by_the_earliest():
    rules = evolve(RULES, replay=True, replay_for=100.0)
    attempt = evolve(entry(S.IN_DOUBT).attempt, next_at=0.0)
    assert decide(attempt, rules, Instant(150, 199)).do is Do.REPLAY
    assert decide(attempt, rules, Instant(150, 3800)).do is Do.LOOK
    assert decide(evolve(attempt, next_at=160), rules, Instant(150, 3800)) == Action(Do.WAIT, 160)
    assert resent(evolve(attempt, absent=2), rules, NOW).absent == 0


@pytest.mark.parametrize("ahead", ["first_sent", "last_sent"])
def test_a_key_whose_age_is_unknown_is_not_sent_again(ahead):
    rules, now = evolve(RULES, replay=True, replay_for=3600.0), Instant(1100.0, 1100.0)
    sent = evolve(entry(S.IN_DOUBT).attempt, first_sent=1000.0, last_sent=1000.0, next_at=0.0)
    assert decide(sane(sent, longest_wait(rules), now), rules, now).do is Do.REPLAY
    mended = sane(evolve(sent, **{ahead: 1000.0 + 365 * 86_400.0}), longest_wait(rules), now)
    assert (mended.no_replay, mended.first_sent, mended.last_sent) == (True, 1100.0, 1100.0)
    assert decide(mended, rules, now).do is Do.LOOK
