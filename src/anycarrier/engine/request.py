"""Requests as transports send them: URL, headers and credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping

from anycarrier._version import __version__
from anycarrier.engine.accounts import Account, check_reachable
from anycarrier.errors import InvalidInput
from anycarrier.exchange import Request
from anycarrier.transports.protocol import WireRequest

__all__ = ["USER_AGENT", "request_id", "wire_request"]

USER_AGENT = f"anycarrier/{__version__}"


def wire_request(request: Request, account: Account, credentials: Mapping[str, str]) -> WireRequest:
    """*request* with its URL built from the account's base URL, and with *credentials* added."""
    check_reachable(account)
    path = request.path
    if not path.startswith("/") or "//" in path:
        raise InvalidInput(f"a path begins with one slash: {path}")
    for name, value in request.path_values.items():
        if value in ("", ".", ".."):
            raise InvalidInput(f"{name} must not be empty or dots", operation=request.operation)
        path = path.replace("{" + name + "}", _quoted(value))
    if "{" in path:
        raise InvalidInput(f"a path value is missing for {request.path}", operation=request.operation)
    url = account.base_url + path
    if request.query:
        url += "?" + "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in request.query])
    headers = {"accept": "application/json", "user-agent": USER_AGENT, **request.headers, **credentials}
    if request.body is not None:
        headers["content-type"] = request.content_type
    values = "".join(headers.values())
    if not values.isprintable() or not values.isascii() or not "".join(headers).isascii():
        name = next(name for name, value in headers.items() if not (name + value).isascii() or not value.isprintable())
        raise InvalidInput(f"header {name} must be printable ASCII", operation=request.operation)
    return WireRequest(
        method=request.method,
        url=url,
        origin=account.base_url,
        headers=tuple(headers.items()),
        body=request.body,
        purpose=request.purpose,
        stream=request.stream,
        max_bytes=request.max_bytes,
        label=f"{request.method} {request.path}",
    )


_PLAIN = re.compile("[A-Za-z0-9_.~-]*")


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    from urllib.parse import quote  # most requests need none

    return quote(text, safe="")


def request_id(headers: Mapping[str, str]) -> str | None:
    """The provider's id of a request, from the usual headers."""
    for name in ("x-request-id", "request-id", "x-correlation-id", "x-trace-id", "traceparent", "cf-ray"):
        if name in headers:
            return headers[name]
    return None
