"""How a request is made, its answer read and its errors told; shared by the areas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

from attrs import frozen

from anycarrier.decoding import Record, read, read_value
from anycarrier.engine.retry import RetryPolicy
from anycarrier.errors import AnyCarrierError, InvalidInput, ProviderDown
from anycarrier.exchange import Exchange, Purpose, Request, Response
from anycarrier.hints import checked_methods
from anycarrier.model import Target, number_of
from anycarrier.wire import ask, json_body, load_json, pairs, parse_json, says_done, status_error, unexpected
from anycarrier_adapters.voicetel import schemas

__all__ = ["ONCE", "PROVIDER", "Base", "Data", "checked", "error_of", "joined", "ten_digit"]

R = TypeVar("R", bound=Record)

PROVIDER = "voicetel"
ORDERS = "/v2.2/orders"
ONCE = RetryPolicy(attempts=1)
"""For what VoiceTel allows six times an hour: repeating it by itself would use that up."""

Data: TypeAlias = Mapping[str, Any]
"""The ``data`` of an answer as VoiceTel sends it: the official document says what is in it."""


@frozen
class Base:
    """One account, by its id; the session knows its key."""

    account: str

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        checked_methods(cls)

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Data | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        purpose: Purpose | None = None,
        authenticated: bool = True,
        stream: bool = False,
        **values: str | int,
    ) -> Request:
        return Request(
            account=self.account, operation=operation, method=method, path=path,
            path_values={name: str(value) for name, value in values.items()}, query=pairs(**(query or {})),
            body=body if body is None or isinstance(body, bytes) else json_body(body), headers=headers or {},
            purpose=purpose or ("read" if method == "GET" else "write"), authenticated=authenticated, stream=stream,
        )  # fmt: skip

    def _answer(
        self,
        kind: type[R],
        request: Request,
        accept: Iterable[int] = (200,),
        policy: RetryPolicy | None = None,
        **echoed: object,
    ) -> Exchange[tuple[R, Response]]:
        """The record that is the ``data`` of the answer; the number and *echoed* in it are those of the request."""
        response = yield from ask(request, error_of, accept=accept, policy=policy)
        record = read(kind, request, response, provider=PROVIDER, at=("data",), envelope=schemas.Success)
        said: str | None = getattr(record, "number", None)
        self._about(request, response, said and said.removeprefix("+1"))
        for name, value in echoed.items():
            if getattr(record, name) not in (None, str(value)):
                raise unexpected(request, response, f"it is about another {name} than was asked", provider=PROVIDER)
        return record, response

    def _about(self, request: Request, response: Response, said: str | None) -> None:
        asked = request.path_values.get("number")
        if asked and said not in (None, asked):
            raise unexpected(request, response, "it is about another number than was asked", provider=PROVIDER)

    def _unread(self, request: Request, response: Response) -> Data:
        """The ``data`` of the answer."""
        body = parse_json(request, response, provider=PROVIDER)
        data = read_value(schemas.Answer, body, request, response, provider=PROVIDER).data
        self._about(request, response, _text(data.get("number")))
        return data

    def _data(
        self,
        operation: str,
        method: str,
        path: str,
        accept: Iterable[int] = (200,),
        policy: RetryPolicy | None = None,
        **how: Any,
    ) -> Exchange[Data]:
        request = self._request(operation, method, path, **how)
        response = yield from ask(request, error_of, accept=accept, policy=policy)
        return self._unread(request, response)

    def _rows(self, operation: str, path: str, member: str, **how: Any) -> Exchange[list[Data]]:
        """The one array that the answer is about."""
        request = self._request(operation, "GET", path, **how)
        response = yield from ask(request, error_of)
        rows = self._unread(request, response).get(member)
        if not isinstance(rows, list):
            raise unexpected(request, response, f"data.{member}: a list was expected", provider=PROVIDER)
        return rows

    def _done(self, operation: str, method: str, path: str, **how: Any) -> Exchange[None]:
        """For answers without a body: 204. A 200 must be of the envelope's form."""
        request = self._request(operation, method, path, **how)
        response = yield from ask(request, error_of, accept=(200, 204))
        if response.status == 200:
            self._unread(request, response)


