"""Answers of the providers' own operations: each is a record, or a list of records, and no bare dict or list."""

from __future__ import annotations

import re
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest

from anycarrier import adapter
from anycarrier.adapter import Record
from anycarrier.client._native import kind_of
from anycarrier.registry import make

SETTINGS: dict[str, dict[str, Any]] = {
    "lc_legacy": {"token": "t", "location_id": "L1"},
    "lc_phone": {"token": "t", "location_id": "L1"},
    "leadping": {"api_key": "k"},
    "voicetel": {"api_key": "0" * 32},
}
UNTYPED: dict[str, set[str]] = {
    "lc_legacy": set(),
    "lc_phone": set(),
    "leadping": set(),
    "voicetel": set(),
}
"""Operations that still answer with what no type describes: none may be added."""


def operations(name: str) -> dict[str, Any]:
    """The operations of a provider, by name."""
    api = make(name, SETTINGS[name]).api
    return {
        each: getattr(api, each) for each in dir(api) if not each.startswith("_") and kind_of(getattr(api, each, None))
    }


def endpoint_of(operation: Any) -> adapter.Endpoint[Any] | None:
    """The endpoint that an operation is made of; ``None`` for one that is written by hand."""
    if isinstance(operation, adapter.Bound):
        return operation._endpoint
    paged = getattr(operation, "_paged", None)
    found = getattr(operation, "endpoint", None) if paged is None else paged.endpoint
    return found if isinstance(found, adapter.Endpoint) else None


def is_untyped(operation: Any) -> bool:
    endpoint = endpoint_of(operation)
    if endpoint is not None:
        kind: Any = endpoint.record
        (kind,) = typing.get_args(kind) or (kind,)
        return not (kind is None or (isinstance(kind, type) and issubclass(kind, Record)))
    function = getattr(operation, "__func__", operation)
    returns = str(function.__annotations__["return"])
    home = vars(sys.modules[function.__module__])
    names = {word: home.get(word) for word in re.findall(r"\w+", returns)}
    return "Any" in names or "dict" in names or any(one is dict or "Mapping" in str(one) for one in names.values())


@pytest.mark.parametrize("name", SETTINGS)
def test_every_answer_has_a_type(name: str) -> None:
    found = operations(name)
    assert found
    assert {each for each, operation in found.items() if is_untyped(operation)} <= UNTYPED[name]


GENERATOR = Path(__file__).parents[2] / ".ci" / "make_typing.py"


@pytest.mark.slow
def test_type_checkers_see_every_field_of_every_record() -> None:
    if not GENERATOR.exists():
        pytest.skip("the generator is not part of the source distribution")
    done = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_answer_without_a_type_is_found() -> None:
    class Api(adapter.Api):
        provider = "acme"

        one = adapter.reads("/one", dict)
        all = adapter.reads("/all", list)
        none = adapter.writes("DELETE", "/one")

        def by_hand(self) -> adapter.Exchange[dict[str, Any]]:
            return (yield from self.one())

    api = Api("main")
    assert [is_untyped(one) for one in (api.one, api.all, api.none, api.by_hand)] == [True, True, False, True]
