"""Rate budgets, keys and tokens that processes share through Redis: copy this file into your program.

Needs ``pip install redis``. Tested with Redis 7; the scripts need Redis 5 or a server that speaks like it.
"""

from __future__ import annotations

from typing import Any

import redis

from anycarrier import AnyCarrierError, SecretStore
from anycarrier.engine.rate_limits import Limit
from anycarrier.engine.shared_budget import Pace, Places

# The next place of a limit: the generic cell rate algorithm, on the clock of Redis. A key that has ended is as good as
# none: its next place would be now.
TAKE = """
local step, count, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local hold, at_most = tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local next = tonumber(redis.call('GET', KEYS[1]) or 0)
if next > now + at_most then return nil end
next = math.max(next, now + hold - burst) + step * count
local ends = math.ceil((math.max(0, next - now) + burst + step) * 1000)
redis.call('SET', KEYS[1], string.format('%.6f', next), 'PX', ends)
return string.format('%.6f', next - now)
"""

# Requests of a day, by the ten minutes in which processes took them.
TAKE_SLICE = """
local count, limit, seconds = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(redis.call('TIME')[1])
local bucket = math.floor(now / 600)
local taken, first = 0, bucket
local stored = redis.call('HGETALL', KEYS[1])
for at = 1, #stored, 2 do
  local of = tonumber(stored[at])
  if of < bucket - math.floor(seconds / 600) then
    redis.call('HDEL', KEYS[1], stored[at])
  else
    taken, first = taken + tonumber(stored[at + 1]), math.min(first, of)
  end
end
if taken + count > limit then return math.ceil((first + 1) * 600 + seconds - now) end
redis.call('HINCRBY', KEYS[1], bucket, count)
redis.call('EXPIRE', KEYS[1], math.ceil(seconds) + 1200)
return 0
"""

REPLACE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""


class RedisPlaces(Places):
    """Places for ``Client(..., budget=RedisPlaces(client))``: one round trip for each."""

    def __init__(self, client: redis.Redis, prefix: str = "anycarrier:") -> None:
        self._prefix = prefix
        self._take = client.register_script(TAKE)
        self._take_slice = client.register_script(TAKE_SLICE)

    def take(self, key: str, pace: Pace, count: int, hold: float, at_most: float) -> float | None:
        seconds = self._run(self._take, key, pace.step, count, pace.burst, hold, at_most)
        return None if seconds is None else max(0.0, float(seconds) - pace.step)

    def take_slice(self, key: str, limit: Limit, count: int) -> float:
        return float(self._run(self._take_slice, key, count, limit.requests, limit.seconds))

    def _run(self, script: Any, key: str, *arguments: float) -> Any:
        try:
            return script(keys=[self._prefix + key], args=arguments)
        except redis.RedisError as error:  # nothing is sent then, and the next request tries again
            raise AnyCarrierError(f"Redis does not answer ({type(error).__name__})") from error


class RedisSecrets(SecretStore):
    """Keys and tokens, for ``secret_store=``: only for a Redis that nobody else reads, over TLS, with a password."""

    def __init__(self, client: redis.Redis, prefix: str = "anycarrier:secret:") -> None:
        self._client, self._prefix = client, prefix
        self._replace = client.register_script(REPLACE)

    def read(self, name: str) -> str | None:
        found: Any = self._client.get(self._prefix + name)
        return None if found is None else bytes(found).decode()

    def replace(self, name: str, old: str | None, new: str) -> bool:
        return bool(self._replace(keys=[self._prefix + name], args=[old or "", new]))
