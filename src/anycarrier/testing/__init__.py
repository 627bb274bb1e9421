"""What proves an adapter: the contract suite, a client of either colour behind one face, time that does not pass.

Needs pytest. An adapter's test file subclasses :class:`~anycarrier.testing.contract.Contract`, names the provider and
inherits every case; see the docs page on writing an adapter.
"""

from __future__ import annotations

import pytest

# The suite's plain asserts are to explain themselves wherever it is used.
ROOMS = ("behaviour", "breaking", "contract", "over_cassettes", "proving", "subject")
pytest.register_assert_rewrite(*(f"anycarrier.testing.{room}" for room in ROOMS))

from anycarrier.testing.behaviour import OverHttp  # noqa: E402
from anycarrier.testing.bench import COLOURS, Canned, Phone, VirtualClock, play  # noqa: E402
from anycarrier.testing.contract import Contract  # noqa: E402
from anycarrier.testing.over_cassettes import OverCassettes  # noqa: E402
from anycarrier.testing.steps import SCRUBBED, Step, Steps, Values  # noqa: E402
from anycarrier.testing.subject import Subject  # noqa: E402

__all__ = [
    "COLOURS", "SCRUBBED", "Canned", "Contract", "OverCassettes", "OverHttp", "Phone", "Step", "Steps", "Subject",
    "Values", "VirtualClock", "play",
]  # fmt: skip
