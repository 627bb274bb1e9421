"""Bodies of requests, and pages of lists (``RequestDataOptions``)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from anycarrier.simulator import Call, Refused

__all__ = ["body_of", "page_of"]

PAGE_DEFAULT, PAGE_MOST = 50, 100


def body_of(call: Call) -> dict[str, Any]:
    """Return the object in the body."""
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "Request validation failed", kind="validation", errors={"$": ["A JSON object is needed."]})
    return body


def page_of(rows: Sequence[dict[str, Any]], body: Mapping[str, Any], *, stuck: bool) -> dict[str, Any]:
    """Return the page of *rows* that *body* asks for; a *stuck* list repeats its token without end."""
    size = body.get("pageSize")
    size = min(size, PAGE_MOST) if isinstance(size, int) and size > 0 else PAGE_DEFAULT
    found = [row for row in rows if _searched(row, body) and _filtered(row, body)]
    start = _place_of(body.get("continuationToken"))
    more = start + size < len(found) or stuck
    following = start if stuck and start else start + size
    return {
        "items": found[start : start + size],
        "pageSize": size,
        "totalCount": len(found) if body.get("includeCount") is True else None,
        "continuationToken": _token(following) if more else None,
    }


def _searched(row: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    wanted = body.get("search")
    if not isinstance(wanted, str) or not wanted:
        return True
    fields = body.get("searchFields") or ["name", "number"]
    return any(wanted.casefold() in str(row.get(field) or "").casefold() for field in fields)


def _filtered(row: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    return all(row.get(one.get("field")) == one.get("value") for one in body.get("filters") or ())


def _token(place: int) -> str:
    return base64.b64encode(f'{{"token":"+RID:{place}"}}'.encode()).decode()


def _place_of(token: object) -> int:
    if not isinstance(token, str) or not token:
        return 0
    try:
        return int(base64.b64decode(token, validate=True).decode().removeprefix('{"token":"+RID:').removesuffix('"}'))
    except ValueError:
        raise Refused(400, "Request validation failed", errors={"continuationToken": ["It is not one."]}) from None
