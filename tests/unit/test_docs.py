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
from anycarrier.testing.mutants.catalog import MUTANTS as CATALOG
from simulation.mutants import MUTANTS as PROTOCOL
from simulation.port_mutants import MUTANTS as PORTS
from simulation.test_plain import MUTANTS as PLAIN
from simulation.test_plain import SEEDS
from simulation.test_schedules import LATE, RANDOM

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / ".ci" / "make_docs.py"
RUNNER = ROOT / "tests" / "support" / "programs.py"


@pytest.mark.slow
def test_generated_pages_are_fresh() -> None:
    if not GENERATOR.exists():
        pytest.skip("the generator is not part of the source distribution")
    done = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pages_count_the_mutants() -> None:
    proof, adapters = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("proof.md", "adapters.md"))
    assert f"each provider broken in {len(CATALOG)} classic ways" in proof
    assert f"{len(CATALOG)} classic mistakes" in adapters
    assert f"port orders broken in {len(PORTS)} ways" in proof
    assert f"the protocol broken in {len(PROTOCOL)} ways, a plain purchase in {len(PLAIN)}" in proof


def test_the_pages_count_the_schedules() -> None:
    proof = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
    assert f"`tests/simulation/test_schedules.py` | {RANDOM:,} | 2,000,000 " in proof
    assert f"in one with other clocks | `test_plain.py` | {SEEDS:,} |" in proof
    assert f"settle windows late | `test_schedules.py` | {LATE} | 20,000 |" in proof


def programs() -> dict[str, str]:
    """Every Python block of the README and the docs, apart from files and fragments, which say so.

    The examples of the reference run in ``test_reference.py``, each on a simulator of its own.
    """
    found: dict[str, str] = {}
    pages = [page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "reference"]
    for page in [ROOT / "README.md", *sorted(pages)]:
        blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
        found |= {f"{page.relative_to(ROOT)}-{place}": code for place, code in enumerate(blocks, 1)}
    return found


@pytest.mark.slow
def test_every_program_runs_twice_in_any_order_against_simulators_as_they_are_by_default(tmp_path: Path) -> None:
    """One set of simulators, as ``anycarrier simulate`` starts it, serves them all: what one program leaves behind is
    what the next one meets."""
    code = programs()
    assert {f"README.md-{place}" for place in range(1, 6)} <= set(code)
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
            [sys.executable, "-W", "error", str(RUNNER)],
            env=environment,
            cwd=tmp_path,
            input=json.dumps([code[name] for name in order]),
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    came = zip(order, json.loads(done.stdout), strict=True)
    assert not {f"{place}. {name}": said for place, (name, said) in enumerate(came, 1) if said is not None}


@pytest.mark.slow
def test_the_first_program_of_the_readme_needs_no_setting(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", programs()["README.md-1"]],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "+12015550100" in done.stdout


def headings(page: Path) -> set[str]:
    """Anchors of a page, as GitHub makes them from its headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "cassettes").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            if not target.exists() or (anchor and anchor not in headings(target)):
                broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert not broken


def test_the_map_names_every_page() -> None:
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")]
    missing = [str(page) for page in pages if f"({page})" not in text and page.parts[0] != "decisions"]
    assert missing == ["README.md"]


def test_the_first_example_of_the_readme_comes_early() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines.index("```python") < 25
