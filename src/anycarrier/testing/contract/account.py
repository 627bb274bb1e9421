"""Cases of the operations about an account, against the provider's simulator."""

from __future__ import annotations

from typing import get_args

import pytest

from anycarrier.account_records import Balance, Campaign, CampaignStatus, Coverage, CoverageBy, Pool
from anycarrier.errors import InvalidInput, NotFound
from anycarrier.simulator import Simulator
from anycarrier.testing.fakes import AnyClient, Mode, VirtualClock
from anycarrier.testing.provider_case import ProviderCase

__all__ = ["AccountCases"]

PLACES: tuple[CoverageBy, ...] = get_args(CoverageBy)


class AccountCases(ProviderCase):
    """Balance, pools, campaigns, coverage. What the provider lacks is refused by the cases of its declarations."""

    def _is_mine(self, phone: AnyClient, *records: Balance | Pool | Campaign | Coverage) -> None:
        for one in records:
            assert (one.provider, one.account) == (phone.provider.name, phone.provider.accounts[0].id)
            assert dict(one.raw)

    # -- balance

    def test_a_purchase_is_taken_from_the_balance(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("balance"):
            return
        before = phone.balance()
        assert isinstance(before, Balance)
        self._is_mine(phone, before)
        assert before.currency is None or (len(before.currency) == 3 and before.currency.isupper())
        bought = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        after = phone.balance()
        assert before.amount is not None
        assert after.amount is not None
        charged = sum(charge.amount for charge in self.charges(played, bought.number))
        assert before.amount - after.amount == charged != 0

    # -- pools

    def test_a_pool_has_numbers_of_the_account(self, phone: AnyClient) -> None:
        if not self.can("pools"):
            return
        pools = phone.pools()
        assert all(isinstance(pool, Pool) for pool in pools)
        self._is_mine(phone, *pools)
        numbers = [number for pool in pools for number in pool.numbers]
        assert numbers, "the simulated account has no number in a pool, so this case proves nothing"
        assert {*numbers} <= {owned.number for owned in phone.list()}
        assert all(pool.id or pool.name for pool in pools)

    def test_an_account_without_numbers_has_none_in_a_pool(self, mode: Mode, clock: VirtualClock) -> None:
        if not self.can("pools"):
            return
        with self.calling(mode, self.empty(now=clock.time), clock) as phone:
            assert [number for pool in phone.pools() for number in pool.numbers] == []

    # -- campaigns

    def test_every_campaign_of_a_number_is_listed_with_it(self, phone: AnyClient) -> None:
        if not self.can("campaigns"):
            return
        if self.can("bind_campaign"):
            number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
            phone.bind_campaign(number, self.campaign)
        bindings = [phone.campaign_of(owned) for owned in phone.list()]
        bound = {one.number: one.campaign_id for one in bindings if one.campaign_id is not None}
        assert bound, "no number of the simulated account is bound to a campaign, so this case proves nothing"
        listed = {one.id: one for one in phone.campaigns()}
        assert all(isinstance(one, Campaign) for one in listed.values())
        self._is_mine(phone, *listed.values())
        assert {*bound.values()} <= listed.keys()
        for number, campaign_id in bound.items():
            one = listed[campaign_id]
            assert one.numbers is None or number in one.numbers
            assert one.status is not CampaignStatus.UNKNOWN
            assert one.provider_status

    def test_one_campaign_is_read_as_it_is_listed(self, phone: AnyClient) -> None:
        if not self.can("campaigns") or not self.can("campaign"):
            return
        listed = phone.campaigns()
        assert listed, "the simulated account has no campaign, so this case proves nothing"
        for one in listed:
            assert phone.campaign(one.id) == one

    def test_a_campaign_that_is_not_there_is_not_found(self, phone: AnyClient) -> None:
        if not self.can("campaign"):
            return
        with pytest.raises(NotFound) as caught:
            phone.campaign(self.no_campaign)
        assert caught.value.operation == "campaign"
        sent = len(phone.sent)
        with pytest.raises(InvalidInput, match="campaign_id"):
            phone.campaign("")
        assert len(phone.sent) == sent

    # -- coverage

    @pytest.mark.parametrize("by", PLACES)
    def test_coverage_names_each_place_that_it_counts(self, phone: AnyClient, by: CoverageBy) -> None:
        if not self.can("coverage"):
            return
        places = phone.coverage(by)
        assert places, "nothing is for sale at the simulated provider, so this case proves nothing"
        assert all(isinstance(place, Coverage) for place in places)
        self._is_mine(phone, *places)
        assert all(getattr(place, by) and place.count > 0 for place in places)

    def test_coverage_within_a_place_counts_what_a_search_finds_there(self, phone: AnyClient) -> None:
        if not self.can("coverage"):
            return
        area_code = self.criteria.leading[:3]
        within = phone.coverage("prefix", area_code=area_code)
        assert sum(place.count for place in within) < sum(place.count for place in phone.coverage("prefix"))
        found = phone.search(self.criteria)
        assert {offer.number.ten_digit[:6] for offer in found} <= {place.prefix for place in within}
        assert {place.prefix[:3] for place in within} == {area_code}

    def test_coverage_of_what_is_no_place_is_refused(self, phone: AnyClient) -> None:
        if not self.can("coverage"):
            return
        with pytest.raises(InvalidInput, match="by must be one of"):
            phone.coverage("planet")
        with pytest.raises(InvalidInput, match="area_code"):
            phone.coverage("state", area_code="20")
        assert not phone.sent