def ten_digit(target: Target) -> str:
    """The ten digits that VoiceTel knows a number by; raises ``InvalidNumber`` for one that has none."""
    return number_of(target).ten_digit


def joined(targets: Iterable[Target], most: int = 1000) -> list[str]:
    """1 to *most* numbers for one query parameter."""
    numbers = [ten_digit(target) for target in targets]
    if not 1 <= len(numbers) <= most:
        raise InvalidInput(f"give 1 to {most} numbers, not {len(numbers)}")
    return numbers


def checked(name: str, value: str, form: str, said: str) -> str:
    """*value* if it has the *form* that the official document gives; the error says it in words."""
    if not re.fullmatch(form, value):
        raise InvalidInput(f"{name} must be {said}")
    return value


def error_of(request: Request, response: Response) -> AnyCarrierError:
    """The error of an answer.

    Only VoiceTel's own envelope proves anything: that a number is not on the account (404), or that an order was
    refused: with a 4xx, or a 502, which is documented to come before any write. From something in between the same
    statuses prove nothing.
    """
    body = _object(response.body)
    error = body.get("error")
    ours = body.get("status") == "error" and isinstance(error, dict) and isinstance(error.get("message"), str)
    if response.status in (404, 410) and not (ours and "data" not in body):
        return unexpected(request, response, "404 without VoiceTel's error object", provider=PROVIDER)
    code, detail = _said(body)
    done = _done_already(body)
    maybe_applied = True if done else None
    safe_elsewhere = None
    proves = request.purpose == "purchase" and ours and _is_plain(body, response.status)
    before_any_write = proves and response.status == 502 and request.path == ORDERS
    if proves and (400 <= response.status < 500 or before_any_write):
        maybe_applied = False
        safe_elsewhere = True if before_any_write else None
    made = status_error(
        request, response, provider=PROVIDER, code=code, detail=detail, maybe_applied=maybe_applied,
        safe_elsewhere=safe_elsewhere, error_class=ProviderDown if before_any_write else None,
    )  # fmt: skip
    made.applied = done
    return made


def _is_plain(body: Data, status: int) -> bool:
    """Whether VoiceTel's error envelope is whole and does not contradict itself.

    ``error.code`` repeats the status; the examples of the official document have 400 under every one. An envelope with
    ``data`` is one of a change that was made in part, which no refused purchase is.
    """
    code = body["error"].get("code")
    return (
        isinstance(code, int) and not isinstance(code, bool) and code in (status, 400) and "data" not in body
        and not says_done(body)
    )  # fmt: skip


def _object(body: bytes) -> Data:
    """The JSON object that an error's body is; empty when it is none."""
    try:
        value = load_json(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _said(body: Data) -> tuple[str | None, str | None]:
    """Code and words. ``error`` is an object in the contract; plain text and members at the top are read too."""
    error = body.get("error")
    source = error if isinstance(error, dict) else {**body, "message": error or body.get("message")}
    words = [part for part in (_text(source.get("message")), _text(source.get("requirement"))) if part]
    words += [
        f"{_text(item.get('field') or item.get('cidr'))}: {_text(item.get('message') or item.get('reason'))}"
        for item in (*_items(body, "errors"), *_items(body.get("data"), "failed"))
    ]
    return _text(source.get("code")), "; ".join(words) or None


def _done_already(body: Data) -> tuple[Data, ...]:
    """What took effect before the error: an ACL or the authentication settings can be changed in part."""
    data = body.get("data")
    return (*_items(body, "updated"), *_items(data, "added"), *_items(data, "removed"))


def _items(holder: object, name: str) -> list[Data]:
    items = holder.get(name) if isinstance(holder, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "" else None
