"""Abilities of a provider that are no operation of their own: to do or say in one request what else takes several.

A provider has one by having its method; the library asks for it where it saves requests or tells more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from anycarrier.exchange import Exchange
from anycarrier.model import OwnedNumber, Route, Target
from anycarrier.number_services import EmergencyRecord, MessagingRecord
from anycarrier.numbers import PhoneNumber

__all__ = [
    "ChecksDestinations",
    "ListsEmergencyAddresses",
    "ListsMessaging",
    "NamesServices",
    "SetsRoutes",
    "StatesEnabled",
]


@runtime_checkable
class SetsRoutes(Protocol):
    """A provider that sets routes without reading the number afterwards, so that a change of many costs one request
    each."""

    def check_routes(self, target: Target, *routes: Route) -> None:
        """Raise the error that :meth:`set_routes` would raise before it sends anything."""
        ...

    def set_routes(self, target: Target, *routes: Route) -> Exchange[None]:
        """Set one or more routes, in this order; other routes stay. The error is that of ``route``."""
        ...


@runtime_checkable
class ChecksDestinations(Protocol):
    """A provider that states, in one answer for all routes, which of their destinations exist, such as gateways."""

    def missing_destinations(self, routes: Sequence[Route]) -> Exchange[Mapping[Route, str]]:
        """Those of *routes* whose destination is not there, with the reason. One whose destination the provider cannot
        look up is left out, and nothing is read where that is all of them."""
        ...


@runtime_checkable
class ListsMessaging(Protocol):
    """A provider that states the texts and campaigns of many numbers in one answer; without it, each number is read."""

    def messaging(self, numbers: Sequence[PhoneNumber]) -> Exchange[Sequence[MessagingRecord]]:
        """Read where texts to these numbers go, and their campaigns; a number of others is left out."""
        ...


@runtime_checkable
class ListsEmergencyAddresses(Protocol):
    """A provider that lists all addresses in one answer; without it, each number's is read."""

    def emergency_addresses(self) -> Exchange[Sequence[EmergencyRecord]]:
        """Read the emergency addresses of all numbers of the account."""
        ...


@runtime_checkable
class StatesEnabled(Protocol):
    """A provider whose record of a number says whether the number is switched on."""

    def is_enabled(self, owned: OwnedNumber) -> bool | None:
        """Return whether the number is switched on, by its record; ``None`` where that does not say."""
        ...


@runtime_checkable
class NamesServices(Protocol):
    """A provider whose record of a number names the service of its own that answers the number's calls."""

    def service_of(self, owned: OwnedNumber) -> str | None:
        """Return that service in words, such as ``IVR``; it exists at no other provider. ``None`` for none, or where
        the record does not say."""
        ...
