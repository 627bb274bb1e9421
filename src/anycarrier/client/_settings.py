"""Settings of the providers that come with this package, as type checkers see them; never imported when running."""

from __future__ import annotations

import os
from typing import Any, Literal, TypedDict

from anycarrier.engine.accounts import Token
from anycarrier.engine.session import Clock
from anycarrier.engine.shared_budget import Places
from anycarrier.purchase import Journal
from anycarrier.secret_store import SecretStore
from anycarrier.transports import Timeouts
from anycarrier_adapters.lc_phone import Agency, TokenSource

__all__ = ["LCSettings", "LeadpingSettings", "VoiceTelSettings"]


class _Settings(TypedDict, total=False):
    """Settings that every client and every provider takes."""

    timeouts: Timeouts | None
    clock: Clock | None
    max_wait: float | None
    journal: Journal | None
    budget: Literal["own", "shared"] | Places
    account: str
    base_url: str
    allow_custom_base_url: bool


class VoiceTelSettings(_Settings, total=False):
    """Settings of VoiceTel."""

    api_key: Token | None
    username: str | None
    password: str | None
    secret_store: SecretStore | str | os.PathLike[str] | None


class LeadpingSettings(_Settings, total=False):
    """Settings of Leadping."""

    api_key: Token | None
    api_version: str


class LCSettings(_Settings, total=False):
    """Settings of LC Phone and of the legacy LC."""

    location_id: str | None
    token: Token | None
    client_id: str | None
    client_secret: str | None
    token_source: TokenSource | None
    secret_store: SecretStore | str | os.PathLike[str] | None
    user_type: Literal["Location", "Company"]
    agency: Agency[Any, Any] | None
