"""Locals of every frame of what is raised, as tools that report errors print them."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any

from anycarrier import Search
from anycarrier.engine.accounts import Account
from anycarrier.exchange import Exchange, Request, Response, send
from anycarrier.testing import VirtualClock
from anycarrier_adapters._leadconnector.auth import Tokens

SECRET = "7a6b5c4d3e2f10897a6b5c4d3e2f1089"


def safe(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - such as an object that was not made to its end
        return type(error).__name__


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    todo, seen = [error], set[int]()
    while todo:
        one = todo.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def frames_of(error: BaseException) -> list[FrameType]:
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)]


class Named:
    """Credentials whose header no library takes for a secret."""

    def headers(self) -> Exchange[dict[str, str]]:
        yield from ()
        return {"X-Api-Key": SECRET}

    def renew(self, rejected: Response, sent: object) -> Exchange[bool]:
        yield from ()
        return False

    def secrets(self) -> tuple[str, ...]:
        return ()


class Provider:
    """The part of a provider that a client needs."""

    name = title = "made_up"
    supports: Any = {}  # noqa: RUF012

    def __init__(self, base_url: str) -> None:
        self.accounts = [Account(id="main", provider="made_up", base_url=base_url, credentials=Named())]

    def search(self, query: Search, *, options: Any = ()) -> Exchange[list[Any]]:
        response = yield from send(Request(account="main", operation="search", method="GET", path="/numbers"))
        raise RuntimeError(f"a bug in the adapter, {response.status}")


class Store:
    """Tokens of which the first have ended."""

    def load(self) -> Tokens:
        return Tokens(access_token=f"at-{SECRET}", refresh_token=f"rt-{SECRET}", expires_at=1.0)

    def save(self, tokens: Tokens) -> None: ...


def made(cls: Any, kind: str, base_url: str, **more: Any) -> Any:
    """A client; the frame that holds its settings is gone when it is used."""
    oauth = {"client_id": "app", "client_secret": f"cs-{SECRET}", "token_source": Store(), "location_id": "Acme4711"}
    given: dict[str, tuple[Any, dict[str, Any]]] = {
        "key": ("voicetel", {"api_key": SECRET, "base_url": base_url}),
        "function": ("voicetel", {"api_key": lambda: SECRET, "base_url": base_url}),
        "login": ("voicetel", {"username": "1000000001", "password": f"pw-{SECRET}", "base_url": base_url}),
        "oauth": ("lc_phone", {**oauth, "base_url": base_url}),
        "other header": (Provider(base_url), {}),
    }
    provider, settings = given[kind]
    return cls(provider, clock=VirtualClock(), **settings, **more)


class Silent:
    """A transport without an answer."""

    def send(self, request: Any) -> Response:
        return Response(400, {}, b"")

    def close(self) -> None: ...

    def close_stream(self, stream: object) -> None: ...
