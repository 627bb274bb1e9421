"""The four carriers as one process, with many numbers to sell; its argument is JSON.

It writes one line, the settings of a client of each, and serves until its input ends. The numbers are made up in
memory, 555-2000 and up of some area codes, each at one carrier only.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from typing import Any

from attrs import evolve

from anycarrier.simulator import MAIN, Simulator, load, server

AREAS = ("201", "206", "212", "312", "415", "512", "646")
"""Area codes that each of the four has for sale."""

NAMES = ("lc_phone", "lc_legacy", "leadping", "voicetel")
BUYING = {"lc_phone": "purchase", "lc_legacy": "purchase", "leadping": "create", "voicetel": "order"}
"""Operation that charges, by carrier."""

UNLIMITED: dict[str, dict[str, Any]] = {
    "lc_phone": {"burst": None, "daily": 10_000_000},
    "lc_legacy": {"burst": None, "daily": 10_000_000},
    "leadping": {"requests": None},
    "voicetel": {},
}
OPTIONS: dict[str, dict[str, Any]] = {
    "lc_phone": {"owned": []},
    "lc_legacy": {
        "owned": [],
        "location_id": "ve9EPM428h8vShlRW1KU",
        "token": "pit-00000000-0000-0000-0000-000000000001",
    },
    "leadping": {"owned": [], "wallet": 10_000_000, "provisioning": 0.2},
    "voicetel": {"owned": [], "balance": 10_000_000},
}


def numbers(name: str, count: int) -> Iterator[str]:
    """*count* numbers of each area code, ten digits: no two carriers have the same."""
    first = 2000 * (NAMES.index(name) + 1)
    if count > 2000:
        raise ValueError("a carrier has 2,000 numbers of an area code at most")
    for area in AREAS:
        for line in range(first, first + count):
            yield f"{area}555{line:04}"


def carrier(name: str, *, limits: bool, stock: int, seed: int) -> Simulator:
    """One carrier with *stock* numbers of each area code to sell."""
    found: Any = load(name, seed=seed, **OPTIONS[name], **({} if limits else UNLIMITED[name]))
    if name in ("lc_phone", "lc_legacy"):
        alike = next(one for one in found.stock.values() if one.country == "US" and one.kind == "local")
        found.stock = {f"+1{one}": evolve(alike, number=f"+1{one}") for one in numbers(name, stock)}
    else:
        mark = "+1" if name == "leadping" else ""
        places = {number.removeprefix("+1")[:3]: place for number, place in found.stock.items()}
        found.stock = {f"{mark}{one}": places[one[:3]] for one in numbers(name, stock)}
        if name == "leadping":
            found.places = dict(found.stock)
    return found


def main(how: dict[str, Any]) -> None:
    """Serve the carriers that *how* names."""
    simulators = {
        name: carrier(name, limits=how["limits"], stock=how["stock"], seed=how["seed"]) for name in how["carriers"]
    }
    with server.running(simulators) as urls:
        settings = {name: {**simulators[name].settings_of(MAIN), "base_url": urls[name]} for name in simulators}
        sys.stdout.write(json.dumps(settings) + "\n")
        sys.stdout.flush()
        ended = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
        ended.wait()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
