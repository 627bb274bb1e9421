"""Exponential waiting: the wait doubles with every failure, up to a limit."""

from __future__ import annotations

__all__ = ["backoff"]

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
