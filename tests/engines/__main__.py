"""``make engines WRITE=1``: runs every engine, and writes the figures into the page."""

from __future__ import annotations

import json
import sys

from engines.engines import ENGINES
from engines.page import PAGE, RESULTS, with_figures
from engines.runs import environment, run


def main() -> None:
    """Run."""
    versions = environment().versions
    found = {}
    for engine in ENGINES:
        outcome = run(engine)
        sys.stdout.write(f"{engine.name}: {outcome}\n")
        sys.stdout.flush()
        named = {package: versions[package] for package in engine.packages}
        found[engine.name] = {"versions": named, **outcome._asdict()}
        RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    PAGE.write_text(with_figures(PAGE.read_text(), found))


if __name__ == "__main__":
    main()
