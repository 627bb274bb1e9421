"""Every crash point of a purchase, with the real adapters, both clients and a SQLite journal, in virtual time.

The world stops at each effect in turn: before it, and after it happened but before anybody heard of it. Then a new
process recovers, and the provider's ledger must show one charge that the journal knows.
"""

from __future__ import annotations

import asyncio
import traceback
import weakref

import pytest

from anycarrier import AsyncClient, Client, Desired, Search, TextsToWebhook, ToGateway
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Moment
from anycarrier.failover import Failover
from anycarrier.purchase import ItemState, Order
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.registry import provider_class
from anycarrier.simulator.transport import AsyncSimTransport, SimTransport
from anycarrier_adapters.lc_legacy.simulator import LCLegacySimulator
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

SIMULATORS = {
    "voicetel": VoiceTelSimulator,
    "lc_phone": LCPhoneSimulator,
    "lc_legacy": LCLegacySimulator,
    "leadping": LeadpingSimulator,
}
BUYING = {"voicetel": "order", "lc_phone": "purchase", "lc_legacy": "purchase", "leadping": "create"}
ORDER = Order(criteria=Search(area_code="201"), deadline=3600)


class Killed(BaseException):
    """The process is gone."""


class Machine:
    """Clock, providers and journal, which outlive the processes; and the effect at which the process dies."""

    def __init__(self, names):
        self.time = 1_000_000.0
        self.simulators = {name: SIMULATORS[name](now=lambda: self.time) for name in names}
        now = weakref.proxy(self)
        self.database = SqliteDatabase(":memory:", clock=lambda: now.time)
        weakref.finalize(self, self.database.close)
        schema.migrate(self.database)
        self.effects = 0
        self.dies_at = None

    def tick(self):
        self.effects += 1
        if self.effects == self.dies_at:
            raise Killed

    def origin(self, name):
        return f"http://127.0.0.1:{8000 + list(self.simulators).index(name)}"

    def provider(self):
        members = [
            provider_class(name)(base_url=self.origin(name), **simulator.settings)
            for name, simulator in self.simulators.items()
        ]
        journal = Journal(self.database)
        journal.release_all_claims()
        return Failover(members, journal=Mortal(journal, self))

    def client(self, kind):
        transport = (SimTransport if kind is Client else AsyncSimTransport)(
            {self.origin(name): simulator for name, simulator in self.simulators.items()}
        )
        mortal = MortalTransport if kind is Client else AsyncMortalTransport
        return kind(self.provider(), transport=mortal(transport, self), clock=self)

    # -- the clock

    def now(self):
        return Moment(self.time - 777, self.time, 0.5)

    def sleep(self, seconds):
        self.tick()
        self.time += seconds

    async def async_sleep(self, seconds):
        self.sleep(seconds)

    def charges(self):
        """Charges that were not refunded."""
        return {(name, charge.number[-10:]): charge for name, charge in self._standing()}

    def count(self):
        return len([*self._standing()])

    def _standing(self):
        for name, simulator in self.simulators.items():
            back = [number for _, number, _ in simulator.ledger.refunds]
            for charge in simulator.ledger.charges:
                if charge.number in back:
                    back.remove(charge.number)
                else:
                    yield name, charge


class Mortal:
    """A journal in whose transactions the process may die: before they begin, or after they are committed."""

    def __init__(self, journal, machine):
        self._journal = journal
        self._machine = machine

    def __getattr__(self, name):
        found = getattr(self._journal, name)
        if not callable(found) or (name == "abandon" and self._machine.dies_at is not None):
            return found if name != "abandon" else lambda owner: None

        def called(*args, **more):
            self._machine.tick()
            result = found(*args, **more)
            self._machine.tick()
            return result

        return called


class MortalTransport:
    def __init__(self, transport, machine):
        self._transport = transport
        self._machine = machine

    def send(self, request):
        self._machine.tick()
        outcome = self._transport.send(request)
        self._machine.tick()
        return outcome

    def read(self, stream):
        return self._transport.read(stream)

    def close_stream(self, stream):
        self._transport.close_stream(stream)

    def close(self):
        self._transport.close()


