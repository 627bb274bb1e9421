"""Many accounts, by name, for blocking clients."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from anycarrier.client._account_table import Table
from anycarrier.client._base import SYNC, budgets, check_arguments, is_lent
from anycarrier.client._sync import Client
from anycarrier.engine.driver import Driver
from anycarrier.engine.rate_limits import MAX_WAIT
from anycarrier.engine.session import Clock, Session
from anycarrier.transports import Timeouts, sync_transport
from anycarrier.transports.protocol import Transport
from anycarrier.validation import journal as check_journal

if TYPE_CHECKING:
    from anycarrier.engine.shared_budget import Places
    from anycarrier.purchase.journal import Journal

__all__ = ["Accounts"]


class Accounts:
    """Clients of many accounts, by name, over one transport and with one table of rate budgets.

    Args:
        load: function of a name that returns:
            the settings of the account, with the provider's name as ``provider``, or a provider object. It may raise,
            which the caller of :meth:`client` gets, and is called again next time. It must not call :meth:`client`.
        most: clients in memory; the least recently used one is let go, and works on for callers that have it.
        reload_after: seconds after which :meth:`client` loads an account anew. After a 401 it is loaded at once.
        journal: journal of all clients, as for a client; a failover that *load* returns has its own.
        timeouts: connect, read, write, pool and total, in seconds.
        transport: name of one, or an object that its maker closes, as for a client.
        clock: time and chance, for tests.
        max_wait: longest wait for a rate limit, as for a client.
        budget: ``shared`` to count requests together with other processes, as for a client.

    Raises:
        ConfigurationError: lists everything that is wrong with the arguments.
        InvalidInput: *load*, *most* or *reload_after* is not of its kind.
    """

    def __init__(
        self,
        load: Callable[[str], object],
        *,
        most: int = 1000,
        reload_after: float = 300.0,
        journal: Journal | None = None,
        timeouts: Timeouts | None = None,
        transport: Transport | str | None = None,
        clock: Clock | None = None,
        max_wait: float | None = MAX_WAIT,
        budget: Literal["own", "shared"] | Places = "own",
    ) -> None:
        self._journal: Journal | None = None if journal is None else check_journal(journal)
        check_arguments(timeouts, transport, clock, max_wait, mode=SYNC)
        self._table: Table[Client[Any]] = Table(
            load,
            self._join,
            most=most,
            reload_after=reload_after,
            clock=clock,
            max_wait=max_wait,
            budget_of=budgets(budget, self._journal),
        )
        self._transport = sync_transport(transport, timeouts)
        self._driver = Driver(Session((), clock), self._transport, lent=is_lent(transport))

    def __enter__(self) -> Accounts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def client(self, name: str) -> Client[Any]:
        """The client of the account *name*, for as many callers at once as there are; closing it closes nothing.

        Raises:
            ConfigurationError: what was loaded is no account, or its settings are wrong.
            Exception: whatever *load* raises.
        """
        client: Client[Any] = self._driver.run(self._table.obtain(name))
        return client

    def forget(self, name: str) -> None:
        """Load the account *name* anew when it is next needed, as after it has moved to another provider."""
        self._table.forget(name)

    def close(self) -> None:
        """Close all connections, and the clients of all accounts."""
        for client in self._table.close():
            client._driver.close()  # noqa: SLF001 - its own close() does nothing
        self._driver.close()

    def _join(self, provider: Any, session: Session) -> Client[Any]:
        driver = Driver(session, self._transport, lent=True)
        return Client._joined(provider, session, driver, self._journal)  # noqa: SLF001
