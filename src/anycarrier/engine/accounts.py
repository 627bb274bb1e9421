"""Accounts at providers: base URL, credentials, rate limits.

Only the session reads credentials; exchanges name accounts by id. Every object with a secret hides it from ``repr``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from attrs import field, frozen

from anycarrier.engine.rate_limits import Budget, Limit
from anycarrier.errors import AuthenticationFailed, ConfigurationError, InvalidInput
from anycarrier.exchange import Exchange, Response, call
from anycarrier.hints import by_hints
from anycarrier.secret import Secret
from anycarrier.transports.protocol import Origin, is_target
from anycarrier.validation import shape

__all__ = [
    "ONLY_LOOPBACK",
    "Account",
    "Credentials",
    "OnlyLoopback",
    "Secret",
    "StaticToken",
    "Token",
    "check_base_url",
    "check_reachable",
    "is_loopback",
    "is_same",
    "refuse_twins",
]

Token = str | Callable[[], str]
"""A credential as text, or a function that returns the current one. It is called for every request and may block."""


class Credentials(Protocol):
    """Credentials of an account, as exchanges, so that fetching a token is written once for both modes."""

    def headers(self) -> Exchange[Mapping[str, str]]:
        """Headers for the next request; may yield effects, such as fetching a key."""
        ...

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        """Obtain other credentials than those in the *sent* headers, after a 401; ``False`` if there are none.

        No other renewal of this account runs meanwhile. If another caller has renewed them before, the headers differ
        from *sent* already and nothing needs doing.
        """
        ...

    def secrets(self) -> tuple[str, ...]:
        """Every secret text held now, for removal from recordings."""
        ...


class StaticToken:
    """``Authorization: Bearer``, the token as text or as a function."""

    def __init__(self, token: Token) -> None:
        if not isinstance(token, str) and not callable(token):
            raise InvalidInput(f"token must be text or a function that returns text, not {shape(token)}")
        self._token: Secret | Callable[[], str] = Secret(clean_token(token)) if isinstance(token, str) else token

    def headers(self) -> Exchange[Mapping[str, str]]:
        if isinstance(self._token, Secret):
            return {"authorization": f"Bearer {self._token.reveal()}"}
        function = self._token
        # A secret from the moment it arrives.
        token = yield from call(lambda: Secret(clean_token(function())), "token")
        return {"authorization": f"Bearer {token.reveal()}"}

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if isinstance(self._token, Secret):
            return False
        return (yield from self.headers()) != sent

    def secrets(self) -> tuple[str, ...]:
        return (self._token.reveal(),) if isinstance(self._token, Secret) else ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(**********)"


def clean_token(token: str) -> str:
    """*token* without surrounding white space; raises if it cannot be the value of an HTTP header, or is in quotes, as
    a file of variables may have it."""
    cleaned = token.strip()
    if not cleaned or not cleaned.isascii() or not cleaned.isprintable() or " " in cleaned:
        raise AuthenticationFailed("the token must be printable ASCII text without spaces")
    if cleaned[0] in "\"'`" and cleaned[-1] == cleaned[0]:
        raise AuthenticationFailed("the token is in quotes, which would be sent as part of it")
    return cleaned


def _limits(given: object) -> tuple[Limit, ...]:
    if not (isinstance(given, tuple | list) and all(isinstance(one, Limit) for one in given)):
        raise InvalidInput(f"limits must be a tuple of Limit, such as (Limit(100, 10.0),), not {shape(given)}")
    return tuple(given)


@frozen(kw_only=True, field_transformer=by_hints)
class Account:
    """An account at a provider, which requests name by ``id``.

    Attributes:
        id: alias, unique among the accounts of a client; journals and logs show it.
        provider: the provider's name.
        base_url: scheme, host and port, optionally a path prefix; nothing is sent to another origin.
        credentials: never shown.
        limits: documented rate limits, see :mod:`anycarrier.engine.rate_limits`.
        owner: the provider's own identifier of the account, such as the id of a location, after the name of the
            provider's family; ``None`` where only the credentials identify it. Holds no secret.
        counted_as: name under which a table of budgets counts its requests, where that is not the ``owner``.
        origin_of: id of the account that this one serves: as another origin of it, such as that of a messaging API, or
            as the one that gets its tokens; ``None`` for the account itself.
    """

    id: str
    provider: str
    base_url: str
    credentials: Credentials = field(repr=False)
    limits: tuple[Limit, ...] = field(default=(), converter=_limits, eq=False, repr=False)
    owner: str | None = field(default=None, eq=False, repr=False)
    origin_of: str | None = field(default=None, eq=False, repr=False)
    counted_as: str | None = field(default=None, eq=False, repr=False)
    _made: dict[str, Budget] = field(factory=dict[str, Budget], init=False, eq=False, repr=False)

    @property
    def budget(self) -> Budget:
        """Requests that may still be sent; shared by the clients of one account object."""
        return self._made.get("budget") or self._made.setdefault("budget", Budget(self.limits))

    @property
    def holder(self) -> str | None:
        """The account's identifier in journals, independent of its ``id``: a hash; ``None`` without an ``owner``.

        Of several origins it is the first that counts, where numbers are bought: the others may be set in different
        ways for one and the same account.
        """
        if self.owner is None:
            return None
        from hashlib import sha256

        return sha256(f"{self.base_url} {self.owner}".encode()).hexdigest()


def is_same(one: Account, other: Account) -> bool:
    """Return whether two accounts, however they are named here, are one at their provider.

    Compares ``owner`` where both have one, and otherwise the credentials. Different keys may still be of one account;
    that cannot be seen, so the answer is no.
    """
    if one.base_url != other.base_url:
        return False
    if one.owner is not None and other.owner is not None:
        return one.owner == other.owner
    secrets = one.credentials.secrets()
    return one.provider == other.provider and bool(secrets) and secrets == other.credentials.secrets()


def refuse_twins(accounts: Sequence[object]) -> None:
    """Raise :class:`ConfigurationError` if two of *accounts* are one: a number would be bought for two orders.

    The origins of one account may share a URL, as at a simulator; of two accounts, one origin in common is enough.
    """
    known = [account for account in accounts if isinstance(account, Account)]
    for place, one in enumerate(known):
        for other in known[:place]:
            first, second = (account.origin_of or account.id for account in (other, one))
            if first != second and is_same(one, other):
                raise ConfigurationError(
                    f"{other.provider} (account {first}) and {one.provider} (account {second}) are the same account at "
                    "their provider, so one number would count as two: give only one of them"
                )


def check_base_url(url: object) -> str | None:
    """The fault of *url* as a base URL, or ``None``. Plain http is allowed to the loopback only."""
    if not isinstance(url, str):
        return f"must be text, such as 'https://api.example.com', not {shape(url)}"
    if any(character.isspace() or not character.isprintable() for character in url):
        return "must not hold spaces or control characters"
    _, _, rest = url.partition("://")
    if "@" in rest.partition("/")[0] or "?" in url or "#" in url:
        return "must not hold a user, password, query or fragment"
    try:
        origin = Origin(url)
    except ValueError:  # and idna's errors, which are such
        if re.search(r":(?:0+|[0-9]{5,})(?:/|$)", rest):
            return "must not name a port that there is not: one is from 1 to 65535"
        return "must be a URL such as https://api.example.com"
    if not is_target(url[len(origin.root) :]):
        return "must have a path of ASCII characters, others percent-encoded"
    if not origin.tls and not is_loopback(origin.host):
        return "must be https; plain http is for the loopback only (a simulator)"
    return None


def is_loopback(host: str) -> bool:
    """Return whether *host*, a name or an address, is this machine's loopback."""
    if host == "localhost":
        return True
    if host[:1].isalpha() and ":" not in host:
        return False
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


