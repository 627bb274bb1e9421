"""Routes as a table: for each kind of route, the endpoint that sets it and the body that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import frozen

from anycarrier.capabilities import require
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.exchange import Exchange
from anycarrier.features import Can, Evidence, Support, refusal
from anycarrier.model import Route
from anycarrier.validation import shape

from ._endpoints import Api, Bound, Endpoint
from ._messages import Body

__all__ = ["RouteRow", "rows_for", "sets"]

R = TypeVar("R", bound=Route)


@frozen
class RouteRow(Generic[R]):
    """One row of ``routing``; made by :func:`sets`."""

    kind: type[R]
    endpoint: Endpoint[Any]
    body: Callable[[R], Mapping[str, Any]] | None
    slot: str
    ignore: tuple[type[AnyCarrierError], ...]
    support: Support

    def set(self, api: Api, body: Body, address: Mapping[str, str]) -> Exchange[bool]:
        """Send the request; returns ``False`` for an error that may mean that it was so already."""
        try:
            yield from Bound(self.endpoint, api).ask(None, body, None, None, address)
        except self.ignore:
            return False
        return True


def sets(
    kind: type[R],
    endpoint: Endpoint[Any],
    body: Callable[[R], Mapping[str, Any]] | None = None,
    *,
    slot: str = "",
    ignore: type[AnyCarrierError] | tuple[type[AnyCarrierError], ...] = (),
    note: str = "",
    evidence: Evidence = Evidence.DOCUMENTED,
) -> RouteRow[R]:
    """A row of ``routing``: routes of *kind* are set by *endpoint*.

    Args:
        kind: class of the route, such as ``ForwardTo``, or a provider's own one.
        endpoint: such as ``Api.set_forward``; its path values are those of ``address``.
        body: makes the body's members of a route; raises ``InvalidInput`` for one that the provider cannot take. It is
            called for every route before the first request.
        slot: what the route takes: two routes with the same slot contradict each other. Else the endpoint's path.
        ignore: errors that mean that it was so already, such as ``NotFound`` of a removal.
        note: of the route's row in ``supports``; the first row of a feature has it.
        evidence: of that row.
    """
    ignored = ignore if isinstance(ignore, tuple) else (ignore,)
    return RouteRow(kind, endpoint, body, slot or endpoint.path, ignored, Can(evidence, note))


def rows_for(
    provider: Any, table: Sequence[RouteRow[Any]], routes: Sequence[Route]
) -> list[tuple[Route, RouteRow[Any], Body]]:
    """The row and the body of each route.

    Raises:
        InvalidInput: no route, something that is none, or two that contradict each other.
        Unsupported: a route that the provider does not have.
    """
    steps: list[tuple[Route, RouteRow[Any], Body]] = []
    for route in routes:
        if not isinstance(route, Route):
            raise InvalidInput(f"a route must be an object such as ToGateway(1000) or NoTexts(), not {shape(route)}")
        row = next((row for row in table if isinstance(route, row.kind)), None)
        if row is None:
            require(provider, route.feature)
            kind = type(route).__name__
            raise refusal(provider.name, route.feature, f"{provider.title} has nothing like {kind}")
        require(provider, route.feature)
        steps.append((route, row, None if row.body is None else row.body(route)))
    if not steps:
        raise InvalidInput("name at least one route")
    slots = [row.slot for _, row, _ in steps]
    if len({*slots}) < len(slots):
        raise InvalidInput("two of the routes contradict each other")
    return steps
