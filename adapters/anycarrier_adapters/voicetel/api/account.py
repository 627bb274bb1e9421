"""The account: settings, balance, records."""

from __future__ import annotations

from typing import Any, Literal

from anycarrier.adapter import Exchange, Secret, Sent, Target, sent, writes
from anycarrier_adapters.voicetel import schemas

from ._base import DATA, ONCE, Area, changes, checked, gets, lists, ten_digit

__all__ = ["Account"]


class Account(Area):
    """``/v2.2/account`` and ``/v2.2/accounts``."""

    _key = writes(
        "POST",
        "/v2.2/account/api-key",
        schemas.Key,
        **DATA,
        policy=ONCE,
        authenticated=False,
        operation="voicetel.api_key",
    )

    @gets("/v2.2/account", policy=ONCE)
    def account_info(self) -> Sent:
        """The account, its ``cash`` and ``rates`` (``accountGet``).

        Six requests an hour from one address, together with ``cdr``, ``recurring_charges`` and ``api_key``.
        """
        return sent()

    @changes("PUT", "/v2.2/account")
    def update_account(
        self,
        *,
        caller_id: Target | None = None,
        notify: bool | None = None,
        notify_threshold: int | None = None,
        timezone: str | None = None,
        sms: bool | None = None,
        mms: bool | None = None,
        intl: bool | None = None,
        e911: bool | None = None,
        ccs: int | None = None,
    ) -> Sent:
        """Change settings (``accountPut``); from *sms* on, administrators only."""
        body: dict[str, Any] = {"notify": notify, "notifyThreshold": notify_threshold, "timezone": timezone}
        body |= {"sms": sms, "mms": mms, "intl": intl, "e911": e911, "ccs": ccs}
        return sent(body={"callerId": caller_id and ten_digit(caller_id), **body})

    @changes("POST", "/v2.2/account", 201)
    def create_sub_account(self, username: str, name: str, email: str, *, master_account: str | None = None) -> Sent:
        """Create an account under this one (``accountSubaccountCreate``; administrators only). Answers its password."""
        checked("username", username, "[0-9]+", "digits")
        return sent(body={"username": username, "name": name, "email": email, "masterAccount": master_account})

    @changes("POST", "/v2.2/accounts", 201, authenticated=False)
    def sign_up(self, name: str, email: str, *, promo: str | None = None) -> Sent:
        """Create an account (``accountCreate``); needs no key. Answers its password."""
        return sent(body={"name": name, "email": email, "promo": promo})

    @changes("POST", "/v2.2/account/recovery", authenticated=False)
    def recover_password(self, email: str) -> Sent:
        """Send a link for a new password (``accountRecovery``); needs no key."""
        return sent(body={"email": email})

    def api_key(self, username: str, password: Secret) -> Exchange[Secret]:
        """The account's present key (``accountApiKey``); needs none. It changes with the password. Limited like
        ``account_info``."""
        key = yield from self._key(body={"username": username, "password": password.reveal()})
        return Secret(key.apikey)

    @lists("/v2.2/account/credits", "credits")
    def credits(self, status: Literal["paid", "unpaid"] | None = None) -> Sent:
        """Credits, paid and unpaid (``accountCredits``)."""
        return sent(query={"status": status})

    @lists("/v2.2/account/payments", "payments")
    def payments(self) -> Sent:
        """Payments, newest first (``accountPayments``)."""
        return sent()

    @gets("/v2.2/account/cdr", policy=ONCE)
    def cdr(self, *, start: int | None = None, end: int | None = None) -> Sent:
        """Call records (``accountCdr``). The range runs backwards: *start* is the newer end, by default now; *end* the
        older, by default a day ago. Unix seconds. Limited like ``account_info``."""
        return sent(query={"start": start, "end": end})

    @gets("/v2.2/account/recurring-charges", policy=ONCE)
    def recurring_charges(self) -> Sent:
        """Monthly charges (``accountRecurringCharges``). Limited like ``account_info``."""
        return sent()

    @gets("/v2.2/account/registration")
    def registration(self) -> Sent:
        """The SIP device that is registered (``accountRegistration``); ``NotFound`` when none is."""
        return sent()
