"""Builds the documentation site from the repository alone, strictly: a warning is an error.

The pages are those of the repository. The map of the documentation, ``docs/README.md``, gives the navigation: each
heading is a group, and the links in the first column of its table are the pages. The reference is made from docstrings.
"""

from __future__ import annotations

import inspect
import re
import shutil
import sys
import typing
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
BUILD = ROOT / "build" / "site"
sys.path[:0] = [str(HERE), str(ROOT / "src"), str(ROOT / "adapters")]

from modules import PAGES, Page, home, members, present  # noqa: E402
from navigation import groups  # noqa: E402

FRONT = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")


def main() -> int:
    """Lay the sources out and build."""
    from sphinx.cmd.build import main as sphinx

    source, pages = BUILD / "source", BUILD / "html"
    shutil.rmtree(source, ignore_errors=True)
    lay_out(source)
    options = ["--fail-on-warning", "--keep-going", "--quiet", "--jobs", "2"]
    done = sphinx([*options, "-c", str(HERE), "-d", str(BUILD / "doctrees"), str(source), str(pages)])
    if not done:
        print(f"{pages / 'index.html'}")
    return done


def lay_out(source: Path) -> None:
    """Copy the pages, with the navigation added, and write those of the reference."""
    for path in [*(ROOT / name for name in FRONT), *sorted((ROOT / "docs").rglob("*"))]:
        if path.is_file():
            target = source / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".md":
                target.write_text(adapted(path), encoding="utf-8")
                copy_linked(path, source)
            else:
                shutil.copyfile(path, target)
    (source / "README.md").rename(source / "index.md")
    with (source / "index.md").open("a", encoding="utf-8") as front:
        front.write(toctree(["docs/README"]))
        for caption, pages in groups(ROOT / "docs" / "README.md"):
            front.write(toctree([f"docs/{page}" for page in pages], caption))
    write_reference(source)


def copy_linked(page: Path, source: Path) -> None:
    """Copy the files that a page links to and that are no pages, such as cassettes: the site has them to load down."""
    for link in re.findall(r"\]\(([^)\s#:]+)\)", page.read_text(encoding="utf-8")):
        linked = (page.parent / link).resolve()
        if linked.is_file() and linked.suffix != ".md" and linked.is_relative_to(ROOT):
            target = source / linked.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(linked, target)


def adapted(path: Path) -> str:
    """Return a page with links that lead to what the site has."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\[([\w./-]+\.md)\]\(\1\)", r"[](\1)", text)  # the title of the page, and not the name of its file
    if path.parent == ROOT / "docs":
        text = text.replace("](../README.md", "](../index.md")
    if path == ROOT / "docs" / "api.md":
        for page in PAGES:
            text = text.replace(f"| {page.title} |", f"| [{page.title}](python/{page.name}.rst) |")
    if path.parent == ROOT / "docs" / "decisions" and path.name == "README.md":
        text += toctree(re.findall(r"\]\((\d{4}-[^)]+\.md)\)", text))
    return text


def toctree(pages: list[str], caption: str = "") -> str:
    """Return a hidden table of contents, which the sidebar shows."""
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "```{toctree}", *options, "", *pages, "```", ""])


def write_reference(source: Path) -> None:
    """Write a page for each group of public names; a thing is described once, and named wherever it is exported."""
    folder = source / "docs" / "python"
    folder.mkdir()
    described: dict[str, str] = {}
    written = []
    for page in PAGES:
        if present(page):
            (folder / f"{page.name}.rst").write_text(reference_page(page, described), encoding="utf-8")
            written.append(f"python/{page.name}")
    with (source / "docs" / "api.md").open("a", encoding="utf-8") as front:
        front.write(toctree(written))


def reference_page(page: Page, described: dict[str, str]) -> str:
    """Return one page, in reStructuredText; *described* grows by what it describes."""
    parts = [page.title, "=" * len(page.title), ""]
    if page.homes:
        parts += [f".. py:currentmodule:: {page.module}", ""]
    else:
        parts += [f".. automodule:: {page.module}", "   :no-members:", ""]
    elsewhere = []
    for name, thing in members(page):
        key, full = home(thing) or f"{page.module}.{name}", f"{page.module}.{name}"
        if key in described or not key.startswith("anycarrier"):
            elsewhere.append((name, described.get(key, "")))
            continue
        described[key] = full
        parts += [*directive(full, thing), ""]
    if elsewhere:
        parts += ["Described elsewhere", "-------------------", "", f"``{page.module}`` exports these too:", ""]
        parts += [f"- :py:obj:`{name} <{full}>`" if full else f"- ``{name}``" for name, full in elsewhere]
    return "\n".join([*parts, ""])


def directive(full: str, thing: object) -> list[str]:
    """Return the lines that describe one thing."""
    if isinstance(thing, type):
        inherited = [base.__name__ for base in thing.__mro__[1:] if not _private(base)]
        lines = [
            f".. autoclass:: {full}{one_signature(thing)}",
            "   :inherited-members: " + ", ".join(["object", *inherited]),
        ]
        return [*lines, *(["   :show-inheritance:"] if issubclass(thing, Exception) else [])]
    if callable(thing) and home(thing):
        return [f".. autofunction:: {full}"]
    return [f".. autodata:: {full}", "   :no-value:"]


def one_signature(thing: type) -> str:
    """Return the names and defaults of a class's arguments where it has overloads, which would be shown one by one."""
    made = thing.__dict__.get("__init__")
    if made is None or not typing.get_overloads(made):
        return ""
    return str(
        inspect.Signature([one.replace(annotation=one.empty) for one in inspect.signature(thing).parameters.values()])
    )


def _private(base: type) -> bool:
    """Return whether a class is a part of ours that has no page of its own."""
    return base.__module__.startswith("anycarrier.client._")


if __name__ == "__main__":
    raise SystemExit(main())
