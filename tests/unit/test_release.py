"""A release needs a changelog that names it, hashes of the pinned versions, and Pythons that ran."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
if not (ROOT / ".ci").exists():
    pytest.skip("not a checkout: the tools of a release are not here", allow_module_level=True)
sys.path.insert(0, str(ROOT / ".ci"))

import check_release  # noqa: E402

PROJECT: Mapping[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BUILT = ["anycarrier-1.2.0.tar.gz", "anycarrier-1.2.0-py3-none-any.whl"]
READY = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-12-01\n\n### Added\n\n- A thing.\n"


def pins(name: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", one).lower(): version for one, version in found}


def test_a_release_that_is_ready_has_no_problems() -> None:
    assert check_release.problems("1.2.0", READY, ["v1.1.0"], BUILT) == []


@pytest.mark.parametrize(
    ("changelog", "tags", "built", "said"),
    [
        (READY.replace("1.2.0", "1.1.0"), [], BUILT, "has no heading: ## [1.2.0]"),
        (READY.replace(" - 2026-12-01", ""), [], BUILT, "has no heading: ## [1.2.0]"),
        (READY.replace("[Unreleased]\n", "[Unreleased]\n\n- Another.\n"), [], BUILT, "has lines under Unreleased"),
        (READY, ["v1.2.0"], BUILT, "the tag v1.2.0 is there already"),
        (READY, [], BUILT[:1], "dist/ lacks anycarrier-1.2.0-py3-none-any.whl"),
    ],
)
def test_what_is_not_ready_is_said(changelog: str, tags: list[str], built: list[str], said: str) -> None:
    (problem,) = check_release.problems("1.2.0", changelog, tags, built)
    assert said in problem


def test_this_version_is_read_from_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(check_release, "problems", lambda version, *_: seen.append(version) or [])
    assert check_release.main() == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+", seen[0])


def test_the_hashes_are_of_the_versions_that_the_suite_runs_with() -> None:
    hashed, pinned = pins("constraints-hashes.txt"), pins("constraints.txt")
    assert len(hashed) > 100
    assert not {name for name in pinned.keys() & hashed.keys() if hashed[name] != pinned[name]}
    lines = (ROOT / "constraints-hashes.txt").read_text()
    assert all("--hash=sha256:" in one for one in re.split(r"^(?=\w)", lines, flags=re.MULTILINE)[1:])


def test_ci_runs_each_python_that_is_claimed_and_installs_by_hashes() -> None:
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text()
    claimed = re.findall(r"Python :: (3\.\d+)", str(PROJECT["classifiers"]))
    (matrix,) = re.findall(r"python: \[(.*)\]", workflow)
    assert claimed
    assert {*claimed} <= {*re.findall(r"3\.\d+", matrix)}
    assert workflow.count("HASHES=1") == 2


def test_the_project_says_where_it_lives() -> None:
    urls = PROJECT["urls"]
    assert isinstance(urls, dict)
    assert set(urls) == {"Homepage", "Documentation", "Changelog", "Issues"}
