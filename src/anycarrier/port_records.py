"""Neutral records of ports: of numbers that come from another carrier and stay the same.

``None`` always means that the provider did not say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, Literal, cast

from attrs import field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.hints import by_hints
from anycarrier.json_markers import JsonRecord, JsonValue
from anycarrier.model import Money, Route, number_named
from anycarrier.numbers import PhoneNumber
from anycarrier.secret import Secret
from anycarrier.validation import shape, text, validator
from anycarrier.words import Word

__all__ = [
    "LIVE",
    "Port",
    "PortDetails",
    "PortDraft",
    "PortIn",
    "PortRecord",
    "PortState",
    "Portability",
    "PortedNumber",
    "RecordedNumber",
    "ServiceAddress",
]


def _number(value: str) -> PhoneNumber:
    return number_named("number", value)


class PortState(Word):
    """State of a port, or of one of its numbers, in neutral words.

    The last four are states of an order on record (``PortRecord``), and of no provider's port.
    """

    SUBMITTED = "submitted"
    """The provider has the order and works on it, or waits for the losing carrier."""
    NEEDS_LOA = "needs_loa"
    """The provider waits for the letter of authorization (LOA), which a person signs."""
    SCHEDULED = "scheduled"
    """The losing carrier has agreed to a day (FOC)."""
    REJECTED = "rejected"
    """The losing carrier or the provider refused it: correct what the reason says, and order again."""
    COMPLETE = "complete"
    UNKNOWN = "unknown"
    """The provider's own word means none of these to this release."""
    IN_DOUBT = "in_doubt"
    """The order was perhaps sent, and it is not known whether the provider took it. It is not sent again."""
    REFUSED = "refused"
    """The provider answered the order with no, or the order provably was not sent: nothing was ordered or paid."""
    ABSENT = "absent"
    """The order was perhaps sent, and the provider provably has none. Only a new request id orders again."""
    LEFT_OUT = "left_out"
    """The port is complete, and this number of it is not on the account, or not yet."""


@frozen(kw_only=True, field_transformer=by_hints)
class Portability(JsonRecord):
    """Answer to the question whether a number can be ported to a provider.

    Attributes:
        reason: why it cannot be; ``None`` where it can be.
        losing_carrier: the carrier that has the number now.
        raw: the provider's own record.
    """

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    is_portable: bool
    reason: str | None = None
    losing_carrier: str | None = None
    is_toll_free: bool = False
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class Port(JsonRecord):
    """An order of an account to bring numbers from another carrier, as its provider states it.

    Attributes:
        id: the provider's own, which ``client.port(id)`` takes.
        provider_status: the provider's own word for ``state``.
        numbers: its numbers; ``None`` where they are not stated, as in a list: ``client.port(id)`` may state them.
        due: day on which the numbers come (FOC), once the losing carrier has agreed to one.
        loa_url: page on which a person signs the letter of authorization.
        reason: the provider's message, such as why the losing carrier refused.
        by_hand: what a person does now; ``None`` where there is nothing to do.
        raw: the provider's own record.
    """

    provider: str
    account: str
    id: str
    state: PortState = PortState.UNKNOWN
    provider_status: str | None = None
    numbers: tuple[PhoneNumber, ...] | None = None
    due: date | None = None
    loa_url: str | None = None
    reason: str | None = None
    by_hand: str | None = None
    created: datetime | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


LIVE = frozenset(
    {
        PortState.IN_DOUBT,
        PortState.SUBMITTED,
        PortState.NEEDS_LOA,
        PortState.SCHEDULED,
        PortState.UNKNOWN,
    }
)
"""States in which a number is on its way, or perhaps is: no other order of its provider may name it."""


@frozen(kw_only=True, field_transformer=by_hints)
class RecordedNumber(JsonRecord):
    """A number of an order on record.

    Attributes:
        state: ``COMPLETE`` only once the provider's port is complete and the number is on the account.
        reason: in words, why it is where it is; empty where there is nothing to say.
    """

    number: PhoneNumber = field(converter=_number)
    state: PortState
    reason: str = ""

    @property
    def is_live(self) -> bool:
        """Return whether it is on its way, or perhaps is."""
        return self.state in LIVE


