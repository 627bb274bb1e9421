"""Wheels of packages that are installed here, so that pip installs them elsewhere without network."""

from __future__ import annotations

import tomllib
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def fill(folder: Path, *extras: str) -> None:
    """Write wheels of what an installation with *extras* needs, and of what builds it, into *folder*."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    metadata = project["project"]
    optional = metadata["optional-dependencies"]
    wanted = [*metadata["dependencies"], *project["build-system"]["requires"], "editables"]
    for extra in extras:
        wanted += [line for line in optional[extra] if not line.startswith("anycarrier")]
    packed: set[str] = set()
    while wanted:
        requirement = Requirement(wanted.pop())
        name = canonicalize_name(requirement.name)
        names = ["", *requirement.extras]
        if name in packed or not (
            requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in names)
        ):
            continue
        packed.add(name)
        try:
            package = distribution(name)
        except PackageNotFoundError:  # of another platform, or optional
            continue
        wanted += [line for line in package.requires or () if applies(line, requirement.extras)]
        _pack(package, folder)


def applies(line: str, extras: set[str]) -> bool:
    """Return whether a requirement of a package holds here, with *extras* of the package."""
    marker = Requirement(line).marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _pack(package: Distribution, folder: Path) -> None:
    lines = (package.read_text("WHEEL") or "").splitlines()
    tags = [tag for line in lines if line.startswith("Tag: ") for tag in parse_tag(line.removeprefix("Tag: "))]
    parts = [sorted({getattr(tag, part) for tag in tags}) for part in ("interpreter", "abi", "platform")]
    name = package.name.replace("-", "_").replace(".", "_")
    wheel_name = f"{name}-{package.version}-{'-'.join('.'.join(part) for part in parts)}.whl"
    with zipfile.ZipFile(folder / wheel_name, "w", zipfile.ZIP_STORED) as wheel:
        for path in package.files or ():
            source = Path(str(package.locate_file(path)))
            if ".." not in path.parts and path.suffix != ".pyc" and source.is_file():
                wheel.write(source, str(path))
