"""Fixtures of pytest that give an application's tests a simulated carrier; pytest loads them where this is installed.

The docs page on testing shows them. pytest imports this module in every run, so it imports nothing of the library
before a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from anycarrier import AsyncClient, Client
    from anycarrier.testing.simulated import SimulatedCarrier

__all__ = ["async_phone", "carrier", "phone", "simulated_carrier"]

INI = "anycarrier_providers"
MARKER = "carrier"
PARAMETER = "anycarrier_provider"
"""Fixture that is parametrized, and not ``carrier``, which a project may have of its own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting of providers."""
    parser.addini(INI, "providers that simulated_carrier and carrier simulate; default: all", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Add the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(*providers, **options): providers that simulated_carrier and carrier simulate in this test, and "
        "options of their simulators, such as owned=['2015550123']",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of ``carrier`` for each of its providers."""
    if PARAMETER in metafunc.fixturenames:
        metafunc.parametrize(PARAMETER, list(_wanted(metafunc.definition)))


def _wanted(item: pytest.Item) -> dict[str, dict[str, Any]]:
    """Return the providers of a test with options of each: of its nearest markers, or of the setting, or all."""
    from anycarrier.testing.simulated import simulated_providers

    usual: list[str] = item.config.getini(INI) or list(simulated_providers())
    marks = list(item.iter_markers_with_node(MARKER))
    nearest = [mark for node, mark in marks if node is marks[0][0]]
    found: dict[str, dict[str, Any]] = {}
    for mark in reversed(nearest):  # they come from the bottom up
        for name in mark.args or usual:
            found[name] = {**found.get(name, {}), **mark.kwargs}
    return found or {name: {} for name in usual}


@pytest.fixture
def simulated_carrier(request: pytest.FixtureRequest) -> Iterator[SimulatedCarrier]:
    """Simulated carriers for an application that makes its own clients, in this process and in those that it starts.

    They are those of the marker ``carrier`` or of the setting ``anycarrier_providers``, all by default;
    ``simulated_carrier["acme"]`` is one of them.
    """
    from anycarrier.testing.simulated import simulated

    with simulated(_wanted(request.node)) as carrier:
        yield carrier


@pytest.fixture
def carrier(simulated_carrier: SimulatedCarrier, anycarrier_provider: str) -> SimulatedCarrier:
    """One simulated carrier: the test runs once for each."""
    return simulated_carrier[anycarrier_provider]


@pytest.fixture
def phone(carrier: SimulatedCarrier) -> Iterator[Client[Any]]:
    """Blocking client of ``carrier``."""
    with carrier.client() as client:
        yield client


@pytest.fixture
def async_phone(carrier: SimulatedCarrier) -> AsyncClient[Any]:
    """Client of ``carrier`` for asyncio; on trio it refuses to work."""
    return carrier.async_client()
