"""``make bench``: everything measured in one run, the table printed, the pages in ``docs`` written anew."""

# ruff: noqa: T201 - a program
from __future__ import annotations

import argparse
import json
import os
import platform
import sys

from benchmark import environments, faults, report
from benchmark.environments import FOLDER, PEERS
from benchmark.measure import Bench, Effort, say
from benchmark.processes import server
from benchmark.timing import pin

STEPS = ("calls", "in_flight", "streams", "processes", "ready", "four", "nanp")
KEPT = FOLDER / "results.json"


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser(prog="benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--only", nargs="*", choices=(*STEPS, "faults"), help="measure these again, keep the others")
    parser.add_argument("--report", action="store_true", help="measure nothing: write the pages from the last results")
    asked = parser.parse_args()
    if asked.report:
        report.write(json.loads(KEPT.read_text()))
        return 0
    FOLDER.mkdir(exist_ok=True)
    say("environments")
    ours = environments.ours()
    if ours.problem:
        print(f"bench: {ours.problem}", file=sys.stderr)
        return 1
    peers = {peer.name: environments.peer(peer) for peer in PEERS}
    for environment in peers.values():
        if environment.problem:
            say(f"{environment.name}: {environment.problem}")
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    steps = asked.only or (*STEPS, "faults")
    results = json.loads(KEPT.read_text()) if asked.only and KEPT.exists() else {}
    with server() as origin:
        pin(0)
        bench = Bench(ours, peers, origin, Effort.of(asked.quick))
        for step in STEPS:
            if step in steps:
                getattr(bench, step)()
                results |= bench.results
                KEPT.write_text(json.dumps(results, indent=1))
    if "faults" in steps:
        results["faults"] = faults.measure(peers, ours)
    results |= {
        "quick": asked.quick,
        "load": round(busy, 1),
        "machine": report.machine(),
        "python": platform.python_version(),
        "versions": {name: environment.versions for name, environment in {"anycarrier": ours, **peers}.items()},
    }
    KEPT.write_text(json.dumps(results, indent=1))
    report.write(results)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
