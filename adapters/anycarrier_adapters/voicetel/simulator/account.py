"""The account: settings, balance, records. OpenAPI: account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import DAY, Base, body_of, good, int_or_400, is_int, is_number

__all__ = ["Accounts"]


class Accounts(Base):
    """``/v2.2/account``."""

    @route("POST", "/v2.2/account/api-key", open=True)
    def api_key_get(self, call: Call) -> SimAnswer:
        self._limit(call)
        body = body_of(call)
        # The type is text; older clients of the vendor send a number.
        username, password = body.get("username"), body.get("password")
        if not username or not password:
            raise Refused(400, "Fields Required: username, password.")
        for account in self.accounts.values():
            if (account.username, account.password) == (str(username), password):
                return good({"apikey": account.api_key})
        raise Refused(401, "Invalid username or password.")

    @route("GET", "/v2.2/account")
    def account_get(self, call: Call) -> SimAnswer:
        self._limit(call)
        services = ("sms", "rcid", "mms", "bypassMedia", "e911", "intl", "cnam", "dialer")
        rates = {"fax": 0.03, "sms": 0.005, "mms": 0.01, "tfAdj": 0, "lrn": 0.001, "nibble": 0.01, "cnam": 0.005}
        return good({
            "services": {service: service not in ("intl", "dialer") for service in services},
            "rates": {**rates, "did": float(self.rate), "intlMax": 0.5},
            **self.account.profile,
            "ccs": 23, "username": self.account.username, "name": "Example Inc", "created": "2026-05-18T12:00:00Z",
            "enabled": True, "cash": float(self.account.balance), "authType": 0, "email": "user@example.com",
        })  # fmt: skip

    @route("PUT", "/v2.2/account")
    def account_update(self, call: Call) -> SimAnswer:
        body = body_of(call)
        checks: dict[str, Callable[[Any], bool]] = {
            "timezone": lambda value: isinstance(value, str) and bool(value),
            "notify": lambda value: isinstance(value, bool),
            "notifyThreshold": is_int,
            "callerId": is_number,
        }
        if not body or any(name not in checks or not checks[name](value) for name, value in body.items()):
            raise Refused(400, "Only timezone, notify, notifyThreshold and callerId can be updated.")
        self.account.profile.update(body)
        return good({"updated": list(body)})

    @route("GET", "/v2.2/account/recurring-charges")
    def recurring_charges(self, call: Call) -> SimAnswer:
        self._limit(call)
        amount = float(self.rate * len(self.account.owned))
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
        recent = [at for at in self._calls.get(call.request.client, []) if at > self.time() - 3600]
        if len(recent) >= self.account_calls:
            raise Refused(429, "Rate limit exceeded.")
        self._calls[call.request.client] = [*recent, self.time()]
