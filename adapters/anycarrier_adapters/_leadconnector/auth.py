"""Tokens: a private integration token, or OAuth with a refresh token that changes at every use.

A refresh token is good once (OAUTH, "Refresh Token"). The pair that a refresh returns is handed to the application's
:class:`TokenSource` before it is used for anything: to lose it is to lose a customer's consent. The same refresh token
sent again within 30 seconds gets the same answer, so a refresh without an answer is repeated in that time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, Protocol, TypeVar

from attrs import asdict, evolve, field, frozen

from anycarrier.adapter import (
    AnyCarrierError,
    AuthenticationFailed,
    ConfigurationError,
    Exchange,
    InvalidInput,
    Moment,
    PermissionDenied,
    Request,
    Response,
    Secret,
    SecretStore,
    SharedSecrets,
    StaticToken,
    Success,
    TransportError,
    Values,
    by_hints,
    call,
    clean_token,
    entry_name,
    exclusive,
    now,
    read,
    send,
    shape,
    sleep,
    text,
    unexpected,
)

from .errors import ERRORS, is_about_the_token
from .schemas import TokenAnswer

__all__ = ["OAuthTokens", "PrivateToken", "StoredTokens", "TokenSource", "Tokens", "UserType"]

_T = TypeVar("_T")
UserType = Literal["Location", "Company"]
EARLY = 60.0
"""Seconds before its end from which an access token is not used any more; it lives a day."""

GRACE = 20.0
"""Seconds in which the same refresh token is sent again, and for which one process has it to itself.

The provider documents 30: another process that takes over from one that was killed still gets the same pair.
"""


@frozen(kw_only=True, field_transformer=by_hints)
class Tokens:
    """Tokens of one customer, as an application stores them.

    Attributes:
        access_token: goes with every request.
        refresh_token: good for one refresh.
        expires_at: Unix seconds at which the access token ends; ``None`` where it is not known.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: float | None = None


class TokenSource(Protocol):
    """Store of an application for its tokens. Both methods may block: they run where no event loop waits.

    If they raise, the caller gets a :class:`ConfigurationError` that names the kind of what they raised.
    """

    def load(self) -> Tokens:
        """The tokens as stored now; other processes may have changed them."""
        ...

    def save(self, tokens: Tokens) -> None:
        """Store *tokens* in place of the old ones, so that they survive a crash, before this returns."""
        ...


TRIES = 100
"""Tries to put tokens into a store to which others write."""


class StoredTokens:
    """A token source on a :class:`~anycarrier.SecretStore`.

    Args:
        store: of the application.
        location_id: id of the location, or of the company for an agency's tokens.
    """

    def __init__(self, store: SecretStore, location_id: str) -> None:
        if not isinstance(store, SecretStore):
            raise InvalidInput(f"store must be an object with read() and replace(), not {shape(store)}")
        self._store = store
        self._name = f"leadconnector.pair.{text('location_id', location_id, 've9EPM428h8vShlRW1KT')}"

    def load(self) -> Tokens:
        """The tokens that were saved last.

        Raises:
            ConfigurationError: none were, or the entry is not of this form.
        """
        held = self._store.read(self._name)
        if held is None:
            raise ConfigurationError("the secret store has no tokens of this location: save those of a consent first")
        try:
            return Tokens(**json.loads(held))
        except (ValueError, TypeError):
            raise ConfigurationError("the secret store has something else in the place of tokens") from None

    def save(self, tokens: Tokens) -> None:
        """Store *tokens* in place of the old ones."""
        fresh = json.dumps(asdict(tokens))
        if not any(self._store.replace(self._name, self._store.read(self._name), fresh) for _ in range(TRIES)):
            raise ConfigurationError("the secret store does not take the tokens: others change them all the time")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(**********)"


class PrivateToken(StaticToken):
    """A private integration token, as text or as a function. Never refreshed.

    Where a function gives another one after a 401 that is about the token, that is tried once.
    """

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if not is_about_the_token(rejected):
            return False
        return (yield from super().renew(rejected, sent))


@frozen
class Spelling:
    """Spelling of the refresh request in one version of the API.

    Attributes:
        fields: names of client id, client secret, grant type, refresh token, user type.
        version: the ``Version`` header; the legacy endpoint has none.
    """

    fields: tuple[str, str, str, str, str]
    version: str | None = None


