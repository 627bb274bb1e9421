"""The adapter that docs/adapters.md builds, taken from the page word by word, passes the contract."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


BY_HAND = """
from acme_by_hand import AcmeByHand
from anycarrier.testing import Contract
from anycarrier_adapters.acme.simulator import TOKEN
from test_acme import AcmeCase

class TestAcmeByHand(AcmeCase, Contract):
    def provider(self, base_url):
        return AcmeByHand(token=TOKEN, base_url=base_url)
"""


def written(folder: Path) -> tuple[str, dict[str, Any]]:
    """The page, after its files were written to *folder*, and how to run a program there."""
    page = (ROOT / "docs" / "adapters.md").read_text()
    files = dict(re.findall(r"^```\w+ file=(\S+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    assert len(files) == 7
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    paths = [str(folder), str(ROOT / "src"), str(ROOT / "adapters")]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(paths))
    return page, {"cwd": folder, "env": environment, "capture_output": True, "text": True}


def passed(here: dict[str, Any], *tests: str) -> int:
    """The count of *tests*, all of which pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *tests]
    done = subprocess.run(command, **here)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    said = re.search(r"(\d+) passed", done.stdout)
    assert said
    return int(said[1])


def test_an_adapter_by_hand_passes_the_contract(tmp_path: Path) -> None:
    _, here = written(tmp_path)
    shutil.copy(ROOT / "tests" / "support" / "acme_by_hand.py", tmp_path)
    (tmp_path / "test_by_hand.py").write_text(BY_HAND)
    assert passed(here, "test_by_hand.py::TestAcmeByHand") > 400


def test_the_adapter_of_the_docs_passes_the_contract(tmp_path: Path) -> None:
    page, here = written(tmp_path)
    recorded = subprocess.run([sys.executable, "-W", "error", "record_acme.py"], **here)
    assert recorded.stdout.split() == [
        "search",
        "buy",
        "list",
        "get",
        "campaign_of",
        "release",
        "route_forward",
        "route_texts_webhook",
        "route_texts_none",
        "bind_campaign",
        "unbind_campaign",
    ], recorded.stdout + recorded.stderr
    assert passed(here, "test_acme.py", "test_acme_cassettes.py") > 500
    broken = subprocess.run([sys.executable, "-m", "anycarrier.testing.mutants", "test_acme.py::TestAcme"], **here)
    assert broken.returncode == 0, broken.stdout + broken.stderr
    shown = re.search(r"^TestAcme: .*$", page, re.MULTILINE)
    assert shown
    assert broken.stdout.splitlines()[0] == shown[0]
