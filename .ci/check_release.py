"""Refuse to release what is not ready: the changelog has the version and its date, and nothing is unreleased."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def problems(version: str, changelog: str, tags: list[str], built: list[str]) -> list[str]:
    """Reasons against a release of *version*."""
    found: list[str] = []
    heading = re.compile(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", re.MULTILINE)
    if not heading.search(changelog):
        found.append(f"CHANGELOG.md has no heading: ## [{version}] - YYYY-MM-DD")
    unreleased = re.search(r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if unreleased and unreleased[1].strip():
        found.append("CHANGELOG.md has lines under Unreleased: put them under the version")
    if f"v{version}" in tags:
        found.append(f"the tag v{version} is there already: raise the version in src/anycarrier/_version.py")
    wanted = {f"anycarrier-{version}.tar.gz", f"anycarrier-{version}-py3-none-any.whl"}
    if missing := sorted(wanted - set(built)):
        found.append(f"dist/ lacks {', '.join(missing)}: run make dist")
    return found


def main() -> int:
    """Print every problem; the exit code is 1 where there is one."""
    source = (ROOT / "src" / "anycarrier" / "_version.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"', source, re.MULTILINE)
    assert version
    tags = subprocess.run(["git", "tag"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    built = [path.name for path in (ROOT / "dist").glob("*")]
    found = problems(version[1], (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), tags, built)
    for one in found:
        print(one, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
