"""The API key by user name and password (``POST /v2.2/account/api-key``)."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from anycarrier.adapter import (
    AnyCarrierError,
    AuthenticationFailed,
    Exchange,
    RateLimited,
    Response,
    Secret,
    TransportError,
    clean_token,
    exclusive,
    now,
)

from .api import PROVIDER, Api

HOUR = 3600.0
FETCHES = 6
"""Fetches an hour that VoiceTel allows from one address."""
AGAIN_AFTER = 600.0
"""Seconds: a key that was just fetched, or a password that was just refused, is not tried again sooner."""


class KeyByPassword:
    """Fetches the key once and keeps it; fetches it again only after a 401."""

    def __init__(self, account: str, username: str, password: Secret) -> None:
        self._account = account
        self._username = username
        self._password = password
        self._key: Secret | None = None
        self._fetches: list[float] = []
        self._refusal: AuthenticationFailed | None = None

    def headers(self) -> Exchange[Mapping[str, str]]:
        key = self._key
        if key is None:
            key = yield from exclusive(f"login {self._account}", self._kept())
        return _bearer(key)

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if self._key is not None and _bearer(self._key) == sent:
            moment = yield from now()
            if moment.monotonic - self._last() < AGAIN_AFTER:
                return False
            yield from exclusive(f"login {self._account}", self._fetch())
        return self._key is not None and _bearer(self._key) != sent

    def secrets(self) -> tuple[str, ...]:
        return (*(secret.reveal() for secret in (self._password, self._key) if secret is not None), self._username)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(**********)"

    def _kept(self) -> Exchange[Secret]:
        return self._key if self._key is not None else (yield from self._fetch())

    def _last(self) -> float:
        return self._fetches[-1] if self._fetches else float("-inf")

    def _fetch(self) -> Exchange[Secret]:
        moment = (yield from now()).monotonic
        self._fetches = [time for time in self._fetches if moment - time < HOUR]
        if self._refusal is not None and moment - self._last() < AGAIN_AFTER:
            raise copy.copy(self._refusal)
        if len(self._fetches) >= FETCHES:
            raise RateLimited(
                "the key was fetched six times within an hour, and VoiceTel allows no more",
                provider=PROVIDER,
                operation="voicetel.api_key",
                retry_after=self._fetches[0] + HOUR - moment,
            )
        self._fetches.append(moment)
        try:
            key = yield from Api(self._account).api_key(self._username, self._password)
            self._key, self._refusal = Secret(clean_token(key.reveal())), None
        except AnyCarrierError as error:
            if isinstance(error, TransportError) and not error.maybe_applied:
                self._fetches.pop()
            if isinstance(error, AuthenticationFailed):
                self._refusal = copy.copy(error)  # without its traceback
            raise
        return self._key


def _bearer(key: Secret) -> dict[str, str]:
    return {"authorization": f"Bearer {key.reveal()}"}