@frozen(kw_only=True, field_transformer=by_hints)
class PortRecord(JsonRecord):
    """One order of a port in the journal: one request to a provider, on record before it was sent.

    Attributes:
        port_id: the provider's own id, for ``client.port(id)``; ``None`` while it is not known.
        state: of the order as a whole; a number may differ, as where a port is complete in part.
        due: day on which the numbers come (FOC).
        loa_url: page on which a person signs the letter of authorization.
        reason: in words of this library. The provider's own, which may quote what is private, are not in the journal:
            ``client.port(id)`` has them.
        fee: charge for the order, by the provider's documents; ``None`` where nothing was ordered.
        reference: the caller's own name for what it is for.
        created: Unix time, in seconds, at which it was recorded.
    """

    _json_times = ("created",)
    request_id: str
    provider: str
    account: str
    port_id: str | None = None
    state: PortState
    numbers: tuple[RecordedNumber, ...]
    due: date | None = None
    loa_url: str | None = None
    reason: str = ""
    fee: Money | None = None
    reference: str | None = None
    created: float = 0.0

    @property
    def is_open(self) -> bool:
        """Return whether one of its numbers is on its way, or perhaps is."""
        return any(one.is_live for one in self.numbers)


@frozen(kw_only=True, field_transformer=by_hints)
class PortIn(JsonRecord):
    """Outcome of ``client.port_in``: what was ordered under a request id, in this call and earlier ones.

    Attributes:
        records: the orders, one for each losing carrier and kind of number.
        refused: numbers that cannot be ported now, with the reason; they were not ordered.
        unsent: numbers that the call did not come to: the same call again orders them.
    """

    request_id: str
    records: tuple[PortRecord, ...] = ()
    refused: tuple[Portability, ...] = ()
    unsent: tuple[PhoneNumber, ...] = ()


_DIRECTIONS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def _direction(_: object, attribute: Any, value: object) -> None:
    if value is not None and not (isinstance(value, str) and value in _DIRECTIONS):
        raise InvalidInput(f"{attribute.name} must be one of {', '.join(_DIRECTIONS)}, or None, not {shape(value)}")


_optional = partial(validator, text, optional=True)


@frozen(kw_only=True)
class ServiceAddress(JsonValue):
    """Address at which the losing carrier serves numbers, as its bill shows it.

    Attributes:
        street_number: such as ``411``.
        street: name of the street alone, such as ``Hackensack``.
        street_type: abbreviation, such as ``AVE`` or ``ST``.
        street_prefix: direction before the name: N, NE, E, SE, S, SW, W or NW; ``street_suffix`` the one behind it.
        building: part of the address, as are ``floor`` and ``room``.
        unit: kind and number, such as ``STE 200``.
        city: its name.
        state: state or province, two capitals.
        postal_code: such as ``07601``.
        country: two capitals.
    """

    street_number: str = field(validator=validator(text, "411"))
    street: str = field(validator=validator(text, "Hackensack"))
    street_type: str = field(validator=validator(text, "AVE"))
    city: str = field(validator=validator(text, "Hackensack"))
    state: str = field(validator=validator(text, "NJ"))
    postal_code: str = field(validator=validator(text, "07601"))
    country: str = field(default="US", validator=validator(text, "US"))
    street_prefix: str | None = field(default=None, validator=_direction)
    street_suffix: str | None = field(default=None, validator=_direction)
    building: str | None = field(default=None, validator=_optional("B"))
    floor: str | None = field(default=None, validator=_optional("2"))
    room: str | None = field(default=None, validator=_optional("21"))
    unit: str | None = field(default=None, validator=_optional("STE 200"))


def _secret(value: Secret | str) -> Secret | str:
    return Secret(value) if isinstance(value, str) and str.strip(value) else value


def _secret_or_none(value: Secret | str | None) -> Secret | str | None:
    return None if value is None else _secret(value)


def _loose_number(value: PhoneNumber | str) -> PhoneNumber:
    """*value* as a number where it is one; the check of the whole says what is wrong with it otherwise."""
    try:
        return number_named("billing_number", value)
    except InvalidInput:
        return cast("PhoneNumber", value)


