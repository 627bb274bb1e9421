"""The contract of a provider: one Protocol for each operation.

A provider has an operation by having its method. Every method returns an exchange: nothing happens until a client
drives it. All raise the errors of :mod:`anycarrier.errors`, and ``Unsupported`` before any request for a feature that
the provider lacks. The contract suite checks these docstrings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol, TypeVar, runtime_checkable

from anycarrier.account_records import Balance, Campaign, Coverage, CoverageBy, Pool
from anycarrier.attempt import Attempt, Draft, ResolutionPolicy
from anycarrier.engine.accounts import Account
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange, Listing
from anycarrier.features import Support
from anycarrier.model import (
    CampaignBinding,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Release,
    Route,
    Target,
    Transfer,
)
from anycarrier.money import Money
from anycarrier.number_services import CallerName, EmergencyAddress, EmergencyRecord, LookUp
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Port, Portability, PortDraft
from anycarrier.search import Search

__all__ = [
    "BindsCampaigns",
    "Buys",
    "ChecksEmergencyAddresses",
    "Enables",
    "Gets",
    "Lists",
    "ListsCampaigns",
    "ListsPools",
    "LooksUp",
    "PortsIn",
    "Provider",
    "ReadsBalance",
    "ReadsCallerNames",
    "ReadsCampaigns",
    "ReadsCoverage",
    "ReadsEmergencyAddresses",
    "Releases",
    "RoutesNumbers",
    "Searches",
    "SetsCallerNames",
    "SetsEmergencyAddresses",
    "SetsLabels",
    "Transfers",
    "attributed_to",
]

T = TypeVar("T")


def attributed_to(operation: str, exchange: Exchange[T]) -> Exchange[T]:
    """*exchange* as a step of *operation*: its errors name that operation."""
    try:
        return (yield from exchange)
    except AnyCarrierError as error:
        error.operation = operation
        raise


@runtime_checkable
class Provider(Protocol):
    """Attributes of every provider. A class declares them without ``ClassVar``, such as ``name: str = "acme"``.

    Attributes:
        name: first argument of ``Client``.
        title: for people, with the version of the API.
        supports: ``Can`` or ``Cannot`` of each feature; see :mod:`anycarrier.features`.
        accounts: accounts that its requests may name; most providers have one.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def supports(self) -> Mapping[str, Support]: ...
    @property
    def accounts(self) -> Sequence[Account]: ...


@runtime_checkable
class Searches(Protocol):
    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[list[Offer]]:
        """Find offers that match every filter of *query*, at most ``query.limit``; an empty list when none does.

        A filter that the provider does not take is applied to its response if that states the fact, over the part of
        the inventory that one request returns; otherwise ``Unsupported``. *query* has at most one area code, unless
        ``supports`` declares ``search.area_codes``. Facts that the provider does not state are
        ``None``, never guessed. Finding a number reserves nothing.
        """
        ...


@runtime_checkable
class Buys(Protocol):
    """Purchases in three steps, so that one purchase protocol decides for all providers when a request is sent.

    Attributes:
        rules: policy for a purchase whose response is lost.
    """

    rules: ClassVar[ResolutionPolicy]

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        """Prepare the purchase of this one number; buys nothing. May search, if the provider binds a purchase to a
        search. *key* marks the purchase, in the form of ``rules.key_form``.
        """
        ...

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        """Send the purchase, once. Returns only when the response confirms this number; otherwise raises an error whose
        ``maybe_applied`` says whether it may have been bought. The same draft sends the same bytes.
        """
        ...

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        """Look for the number of *attempt* on the account; ``None`` only for a complete, documented "no".

        Anything else that is not a clear yes raises: it proves nothing.
        """
        ...


@runtime_checkable
class Lists(Protocol):
    def list(self, *, options: Sequence[ProviderOptions] = ()) -> Listing[OwnedNumber]:
        """List all numbers of the account, page by page; memory does not grow with the inventory. An account without
        numbers is an empty list. A number that is bought or released meanwhile may or may not be in it.
        """
        ...


@runtime_checkable
class Gets(Protocol):
    def get(self, target: Target) -> Exchange[OwnedNumber]:
        """Read one number; ``NotFound`` when it is not on the account."""
        ...


@runtime_checkable
class Releases(Protocol):
    def release(self, target: Target) -> Exchange[Release]:
        """Give the number up: ``released`` at once, or ``scheduled`` if the provider holds it first. It may be lost for
        good. ``NotFound`` when it is not on the account, ``Conflict`` while it is being ported.
        """
        ...


