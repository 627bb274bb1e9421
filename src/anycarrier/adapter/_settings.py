"""Settings of an account: all problems in one error, credentials as Bearer or Basic, several origins."""

from __future__ import annotations

import os
from collections.abc import Mapping

from anycarrier.engine.accounts import Problems, StaticToken, Token
from anycarrier.errors import InvalidInput
from anycarrier.exchange import Exchange, Response, call
from anycarrier.secret import Secret
from anycarrier.secret_store import FileSecretStore, SecretStore
from anycarrier.validation import shape

__all__ = ["BasicAuth", "Settings"]


class BasicAuth:
    """``Authorization: Basic`` with a user name, and a password as text or as a function that returns it."""

    def __init__(self, username: str, password: Token) -> None:
        if ":" in username:
            raise InvalidInput("username must not hold a colon: Basic authentication ends it there")
        self._username = username
        self._password: Token | Secret = Secret(password) if isinstance(password, str) else password

    def headers(self) -> Exchange[Mapping[str, str]]:
        from base64 import b64encode  # few providers take a password

        password = self._password
        if not isinstance(password, Secret):
            function = password if callable(password) else str
            password = yield from call(lambda: Secret(function()), "password")
        pair = b64encode(f"{self._username}:{password.reveal()}".encode()).decode()
        return {"authorization": f"Basic {pair}"}

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if isinstance(self._password, Secret):
            return False
        return (yield from self.headers()) != sent

    def secrets(self) -> tuple[str, ...]:
        if not isinstance(self._password, Secret):
            return ()
        from base64 import b64encode

        pair = b64encode(f"{self._username}:{self._password.reveal()}".encode()).decode()
        return (self._password.reveal(), pair)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(**********)"


class Settings(Problems):
    """The settings of one account, checked one after the other; :meth:`done` raises one error for all problems.

    Attributes:
        account: the account's alias.
        base_url: of the main origin.
    """

    def __init__(
        self, provider: str, account: object, base_url: object, hosts: tuple[str, ...], allow_custom: object
    ) -> None:
        super().__init__(provider)
        self._allow_custom = allow_custom
        self.account_id = self.account(account)
        self.url = self.base_url(base_url, hosts, allow_custom)

    def origin(self, setting: str, url: object, hosts: tuple[str, ...]) -> str:
        """Another base URL of the same account, such as that of a provider's messaging API; *setting* is its name."""
        before = len(self.found)
        checked = self.base_url(url, hosts, self._allow_custom)
        self.found[before:] = [problem.replace("base_url", setting, 1) for problem in self.found[before:]]
        return checked

    def bearer(self, setting: str, token: Token | None, hint: str) -> StaticToken:
        """Credentials of a required token; *hint* says how to get one."""
        before = len(self.found)
        self.token(setting, token, hint)
        return StaticToken("none" if token is None or len(self.found) > before else token)

    def secret_store(self, store: SecretStore | str | os.PathLike[str] | None) -> SecretStore | None:
        """The store in which processes share what they obtain; a path is the folder of a :class:`FileSecretStore`."""
        if store is None or (isinstance(store, SecretStore) and not isinstance(store, type)):
            return store
        if isinstance(store, str | os.PathLike) and os.fspath(store):
            return FileSecretStore(store)
        self.add("secret_store", f"must be a folder, or an object with read() and replace(), not {shape(store)}")
        return None

    def basic(self, username: str | None, password: Token | None, hint: str) -> BasicAuth:
        """Credentials of the required settings ``username`` and ``password``."""
        for setting, value in (("username", username), ("password", password)):
            if value is None:
                self.add(setting, f"is missing: {hint}")
            elif not callable(value):
                self.text(setting, value)
        if isinstance(username, str) and ":" in username:
            self.add("username", "must not hold a colon")
        return BasicAuth("none", "none") if self.found else BasicAuth(username or "", password or "")
