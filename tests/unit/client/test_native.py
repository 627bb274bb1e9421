"""A provider's own operations, bound to a client of either mode."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path
from typing import Any

import pytest

from anycarrier import AsyncClient, Client
from anycarrier.client import _base
from anycarrier.simulator import AsyncSimTransport, SimTransport, load
from anycarrier_adapters.voicetel import VoiceTel

BASE = "http://127.0.0.1:1"
SETTINGS: dict[str, dict[str, Any]] = {
    "voicetel": {"api_key": "0" * 32},
    "leadping": {"api_key": "lp_x"},
    "lc_phone": {"token": "t", "location_id": "L1"},
    "lc_legacy": {"token": "t", "location_id": "L1"},
}


def voicetel() -> VoiceTel:
    return VoiceTel(**load("voicetel").settings, base_url=BASE)


def test_an_operation_returns_its_value_and_a_listing_is_iterated() -> None:
    with Client(voicetel(), transport=SimTransport({BASE: load("voicetel")})) as phone:
        assert phone.native.gateways() == phone.run(phone.provider.api.gateways())
        rows = phone.native.numbers()
        assert iter(rows) is rows
        assert list(rows) == list(phone.iterate(phone.provider.api.numbers()))
        assert phone.native.gateways.__doc__ == phone.provider.api.gateways.__doc__


def test_an_operation_is_awaited_in_an_asynchronous_client() -> None:
    async def main() -> None:
        async with AsyncClient(voicetel(), transport=AsyncSimTransport({BASE: load("voicetel")})) as phone:
            assert await phone.native.gateways() == await phone.run(phone.provider.api.gateways())
            assert [row async for row in phone.native.numbers()] == [
                row async for row in phone.iterate(phone.provider.api.numbers())
            ]

    asyncio.run(main())


def test_names_are_those_of_the_api_and_another_is_an_attribute_error() -> None:
    with Client("voicetel", api_key="0" * 32) as phone:
        assert "gateways" in dir(phone.native)
        assert "gateways" in repr(phone.native)
        with pytest.raises(AttributeError, match="gatewys"):
            phone.native.gatewys()  # type: ignore[attr-defined]


def test_a_provider_without_an_api_says_so() -> None:
    class Bare:
        name, title, supports, accounts = "bare", "Bare v1", {}, ()

    with Client(Bare()) as phone, pytest.raises(AttributeError, match="Bare v1 has the neutral operations only"):
        _ = phone.native


@pytest.mark.parametrize("name", SETTINGS)
def test_type_checkers_know_every_operation(name: str) -> None:
    tree = ast.parse(Path(_base.__file__).with_name("_native_types.pyi").read_text())
    with Client(name, **SETTINGS[name]) as phone:
        cls = f"_Native{type(phone.provider).__name__}"
        listed = {
            target.id
            for node in tree.body
            if isinstance(node, ast.ClassDef) and node.name == cls
            for line in node.body
            if isinstance(line, ast.Assign)
            for target in line.targets
            if isinstance(target, ast.Name)
        }
        assert sorted(listed) == sorted(dir(phone.native)), "run .ci/make_native.py"
