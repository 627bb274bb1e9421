"""Mistakes about an account: its balance."""

from __future__ import annotations

from attrs import evolve

from anycarrier.account_records import Balance
from anycarrier.exchange import Exchange
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


BALANCE = "test_a_purchase_is_taken_from_the_balance"

ACCOUNT: dict[str, Mutant] = {
    "balance-from-memory": Mutant(
        means="balance() repeats an earlier answer", way=BalanceFromMemory, cases=[BALANCE], needs=["balance"]
    ),
    "balance-in-cents": Mutant(
        means="balance() is a hundred times too high", way=BalanceInCents, cases=[BALANCE], needs=["balance"]
    ),
}
