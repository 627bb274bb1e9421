"""Both clients offer the same operations, and never hand out an exchange that nobody drives."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from typing import Any

import pytest

from anycarrier import AnyCarrierError, AsyncClient, Client, ConfigurationError, Unsupported
from anycarrier.capabilities import OPERATIONS
from anycarrier.simulator import AsyncSimTransport, SimTransport, load

BASE = "http://127.0.0.1:1"


def public(cls: type[Any]) -> dict[str, Any]:
    return {name: member for name, member in inspect.getmembers(cls) if not name.startswith("_")}


def test_the_two_clients_have_the_same_methods_and_signatures() -> None:
    sync, coloured = public(Client), public(AsyncClient)
    assert sync.keys() == coloured.keys()
    for name in sync:
        if isinstance(sync[name], property):
            continue
        one, other = inspect.signature(sync[name]), inspect.signature(coloured[name])
        assert list(one.parameters) == list(other.parameters), name
        for parameter in list(one.parameters.values())[1:]:
            twin = other.parameters[parameter.name]
            assert (parameter.kind, parameter.default, parameter.annotation) == (
                twin.kind, twin.default, twin.annotation,
            ), name  # fmt: skip
        wanted = str(one.return_annotation).replace("Iterator", "AsyncIterator")
        assert str(other.return_annotation).replace("AsyncClient", "Client") == wanted.replace("AsyncClient", "Client")


def test_the_constructors_differ_in_the_transport_only() -> None:
    one = inspect.signature(Client.__init__).parameters
    other = inspect.signature(AsyncClient.__init__).parameters
    assert list(one) == list(other)


def test_every_operation_is_on_the_client() -> None:
    for operation in OPERATIONS:
        assert callable(getattr(Client, operation))


ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "bind_campaign": ("+12015550100", "CH5K5IZ"),
    "transfer": ("+12015550100", "1000000001"),
}


def test_no_method_returns_an_exchange() -> None:
    from anycarrier import Search, ToGateway

    simulator = load("voicetel")
    key = simulator.api_key  # type: ignore[attr-defined]
    given = {**ARGUMENTS, "search": (Search(area_code="201"),), "route": ("+12015550100", ToGateway(1000)), "list": ()}
    with Client("voicetel", api_key=key, base_url=BASE, transport=SimTransport({BASE: simulator})) as client:
        bought = client.buy(client.search(Search(area_code="201", limit=1))[0])
        for operation in OPERATIONS:
            arguments = given.get(operation, (bought,))
            if arguments and arguments[0] == "+12015550100":
                arguments = (bought, *arguments[1:])
            if operation == "buy":
                continue
            try:
                value = getattr(client, operation)(*arguments)
            except AnyCarrierError:
                continue
            assert isinstance(value, Iterator) if operation == "list" else not isinstance(value, Generator), operation
            if operation == "list":
                list(value)


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

    with Client(Nothing(), transport=SimTransport({})) as client, pytest.raises(Unsupported, match="cannot release"):
        client.release("+12015550100")  # type: ignore[misc]


def test_an_unknown_provider_names_the_known() -> None:
    with pytest.raises(ConfigurationError, match=r"no provider is called 'voicetell'; there are: .*voicetel"):
        Client("voicetell")
