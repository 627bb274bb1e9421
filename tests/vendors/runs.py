"""Runs of the vendors' clients, each in an environment of its own, against a simulator on 127.0.0.1."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anycarrier.simulator import Failure, SimAnswer, SimRequest, load
from anycarrier.simulator.server import running
from benchmark import environments
from vendors.clients import VendorClient

__all__ = ["HERE", "PROGRAMS", "run"]

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
SECONDS = 300


def run(client: VendorClient, heard: list[SimRequest] | None = None) -> dict[str, Any]:
    """Install *client* and call it; return the names of its methods by what became of them.

    Args:
        heard: takes every request that arrives.

    Returns:
        ``right`` and ``wrong`` methods, the ``excluded``, and the ``forgotten``, which are neither called nor
        excluded; ``problems`` of the wrong ones; words of right answers that the client has ``lost``; how many
        operations are ``played``, and which were ``unreached``.

    Raises:
        RuntimeError: it cannot be installed, or its program failed.
    """
    packages = (f"{client.package}=={client.version}", *client.with_it)
    name = f"{client.package}-{client.version}"
    made = environments.make(name, packages, constraints=HERE / "constraints.txt")
    if made.problem:
        raise RuntimeError(f"{client}: {made.problem}")
    methods: set[str] = set()
    problems: dict[str, list[str]] = {}
    lost: set[str] = set()
    unreached: set[str] = set()
    played: set[str] = set()
    for kind in client.kinds:
        simulator = load(client.provider, **client.options)
        if heard is not None:
            simulator.handle = _noting(simulator.handle, heard)  # type: ignore[method-assign]
        with running(simulator) as urls:
            given = [urls[client.provider], client.version, kind, json.dumps(dict(simulator.settings))]
            done = subprocess.run(
                [str(made.python), str(PROGRAMS / f"{client.program}.py"), *given],
                capture_output=True,
                text=True,
                timeout=SECONDS,
                env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            )
        if done.returncode:
            raise RuntimeError(f"{client}, {kind}: {done.stderr}")
        report = json.loads(done.stdout)
        methods |= set(report["methods"])
        lost |= set(report["lost"])
        for method, found in report["problems"].items():
            problems.setdefault(method, []).extend(found)
        played = {line.operation for line in simulator.routes}
        answered = {seen.operation for seen in simulator.ledger.requests if seen.status and seen.status < 300}
        unreached |= played - answered
    beginnings = tuple(beginning for listed in client.excluded.values() for beginning in listed)
    excluded = {method for method in methods if method.startswith(beginnings)}
    return {
        "right": sorted(method for method, found in problems.items() if not found),
        "wrong": sorted(method for method, found in problems.items() if found),
        "excluded": sorted(excluded),
        "forgotten": sorted(methods - problems.keys() - excluded),
        "problems": {method: found for method, found in problems.items() if found},
        "played": len(played),
        "unreached": sorted(unreached),
        "lost": sorted(lost),
    }


def _noting(
    handle: Callable[[SimRequest], SimAnswer | Failure], heard: list[SimRequest]
) -> Callable[[SimRequest], SimAnswer | Failure]:
    def noting(request: SimRequest) -> SimAnswer | Failure:
        heard.append(request)
        return handle(request)

    return noting
