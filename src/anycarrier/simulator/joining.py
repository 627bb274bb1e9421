"""Joinables that are joined: a number that ports in at one leaves the other on that day.

Port orders are checked against a :class:`ServiceRecord`, the record that the losing carrier has of a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

from attrs import evolve, field, fields, frozen
from attrs.converters import optional

from anycarrier.errors import InvalidInput
from anycarrier.simulator.faults import FaultPlan
from anycarrier.simulator.ledger import Ledger

__all__ = ["Joinable", "PortIn", "ServiceRecord", "join"]


@frozen(kw_only=True)
class ServiceRecord:
    """Customer service record (CSR): a number as its present carrier knows it, and what that carrier does with a port.

    A port order has to agree with it. What is ``None`` is not checked. All of it is inferred: no provider documents
    how a losing carrier decides.

    Attributes:
        carrier: name of the losing carrier.
        account_number: number of the subscriber's account there.
        pin: port-out PIN.
        street_number: house number of the service address.
        zip: ZIP code of the service address.
        reason: why the number cannot be ported at all; ``None`` where it can.
        porting_to: carrier to which the number is on its way already.
        answer_days: days from the letter of authorization until this carrier commits to a date or rejects the order.
        arrive_days: days after that date on which the number arrives, where it is late; negative where it is early.
        stays: whether the number does not come although the order completes.
    """

    carrier: str = "Example Telecom-NSR/1"
    account_number: str | None = field(default=None, converter=optional(str))
    pin: str | None = field(default=None, converter=optional(str))
    street_number: str | None = field(default=None, converter=optional(str))
    zip: str | None = field(default=None, converter=optional(str))
    reason: str | None = None
    porting_to: str | None = None
    answer_days: float = field(default=1.0, converter=float)
    arrive_days: float = field(default=0.0, converter=float)
    stays: bool = False

    def with_facts(self, facts: Mapping[str, Any]) -> ServiceRecord:
        """Return this record with *facts*, by the names of its attributes.

        Raises:
            ValueError: there is no such attribute, or a value cannot be one.
        """
        if not facts:
            return self
        known = [one.name for one in fields(ServiceRecord)]
        if unknown := sorted(set(facts) - set(known)):
            raise ValueError(f"a service record has {', '.join(known)}, not {', '.join(unknown)}")
        return evolve(self, **facts)


@frozen(kw_only=True)
class PortIn:
    """A port order that a simulator took.

    Attributes:
        id: the provider's.
        account: name of the account at the simulator.
        numbers: in E.164.
        signed: whether the letter of authorization is.
        rejection: why the losing carrier does not let the numbers go; ``None`` where it does, or has not answered.
        missing: numbers that did not arrive although the order is complete.
        complete: whether the day of the port is over.
    """

    id: str
    account: str
    numbers: tuple[str, ...]
    signed: bool
    rejection: str | None
    missing: tuple[str, ...]
    complete: bool


class Joinable:
    """Base of a simulator: what joined simulators have to know of each other. Numbers are in E.164."""

    name: ClassVar[str]
    now: Callable[[], float]
    lock: Any
    faults: FaultPlan
    _ledger: Ledger
    ports_in: ClassVar[bool] = False
    """True where it takes port orders."""
    losing: tuple[Joinable, ...] = ()
    """Joinables that lose the numbers that port in here."""
    gaining: tuple[Joinable, ...] = ()
    """Joinables to which numbers of this one can be ported."""

    # for a subclass to fill in

    def catch_up(self) -> None:
        """Do what is due by now and waits for no request, such as a port that completes."""

    def held(self) -> Iterable[str]:
        """Return the numbers of every account."""
        return ()

    def port_orders(self) -> Iterable[PortIn]:
        """Return the port orders of every account."""
        return ()

    def withdraw(self, number: str) -> None:
        """Take a number out of those for sale: it is at another carrier."""

    def service_record(self, number: str) -> ServiceRecord | None:
        """Return the record of a number by which its port to another carrier is checked.

        ``None`` where no account here has the number.
        """
        return None

    def leaving(self, number: str, *, going: bool) -> None:
        """Mark a number as on its way to another carrier, or as one that stays."""

    def leave(self, number: str) -> None:
        """Take a number off its account: it is at another carrier now."""

    def dropped(self, number: str) -> bool:
        """Return whether an account here had the number and released it, and has not got it back."""
        released = {one.removeprefix("+1") for _, one in self._ledger.releases}
        return number.removeprefix("+1") in released and number not in self.held()

    def withdraw_joined(self) -> None:
        """Take out of those for sale what accounts of joined simulators have."""
        for other in (*self.losing, *self.gaining):
            for number in other.held():
                self.withdraw(number)

    # for a subclass to use

    def came(self, number: str) -> None:
        """Take a number that an account here has now out of those for sale at joined simulators."""
        for other in (*self.losing, *self.gaining):
            other.withdraw(number)

    # for programs and tests

    def pass_time(self, seconds: float) -> None:
        """Move the clock on by *seconds*, also that of every simulator that this one is joined with."""
        with self.lock:
            for one in _group(self):
                one.now = one.faults.time = partial(_later, one.now, seconds)


def join(*, losing: Joinable, gaining: Joinable) -> None:
    """Join two simulators: a number of *losing* that ports in at *gaining* leaves *losing* on that day.

    An order at *gaining* is checked against the account of *losing* that has the number (see
    :meth:`~anycarrier.simulator.Simulator.service_record`), and a number that one of them has is for sale at neither.
    A number that its account dropped before it arrived is lost. Give both the same clock. A simulator may be joined
    with several; the joint stays after a reset, and each is reset by itself.

    Raises:
        InvalidInput: *gaining* takes no port orders, or both are the same simulator.
    """
    if losing is gaining:
        raise InvalidInput("a simulator cannot be joined with itself")
    if not gaining.ports_in:
        raise InvalidInput(f"no number can be ported to the simulator of {gaining.name}: it takes no port orders")
    with losing.lock, gaining.lock:
        losing.gaining = (*losing.gaining, gaining)
        gaining.losing = (*gaining.losing, losing)
        everyone = _group(gaining)
        for one in everyone:
            # One lock for all: either may be the first to learn that the day has come.
            one.lock = one.faults.lock = gaining.lock
        losing.withdraw_joined()
        gaining.withdraw_joined()


def _group(start: Joinable) -> list[Joinable]:
    """Return *start* and every simulator that it is joined with, also through others."""
    found = [start]
    for one in found:
        found += [other for other in (*one.losing, *one.gaining) if other not in found]
    return found


def _later(now: Callable[[], float], seconds: float) -> float:
    return now() + seconds
