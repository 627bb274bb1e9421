"""Rate limits of VoiceTel, and the account's rate for a number, which can be read six times an hour."""

from __future__ import annotations

from anycarrier.adapter import (
    Exchange,
    Limit,
    Money,
    ProviderDown,
    RateLimited,
    TransportError,
    exclusive,
    now,
    price_of,
)

from .api import Api

__all__ = ["LIMITS", "Rate"]

LIMITS = (
    Limit(
        6,
        3600.0,
        only=(
            *("GET /v2.2/account", "GET /v2.2/account/recurring-charges", "GET /v2.2/account/cdr"),
            "POST /v2.2/account/api-key",
        ),
        per_address=True,
    ),
)
"""For one address; no others are documented. That the four share it is said by VoiceTel's own clients."""

FRESH_FOR = 600.0
"""Seconds for which the account's rate is used without another request."""
USABLE_FOR = 3600.0
"""Seconds for which it is used when it cannot be read again."""


class Rate:
    """Monthly price of a number: the account's rate for a DID (``rates.did``), the same for every number.

    One that was read within ten minutes is reused; where a new request fails, one that was read within the hour.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._price: Money | None = None
        self._read = float("-inf")

    def price(self) -> Exchange[Money | None]:
        """The present rate; ``None`` if the account does not state it."""
        return (yield from exclusive(f"rate {self._api.account}", self._current()))

    def charged(self, price: Money) -> None:
        """Learn the rate from a purchase: it is newer than the one that was read, if any was."""
        if self._price is not None:
            self._price = price

    def _current(self) -> Exchange[Money | None]:
        moment = (yield from now()).monotonic
        age = moment - self._read
        if age < FRESH_FOR:
            return self._price
        try:
            account = yield from self._api.account_info()
        except (RateLimited, ProviderDown, TransportError):
            if age < USABLE_FOR:
                return self._price
            raise
        self._price = price_of(account.rates.did if account.rates else None)
        self._read = moment
        return self._price
