"""Test kit of adapters: contract suite, a client of either mode behind one interface, scripts, virtual time.

Needs pytest. An adapter's test file subclasses :class:`~anycarrier.testing.contract.Contract`, names the provider and
inherits every case; see the docs page on writing an adapter.
"""

from __future__ import annotations

import pytest

# pytest explains the suite's plain asserts in every project that uses it.
pytest.register_assert_rewrite(
    "anycarrier.testing.contract", "anycarrier.testing.cassette_contract", "anycarrier.testing.provider_case"
)

from anycarrier.testing.cassette_contract import CassetteContract  # noqa: E402
from anycarrier.testing.contract import Contract, HttpContract  # noqa: E402
from anycarrier.testing.fakes import MODES, AnyClient, RecordingTransport, StubTransport, VirtualClock  # noqa: E402
from anycarrier.testing.provider_case import ProviderCase  # noqa: E402
from anycarrier.testing.recording import SCRUBBED, Missing, Step, Steps, Values, standard_steps  # noqa: E402
from anycarrier.testing.script import Script  # noqa: E402

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
    "Step",
    "Steps",
    "StubTransport",
    "Values",
    "VirtualClock",
    "standard_steps",
]