@frozen(kw_only=True)
class PortDetails:
    """Facts by which a losing carrier recognizes its customer: as the bill shows them, to the letter.

    All are private: no ``repr``, journal, log line or JSON form has them.

    Attributes:
        subscriber: name of the person or company.
        subscriber_kind: ``business`` or ``residential``.
        service_address: address at which the numbers are served.
        account_number: number of the account at the losing carrier; not that of a SIM or a login.
        pin: for porting out; many carriers require it.
        billing_number: number that the bill is made out for (BTN).
        authorized_person: person who may sign the letter of authorization.
        due_date: day on which the numbers shall come; the usual time without one.

    Raises:
        InvalidInput: names every problem at once.
    """

    subscriber: str = field(repr=False)
    subscriber_kind: Literal["business", "residential"]
    service_address: ServiceAddress = field(repr=False)
    account_number: Secret | str = field(converter=_secret, repr=False)
    pin: Secret | str | None = field(default=None, converter=_secret_or_none, repr=False)
    billing_number: PhoneNumber = field(converter=_loose_number, repr=False)
    authorized_person: str = field(repr=False)
    due_date: date | None = None

    def __attrs_post_init__(self) -> None:
        if found := self._problems():
            what = "there is 1 problem" if len(found) == 1 else f"there are {len(found)} problems"
            raise InvalidInput(f"{what} with the port: {'; '.join(found)}")

    @property
    def secrets(self) -> tuple[str, str | None]:
        """The account number and the PIN, as they are sent."""
        number, pin = self.account_number, self.pin
        return (
            number.reveal() if isinstance(number, Secret) else number,
            pin.reveal() if isinstance(pin, Secret) else pin,
        )

    def _problems(self) -> list[str]:
        """Faults of the details, in words; none of them quotes one."""
        found: list[str] = []
        _try(found, lambda: text("subscriber", self.subscriber, "Acme Inc", 100))
        kind: object = self.subscriber_kind
        if not isinstance(kind, str) or kind not in ("business", "residential"):
            found.append("subscriber_kind must be 'business' or 'residential'")
        if not isinstance(self.service_address, ServiceAddress):
            found.append(f"service_address must be a ServiceAddress, not {shape(self.service_address)}")
        for name, required in (("account_number", True), ("pin", False)):
            value: object = getattr(self, name)
            if not isinstance(value, Secret) and (required or value is not None):
                said = "empty text" if isinstance(value, str) else shape(value)
                found.append(f"{name} must be text or a Secret, not {said}")
            elif isinstance(value, Secret):
                _try(found, partial(_hidden, name, value.reveal()))
        _try(found, lambda: number_named("billing_number", self.billing_number))
        _try(found, lambda: text("authorized_person", self.authorized_person, "Ann Example", 100))
        due: object = self.due_date
        if due is not None and (not isinstance(due, date) or isinstance(due, datetime)):
            found.append(f"due_date must be a date, such as date(2026, 12, 15), not {shape(due)}")
        return found


def _hidden(name: str, value: str) -> None:
    if len(value) > 100 or not value.isprintable():
        raise InvalidInput(f"{name} must be 1 to 100 printable characters")


def _try(found: list[str], check: Callable[[], object]) -> None:
    try:
        check()
    except InvalidInput as error:
        found.append(error.message)


@frozen(kw_only=True, field_transformer=by_hints)
class PortedNumber:
    """A number of a port, with what its provider sets up when it comes.

    Attributes:
        calls: where its calls go.
        caller_name: name that is shown where it calls, at most 15 characters.
        campaign: id of the 10DLC campaign that it is bound to.
    """

    number: PhoneNumber = field(converter=_number)
    calls: Route | None = None
    caller_name: str | None = None
    campaign: str | None = None


@frozen(kw_only=True, field_transformer=by_hints)
class PortDraft:
    """One request for a port: numbers of one losing carrier, all toll-free or none.

    Attributes:
        details: facts by which that carrier recognizes its customer; private.
    """

    numbers: tuple[PortedNumber, ...]
    details: PortDetails