class AsyncMortalTransport(MortalTransport):
    async def send(self, request):
        self._machine.tick()
        outcome = await self._transport.send(request)
        self._machine.tick()
        return outcome

    async def read(self, stream):
        return await self._transport.read(stream)

    async def close_stream(self, stream):
        await self._transport.close_stream(stream)

    async def close(self):
        await self._transport.close()


def one_life(machine, kind, work):
    """One process: ``work`` of a client until it ends, or the process dies."""
    if kind is Client:
        try:
            with machine.client(Client) as client:
                return work(client)
        except Killed:
            return None

    async def life():
        async with machine.client(AsyncClient) as client:
            return await work(client)

    try:
        return asyncio.run(life())
    except Killed:
        return None
    except BaseExceptionGroup as group:
        # A task group hands on what its task died of.
        assert group.split(Killed)[1] is None
        return None


def crash_points(kind):
    """Effects at which a process dies. After the first forty the same looks come again and again: every seventh is
    taken there. The asynchronous client drives the same exchanges: of it every third, and then every eleventh."""
    return [*range(1, 41, 1 if kind is Client else 3), *range(41, 1000, 7 if kind is Client else 11)]


def dies_everywhere(names, fault, kind, order=ORDER, *, points=None, **options):
    """The last effect at which a process dies, or one past it; *options* are attributes of the first simulator."""
    for k in points or crash_points(kind):
        machine = Machine(names)
        for name, value in options.items():
            setattr(machine.simulators[names[0]], name, value)
        if fault is not None:
            fault_kind, how = fault
            machine.simulators[names[0]].fault(fault_kind, operation=BUYING[names[0]], **how)
        machine.dies_at = k
        first = one_life(machine, kind, lambda client: client.provision(order, request_id="r"))
        reached = machine.effects >= k
        machine.dies_at = None
        again = one_life(machine, kind, lambda client: client.provision(order, request_id="r"))
        recovered = one_life(machine, kind, lambda client: client.recover())
        assert recovered is not None
        audit = one_life(machine, kind, lambda client: client.reconcile())
        charges = machine.charges()
        assert machine.count() == 1, (k, charges)
        assert [(one.provider, one.number.ten_digit) for one in again.bought] == list(charges), k
        assert not audit.missing, k
        assert not audit.failed, k
        assert not audit.orphans, k
        if not reached:
            assert first == again
            return k
    raise AssertionError("it never ends")


FAULTS = {
    "calm": None,
    "lost after it was done": ("reset", {"done": True}),
    "lost before it was done": ("reset", {"done": False}),
    "500 after it was done": ("error", {"done": True, "status": 500}),
    "done late": ("late", {"seconds": 20.0}),
}


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", SIMULATORS)
def test_crash_points(name, fault, kind):
    """A third of them, and another third for the next fault, so that each is tried at each provider."""
    third = list(FAULTS).index(fault) % 3
    assert dies_everywhere([name], FAULTS[fault], kind, points=crash_points(kind)[third::3]) > 12


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", SIMULATORS)
def test_soak_every_crash_point(name, fault, kind):
    assert dies_everywhere([name], FAULTS[fault], kind, points=range(1, 1000)) > 12


@pytest.mark.usefixtures("without_coverage")
def test_every_crash_point_of_a_failover():
    fault = ("error", {"status": 400, "times": 9})
    assert dies_everywhere(["lc_phone", "voicetel"], fault, Client) > 30


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_every_crash_point_of_a_set_up_that_fails(kind):
    failing = {"failing": frozenset(["+12015550100"]), "provisioning": 10.0}
    assert dies_everywhere(["leadping"], FAULTS["lost after it was done"], kind, **failing) > 40