@runtime_checkable
class RoutesNumbers(Protocol):
    def route(self, target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        """Set one or more routes, in this order, and return the number with its routes; other routes stay. An error has
        ``applied``, the routes that took effect before it.
        """
        ...


@runtime_checkable
class Transfers(Protocol):
    def transfer(
        self, target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Transfer]:
        """Hand the number to another account of this provider. It is not on this account afterwards."""
        ...


@runtime_checkable
class BindsCampaigns(Protocol):
    def bind_campaign(self, target: Target, campaign_id: str) -> Exchange[CampaignBinding]:
        """Bind the number to a 10DLC campaign; ``pending`` when the provider finishes it later."""
        ...

    def unbind_campaign(self, target: Target, campaign_id: str | None = None) -> Exchange[CampaignBinding]:
        """Unbind the number; without *campaign_id* from the campaign that it has, which is read first."""
        ...


@runtime_checkable
class ReadsCampaigns(Protocol):
    def campaign_of(self, target: Target) -> Exchange[CampaignBinding]:
        """Read the number's campaign; ``unbound`` when it has none."""
        ...


@runtime_checkable
class ReadsEmergencyAddresses(Protocol):
    def emergency_address(self, target: Target) -> Exchange[EmergencyRecord | None]:
        """Read the number's emergency address; ``None`` only when the number is on the account and surely has none.

        ``NotFound`` when it is not on the account.
        """
        ...


@runtime_checkable
class SetsEmergencyAddresses(Protocol):
    def set_emergency_address(self, target: Target, address: EmergencyAddress) -> Exchange[EmergencyRecord]:
        """Set the number's emergency address, in the place of one that it has; returns it as the provider has it now.

        ``InvalidRequest`` when the emergency service refuses the address, and nothing was changed.
        """
        ...

    def remove_emergency_address(self, target: Target) -> Exchange[None]:
        """Remove the number's emergency address; does nothing when it has none."""
        ...


@runtime_checkable
class ChecksEmergencyAddresses(Protocol):
    def check_emergency_address(self, address: EmergencyAddress) -> Exchange[EmergencyAddress]:
        """Check an address and return it as the emergency service writes it; changes nothing.

        ``InvalidRequest`` when the emergency service refuses it.
        """
        ...


@runtime_checkable
class ReadsCallerNames(Protocol):
    def caller_name(self, target: Target) -> Exchange[CallerName]:
        """Read the names of callers, as far as the provider says without a charge; ``None`` for what it does not."""
        ...


@runtime_checkable
class SetsCallerNames(Protocol):
    def set_caller_name(self, target: Target, name: str) -> Exchange[CallerName]:
        """Set the name that is shown where the number calls, at most 15 characters (LIDB).

        Carriers take it over later, each in its time. ``Conflict`` when the carrier refuses it, with ``maybe_applied``
        where the provider has taken it all the same.
        """
        ...


@runtime_checkable
class LooksUp(Protocol):
    def look_up(self, target: Target, *, carrier: bool = True, caller_name: bool = True) -> Exchange[LookUp]:
        """Look any number up. Each part may cost money, so a request for it is sent once and never repeated.

        An error of a later part has in ``applied`` the :class:`LookUp` of those before it, which are paid for.
        """
        ...


@runtime_checkable
class SetsLabels(Protocol):
    def set_label(self, target: Target, label: str) -> Exchange[OwnedNumber]:
        """Set the name that the account's users see, and return the number with it; all else stays."""
        ...


@runtime_checkable
class Enables(Protocol):
    def set_enabled(self, target: Target, enabled: bool) -> Exchange[OwnedNumber]:
        """Switch the number on or off, and return it; all else stays."""
        ...


@runtime_checkable
class ReadsBalance(Protocol):
    def balance(self) -> Exchange[Balance]:
        """Read the account's balance."""
        ...


@runtime_checkable
class ListsPools(Protocol):
    def pools(self) -> Exchange[list[Pool]]:
        """List all number pools of the account; an account without pools is an empty list."""
        ...


@runtime_checkable
class ListsCampaigns(Protocol):
    def campaigns(self) -> Exchange[list[Campaign]]:
        """List the account's 10DLC campaigns; an account without campaigns is an empty list."""
        ...

    def find_campaign(self, campaign_id: str) -> Exchange[Campaign]:
        """Read one campaign; ``NotFound`` when the account does not have it."""
        ...


@runtime_checkable
class ReadsCoverage(Protocol):
    def coverage(self, by: CoverageBy, within: Search) -> Exchange[list[Coverage]]:
        """Count the numbers for sale by place, within the place that *within* names: its state, city, rate center, area
        code and LATA. A place without numbers may be left out.
        """
        ...


@runtime_checkable
class PortsIn(Protocol):
    """Ports of numbers from other carriers, in steps, so that one protocol decides for all providers when an order is
    sent: :mod:`anycarrier.porting`.

    Attributes:
        port_rules: policy for an order whose response is lost; an order is never repeated.
        port_fee: charge for each number of an order.
        portable_for: seconds for which the provider takes an order after it has said that its numbers are portable.
    """

    port_rules: ClassVar[ResolutionPolicy]
    port_fee: ClassVar[Money]
    portable_for: ClassVar[float]

    def portability(self, numbers: Sequence[PhoneNumber]) -> Exchange[list[Portability]]:
        """Ask whether these numbers can be ported here, one record for each, in their order; changes nothing."""
        ...

    def check_port(self, draft: PortDraft) -> None:
        """Raise the error that :meth:`place_port` would raise before it sends anything."""
        ...

    def place_port(self, draft: PortDraft) -> Exchange[Port]:
        """Send one order for these numbers, once. Returns only when the response confirms it; otherwise raises an error
        whose ``maybe_applied`` says whether it may have been taken.
        """
        ...

    def ports(self) -> Exchange[list[Port]]:
        """Read all ports of the account, present and past, whole: a list of which a part cannot be read is an error.
        ``numbers`` may be left out of each.
        """
        ...

    def port(self, id: str) -> Exchange[Port]:
        """Read one port, with its numbers; ``NotFound`` when the account has none of this id."""
        ...
