"""Mistakes about routes: where calls and texts of a number go."""

from __future__ import annotations

from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange
from anycarrier.model import ForwardTo, NoForward, OwnedNumber, Route, Target
from anycarrier.testing.mutants.changes import doing
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own


class RouteResetsOthers(Break):
    def route(self, own: Own[OwnedNumber], target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        yield from own(target, *routes)
        self.strikes += any(isinstance(route, ForwardTo) for route in routes)
        return (yield from own(target, NoForward()))


class ContradictionAccepted(Break):
    def route(self, own: Own[OwnedNumber], target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        self.strikes += len(routes) > 1
        first, *others = routes
        owned = yield from own(target, first)
        for route in others:
            owned = yield from own(target, route)
        return owned


class AppliedForgotten(Break):
    def route(self, own: Own[OwnedNumber], target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        try:
            return (yield from own(target, *routes))
        except AnyCarrierError as error:
            if error.applied:
                error.applied = self.struck(())
            raise


ROUTES: dict[str, Mutant] = {
    "route-does-nothing": Mutant(
        means="route() routes nothing",
        way=doing("route"),
        cases=["test_each_route_takes_effect_and_leaves_the_others"],
        needs=["route"],
    ),
    "route-resets-others": Mutant(
        means="a route takes another one away",
        way=RouteResetsOthers,
        cases=["test_each_route_takes_effect_and_leaves_the_others"],
        needs=["route.forward", "route.gateway"],
    ),
    "contradiction-accepted": Mutant(
        means="routes that contradict each other are accepted",
        way=ContradictionAccepted,
        cases=["test_routes_that_contradict_each_other_are_refused"],
        needs=["route"],
    ),
    "applied-forgotten": Mutant(
        means="a route that fails does not say what was applied before",
        way=AppliedForgotten,
        cases=["test_a_route_that_fails_says_what_was_applied_before"],
        needs=["route"],
    ),
}
