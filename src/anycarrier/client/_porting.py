"""Arguments of the client's operations on ports, and the account that they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anycarrier import validation
from anycarrier.capabilities import has, lacks
from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.exchange import Exchange, named
from anycarrier.model import Target, number_of, target_of
from anycarrier.numbers import PhoneNumber
from anycarrier.validation import shape, text

if TYPE_CHECKING:
    from anycarrier.port_records import Port, Portability, PortIn
    from anycarrier.ports import PortOrder
    from anycarrier.purchase import Journal


def portable(provider: object, numbers: Sequence[Target], account: str | None) -> Exchange[list[Portability]]:
    """Ask whether numbers can be ported to the provider."""
    from anycarrier.porting import portable

    return named("portable", portable(_porting(provider, "portable", account), _numbers(numbers)))


def port_in(
    provider: Any, order: PortOrder, request_id: str, journal: Journal | None, account: str | None, deadline: float
) -> Exchange[PortIn]:
    """Order the port of numbers, through a journal."""
    from anycarrier.porting import port_in
    from anycarrier.ports import PortOrder

    member = _porting(provider, "port_in", account)
    if not isinstance(order, PortOrder):
        raise InvalidInput(f"order must be a PortOrder, not {shape(order)}")
    validation.request_id(request_id)
    validation.deadline(deadline)
    if journal is None:
        raise ConfigurationError(
            "a port needs a journal, so that no number is ordered twice: Client(..., journal=journal.open(...)) with "
            "anycarrier.purchase.journal, or Failover([...], journal=...) for several providers"
        )
    book = validation.journal(journal)
    return named("port_in", port_in(member, order, request_id=request_id, journal=book, deadline=deadline))


def ports(provider: object, account: str | None) -> Exchange[list[Port]]:
    """List the account's ports."""
    read: Exchange[list[Port]] = _porting(provider, "ports", account).ports()
    return named("ports", read)


def port(provider: object, id: str, account: str | None) -> Exchange[Port]:
    """Read one port."""
    read: Exchange[Port] = _porting(provider, "port", account).port(text("id", id, "a3a2a"))
    return named("port", read)


def _porting(provider: Any, operation: str, account: str | None) -> Any:
    """The provider whose ports are meant: that of *account*, which a failover needs where several can port."""
    members = getattr(provider, "members", (provider,))
    if account is not None:
        text("account", account, "main")
        found = [one for one in members if account in {each.id for each in one.accounts}]
        if not found:
            raise InvalidInput(f"account {account!r} is not one of this client's")
        if not has(found[0], operation):
            raise lacks(found[0], operation)
        return found[0]
    able = [one for one in members if has(one, operation)]
    if len(able) > 1:
        known = ", ".join(one.accounts[0].id for one in able)
        raise InvalidInput(f"account: several accounts port numbers in; name one of {known}")
    if not able:
        raise lacks(provider, operation)
    return able[0]


def _numbers(value: object) -> list[PhoneNumber]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
        raise InvalidInput(f"numbers must be a list of numbers, such as ['+12015550123'], not {shape(value)}")
    if not value:
        raise InvalidInput("numbers must not be empty")
    found: list[PhoneNumber] = []
    for at, one in enumerate(value):
        try:
            found.append(number_of(target_of(one)))
        except InvalidInput as error:
            raise InvalidInput(f"numbers[{at}]: {error.message}") from None
    return found
