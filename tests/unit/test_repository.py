"""Rules for every file of the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written in pieces, so that this file does not hold what it forbids.
FORBIDDEN = {
    "a path of a machine": re.compile("/" + r"(?:work|farm|root|home/[a-z]+|Users/[A-Za-z]+)" + "/"),
    "a host of a package registry": re.compile(
        "|".join(["pyp" + r"i\.org", "pythonhost" + "ed", r"registry\.np" + "mjs"])
    ),
}

LAYOUT = re.compile(
    r"\..*|pyproject\.toml|README\.md|LICENSE|CHANGELOG\.md|CONTRIBUTING\.md|SECURITY\.md|Makefile|constraints.*\.txt|src|adapters|tests|cassettes|docs"
)

# Numbers that stand in the providers' published documents, beside 555-0100 to 555-0199 of any area code.
DOCUMENTED = (ROOT / "tests" / "documented_numbers.txt").read_text().split()

NANP = re.compile(
    r"(?<![0-9A-Za-z.+_-])(?:\+?1[-. ]?)?\(?([2-9][0-9]{2})\)?[-. ]?([2-9][0-9]{2})[-. ]?([0-9]{4})(?![0-9A-Za-z_.-])"
)


def files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: the files of the project cannot be told from others")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in files():
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {what}: {match[0]}"
        for path, text in texts()
        for what, pattern in FORBIDDEN.items()
        for match in pattern.finditer(text)
    ]
    assert not found


@pytest.mark.slow
def test_every_phone_number_is_fictional_or_documented() -> None:
    found = []
    for path, text in texts():
        if path.suffix == ".svg" or path.name in {"_nanp.py", "test_repository.py"}:
            continue
        for match in NANP.finditer(text):
            digits = "".join(match.groups())
            fictional = digits[3:8] == "55501" or digits[4:6] == "11"  # N11 is no exchange: nobody has such a number
            if not fictional and digits not in DOCUMENTED:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path.relative_to(ROOT)}:{line}: {digits}")
    assert not found


def test_top_level_is_the_layout() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in files()}
    assert not [name for name in names if not LAYOUT.fullmatch(name)]


def test_the_namespace_of_adapters_has_no_init() -> None:
    assert not (ROOT / "adapters" / "anycarrier_adapters" / "__init__.py").exists()


def test_every_adapter_is_typed_and_has_the_same_rooms() -> None:
    for folder in (ROOT / "adapters" / "anycarrier_adapters").iterdir():
        if not folder.is_dir() or folder.name == "__pycache__":
            continue
        assert (folder / "py.typed").exists(), folder.name
        if not folder.name.startswith("_"):
            shared = folder.name.startswith("lc_")  # their records are those of _leadconnector
            for room in ("__init__", "api", "simulator", *(() if shared else ("schemas",))):
                assert (folder / f"{room}.py").exists() or (folder / room).is_dir(), (folder.name, room)


def _imports(path: Path) -> set[str]:
    pattern = re.compile(r"^\s*(?:from|import)\s+([a-zA-Z_][\w.]*)", re.MULTILINE)
    return {name.partition(".")[0] for name in pattern.findall(path.read_text())}


def test_adapters_know_no_http_library_and_never_sleep_or_log() -> None:
    for path in (ROOT / "adapters").rglob("*.py"):
        if "simulator" in path.name or "simulator" in path.parent.name:
            continue
        banned = {"httpx", "httpx2", "httpcore", "aiohttp", "pyreqwest", "requests", "asyncio", "time", "logging"}
        assert not _imports(path) & banned, path


def test_http_libraries_are_imported_in_transports_only() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        if "transports" in path.parts:
            continue
        assert not _imports(path) & {"httpx", "httpx2", "httpcore", "aiohttp", "pyreqwest"}, path


TYPED_BY_NAME = {"_sync.py", "_async.py", "_settings.py"}
"""Modules of the client whose overloads tell type checkers about the providers that come with us; nothing else does."""


@pytest.mark.slow
def test_the_core_names_no_provider() -> None:
    names = [path.name for path in (ROOT / "adapters" / "anycarrier_adapters").iterdir() if path.is_dir()]
    names = [name for name in names if not name.startswith("_")]
    pattern = re.compile("|".join([*names, "leadconnector", "gohighlevel"]), re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in (ROOT / "src").rglob("*.py")
        if path.parent.name != "client" or path.name not in TYPED_BY_NAME
        for match in pattern.finditer(path.read_text())
    ]
    assert not found


def test_simulators_do_not_use_the_code_they_are_to_prove() -> None:
    for path in (ROOT / "adapters").rglob("*.py"):
        if "simulator" not in path.name and "simulator" not in path.parent.name:
            continue
        text = path.read_text()
        assert not re.search(
            r"^\s*from \.+(?:api|schemas)? ?import (?:.*\b(?:api|schemas)\b)|^\s*from \.+(?:api|schemas)\b",
            text,
            re.MULTILINE,
        ), path
