"""Rate budgets of many accounts, which outlive the clients that use them."""

from __future__ import annotations

import threading
from collections import OrderedDict

from anycarrier import processes
from anycarrier.engine.accounts import Account
from anycarrier.engine.rate_limits import Budget, Limit, Window

__all__ = ["BudgetTable"]


class BudgetTable:
    """One budget for each account at a provider, under whatever name, and one window for each limit per address.

    Args:
        most: budgets in memory; the least recently needed one goes first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._budgets: OrderedDict[tuple[str, ...], Budget] = OrderedDict()
        self._windows: dict[tuple[str, str, Limit], Window] = {}
        self.forked()
        processes.begins_anew(self)

    def forked(self) -> None:
        """Go on in a child, without the lock that a thread of the parent may hold."""
        self._guard = threading.Lock()

    def of(self, account: Account) -> Budget:
        """The budget of *account*."""
        key = (account.provider, account.base_url, account.counted_as or account.owner or account.id)
        with self._guard:
            budget = self._budgets.get(key)
            if budget is None:
                budget = self._budgets[key] = Budget(
                    account.limits, window_of=lambda limit: self._window(account, limit)
                )
            self._budgets.move_to_end(key)
            while len(self._budgets) > self._most:
                self._budgets.popitem(last=False)
            return budget

    def _window(self, account: Account, limit: Limit) -> Window:
        if not limit.per_address:
            return Window(limit)
        return self._windows.setdefault((account.provider, account.base_url, limit), Window(limit))
