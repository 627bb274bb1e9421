"""Ports of numbers from other carriers: checked, ordered through a journal, and followed until they are there.

Exchanges over a provider that has :class:`~anycarrier.provider.PortsIn`, and a journal::

    portable(provider, numbers) -> Exchange[list[Portability]]
    port_in(provider, order, *, request_id, journal, deadline=60.0) -> Exchange[PortIn]
    observe_ports(provider, *, journal, request_id=None) -> Exchange[list[PortRecord]]
    journal.ports(request_id=None, number=None, open=None) -> list[PortRecord]
"""

from __future__ import annotations

from anycarrier.port_records import PortIn, PortRecord, RecordedNumber
from anycarrier.porting.asking import portable
from anycarrier.porting.looking import observe_ports
from anycarrier.porting.ordering import port_in

__all__ = ["PortIn", "PortRecord", "RecordedNumber", "observe_ports", "port_in", "portable"]
