"""The ways to install: a folder, an editable folder, a built wheel; and, behind `make soak`, pipx, uv tool and shiv."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipapp
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Run outside the checkout, in an environment that finds only what was installed (the dependencies come from ours).
PROBE = """
import anycarrier, importlib.metadata, json, sys
from anycarrier import Client, Search
from anycarrier.registry import names, provider_class
assert "anycarrier_adapters" not in sys.modules
client = Client("voicetel", api_key="0" * 32)
entries = {e.name for e in importlib.metadata.entry_points(group="anycarrier.providers")}
print(json.dumps({
    "home": anycarrier.__file__, "version": importlib.metadata.version("anycarrier"), "names": names(),
    "entries": sorted(entries), "loaded": [provider_class(name).name for name in sorted(entries)],
    "typed": importlib.util.find_spec("anycarrier_adapters.voicetel").submodule_search_locations[0],
}))
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pip(*arguments: str | Path, cwd: Path) -> str:
    return run(sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is in the repository, so that building leaves nothing in the checkout."""
    target = tmp_path_factory.mktemp("source") / "anycarrier"
    target.mkdir()
    for name in ("src", "adapters", "cassettes", "docs", "tests"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, target)
    return target


@pytest.fixture(scope="module")
def built(source: Path) -> Path:
    """The wheel that comes out of the sdist."""
    dist = source.parent / "dist"
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, source, cwd=source.parent)
    return next(dist.glob("*.whl"))


def environment(folder: Path) -> Path:
    """An environment that sees our dependencies but not our checkout."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    purelib = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    ours = run(sys.executable, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    for entry in Path(ours).iterdir():
        if "anycarrier" not in entry.name and entry.suffix != ".pth":
            (Path(purelib) / entry.name).symlink_to(entry)
    return python


def probe(python: Path, cwd: Path) -> dict[str, object]:
    import json

    value: dict[str, object] = json.loads(run(python, "-I", "-W", "error", "-c", PROBE, cwd=cwd))
    return value


@pytest.mark.parametrize("way", ["folder", "editable", "wheel"])
def test_installed_it_is_there_with_its_adapters(
    way: str, source: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    python = environment(tmp_path / "environment")
    what: list[str | Path] = {"folder": [source], "editable": ["--editable", source]}.get(way) or [
        request.getfixturevalue("built")
    ]
    pip("--python", python, "install", "--no-deps", "--no-build-isolation", *what, cwd=tmp_path)
    found = probe(python, tmp_path)
    names = sorted(
        path.name
        for path in (ROOT / "adapters" / "anycarrier_adapters").iterdir()
        if path.is_dir() and not path.name.startswith("_")
    )
    assert found["names"] == names
    assert found["entries"] == names
    assert found["loaded"] == names
    assert Path(str(found["typed"]), "py.typed").exists()
    assert str(found["home"]).startswith(str(source if way == "editable" else tmp_path))
    if way == "wheel":
        pytest_finds_the_fixtures(python, tmp_path)


def pytest_finds_the_fixtures(python: Path, folder: Path) -> None:
    """Run a test of an application in an environment that has this package installed."""
    (folder / "test_application.py").write_text(
        """
from anycarrier import Client, Search

def test_a_number_is_paid_once(simulated_carrier):
    simulated_carrier.lose_next_answer()
    with Client("voicetel") as phone:
        bought = phone.buy(phone.search(Search(area_code="201"))[0])
    assert [charge.number for charge in simulated_carrier.charges] == [str(bought.number)]
"""
    )
    done = run(python, "-I", "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder)
    assert "1 passed" in done


def test_sdist_and_wheel_hold_what_they_should(built: Path) -> None:
    with zipfile.ZipFile(built) as wheel:
        names = wheel.namelist()
    assert "anycarrier/py.typed" in names
    assert {"anycarrier/freezing/hook-anycarrier.py", "anycarrier/freezing/hook-anycarrier.cli.py"} <= set(names)
    assert "anycarrier_adapters/__init__.py" not in names
    assert "anycarrier_adapters/voicetel/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "src/"))]
    with tarfile.open(next(built.parent.glob("*.tar.gz"))) as sdist:
        members = [name.partition("/")[2] for name in sdist.getnames()]
    for wanted in ("README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "src/anycarrier/client/__init__.py"):
        assert wanted in members


def says(program: Path, tmp_path: Path) -> None:
    """Check that an installed command finds the adapters, and plays the whole story of a number."""
    assert run(program, "--version", cwd=tmp_path).startswith("anycarrier ")
    assert "voicetel" in run(program, "providers", cwd=tmp_path)
    assert "each was charged once" in run(program, "demo", cwd=tmp_path).replace("\n", " ")


@pytest.mark.soak
@pytest.mark.parametrize("tool", ["pipx", "uv"])
def test_the_command_is_installed_alone(
    tool: str, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    run(sys.executable, "-m", "venv", tools, cwd=tmp_path)
    pip("--python", tools / "bin" / "python", "install", tool, cwd=tmp_path)
    for name in ("PIPX_BIN_DIR", "UV_TOOL_BIN_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "bin"))
    for name in ("PIPX_HOME", "UV_TOOL_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    wheel = f"anycarrier[cli,simulator] @ {built.as_uri()}"
    command = ["pipx", "install", "--python", sys.executable] if tool == "pipx" else ["uv", "tool", "install"]
    run(tools / "bin" / command[0], *command[1:], wheel, cwd=tmp_path)
    says(tmp_path / "bin" / "anycarrier", tmp_path)


@pytest.mark.soak
def test_shiv_makes_one_file_of_it(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "tools"
    run(sys.executable, "-m", "venv", tools, cwd=tmp_path)
    pip("--python", tools / "bin" / "python", "install", "shiv", cwd=tmp_path)
    wheel = f"anycarrier[cli,simulator] @ {built.as_uri()}"
    monkeypatch.setenv("SHIV_ROOT", str(tmp_path / "unpacked"))
    run(tools / "bin" / "shiv", "-c", "anycarrier", "-o", tmp_path / "anycarrier.pyz", wheel, cwd=tmp_path)
    says(tmp_path / "anycarrier.pyz", tmp_path)


def test_a_zipapp_runs_with_the_dependencies_beside_it(tmp_path: Path) -> None:
    content = tmp_path / "content"
    for package in (ROOT / "src" / "anycarrier", ROOT / "adapters" / "anycarrier_adapters"):
        shutil.copytree(package, content / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    (content / "__main__.py").write_text("from anycarrier.cli import main\n\nraise SystemExit(main())\n")
    zipapp.create_archive(content, tmp_path / "anycarrier.pyz")
    python = environment(tmp_path / "environment")
    listed = run(
        python, "-I", tmp_path / "anycarrier.pyz", "capabilities", "voicetel", "--output", "json", cwd=tmp_path
    )
    assert '"provider": "voicetel"' in listed
    code = "import sys; sys.exit(5)"
    simulated = [python, "-I", tmp_path / "anycarrier.pyz", "simulate", "voicetel", "--", python, "-c", code]
    assert subprocess.run(simulated, cwd=tmp_path).returncode == 5
