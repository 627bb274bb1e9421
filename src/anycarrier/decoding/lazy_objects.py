"""Lazy objects: neutral objects of a long answer, of which only the columns that everybody looks at are set at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, count, islice, repeat
from typing import Any, Generic, TypeAlias, TypeVar, cast, overload

import msgspec
from attrs import NOTHING, Factory, field, fields, frozen, make_class

from .raw import Document, Path, Raw
from .rows import Rows

__all__ = ["LazyFields", "LazySequence", "absent", "build"]

R = TypeVar("R")
T = TypeVar("T")

_BATCH = 50
"""Objects that are made at once: few enough to be in the processor's cache when they are consumed."""

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

    __slots__ = ("_opened", "facts", "kind")

    def __init__(self, kind: type[T], /, **facts: Fact[R, T]) -> None:
        defaults: dict[str, Any] = {}
        for one in fields(cast("Any", kind)):
            if one.default is not NOTHING and one.name != "raw":
                defaults[one.name] = _default(one.default)
        if unknown := facts.keys() - {one.name for one in fields(cast("Any", kind))}:
            raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
        self.kind = kind
        self.facts: Mapping[str, Fact[R, T]] = {**defaults, **facts}
        self._opened: dict[tuple[str, ...], type[Any]] = {}

    def but(self, **facts: Fact[R, T]) -> LazyFields[R, T]:
        """The same fields with other functions for some, such as those that depend on the request."""
        other: LazyFields[R, T] = object.__new__(type(self))
        other.kind, other._opened = self.kind, self._opened
        other.facts = {**self.facts, **facts}
        return other

    def opened(self, eager: tuple[str, ...]) -> type[Any]:
        """A class with the slots of *kind* whose ``__init__`` sets only ``raw`` and the *eager* fields."""
        found = self._opened.get(eager)
        if found is None:
            names = [one.name for one in fields(cast("Any", self.kind))]
            now = ("raw", *eager)
            if missing := {*names} - {*now} - self.facts.keys():
                raise TypeError(f"{self.kind.__name__} needs {', '.join(sorted(missing))}")
            if unknown := {*eager} - {*names}:
                raise TypeError(f"{self.kind.__name__} has no field {', '.join(sorted(unknown))}")
            order = [*now, *(name for name in names if name not in now)]
            slots = {name: field(init=name in now) for name in order}
            found = make_class(
                f"Opened{self.kind.__name__}", slots, self.kind.__bases__, slots=True, eq=False, repr=False
            )
            self._opened[eager] = found
        return found


def _default(default: Any) -> Callable[[Any, Any], Any]:
    if isinstance(default, Factory):  # type: ignore[arg-type]
        factory = default.factory
        return lambda _row, _one: factory()
    return lambda _row, _one: default


@frozen
class _Source:
    """Origin of the lazy objects of one answer."""

    document: Document
    path: Path
    facts: Mapping[str, Callable[[Any, Any], Any]]


class LazyRaw(msgspec.Struct, gc=False, eq=False, frozen=True):
    """The ``raw`` of a lazy object: a mapping, decoded when first looked at, and the source of the lazy fields."""

    source: _Source
    place: int
    row: Any

    @property
    def facts(self) -> Mapping[str, Callable[[Any, Any], Any]]:
        """Functions of the lazy fields."""
        return self.source.facts

    def _record(self) -> Mapping[str, Any]:
        return Raw(self.source.document, (*self.source.path, self.place))

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
    kind = mapping.kind
    opened = mapping.opened((*eager,))
    columns = [value if type(value) is list else repeat(value) for value in eager.values()]
    source = repeat(_Source(rows.document, rows.path, mapping.facts))
    places = rows.places
    records = rows.rows

    def batches() -> Iterator[list[Any]]:
        raws = map(LazyRaw, source, count() if places is None else places, records)
        objects = map(opened, raws, *columns)
        while batch := [*islice(objects, _BATCH)]:
            for one in batch:
                one.__class__ = kind
            yield batch

    return LazySequence(len(records), lambda: chain.from_iterable(batches()))


def absent(_row: object, _one: object) -> None:
    """A field that no row states."""
