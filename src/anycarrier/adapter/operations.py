"""Operations of a provider's own API, as data: for the command line and the reference pages.

They are those of ``client.native``, read from a class derived from :class:`Api`: neither an account nor its credentials
are needed.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from typing import Any

from attrs import frozen

from anycarrier.exchange import Purpose
from anycarrier.hints import kind_of

from ._endpoints import Api, Endpoint
from ._paging import Paged

__all__ = ["NativeOperation", "Parameter", "native_operations"]

_GRAVEST_FIRST: tuple[Purpose, ...] = ("purchase", "write", "read")
_NOT_AN_ARGUMENT = frozenset({"self", "operation"})
"""``operation`` is a name for errors."""


@frozen
class Parameter:
    """A parameter of an operation.

    Attributes:
        name: as in Python.
        hint: its type, without ``None``.
        default: its default; ``inspect.Parameter.empty`` where a value is needed.
        keyword: whether Python takes it by name alone.
        others: whether it takes any names (``**hints``).
        text: what the docstring says of it.
    """

    name: str
    hint: Any
    default: Any
    keyword: bool
    others: bool
    text: str

    @property
    def required(self) -> bool:
        """Return whether a value is needed."""
        return self.default is inspect.Parameter.empty and not self.others


@frozen
class NativeOperation:
    """An operation of a provider's own API.

    Attributes:
        name: as in ``client.native``.
        function: the method of the API's class.
        documents: its names in the provider's own documents (``operationId``), from the docstring.
        endpoints: the requests that it may send.
        listing: whether it yields items as they come.
        parameters: its parameters in their order.
    """

    name: str
    function: Callable[..., Any]
    documents: tuple[str, ...]
    endpoints: tuple[Endpoint[Any], ...]
    listing: bool
    parameters: tuple[Parameter, ...]

    @property
    def purpose(self) -> Purpose:
        """The gravest of its requests: ``read`` changes nothing, ``write`` does, ``purchase`` costs money."""
        purposes = {one.purpose for one in self.endpoints}
        for purpose in _GRAVEST_FIRST:
            if purpose in purposes:
                return purpose
        return "write"

    @property
    def text(self) -> str:
        """The docstring as plain text, without the document's names and the sections on arguments and errors."""
        said = re.split(r"\n\s*(?:Args|Raises|Returns|Attributes|Yields):\n", _doc(self.function))[0]
        said = _HEAD.sub("", said).lstrip(".,;: ")
        said = _IN_BRACKETS.sub(lambda found: f" ({found[2].lstrip('; ,')})" if found[2] else "", said, count=1)
        said = _plain(said)
        return said[:1].upper() + said[1:]

    @property
    def summary(self) -> str:
        """The first sentence of the text."""
        return re.split(r"(?<=[.:;]) ", self.text.replace("\n\n", " "))[0].rstrip(":;.")

    @property
    def signature(self) -> inspect.Signature:
        """The signature of the source, without ``self``."""
        made = inspect.signature(inspect.unwrap(self.function))
        return made.replace(parameters=[one for one in made.parameters.values() if one.name not in _NOT_AN_ARGUMENT])


def native_operations(api: type[Api]) -> dict[str, NativeOperation]:
    """The operations of *api* that the provider documents, by name, sorted.

    A method is one if its docstring has the document's name of it, in double backticks within brackets or in front.
    Endpoints alone are the material of which methods are made.
    """
    found: dict[str, NativeOperation] = {}
    for name in sorted(dir(api)):
        function = inspect.getattr_static(api, name)
        if name.startswith("_") or not inspect.isfunction(function) or kind_of(function) is None:
            continue
        if documents := _documents(_doc(function)):
            found[name] = NativeOperation(
                name, function, documents, _endpoints(api, function), kind_of(function) == "listing",
                _parameters(function),
            )  # fmt: skip
    return found


def _doc(function: Callable[..., Any]) -> str:
    return inspect.getdoc(function) or ""


def _documents(doc: str) -> tuple[str, ...]:
    found = _HEAD.match(doc) or _IN_BRACKETS.search(doc)
    return tuple(re.findall(r"``([\w-]+)``", found[1])) if found else ()


_HEAD = re.compile(r"\A(``\w+_\w+``)(?:[.;:,] |[.;:]?\Z)")
_IN_BRACKETS = re.compile(r"\s*\((``[\w-]+``(?:,? (?:and )?``[\w-]+``)*)([^()]*)\)")


def _plain(text: str) -> str:
    text = re.sub(r"\s*\n\s*", " ", re.sub(r"\n\s*\n\s*", "\0", text)).replace("\0", "\n\n")
    text = re.sub(r":\w+:`~?([^`]*)`", r"\1", text).replace("``", "")
    return re.sub(r"\*(\w+)\*", r"\1", text).strip()


def _parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    plain = inspect.unwrap(function)
    said = _said(_doc(function))
    found: list[Parameter] = []
    for one in inspect.signature(plain).parameters.values():
        if one.name in _NOT_AN_ARGUMENT:
            continue
        hint = one.annotation
        if isinstance(hint, str):
            hint = eval(hint, vars(sys.modules[plain.__module__]))  # noqa: S307 - our own source
        found.append(
            Parameter(
                one.name, hint, one.default, one.kind is one.KEYWORD_ONLY, one.kind is one.VAR_KEYWORD,
                said.get(one.name, ""),
            )
        )  # fmt: skip
    return tuple(found)


def _said(doc: str) -> dict[str, str]:
    """Texts of the docstring's section on arguments, by name."""
    _, _, rest = doc.partition("\nArgs:\n")
    section = re.split(r"\n\w+:\n", f"\n{rest}")[0]
    found = re.findall(r"^    ([\w, ]+): (.*(?:\n {8,}.*)*)", section, re.MULTILINE)
    return {name: _plain(text) for several, text in found for name in several.split(", ")}


def _endpoints(api: type[Api], function: Callable[..., Any]) -> tuple[Endpoint[Any], ...]:
    """The endpoint that decorates *function*, or those that its code names."""
    decorator = vars(function).get("endpoint")
    if isinstance(decorator, Endpoint):
        return (decorator,)
    found: list[Endpoint[Any]] = []
    todo, seen = [function], {function}
    while todo:
        for name in inspect.unwrap(todo.pop()).__code__.co_names:
            member = inspect.getattr_static(api, name, None)
            if isinstance(member, property):
                member = member.fget
            if isinstance(member, Paged):
                member = member.endpoint
            if isinstance(member, Endpoint):
                found.append(member)
            elif inspect.isfunction(member) and member not in seen:
                inner = vars(member).get("endpoint")
                if isinstance(inner, Endpoint):
                    found.append(inner)
                elif name not in vars(Api):
                    seen.add(member)
                    todo.append(member)
    return tuple(dict.fromkeys(found))
