"""Cases of desired state: what a provider can set is planned, applied, seen afterwards, and taken back."""

from __future__ import annotations

from typing import Any

from anycarrier.desired_state import ChangeKind, ChangeState, Desired, Plan
from anycarrier.desired_state.model import kind_of_route
from anycarrier.model import OwnedNumber, Route
from anycarrier.testing.fakes import AnyClient
from anycarrier.testing.provider_case import ProviderCase

__all__ = ["DesiredStateCases"]


class DesiredStateCases(ProviderCase):
    """Plans of a number."""

    def desired(self, owned: OwnedNumber) -> Desired:
        """A state in which everything is named that the provider can set."""
        routes: dict[ChangeKind, Route] = {}
        for route in self.routes:
            if self.can(route.feature):
                routes.setdefault(kind_of_route(route), route)
        more: dict[str, Any] = {
            "campaign": self.campaign if self.can("bind_campaign") else None,
            "label": self.label if self.can("set_label") else None,
            "enabled": False if self.can("set_enabled") else None,
            "emergency": self.emergency_address if self.can("set_emergency_address") else None,
        }
        return Desired(owned.number, routes=[*routes.values()], **more)

    def test_what_the_provider_can_set_is_planned_applied_and_seen(self, phone: AnyClient) -> None:
        if not self.can("list"):
            return
        owned = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        desired = self.desired(owned)
        plan: Plan = phone.plan([desired])
        assert [*plan.obstacles] == []
        wanted = {kind for kind, _ in desired.values()}
        planned = {change.what for change in plan.changes}
        assert planned <= wanted
        results = phone.every(phone.apply(plan, confirm=plan.id))
        assert {result.state for result in results} <= {ChangeState.DONE, ChangeState.PENDING, ChangeState.ALREADY}
        assert {step.change.what for result in results for step in result.results} == planned
        # What the provider does not state cannot be seen, and is planned again.
        again = [change for change in phone.plan([desired]).changes if change.before is not None]
        assert again == [], "a change that was made is not seen"

    def test_a_plan_is_taken_back(self, phone: AnyClient) -> None:
        if not self.can("list"):
            return
        owned = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        plan: Plan = phone.plan([self.desired(owned)])
        phone.every(phone.apply(plan, confirm=plan.id))
        undo: Plan = phone.undo(plan)
        assert all(change.before is not None for change in undo.changes)
        phone.every(phone.apply(undo, confirm=undo.id))
        left = {change.what for change in phone.undo(plan).changes}
        unstated = {change.what for change in plan.changes if change.before is None}
        assert left <= unstated, "what was taken back is still there"

    def test_what_the_provider_cannot_set_is_an_obstacle_and_nothing_is_sent(self, phone: AnyClient) -> None:
        if not self.can("list"):
            return
        owned = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        able = {kind for kind, _ in self.desired(owned).values()}
        unable = [route for route in self.routes if not self.can(route.feature)]
        more: dict[str, Any] = {} if ChangeKind.LABEL in able else {"label": self.label}
        if ChangeKind.CAMPAIGN not in able:
            more["campaign"] = self.campaign
        for desired in [*(Desired(owned.number, routes=[route]) for route in unable), Desired(owned.number, **more)]:
            plan: Plan = phone.plan([desired])
            assert [*plan.changes] == []
            if plan.numbers[0].is_same:  # so it is already
                continue
            assert {obstacle.what for obstacle in plan.obstacles} == {kind for kind, _ in desired.values()}
            assert all(obstacle.reason for obstacle in plan.obstacles)
