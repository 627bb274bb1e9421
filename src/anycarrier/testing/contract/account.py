"""Cases of the operations about an account, against the provider's simulator."""

from __future__ import annotations

from anycarrier.account_records import Balance
from anycarrier.simulator import Simulator
from anycarrier.testing.fakes import AnyClient
from anycarrier.testing.provider_case import ProviderCase

__all__ = ["AccountCases"]


class AccountCases(ProviderCase):
    """Balance. An operation that the provider lacks is refused by the cases of its declarations."""

    def test_a_purchase_is_taken_from_the_balance(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("balance"):
            return
        before = phone.balance()
        assert isinstance(before, Balance)
        assert (before.provider, before.account) == (phone.provider.name, phone.provider.accounts[0].id)
        assert before.currency is None or (len(before.currency) == 3 and before.currency.isupper())
        assert dict(before.raw)
        bought = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        after = phone.balance()
        assert before.amount is not None
        assert after.amount is not None
        charged = sum(charge.amount for charge in self.charges(played, bought.number))
        assert before.amount - after.amount == charged != 0
