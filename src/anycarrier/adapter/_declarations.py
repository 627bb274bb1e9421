"""Declarations of endpoints: requests that read, write or buy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypedDict, TypeVar, Unpack, overload

from anycarrier.decoding import Path, Record, Rows, Success
from anycarrier.engine.retry import RetryPolicy
from anycarrier.exchange import Response

from ._decoders import Decode
from ._endpoints import Endpoint

__all__ = ["buys", "reads", "reads_rows", "writes"]

T = TypeVar("T")
R = TypeVar("R", bound=Record)
W = TypeVar("W", bound=Record)


class RowOptions(TypedDict, total=False):
    """Attributes of an :class:`Endpoint`, by name."""

    accept: tuple[int, ...]
    operation: str
    content: Literal["json", "form", "xml"]
    decode: Decode | None
    policy: RetryPolicy | None
    stream: bool
    authenticated: bool
    origin: str
    nulls: bool
    envelope: type[Record] | None
    prepare: Callable[[Response], Response] | None


class Options(RowOptions, total=False):
    """The same, for one record."""

    at: Path


@overload
def reads(path: str, record: type[T], *, method: str = "GET", **more: Unpack[Options]) -> Endpoint[T]: ...
@overload
def reads(path: str, *, method: str = "GET", **more: Unpack[Options]) -> Endpoint[None]: ...
def reads(path: str, record: Any = None, *, method: str = "GET", **more: Unpack[Options]) -> Endpoint[Any]:
    """An endpoint that changes nothing; *more* are attributes of :class:`Endpoint`."""
    return Endpoint(method, path, record, purpose="read", **more)


def reads_rows(
    path: str,
    record: type[R],
    *,
    at: Path,
    around: type[W] = Record,  # type: ignore[assignment]
    method: str = "GET",
    some: bool = False,
    **more: Unpack[RowOptions],
) -> Endpoint[Rows[R, W]]:
    """An endpoint that gives a list of records.

    Args:
        path: template.
        record: class of one row.
        at: names that lead to the list.
        around: record of the object that holds the list: cursor, total.
        method: HTTP method.
        some: refuse an answer of which no row can be read though there are some, as searches do.
        more: attributes of :class:`Endpoint`.
    """
    more.setdefault("envelope", Success)
    return Endpoint(method, path, record, purpose="read", at=at, around=around, some=some, **more)


@overload
def writes(method: str, path: str, record: type[T], **more: Unpack[Options]) -> Endpoint[T]: ...
@overload
def writes(method: str, path: str, **more: Unpack[Options]) -> Endpoint[None]: ...
def writes(method: str, path: str, record: Any = None, **more: Unpack[Options]) -> Endpoint[Any]:
    """An endpoint that changes something and costs nothing; *more* are attributes of :class:`Endpoint`."""
    return Endpoint(method, path, record, purpose="write", **more)


def buys(path: str, record: type[T], *, method: str = "POST", **more: Unpack[Options]) -> Endpoint[T]:
    """An endpoint that spends money, and is sent once; *more* are attributes of :class:`Endpoint`."""
    more.setdefault("envelope", Success)
    return Endpoint(method, path, record, purpose="purchase", **more)
