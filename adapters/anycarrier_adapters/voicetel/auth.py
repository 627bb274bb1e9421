"""The API key by user name and password (``POST /v2.2/account/api-key``)."""

from __future__ import annotations

from collections.abc import Mapping

from anycarrier.adapter import (
    AnyCarrierError,
    AuthenticationFailed,
    Exchange,
    Moment,
    RateLimited,
    Response,
    Secret,
    SecretStore,
    SharedSecrets,
    TransportError,
    Values,
    clean_token,
    entry_name,
    exclusive,
    now,
)

from .api import PROVIDER, Api

HOUR = 3600.0
FETCHES = 6
"""Fetches an hour that VoiceTel allows from one address."""
AGAIN_AFTER = 600.0
"""Seconds: a key that was just fetched, or a password that was just refused, is not tried again sooner."""
LEASE = 60.0
"""Seconds that one process may take to fetch a key for all; the request has 30."""
OPERATION = "voicetel.api_key"


class KeyByPassword:
    """Fetches the key once and keeps it; fetches it again only after a 401.

    The processes of an application share the key, the times of the last fetches, and that the password was refused,
    where they have a store: an entry of it has ``key``, ``fetched`` (Unix seconds) and ``refused``.
    """

    def __init__(
        self, account: str, username: str, password: Secret, *, base_url: str = "", store: SecretStore | None = None
    ) -> None:
        self._account = account
        self._username = username
        self._password = password
        self._key: Secret | None = None
        name = entry_name("voicetel.key", base_url, username.strip())
        self._shared = SharedSecrets(store, name, provider=PROVIDER, lease=LEASE)

    def headers(self) -> Exchange[Mapping[str, str]]:
        key = self._key
        if key is None:
            key = yield from exclusive(f"login {self._account}", self._kept())
        return _bearer(key)

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if self._key is not None and _bearer(self._key) == sent:
            yield from exclusive(f"login {self._account}", self._other_than(self._key))
        return self._key is not None and _bearer(self._key) != sent

    def secrets(self) -> tuple[str, ...]:
        return (*(secret.reveal() for secret in (self._password, self._key) if secret is not None), self._username)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(**********)"

    def _kept(self) -> Exchange[Secret]:
        return self._key if self._key is not None else (yield from self._other_than(None))

    def _other_than(self, rejected: Secret | None) -> Exchange[Secret]:
        """The shared key, a new one where that was *rejected* and is older than ten minutes."""
        fetched: list[Secret] = []

        def is_usable(values: Values) -> Exchange[bool]:
            wall = (yield from now()).wall
            if "key" not in values:
                return False
            just_fetched = 0 <= wall - max(values["fetched"], default=0.0) < AGAIN_AFTER
            return just_fetched or rejected is None or values["key"] != rejected.reveal()

        def make(values: Values, _: Moment) -> Exchange[Values]:
            key = yield from Api(self._account).api_key(self._username, self._password)
            fetched.append(Secret(clean_token(key.reveal())))
            return {"key": fetched[0].reveal(), "fetched": values["fetched"]}

        values = yield from self._shared.obtain(is_usable, make, begin=self._begun, failed=self._failed)
        key = self._key = fetched[0] if fetched else Secret(values["key"])
        return key

    def _begun(self, values: Values, moment: Moment) -> Values:
        """*values* with one more fetch, which is counted before it leaves."""
        fetched = [time for time in values.get("fetched", ()) if 0 <= moment.wall - time < HOUR]
        refused = values.get("refused")
        if (
            refused
            and 0 <= moment.wall - refused["at"] < AGAIN_AFTER
            and refused["mark"] == self._mark(refused["salt"])
        ):
            raise AuthenticationFailed(
                "VoiceTel has refused the user name and password a moment ago; they are tried again after ten minutes",
                provider=PROVIDER,
                operation=OPERATION,
                status=401,
            )
        if len(fetched) >= FETCHES:
            raise RateLimited(
                "the key was fetched six times within an hour, and VoiceTel allows no more",
                provider=PROVIDER,
                operation=OPERATION,
                retry_after=fetched[0] + HOUR - moment.wall,
            )
        return {**values, "fetched": [*fetched, moment.wall]}

    def _failed(self, values: Values, error: AnyCarrierError) -> Values:
        if isinstance(error, TransportError) and not error.maybe_applied:
            return {**values, "fetched": values["fetched"][:-1]}
        if isinstance(error, AuthenticationFailed):
            from os import urandom

            salt = urandom(16).hex()
            return {**values, "refused": {"at": values["fetched"][-1], "salt": salt, "mark": self._mark(salt)}}
        return values

    def _mark(self, salt: str) -> str:
        """A hash by which processes with another password know that theirs was not refused; slow to guess from."""
        from hashlib import pbkdf2_hmac

        return pbkdf2_hmac("sha256", self._password.reveal().encode(), bytes.fromhex(salt), 100_000).hex()


def _bearer(key: Secret) -> dict[str, str]:
    return {"authorization": f"Bearer {key.reveal()}"}
