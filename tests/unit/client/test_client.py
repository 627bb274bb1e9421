"""Both clients offer the same operations, and never hand out an exchange that nobody drives."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import AsyncIterator, Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from anycarrier import (
    AsyncClient,
    Client,
    ConfigurationError,
    Desired,
    EmergencyAddress,
    NoForward,
    Search,
    ToGateway,
    Unsupported,
)
from anycarrier.features import OPERATIONS
from anycarrier.purchase import journal
from anycarrier.simulator import AsyncSimTransport, SimTransport, load
from support.port_orders import port_order

BASE = "http://127.0.0.1:1"


WRITER = Path(__file__).parents[3] / ".ci" / "make_async.py"


@pytest.mark.slow
@pytest.mark.skipif(not WRITER.exists(), reason="the generator is not part of the source distribution")
def test_the_asynchronous_client_is_written_from_the_blocking_one() -> None:
    done = subprocess.run([sys.executable, WRITER, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def public(cls: type[Any]) -> dict[str, Any]:
    return {name: member for name, member in inspect.getmembers(cls) if not name.startswith("_")}


def test_the_two_clients_have_the_same_methods_and_signatures() -> None:
    sync, asynchronous = public(Client), public(AsyncClient)
    assert sync.keys() == asynchronous.keys()
    for name in sync:
        if isinstance(sync[name], property):
            continue
        one, other = inspect.signature(sync[name]), inspect.signature(asynchronous[name])
        assert list(one.parameters) == list(other.parameters), name
        for parameter in list(one.parameters.values())[1:]:
            twin = other.parameters[parameter.name]
            assert (parameter.kind, parameter.default, parameter.annotation) == (
                twin.kind,
                twin.default,
                twin.annotation,
            ), name
        wanted = str(one.return_annotation).replace("Iterator", "AsyncIterator")
        assert str(other.return_annotation).replace("AsyncClient", "Client") == wanted.replace("AsyncClient", "Client")


def test_the_constructors_differ_in_the_transport_only() -> None:
    one = inspect.signature(Client.__init__).parameters
    other = inspect.signature(AsyncClient.__init__).parameters
    assert list(one) == list(other)


def test_every_operation_is_on_the_client() -> None:
    for operation in OPERATIONS:
        assert callable(getattr(Client, operation))


DRIVEN_ELSEWHERE = {
    "run": "drives what it is given",
    "iterate": "drives what it is given",
    "close": "no operation",
    "provider": "no operation",
    "native": "the provider's operations",
    "capabilities": "no operation",
    "limits": "no operation",
    "provision": "needs a journal: tests of failover",
    "quotes": "needs a journal: tests of failover",
    "resume": "needs a journal: tests of failover",
    "recover": "needs a journal: tests of failover",
    "sweep": "needs a journal: tests of failover",
    "reconcile": "needs a journal: tests of failover",
    "set_label": "VoiceTel has none: the contract suite",
    "set_enabled": "VoiceTel has none: the contract suite",
    "pools": "VoiceTel has none: the contract suite",
    "resolve": "needs a lost answer: the contract suite",
    "plan_switch": "needs two accounts: tests of switching",
    "finish_switch": "needs two accounts: tests of switching",
}


LISTS = ("apply", "list", "status", "numbers_without_emergency_address")


def every_operation(phone: Any) -> Generator[tuple[str, Any], Any, None]:
    """Each operation of a client in turn, with what it returned sent back in."""
    query = Search(area_code="201", limit=2)
    first, second = yield "search", phone.search(query)
    yield "search_each", phone.search_each([query])
    number = yield "buy", phone.buy(first)
    other = yield "buy", phone.buy(second)
    yield "wait", phone.wait(number)
    yield "list", phone.list()
    yield "get", phone.get(number)
    yield "route", phone.route(number, ToGateway(1000))
    plan = yield "plan", phone.plan([Desired(number.number, routes=[NoForward()])])
    yield "apply", phone.apply(plan)
    yield "status", phone.status(plan)
    yield "undo", phone.undo(plan)
    yield "bind_campaign", phone.bind_campaign(number, "CH5K5IZ")
    yield "campaign_of", phone.campaign_of(number)
    yield "balance", phone.balance()
    yield "set_caller_name", phone.set_caller_name(number, "ACME CORP")
    yield "caller_name", phone.caller_name(number)
    yield "look_up", phone.look_up(number)
    yield "campaigns", phone.campaigns()
    yield "campaign", phone.campaign("CH5K5IZ")
    yield "coverage", phone.coverage("state")
    yield "unbind_campaign", phone.unbind_campaign(number)
    address = EmergencyAddress(
        name="Acme Inc", street="411 Hackensack Avenue", city="Hackensack", state="NJ", postal_code="07601"
    )
    yield "check_emergency_address", phone.check_emergency_address(address)
    yield "set_emergency_address", phone.set_emergency_address(number, address)
    yield "emergency_address", phone.emergency_address(number)
    yield "remove_emergency_address", phone.remove_emergency_address(number)
    yield "numbers_without_emergency_address", phone.numbers_without_emergency_address()
    yield "portable", phone.portable(["+13125550123"])
    with journal.open(":memory:") as book:
        yield "port_in", phone.port_in(port_order("+19075550150"), request_id="r1", journal=book)
    _, port = yield "ports", phone.ports()
    yield "port", phone.port(port.id)
    yield "release", phone.release(number)
    yield "transfer", phone.transfer(other, "1000000002")


def test_no_method_returns_an_exchange() -> None:
    simulator = load("voicetel", ports="+13125550150")
    tried = set()
    with Client("voicetel", **simulator.settings, base_url=BASE, transport=SimTransport({BASE: simulator})) as client:
        steps = every_operation(client)
        name, value = next(steps)
        while True:
            tried.add(name)
            assert not isinstance(value, Generator) or name in LISTS, name
            try:
                name, value = steps.send([*value] if name in LISTS else value)
            except StopIteration:
                break
    assert tried == public(Client).keys() - DRIVEN_ELSEWHERE.keys()


def test_no_method_of_the_asynchronous_client_returns_an_exchange() -> None:
    simulator = load("voicetel", ports="+13125550150")
    tried = set()

    async def main() -> None:
        async with AsyncClient(
            "voicetel", **simulator.settings, base_url=BASE, transport=AsyncSimTransport({BASE: simulator})
        ) as client:
            steps = every_operation(client)
            name, value = next(steps)
            while True:
                tried.add(name)
                value = [item async for item in value] if name in LISTS else await value
                assert not isinstance(value, Generator), name
                try:
                    name, value = steps.send(value)
                except StopIteration:
                    break

    asyncio.run(main())
    assert tried == public(AsyncClient).keys() - DRIVEN_ELSEWHERE.keys()


def test_async_list_is_an_async_iterator() -> None:
    simulator = load("voicetel")

    async def main() -> None:
        async with AsyncClient(
            "voicetel",
            api_key=simulator.api_key,
            base_url=BASE,
            transport=AsyncSimTransport({BASE: simulator}),  # type: ignore[attr-defined]
        ) as client:
            numbers = client.list()
            assert isinstance(numbers, AsyncIterator)
            assert [number async for number in numbers] == [number async for number in client.list()]

    asyncio.run(main())


def test_a_provider_object_lacking_an_operation_is_refused_before_anything_is_sent() -> None:
    class Nothing:
        name = "nothing"
        title = "Nothing"
        supports: Mapping[str, Any] = {}
        accounts = ()

    refused = pytest.raises(Unsupported, match="cannot give a number up")
    with Client(Nothing(), transport=SimTransport({})) as client, refused:
        client.release("+12015550100")  # type: ignore[misc]


def test_an_unknown_provider_names_the_known() -> None:
    with pytest.raises(ConfigurationError, match=r"no provider is called 'xyzzy'; there are: .*voicetel"):
        Client("xyzzy")
