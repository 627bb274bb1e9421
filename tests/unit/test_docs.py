"""The docs say what the code does: generated pages are fresh, and every example in them runs."""

from __future__ import annotations

import os
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


def test_generated_pages_are_fresh() -> None:
    if not GENERATOR.exists():
        pytest.skip("the generator is not part of the source distribution")
    done = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def examples() -> list[tuple[str, str]]:
    """Every Python block of the README and the docs, but those that say they are fragments."""
    found = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
        found += [(f"{page.relative_to(ROOT)}-{place}", code) for place, code in enumerate(blocks, 1)]
    return found


@pytest.mark.parametrize(("name", "code"), [pytest.param(*example, id=example[0]) for example in examples()])
def test_every_example_runs_against_the_simulators(name: str, code: str, tmp_path: Path) -> None:
    names = [path.name for path in (ROOT / "adapters" / "anycarrier_adapters").iterdir() if path.name[0] not in "_."]
    simulators = {simulated: load(simulated) for simulated in sorted(names)}
    with running(simulators) as urls:
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")]))
        for simulated, simulator in simulators.items():
            given = {**simulator.settings, "base_url": urls[simulated]}
            environment |= {variable(simulated, setting): value for setting, value in given.items()}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stdout + done.stderr
