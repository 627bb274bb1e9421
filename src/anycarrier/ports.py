"""Orders of ports, and the records of them: see :mod:`anycarrier.porting` for the operations.

An order is checked whole when it is made: :class:`~anycarrier.InvalidInput` names every problem at once, by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from attrs import evolve, field, frozen

from anycarrier.desired_state.model import ChangeKind, Desired
from anycarrier.errors import InvalidInput
from anycarrier.model import Money, Route
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.port_records import (
    Port,
    Portability,
    PortDetails,
    PortDraft,
    PortedNumber,
    PortIn,
    PortRecord,
    PortState,
    RecordedNumber,
    ServiceAddress,
)
from anycarrier.validation import shape, text

__all__ = [
    "Port",
    "PortDetails",
    "PortDraft",
    "PortIn",
    "PortOrder",
    "PortRecord",
    "PortState",
    "Portability",
    "PortedNumber",
    "RecordedNumber",
    "ServiceAddress",
]


def _items(value: Sequence[Desired | str]) -> tuple[Desired, ...]:
    """*value* as a tuple, each number of it as a ``Desired`` where it is one; the check says what is wrong with it."""
    given: object = value
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Sequence):
        return cast("tuple[Desired, ...]", value)
    return cast("tuple[Desired, ...]", tuple(map(_wanted, value)))


def _wanted(item: Desired | str) -> object:
    try:
        return Desired(item) if isinstance(item, str) else item
    except InvalidNumber as error:
        return error


@frozen
class PortOrder(PortDetails):
    """An order to bring numbers of one subscriber from another carrier, unchanged.

    ``client.port_in(order, request_id=...)`` carries it out. It is not in any journal, and has no JSON form: what it
    says of the subscriber stays in this process.

    Attributes:
        numbers: the numbers; each may be a ``Desired`` instead, which names one with settings of its own.
        setup: settings for all numbers that have none of their own: a ``Desired`` without a number. Calls to a gateway,
            caller name and campaign travel with the order, where the provider takes them; all else is left to a plan
            once the number is there (:meth:`anycarrier.Client.plan`).
        max_fee: most that the provider may charge for the order as a whole.
        reference: the caller's own name for what it is for; the journal shows it.
        subscriber: name of the person or company, as the losing carrier's bill shows it.
        subscriber_kind: ``business`` or ``residential``.
        service_address: address at which the losing carrier serves the numbers.
        account_number: number of the account at the losing carrier: text, or a ``Secret``.
        pin: for porting out; many carriers require it: text, or a ``Secret``.
        billing_number: number that the losing carrier's bill is made out for (BTN).
        authorized_person: person who may sign the letter of authorization.
        due_date: day on which the numbers shall come; the usual time without one.

    Raises:
        InvalidInput: names every problem at once.
    """

    numbers: tuple[Desired, ...] = field(kw_only=False, converter=_items)
    setup: Desired | None = field(default=None, kw_only=True)
    max_fee: Money = field(kw_only=True)
    reference: str | None = field(default=None, kw_only=True)

    def lines(self, numbers: Sequence[PhoneNumber] | None = None) -> tuple[PortedNumber, ...]:
        """The numbers of the order with what travels along; only *numbers* where those are named."""
        wanted = None if numbers is None else frozenset(numbers)
        return tuple(
            _line(number, one if [*one.values()] or self.setup is None else self.setup)
            for one in self.numbers
            if (number := one.number) is not None and (wanted is None or number in wanted)
        )

    def desired(self) -> tuple[Desired, ...]:
        """The desired state of each number, for a plan once it has come."""
        return tuple(
            one if [*one.values()] or self.setup is None else evolve(self.setup, number=one.number)
            for one in self.numbers
        )

    def _problems(self) -> list[str]:
        found = super()._problems()
        numbers: object = self.numbers
        if not isinstance(numbers, tuple):
            found.append(f"numbers must be a list of numbers, such as ['+12015550123'], not {shape(numbers)}")
            numbers = (Desired("+12015550123"),)
        if not numbers:
            found.append("numbers must not be empty")
        seen: dict[PhoneNumber, int] = {}
        for at, one in enumerate(numbers):
            found += [f"numbers[{at}]: {problem}" for problem in _problems_of(one, seen, at)]
        setup: object = self.setup
        if setup is not None and (not isinstance(setup, Desired) or setup.number is not None):
            found.append("setup must be a Desired without a number, such as Desired(routes=[ToGateway(1000)])")
        elif isinstance(setup, Desired) and setup.release:
            found.append("setup cannot give the numbers up")
        if not isinstance(self.max_fee, Money):
            found.append(f"max_fee must be Money, such as Money('12'), not {shape(self.max_fee)}")
        if self.reference is not None:
            try:
                text("reference", self.reference, "move-2026")
            except InvalidInput as error:
                found.append(error.message)
        return found


def _problems_of(one: object, seen: dict[PhoneNumber, int], at: int) -> list[str]:
    """Faults of one item of the numbers; notes its number in *seen*."""
    if isinstance(one, InvalidNumber):
        return [one.message]
    if not isinstance(one, Desired):
        return [f"must be a number or a Desired, not {shape(one)}"]
    if one.number is None:
        return ["this Desired names no number"]
    found = ["release=True gives it up: it cannot be ported too"] if one.release else []
    first = seen.setdefault(one.number, at)
    return found if first == at else [*found, f"is the same number as numbers[{first}]"]


def _line(number: PhoneNumber, wanted: Desired) -> PortedNumber:
    values: Mapping[ChangeKind, Any] = dict(wanted.values())
    calls = values.get(ChangeKind.CALLS)
    return PortedNumber(
        number=number,
        calls=calls if isinstance(calls, Route) else None,
        caller_name=wanted.caller_name,
        campaign=wanted.campaign or None,
    )
