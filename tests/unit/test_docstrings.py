"""One language: docstrings, messages and pages name a thing with its usual noun, and references in them resolve."""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

QUESTIONS = re.compile(r"(What|Where|Which|When|Whether|Who|Whom|Whose|How)\b")

HOUSE_WORDS = re.compile(
    r"\b(told|asked|given|kept|somebody|nobody|whoever|as it is|so many|in doubt about)\b", re.IGNORECASE
)
"""Words that stand for something with a name: say the name."""

REAL_USES = re.compile(
    r"at any given|(?:is|are|be|was) kept (?:open|alive|in memory)|given names?\b|`{1,2}[^`\n]*`{1,2}", re.IGNORECASE
)
"""Phrases in which such a word is the usual one; code is not prose."""

REFERENCE = re.compile(r":(?:mod|func|class|meth|attr|data|exc):`(?:[^`<]*<)?([^`>]+)>?`")

PENDING: set[str] = set()
"""Rooms whose prose is still to be edited. A room that is clean must leave this list."""

PENDING_PAGES: set[str] = set()
"""The same, of pages."""


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if not path.name.startswith("hook-")]


def sources() -> list[Path]:
    """Python files whose prose people read."""
    return python_files("src", "adapters", "tests/support")


@functools.lru_cache(maxsize=1)
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    """``anycarrier`` for its modules, ``anycarrier.purchase`` for all below that folder; likewise for adapters."""
    parts = path.relative_to(ROOT).parts
    if parts[0] == "tests":
        return "tests.support"
    return ".".join(parts[1:-1][:2])


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """Every docstring of a file with its line, those of variables too."""
    for node in ast.walk(tree_of(path)):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for place, child in enumerate(body):
            if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
                continue
            of_this = place == 0 and isinstance(
                node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            )
            of_variable = place > 0 and isinstance(body[place - 1], ast.Assign | ast.AnnAssign)
            if isinstance(child.value.value, str) and (of_this or of_variable):
                yield child.lineno, child.value.value


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """Every text of a file that people may read and that is no docstring: it has two spaces between words at least."""
    seen = {line for line, _ in docstrings(path)}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.lineno not in seen:
            text = node.value
            if re.search(r"[a-z,] [a-z]+ [a-z]", text):
                yield node.lineno, text


def house_words(text: str) -> list[str]:
    return [match[0].lower() for match in HOUSE_WORDS.finditer(REAL_USES.sub("", text))]


def problems() -> dict[str, list[str]]:
    """Violations, by room."""
    found: dict[str, list[str]] = {}
    for path in sources():
        texts = [*docstrings(path), *(messages(path) if "tests" not in path.relative_to(ROOT).parts else ())]
        said = [f"{path.relative_to(ROOT)}:{line}: {word!r}" for line, text in texts for word in house_words(text)]
        found.setdefault(room(path), []).extend(said)
    return found


def questions(path: Path) -> list[str]:
    """Docstrings that begin with a question word. A text without such a beginning is not parsed."""
    if not re.search(rf'"""\s*{QUESTIONS.pattern}', path.read_text(encoding="utf-8")):
        return []
    return [
        f"{path.relative_to(ROOT)}:{line}: begins with {question[0]!r}"
        for line, text in docstrings(path)
        if (question := QUESTIONS.match(text.strip()))
    ]


