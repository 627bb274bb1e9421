"""Lazy objects: neutral objects of a long answer, of which only the columns that everybody looks at are set at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, repeat
from typing import Any, Generic, TypeAlias, TypeVar, cast, overload

import msgspec
from attrs import NOTHING, Factory, field, fields, make_class

from .raw import Document, Path, Raw
from .rows import Rows

__all__ = ["LazyFields", "LazySequence", "absent", "build"]

R = TypeVar("R")
T = TypeVar("T")

Fact: TypeAlias = Callable[[R, T], object]
"""Function of a row and of its neutral object, of which the eager fields are set, that gives a lazy field's value."""


class LazySequence(Sequence[T]):
    """Objects that are made anew on each iteration, so that those of a long list are never there all at once."""

    def __init__(self, size: int, make: Callable[[], Iterator[T]]) -> None:
        self._size = size
        self._make = make

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[T]:
        return self._make()

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: Any) -> Any:
        return [*self][index]


class LazyFields(Generic[R, T]):
    """Mapping of a row to an attrs class of the neutral model.

    Args:
        kind: the class.
        facts: for each field that the row states, the function that gives its value. Must not raise. A field without
            one has its default; ``raw`` is always set.
    """

    __slots__ = ("_makers", "facts", "kind")

    def __init__(self, kind: type[T], /, **facts: Fact[R, T]) -> None:
        defaults: dict[str, Any] = {}
        for one in fields(cast("Any", kind)):
            if one.default is not NOTHING and one.name != "raw":
                defaults[one.name] = _default(one.default)
        if unknown := facts.keys() - {one.name for one in fields(cast("Any", kind))}:
            raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
        self.kind = kind
        self.facts: Mapping[str, Fact[R, T]] = {**defaults, **facts}
        self._makers: dict[tuple[tuple[str, bool], ...], _Maker] = {}

    def but(self, **facts: Fact[R, T]) -> LazyFields[R, T]:
        """The same fields with other functions for some, such as those that depend on the request."""
        other: LazyFields[R, T] = object.__new__(type(self))
        other.kind, other._makers = self.kind, self._makers
        other.facts = {**self.facts, **facts}
        return other

    def maker(self, eager: Mapping[str, object]) -> _Maker:
        """The function that makes the objects of an answer from their ``raw`` and the *eager* fields."""
        key = tuple([(name, type(value) is list) for name, value in eager.items()])
        found = self._makers.get(key)
        if found is None:
            names = [one.name for one in fields(cast("Any", self.kind))]
            if missing := {*names} - {"raw", *eager} - self.facts.keys():
                raise TypeError(f"{self.kind.__name__} needs {', '.join(sorted(missing))}")
            if unknown := {*eager} - {*names}:
                raise TypeError(f"{self.kind.__name__} has no field {', '.join(sorted(unknown))}")
            found = self._makers[key] = _maker(self.kind, names, dict(key))
        return found


_Maker: TypeAlias = Callable[..., Iterator[Any]]


def _maker(kind: type[Any], names: Sequence[str], eager: Mapping[str, bool]) -> _Maker:
    """A generator function, written out for the *eager* fields as attrs writes ``__init__``: such objects are made in
    great numbers. *eager* says of each field whether it is a column."""
    slots = {name: field(init=False) for name in names}
    opened = make_class(f"Opened{kind.__name__}", slots, kind.__bases__, slots=True, eq=False, repr=False, init=False)
    each = "".join(f"{name}, " for name in ("raw", *(name for name, column in eager.items() if column)))
    source = [
        f"def objects({', '.join(('raw', *eager))}):",
        f"    for {each} in zip({each}):",
        "        one = opened()",
        *(f"        one.{name} = {name}" for name in ("raw", *eager)),
        "        one.__class__ = kind",
        "        yield one",
    ]
    scope: dict[str, Any] = {"opened": opened, "kind": kind}
    exec("\n".join(source), scope)  # noqa: S102 - of the names of fields alone
    return cast("_Maker", scope["objects"])


def _default(default: Any) -> Callable[[Any, Any], Any]:
    if isinstance(default, Factory):  # type: ignore[arg-type]
        factory = default.factory
        return lambda _row, _one: factory()
    return lambda _row, _one: default


class LazyRaw(msgspec.Struct, gc=False, eq=False, frozen=True):
    """The ``raw`` of a lazy object: a mapping, decoded when first looked at, and the source of the lazy fields."""

    document: Document
    path: Path
    place: int
    row: Any
    facts: Mapping[str, Fact[Any, Any]]

    def _record(self) -> Mapping[str, Any]:
        return Raw(self.document, (*self.path, self.place))

    __getitem__ = Raw.__getitem__
    __iter__ = Raw.__iter__
    __len__ = Raw.__len__
    __repr__ = Raw.__repr__
    __reduce__ = Raw.__reduce__
    __contains__ = Mapping.__contains__
    __eq__ = Mapping.__eq__
    __hash__ = None  # type: ignore[assignment]
    get = Mapping.get
    keys = Mapping.keys
    values = Mapping.values
    items = Mapping.items


Mapping.register(LazyRaw)  # pyright: ignore[reportAttributeAccessIssue]


def build(mapping: LazyFields[R, T], rows: Rows[Any, Any], **eager: object) -> LazySequence[T]:
    """An object for each of *rows*.

    Args:
        eager: fields that are set at once. A list is a column, with a value for each row; anything else is the value of
            all of them.
    """
    objects = mapping.maker(eager)
    document, path, facts = repeat(rows.document), repeat(rows.path), repeat(mapping.facts)
    places, records = rows.places, rows.rows

    def made() -> Iterator[T]:
        raws = map(LazyRaw, document, path, count() if places is None else places, records, facts)
        return objects(raws, **eager)

    return LazySequence(len(records), made)


def absent(_row: object, _one: object) -> None:
    """A field that no row states."""
