"""Ports of numbers from other carriers as they go on by the simulator's clock.

The letter of authorization is signed (the event ``loa``). A day later the losing carrier, which compares the order with
its customer service record, rejects it or commits to a date. On that date, a week after the signature at the earliest,
the numbers arrive. No document says any of this: see the choice ``ports``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from anycarrier.simulator import PortIn, ServiceRecord, event, listed

from ._base import DAY
from .records import Account, Losing, Owned, Port
from .support import Support

__all__ = ["COMPARED", "Porting", "is_toll_free"]

HOUR = 3600.0
TEN_IN_CHICAGO = 15 * HOUR
TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
OTHER, OTHER_TOLL_FREE = ServiceRecord(), ServiceRecord(carrier="Example Toll-Free-RespOrg/1")
"""Records of numbers of which nothing else is known: every order agrees with them."""
COMPARED: Mapping[str, str] = {
    "account_number": "account number",
    "pin": "PIN",
    "street_number": "address",
    "zip": "address",
}
"""Members of a record that an order is compared with, and how a rejection names them."""


class Porting(Support):
    """Losing carriers, and the life of a port."""

    ports_in = True

    def begin(self) -> None:
        super().begin()
        self._facts: dict[str, dict[str, Any]] = {}
        for numbers, facts in self.first_records.items():
            for number in listed(numbers) or ():
                self._change(number, facts)

    def _change(self, number: str, facts: Mapping[str, Any]) -> None:
        national = number.removeprefix("+1")
        self._facts[national] = {**self._facts.get(national, {}), **facts}
        OTHER.with_facts(self._facts[national])

    @event
    def other_carrier(self, number: str, **facts: Any) -> None:
        """A fact of a number at another carrier that changes there, by the names of a service record."""
        self._change(number, facts)

    @event
    def loa(self, pid: str | None = None) -> None:
        """The letter of authorization of a port, signed; without *pid* those of all ports of the account."""
        if pid is not None and pid not in self.account.ports:
            raise ValueError(f"the account has no port {pid}")
        for port in self.account.ports.values():
            if pid in (None, port.pid) and port.signed_at is None:
                port.signed_at = self.time()

    # Losing carriers

    def losing_carrier(self, number: str) -> Losing | None:
        """Return the carrier that has a number today and its record; ``None`` where none is known to have it."""
        facts = self._facts.get(number, {})
        for simulator in self.losing:
            record = simulator.service_record(f"+1{number}")
            if record is not None:
                return Losing(record.with_facts(facts), simulator)
        if not facts or self._was_dropped(number):
            return None
        return Losing(self._unknown(number).with_facts(facts))

    def _was_dropped(self, number: str) -> bool:
        """Return whether a joined simulator had the number and released it."""
        return any(simulator.dropped(f"+1{number}") for simulator in self.losing)

    def _unknown(self, number: str) -> ServiceRecord:
        return OTHER_TOLL_FREE if is_toll_free(number) else OTHER

    def _disagreement(self, number: str, port: Port) -> str | None:
        """Return why the losing carrier does not let a number go; ``None`` where it does."""
        found = self.losing_carrier(number)
        if found is None:
            return "number is not active" if number in port.joined else None
        if found.record.porting_to is not None:
            return f"number is already being ported to {found.record.porting_to}"
        for member, noun in COMPARED.items():
            wanted = getattr(found.record, member)
            if wanted is not None and wanted != port.stated.get(member, ""):
                return f"{noun} does not match"
        return None

    # The clock

    def catch_up(self) -> None:
        super().catch_up()
        for account in self.accounts.values():
            for port in account.ports.values():
                if not port.done:
                    self._go_on(account, port)

    def _go_on(self, account: Account, port: Port) -> None:
        if port.signed_at is None or port.rejection is not None:
            return
        if port.answered_at is None:
            at = port.signed_at + DAY * max(self._record(number).answer_days for number in port.numbers)
            if at > self.now():
                return
            self._answer(port, at)
        if port.foc is None:
            return
        for at, number in sorted(self._arrivals(port, port.foc)):
            if at <= self.now():
                self._arrive(account, port, number, at)
        port.complete = port.foc <= self.now()
        waited_for = [number for number in port.numbers if number not in port.settled]
        port.done = port.complete and not waited_for

    def _answer(self, port: Port, at: float) -> None:
        port.answered_at = at
        for number in port.numbers:
            reason = self._disagreement(number, port)
            if reason is not None:
                port.rejection = f"Rejected by {self._record(number).carrier}: {reason} ({number})."
                return
        earliest = max(port.signed_at + self.port_days * DAY, port.due, at) if port.signed_at is not None else at
        day = earliest - earliest % DAY + TEN_IN_CHICAGO
        port.foc = day if day >= earliest else day + DAY
        for number in port.numbers:
            self._leaving(number, going=True)

    def _record(self, number: str) -> ServiceRecord:
        found = self.losing_carrier(number)
        return self._unknown(number) if found is None else found.record

    def _arrivals(self, port: Port, foc: float) -> Iterator[tuple[float, str]]:
        for number in port.numbers:
            if number not in port.settled:
                days = self._record(number).arrive_days
                yield max(foc + days * DAY, port.answered_at or foc), number

    def _arrive(self, account: Account, port: Port, number: str, at: float) -> None:
        found = self.losing_carrier(number)
        port.settled.add(number)
        if (found is None and number in port.joined) or (found is not None and found.record.stays):
            # Given up at the losing carrier meanwhile, or held back there.
            port.missing.append(number)
            self._leaving(number, going=False)
            return
        if found is not None and found.simulator is not None:
            found.simulator.leave(f"+1{number}")
        self._facts.pop(number, None)
        features = port.features.get(number, {})
        campaign = account.campaigns.get(features.get("campaign") or "")
        owned = Owned(number, at, route=features.get("gateway") or 4, translated=number)
        owned.caller_name = features.get("name")
        if campaign is not None:
            owned.campaign, owned.carrier = campaign.id, self._upstream(campaign.network)[1]
        account.owned[number], account.document = owned, None
        self.came(f"+1{number}")

    def _leaving(self, number: str, *, going: bool) -> None:
        for simulator in self.losing:
            simulator.leaving(f"+1{number}", going=going)

    # Numbers of ours that leave

    def held(self) -> list[str]:
        return [f"+1{number}" for account in self.accounts.values() for number in account.owned]

    def port_orders(self) -> list[PortIn]:
        return [
            PortIn(
                id=port.pid,
                account=name,
                numbers=tuple(f"+1{number}" for number in port.numbers),
                signed=port.signed_at is not None,
                rejection=port.rejection,
                missing=tuple(f"+1{number}" for number in port.missing),
                complete=port.complete,
            )
            for name, account in self.accounts.items()
            for port in account.ports.values()
        ]

    def withdraw(self, number: str) -> None:
        self.stock.pop(number.removeprefix("+1"), None)

    def service_record(self, number: str) -> ServiceRecord | None:
        for account in self.accounts.values():
            owned = account.owned.get(number.removeprefix("+1"))
            if owned is not None:
                return ServiceRecord(carrier="VoiceTel-NSR/1", account_number=account.username, pin=owned.pin)
        return None

    def leaving(self, number: str, *, going: bool) -> None:
        for account in self.accounts.values():
            owned = account.owned.get(number.removeprefix("+1"))
            if owned is not None:
                owned.porting = going

    def leave(self, number: str) -> None:
        for account in self.accounts.values():
            owned = account.owned.pop(number.removeprefix("+1"), None)
            if owned is not None:
                account.inbound.pop(owned.row, None)
                account.document = None
                self.ported_out(number)

    @event
    def porting_out(self, number: str) -> None:
        """A number of the account that is on its way to another carrier; it cannot be released or moved."""
        self._of_account(number).porting = True

    @event
    def port_out(self, number: str) -> None:
        """A number of the account that is at another carrier from now on."""
        self.leave(f"+1{self._of_account(number).number}")

    def _of_account(self, number: str) -> Owned:
        owned = self.account.owned.get(number.removeprefix("+1"))
        if owned is None:
            raise ValueError(f"the account has no number {number}")
        return owned


def is_toll_free(number: str) -> bool:
    """Return whether a number of ten digits is toll-free."""
    return number.startswith(TOLL_FREE)
