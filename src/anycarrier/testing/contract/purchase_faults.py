"""Cases of purchases under faults: nothing is paid twice, and nothing that was paid is forgotten."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from attrs import evolve

from anycarrier.errors import AnyCarrierError, OutcomeUnknown, ProviderError
from anycarrier.model import Offer, OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import STANDARD, Fault, Simulator
from anycarrier.testing.fakes import AnyClient, VirtualClock
from anycarrier.testing.provider_case import ProviderCase
from anycarrier.transports.protocol import WireRequest

__all__ = ["PurchaseFaultCases", "purchases"]

LONG = 600.0
"""Seconds after which every late work of a simulator is done."""


class PurchaseFaultCases(ProviderCase):
    """The cases of purchases that break; each failure says what it would cost."""

    @pytest.mark.parametrize("name", sorted(STANDARD))
    def test_whatever_breaks_nothing_is_paid_twice_or_forgotten(
        self, name: str, phone: AnyClient, played: Simulator, clock: VirtualClock
    ) -> None:
        self.breaks(STANDARD[name], name, phone, played, clock)

    def breaks(self, fault: Fault, name: str, phone: AnyClient, played: Simulator, clock: VirtualClock) -> None:
        """Buy while *fault* strikes the purchase, and compare the outcome with the charges."""
        rules = phone.provider.rules
        if name in self.impossible or _proves_refusal(fault, rules.refusals):
            return
        offer = phone.search(self.criteria)[0]
        played.faults.add(evolve(fault, operation=self.purchase))
        outcome = self._bought_or_resolved(phone, offer, clock)
        clock.sleep(LONG)
        charged = len(self.charges(played, offer.number))
        if isinstance(outcome, AnyCarrierError):
            assert not outcome.maybe_applied, f"{name}: {outcome!r} ends it, and says that it may have been bought"
            assert not charged, (
                f"paid and forgotten under {name}: buy() says {outcome!r}, that is not bought, and the account was "
                "charged. `place` takes an answer for a refusal that is none: maybe_applied must be true for it; or "
                "`look` takes for absence what is none"
            )
        else:
            assert outcome.number == offer.number
            assert charged, f"reported and not bought under {name}: buy() returns a number that was never charged"
        assert charged <= 1, f"paid twice under {name}"
        sent = [(seen.mark, seen.digest) for seen in played.ledger.requests if seen.operation == self.purchase]
        assert len({*sent}) == 1, (
            f"{name}: the purchase was sent again with another key or other bytes, so the provider cannot know that it "
            "is the same: `place` must send the draft's key and body and nothing of the moment"
        )
        if fault.works and not rules.replay:
            assert len(sent) == 1, f"{name}: the purchase was sent {len(sent)} times, and no key is replayed here"

    def _bought_or_resolved(self, phone: AnyClient, offer: Offer, clock: VirtualClock) -> OwnedNumber | AnyCarrierError:
        try:
            return phone.buy(offer, deadline=1200)  # type: ignore[no-any-return]
        except OutcomeUnknown as unknown:
            clock.sleep(LONG)
            known = pickle.loads(pickle.dumps(unknown))  # noqa: S301 - our own
        except AnyCarrierError as error:
            return error
        try:
            return phone.resolve(known, deadline=3600)  # type: ignore[no-any-return]
        except OutcomeUnknown as unknown:
            unknown.add_note("the provider answers again, and still `look` finds neither the number nor its absence")
            raise
        except AnyCarrierError as error:
            return error

    def test_a_purchase_that_cannot_be_resolved_in_time_says_so(self, phone: AnyClient, played: Simulator) -> None:
        offer = phone.search(self.criteria)[0]
        played.fault("reset", times=None, done=True)
        with pytest.raises(OutcomeUnknown) as caught:
            phone.buy(offer, deadline=5)
        assert caught.value.number == offer.number
        assert caught.value.maybe_applied
        assert not caught.value.safe_elsewhere
        played.faults.clear()
        assert phone.resolve(caught.value, deadline=3600).number == offer.number
        assert len(self.charges(played, offer.number)) == 1

    def test_a_number_that_is_not_for_sale_is_refused_for_certain(self, phone: AnyClient, played: Simulator) -> None:
        with pytest.raises(ProviderError) as caught:
            phone.buy(self.absent, deadline=3600)
        assert not caught.value.maybe_applied
        assert caught.value.safe_elsewhere
        assert not self.charges(played, PhoneNumber(self.absent))


def purchases(phone: AnyClient) -> list[WireRequest]:
    """The purchases that were sent."""
    return [request for request in phone.sent if request.purpose == "purchase"]


def _proves_refusal(fault: Fault, refusals: Any) -> bool:
    """Return whether the provider documents that its own answer, as *fault* gives it, comes before any work."""
    return fault.works and fault.kind == "error" and fault.page == "json" and (fault.status or 500) in refusals
