"""Outcomes of one operation at several providers, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from anycarrier.capabilities import lacks
from anycarrier.errors import AnyCarrierError, OrderExhausted
from anycarrier.exchange import Done, Exchange, Failed
from anycarrier.features import OPERATIONS

__all__ = ["all_failed", "in_turn", "operation_of", "split"]

T = TypeVar("T")


def operation_of(member: Any, name: str) -> Callable[..., Any]:
    """The member's method of an operation; where it has none, a method whose exchange refuses."""

    def refused(*_: object, **__: object) -> Exchange[Any]:
        raise lacks(member, name)
        yield

    method: Callable[..., object] = getattr(member, OPERATIONS[name].method, refused)
    return method


def split(
    asked: Mapping[str, object], outcomes: Sequence[Done[T] | Failed]
) -> tuple[dict[str, T], dict[str, AnyCarrierError]]:
    """Results and errors by account; an error of another kind is a bug and is raised."""
    found: dict[str, T] = {}
    failed: dict[str, AnyCarrierError] = {}
    for account, outcome in zip(asked, outcomes, strict=True):
        if isinstance(outcome, Done):
            found[account] = outcome.value
        elif isinstance(outcome.error, AnyCarrierError):
            failed[account] = outcome.error
        else:
            raise outcome.error
    return found, failed


def all_failed(operation: str, failed: Mapping[str, AnyCarrierError]) -> AnyCarrierError:
    """The error for an operation that every account has failed."""
    reasons = {account: str(error) for account, error in failed.items()}
    told = "; ".join(reasons.values())
    return OrderExhausted(f"no provider answered: {told}", operation=operation, reasons=reasons, safe_elsewhere=True)


def in_turn(lists: Iterable[Sequence[T]]) -> list[T]:
    """The items of *lists*, one of each in turn."""
    columns = list(lists)
    longest = max(map(len, columns), default=0)
    return [column[row] for row in range(longest) for column in columns if row < len(column)]
