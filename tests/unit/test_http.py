"""Statuses that are accepted, and the error of every other."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.engine.retry import RetryPolicy
from anycarrier.exchange import Request, Response, Sleep
from anycarrier.http import ask, body_of, pairs, status_error
from anycarrier.testing import VirtualClock
from support.script import Script, answer, failing, lost, play, unsent

READ = Request(account="a", operation="get", method="GET", path="/v1/things")
WRITE = evolve(READ, method="PUT", purpose="write")
PURCHASE = evolve(READ, method="POST", purpose="purchase")
ONCE = RetryPolicy(attempts=1)


def test_pairs() -> None:
    given = pairs(a="x", b=3, c=True, d=False, e=None, f="", g=["1", "2"], h=[], i=0)
    assert given == (("a", "x"), ("b", "3"), ("c", "true"), ("d", "false"), ("g", "1,2"), ("i", "0"))


def error_of(request: Request, response: Response) -> e.AnyCarrierError:
    return status_error(request, response, provider="p", detail=response.body.decode() or None)


def test_an_accepted_status_is_the_answer() -> None:
    response, _ = play(ask(READ, error_of, accept=(200, 204)), answer(None, 204))
    assert response.status == 204


def test_any_other_is_the_error() -> None:
    error, _ = failing(ask(READ, error_of), answer(b"words", 404, x_request_id="r"))
    assert isinstance(error, e.NotFound)
    assert (error.detail, error.request_id, error.retry_after) == ("words", "r", None)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("1.5", 1.5),
        ("Fri, 15 Jan 2027 08:17:10 GMT", 30),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("soon", None),
    ],
)
def test_the_error_says_when_to_come_back(header: str, seconds: float | None) -> None:
    script = Script(answer(None, 429, retry_after=header), clock=VirtualClock(1_800_001_000.0))
    with pytest.raises(e.RateLimited) as caught:
        script.run(ask(READ, error_of, policy=ONCE))
    assert caught.value.retry_after == seconds


def test_reads_are_repeated_and_writes_and_purchases_are_not() -> None:
    _, requests = play(ask(READ, error_of), lost(), answer(None, 503), answer(None))
    assert [request.attempt for request in requests] == [1, 2, 3]
    for request in (WRITE, PURCHASE):
        for outcome in (lost(), answer(None, 503)):
            _, script = failing(ask(request, error_of), outcome)
            assert len(script.requests) == 1
            assert not any(isinstance(effect, Sleep) for effect in script.effects)
    _, requests = play(ask(WRITE, error_of), unsent(), answer(None))
    assert len(requests) == 2
    _, script = failing(ask(PURCHASE, error_of), unsent())
    assert len(script.requests) == 1


def test_the_body_of_a_streamed_error_is_read() -> None:
    error, _ = failing(ask(evolve(READ, stream=True), error_of), answer(b"long words", 400), chunk=3)
    assert error.detail == "long words"


def test_but_not_without_end() -> None:
    script = Script(answer(b"x" * 100, 400), chunk=7)
    streamed = script._respond(evolve(READ, stream=True), answer(b"x" * 100, 400))
    whole = script.run(body_of(streamed, limit=20))
    assert whole.body == b"x" * 20
    assert whole.status == 400


@pytest.mark.parametrize("asked", [READ, WRITE, PURCHASE], ids=["read", "write", "purchase"])
def test_every_status_has_an_error_and_says_whether_it_may_have_been_done(asked: Request) -> None:
    for status in range(100, 600):
        refused = 400 <= status < 500 and status not in (408, 425, 499)
        error = status_error(asked, answer(None, status), provider="p")
        unexpected = (not refused and status < 500) or status in (404, 410)
        assert isinstance(error, e.UnexpectedResponse if unexpected else e.ProviderError)
        assert error.maybe_applied is (asked is PURCHASE or (asked is WRITE and not refused))
        assert not (error.maybe_applied and error.safe_elsewhere)
        assert (error.provider, error.operation, error.status) == ("p", "get", status)


def test_only_the_providers_own_words_say_that_something_is_not_there() -> None:
    for status in (404, 410):
        for words in ({"code": "gone"}, {"detail": "No such number."}):
            assert isinstance(status_error(READ, answer(None, status), provider="p", **words), e.NotFound)
        assert isinstance(status_error(READ, answer(None, status), provider="p"), e.UnexpectedResponse)


def test_a_refusal_of_a_purchase_is_one_only_if_the_adapter_says_so_and_the_status_can_be_one() -> None:
    for status in range(100, 600):
        error = status_error(PURCHASE, answer(None, status), provider="p", maybe_applied=False)
        assert error.maybe_applied is (status < 400 or status in (408, 425, 429, 499))


def test_a_redirect_is_not_followed_and_said_to_be_one() -> None:
    assert "redirected" in str(status_error(READ, answer(None, 307), provider="p"))
