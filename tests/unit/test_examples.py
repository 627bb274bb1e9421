"""Programs of the docs pass a type checker, so that a reader who copies one into a checked project sees no error."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = re.compile(r"^```python(?P<info>[^\n]*)\n(?P<code>.*?)^```", re.DOTALL | re.MULTILINE)


UNTYPED = {"adapters"}
"""A page whose programs have no annotations and import the kit with a star: mypy does not follow its ``__all__``. The
contract suite runs them: ``tests/contract/test_written_from_docs.py``."""


def programs() -> dict[str, str]:
    """Every program and file of the pages, apart from fragments and from the reference, which is generated."""
    found = {}
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = "" if page.stem in UNTYPED else page.read_text(encoding="utf-8")
        for place, match in enumerate(PROGRAM.finditer(text), 1):
            named = match["code"].startswith("# ") and match["code"].partition("\n")[0].endswith(".py")
            if "fragment" not in match["info"] and ("notest" not in match["info"] or named):
                found[f"{page.stem.replace('-', '_')}_{place}"] = match["code"]
    return found


@pytest.mark.slow
def test_every_program_of_the_pages_is_typed_right(tmp_path: Path) -> None:
    """One run of mypy, with the settings and the cache of the run over the library."""
    folder = tmp_path / "docs_examples"
    folder.mkdir()
    for name, code in programs().items():
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "--package", "docs_examples"],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout.replace(f"{tmp_path}{os.sep}", "") + done.stderr
