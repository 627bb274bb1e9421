"""What a provider answered, kept as it came and decoded only when somebody looks at a ``raw``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

__all__ = ["Document", "Path", "Raw"]

Path: TypeAlias = tuple[str | int, ...]
"""Names and places that lead to a part of a document."""


class Document:
    """An answer's body, decoded once and only when somebody looks at a ``raw``."""

    __slots__ = ("_body", "_value")

    def __init__(self, body: bytes | str) -> None:
        self._body: bytes | str | None = body
        self._value: Any = None

    def value(self) -> Any:
        """The decoded body."""
        body = self._body
        if body is not None:  # another thread may be just as far
            self._value = json.loads(body)
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
        for step in self._path:
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
