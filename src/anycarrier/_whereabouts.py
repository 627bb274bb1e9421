"""Whereabouts of numbers that move from one carrier to another, for a failover of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve

from anycarrier.exchange import Exchange, call
from anycarrier.model import OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import PortRecord
from anycarrier.purchase.journal import Journal

__all__ = ["arriving", "leaving", "marked", "ports_of", "serving"]

_ORDER = (
    Status.ACTIVE,
    Status.PORTING_OUT,
    Status.NEEDS_ACTION,
    Status.UNKNOWN,
    Status.PENDING,
    Status.PORTING_IN,
    Status.RELEASING,
)
"""States of a number on two accounts, that of the account which serves it first."""


def serving(found: Mapping[str, OwnedNumber]) -> str:
    """The account, of those that have a number, which serves it today."""
    return min(found, key=lambda account: _rank(found[account].status))


def _rank(status: Status) -> int:
    return _ORDER.index(status) if status in _ORDER else len(_ORDER)


def ports_of(journal: Journal | None, number: PhoneNumber | None = None) -> Exchange[Sequence[PortRecord]]:
    """Ports on their way, of one number or of all; none without a journal."""
    if journal is None:
        return ()
    return (yield from call(lambda: journal.ports(number=number, open=True), "ports"))


def leaving(ports: Iterable[PortRecord]) -> dict[PhoneNumber, tuple[str, str]]:
    """The account that each number is on its way to."""
    return {one.number: (record.provider, record.account) for record in ports for one in record.numbers if one.is_live}


def marked(owned: OwnedNumber, going: Mapping[PhoneNumber, tuple[str, str]]) -> OwnedNumber:
    """*owned*, porting out while a port takes it to another account; its provider may not say so."""
    to = going.get(owned.number)
    if to is None or to == (owned.provider, owned.account) or owned.status not in (Status.ACTIVE, Status.UNKNOWN):
        return owned
    return evolve(owned, status=Status.PORTING_OUT)


def arriving(number: PhoneNumber, ports: Iterable[PortRecord], members: Iterable[Any]) -> OwnedNumber | None:
    """A number that has left its old account and is not on the new one yet, as far as its port says."""
    accounts = {(member.name, member.accounts[0].id) for member in members}
    for record in ports:
        if (record.provider, record.account) in accounts:
            return OwnedNumber(
                provider=record.provider, account=record.account, number=number, status=Status.PORTING_IN
            )
    return None
