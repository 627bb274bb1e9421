"""The account: settings, balance, records."""

from __future__ import annotations

from typing import Literal

from anycarrier.engine.accounts import Secret
from anycarrier.exchange import Exchange
from anycarrier.model import Target
from anycarrier_adapters.voicetel import schemas

from ._base import ONCE, Base, Data, checked, ten_digit

__all__ = ["Account"]


class Account(Base):
    """``/v2.2/account`` and ``/v2.2/accounts``."""

    def account_info(self) -> Exchange[Data]:
        """The account, its ``cash`` and ``rates`` (``accountGet``).

        Six requests an hour from one address, together with ``cdr``, ``recurring_charges`` and ``api_key``.
        """
        return self._data("voicetel.account_info", "GET", "/v2.2/account", policy=ONCE)

    def update_account(
        self, *, caller_id: Target | None = None, notify: bool | None = None, notify_threshold: int | None = None,
        timezone: str | None = None, sms: bool | None = None, mms: bool | None = None, intl: bool | None = None,
        e911: bool | None = None, ccs: int | None = None,
    ) -> Exchange[Data]:  # fmt: skip
        """Change settings (``accountPut``); from *sms* on, administrators only."""
        body = {
            "callerId": caller_id and ten_digit(caller_id), "notify": notify, "notifyThreshold": notify_threshold,
            "timezone": timezone, "sms": sms, "mms": mms, "intl": intl, "e911": e911, "ccs": ccs,
        }  # fmt: skip
        return self._data("voicetel.update_account", "PUT", "/v2.2/account", body=body)

    def create_sub_account(
        self, username: str, name: str, email: str, *, master_account: str | None = None
    ) -> Exchange[Data]:
        """A new account under this one (``accountSubaccountCreate``; administrators only). Answers its password."""
        checked("username", username, "[0-9]+", "digits")
        body = {"username": username, "name": name, "email": email, "masterAccount": master_account}
        return self._data("voicetel.create_sub_account", "POST", "/v2.2/account", (201,), body=body)

    def sign_up(self, name: str, email: str, *, promo: str | None = None) -> Exchange[Data]:
        """A new account (``accountCreate``); needs no key. Answers its password."""
        body = {"name": name, "email": email, "promo": promo}
        return self._data("voicetel.sign_up", "POST", "/v2.2/accounts", (201,), body=body, authenticated=False)

    def recover_password(self, email: str) -> Exchange[Data]:
        """Send a link for a new password (``accountRecovery``); needs no key."""
        path = "/v2.2/account/recovery"
        return self._data("voicetel.recover_password", "POST", path, body={"email": email}, authenticated=False)

    def api_key(self, username: str, password: Secret) -> Exchange[Secret]:
        """The account's present key (``accountApiKey``); needs none. It changes with the password. Limited like
        ``account_info``."""
        body = {"username": username, "password": password.reveal()}
        request = self._request("voicetel.api_key", "POST", "/v2.2/account/api-key", body=body, authenticated=False)
        key, _ = yield from self._answer(schemas.Key, request, policy=ONCE)
        return Secret(key.apikey)

    def credits(self, status: Literal["paid", "unpaid"] | None = None) -> Exchange[list[Data]]:
        """Credits, paid and unpaid (``accountCredits``)."""
        return self._rows("voicetel.credits", "/v2.2/account/credits", "credits", query={"status": status})

    def payments(self) -> Exchange[list[Data]]:
        """Payments, newest first (``accountPayments``)."""
        return self._rows("voicetel.payments", "/v2.2/account/payments", "payments")

    def cdr(self, *, start: int | None = None, end: int | None = None) -> Exchange[Data]:
        """Records of calls (``accountCdr``). The range runs backwards: *start* is the newer end, by default now; *end*
        the older, by default a day ago. Unix seconds. Limited like ``account_info``."""
        query = {"start": start, "end": end}
        return self._data("voicetel.cdr", "GET", "/v2.2/account/cdr", query=query, policy=ONCE)

    def recurring_charges(self) -> Exchange[Data]:
        """What is charged every month (``accountRecurringCharges``). Limited like ``account_info``."""
        return self._data("voicetel.recurring_charges", "GET", "/v2.2/account/recurring-charges", policy=ONCE)

    def registration(self) -> Exchange[Data]:
        """The SIP device that is registered (``accountRegistration``); ``NotFound`` when none is."""
        return self._data("voicetel.registration", "GET", "/v2.2/account/registration")
