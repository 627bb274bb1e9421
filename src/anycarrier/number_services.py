"""Records of what a provider does for a number beside calls and texts: emergency address, caller name, look-up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from anycarrier.hints import by_hints
from anycarrier.json_markers import JsonRecord, JsonValue
from anycarrier.model import CampaignBinding, Money, Route, number_named
from anycarrier.numbers import PhoneNumber
from anycarrier.validation import text, validator

__all__ = ["CallerName", "EmergencyAddress", "EmergencyRecord", "LookUp", "MessagingRecord"]


def _number(value: str) -> PhoneNumber:
    return number_named("number", value)


@frozen(kw_only=True)
class EmergencyAddress(JsonValue):
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
class EmergencyRecord(JsonRecord):
    """A number's emergency address, as its provider has it; ``raw`` is the provider's own record."""

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    address: EmergencyAddress
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class MessagingRecord(JsonRecord):
    """Destination of a number's texts, and its 10DLC campaign, as its provider has them.

    Attributes:
        texts: the destination; ``None`` where the provider does not say.
        binding: the campaign.
    """

    number: PhoneNumber = field(converter=_number)
    texts: Route | None = None
    binding: CampaignBinding


@frozen(kw_only=True, field_transformer=by_hints)
class CallerName(JsonRecord):
    """Names of callers, as far as the provider says: this number's own, and those of others who call it.

    Attributes:
        name: name that is shown where this number calls (CNAM); ``None`` where the provider does not say.
        shows_callers: whether the name of each caller is looked up when this number is called; ``None`` where the
            provider does not say.
        raw: the provider's own record.
    """

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    name: str | None = None
    shows_callers: bool | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class LookUp(JsonRecord):
    """Result of looking a number up; ``None`` for each part that was not looked up or that the provider does not say.

    Attributes:
        carrier: name of the carrier that serves the number.
        carrier_kind: the provider's own word for the carrier's kind, such as ``CLEC``.
        ocn: the carrier's operating company number.
        lrn: location routing number: that of the switch which serves the number; E.164 where it can be read as one.
        rate_center: rate center of that switch; ``city``, ``state`` and ``lata`` are its place.
        caller_name: name that is shown where the number calls (CNAM).
        cost: charge for the look-up, if the provider's answer states it.
        raw: the provider's own records, by part: ``carrier`` and ``caller_name``.
    """

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    carrier: str | None = None
    carrier_kind: str | None = None
    ocn: str | None = None
    lrn: str | None = None
    rate_center: str | None = None
    city: str | None = None
    state: str | None = None
    lata: str | None = None
    caller_name: str | None = None
    cost: Money | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)
