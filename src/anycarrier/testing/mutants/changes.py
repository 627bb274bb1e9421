"""Mistakes about every kind of change: answers that are believed, changes that are not made, or made twice."""

from __future__ import annotations

from collections.abc import Callable

from anycarrier.attempt import Draft
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    OwnedNumber,
    Release,
    ReleaseState,
    Route,
    Target,
    Transfer,
    number_of,
)
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own, T, succeeded

STATUS = "test_a_status_becomes_its_error"
SUCCESS = "test_a_success_that_is_none_is_not_believed"


class Believes(Break):
    """Takes any success for the change."""

    def release(self, own: Own[Release], target: Target) -> Exchange[Release]:
        return self._believed(own(target), lambda: self._released(target))

    def transfer(self, own: Own[Transfer], target: Target, to_account: str, **more: object) -> Exchange[Transfer]:
        def moved() -> Transfer:
            mine = self.owned(number_of(target))
            return Transfer(provider=mine.provider, account=mine.account, number=mine.number, to_account=to_account)

        return self._believed(own(target, to_account, **more), moved)

    def bind_campaign(self, own: Own[CampaignBinding], target: Target, campaign_id: str) -> Exchange[CampaignBinding]:
        def bound() -> CampaignBinding:
            return self._binding(target, campaign_id, BindingStatus.ACTIVE)

        return self._believed(own(target, campaign_id), bound)

    def route(self, own: Own[OwnedNumber], target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        return self._believed(own(target, *routes), lambda: self.owned(number_of(target)))

    def _believed(self, exchange: Exchange[T], made: Callable[[], T]) -> Exchange[T]:
        try:
            return (yield from exchange)
        except AnyCarrierError as error:
            if succeeded(error):
                return self.struck(made())
            raise

    def _released(self, target: Target) -> Release:
        mine = self.owned(number_of(target))
        released = ReleaseState.RELEASED
        return Release(provider=mine.provider, account=mine.account, number=mine.number, state=released)

    def _binding(self, target: Target, campaign_id: str | None, status: BindingStatus) -> CampaignBinding:
        mine = self.owned(number_of(target))
        return CampaignBinding(
            provider=mine.provider, account=mine.account, number=mine.number, campaign_id=campaign_id, status=status
        )


def _only(way: type[Break], operation: str) -> type[Break]:
    """*way*, for one operation alone."""
    helpers = {name: member for name, member in vars(Believes).items() if name[0] == "_" and name[1] != "_"}
    return type(way.__name__, (Break,), {operation: vars(way)[operation], **helpers})


def _believing(operation: str) -> type[Break]:
    return _only(Believes, operation)


class DoesNothing(Believes):
    """Says that it was done, and sends nothing."""

    def transfer(self, own: Own[Transfer], target: Target, to_account: str, **more: object) -> Exchange[Transfer]:
        yield from ()
        mine = self.owned(number_of(target))
        return self.struck(
            Transfer(provider=mine.provider, account=mine.account, number=mine.number, to_account=to_account)
        )

    def route(self, own: Own[OwnedNumber], target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        self.strikes += 1
        found: OwnedNumber = yield from self.provider.get(target)
        return found

    def bind_campaign(self, own: Own[CampaignBinding], target: Target, campaign_id: str) -> Exchange[CampaignBinding]:
        yield from ()
        return self.struck(self._binding(target, campaign_id, BindingStatus.ACTIVE))

    def unbind_campaign(
        self, own: Own[CampaignBinding], target: Target, campaign_id: str | None = None
    ) -> Exchange[CampaignBinding]:
        yield from ()
        return self.struck(self._binding(target, campaign_id, BindingStatus.UNBOUND))


def doing(operation: str) -> type[Break]:
    return _only(DoesNothing, operation)


class ChangeSentAgain(Break):
    """Sends a change again by itself when its answer is lost."""

    def every(self, own: Own[T], *given: object, **more: object) -> Exchange[T]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError as error:
            if not error.maybe_applied:
                raise
            self.strikes += 1
        return (yield from own(*given, **more))

    def place(self, own: Own[OwnedNumber], draft: Draft) -> Exchange[OwnedNumber]:
        return own(draft)


class DoubtIsHidden(Break):
    """A change that may have been made is reported as not made."""

    def every(self, own: Own[T], *given: object, **more: object) -> Exchange[T]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError as error:
            if error.maybe_applied:
                error.maybe_applied = self.struck(False)
            raise

    def place(self, own: Own[OwnedNumber], draft: Draft) -> Exchange[OwnedNumber]:
        return own(draft)


CHANGES: dict[str, Mutant] = {
    "change-sent-again": Mutant(
        means="a change is sent again when its answer is lost",
        way=ChangeSentAgain,
        cases=[STATUS, SUCCESS],
        never="there is nothing that it can change",
    ),
    "doubt-is-hidden": Mutant(
        means="a change that may have been made is reported as not made",
        way=DoubtIsHidden,
        cases=[STATUS, SUCCESS],
        never="there is nothing that it can change",
    ),
}
CHANGES.update(
    (
        f"{name}-believes",
        Mutant(means=f"{name}() believes any answer of 2xx", way=_believing(name), cases=[SUCCESS], needs=[name]),
    )
    for name in ("release", "transfer", "bind_campaign", "route")
)
