"""The site has every page of the documentation and every public name; ``make site`` builds it strictly."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from anycarrier.attempt import AttemptState

ROOT = Path(__file__).parents[2]
SITE = ROOT / ".ci" / "site"

if not SITE.exists():
    pytest.skip("the site is not part of the source distribution", allow_module_level=True)


@pytest.fixture(scope="module")
def navigation() -> ModuleType:
    return loaded("navigation")


@pytest.fixture(scope="module")
def modules() -> ModuleType:
    return loaded("modules")


def loaded(name: str) -> ModuleType:
    sys.path.insert(0, str(SITE))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(SITE))


def test_the_navigation_has_every_page_once(navigation: ModuleType) -> None:
    found = [page for _, pages in navigation.groups(ROOT / "docs" / "README.md") for page in pages]
    docs = ROOT / "docs"
    wanted = {str(page.relative_to(docs)) for page in docs.rglob("*.md") if page.parent.name != "decisions"}
    wanted = wanted - {"README.md"} | {"decisions/README.md", "../CHANGELOG.md", "../CONTRIBUTING.md", "../SECURITY.md"}
    assert sorted(found) == sorted(wanted), "a page of docs/ belongs in the first column of a table of docs/README.md"


def test_the_navigation_has_every_decision() -> None:
    folder = ROOT / "docs" / "decisions"
    linked = re.findall(r"\]\((\d{4}-[^)]+)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert linked == sorted(page.name for page in folder.glob("0*.md"))


def test_the_reference_has_every_promised_module(modules: ModuleType) -> None:
    promised = re.findall(r"`(anycarrier(?:\.[a-z_]+)*)`", (ROOT / "docs" / "stability.md").read_text(encoding="utf-8"))
    assert {"anycarrier.purchase", "anycarrier.adapter"} <= set(promised) <= {page.module for page in modules.PAGES}


def test_the_reference_has_every_public_name_of_the_package(modules: ModuleType) -> None:
    names = [name for page in modules.PAGES if page.module == "anycarrier" for name, _ in modules.members(page)]
    package = importlib.import_module("anycarrier")
    elsewhere = {name for name, _ in modules.members(next(p for p in modules.PAGES if p.module == "anycarrier.errors"))}
    assert sorted(names) == sorted({*package.__all__} - elsewhere - {"__version__"})


def test_the_picture_of_a_purchase_has_every_state() -> None:
    drawn = (ROOT / "docs" / "pictures" / "purchase.svg").read_text(encoding="utf-8")
    assert [state for state in AttemptState if f">{state.value}</text>" not in drawn] == []
