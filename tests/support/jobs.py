"""Jobs on simulated providers, in this process."""

from __future__ import annotations

from anycarrier import AsyncClient, Client
from anycarrier.failover import Failover
from anycarrier.registry import make
from anycarrier.simulator import AsyncSimTransport, SimTransport, load


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
