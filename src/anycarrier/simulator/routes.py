"""Marks of a simulator's methods: the route that one serves, or that it is an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from attrs import frozen

from anycarrier.simulator.messages import Call, SimAnswer

__all__ = ["Route", "event", "route"]

H = TypeVar("H", bound=Callable[[Any, Call], SimAnswer])
E = TypeVar("E", bound=Callable[..., None])


@frozen
class Route:
    """One line of the route table."""

    method: str
    path: str
    operation: str
    open: bool
    success: int


def route(method: str, path: str, *, open: bool = False, success: int = 200) -> Callable[[H], H]:
    """Serve *method* and *path* template with this method of a simulator; its name is the operation's.

    Args:
        open: whether it needs no credentials.
        success: status of its good answer, for faults that fake one.
    """

    def mark(handler: H) -> H:
        lines: list[Route] = getattr(handler, "_routes", [])
        lines.append(Route(method, path, getattr(handler, "__name__", ""), open, success))
        vars(handler)["_routes"] = lines
        return handler

    return mark


def event(handler: E) -> E:
    """Let this method of a simulator happen by its name, see :meth:`~anycarrier.simulator.Simulator.happen`."""
    vars(handler)["_event"] = True
    return handler
