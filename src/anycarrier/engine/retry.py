"""When to ask again: a pure decision, the same for every provider and both modes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import evolve, field, frozen

from anycarrier.errors import TransportError
from anycarrier.exchange import Exchange, Moment, Request, Response, now, send, sleep
from anycarrier.hints import by_hints
from anycarrier.validation import seconds, validator, whole

__all__ = ["RetryPolicy", "fetch", "retry_after"]

_REPEATABLE = frozenset({429, 502, 503, 504, *range(520, 525)})
"""520 to 524 are what Cloudflare, which stands before such APIs, says when it does not reach the server behind it."""


@frozen(kw_only=True, field_transformer=by_hints)
class RetryPolicy:
    """How often and how long a request may be repeated.

    Attributes:
        attempts: tries in all, the first included.
        base: seconds; the wait before the n-th repetition is drawn from [0.5, 1) of ``base * 2**n``.
        cap: seconds; no single wait is longer, whatever ``Retry-After`` says: beyond it the answer is given back.
        total: seconds from the first try after which nothing more is begun.
    """

    attempts: int = field(default=3, validator=validator(whole, 1))
    base: float = field(default=0.5, validator=validator(seconds))
    cap: float = field(default=20.0, validator=validator(seconds))
    total: float = field(default=60.0, validator=validator(seconds))

    def wait(
        self, request: Request, outcome: Response | TransportError, attempt: int, elapsed: float, moment: Moment
    ) -> float | None:
        """Seconds to wait before repeating *request*, or ``None`` to stop.

        A read is repeated after any failure of the connection and after 429, 502 to 504, and 520 to 524. A write is
        repeated only when it provably was not sent, and so after no answer: even a 429 may come from something in
        between. A purchase is never repeated here: that belongs to :mod:`anycarrier.purchase` alone.
        """
        if attempt >= self.attempts:
            return None
        asked: float | None = None
        if isinstance(outcome, TransportError):
            if outcome.maybe_applied and request.purpose != "read":
                return None
            if request.purpose == "purchase":
                return None
        elif outcome.status not in _REPEATABLE or request.purpose != "read":
            return None
        else:
            asked = retry_after(outcome.headers, moment.wall)
        if asked is not None and asked > self.cap:
            return None
        backoff = min(self.cap, self.base * 2.0 ** (attempt - 1)) * (0.5 + moment.random / 2)
        wait = max(asked or 0.0, backoff)
        return wait if elapsed + wait < self.total else None


def retry_after(headers: Mapping[str, str], wall: float) -> float | None:
    """Seconds that a ``Retry-After`` header asks for (RFC 9110, 10.2.3: seconds or an HTTP date), else ``None``."""
    value = headers.get("retry-after")
    if value is None:
        return None
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value):
        return float(value)
    from email.utils import parsedate_to_datetime  # 5 ms to import, and few providers send a date

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - wall)
    except (ValueError, TypeError, OverflowError):
        return None


def fetch(request: Request, policy: RetryPolicy | None = None) -> Exchange[Response]:
    """Send *request*, repeating as *policy* allows; any status is returned, a failed connection raises."""
    policy = policy or DEFAULT
    started = yield from now()
    attempt = 0
    while True:
        attempt += 1
        outcome: Response | TransportError
        try:
            outcome = yield from send(request)
        except TransportError as error:
            outcome = error
        else:
            if outcome.status not in _REPEATABLE:
                return outcome
        moment = yield from now()
        wait = policy.wait(request, outcome, attempt, moment.monotonic - started.monotonic, moment)
        if wait is None:
            if isinstance(outcome, TransportError):
                raise outcome
            return outcome
        yield from sleep(wait)
        request = evolve(request, attempt=attempt + 1)


DEFAULT = RetryPolicy()
