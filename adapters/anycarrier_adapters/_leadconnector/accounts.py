"""Accounts of locations and of agencies (companies), whose token gets those of their locations, and lists them.

Source: ``apps/oauth.json`` and ``apps/v3/oauth-v3.json`` of GoHighLevel/highlevel-api-docs; the scopes are
``oauth.write`` for tokens and ``oauth.readonly`` for the list.
"""

from __future__ import annotations

import os
import re
import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar, cast
from weakref import WeakValueDictionary

from anycarrier.adapter import (
    Account,
    Adapter,
    Credentials,
    Emit,
    Exchange,
    InvalidInput,
    Limit,
    Listing,
    Moment,
    Response,
    Secret,
    SecretStore,
    Settings,
    SharedSecrets,
    Token,
    UnexpectedResponse,
    Values,
    begins_anew,
    clean_token,
    entry_name,
    exclusive,
    now,
    shape,
)

from .api import Api
from .auth import EARLY, OAuthTokens, PrivateToken, Spelling, StoredTokens, TokenSource, UserType
from .errors import is_about_the_token
from .schemas.details import InstalledLocation

__all__ = ["HOST", "Agency", "LocationTokens", "agency_account", "credentials_of"]

HOST = "services.leadconnectorhq.com"
ID = re.compile("[A-Za-z0-9]{1,64}")
PAGE = 100
"""Locations of a page."""
LEASE = 60.0
"""Seconds that one caller may take to get a location's token for all; the request has 30."""
AGAIN_AFTER = 60.0
"""Seconds: a token that was just got, and is refused, is not got again sooner."""
L = TypeVar("L")
A = TypeVar("A", bound=Api)


class LocationTokens:
    """Credentials of one location: a token that its agency's token gets, near the end of the last one and after a 401.

    Args:
        account: the account's id.
        api: requests of the agency.
        company_id: of the agency.
        location_id: of the location.
        about: the base URL, which tells the token from others in the store.
        store: shared with other processes and clients.
    """

    def __init__(
        self, account: str, api: Api, company_id: str, location_id: str, *, about: str, store: SecretStore
    ) -> None:
        self._account = account
        self._api = api
        self._company_id = company_id
        self._location_id = location_id
        self._token: Secret | None = None
        self._ends: float | None = None
        name = entry_name("leadconnector.location", about, company_id, location_id)
        self._shared = SharedSecrets(store, name, provider=api.provider, lease=LEASE)

    def headers(self) -> Exchange[Mapping[str, str]]:
        token = self._token
        if token is None or (self._ends is not None and (yield from now()).wall >= self._ends - EARLY):
            token = yield from exclusive(f"tokens {self._account}", self._other_than(None))
        return _bearer(token)

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if not is_about_the_token(rejected):
            return False
        if self._token is not None and _bearer(self._token) == sent:
            yield from exclusive(f"tokens {self._account}", self._other_than(self._token))
        return self._token is not None and _bearer(self._token) != sent

    def secrets(self) -> tuple[str, ...]:
        return () if self._token is None else (self._token.reveal(),)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(**********)"

    def _other_than(self, rejected: Secret | None) -> Exchange[Secret]:
        got: list[Secret] = []

        def is_usable(values: Values) -> Exchange[bool]:
            wall = (yield from now()).wall
            if "token" not in values or (values["ends"] is not None and wall >= values["ends"] - EARLY):
                return False
            just_got = 0 <= wall - values["got"] < AGAIN_AFTER
            return just_got or rejected is None or values["token"] != rejected.reveal()

        def make(_: Values, __: Moment) -> Exchange[Values]:
            wall = (yield from now()).wall
            grant = yield from self._api.location_token(self._company_id, self._location_id)
            if grant.access_token is None:
                raise UnexpectedResponse("the answer has no access token", provider=self._api.provider)
            got.append(Secret(clean_token(grant.access_token.reveal())))
            ends = None if grant.expires_in is None else wall + grant.expires_in
            return {"token": got[0].reveal(), "ends": ends, "got": wall}

        values = yield from self._shared.obtain(is_usable, make)
        token = self._token = got[0] if got else Secret(values["token"])
        self._ends = values["ends"]
        return token


