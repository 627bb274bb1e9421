"""Questions about ports, before anything is ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anycarrier.exchange import Exchange
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Portability

if TYPE_CHECKING:
    from anycarrier.provider import PortsIn

__all__ = ["portable"]


def portable(provider: PortsIn, numbers: Sequence[PhoneNumber]) -> Exchange[list[Portability]]:
    """Ask whether *numbers* can be ported to the provider: one record for each, in their order; changes nothing.

    Of a number that is named twice, there is one question.
    """
    once = tuple(dict.fromkeys(numbers))
    found = {one.number: one for one in (yield from provider.portability(once))}
    return [found[number] for number in numbers]
