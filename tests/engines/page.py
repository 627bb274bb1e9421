"""The figures of the runs, as ``docs/engines.md`` has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["PAGE", "RESULTS", "results", "with_figures"]

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
RESULTS = Path(__file__).with_name("results.json")
HEAD = (
    "| engine | workers killed | left by the engine | charged | charged twice | lost | stuck | seconds |",
    "|---|---|---|---|---|---|---|---|",
)


def results() -> dict[str, Any]:
    """The figures of the last ``make engines WRITE=1``."""
    found: dict[str, Any] = json.loads(RESULTS.read_text())
    return found


def with_figures(page: str, found: Mapping[str, Mapping[str, Any]]) -> str:
    """The *page* with these figures in place of its own."""
    before, _, rest = page.partition(HEAD[0])
    after = rest.partition("\n\n")[2]
    rows = [
        f"| {name}{_versions(one)} | {one['kills']} | {one['left']} | {one['charged']:,} |"
        f" {one['twice']} | {one['lost']} | {one['stuck']} | {one['seconds']:.0f} |"
        for name, one in found.items()
    ]
    return before + "\n".join([*HEAD, *rows]) + "\n\n" + after


def _versions(one: Mapping[str, Any]) -> str:
    listed = ", ".join(f"{package} {version}" for package, version in one["versions"].items())
    return f" ({listed})" if listed else ""