def serves(machine):
    (charge,) = machine.charges().values()
    account = machine.simulators["voicetel"].account
    owned = account.owned[charge.number]
    return owned.campaign, owned.route, account.inbound[owned.row].resource


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("operation", ["number_route", "sms_set", "campaign_assign"])
def test_every_crash_point_of_an_order_that_sets_its_number_up(operation, kind):
    """Killed anywhere, then recovered by a process that never saw the order: bought once, routed and bound."""
    hook = "https://example.com/texts"
    setup = Desired(routes=[ToGateway(1000), TextsToWebhook(hook)], campaign="CB2PATH")
    order = Order(criteria=Search(area_code="201"), deadline=3600, setup=setup)
    for k in range(1, 1000):
        machine = Machine(["voicetel"])
        machine.simulators["voicetel"].fault("reset", operation=operation, done=True)
        machine.dies_at = k
        one_life(machine, kind, lambda client: client.provision(order, request_id="r"))
        reached = machine.effects >= k
        machine.dies_at = None
        if machine.charges():
            assert one_life(machine, kind, lambda client: client.recover()).undecided == 0, k
            assert machine.count() == 1, k
            assert serves(machine) == ("CB2PATH", 1000, hook), k
        done = one_life(machine, kind, lambda client: client.provision(order, request_id="r"))
        assert [item.state for item in done.items] == [ItemState.SET_UP], k
        assert machine.count() == 1, k
        if not reached:
            assert k > 30
            return


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_sync_and_async_tell_the_same_story(kind):
    machine = Machine(["voicetel", "leadping"])
    machine.simulators["voicetel"].fault("reset", operation="order", done=True)
    done = one_life(machine, kind, lambda client: client.provision(ORDER, request_id="r"))
    assert [one.provider for one in done.bought] == ["voicetel"]
    assert machine.count() == 1


def test_cancelling_leaves_what_recover_finishes():
    machine = Machine(["leadping"])
    machine.simulators["leadping"].fault("reset", operation="create", done=True)
    machine.simulators["leadping"].fault("error", operation="list_of_june", status=503)
    waiting = asyncio.Event()

    async def sleep(_):
        waiting.set()
        await asyncio.sleep(3600)

    async def cancelled(client):
        task = asyncio.create_task(client.provision(ORDER, request_id="r"))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        del machine.async_sleep
        began = machine.time
        done = await client.provision(ORDER, request_id="r")
        assert machine.time - began < 30  # it does not wait for the lease of the one that was cancelled
        return done

    machine.async_sleep = sleep
    assert one_life(machine, AsyncClient, cancelled).complete
    assert machine.count() == 1


@pytest.mark.parametrize("name", SIMULATORS)
def test_killing_after_a_cancelled_purchase_recovers_too(name):
    machine = Machine([name])
    machine.simulators[name].fault("hang", operation=BUYING[name], done=True, seconds=1)
    machine.dies_at = 10
    one_life(machine, AsyncClient, lambda client: client.provision(ORDER, request_id="r"))
    machine.dies_at = None
    recovery = one_life(machine, AsyncClient, lambda client: client.recover())
    assert [item.state for item in recovery.items] == [ItemState.ACTIVE]
    assert machine.count() == 1


@pytest.mark.parametrize("name", SIMULATORS)
def test_no_secret_is_kept_or_said(name):
    machine = Machine([name])
    machine.simulators[name].fault("error", operation=BUYING[name], status=500, done=False, times=50)
    told = []
    order = Order(criteria=Search(area_code="201"), deadline=30)

    def fails(client):
        client.provider._notify = told.append
        try:
            client.provision(order, request_id="r")
        except AnyCarrierError as error:
            return repr(error), str(error), repr(error.__dict__), "".join(traceback.format_exception(error))
        raise AssertionError

    said = one_life(machine, Client, fails)
    kept = "\n".join(machine.database._db.iterdump())
    exported = repr(list(Journal(machine.database).export()))
    secrets = [str(value) for key, value in machine.simulators[name].settings.items() if key in ("token", "api_key")]
    assert secrets
    for text in (*said, kept, exported, repr(told)):
        assert not [secret for secret in secrets if secret in text]


def test_a_deadline_says_how_to_go_on():
    machine = Machine(["leadping"])
    machine.simulators["leadping"].fault("reset", operation="create", done=False)
    order = Order(criteria=Search(area_code="201"), deadline=30)
    with pytest.raises(AnyCarrierError) as caught:
        one_life(machine, Client, lambda client: client.provision(order, request_id="r"))
    assert caught.value.purchase.open
    assert caught.value.resume_at > machine.time
    machine.time = caught.value.resume_at + 400
    done = one_life(machine, Client, lambda client: client.resume("r", deadline=300))
    assert done.complete
    assert machine.count() == 1
