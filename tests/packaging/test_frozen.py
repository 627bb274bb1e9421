"""Programs frozen by PyInstaller find what the library imports by name: the hook says so, and a build shows it."""

from __future__ import annotations

import os
import pkgutil
import runpy
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from anycarrier.cli.commands import COMMANDS
from anycarrier.freezing import folders
from anycarrier.registry import names

PROGRAM = """
import sys
from anycarrier import Client, Search

sys.argv = sys.argv[:1]
try:
    with Client("voicetel", api_key="0" * 32, base_url="http://127.0.0.1:1") as phone:
        phone.search(Search(area_code="201"))
except Exception as error:
    print(type(error).__name__, error)
"""


def every_module(package: str, filter: Callable[[str], bool] = lambda _: True) -> list[str]:
    """As PyInstaller's ``collect_submodules`` names them."""
    found = [package] if filter(package) else []
    for info in pkgutil.iter_modules(import_module(package).__path__):
        name = f"{package}.{info.name}"
        if "-" in info.name or not filter(name):
            continue
        found += every_module(name, filter) if info.ispkg else [name]
    return found


def hook(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Settings of the hook called *name*, run as PyInstaller does, which is not needed for it."""
    hooks = ModuleType("PyInstaller.utils.hooks")
    vars(hooks).update(
        collect_submodules=every_module, collect_entry_point=lambda group: ([], [f"entry points of {group}"])
    )
    for module in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, module, ModuleType(module))
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", hooks)
    (folder,) = folders()
    return runpy.run_path(str(Path(folder, f"hook-{name}.py")))


def test_pyinstaller_is_told_where_the_hooks_are() -> None:
    (entry,) = [one for one in entry_points(group="pyinstaller40") if one.value.startswith("anycarrier.")]
    assert (entry.name, entry.load()()) == ("hook-dirs", folders())


def test_the_hook_names_all_that_is_imported_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = set(hook("anycarrier", monkeypatch)["hiddenimports"])
    assert "entry points of anycarrier.providers" in found  # adapters of others, with their metadata
    assert {f"anycarrier_adapters.{provider}" for provider in names()} <= found
    assert set(every_module("anycarrier.transports")) | set(every_module("anycarrier.purchase")) <= found
    assert not [name for name in found if name.startswith(("anycarrier.testing", "anycarrier.cli"))]


def test_a_program_that_runs_the_command_line_has_its_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    found = hook("anycarrier.cli", monkeypatch)["hiddenimports"]
    assert {f"anycarrier.cli.{one.runs.partition(':')[0]}" for one in COMMANDS.values() if one.runs} <= set(found)


@pytest.mark.soak
def test_a_frozen_program_finds_its_provider(tmp_path: Path) -> None:
    pytest.importorskip("PyInstaller", reason="pip install pyinstaller")
    (tmp_path / "prog.py").write_text(PROGRAM)
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", "prog.py"],
        cwd=tmp_path,
        check=True,
    )
    done = subprocess.run(
        [str(tmp_path / "dist" / "prog" / "prog")], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True
    )
    assert done.stdout.startswith("TransportError voicetel search"), done.stdout + done.stderr
