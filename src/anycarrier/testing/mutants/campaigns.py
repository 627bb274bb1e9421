"""Mistakes about 10DLC campaigns: binding a number to one, and reading what it is bound to."""

from __future__ import annotations

from attrs import evolve

from anycarrier.errors import AnyCarrierError, NotFound
from anycarrier.exchange import Exchange
from anycarrier.model import BindingStatus, CampaignBinding, Target
from anycarrier.testing.mutants.changes import Believes, doing
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own

STRANGER = "test_a_page_of_a_stranger_says_nothing_of_a_number"


class UnbindsWhatIsThere(Break):
    def unbind_campaign(
        self, own: Own[CampaignBinding], target: Target, campaign_id: str | None = None
    ) -> Exchange[CampaignBinding]:
        return own(target, self.struck(None) if campaign_id else None)


class CampaignIsActive(Break):
    def campaign_of(self, own: Own[CampaignBinding], target: Target) -> Exchange[CampaignBinding]:
        binding = yield from own(target)
        return self.struck(evolve(binding, status=BindingStatus.ACTIVE))


class StrangersPageIsNoCampaign(Believes):
    def campaign_of(self, own: Own[CampaignBinding], target: Target) -> Exchange[CampaignBinding]:
        try:
            return (yield from own(target))
        except AnyCarrierError as error:
            if error.status == 404 and not isinstance(error, NotFound):
                return self.struck(self._binding(target, None, BindingStatus.UNBOUND))
            raise


CAMPAIGNS: dict[str, Mutant] = {
    "bind-does-nothing": Mutant(
        means="bind_campaign() binds nothing",
        way=doing("bind_campaign"),
        cases=["test_a_campaign_is_bound_read_and_unbound"],
        needs=["bind_campaign"],
    ),
    "unbind-does-nothing": Mutant(
        means="unbind_campaign() unbinds nothing",
        way=doing("unbind_campaign"),
        cases=["test_a_campaign_is_bound_read_and_unbound"],
        needs=["unbind_campaign"],
    ),
    "unbinds-another": Mutant(
        means="another campaign than the one named is unbound",
        way=UnbindsWhatIsThere,
        cases=["test_another_campaign_is_not_unbound"],
        needs=["unbind_campaign"],
    ),
    "campaign-is-active": Mutant(
        means="a campaign is always active",
        way=CampaignIsActive,
        cases=["test_a_campaign_is_bound_read_and_unbound"],
        needs=["campaign_of", "bind_campaign"],
    ),
    "page-is-no-campaign": Mutant(
        means='a proxy\'s 404 is read as "no campaign"',
        way=StrangersPageIsNoCampaign,
        cases=[STRANGER],
        needs=["campaign_of"],
    ),
}
