"""``docs/vendors.md``, made from the results of the last run and from the reasons in :mod:`vendors.clients`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vendors.clients import CLIENTS, VendorClient
from vendors.runs import HERE

__all__ = ["PAGE", "RESULTS", "kept", "page", "results"]

PAGE = HERE.parents[1] / "docs" / "vendors.md"
RESULTS = HERE / "results.json"
KEPT = ("right", "wrong", "excluded", "lost", "played", "unreached")

HEAD = """# The vendors' own clients against the simulators

Each client runs in an environment of its own, over real HTTP, against the simulator that plays its era. Every method
that it has is called with arguments that are right by the official documents, and its answer is compared with what they
promise. `make vendors` does it again. A method that is neither called nor named here as left out is a failure; so is
a result that differs from this page, which `make vendors WRITE=1` writes.

Where `ANYCARRIER_SPECS` names the folder of the official documents, every request of VoiceTel's clients is held against
its document too.

VoiceTel has published no document later than 2.2.10: what its release 2.2.17 changed rests on that client itself.

| client | methods called | right answers | not right | left out | operations reached |
|---|---|---|---|---|---|
"""


def kept(result: Mapping[str, Any]) -> dict[str, Any]:
    """Members of a run that are kept in ``results.json``."""
    return {name: result[name] for name in KEPT}


def results() -> dict[str, Any]:
    """The results of the last run that was written, by client."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def page(found: Mapping[str, Any]) -> str:
    """The page for these results."""
    return (
        HEAD
        + "".join(_row(client, found[str(client)]) for client in CLIENTS)
        + "".join(_section(client, found[str(client)]) for client in CLIENTS)
    )


def _row(client: VendorClient, found: Mapping[str, Any]) -> str:
    right, wrong = len(found["right"]), len(found["wrong"])
    reached = f"{found['played'] - len(found['unreached'])} of {found['played']}"
    return f"| {client} | {right + wrong} | {right} | {wrong} | {len(found['excluded'])} | {reached} |\n"


def _section(client: VendorClient, found: Mapping[str, Any]) -> str:
    options = ", ".join(f"`{name}={value}`" for name, value in client.options.items() if isinstance(value, str))
    lines = ["", f"## {client}", ""]
    lines += [f"The simulator: `{client.provider}`, {options}. Called: {' and '.join(client.kinds)}.", ""]
    if client.wrong:
        lines += ["| no right answer | reason |", "|---|---|"]
        lines += [f"| `{method}` | {reason} |" for method, reason in client.wrong.items()]
    else:
        lines += ["Every call gets a right answer" + (", but for the words below." if found["lost"] else ".")]
    if client.lenient:
        lines += ["", "| right answer to a request that contradicts the document | |", "|---|---|"]
        lines += [f"| `{method}` | {reason} |" for method, reason in client.lenient.items()]
    if client.excluded:
        lines += ["", "| left out, by the beginning of the name | methods | reason |", "|---|---|---|"]
        for reason, beginnings in client.excluded.items():
            count = sum(method.startswith(beginnings) for method in found["excluded"])
            named = ", ".join(f"`{beginning}`" for beginning in beginnings)
            lines.append(f"| {named} | {count} | {reason} |")
    if found["lost"]:
        words = ", ".join(f"`{word}`" for word in found["lost"])
        lines += ["", f"Words of right answers that the client loses: {words}. {client.loses}"]
    if found["unreached"]:
        names = ", ".join(f"`{name}`" for name in found["unreached"])
        lines += ["", f"Operations of the simulator that answered no call: {names}."]
    return "\n".join(lines) + "\n"
