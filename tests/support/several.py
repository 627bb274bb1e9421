"""Accounts of several simulated providers, and the command line in process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from anycarrier.simulator import Simulator
from support.terminal import last_line

ROOT = Path(__file__).parents[2]
BUYING = {"leadping": "create", "lc_phone": "purchase", "voicetel": "order"}
URLS = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(BUYING, start=1)}
FREE = "2015550100"
CANARY = "canary0secret0canary0secret0cana"
PROVISION = ("provision", "--area-code", "201", "--yes")


def go_on_of(err: str) -> list[str]:
    found = re.search(r"go on with: anycarrier (recover.*)$", last_line(err))
    assert found, err
    return found[1].split()


def purchases_sent(simulators: Mapping[str, Simulator]) -> int:
    return sum(seen.operation == BUYING[name] for name, one in simulators.items() for seen in one.ledger.requests)


def charged(simulators: Mapping[str, Simulator]) -> list[tuple[str, str]]:
    return [(name, charge.number[-10:]) for name, one in simulators.items() for charge in one.ledger.charges]
