"""Where a number's calls and texts go, as its record states it."""

from __future__ import annotations

from anycarrier.model import ForwardTo, NoForward, NoTexts, Route, ToGateway
from anycarrier.numbers import PhoneNumber

__all__ = ["stated"]


def stated(
    gateway: int | None, forward: bool | None, forward_to: PhoneNumber | None, texts: bool | None
) -> tuple[Route, ...] | None:
    """The routes; ``None`` where the record says nothing about any."""
    routes: list[Route] = []
    if gateway is not None:
        routes.append(ToGateway(gateway))
    if forward and forward_to:
        routes.append(ForwardTo(forward_to))
    elif forward is False:
        routes.append(NoForward())
    if texts is False:
        routes.append(NoTexts())
    return tuple(routes) or None
