"""The retry policy as a table: what is repeated, when, and what never is."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from anycarrier.engine.retry import RetryPolicy, fetch, retry_after
from anycarrier.errors import AuthenticationFailed, TransportError
from anycarrier.exchange import Moment, Request, Response
from anycarrier.testing import VirtualClock
from support.script import drive

WALL = 1_700_000_000.0
NEVER = None


def request(purpose: Any) -> Request:
    return Request(account="main", operation="op", method="POST", path="/things", purpose=purpose)


def at(elapsed: float = 0.0, random: float = 1.0) -> Moment:
    return Moment(100.0 + elapsed, WALL + elapsed, random)


def failed(kind: str, maybe_applied: bool) -> TransportError:
    return TransportError("it broke", kind=kind, maybe_applied=maybe_applied)


UNSENT = failed("connect", False)
SENT = failed("timeout", True)

TABLE: list[tuple[Any, float | None, float | None, float | None]] = [
    # outcome                  read   write  purchase
    (UNSENT, 0.5, 0.5, NEVER),
    (failed("pool", False), 0.5, 0.5, NEVER),
    (failed("tls", False), 0.5, 0.5, NEVER),
    (SENT, 0.5, NEVER, NEVER),
    (failed("broken", True), 0.5, NEVER, NEVER),
    (failed("deadline", True), 0.5, NEVER, NEVER),
    (Response(429), 0.5, NEVER, NEVER),
    (Response(502), 0.5, NEVER, NEVER),
    (Response(503), 0.5, NEVER, NEVER),
    (Response(504), 0.5, NEVER, NEVER),
    *((Response(status), NEVER, NEVER, NEVER) for status in (200, 201, 301, 400, 401, 403, 404, 408, 409, 425, 500)),
]


@pytest.mark.parametrize(("outcome", "read", "write", "purchase"), TABLE, ids=lambda value: str(value)[:40])
def test_what_is_repeated(outcome: Any, read: float | None, write: float | None, purchase: float | None) -> None:
    policy = RetryPolicy()
    assert [policy.wait(request(purpose), outcome, 1, 0.0, at()) for purpose in ("read", "write", "purchase")] == [
        read,
        write,
        purchase,
    ]


@pytest.mark.parametrize(
    ("attempt", "random", "expected"),
    [
        (1, 0.0, 0.25),
        (1, 1.0, 0.5),
        (2, 0.0, 0.5),
        (2, 1.0, 1.0),
        (3, 1.0, 2.0),
        (6, 1.0, 16.0),
        (7, 1.0, 20.0),
        (7, 0.0, 10.0),
        (900, 1.0, 20.0),
    ],
)
def test_the_wait_doubles_with_jitter_up_to_the_cap(attempt: int, random: float, expected: float) -> None:
    policy = RetryPolicy(attempts=1000)
    assert policy.wait(request("read"), UNSENT, attempt, 0.0, at(random=random)) == expected


@pytest.mark.parametrize(("attempts", "attempt", "again"), [(1, 1, False), (3, 2, True), (3, 3, False), (3, 4, False)])
def test_the_attempts_are_counted(attempts: int, attempt: int, again: bool) -> None:
    wait = RetryPolicy(attempts=attempts).wait(request("read"), UNSENT, attempt, 0.0, at())
    assert (wait is not None) == again


@pytest.mark.parametrize(("elapsed", "again"), [(0.0, True), (59.4, True), (59.5, False), (100.0, False)])
def test_nothing_is_begun_after_the_total(elapsed: float, again: bool) -> None:
    wait = RetryPolicy().wait(request("read"), UNSENT, 1, elapsed, at(elapsed))
    assert (wait is not None) == again


def http_date(after: float) -> str:
    return format_datetime(datetime.fromtimestamp(WALL + after, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.0), ("7", 7.0), (" 7 ", 7.0), ("1.5", 1.5), (http_date(90), 90.0), (http_date(-90), 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0), ("Sunday, 06-Nov-94 08:49:37 GMT", 0.0),
        ("Sun Nov  6 08:49:37 1994", 0.0),
        ("", None), ("soon", None), ("-5", None), ("1e3", None), ("nan", None), ("inf", None), ("7\n8", None),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", None),
        ("9" * 400, None), ("Sun, 06 Nov 99999 08:49:37 GMT", None), ("Sun, 99 Nov 1994 08:49:37 GMT", None),
    ],
)  # fmt: skip
def test_retry_after(value: str, expected: float | None) -> None:
    assert retry_after({"retry-after": value}, WALL) == expected


def test_no_retry_after() -> None:
    assert retry_after({}, WALL) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.5),
        ("3", 3.0),
        ("20", 20.0),
        ("21", None),
        ("86400", None),
        (http_date(10), 10.0),
        (http_date(600), None),
        ("nonsense", 0.5),
    ],
)
def test_retry_after_is_kept_to_and_beyond_the_cap_gives_up(value: str, expected: float | None) -> None:
    outcome = Response(429, {"retry-after": value})
    assert RetryPolicy().wait(request("read"), outcome, 1, 0.0, at()) == expected


def test_retry_after_counts_towards_the_total() -> None:
    outcome = Response(503, {"retry-after": "15"})
    assert RetryPolicy().wait(request("read"), outcome, 2, 44.0, at()) == 15.0
    assert RetryPolicy().wait(request("read"), outcome, 2, 45.0, at()) is None


# -- fetch: the policy applied


def played(purpose: Any, *outcomes: Any, policy: RetryPolicy | None = None) -> tuple[Any, list[Request], list[float]]:
    """Outcome of :func:`fetch`, its requests, and the seconds of its sleeps."""
    clock = VirtualClock(WALL, chance=1.0)
    ended, effects = drive(fetch(request(purpose), policy), *outcomes, clock=clock)
    return ended, [effect for effect in effects if isinstance(effect, Request)], clock.slept


def test_a_policy_may_add_a_status() -> None:
    ended, asked, slept = played("read", Response(500), Response(200), policy=RetryPolicy(statuses=frozenset({500})))
    assert (ended, len(asked), slept) == (Response(200), 2, [0.5])
    ended, asked, _ = played("read", Response(503), policy=RetryPolicy(statuses=frozenset({500})))
    assert (ended, len(asked)) == (Response(503), 1)


def test_fetch_repeats_until_it_has_an_answer() -> None:
    ended, asked, slept = played("read", SENT, Response(503), Response(200))
    assert ended == Response(200)
    assert [each.attempt for each in asked] == [1, 2, 3]
    assert slept == [0.5, 1.0]


def test_fetch_gives_back_the_last_answer_of_any_status() -> None:
    assert played("read", *[Response(503)] * 3)[0] == Response(503)
    assert played("read", Response(404))[0] == Response(404)


def test_fetch_raises_the_last_failure_without_a_history() -> None:
    ended, asked, _ = played("read", UNSENT, UNSENT, SENT)
    assert ended is SENT
    assert len(asked) == 3
    assert ended.__context__ is None
    assert ended.__cause__ is None


@pytest.mark.parametrize("outcome", [Response(status) for status in (429, 502, 503, 504, 520, 522, 524)])
def test_a_write_that_was_answered_is_not_repeated(outcome: Any) -> None:
    ended, asked, slept = played("write", outcome)
    assert ended is outcome
    assert (len(asked), slept) == (1, [])


def test_a_write_that_was_not_sent_is_repeated() -> None:
    ended, asked, _ = played("write", UNSENT, Response(429))
    assert ended == Response(429)
    assert len(asked) == 2


@pytest.mark.parametrize("outcome", [UNSENT, SENT, Response(429), Response(503)])
def test_a_purchase_is_asked_for_once(outcome: Any) -> None:
    ended, asked, slept = played("purchase", outcome)
    assert ended is outcome
    assert (len(asked), slept) == (1, [])


def test_errors_that_are_not_the_connections_are_not_repeated() -> None:
    error = AuthenticationFailed("no token")
    ended, asked, _ = played("read", error)
    assert ended is error
    assert len(asked) == 1


def test_a_policy_of_ones_own() -> None:
    _, asked, slept = played("read", *[UNSENT] * 5, policy=RetryPolicy(attempts=5, base=1, cap=3))
    assert len(asked) == 5
    assert slept == [1.0, 2.0, 3.0, 3.0]
