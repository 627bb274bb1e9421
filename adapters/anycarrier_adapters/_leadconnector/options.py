"""Options of purchases and lists that only LeadConnector has. An option that is absent is not sent."""

from __future__ import annotations

import re
from typing import Any

from attrs import field, frozen

from anycarrier.adapter import InvalidInput, Line, ProviderOptions, flag, one_of, shape, validator, whole

__all__ = ["LINES", "PAGE_SIZE", "ListOptions", "PurchaseOptions", "text"]

PAGE_SIZE = 250
"""Rows of a page: a quarter of the largest page, since the next page is fetched while one is consumed."""

LINES: dict[Line, str] = {Line.LOCAL: "local", Line.TOLL_FREE: "tollFree", Line.MOBILE: "mobile"}
"""Our words for kinds of number, and those of search and purchase."""


def text(pattern: str, example: str) -> Any:
    """An optional text that matches *pattern*; never an empty one."""

    def check(_: object, attribute: Any, value: object) -> None:
        if value is not None and not (isinstance(value, str) and re.fullmatch(pattern, value)):
            raise InvalidInput(f"{attribute.name} must look like {example!r}, or be None, not {shape(value)}")

    return field(default=None, validator=check)


def _line(given: Line | str | None) -> Line | None:
    line = one_of(Line, "number_type", given)
    if line is not None and line not in LINES:
        raise InvalidInput(f"number_type must be one of {', '.join(LINES)}, or None, not {line.value!r}")
    return line


@frozen(kw_only=True)
class PurchaseOptions(ProviderOptions):
    """The fields of a purchase that both versions document.

    Attributes:
        address_sid: id of a Twilio address (``AD...``); needed where an offer's address requirement is not ``none``.
        bundle_sid: id of a Twilio regulatory bundle (``BU...``).
        locality: city in which the number is bought.
        region: state or region in which it is bought.
        skip_location_kyc: whether the agency's own verification stands for the location's.
        country_code: instead of the country that the search gave.
        number_type: instead of the kind that the search gave.
    """

    address_sid: str | None = text(r"AD[A-Za-z0-9]{1,62}", "AD1234567890abcdef1234567890abcde")
    bundle_sid: str | None = text(r"BU[A-Za-z0-9]{1,62}", "BU1234567890abcdef1234567890abcde")
    locality: str | None = text(r"[^\x00-\x1f\x7f]{0,79}[^\s\x00-\x1f\x7f]", "San Antonio")
    region: str | None = text(r"[^\x00-\x1f\x7f]{0,79}[^\s\x00-\x1f\x7f]", "TX")
    skip_location_kyc: bool | None = field(default=None, validator=validator(flag, optional=True))
    country_code: str | None = text(r"[A-Z]{2}", "US")
    number_type: Line | None = field(default=None, converter=_line)

    def fields(self) -> dict[str, Any]:
        """Return the members of the body that are set, by their names on the wire; kind and country belong to the
        purchase."""
        return {
            "addressSid": self.address_sid,
            "bundleSid": self.bundle_sid,
            "locality": self.locality,
            "region": self.region,
            "skipLocationKYC": self.skip_location_kyc,
        }


@frozen(kw_only=True)
class ListOptions(ProviderOptions):
    """Options of a list.

    Attributes:
        include_number_pools: whether numbers that sit in a number pool are listed; the API's own default hides them.
        page_size: 1 to 1000 numbers a page.
    """

    include_number_pools: bool = field(default=True, validator=validator(flag))
    page_size: int = field(default=PAGE_SIZE, validator=validator(whole, 1, 1000))
