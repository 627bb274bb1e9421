"""Reads docstrings for Sphinx: their sections, and references by the definition of a name, seen from their own module.

A reference in a docstring leads to the page of the thing where the reference has one; a thing of this library or of
another that has no page stays text. A name that nothing has is a warning, and the build fails.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from typing import Any

from docutils import nodes
from modules import home
from pygments.lexers.special import TextLexer
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.python import ObjectEntry, PyObject, PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.ext.napoleon import Config, GoogleDocstring
from sphinx.util.nodes import make_refnode

STYLE = Config(napoleon_use_ivar=True, napoleon_use_rtype=False)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the handlers."""
    app.connect("autodoc-process-docstring", sections)
    app.add_lexer("csv", TextLexer)
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"
    app.connect("doctree-read", by_definition)
    app.connect("missing-reference", missing_reference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def sections(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Read the sections of a docstring, such as Args and Raises.

    The extension of Sphinx for that takes the start of a sentence with a colon for a type, in docstrings of properties.
    """
    lines[:] = GoogleDocstring(lines, STYLE).lines()


def by_definition(app: Sphinx, document: nodes.document) -> None:
    """Let a name without dots mean what it means in its module: modules have different things of the same name."""
    for node in document.findall(addnodes.pending_xref):
        target = str(node["reftarget"])
        if node.get("refdomain") == "py" and target.isidentifier():
            thing = find(target, node.get("py:module"), node.get("py:class"))
            defined = home(thing[0]) if thing else None
            if defined and defined.startswith("anycarrier") and defined.endswith(f".{target}"):
                node["reftarget"] = defined


def missing_reference(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, shown: nodes.TextElement
) -> nodes.Node | None:
    """Return a link to what the reference means, its text where that has no page, and None where it means nothing."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"]).removesuffix("()")
    if not target.replace(".", "_").isidentifier():  # a value of a Literal, or a piece of a type
        return shown
    domain = env.domains.python_domain
    thing = find(target, node.get("py:module"), node.get("py:class"))
    entry = _page_of(domain, target, thing)
    if entry:
        assert app.builder is not None
        return make_refnode(app.builder, str(node["refdoc"]), entry.docname, entry.node_id, shown, target)
    if thing or _in_a_signature(node):  # type checkers have read signatures
        return shown
    return None


def _page_of(domain: PythonDomain, target: str, thing: tuple[Any] | None) -> ObjectEntry | None:
    defined = home(thing[0]) if thing else None
    if defined and defined in domain.objects:
        return domain.objects[defined]
    parts = target.split(".")
    kept = 1 if len(parts) == 1 else 2
    ending = "." + ".".join(parts[-kept:])
    found = {entry.node_id: entry for name, entry in domain.objects.items() if name.endswith(ending)}
    return next(iter(found.values())) if len(found) == 1 else None


def _in_a_signature(node: nodes.Node) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, addnodes.desc_signature):
            return True
        parent = parent.parent
    return False


def find(target: str, module: str | None, owner: str | None) -> tuple[Any] | None:
    """Return what *target* means in a docstring of *owner* in *module*, in a tuple, or None."""
    parts = target.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            start: Any = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        found = _inside(start, parts[cut:])
        if found:
            return found
    places = [
        *_places(module, owner),
        *(sys.modules[name] for name in sorted(sys.modules) if name.startswith("anycarrier.")),
    ]
    return next((found for place in places if (found := _inside(place, parts))), None)


def _places(module: str | None, owner: str | None) -> list[Any]:
    places: list[Any] = [builtins]
    start: Any = importlib.import_module(module) if module else None
    for name in owner.split(".") if owner and start else ():
        start = getattr(start, name, None)
        for base in getattr(start, "__mro__", (start,)):
            places += [base, sys.modules.get(getattr(base, "__module__", ""))]
    return [place for place in (*places, importlib.import_module(module) if module else None) if place is not None]


def _inside(thing: Any, names: list[str]) -> tuple[Any] | None:
    for place, name in enumerate(names):
        if place == len(names) - 1 and any(
            name in getattr(base, "__annotations__", {}) for base in getattr(thing, "__mro__", (thing,))
        ):
            return (getattr(thing, name, None),)
        try:
            thing = getattr(thing, name)
        except AttributeError:
            return None
    return (thing,)