ONLY_LOOPBACK = "ANYCARRIER_ONLY_LOOPBACK"
"""The environment's variable that turns :class:`OnlyLoopback` on from the start, whatever its value."""


class OnlyLoopback:
    """Switch that lets every request stay on this machine: tests of an application set it.

    Attributes:
        on: whether only this machine may be called.
    """

    on = bool(os.environ.get(ONLY_LOOPBACK))


def check_reachable(account: Account) -> None:
    """Raise :class:`ConfigurationError` where *account* is at another machine and only this one may be called."""
    if OnlyLoopback.on and not is_loopback(Origin(account.base_url).host):
        raise ConfigurationError(
            f"nothing was sent to {account.base_url}: only simulated carriers may be called here "
            f"({ONLY_LOOPBACK} is set); let the application take its settings from the environment or the accounts "
            "file, or pass it those of the simulated carrier"
        )


class Problems:
    """Collects the faults of settings, to report all of them in one error."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.found: list[str] = []

    def add(self, setting: str, problem: str) -> None:
        """Note that *setting* is wrong; *problem* never quotes a secret."""
        self.found.append(f"{setting} {problem}")

    def base_url(self, url: object, known: frozenset[str] | tuple[str, ...], allow_custom: object) -> str:
        """*url* without a trailing slash. Its host must be one of *known* or the loopback, unless *allow_custom*."""
        if not isinstance(allow_custom, bool):
            self.add("allow_custom_base_url", f"must be True or False, not {shape(allow_custom)}")
            allow_custom = True  # one problem is enough
        problem = check_base_url(url)
        if problem or not isinstance(url, str):
            self.add("base_url", str(problem))
            return ""
        host = Origin(url).host
        if not allow_custom and host not in known and not is_loopback(host):
            self.add(
                "base_url",
                f"names a host that is not {' or '.join(sorted(known))}; "
                "to send credentials there, say allow_custom_base_url=True",
            )
        return url.rstrip("/")

    def account(self, account: object) -> str:
        """*account* as an alias, which logs, journals and command lines show."""
        if not (isinstance(account, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", account)):
            wanted = "must be text of 1 to 64 letters, digits, '_', '.' and '-', such as 'main'"
            self.add("account", f"{wanted}, not {shape(account)}")
            return ""
        return account

    def one_of(self, setting: str, value: object, choices: Collection[str]) -> None:
        """Check that *value* is one of *choices*."""
        if not isinstance(value, str) or value not in choices:
            from anycarrier.suggestions import meant

            near = meant(value, choices) if isinstance(value, str) else ""
            self.add(setting, f"must be one of {', '.join(choices)}, not {shape(value)}{near}")

    def text(self, setting: str, value: object) -> str | None:
        """*value* as optional text that is not empty. It may be a secret, so nothing of it is shown."""
        if value is None:
            return None
        if isinstance(value, str) and value.strip():
            return value
        self.add(setting, "must not be empty" if isinstance(value, str) else f"must be text, not {shape(value)}")
        return None

    def token(self, setting: str, token: Token | None, hint: str) -> None:
        """Check a token that is required."""
        if token is None or (isinstance(token, str) and not token.strip()):
            self.add(setting, f"is missing: {hint}")
        elif isinstance(token, str):
            try:
                clean_token(token)
            except AuthenticationFailed:
                self.add(setting, "must be printable ASCII text without spaces, and without quotes around it")
        elif not callable(token):
            self.add(setting, f"must be text or a function that returns text, not {shape(token)}")

    def done(self) -> None:
        """Raise :class:`ConfigurationError` with every problem, if there is one."""
        if self.found:
            listed = "; ".join(self.found)
            raise ConfigurationError(f"settings: {listed}", provider=self.provider, problems=tuple(self.found))
