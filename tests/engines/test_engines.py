"""Jobs on engines that exist: their workers are killed, and the provider's ledger judges."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engines.engines import ENGINES, EXAMPLES, Engine, Missing
from engines.page import PAGE, results, with_figures
from engines.runs import ORDERS, environment, run

ROOT = Path(__file__).parents[2]


@pytest.mark.engines
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_every_order_is_bought_once_whatever_the_engine_loses(engine: Engine) -> None:
    try:
        found = run(engine)
    except Missing as missing:
        pytest.skip(str(missing))
    assert (found.twice, found.lost, found.stuck) == (0, 0, 0), found
    assert found.bought == found.charged == ORDERS, found
    assert found.kills > 0


@pytest.mark.engines
def test_the_examples_are_typed(tmp_path: Path) -> None:
    """Strictly, apart from what Celery leaves untyped."""
    command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--explicit-package-bases"]
    command += ["--allow-untyped-decorators", "--allow-untyped-calls", "--ignore-missing-imports"]
    command += ["--python-executable", str(environment().python), "--cache-dir", str(tmp_path)]
    done = subprocess.run(
        [*command, *map(str, sorted(EXAMPLES.glob("*.py")))],
        env={**os.environ, "MYPYPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters"), str(EXAMPLES)])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_has_the_figures_of_the_last_run_and_every_program() -> None:
    page, found = PAGE.read_text(), results()
    assert page == with_figures(page, found), "stale: make engines WRITE=1"
    assert [*found] == [engine.name for engine in ENGINES]
    assert all((one["twice"], one["lost"], one["stuck"]) == (0, 0, 0) for one in found.values())
    assert all(f"examples/engines/{example.name}" in page for example in EXAMPLES.glob("*_numbers.py"))
