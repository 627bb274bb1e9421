"""VoiceTel's simulator, a client and a journal in one virtual time."""

from __future__ import annotations

from typing import Any

from anycarrier import Client
from anycarrier.port_records import PortIn
from anycarrier.purchase import Journal, journal
from anycarrier.simulator import SimTransport, load
from anycarrier.testing import VirtualClock
from support.port_orders import port_order

__all__ = ["BASE", "FREE", "ONE", "TWO", "Place"]

BASE = "http://127.0.0.1:1"
ONE, TWO, FREE = "+19075550150", "+19075550151", "+18005550152"


class Place:
    """VoiceTel's simulator with a client and a journal, in one virtual time."""

    def __init__(self, **options: Any) -> None:
        self.clock = VirtualClock()
        self.played = load("voicetel", now=self.clock.time, **options)
        self.transport = SimTransport({BASE: self.played}, wait=self.clock.advance)
        self.phone: Client[Any] = Client(
            "voicetel", **self.played.settings, base_url=BASE, transport=self.transport, clock=self.clock
        )
        self.book: Journal = journal.open(":memory:")
        self.book._database.time = self.clock.time  # type: ignore[method-assign]

    def port_in(self, *numbers: Any, request_id: str = "r1", deadline: float = 60.0, **more: Any) -> PortIn:
        order = port_order(*numbers, **more)
        return self.phone.port_in(order, request_id=request_id, journal=self.book, deadline=deadline)

    def submitted(self) -> int:
        return sum(seen.operation == "port_submit" for seen in self.played.ledger.requests)
