"""``anycarrier`` with its waits shortened, a second for some minutes, for tests that kill it and cannot wait."""

from __future__ import annotations

import sys
from typing import Any

from attrs import evolve

from anycarrier.cli import main
from anycarrier.purchase import circuit_breaker, worker
from anycarrier.purchase.journal import mapping
from anycarrier.registry import names, provider_class

SEND_WITHIN = 0.2


def hurry() -> None:
    """The same rules in the same proportions."""
    circuit_breaker.FIRST_PAUSE = 0.05
    hurry_purchases(
        SEND_WITHIN, settle=1.0, looks=2, look_every=0.05, replay_waits=(0.05, 0.1, 0.1, 0.1), replay_for=20.0,
        park_after=5.0,
    )  # fmt: skip


def hurry_purchases(send_within: float, **rules: Any) -> None:
    """Let purchases leave within some seconds, and resolve those of all providers by other *rules*."""
    worker.SEND_WITHIN = mapping.SEND_WITHIN = send_within
    for name in names():
        cls = provider_class(name)
        cls.rules = evolve(cls.rules, **rules)


if __name__ == "__main__":
    hurry()
    raise SystemExit(main(sys.argv[1:]))
