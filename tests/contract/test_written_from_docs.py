"""The adapter that docs/adapters.md builds, taken from the page word by word, passes the contract."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def test_the_adapter_of_the_docs_passes_the_contract(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "adapters.md").read_text()
    files = dict(re.findall(r"^```\w+ file=(\S+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    assert len(files) == 7
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    paths = [str(tmp_path), str(ROOT / "src"), str(ROOT / "adapters")]
    here: dict[str, Any] = {
        "cwd": tmp_path,
        "env": dict(os.environ, PYTHONPATH=os.pathsep.join(paths)),
        "capture_output": True,
        "text": True,
    }
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
    tests = ("test_acme.py", "test_acme_cassettes.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *tests], **here
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 500
    broken = subprocess.run([sys.executable, "-m", "anycarrier.testing.mutants", "test_acme.py::TestAcme"], **here)
    assert broken.returncode == 0, broken.stdout + broken.stderr
    shown = re.search(r"^TestAcme: .*$", page, re.MULTILINE)
    assert shown
    assert broken.stdout.splitlines()[0] == shown[0]