class Agency(Adapter, Generic[L, A]):
    """An agency (company), whose locations have accounts without tokens of their own.

    :meth:`location` makes the account of one; ``Client(agency).iterate(agency.locations())`` lists them.

    Args:
        company_id: id of the company.
        client_id: of the marketplace app, with *client_secret* and *token_source*: OAuth, refreshed as needed.
        client_secret: of the same.
        token_source: where the application keeps the company's tokens; ``StoredTokens`` of *secret_store* by default.
        token: instead of those three, the company's access token, or a function that returns it.
        secret_store: where processes share the locations' tokens, and agree on who refreshes the company's: a folder,
            or a :class:`~anycarrier.SecretStore`.
        account: alias for logs.
        base_url: for a simulator or proxy.
        allow_custom_base_url: allow a host that is neither LeadConnector's nor the loopback.

    Raises:
        ConfigurationError: lists everything that is wrong.
    """

    limits: ClassVar[tuple[Limit, ...]]
    _api: ClassVar[type[Any]]
    _location: ClassVar[Any]
    _spelling: ClassVar[Spelling]

    def __init__(
        self,
        *,
        company_id: str,
        client_id: str | None = None,
        client_secret: str | None = None,
        token_source: TokenSource | None = None,
        token: Token | None = None,
        secret_store: SecretStore | str | os.PathLike[str] | None = None,
        account: str = "agency",
        base_url: str = f"https://{HOST}",
        allow_custom_base_url: bool = False,
    ) -> None:
        settings = Settings(self.name, account, base_url, (HOST,), allow_custom_base_url)
        given: object = company_id
        if not isinstance(given, str) or not ID.fullmatch(given):
            settings.add("company_id", "must be the id of a company (agency), 1 to 64 letters and digits")
        store = settings.secret_store(secret_store)
        stored_as = "" if settings.found else company_id
        source = _source(settings, token, client_id, client_secret, token_source, store=store, stored_as=stored_as)
        settings.done()
        self.url, self.company_id = settings.url, company_id
        self._token, self._source = token, source
        self._client_id, self._secret = client_id or "", Secret((client_secret or "none").strip())
        self._store: SecretStore = store or _OfThisProcess()
        self._made: WeakValueDictionary[tuple[str, str], Any] = WeakValueDictionary()
        self.accounts = (self.account_of(settings.account_id, owner=f"leadconnector company {company_id}"),)
        self._requests: A = self._api(self.account, "none")

    def location(self, location_id: str, *, account: str | None = None) -> L:
        """The account of a location, under the alias *account*, or its id. While it is in use, it is the same object.

        Raises:
            ConfigurationError: the id or the alias cannot be one.
        """
        alias = location_id if account is None else account
        found = self._made.get((location_id, alias))
        if found is None:
            found = self._location(
                location_id=location_id, account=alias, agency=self, base_url=self.url, allow_custom_base_url=True
            )
            self._made[location_id, alias] = found
        return cast("L", found)

    def locations(self, *, app_id: str | None = None, is_installed: bool | None = None) -> Listing[InstalledLocation]:
        """The company's locations, page by page.

        Args:
            app_id: of the marketplace app; by default the part of the client id before its dash.
            is_installed: those where the app is installed, or the others; all by default.
        """
        app = app_id or self._client_id.partition("-")[0]
        if not app:
            raise InvalidInput("app_id is needed where the agency has a token and no client_id")
        place: str | None = None
        while True:
            found, place = yield from self._page(app, is_installed, place)
            yield Emit(found)
            if place is None or not found:
                return

    def tokens_of(self, account: str, location_id: str) -> Credentials:
        """Credentials of a location: what the requests of its account carry."""
        api = self._api(agency_account(account), location_id)
        return LocationTokens(account, api, self.company_id, location_id, about=self.url, store=self._store)

    def account_of(self, name: str, *, owner: str, origin_of: str | None = None) -> Account:
        """The agency's account under the id *name*, in the client of a location or of its own."""
        credentials: Credentials
        if self._token is not None:
            credentials = PrivateToken(self._token)
        else:
            credentials = OAuthTokens(
                name, self._client_id, self._secret, cast("TokenSource", self._source), "Company",
                provider=self.name, spelling=self._spelling, store=self._store, about=(self.url, self.company_id),
            )  # fmt: skip
        return Account(
            id=name,
            provider=self.name,
            base_url=self.url,
            credentials=credentials,
            limits=self.limits,
            owner=owner,
            origin_of=origin_of,
            counted_as=f"leadconnector company {self.company_id}",
        )

    @abstractmethod
    def _page(
        self, app: str, is_installed: bool | None, place: str | None
    ) -> Exchange[tuple[Sequence[InstalledLocation], str | None]]:
        """One page of installed locations from *place* on, and the place of the next one, if there is one."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(company_id={self.company_id!r})"


class _OfThisProcess:
    """A store for the clients of one process."""

    def __init__(self) -> None:
        self._entries: dict[str, str] = {}
        self.forked()
        begins_anew(self)

    def forked(self) -> None:
        """Go on in a child, without the lock that a thread of the parent may hold."""
        self._guard = threading.Lock()

    def read(self, name: str) -> str | None:
        return self._entries.get(name)

    def replace(self, name: str, old: str | None, new: str) -> bool:
        with self._guard:
            if self._entries.get(name) != old:
                return False
            self._entries[name] = new
            return True


def agency_account(account: str) -> str:
    """Id of the agency's account in the client of a location."""
    return f"{account}.agency"


