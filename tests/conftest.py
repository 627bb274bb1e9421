"""What holds for the whole suite: nothing depends on how fast a machine is, or on chance."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples in every run, however long they take.
settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")
