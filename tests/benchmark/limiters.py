"""Other libraries' limiters on Redis, each as a function that returns when a request may leave.

Each is set as its documentation has it, to 98 % of the limit, and to the smallest burst that it can: nothing less holds
a provider's sliding window when all processes begin at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from anycarrier.engine.rate_limits import Limit

__all__ = ["LIMITERS", "count_calls"]

Wait = Callable[[], object]
KEY = "account"


def _throttled(url: str, limit: Limit) -> Wait:
    from throttled import Throttled
    from throttled.rate_limiter import per_duration
    from throttled.store import RedisStore

    quota = per_duration(timedelta(seconds=limit.seconds), limit.requests * 98 // 100, burst=limit.requests // 50)
    return Throttled(key=KEY, using="gcra", quota=quota, store=RedisStore(server=url), timeout=120).limit


def _limits(url: str, limit: Limit) -> Wait:
    from limits import RateLimitItemPerSecond
    from limits.storage import RedisStorage
    from limits.strategies import MovingWindowRateLimiter

    limiter = MovingWindowRateLimiter(RedisStorage(url.replace("unix://", "redis+unix://")))
    item = RateLimitItemPerSecond(limit.requests * 98 // 100, int(limit.seconds))

    def wait() -> None:
        while not limiter.hit(item, KEY):  # it does not wait by itself
            time.sleep(max(0.001, limiter.get_window_stats(item, KEY).reset_time - time.time()))

    return wait


def _pyrate_limiter(url: str, limit: Limit) -> Wait:
    import redis
    from pyrate_limiter import Limiter, Rate, RedisBucket

    rate = Rate(limit.requests * 98 // 100, int(limit.seconds * 1000))
    limiter = Limiter(RedisBucket.init([rate], redis.Redis.from_url(url), KEY))
    return lambda: limiter.try_acquire(KEY)


LIMITERS: dict[str, Callable[[str, Limit], Wait]] = {
    "throttled-py": _throttled,
    "limits": _limits,
    "pyrate-limiter": _pyrate_limiter,
}


def count_calls() -> list[None]:
    """Count round trips to Redis from now on: the length of what this returns."""
    import redis.connection

    calls: list[None] = []
    send = redis.connection.AbstractConnection.send_packed_command

    def counted(self: object, *arguments: object, **more: object) -> object:
        calls.append(None)
        return send(self, *arguments, **more)  # type: ignore[arg-type]

    redis.connection.AbstractConnection.send_packed_command = counted  # type: ignore[assignment, method-assign]
    return calls
