"""Records of what a provider does for a number beside calls and texts: its emergency address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from anycarrier.hints import by_hints
from anycarrier.model import number_named
from anycarrier.numbers import PhoneNumber
from anycarrier.validation import text, validator

__all__ = ["EmergencyAddress", "EmergencyRecord"]


def _number(value: str) -> PhoneNumber:
    return number_named("number", value)


@frozen(kw_only=True)
class EmergencyAddress:
    """Address to which emergency services are sent when a number calls them (E911).

    Attributes:
        name: person or company that the dispatcher sees.
        street: house number and street, such as ``411 Hackensack Avenue``.
        unit: apartment, suite or floor, such as ``Ste 200``.
        city: its name.
        state: state or province, two capitals.
        postal_code: such as ``07601``.
    """

    name: str = field(validator=validator(text, "Acme Inc"))
    street: str = field(validator=validator(text, "411 Hackensack Avenue"))
    unit: str | None = field(default=None, validator=validator(text, "Ste 200", optional=True))
    city: str = field(validator=validator(text, "Hackensack"))
    state: str = field(validator=validator(text, "NJ"))
    postal_code: str = field(validator=validator(text, "07601"))


@frozen(kw_only=True, field_transformer=by_hints)
class EmergencyRecord:
    """A number's emergency address, as its provider has it; ``raw`` is the provider's own record."""

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    address: EmergencyAddress
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)
