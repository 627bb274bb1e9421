"""Test kits: simulated carriers for the tests of an application, and the contract suite of adapters.

An application's tests use the fixtures of :mod:`anycarrier.testing.pytest_plugin`, or :func:`simulated_carrier` without
pytest; see the docs page on testing. An adapter's test file subclasses :class:`~anycarrier.testing.contract.Contract`,
names the provider and inherits every case; see the docs page on writing an adapter.

Importing this loads nothing else, since pytest does in every run: each name is imported on first use.
"""

from __future__ import annotations

import sys

if "pytest" in sys.modules:
    # pytest explains the suite's plain asserts in every project that uses it.
    sys.modules["pytest"].register_assert_rewrite(
        "anycarrier.testing.contract", "anycarrier.testing.cassette_contract", "anycarrier.testing.provider_case"
    )

__all__ = [
    "MODES",
    "SCRUBBED",
    "AnyClient",
    "CassetteContract",
    "Contract",
    "HttpContract",
    "Missing",
    "ProviderCase",
    "RecordingTransport",
    "Script",
    "SimulatedCarrier",
    "Step",
    "Steps",
    "StubTransport",
    "Values",
    "VirtualClock",
    "simulated_carrier",
    "standard_steps",
]

_HOMES = {
    "simulated": ("SimulatedCarrier", "simulated_carrier"),
    "cassette_contract": ("CassetteContract",),
    "contract": ("Contract", "HttpContract"),
    "fakes": ("MODES", "AnyClient", "RecordingTransport", "StubTransport", "VirtualClock"),
    "provider_case": ("ProviderCase",),
    "recording": ("SCRUBBED", "Missing", "Step", "Steps", "Values", "standard_steps"),
    "script": ("Script",),
}

TYPE_CHECKING = False  # true for type checkers, whatever its value; importing typing takes longer than all of this
if TYPE_CHECKING:
    from typing import Any

    from anycarrier.testing.cassette_contract import CassetteContract
    from anycarrier.testing.contract import Contract, HttpContract
    from anycarrier.testing.fakes import MODES, AnyClient, RecordingTransport, StubTransport, VirtualClock
    from anycarrier.testing.provider_case import ProviderCase
    from anycarrier.testing.recording import SCRUBBED, Missing, Step, Steps, Values, standard_steps
    from anycarrier.testing.script import Script
    from anycarrier.testing.simulated import SimulatedCarrier, simulated_carrier


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            value = globals()[name] = getattr(import_module(f"anycarrier.testing.{home}"), name)
            return value
    raise AttributeError(f"module 'anycarrier.testing' has no attribute {name!r}")
