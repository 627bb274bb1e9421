"""VoiceTel's simulator, a journal and a client in one virtual time; a process may be killed at any point."""

from __future__ import annotations

from collections import Counter

from anycarrier.client import Client
from anycarrier.port_records import LIVE, PortState
from anycarrier.porting import looking, observe_ports
from anycarrier.simulator import SimTransport, load
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel import porting
from support.port_orders import PRIVATE, port_order

BASE = "http://127.0.0.1:1"
LOCAL = ("+19075550150", "+19075550151")
TOLL_FREE = "+18005550152"
WAITS = (700.0, 30.0, 60.0, 300.0, 600.0, 3600.0)
"""Seconds between looks after a restart; more than the settle window in all."""


def one_after_the_other(patch):
    """Have reads that are under way at once follow each other, so that points are the same in every run."""
    patch.setattr(porting, "AT_ONCE", 1)
    patch.setattr(looking, "AT_ONCE", 1)


class Killed(BaseException):
    """The process dies here."""


class Dying:
    """An object whose calls are counted, before and after each; at the one of number *at* the process dies."""

    def __init__(self, one, world):
        self._one = one
        self._world = world

    def __getattr__(self, name):
        found = getattr(self._one, name)
        if name.startswith("_") or not callable(found):
            return found

        def call(*arguments, **named):
            self._world.point(f"before {name}")
            value = found(*arguments, **named)
            self._world.point(f"after {name}")
            return value

        return call


class Wire:
    """The simulator's transport, which may die with the process before or after it has done the work."""

    def __init__(self, world):
        self.world = world
        self.inner = SimTransport({BASE: world.played}, wait=world.clock.advance)

    def send(self, request):
        self.world.point("before request")
        outcome = self.inner.send(request)
        self.world.point("after request")
        return outcome

    def read(self, stream):
        return self.inner.read(stream)

    def close_stream(self, stream):
        self.inner.close_stream(stream)

    def close(self):
        self.inner.close()


class Always(dict):
    """Numbers that may be ported at any time, as often as somebody orders it."""

    def get(self, number, default=None):
        return float("inf")

    def __delitem__(self, number):
        pass


class World:
    """One account, one journal, one clock.

    Args:
        book_of: makes the journal, with the clock.
        naive: whether the provider takes every order, also of a number that is being ported already: then nothing but
            the protocol keeps a number from being ordered twice.
        options: of the simulator.
    """

    def __init__(self, book_of, *, naive=False, **options):
        self.clock = VirtualClock()
        self.played = load("voicetel", now=self.clock.time, **options)
        if naive:
            self.played._obstacle = lambda number: None
            self.played.account.portable = Always()
        self.book = book_of(self.clock)
        self.die_at = None
        self.points = []

    def point(self, name):
        self.points.append(name)
        if self.die_at is not None and len(self.points) > self.die_at:
            self.die_at = None
            raise Killed(name)

    def phone(self):
        settings = self.played.settings
        return Client("voicetel", **settings, base_url=BASE, transport=Wire(self), clock=self.clock)

    def port_in(self, order=None, request_id="r1", deadline=20_000.0):
        """One process: it may be killed."""
        order = order or port_order(*LOCAL, TOLL_FREE)
        with self.phone() as phone:
            return phone.port_in(order, request_id=request_id, journal=Dying(self.book, self), deadline=deadline)

    def observe(self, request_id=None):
        with self.phone() as phone:
            return phone.run(observe_ports(phone.provider, journal=Dying(self.book, self), request_id=request_id))

    def at_provider(self):
        """Count of the simulator's ports that have each number, without those that are rejected."""
        ports = [port for port in self.played.account.ports.values() if port.rejection is None]
        return Counter(f"+1{number}" for port in ports for number in port.numbers)

    def submitted(self):
        """Count of the orders that the provider has received."""
        return sum(seen.operation == "port_submit" for seen in self.played.ledger.requests)

    def charges(self):
        return Counter(f"+1{charge.number.removeprefix('+1')}" for charge in self.played.ledger.charges)

    def judge(self):
        """Promises of the protocol that are broken by now, in words."""
        wrong = [f"{number} is in {count} ports" for number, count in self.at_provider().items() if count > 1]
        wrong += [f"{number} was paid {count} times" for number, count in self.charges().items() if count > 1]
        pids = {f"+1{number}": port.pid for port in self.played.account.ports.values() for number in port.numbers}
        known = Counter()
        for record in self.book.ports():
            for one in record.numbers:
                if one.state in LIVE or one.state is PortState.COMPLETE:
                    known[one.number] += 1
                    if record.port_id is not None and pids.get(one.number) != record.port_id:
                        wrong.append(f"{one.number} is on record with another port")
        wrong += [f"{number} is in {count} live orders on record" for number, count in known.items() if count > 1]
        wrong += [f"{number} is ported and not on record" for number in self.at_provider() if not known[number]]
        return wrong

    def settled(self):
        """The same once all looks are done."""
        wrong = self.judge()
        ports = self.at_provider()
        for record in self.book.ports():
            if record.state is PortState.IN_DOUBT:
                wrong.append("an order is in doubt for ever")
            lost = record.port_id is None and record.state in (PortState.ABSENT, PortState.REFUSED)
            theirs = {one.number for one in record.numbers}
            others = [
                one
                for one in self.book.ports()
                if one is not record and one.port_id and theirs & {each.number for each in one.numbers}
            ]
            if lost and not others and any(ports[number] for number in theirs):
                wrong.append("an order was given up, and the provider has it")
        return wrong

    def wait(self):
        """Look again and again, as a schedule does, until the settle window is over."""
        for seconds in WAITS:
            self.clock.advance(seconds)
            self.observe()

    def shown(self):
        """Everything that the journal has, as text."""
        tables = ("port", "port_number")
        with self.book._database.transaction(writes=False) as tx:
            return "\n".join(str([*row]) for name in tables for row in tx.rows(f"SELECT * FROM anycarrier_{name}"))  # noqa: S608

    def leaks(self):
        shown = self.shown() + repr(self.book.ports())
        return [text for text in PRIVATE if text in shown]
