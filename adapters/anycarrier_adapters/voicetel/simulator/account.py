"""The account: settings, balance, records. OpenAPI: account."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from anycarrier.simulator import Call, Refused, SimAnswer, event, route

from ._base import EMAIL, RATES, Base, date_text, good, is_int, is_number, is_text, words_of
from .records import Credit, Payment

__all__ = ["Accounts"]


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


Checks: TypeAlias = dict[str, Callable[[object], bool]]
CUSTOMERS: Checks = {"timezone": is_text, "notify": _is_flag, "notifyThreshold": is_int, "callerId": is_number}
ADMINS: Checks = {"ccs": is_int, "sms": _is_flag, "mms": _is_flag, "intl": _is_flag, "e911": _is_flag}


class Accounts(Base):
    """``/v2.2/account`` and ``/v2.2/accounts``, without the calls."""

    @route("POST", "/v2.2/account/api-key", open=True)
    def api_key_get(self, call: Call) -> SimAnswer:
        self._limit(call)
        body = call.members()
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
        account = self.account
        return good({
            "services": account.services,
            "rates": {"did": float(self.rate), **{name: float(rate) for name, rate in RATES.items()}},
            **account.profile,
            "ccs": account.ccs, "username": account.username, "name": account.name, "created": "2026-05-18T12:00:00Z",
            "enabled": True, "cash": float(account.balance), "authType": account.auth_type, "email": account.email,
        })  # fmt: skip

    @route("PUT", "/v2.2/account")
    def account_update(self, call: Call) -> SimAnswer:
        body = call.members()
        checks = CUSTOMERS | (ADMINS if self.account.admin else {})
        if not body or any(name not in checks or not checks[name](value) for name, value in body.items()):
            raise Refused(400, f"Only {', '.join(checks)} can be updated.")
        for name, value in body.items():
            if name in self.account.services:
                self.account.services[name] = value
            elif name == "ccs":
                self.account.ccs = value
            else:
                self.account.profile[name] = value
        return good({"updated": list(body)})

    @route("GET", "/v2.2/account/recurring-charges")
    def recurring_charges(self, call: Call) -> SimAnswer:
        self._limit(call)
        amount = float(self.rate * len(self.account.owned))
        return good({"charges": [{"amount": amount, "description": "DID"}], "total": amount})

    @route("GET", "/v2.2/account/credits")
    def credits(self, call: Call) -> SimAnswer:
        wanted = call.query("status")
        if wanted not in (None, "paid", "unpaid"):
            raise Refused(400, "Invalid status filter (must be 'paid' or 'unpaid').")
        rows = [
            {"paid": credit.paid, "date": date_text(credit.at), "amount": float(credit.amount)}
            for credit in reversed(self.account.credits)
            if wanted is None or credit.paid == (wanted == "paid")
        ]
        return good({"credits": rows})

    @route("GET", "/v2.2/account/payments")
    def payments(self, call: Call) -> SimAnswer:
        return good({
            "payments": [
                {
                    "amount": float(payment.amount), "date": date_text(payment.at), "payerEmail": self.account.email,
                    "transactionId": payment.id, "status": payment.status,
                }
                for payment in reversed(self.account.payments)
            ]
        })  # fmt: skip

    @route("GET", "/v2.2/account/registration")
    def registration(self, call: Call) -> SimAnswer:
        if self.account.registration is None:
            raise Refused(404, "Not registered")
        agent, host = self.account.registration
        return good({"agent": agent, "uri": f"sip:{self.account.username}@{host}"})

    @route("POST", "/v2.2/account/recovery", open=True)
    def recovery(self, call: Call) -> SimAnswer:
        email = call.members().get("email")
        if not isinstance(email, str) or not EMAIL.fullmatch(email):
            raise Refused(400, "Invalid email address", inside={"requirement": "Must be valid"})
        if all(account.email != email for account in self.accounts.values()):
            raise Refused(404, "Email not found")
        return good({"message": "Recovery email sent"})

    @route("POST", "/v2.2/accounts", open=True, success=201)
    def sign_up(self, call: Call) -> SimAnswer:
        body = call.members()
        username = str(max(int(account.username) for account in self.accounts.values()) + 1)
        return good(self._opened(body, username), 201)

    @route("POST", "/v2.2/account", success=201)
    def sub_account(self, call: Call) -> SimAnswer:
        self._only_admin()
        body = call.members()
        # The type is text; older clients of the vendor send a number.
        username = str(body.get("username", ""))
        master = str(body.get("masterAccount", username))
        if not re.fullmatch(r"[0-9]+", username, re.ASCII):
            raise Refused(400, "Field Required: username")
        names = {username, *(account.username for account in self.accounts.values())}
        if username in self.accounts or len(names) == len(self.accounts) or master not in names:
            raise Refused(409, "Creation failed")
        return good({**self._opened(body, username), "masterAccount": master}, 201)

    def _opened(self, body: dict[str, Any], username: str) -> dict[str, Any]:
        words_of(body, "name", "email")
        if not EMAIL.fullmatch(body["email"]):
            raise Refused(400, "Invalid email address")
        if any(account.email == body["email"] for account in self.accounts.values()):
            raise Refused(409, "Creation failed")
        account = self.accounts[username] = self.open_account(username, {"balance": 0})
        account.username, account.password = username, f"a{self._token(8)}1"
        account.name, account.email = body["name"], body["email"]
        return {"username": username, "password": account.password, "name": account.name, "email": account.email}

    @event
    def payment(self, amount: str, status: str = "Completed") -> None:
        """Money that the account's owner sends; completed, it is on the balance."""
        self.account.payments.append(Payment(self.time(), Decimal(amount), self._token(17).upper(), status))
        if status == "Completed":
            self.account.balance += Decimal(amount)

    @event
    def credit(self, amount: str, paid: bool = False) -> None:
        """An adjustment of the balance in the account's favor."""
        self.account.credits.append(Credit(self.time(), Decimal(amount), paid))
        self.account.balance += Decimal(amount)

    @event
    def register(self, agent: str = "", host: str = "192.0.2.1:5060") -> None:
        """A device that registers, or without an *agent* leaves."""
        self.account.registration = (agent, host) if agent else None
