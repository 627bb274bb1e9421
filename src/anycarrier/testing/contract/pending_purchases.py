"""Cases of numbers that are set up for long after they were bought, or cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from anycarrier.attempt import AttemptState
from anycarrier.failover import Failover
from anycarrier.model import Status
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import ItemState
from anycarrier.purchase.order import Order
from anycarrier.simulator import Simulator
from anycarrier.simulator.transport import AsyncSimTransport, SimTransport
from anycarrier.testing.fakes import AnyClient, Mode, VirtualClock
from anycarrier.testing.provider_case import BASE, ProviderCase

__all__ = ["PendingPurchaseCases"]

LONG = 86_400.0


class PendingPurchaseCases(ProviderCase):
    """The cases of :attr:`~anycarrier.testing.provider_case.ProviderCase.pending`; nothing where that is ``None``."""

    @contextmanager
    def ordering(self, mode: Mode, clock: VirtualClock) -> Iterator[tuple[AnyClient, Simulator, Journal]]:
        """A client with a journal, of a simulator that takes its time to set numbers up."""
        played = self.simulate(now=clock.time, **(self.pending or {}))
        database = SqliteDatabase(":memory:", clock=clock.time)
        schema.migrate(database)
        transport: Any = (SimTransport if mode == "sync" else AsyncSimTransport)({BASE: played})
        with Journal(database) as journal:
            member = Failover([self.provider(BASE)], journal=journal)
            with AnyClient(mode, member, transport, clock) as phone:
                yield phone, played, journal

    def test_a_number_that_is_set_up_for_long_is_pending_and_then_active(self, mode: Mode, clock: VirtualClock) -> None:
        if self.pending is None:
            return
        with self.ordering(mode, clock) as (phone, played, journal):
            at_once = phone.provision(Order(criteria=self.criteria, fulfilled_by="placed"), request_id="placed")
            assert clock.time() - journal.load("placed#1").request.created < LONG
            (one,) = at_once.bought
            (entry,) = journal.load("placed#1").entries
            assert entry.attempt.state is AttemptState.PLACED, (
                f"`place` tells the number as {one.owned and one.owned.status!r}, which is set up only later here: "
                "its status must be PENDING"
            )
            done = phone.provision(Order(criteria=self.criteria, deadline=LONG), request_id="active")
            assert done.items[0].state is ItemState.ACTIVE
            (number,) = done.numbers
            assert phone.get(number).status is Status.ACTIVE
            assert len(self.charges(played, number)) == 1

    def test_a_number_whose_set_up_fails_is_replaced(self, mode: Mode, clock: VirtualClock) -> None:
        if self.pending is None:
            return
        with self.ordering(mode, clock) as (phone, played, journal):
            first = phone.search(self.criteria)[0].number
            self.failing(played, first)
            done = phone.provision(Order(criteria=self.criteria, deadline=LONG), request_id="r")
            entries = journal.load("r#1").entries
            assert entries[0].attempt.draft.number == first
            assert entries[0].attempt.state is AttemptState.REJECTED, (
                f"the set-up of the number failed, and the order says {entries[0].attempt.state} ({done.numbers}): "
                "`find_purchase` must tell its status as FAILED"
            )
            (number,) = done.numbers
            assert number != first
            assert len(self.charges(played, number)) == 1
