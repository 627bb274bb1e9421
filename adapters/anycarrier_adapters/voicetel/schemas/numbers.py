"""The account's numbers, and where their calls, faxes and texts go."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anycarrier.adapter import (
    Details,
    Flag,
    NumberOrText,
    OneOf,
    OptionalNumber,
    OptionalTenDigit,
    Record,
    TenDigit,
    Text,
    Whole,
)

__all__ = [
    "CallerNameSet",
    "Fax",
    "Forwarded",
    "Moved",
    "NameLookupSet",
    "NumberRow",
    "PortOutPin",
    "Routed",
    "Sms",
    "Translated",
]

SmsKind: TypeAlias = Annotated[str | None, OneOf(values=("email", "webhook", "sip", "unknown"))]


class NumberRow(Record):
    """Number on the account: an item of the list, or the ``data`` of one.

    Attributes:
        translated: digits that are sent to the gateway instead of the number.
        route: id of the gateway or system route that its calls go to; ``gateway`` is that one's address or name.
        cnam: callers' names are looked up.
        forward: calls are forwarded, to ``forward_to``.
        carrier: id of the carrier that its texts leave by; 0 for none.
        sms_enabled: texts go somewhere; ``fax_enabled`` is the same for faxes.
    """

    number: TenDigit
    translated: Text = None
    route: Whole = None
    gateway: Text = None
    cnam: Flag = None
    forward: Flag = None
    forward_to: OptionalTenDigit = None
    carrier: Whole = None
    sms_enabled: Flag = None
    fax_enabled: Flag = None


class Moved(Record):
    """``PATCH /v2.2/numbers/{number}``."""

    number: TenDigit
    account_id: Text = None
    route: Whole = None


class Routed(Details):
    """Number, and the id of the gateway or system route that its calls go to."""

    number: OptionalNumber = None
    route: Whole = None


class Forwarded(Details):
    """Number that calls are forwarded from; ``forward_to`` is ``None`` without forwarding."""

    number: OptionalNumber = None
    forward_to: NumberOrText = None


class Translated(Details):
    """Number, and the digits that are sent to the gateway instead."""

    number: OptionalNumber = None
    translation: NumberOrText = None


class NameLookupSet(Details):
    """Number, and whether callers' names are looked up."""

    number: OptionalNumber = None
    cnam: Flag = None


class CallerNameSet(Details):
    """Name that a number shows when it calls.

    Attributes:
        cnam: the name as it was set, of letters and digits.
        carrier_status: Success, or what failed.
        customer_order_reference: yours, or one that VoiceTel made.
    """

    number: OptionalNumber = None
    cnam: Text = None
    carrier_status: Text = None
    customer_order_reference: Text = None


class Fax(Details):
    """Mail address that a number's faxes go to."""

    number: OptionalNumber = None
    email: Text = None


class Sms(Details):
    """Destination of a number's texts: its kind, and the address as ``resource``."""

    number: OptionalNumber = None
    type: SmsKind = None
    resource: Text = None


class PortOutPin(Details):
    """PIN that another carrier must give.

    Attributes:
        changed: came after 2.2.10: false where a PIN was set within 30 days, and stays.
    """

    number: OptionalNumber = None
    port_out_pin: Text = None
    changed: Flag = None
