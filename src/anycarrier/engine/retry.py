"""Retries of requests: one pure policy for every provider, blocking and asynchronous."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import evolve, field, frozen

from anycarrier.errors import AnyCarrierError, TransportError
from anycarrier.exchange import Exchange, Moment, Now, Request, Response, now, sleep
from anycarrier.hints import by_hints
from anycarrier.validation import seconds, validator, whole

__all__ = ["RetryPolicy", "backoff", "fetch", "retry_after"]

_STATUSES = frozenset(
    {429, 502, 503, 504, *range(520, 525)}
)  # Cloudflare answers 520 to 524 for a server it cannot reach


@frozen(kw_only=True, field_transformer=by_hints)
class RetryPolicy:
    """Limits for repeating a request.

    Attributes:
        attempts: tries in all, the first included.
        base: seconds; the wait before the n-th repetition is drawn from [0.5, 1) of ``base * 2**(n - 1)``.
        cap: seconds; the longest single wait. If ``Retry-After`` asks for more, the answer is returned.
        total: seconds from the first try after which no further try begins.
        statuses: HTTP statuses after which a read is repeated.
    """

    attempts: int = field(default=3, validator=validator(whole, 1))
    base: float = field(default=0.5, validator=validator(seconds))
    cap: float = field(default=20.0, validator=validator(seconds))
    total: float = field(default=60.0, validator=validator(seconds))
    statuses: frozenset[int] = _STATUSES

    def repeats(self, request: Request, outcome: Response | TransportError) -> bool:
        """Return whether *request* may be repeated after *outcome*, while there are tries and time left.

        A read is repeated after any failure of the connection and after one of ``statuses``. A write is repeated only
        if it provably never left: once any response has arrived, even a 429, it is not, since the response may come
        from something in between. A purchase is never repeated here: :mod:`anycarrier.purchase` alone does that.
        """
        if isinstance(outcome, TransportError):
            return request.purpose == "read" or (request.purpose == "write" and not outcome.maybe_applied)
        return outcome.status in self.statuses and request.purpose == "read"

    def wait(
        self, request: Request, outcome: Response | TransportError, attempt: int, elapsed: float, moment: Moment
    ) -> float | None:
        """Seconds to wait before repeating *request*, or ``None`` to stop."""
        if attempt >= self.attempts or not self.repeats(request, outcome):
            return None
        asked = retry_after(outcome.headers, moment.wall) if isinstance(outcome, Response) else None
        if asked is not None and asked > self.cap:
            return None
        wait = max(asked or 0.0, backoff(attempt, self.base, self.cap, moment.random))
        return wait if elapsed + wait < self.total else None


def retry_after(headers: Mapping[str, str], wall: float) -> float | None:
    """Seconds in a ``Retry-After`` header (RFC 9110, 10.2.3: seconds or an HTTP date); ``None`` without one."""
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
    """Send *request* and repeat it as *policy* allows: a response of any status; raises if the connection fails."""
    policy = policy or DEFAULT
    started: Moment = yield _NOW
    attempt = 0
    while True:
        attempt += 1
        outcome: Response | AnyCarrierError = yield request
        if isinstance(outcome, Response):
            if not policy.repeats(request, outcome):  # the common case, which needs no clock
                return outcome
        elif not isinstance(outcome, TransportError):
            raise outcome
        moment = yield from now()
        wait = policy.wait(request, outcome, attempt, moment.monotonic - started.monotonic, moment)
        if wait is None:
            if isinstance(outcome, TransportError):
                raise outcome
            return outcome
        yield from sleep(wait, "backoff")
        request = evolve(request, attempt=attempt + 1)


DEFAULT = RetryPolicy()
_NOW = Now()


DOUBLINGS = 30
"""Doublings after which a wait does not grow any more, so that no exponent overflows."""


def backoff(failures: int, first: float, longest: float, random: float = 1.0) -> float:
    """Seconds to wait after failures in a row.

    Args:
        failures: how many there were, from 1.
        first: seconds to wait after the first failure.
        longest: no wait is longer, in seconds.
        random: from [0, 1), for jitter: the wait is between half of its length and all of it.
    """
    return min(longest, first * 2.0 ** min(failures - 1, DOUBLINGS)) * (0.5 + random / 2)
