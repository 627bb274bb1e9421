"""The body of an answer, and where in it the payload is.

Which version was asked for does not decide the shape; the answer does. v3 documents an envelope ``{status, data,
message, statusCode}`` for the list and the purchase alone, and no answer at all for search and pools.
"""

from __future__ import annotations

from typing import Any

from anycarrier.exchange import Request, Response
from anycarrier.wire import parse_json, says_failed, unexpected

__all__ = ["Path", "decoded", "payload"]

Path = tuple[str | int, ...]


def decoded(request: Request, response: Response, *, provider: str) -> Any:
    """Parse the body as JSON with exact decimals.

    Raises:
        UnexpectedResponse: it is no JSON, or says that it failed.
    """
    body = parse_json(request, response, provider=provider, exact=True)
    if problem := says_failed(body, response.status):
        raise unexpected(request, response, f"with status {response.status}, {problem}", provider=provider)
    return body


def payload(body: Any, *names: str) -> tuple[Any, Path]:
    """What carries one of *names*, and its path: the envelope's ``data``, else the body itself."""
    if isinstance(body, dict):
        inner = body.get("data")
        if isinstance(inner, dict) and (body.get("status") == "success" or any(name in inner for name in names)):
            return inner, ("data",)
    return body, ()
