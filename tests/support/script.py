"""Answers for a script, and runs of an exchange with it in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from anycarrier.errors import AnyCarrierError, TransportError
from anycarrier.exchange import Emit, Request, Response
from anycarrier.testing import Script, VirtualClock


def answer(body: Any = None, status: int = 200, **headers: str) -> Response:
    """Response with *body* as JSON, or as its very bytes. Headers: ``retry_after="3"``."""
    raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def lost(kind: str = "timeout") -> TransportError:
    """The request may have been carried out."""
    return TransportError("no answer", kind=kind, maybe_applied=True)


def unsent() -> TransportError:
    """The request provably was not sent."""
    return TransportError("refused", kind="connect", maybe_applied=False)


def play(exchange: Any, *outcomes: Any) -> tuple[Any, list[Request]]:
    """Return the value of *exchange* and its requests. All *outcomes* must be used."""
    script = Script(*outcomes)
    value = script.run(exchange)
    assert not script.outcomes, "outcomes were left over"
    return value, script.requests


def items(listing: Any, *outcomes: Any, chunk: int = 65536) -> tuple[list[Any], list[Request]]:
    """Return the items of *listing* and its requests. All *outcomes* must be used."""
    script = Script(*outcomes, chunk=chunk)
    assert script.run(listing) is None
    assert not script.outcomes, "outcomes were left over"
    return script.emitted, script.requests


def failing(exchange: Any, *outcomes: Any, chunk: int = 65536) -> tuple[AnyCarrierError, Script]:
    """Return the error that *exchange* ends in, and its script."""
    script = Script(*outcomes, chunk=chunk)
    try:
        value = script.run(exchange)
    except AnyCarrierError as error:
        return error, script
    raise AssertionError(f"no error, but {value!r}")


def drive(exchange: Any, *outcomes: Any, clock: VirtualClock | None = None) -> tuple[Any, list[Any]]:
    """Return the value, the items or the error of *exchange*, and its effects without those of listings."""
    script = Script(*outcomes, clock=clock)
    try:
        value = script.run(exchange)
    except Exception as error:  # noqa: BLE001 - the outcome that a test is about
        value = error
    effects = [effect for effect in script.effects if not isinstance(effect, Emit)]
    return (script.emitted if value is None and script.batches else value), effects


def json_of(request: Request) -> Any:
    """A request's body, decoded."""
    assert request.body is not None
    return json.loads(request.body)


def query_of(request: Request) -> Mapping[str, str]:
    """A request's query; no name repeats."""
    assert len(dict(request.query)) == len(request.query)
    return dict(request.query)
