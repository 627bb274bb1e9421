"""Journeys: the commands of one page, typed into a shell in a clean clone, on a machine that has nothing else.

A page marks its commands with ``console journey``. Files that it shows begin with a comment with their name, or have it
beside the mark of their language (``file=``). pip installs from wheels of what is installed here: no network is needed,
and an extra that lacks a package fails.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import wheelhouse

ROOT = Path(__file__).parents[2]

JOURNEYS = {
    "docs/first-number.md": (3, "anycarrier"),
    "docs/testing.md": (6, "shop"),
    "docs/many-numbers.md": (6, "anycarrier"),
}
"""Pages: how many commands each may take, and the folder in which they are typed: the clone, or another beside it."""

pytestmark = pytest.mark.slow  # each makes an environment and installs: what a new user does

BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    wheelhouse.fill(folder, "cli", "simulator", "testing")
    return folder


def blocks(page: str) -> list[tuple[str, str]]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [(match["info"], match["body"]) for match in BLOCK.finditer(text)]


def commands(page: str) -> list[str]:
    """Commands of a journey, without their comments."""
    lines = [line for info, body in blocks(page) if info == "console journey" for line in body.splitlines()]
    return [re.sub(r"\s{2,}#.*", "", line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]


def clone(target: Path) -> None:
    """Copy the files of the repository, with what is not committed yet and without what is ignored."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: the files of the project cannot be distinguished from others")
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "cassettes/")):  # pip reads none of these
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())


@pytest.mark.parametrize("page", JOURNEYS)
def test_a_journey_needs_few_commands(page: str) -> None:
    assert 0 < len(commands(page)) <= JOURNEYS[page][0]


@pytest.mark.parametrize("page", JOURNEYS)
def test_the_commands_of_a_page_do_what_it_says_in_a_clean_clone(page: str, wheels: Path, tmp_path: Path) -> None:
    home, here = tmp_path / "home", tmp_path / JOURNEYS[page][1]
    home.mkdir()
    clone(tmp_path / "anycarrier")
    here.mkdir(exist_ok=True)
    for info, body in blocks(page):
        if name := re.search(r" file=(\S+)", info) or re.match(r"# (\w+\.py)\n", body):
            (here / name[1]).write_text(body, encoding="utf-8")
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.symlink_to(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")
    environment = {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(python.parent), "/usr/bin", "/bin"]),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_COMPILE": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    # Through stdin, as typed: a command that opens a shell of its own reads the lines that follow it.
    typed = "set -e\n" + "\n".join(commands(page)) + "\n"
    done = subprocess.run(["bash"], input=typed, env=environment, cwd=here, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    promised = [line for info, body in blocks(page) if info == "text output" for line in body.splitlines()]
    assert promised
    said = done.stdout + done.stderr
    assert [line for line in promised if line not in said] == [], said[-4000:]
