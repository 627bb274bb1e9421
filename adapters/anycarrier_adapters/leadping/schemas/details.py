"""Records of numbers as the operations of the API return them: whole, each with its ``raw``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anycarrier.adapter import Details, PhoneNumber

from .numbers import Availability, FoundNumber, NumberRecord, NumberRow

__all__ = ["AvailabilityDetails", "FoundNumberDetails", "NumberDetails", "NumberRowDetails"]


class NumberDetails(NumberRecord, Details, gc=True, dict=True):
    """Number of the account (``PhoneNumberResponse``)."""

    if TYPE_CHECKING:
        number: PhoneNumber


class NumberRowDetails(NumberRow, Details, gc=True, dict=True):
    """Number of the account as the list shows it (``PhoneNumberTableRow``)."""

    if TYPE_CHECKING:
        number: PhoneNumber


class FoundNumberDetails(FoundNumber, Details, gc=True, dict=True):
    """Number that can be bought (``PhoneNumberSearchResult``)."""

    if TYPE_CHECKING:
        number: PhoneNumber


class AvailabilityDetails(Availability, Details, gc=True, dict=True):
    """Availability and price of a number (``PhoneNumberAvailabilityResponse``)."""

    if TYPE_CHECKING:
        phone_number: PhoneNumber | None = None
