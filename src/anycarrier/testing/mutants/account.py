"""Mistakes about an account: its balance, pools and campaigns, and the numbers for sale."""

from __future__ import annotations

from attrs import evolve

from anycarrier.account_records import Balance, Campaign, Coverage, CoverageBy, Pool
from anycarrier.errors import NotFound
from anycarrier.exchange import Exchange
from anycarrier.search import Search
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own

__all__ = ["ACCOUNT"]


class BalanceFromMemory(Break):
    known: Balance | None = None

    def balance(self, own: Own[Balance]) -> Exchange[Balance]:
        if self.known is None:
            self.known = yield from own()
            return self.known
        return self.struck(self.known)


class BalanceInCents(Break):
    def balance(self, own: Own[Balance]) -> Exchange[Balance]:
        read = yield from own()
        return self.struck(evolve(read, amount=None if read.amount is None else read.amount * 100))


class PoolsAreEmpty(Break):
    def pools(self, own: Own[list[Pool]]) -> Exchange[list[Pool]]:
        return self.struck([evolve(pool, numbers=()) for pool in (yield from own())])


class LeavesOneCampaignOut(Break):
    def campaigns(self, own: Own[list[Campaign]]) -> Exchange[list[Campaign]]:
        return self.struck((yield from own())[1:])


class AnyCampaignIsThere(Break):
    def find_campaign(self, own: Own[Campaign], campaign_id: str) -> Exchange[Campaign]:
        try:
            return (yield from own(campaign_id))
        except NotFound:
            account = self.provider.accounts[0].id
            return self.struck(Campaign(provider=self.provider.name, account=account, id=campaign_id))


class CoverageEverywhere(Break):
    def coverage(self, own: Own[list[Coverage]], by: CoverageBy, within: Search) -> Exchange[list[Coverage]]:
        return self.struck((yield from own(by, Search())))


BALANCE = "test_a_purchase_is_taken_from_the_balance"

ACCOUNT: dict[str, Mutant] = {
    "balance-from-memory": Mutant(
        means="balance() repeats an earlier answer", way=BalanceFromMemory, cases=[BALANCE], needs=["balance"]
    ),
    "balance-in-cents": Mutant(
        means="balance() is a hundred times too high", way=BalanceInCents, cases=[BALANCE], needs=["balance"]
    ),
    "pools-are-empty": Mutant(
        means="pools() forgets the numbers",
        way=PoolsAreEmpty,
        cases=["test_a_pool_has_numbers_of_the_account"],
        needs=["pools"],
    ),
    "campaigns-leave-one-out": Mutant(
        means="campaigns() leaves the first one out",
        way=LeavesOneCampaignOut,
        cases=["test_every_campaign_of_a_number_is_listed_with_it"],
        needs=["campaigns"],
    ),
    "any-campaign-is-there": Mutant(
        means="campaign() makes up a campaign that is not there",
        way=AnyCampaignIsThere,
        cases=["test_a_campaign_that_is_not_there_is_not_found"],
        needs=["campaign"],
    ),
    "coverage-everywhere": Mutant(
        means="coverage() counts everywhere, whatever place is named",
        way=CoverageEverywhere,
        cases=["test_coverage_within_a_place_counts_what_a_search_finds_there"],
        needs=["coverage"],
    ),
}
