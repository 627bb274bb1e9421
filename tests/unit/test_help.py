"""Help texts: a client's methods say what they do, and the model's help is short."""

from __future__ import annotations

import inspect
import pydoc

import pytest

import anycarrier
from anycarrier import AsyncClient, Client, Feature, model
from anycarrier.features import OPERATIONS


def text(thing: object) -> str:
    return pydoc.plain(pydoc.render_doc(thing))


def test_help_of_a_search_is_the_contract_and_no_reference_to_it() -> None:
    shown = text(Client.search)
    for words in (
        "Find numbers to buy.",
        "Args:",
        "query: filters",
        "at most ``query.limit``",
        "Raises:",
        "Unsupported",
    ):
        assert words in shown
    assert ":meth:" not in shown


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_help_of_an_operation_begins_with_what_it_does(client: type, name: str) -> None:
    operation = getattr(client, name)
    first = (inspect.getdoc(operation) or "").partition("\n")[0]
    assert first in text(operation)
    assert first[0].isupper()
    assert not first.startswith(":")
    assert len(first) >= 20


def test_help_of_the_model_is_short() -> None:
    shown = text(model)
    assert "capitalize" not in shown
    assert len(shown.splitlines()) < 1900  # Python 3.13 gives each argument a line
    assert len(text(Feature).splitlines()) < 60
    assert "VOICE" in text(Feature)


def test_every_public_name_has_help_of_its_own() -> None:
    for name in anycarrier.__all__:
        if name != "__version__":
            assert getattr(anycarrier, name).__doc__, name
