"""The asynchronous client's operations with plans: the blocking ones, written by ``.ci/make_async.py``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from anycarrier.client._async_services import AsyncServices
from anycarrier.client._base import P

if TYPE_CHECKING:
    from anycarrier.desired_state import Applied, Desired, Plan
    from anycarrier.exchange import Exchange, Listing
    from anycarrier.ports import PortDetails
    from anycarrier.provider import Lists
    from anycarrier.purchase import Journal
    from anycarrier.switching import Move, SwitchRules

__all__ = ["AsyncPlans"]

T = TypeVar("T")


class AsyncPlans(AsyncServices[P]):
    """Operations of a client with plans, which are made, read by a person, and applied."""

    if TYPE_CHECKING:  # the client drives

        async def run(self, exchange: Exchange[T]) -> T: ...
        def iterate(self, listing: Listing[T], *, ahead: bool = True) -> AsyncIterator[T]: ...

    async def plan(self: AsyncPlans[Lists], wanted: Iterable[Desired], *, journal: Journal | None = None) -> Plan:
        """Plan what would make numbers as they are *wanted*; reads, and changes nothing.

        A number that is not named is left alone, and so is what a desired state does not name.

        Args:
            wanted: desired state of each number, once.
            journal: journal whose changes say what the provider does not state; by default the client's own.

        Returns:
            For each number what to change, what cannot be changed, and what a person does instead.

        Raises:
            InvalidInput: a desired state without a number, or two of one number.
            AnyCarrierError: something could not be read; nothing is planned from a part of the answers.
        """
        from anycarrier.client import _plan_arguments as checked

        return await self.run(checked.plan(self._provider, wanted, self._book(journal)))

    def apply(
        self: AsyncPlans[Lists],
        plan: Plan,
        *,
        journal: Journal | None = None,
        at_once: int = 16,
        most: float = 0.3,
        confirm: str | None = None,
        ports: Sequence[PortDetails] = (),
        most_ports: int = 100,
        order_again: bool = False,
    ) -> AsyncIterator[Applied]:
        """Make the changes of *plan*, and no other; the result of each number, as soon as that is known.

        It may be stopped and called again at any time: what is done is not sent again. A number that is in another
        state than the plan says is skipped. A plan of :meth:`plan_switch` is carried on as far as that is possible now;
        call it again, for days, until nothing is pending.

        Args:
            plan: the plan.
            journal: journal in which each change is recorded before it is sent; by default the client's own. A switch
                needs one.
            at_once: numbers that are worked on side by side.
            most: share of the numbers of an account that may be changed without a confirmation.
            confirm: ``plan.id``, for a plan that changes more, costs money, or gives numbers up.
            ports: what the port orders of a switch need: a ``PortOrder`` for its own numbers, ``PortDetails`` for all
                others. Without any, no port is ordered.
            most_ports: numbers whose ports are ordered by this call, at most.
            order_again: order those ports anew that were rejected or provably never arrived.

        Raises:
            InvalidInput: the plan needs a confirmation, or is of another account.
            ConfigurationError: a switch without a journal.
            Conflict: another process carries this switch on, or it was undone. Nothing was sent.
            JournalError: the journal failed; nothing is sent that is not on record.
        """
        from anycarrier.client import _plan_arguments as checked

        book = self._book(journal)
        listing = checked.apply(self._provider, plan, book, at_once, most, confirm, ports, most_ports, order_again)
        return self.iterate(listing)

    def status(self: AsyncPlans[Lists], plan: Plan, *, journal: Journal | None = None) -> AsyncIterator[Applied]:
        """Look how far *plan* has come: the result of each number, of which what is left is ``pending``.

        Nothing is changed, ordered or bought.

        Args:
            plan: the plan.
            journal: its journal; by default the client's own. A switch needs one.

        Raises:
            InvalidInput: the plan is of another account.
        """
        from anycarrier.client import _plan_arguments as checked

        return self.iterate(checked.status(self._provider, plan, self._book(journal)))

    async def plan_switch(
        self: AsyncPlans[Lists],
        source: str,
        target: str,
        *,
        moves: Iterable[Move] | None = None,
        rules: SwitchRules | None = None,
        journal: Journal | None = None,
    ) -> Plan:
        """Plan how the numbers of one account come to another; reads both, and changes nothing.

        Args:
            source: id of the account that the numbers leave; this client's provider is a failover of both.
            target: id of the account that they come to.
            moves: what becomes of single numbers; ``None`` for all numbers of the account, by the rules.
            rules: what becomes of numbers for which nothing else is said; by default each is ported, or replaced by
                another of its area code where it cannot be.
            journal: journal that knows what other switches are moving: that is left; by default the client's own.

        Returns:
            A plan for :meth:`apply`: each number is ported, replaced, or left with the reason.

        Raises:
            InvalidInput: an account or a number that is not there, or one number twice.
            Unsupported: the provider of *target* ports no numbers in.
            AnyCarrierError: something could not be read; nothing is planned from a part of the answers.
        """
        from anycarrier.client import _plan_arguments as checked

        return await self.run(checked.plan_switch(self._provider, source, target, moves, rules, self._book(journal)))

    async def finish_switch(
        self: AsyncPlans[Lists], plan: Plan, *, journal: Journal | None = None, grace: float = 604_800.0
    ) -> Plan:
        """Plan the release of the numbers of a switch that the old account still has and the new one serves; reads, and
        changes nothing.

        Args:
            plan: the plan of the switch.
            journal: its journal; by default the client's own.
            grace: seconds for which a number has served at its new account before.

        Returns:
            A plan for :meth:`apply`, which needs a confirmation. What the old carrier's API cannot release is an
            obstacle of it, with what a person does.
        """
        from anycarrier.client import _plan_arguments as checked

        return await self.run(checked.finish_switch(self._provider, plan, self._book(journal), grace))

    async def undo(self: AsyncPlans[Lists], plan: Plan | str, *, journal: Journal | None = None) -> Plan:
        """Plan the reverse of the changes of *plan*, as far as they were made; reads, and changes nothing.

        Of a switch: numbers that were bought are released, a port is an obstacle. Once it is applied, the switch has
        ended.

        Args:
            plan: the plan, or its id, for which *journal* has its changes.
            journal: journal of the changes; by default the client's own.

        Returns:
            A plan to apply. What nothing puts back, or was changed since, is an obstacle of it.
        """
        from anycarrier.client import _plan_arguments as checked

        return await self.run(checked.undo(self._provider, plan, self._book(journal)))
