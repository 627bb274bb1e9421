"""Jobs on simulated providers, in this process."""

from __future__ import annotations

from anycarrier import AsyncClient, Client, Money, jobs
from anycarrier.failover import Failover
from anycarrier.ports import PortDetails
from anycarrier.registry import make
from anycarrier.simulator import AsyncSimTransport, SimTransport, load
from support.port_orders import details
from support.port_places import Place


def phone_of(journal, *names, **options):
    """A client of simulated providers on *journal*, and the simulators by their names."""
    simulators = {name: load(name, **options) for name in names}
    urls = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(names, 1)}
    members = [make(name, {**one.settings, "base_url": urls[name]}, []) for name, one in simulators.items()]
    transport = SimTransport({urls[name]: one for name, one in simulators.items()})
    return Client(Failover(members, journal=journal), transport=transport), simulators


def async_phone_of(journal, *names, simulators=None, **more):
    """The same, asynchronous; *simulators* of another client go on."""
    simulators = simulators or {name: load(name) for name in names}
    urls = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(names, 1)}
    members = [make(name, {**one.settings, "base_url": urls[name]}, []) for name, one in simulators.items()]
    transport = AsyncSimTransport({urls[name]: one for name, one in simulators.items()})
    return AsyncClient(Failover(members, journal=journal), transport=transport, **more), simulators


class PortPlace(Place):
    """The place of ports, whose client has the journal, and what a port order there needs."""

    def __init__(self, **options):
        super().__init__(**options)
        self.details = PortDetails(**details())
        self.account = self.phone.provider
        self.phone = self.another()

    def another(self):
        """Another client of the same account, as another worker has one."""
        return Client(Failover([self.account], journal=self.book), transport=self.transport, clock=self.clock)

    def submit(self, *numbers, name="ports", **more):
        return jobs.submit_ports(self.book, numbers, self.account, name=name, **{"max_fee": Money("600"), **more})

    def work(self, name="ports", ports=True, **more):
        known = [self.details] if ports is True else ports or []
        return [self.phone.run(jobs.fill(ids, ports=known, **more)) for ids in jobs.chunks(self.book, name)]

    def close(self):
        self.phone.close()
        self.book.close()
