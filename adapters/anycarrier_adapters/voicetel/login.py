"""Fetching the API key with user name and password (OpenAPI, ``POST /v2.2/account/api-key``)."""

from __future__ import annotations

from collections.abc import Mapping

from anycarrier.accounts import Secret, clean_token
from anycarrier.border import parse
from anycarrier.exchange import Exchange, Request, Response, exclusive, now, send
from anycarrier.wire import json_body

from . import schemas
from .api import PROVIDER, error_of

AGAIN_AFTER = 600.0
"""Seconds: VoiceTel allows six fetches an hour per address, so a key that is refused is not fetched more often."""


class KeyByPassword:
    """Fetches the key once and keeps it; fetches it again only after a 401, at most every ten minutes."""

    def __init__(self, account: str, username: str, password: Secret) -> None:
        self._account = account
        self._username = username
        self._password = password
        self._key: Secret | None = None
        self._fetched = 0.0

    def headers(self) -> Exchange[Mapping[str, str]]:
        key = self._key
        if key is None:
            key = yield from exclusive(f"login {self._account}", self._kept())
        return _bearer(key)

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if self._key is not None and _bearer(self._key) != sent:
            return True
        moment = yield from now()
        if self._key is not None and moment.monotonic - self._fetched < AGAIN_AFTER:
            return False
        yield from exclusive(f"login {self._account}", self._fetch())
        return self._key is not None and _bearer(self._key) != sent

    def secrets(self) -> tuple[str, ...]:
        return tuple(secret.reveal() for secret in (self._password, self._key) if secret is not None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(**********)"

    def _kept(self) -> Exchange[Secret]:
        return self._key if self._key is not None else (yield from self._fetch())

    def _fetch(self) -> Exchange[Secret]:
        request = Request(
            account=self._account, operation="voicetel.api_key", method="POST", path="/v2.2/account/api-key",
            body=json_body({"username": self._username, "password": self._password.reveal()}), purpose="write",
            authenticated=False,
        )  # fmt: skip
        response = yield from send(request)
        if response.status != 200:
            raise error_of(request, response)
        answer = parse(schemas.Envelope[schemas.Key], request, response, provider=PROVIDER)
        self._key = Secret(clean_token(answer.data.apikey))
        self._fetched = (yield from now()).monotonic
        return self._key


def _bearer(key: Secret) -> dict[str, str]:
    return {"authorization": f"Bearer {key.reveal()}"}
