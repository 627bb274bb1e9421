"""The docs say what the code does: generated pages are fresh, and every program in them runs, as often as one likes."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from anycarrier.settings import variable
from anycarrier.simulator import load
from anycarrier.simulator.server import running

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / ".ci" / "make_docs.py"
RUNNER = ROOT / "tests" / "support" / "programs.py"


def test_generated_pages_are_fresh() -> None:
    if not GENERATOR.exists():
        pytest.skip("the generator is not part of the source distribution")
    done = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def programs() -> dict[str, str]:
    """Every Python block of the README and the docs, but those that say they are fragments."""
    found: dict[str, str] = {}
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
        found |= {f"{page.relative_to(ROOT)}-{place}": code for place, code in enumerate(blocks, 1)}
    return found


@pytest.mark.slow
def test_every_program_runs_twice_in_any_order_against_simulators_as_they_are_by_default(tmp_path: Path) -> None:
    """One set of simulators, as ``anycarrier simulate`` starts it, serves them all: what one program leaves behind is
    what the next one meets."""
    code = programs()
    assert {"README.md-1", "README.md-2", "README.md-3", "README.md-4"} <= set(code)
    order: list[str] = []
    for seed in (1, 2):
        shuffled = sorted(code)
        random.Random(seed).shuffle(shuffled)
        order += shuffled
    names = [path.name for path in (ROOT / "adapters" / "anycarrier_adapters").iterdir() if path.name[0] not in "_."]
    simulators = {simulated: load(simulated) for simulated in sorted(names)}
    with running(simulators) as urls:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYCARRIER_")}
        environment = {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")])}
        for simulated, simulator in simulators.items():
            given = {**simulator.settings, "base_url": urls[simulated]}
            environment |= {variable(simulated, setting): value for setting, value in given.items()}
        done = subprocess.run(
            [sys.executable, "-W", "error", str(RUNNER)], env=environment, cwd=tmp_path,
            input=json.dumps([code[name] for name in order]), capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    came = zip(order, json.loads(done.stdout), strict=True)
    assert not {f"{place}. {name}": said for place, (name, said) in enumerate(came, 1) if said is not None}
