"""The asynchronous client's operations about the services of a number and about the account: the blocking
blocking ones, written by ``.ci/make_async.py``."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from anycarrier.client import _arguments as checked
from anycarrier.client._base import Base, P

if TYPE_CHECKING:
    from anycarrier.account_records import Balance, Campaign, Coverage, CoverageBy, Pool
    from anycarrier.exchange import Exchange, Listing
    from anycarrier.failover import Failover
    from anycarrier.model import OwnedNumber, Target
    from anycarrier.number_services import CallerName, EmergencyAddress, EmergencyRecord, LookUp
    from anycarrier.port_records import Port, Portability, PortIn
    from anycarrier.ports import PortOrder
    from anycarrier.provider import (
        ChecksEmergencyAddresses,
        Enables,
        ListsCampaigns,
        ListsPools,
        LooksUp,
        PortsIn,
        ReadsBalance,
        ReadsCallerNames,
        ReadsCoverage,
        ReadsEmergencyAddresses,
        SetsCallerNames,
        SetsEmergencyAddresses,
        SetsLabels,
    )
    from anycarrier.purchase import Journal

__all__ = ["AsyncServices"]

T = TypeVar("T")


class AsyncServices(Base[P]):
    """Operations of a client beside finding, buying, owning and routing numbers."""

    if TYPE_CHECKING:  # the client drives

        async def run(self, exchange: Exchange[T]) -> T: ...
        def iterate(self, listing: Listing[T], *, ahead: bool = True) -> AsyncIterator[T]: ...

    async def emergency_address(self: AsyncServices[ReadsEmergencyAddresses], target: Target) -> EmergencyRecord | None:
        """Read a number's emergency address (E911); ``None`` when the number has none.

        Raises:
            NotFound: the number is not on the account.
        """
        return await self.run(checked.emergency_address(self._provider, target))

    async def set_emergency_address(
        self: AsyncServices[SetsEmergencyAddresses], target: Target, address: EmergencyAddress
    ) -> EmergencyRecord:
        """Set a number's emergency address, in the place of one that it has.

        Returns:
            The address as the provider has it now, perhaps corrected.

        Raises:
            InvalidRequest: the emergency service refuses the address; nothing was changed.
            NotFound: the number is not on the account.
        """
        return await self.run(checked.set_emergency_address(self._writer, target, address))

    async def remove_emergency_address(self: AsyncServices[SetsEmergencyAddresses], target: Target) -> None:
        """Remove a number's emergency address; does nothing when it has none.

        Emergency calls from the number then reach a dispatcher who does not know where to send help.
        """
        return await self.run(checked.remove_emergency_address(self._writer, target))

    async def check_emergency_address(
        self: AsyncServices[ChecksEmergencyAddresses], address: EmergencyAddress
    ) -> EmergencyAddress:
        """Check an address and return it as the emergency service writes it; changes nothing.

        Raises:
            InvalidRequest: the emergency service refuses the address.
        """
        return await self.run(checked.check_emergency_address(self._provider, address))

    def numbers_without_emergency_address(self: AsyncServices[ReadsEmergencyAddresses]) -> AsyncIterator[OwnedNumber]:
        """Iterate over the account's numbers that have no emergency address.

        Requests: the list of numbers, and the provider's list of addresses where it has one, else each number's
        address. One that cannot be read ends the iteration in its error.
        """
        return self.iterate(checked.numbers_without_emergency_address(self._provider))

    async def caller_name(self: AsyncServices[ReadsCallerNames], target: Target) -> CallerName:
        """Read the names of callers, as far as the provider says without a charge.

        ``look_up`` finds the name that is shown where the number calls, at a price.
        """
        return await self.run(checked.caller_name(self._provider, target))

    async def set_caller_name(self: AsyncServices[SetsCallerNames], target: Target, name: str) -> CallerName:
        """Set the name that is shown where the number calls, at most 15 characters (LIDB).

        Carriers take it over later, each in its time.

        Raises:
            Conflict: the carrier refuses the name; with ``maybe_applied`` the provider has taken it all the same.
        """
        return await self.run(checked.set_caller_name(self._writer, target, name))

    async def look_up(
        self: AsyncServices[LooksUp], target: Target, *, carrier: bool = True, caller_name: bool = True
    ) -> LookUp:
        """Look any number up: its carrier, its LRN, the name that it shows. This costs money.

        Each part is one request that the provider may charge for, also where it fails; none is ever repeated. What a
        part costs stands on the provider's page in the documentation; ``cost`` has it where the answer states it.

        Args:
            target: any number, of the account or not.
            carrier: whether to look up carrier and LRN.
            caller_name: whether to look up the caller's name (CNAM).

        Raises:
            InsufficientFunds: the account's balance does not cover it, or the service is off.
            AnyCarrierError: ``applied`` has the ``LookUp`` of a part that was paid for before the error.
        """
        return await self.run(checked.look_up(self._provider, target, carrier, caller_name))

    async def set_label(self: AsyncServices[SetsLabels], target: Target, label: str) -> OwnedNumber:
        """Set a number's label, the name that the account's users see."""
        return await self.run(checked.set_label(self._writer, target, label))

    async def set_enabled(self: AsyncServices[Enables], target: Target, enabled: bool) -> OwnedNumber:
        """Switch a number on or off; it stays on the account, and is paid for, either way."""
        return await self.run(checked.set_enabled(self._writer, target, enabled))

    async def balance(self: AsyncServices[ReadsBalance]) -> Balance:
        """Read the account's balance; an amount or currency that the provider does not state is ``None``."""
        return await self.run(checked.balance(self._provider))

    async def pools(self: AsyncServices[ListsPools]) -> builtins.list[Pool]:
        """List the account's number pools with their numbers; an empty list when it has none."""
        return await self.run(checked.pools(self._provider))

    async def campaigns(self: AsyncServices[ListsCampaigns]) -> builtins.list[Campaign]:
        """List the account's 10DLC campaigns; ``docs/account.md`` says which ones each provider shows."""
        return await self.run(checked.campaigns(self._provider))

    async def campaign(self: AsyncServices[ListsCampaigns], campaign_id: str) -> Campaign:
        """Read one 10DLC campaign; ``NotFound`` when the account does not have it."""
        return await self.run(checked.campaign(self._provider, campaign_id))

    async def coverage(
        self: AsyncServices[ReadsCoverage],
        by: CoverageBy,
        *,
        state: str | None = None,
        city: str | None = None,
        rate_center: str | None = None,
        area_code: str | None = None,
        lata: str | None = None,
    ) -> builtins.list[Coverage]:
        """Count the numbers for sale in each place of a kind.

        Args:
            by: kind of place: ``state``, ``city``, ``rate_center`` or ``prefix``, an area code with the three digits
                after it (NPA-NXX).
            state: two letters; this and the others narrow the count, as in a search.
            city: name.
            rate_center: abbreviation.
            area_code: three digits.
            lata: number of the LATA.

        Returns:
            Places with their counts, in the provider's order. Counts may be minutes old.
        """
        return await self.run(
            checked.coverage(
                self._provider, by, state=state, city=city, rate_center=rate_center, area_code=area_code, lata=lata
            )
        )

    async def portable(
        self: AsyncServices[PortsIn | Failover], numbers: Sequence[Target], *, account: str | None = None
    ) -> builtins.list[Portability]:
        """Ask whether numbers of other carriers can be ported here; changes nothing.

        Args:
            numbers: the numbers; how many requests this takes stands on the provider's page in the documentation.
            account: account of a failover, where several of its providers port numbers in.

        Returns:
            One record for each number, in their order, with the losing carrier or the reason why not.
        """
        from anycarrier.client import _porting  # few programs port numbers

        return await self.run(_porting.portable(self._provider, numbers, account))

    async def port_in(
        self: AsyncServices[PortsIn | Failover],
        order: PortOrder,
        *,
        request_id: str,
        journal: Journal | None = None,
        account: str | None = None,
        deadline: float = 60.0,
    ) -> PortIn:
        """Port numbers of another carrier in, each ordered at most once, through a journal.

        The numbers are split by losing carrier, and toll-free ones from others. Each part is on record before it is
        sent, once. Where an answer is lost, the provider's ports are read until the order stands there, or provably
        does not. The same call again goes on where this one ended.

        Args:
            order: the numbers, and what their losing carrier wants to know, which no journal has.
            request_id: the caller's id of this order; another order with it is refused.
            journal: journal of the orders; by default the client's.
            account: account of a failover, where several of its providers port numbers in.
            deadline: seconds after which no further order is sent and no further look begins.

        Returns:
            The orders on record, the numbers that cannot be ported now, and those that the call did not come to. The
            letter of authorization is signed by a person, on ``loa_url``.

        Raises:
            ConfigurationError: there is no journal.
            InvalidInput: the id was used for another order, or the provider does not take such an order.
            SpendLimitExceeded: the fee is above ``order.max_fee``. Nothing was sent.
            JournalError: the journal failed; nothing is sent that is not on record.
        """
        from anycarrier.client import _porting  # few programs port numbers

        return await self.run(
            _porting.port_in(self._provider, order, request_id, self._book(journal), account, deadline)
        )

    async def ports(self: AsyncServices[PortsIn | Failover], *, account: str | None = None) -> builtins.list[Port]:
        """List all ports of the account, present and past; a provider may leave out the numbers of each.

        Args:
            account: account of a failover, where several of its providers port numbers in.
        """
        from anycarrier.client import _porting  # few programs port numbers

        return await self.run(_porting.ports(self._provider, account))

    async def port(self: AsyncServices[PortsIn | Failover], id: str, *, account: str | None = None) -> Port:
        """Read one port with its numbers; ``NotFound`` when the account has none of this id.

        Args:
            id: the provider's own, from ``ports``.
            account: account of a failover, where several of its providers port numbers in.
        """
        from anycarrier.client import _porting  # few programs port numbers

        return await self.run(_porting.port(self._provider, id, account))

    def _book(self, journal: Journal | None) -> Journal | None:
        return self._journal if journal is None else journal
