"""Exponential waiting."""

from __future__ import annotations

import pytest

from anycarrier.engine.retry import backoff


@pytest.mark.parametrize(
    ("failures", "random", "expected"),
    [(1, 1.0, 0.5), (2, 1.0, 1.0), (3, 1.0, 2.0), (3, 0.0, 1.0), (7, 1.0, 20.0), (7, 0.0, 10.0), (10**6, 1.0, 20.0)],
)
def test_the_wait_doubles_up_to_the_longest_and_jitter_takes_up_to_half(
    failures: int, random: float, expected: float
) -> None:
    assert backoff(failures, 0.5, 20.0, random) == expected
