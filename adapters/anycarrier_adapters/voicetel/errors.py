"""Error responses of VoiceTel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anycarrier.adapter import (
    AnyCarrierError,
    ErrorTable,
    OutcomeUnknown,
    PhoneNumber,
    ProviderDown,
    Request,
    Response,
    Said,
    means,
)

__all__ = ["ERRORS", "in_doubt"]

ORDERS = "/v2.2/orders"


class Errors(ErrorTable):
    """Table with the words of VoiceTel's envelope, and what took effect before an error.

    Only the envelope proves anything: that a number is not on the account (404), or that an order was refused: with a
    4xx, or with a 502 of an order, which is documented to come before any write.
    """

    def said(self, response: Response) -> Said:
        said = super().said(response)
        error = said.body.get("error")
        source = error if isinstance(error, dict) else {**said.body, "message": error or said.body.get("message")}
        words = [part for part in (_text(source.get("message")), _text(source.get("requirement"))) if part]
        words += [
            f"{_text(item.get('field') or item.get('cidr'))}: {_text(item.get('message') or item.get('reason'))}"
            for item in (*_items(said.body, "errors"), *_items(said.body.get("data"), "failed"))
        ]
        return Said(said.body, "; ".join(words) or None, _text(source.get("code")), said.own)

    def refine(self, error: AnyCarrierError, request: Request, response: Response, said: Said) -> None:
        if response.status == 502 and request.purpose == "purchase":
            error.maybe_applied = not (said.own and request.path == ORDERS)
            error.safe_elsewhere = error.safe_elsewhere or not error.maybe_applied
        data = said.body.get("data")
        # An ACL and the authentication settings can be changed in part.
        error.applied = (*_items(said.body, "updated"), *_items(data, "added"), *_items(data, "removed"))
        if error.applied:
            error.maybe_applied = True


def _own(body: Mapping[str, Any], response: Response) -> bool:
    """Return whether VoiceTel's error envelope is complete and does not contradict itself.

    ``error.code`` repeats the status; the examples of the official document have 400 under every one. An envelope with
    ``data`` is one of a change that was made in part, which no refused purchase is.
    """
    error = body.get("error")
    if body.get("status") != "error" or not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return False
    code = error.get("code")
    plain = isinstance(code, int) and not isinstance(code, bool) and code in (response.status, 400)
    return "data" not in body and (plain or response.status in (404, 410))


def _items(holder: object, name: str) -> list[Mapping[str, Any]]:
    items = holder.get(name) if isinstance(holder, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "" else None


ERRORS = Errors(
    detail=("error.message",),
    own=_own,
    refusals=frozenset((*range(400, 500), 502)),
    rows=(means(ProviderDown, 502, only=f"POST {ORDERS}", purpose="purchase"),),
)


def in_doubt(error: AnyCarrierError, numbers: Sequence[PhoneNumber], key: str) -> OutcomeUnknown:
    """The error for an order of several numbers of which *error* does not say what came of it."""
    return OutcomeUnknown(
        "the order may have happened; call order() with the same numbers, route and key to find out",
        provider=error.provider,
        operation="voicetel.order",
        status=error.status,
        code=error.code,
        detail=error.detail,
        request_id=error.request_id,
        number=", ".join(numbers),
        key=key,
    )
