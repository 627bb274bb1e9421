"""Requests to a simulator, and what comes back: an answer, or a failure of the connection."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

__all__ = [
    "JSON_TYPE",
    "Call",
    "Failure",
    "Headers",
    "Refused",
    "SimAnswer",
    "SimRequest",
    "Window",
    "joined",
    "json_answer",
]

Headers: TypeAlias = tuple[tuple[str, str], ...]
JSON_TYPE: Headers = (("content-type", "application/json"),)


@frozen
class SimRequest:
    """A request as it arrived: header names in lower case, the path as on the wire without its query.

    Attributes:
        query: decoded pairs, in order; a name may repeat.
        client: address of the client, for limits per address.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    client: str = "127.0.0.1"

    def members(self) -> dict[str, Any] | None:
        """Return the members of the body; ``None`` where it is no JSON object."""
        try:
            body = json.loads(self.body)
        except ValueError:
            return None
        return body if isinstance(body, dict) else None


@frozen
class SimAnswer:
    """An answer; it leaves after ``delay`` seconds."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    delay: float = 0.0


@frozen
class Failure:
    """A failure of the connection instead of an answer.

    Attributes:
        how: ``refuse`` (nothing was sent), ``reset``, ``close``, ``hang``, or ``truncate``.
        answer: for ``truncate``, the whole answer, whose length is announced.
        cut: for ``truncate``, the bytes of the body that arrive.
        seconds: for ``hang``, the longest it lasts; for ``refuse``, how long connections are refused.
        delay: seconds before it happens.
    """

    how: Literal["refuse", "reset", "close", "hang", "truncate"]
    answer: SimAnswer | None = None
    cut: int = 0
    seconds: float = 0.0
    delay: float = 0.0


class Refused(Exception):
    """Answer of a handler with the error envelope of :meth:`~anycarrier.simulator.Simulator.error`; to be raised."""

    def __init__(self, status: int, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.more = more


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by their names in lower case, the values of a repeated one joined by commas (RFC 9110 5.3)."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def json_answer(status: int, value: object, headers: Headers = ()) -> SimAnswer:
    """Return *value* as a JSON answer."""
    return SimAnswer(status, JSON_TYPE + headers, json.dumps(value, ensure_ascii=False).encode())


@frozen
class Call:
    """A request that found its route.

    Attributes:
        request: as it arrived.
        values: the decoded path values by name.
        operation: name of the operation.
    """

    request: SimRequest
    values: Mapping[str, str]
    operation: str

    def query(self, name: str) -> str | None:
        """Return the first value of a query parameter, ``None`` where it is absent."""
        return next((value for key, value in self.request.query if key == name), None)

    def queries(self, name: str) -> list[str]:
        """Return every value of a query parameter."""
        return [value for key, value in self.request.query if key == name]

    def header(self, name: str) -> str | None:
        """Return the value of a header, by its name in lower case."""
        return self.request.headers.get(name)

    @property
    def bearer(self) -> str | None:
        """The token of ``Authorization: Bearer``; ``None`` without one."""
        scheme, _, token = (self.header("authorization") or "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def members(self, refusal: str = "The body must be a JSON object.", **more: object) -> dict[str, Any]:
        """Return the members of the body; :class:`Refused` with status 400 where it is no JSON object."""
        body = self.request.members()
        if body is None:
            raise Refused(400, refusal, **more)
        return body

    def json(self) -> Any:
        """Return the body, decoded from JSON; raise ``ValueError`` where it is none."""
        return json.loads(self.request.body)


class Window:
    """Times of the requests within the last seconds, for a rate limit.

    Args:
        seconds: length of the window.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._times: deque[float] = deque()

    def count(self, now: float) -> int:
        """Return how many requests the window holds at *now*."""
        while self._times and now - self._times[0] >= self.seconds:
            self._times.popleft()
        return len(self._times)

    def add(self, now: float) -> None:
        """Count a request."""
        self._times.append(now)

    def wait(self, now: float) -> float:
        """Return the seconds until the oldest request leaves the window."""
        return self._times[0] + self.seconds - now if self.count(now) else self.seconds