def test_no_docstring_begins_with_a_question_word() -> None:
    wrong = [line for path in python_files("src", "adapters", "tests") for line in questions(path)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_docstrings_and_messages_say_the_usual_noun() -> None:
    found = problems()
    wrong = [line for name, lines in found.items() if name not in PENDING for line in lines]
    assert not wrong, "\n".join(wrong)
    clean = sorted(name for name in PENDING if name in found and not found[name])
    assert not clean, f"clean now: take {clean} out of PENDING"


def test_pages_say_the_usual_noun() -> None:
    found = {str(page.relative_to(ROOT)): prose(page) for page in pages()}
    wrong = [line for name, lines in found.items() if name not in PENDING_PAGES for line in lines]
    assert not wrong, "\n".join(wrong)
    clean = sorted(name for name in PENDING_PAGES if name in found and not found[name])
    assert not clean, f"clean now: take {clean} out of PENDING_PAGES"


def prose(page: Path) -> list[str]:
    """House words of a page outside its code blocks."""
    text = re.sub(
        r"^```.*?^```",
        lambda block: "\n" * block[0].count("\n"),
        page.read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    return [
        f"{page.relative_to(ROOT)}:{number}: {word!r}"
        for number, line in enumerate(text.splitlines(), 1)
        for word in house_words(line)
    ]


# -- references


def module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts[1:])
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def owners(path: Path) -> Iterator[tuple[list[str], int, str]]:
    """Every docstring with the classes that it stands in."""

    def walk(node: Any, inside: list[str]) -> Iterator[tuple[list[str], int, str]]:
        for child in ast.iter_child_nodes(node):
            deeper = [*inside, child.name] if isinstance(child, ast.ClassDef) else inside
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                if isinstance(child.value.value, str):
                    yield inside, child.lineno, child.value.value
            else:
                yield from walk(child, deeper)

    yield from walk(tree_of(path), [])


def resolves(name: str, module: Any, inside: list[str]) -> bool:
    """Return whether *name* is something, seen from a docstring of *module*."""
    name = name.removeprefix("~").removesuffix("()")
    dotted = name.split(".")
    for cut in range(len(dotted), 0, -1):  # an absolute name
        try:
            thing: Any = importlib.import_module(".".join(dotted[:cut]))
        except ImportError:
            continue
        if has(thing, dotted[cut:]):
            return True
    places = [module, builtins]
    for depth in range(len(inside)):
        place: Any = module
        for part in inside[: depth + 1]:
            place = getattr(place, part, None)
        places.append(place)
    return any(place is not None and has(place, dotted) for place in places)


def has(thing: Any, names: list[str]) -> bool:
    for name in names:
        annotations = [getattr(base, "__annotations__", {}) for base in getattr(thing, "__mro__", [thing])]
        if any(name in each for each in annotations):
            return True
        try:
            thing = getattr(thing, name)
        except AttributeError:
            return False
    return True


RAISES = re.compile(r"^( *)Raises:\n((?:\1 +.*\n?|\n)+)", re.MULTILINE)
"""The section of a docstring that names errors."""


def raised(text: str) -> Iterator[str]:
    for margin, section in RAISES.findall(text):
        yield from re.findall(rf"^{margin}    ([\w.]+):", section, re.MULTILINE)


@functools.cache
def exported() -> set[str]:
    """Names that a module of the library has: an error may stand in a docstring without its module."""
    modules = [importlib.import_module(module_name(path)) for path in python_files("src") if "cli" not in path.parts]
    return {name for module in modules for name in vars(module)}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_references_resolve() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sources()
        if path.relative_to(ROOT).parts[0] != "tests"
        for inside, line, text in owners(path)
        for name in [*REFERENCE.findall(text), *(error for error in raised(text) if error not in exported())]
        if not resolves(name, importlib.import_module(module_name(path)), inside)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_rules_notice_what_they_forbid() -> None:
    assert QUESTIONS.match("What adapters read.")
    assert not QUESTIONS.match("Whatever adapters read.")
    assert Counter(house_words("It is told, as it is, and nobody was asked.")) == Counter(
        ["told", "as it is", "nobody", "asked"]
    )
    assert not house_words("Nothing; ``given`` is a name.")
    assert not resolves("anycarrier.purchase.nonsense", importlib.import_module("anycarrier"), [])
    assert list(raised("Sum.\n\nRaises:\n    Nonsense: of no kind.\n        More: no name.\n")) == ["Nonsense"]
    assert resolves("~anycarrier.search.Search", importlib.import_module("anycarrier"), [])
