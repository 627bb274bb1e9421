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
from collections.abc import Mapping, Sequence
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


def travel(pages: Sequence[str], folder: Path, pip: Mapping[str, str]) -> None:
    """Type the commands of pages in a clean clone, and look for the output that they promise.

    Pages that begin with the same commands, which install, go on from there one after the other.
    """
    home, here = folder / "home", folder / JOURNEYS[pages[0]][1]
    home.mkdir()
    clone(folder / "anycarrier")
    here.mkdir(exist_ok=True)
    begin = commands(pages[0])[:2]
    assert all(commands(page)[:2] == begin for page in pages)
    typed = [*begin, *(line for page in pages for line in commands(page)[2:])]
    shown = [block for page in pages for block in blocks(page)]
    for info, body in shown:
        if name := re.search(r" file=(\S+)", info) or re.match(r"# (\w+\.py)\n", body):
            (here / name[1]).write_text(body, encoding="utf-8")
    python = folder / "bin" / "python3"
    python.parent.mkdir()
    python.symlink_to(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")
    path = os.pathsep.join([str(python.parent), "/usr/bin", "/bin"])
    # Through stdin, as typed: a command that opens a shell of its own reads the lines that follow it.
    done = subprocess.run(
        ["bash"],
        input="set -e\n" + "\n".join(typed) + "\n",
        env={**pip, "HOME": str(home), "PATH": path},
        cwd=here,
        capture_output=True,
        text=True,
        timeout=500,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-4000:]
    promised = [line for info, body in shown if info == "text output" for line in body.splitlines()]
    assert promised
    assert [line for line in promised if line not in said] == [], said[-4000:]


@pytest.mark.parametrize(
    "pages",
    [
        ("docs/first-number.md", "docs/many-numbers.md"),
        # Its files run in the suite: tests/unit/testing/test_pytest_plugin.py
        pytest.param(("docs/testing.md",), marks=pytest.mark.soak),
    ],
    ids=str,
)
def test_the_commands_of_pages_do_what_they_say_in_a_clean_clone(
    pages: Sequence[str], wheels: Path, tmp_path: Path
) -> None:
    """Two share their installation, which takes most of the time; each has a clone of its own in the soak."""
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull, "PIP_NO_COMPILE": "1"}
    travel(pages, tmp_path, {**pip, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})


@pytest.mark.soak
@pytest.mark.parametrize("page", JOURNEYS)
def test_the_same_with_packages_from_the_network(page: str, tmp_path: Path) -> None:
    """The newest release of each package, as a new user gets it, and not those that are pinned here."""
    travel([page], tmp_path, {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))})
