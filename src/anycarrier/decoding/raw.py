"""Raw answers of a provider: the unchanged body, decoded on first access to a ``raw``.

Access never raises, whatever an answer holds beside the fields that were read: numbers of too many digits and values
that are nested too deep come as their text. A credential that an answer quotes is not shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from anycarrier.decoding.json import MOST_DIGITS, MOST_NESTED, is_deep
from anycarrier.redaction import quoted, redacted_value

__all__ = ["Document", "Path", "Raw", "resolved", "whole"]

S = TypeVar("S", bound="str | int")

Path: TypeAlias = tuple[str | int, ...]
"""Names and places that lead to a part of a document. With a ``?`` behind it, the first name may be missing: the rest
then leads on from the document itself."""


class Document:
    """An answer's body, decoded once, on first access to a ``raw``."""

    __slots__ = ("_body", "_value")

    def __init__(self, body: bytes | str) -> None:
        self._body: bytes | str | None = body
        self._value: Any = None

    def value(self) -> Any:
        """The decoded body."""
        body = self._body
        if body is not None:  # another thread may be just as far
            value = _decoded(body)
            self._value = redacted_value(value) if quoted(body) else value
            self._body = None
        return self._value

    def at(self, *path: str | int) -> Raw:
        """The object at *path*, not decoded yet."""
        return Raw(self, path)


class Raw(Mapping[str, Any]):
    """The provider's own record, as a mapping; decoded when first looked at."""

    __slots__ = ("_document", "_path")

    def __init__(self, document: Document, path: Path) -> None:
        self._document = document
        self._path = path

    def _record(self) -> Mapping[str, Any]:
        value = self._document.value()
        for step in resolved(self._path, value):
            value = value[step]
        return value  # type: ignore[no-any-return]

    def __getitem__(self, key: str) -> Any:
        return self._record()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._record())

    def __len__(self) -> int:
        return len(self._record())

    def __repr__(self) -> str:
        return f"Raw({dict(self._record())!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (dict, (dict(self._record()),))


def resolved(at: tuple[S, ...], body: Any) -> tuple[S, ...]:
    """*at* without the first name, where that is optional and *body* has no such object."""
    first = at[0] if at else None
    if not isinstance(first, str) or not first.endswith("?"):
        return at
    name: Any = first[:-1]
    there = isinstance(body, dict) and isinstance(body.get(name), dict)
    return (name, *at[1:]) if there else at[1:]


def _decoded(body: bytes | str) -> Any:
    try:
        value = json.loads(body, parse_int=whole)
        if not is_deep(value):
            return value
    except RecursionError:
        pass
    return json.loads(_shallow(body if isinstance(body, str) else body.decode()), parse_int=whole)


def whole(text: str) -> int | str:
    """A whole number; one of too many digits stays text, since Python refuses to write such a number."""
    return int(text) if len(text) <= MOST_DIGITS else text


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def _shallow(text: str) -> str:
    """JSON with what is nested too deep in the form of text."""
    kept: list[str] = []
    depth = end = begin = 0
    for token in _TOKEN.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth == MOST_NESTED + 1:
                begin = token.start()
        elif token[0] in ("]", "}"):
            if depth == MOST_NESTED + 1:
                kept += [text[end:begin], json.dumps(text[begin : token.end()])]
                end = token.end()
            depth -= 1
    return "".join([*kept, text[end:]])
