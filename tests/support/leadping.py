"""Leadping's answers for scripts, and providers of each API version."""

from __future__ import annotations

import json
from typing import Any

from anycarrier import Client
from anycarrier.attempt import Attempt, AttemptState, Draft
from anycarrier.exchange import Request, Response
from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.leadping.api import versions
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY, LeadpingSimulator

NUMBER = PhoneNumber("+12015550123")
OTHER = PhoneNumber("+12125550142")
BASE = "http://127.0.0.1:1"
KEY = "ac1_0123456789abcdef0123456789"
VERSIONS = tuple(versions.VERSIONS)
JUNE, AUGUST, OCTOBER = VERSIONS


def leadping(api_version: str = JUNE) -> Leadping:
    return Leadping(api_key=DUMMY_API_KEY, base_url=BASE, api_version=api_version)


def said(value: object, status: int = 200, content_type: str = "application/json", **headers: str) -> Response:
    named = {"content-type": content_type, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return Response(status, named, json.dumps(value).encode())


def problem(status: int, title: str = "No", **more: Any) -> Response:
    return said({"type": "https://leadping.ai/docs/errors/x", "title": title, "status": status, **more}, status)


def page(*rows: dict[str, Any], token: str | None = None) -> Response:
    return said({"items": list(rows), "pageSize": 100, "continuationToken": token})


def row(number: str = NUMBER, id: str | None = "num_1", **more: Any) -> dict[str, Any]:
    return {"id": id, "number": number, "name": "Main", "status": "Active", **more}


def record(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {
        "id": "num_1",
        "number": number,
        "name": "Main",
        "enabled": True,
        "status": "Active",
        "business": {"id": "biz_1", "name": "Example Inc"},
        **more,
    }


def requests(effects: list[Any]) -> list[Request]:
    return [effect for effect in effects if isinstance(effect, Request)]


def bodies(effects: list[Any]) -> list[Any]:
    return [json.loads(request.body) for request in requests(effects) if request.body is not None]


def draft(key: str = KEY) -> Draft:
    return Draft(provider="leadping", account="leadping", number=NUMBER, key=key, body=b'{"name":"x"}')


def attempt() -> Attempt:
    return Attempt(draft=draft(), state=AttemptState.IN_DOUBT, first_sent=0.0, last_sent=0.0)


def calling(simulator: LeadpingSimulator, clock: VirtualClock | None = None, **settings: Any) -> Client[Leadping]:
    provider = Leadping(api_key=DUMMY_API_KEY, base_url=BASE, api_version=simulator.api_version, **settings)
    return Client(provider, transport=SimTransport({BASE: simulator}), clock=clock or VirtualClock())