SNAKE = Spelling(("client_id", "client_secret", "grant_type", "refresh_token", "user_type"))
"""Legacy (``apps/oauth.json``)."""
CAMEL = Spelling(("clientId", "clientSecret", "grantType", "refreshToken", "userType"), "v3")
"""v3 (``apps/v3/oauth-v3.json``)."""


class OAuthTokens:
    """Credentials that renew themselves: near the end of an access token, and after a 401 that is about the token.

    One refresh at a time for each client, however many requests wait for it, and with a *store* for all processes of an
    application; the others find the new pair. The store gets no token: it says who refreshes.

    Args:
        account: the account's id.
        client_id: of the marketplace app.
        client_secret: of the same.
        source: the store of the application for the tokens.
        user_type: ``Location`` for the token of a sub-account, ``Company`` for that of an agency.
        provider: for errors.
        spelling: of the request, :data:`SNAKE` or :data:`CAMEL`; an answer is read in either.
        store: shared with the other processes; ``None`` for a refresh of this process alone.
        about: texts that tell these tokens from others in the store: a base URL, the id of a location or a company.
    """

    def __init__(
        self,
        account: str,
        client_id: str,
        client_secret: Secret,
        source: TokenSource,
        user_type: UserType,
        *,
        provider: str,
        spelling: Spelling,
        store: SecretStore | None = None,
        about: tuple[str, ...] = (),
    ) -> None:
        self._account = account
        self._client_id = client_id
        self._client_secret = client_secret
        self._source = source
        self._user_type = user_type
        self._provider = provider
        self._spelling = spelling
        name = entry_name("leadconnector.turn", *about, client_id, user_type)
        self._shared = SharedSecrets(store, name, provider=provider, lease=GRACE)
        self._tokens: Tokens | None = None
        self._unsaved: Tokens | None = None
        self._known: tuple[Secret, ...] = ()

    def headers(self) -> Exchange[Mapping[str, str]]:
        tokens = self._tokens
        if tokens is None or self._unsaved is not None or _ends(tokens, (yield from now()).wall):
            tokens = yield from self._alone(self._good())
        return _bearer(tokens)

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if not is_about_the_token(rejected):
            return False
        return (yield from self._alone(self._renewed(sent)))

    def secrets(self) -> tuple[str, ...]:
        return (self._client_secret.reveal(), *dict.fromkeys(secret.reveal() for secret in self._known))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(**********)"

    # Everything below runs while nothing else of it does.

    def _alone(self, exchange: Exchange[_T]) -> Exchange[_T]:
        return exclusive(f"tokens {self._account}", exchange)

    def _good(self) -> Exchange[Tokens]:
        """Tokens that are stored and not about to end."""
        if self._unsaved is not None:
            yield from self._store(self._unsaved)
        tokens = self._tokens or (yield from self._loaded())
        if _ends(tokens, (yield from now()).wall):
            tokens = yield from self._exchanged(tokens)
        self._tokens = tokens
        return tokens

    def _renewed(self, sent: Mapping[str, str]) -> Exchange[bool]:
        """Return whether there are other tokens now than *sent* held."""
        if self._unsaved is not None:
            yield from self._store(self._unsaved)
        if self._tokens is None or _bearer(self._tokens) != sent:
            return True
        self._tokens = yield from self._exchanged(self._tokens)
        return _bearer(self._tokens) != sent

    def _exchanged(self, old: Tokens) -> Exchange[Tokens]:
        """Other tokens than *old*: those that are stored meanwhile, else refreshed ones."""
        found: list[Tokens] = []

        def is_usable(_: Values) -> Exchange[bool]:
            stored = yield from self._loaded()
            found[:] = [stored]
            return stored.access_token != old.access_token and not _ends(stored, (yield from now()).wall)

        def make(_: Values, until: Moment) -> Exchange[Values]:
            found[:] = [(yield from self._refreshed(found[0], until))]
            return {}

        yield from self._shared.obtain(is_usable, make)
        return found[0]

    def _refreshed(self, stored: Tokens, until: Moment) -> Exchange[Tokens]:
        if not stored.refresh_token:
            raise self._failed("the access token has ended and there is no refresh token: the customer has to sign in")
        request = self._request(stored.refresh_token, until)
        asked, response = yield from self._answered(request, until)
        if response.status != 200:
            return (yield from self._refused(request, response, stored))
        answer = read(TokenAnswer, request, response, provider=self._provider, envelope=Success)
        fresh = Tokens(
            access_token=self._usable(answer.access_token, request, response),
            refresh_token=answer.refresh_token or stored.refresh_token,
            expires_at=None if answer.expires_in is None else asked + answer.expires_in,
        )
        self._learn(fresh)
        yield from self._store(fresh)
        return fresh

    def _learn(self, tokens: Tokens) -> None:
        """Know the texts of a pair from the moment it is here; those of the last two pairs are held."""
        # No local holds a text: until it is a Secret, nothing takes it out of a traceback.
        texts = filter(None, (tokens.access_token, tokens.refresh_token))
        pair = tuple(map(Secret, map(str.strip, texts)))
        self._known = (*(one for one in self._known if one not in pair), *pair)[-4:]

    def _usable(self, token: str, request: Request, response: Response) -> str:
        try:
            return clean_token(token)
        except AuthenticationFailed:
            raise unexpected(request, response, "the access token is no usable text", provider=self._provider) from None

    def _answered(self, request: Request, until: Moment) -> Exchange[tuple[float, Response]]:
        """Send *request*; return the time it was sent and the answer. Without an answer it is sent again, as the same
        token gives the same pair."""
        wait = 1.0
        while True:
            asked = yield from now()
            outcome: Response | TransportError
            try:
                outcome = yield from send(request)
            except TransportError as error:
                outcome = error
            if isinstance(outcome, Response) and outcome.status < 500:
                return asked.wall, outcome
            if (yield from now()).monotonic + wait > until.monotonic:
                if isinstance(outcome, TransportError):
                    raise outcome
                return asked.wall, outcome
            yield from sleep(wait, "backoff")
            wait *= 2
            request = evolve(request, attempt=request.attempt + 1)

    def _refused(self, request: Request, response: Response, used: Tokens) -> Exchange[Tokens]:
        """Another process may have used the refresh token first: then its pair is stored. Else the error."""
        words = ERRORS.said(response)
        if response.status in (400, 401):
            stored = yield from self._loaded()
            if stored.access_token != used.access_token:
                return stored
        error = ERRORS.error_of(request, response, provider=self._provider)
        code = f"{words.code or ''} {words.detail or ''}".casefold().replace("_", " ")
        if "not active" in code:
            raise PermissionDenied(
                "the location is not active; its tokens are good again once it is",
                provider=self._provider,
                operation=request.operation,
                status=response.status,
                detail=words.detail,
            )
        if "invalid grant" in code:
            raise AuthenticationFailed(
                "the refresh token is not good any more: the customer has to sign in again",
                provider=self._provider,
                operation=request.operation,
                status=response.status,
                detail=words.detail,
            )
        raise error

    def _store(self, tokens: Tokens) -> Exchange[None]:
        """Have the application store *tokens*, and only then use them; if that fails, they wait for another try."""
        self._unsaved = tokens
        try:
            yield from call(lambda: self._source.save(tokens), "save tokens")
        except Exception as error:
            raise ConfigurationError(
                f"the token source could not store the renewed tokens ({type(error).__name__}), so they are not used; "
                "they are kept in memory and stored before the next request: losing them would log the customer out",
                provider=self._provider,
                operation=f"{self._provider}.token",
            ) from error
        self._tokens, self._unsaved = tokens, None

    def _loaded(self) -> Exchange[Tokens]:
        try:
            tokens = yield from call(self._source.load, "load tokens")
        except AnyCarrierError:
            raise
        except Exception as error:
            raise ConfigurationError(
                f"the token source could not load the tokens ({type(error).__name__})",
                provider=self._provider,
                operation=f"{self._provider}.token",
            ) from error
        self._learn(tokens)
        return evolve(tokens, access_token=clean_token(tokens.access_token))

    def _request(self, refresh_token: str, until: Moment) -> Request:
        from urllib.parse import urlencode

        values = (
            self._client_id, self._client_secret.reveal(), "refresh_token", refresh_token.strip(), self._user_type,
        )  # fmt: skip
        return Request(
            account=self._account, operation=f"{self._provider}.token", method="POST", path="/oauth/token",
            headers={} if self._spelling.version is None else {"version": self._spelling.version},
            body=urlencode(list(zip(self._spelling.fields, values, strict=True))).encode(),
            content_type="application/x-www-form-urlencoded", purpose="write", authenticated=False, not_after=until,
        )  # fmt: skip

    def _failed(self, message: str) -> AuthenticationFailed:
        return AuthenticationFailed(message, provider=self._provider, operation=f"{self._provider}.token")


def _ends(tokens: Tokens, wall: float) -> bool:
    return tokens.expires_at is not None and wall >= tokens.expires_at - EARLY


def _bearer(tokens: Tokens) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.access_token}"}
