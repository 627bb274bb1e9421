"""Circuit breaker for searches and new attempts, by account.

It never holds back a look or a replay of a purchase in doubt: that would turn an outage into a lost number.
"""

from __future__ import annotations

from attrs import frozen

from anycarrier.engine.retry import backoff

__all__ = ["CircuitBreaker"]

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


@frozen
class _State:
    failures: int = 0
    until: float = 0.0
    said: str = ""


class CircuitBreaker:
    """Recent failures of accounts. Share one between all orders of a process, and freely between threads.

    Every failure in a row doubles the time, from one second to *longest*, in which nothing new begins at the account; a
    success ends it. Times are of the steady clock.
    """

    def __init__(self, *, longest: float = LONGEST_PAUSE) -> None:
        self._longest = longest
        self._states: dict[str, _State] = {}

    def failed(self, account: str, now: float, said: str, retry_after: float | None = None) -> None:
        """Count a search or a new attempt that failed; *retry_after* is the provider's, in seconds."""
        failures = self.failures(account) + 1
        pause = max(backoff(failures, FIRST_PAUSE, self._longest), retry_after or 0.0)
        self._states[account] = _State(failures, now + pause, said)

    def succeeded(self, account: str) -> None:
        """Note that the account answers: failures are forgotten."""
        self._states.pop(account, None)

    def failures(self, account: str) -> int:
        """Failures in a row."""
        state = self._states.get(account)
        return state.failures if state else 0

    def until(self, account: str) -> float:
        """Steady time before which nothing new begins there."""
        state = self._states.get(account)
        return state.until if state else 0.0

    def said(self, account: str) -> str:
        """The last failure, in words."""
        state = self._states.get(account)
        return state.said if state else ""
