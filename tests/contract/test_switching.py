"""The program of docs/switching.md, with every provider, blocking and asynchronous, against its simulator over HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from anycarrier.capabilities import support_of
from anycarrier.features import Cannot
from anycarrier.registry import provider_class
from anycarrier.settings import variable
from anycarrier.simulator import load
from anycarrier.simulator.server import running

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "switching.md").read_text()
PROGRAM = dict(re.findall(r"^```python file=(\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))["tour.py"]
PROVIDERS = sorted(
    path.name
    for path in (ROOT / "adapters" / "anycarrier_adapters").iterdir()
    if path.is_dir() and path.name[0] not in "_."
)
STEPS = {
    "search": "search",
    "buy": "buy",
    "wait": "get",
    "get": "get",
    "list": "list",
    "forward": "route.forward",
    "gateway": "route.gateway",
    "bind": "bind_campaign",
    "campaign": "campaign_of",
    "unbind": "unbind_campaign",
    "release": "release",
}


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("name", PROVIDERS)
def test_one_program_runs_with_every_provider(name: str, mode: str, tmp_path: Path) -> None:
    simulator = load(name)
    with running(simulator) as urls:
        given = {**simulator.settings, "base_url": urls[name]}
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")]))
        environment |= {variable(name, setting): value for setting, value in given.items()}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM, name, *(["async"] if mode == "async" else [])],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert list(told) == list(STEPS)
    for step, feature in STEPS.items():
        support = support_of(provider_class(name), feature)
        if isinstance(support, Cannot):
            assert told[step] == f"cannot, because {support.reason}"
        else:
            assert not told[step].startswith("cannot"), step
    assert len(simulator.ledger.charges) == 1