def credentials_of(
    settings: Settings,
    location_id: str,
    token: Token | None,
    client_id: str | None,
    client_secret: str | None,
    token_source: TokenSource | None,
    secret_store: SecretStore | str | os.PathLike[str] | None,
    *,
    user_type: UserType,
    agency: Agency[Any, Any] | None,
    spelling: Spelling,
) -> Credentials:
    """Credentials of a location, from its settings.

    Raises:
        ConfigurationError: lists everything that is wrong with *settings* too.
    """
    if agency is not None:
        if any(one is not None for one in (token, client_id, client_secret, token_source, secret_store)):
            settings.add("agency", "has the tokens: give none of the other settings for tokens")
        given: object = agency
        if not isinstance(given, Agency):
            settings.add("agency", f"must be an agency, which is made in code, not {shape(given)}")
        settings.done()
        return agency.tokens_of(settings.account_id, location_id)
    store = settings.secret_store(secret_store)
    if token is not None and secret_store is not None:
        settings.add("secret_store", "is for tokens that are refreshed")
    kind: object = user_type
    own = location_id if isinstance(kind, str) and kind == "Location" else ""
    source = _source(settings, token, client_id, client_secret, token_source, store=store, stored_as=own)
    settings.done()
    if token is not None:
        return PrivateToken(token)
    return OAuthTokens(
        settings.account_id, cast("str", client_id), Secret(cast("str", client_secret).strip()),
        cast("TokenSource", source), user_type, provider=settings.provider, spelling=spelling,
        store=store, about=(settings.url, own),
    )  # fmt: skip


_TOGETHER = "client_id, client_secret and token_source or secret_store go together"


def _source(
    settings: Settings,
    token: Token | None,
    client_id: str | None,
    client_secret: str | None,
    token_source: TokenSource | None,
    *,
    store: SecretStore | None,
    stored_as: str,
) -> TokenSource | None:
    """The source of tokens by OAuth; ``None`` where there is a *token*. What is wrong is noted in *settings*.

    Args:
        settings: where faults are noted.
        token: a token by itself.
        client_id, client_secret, token_source: for OAuth.
        store: where the tokens are without a *token_source*.
        stored_as: the id under which they are there; ``""`` for not there.
    """
    settings.text("client_id", client_id)
    settings.text("client_secret", client_secret)
    if token is None and token_source is None and store is not None and stored_as:
        token_source = StoredTokens(store, stored_as)
    oauth = {"client_id": client_id, "client_secret": client_secret, "token_source": token_source}
    if token is None and any(value is not None for value in oauth.values()):
        for setting, value in oauth.items():
            if value is None:
                settings.add(setting, f"is missing: {_TOGETHER}")
        if token_source is not None and not (hasattr(token_source, "load") and hasattr(token_source, "save")):
            settings.add("token_source", "must be an object with load() and save(tokens): pass it in code")
    else:
        settings.token("token", token, "set token, or client_id, client_secret and token_source")
        if any(value is not None for value in oauth.values()):
            settings.add("token", "and client_id, client_secret, token_source exclude each other")
    return token_source


def _bearer(token: Secret) -> dict[str, str]:
    return {"authorization": f"Bearer {token.reveal()}"}
