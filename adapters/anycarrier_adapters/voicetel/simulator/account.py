"""The account: settings, balance, records. OpenAPI: account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import DAY, DUMMY_PASSWORD, DUMMY_USERNAME, Base, good, int_or_400, is_int, is_number

__all__ = ["Account"]


class Account(Base):
    """``/v2.2/account``."""

    @route("POST", "/v2.2/account/api-key", open=True)
    def api_key_get(self, call: Call) -> SimAnswer:
        self._limit(call)
        body = call.members()
        # The type is text; older clients of the vendor send a number.
        username, password = body.get("username"), body.get("password")
        if not username or not password:
            raise Refused(400, "Fields Required: username, password.")
        if str(username) != DUMMY_USERNAME or password != DUMMY_PASSWORD:
            raise Refused(401, "Invalid username or password.")
        return good({"apikey": self.api_key})

    @route("GET", "/v2.2/account")
    def account_get(self, call: Call) -> SimAnswer:
        self._limit(call)
        services = ("sms", "rcid", "mms", "bypassMedia", "e911", "intl", "cnam", "dialer")
        rates = {"fax": 0.03, "sms": 0.005, "mms": 0.01, "tfAdj": 0, "lrn": 0.001, "nibble": 0.01, "cnam": 0.005}
        return good({
            "services": {service: service not in ("intl", "dialer") for service in services},
            "rates": {**rates, "did": float(self.rate), "intlMax": 0.5},
            **self.profile,
            "ccs": 23, "username": DUMMY_USERNAME, "name": "Example Inc", "created": "2026-05-18T12:00:00Z",
            "enabled": True, "cash": float(self.balance), "authType": 0, "email": "user@example.com",
        })  # fmt: skip

    @route("PUT", "/v2.2/account")
    def account_update(self, call: Call) -> SimAnswer:
        body = call.members()
        checks: dict[str, Callable[[Any], bool]] = {
            "timezone": lambda value: isinstance(value, str) and bool(value),
            "notify": lambda value: isinstance(value, bool),
            "notifyThreshold": is_int,
            "callerId": is_number,
        }
        if not body or any(name not in checks or not checks[name](value) for name, value in body.items()):
            raise Refused(400, "Only timezone, notify, notifyThreshold and callerId can be updated.")
        self.profile.update(body)
        return good({"updated": list(body)})

    @route("GET", "/v2.2/account/recurring-charges")
    def recurring_charges(self, call: Call) -> SimAnswer:
        self._limit(call)
        amount = float(self.rate * len(self.owned))
        return good({"charges": [{"amount": amount, "description": "DID"}], "total": amount})

    @route("GET", "/v2.2/account/cdr")
    def cdr(self, call: Call) -> SimAnswer:
        self._limit(call)
        # The range runs backwards: start is the newer end.
        start, end = call.query("start") or str(int(self.time())), call.query("end") or str(int(self.time() - DAY))
        return good({"start": int_or_400(start, "start"), "end": int_or_400(end, "end"), "cdr": []})

    def _limit(self, call: Call) -> None:
        if self.account_calls is None:
            return
        calls = self._calls[call.request.client]
        if calls.count(self.time()) >= self.account_calls:
            raise Refused(429, "Rate limit exceeded.")
        calls.add(self.time())
