"""Records: the JSON objects of a provider, each declared once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    TypeAlias,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
)

import msgspec
from msgspec import UNSET, UnsetType

from anycarrier import processes
from anycarrier.decoding.contradictions import says_failed

from .fields import NumberForm

__all__ = ["Details", "Path", "Record", "Success", "Unreadable"]

R = TypeVar("R", bound="Record")

Path: TypeAlias = tuple[str, ...]
"""Names of the members that lead to a payload. With a ``?`` behind it, the first member may be missing: the payload is
then the object itself."""

if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
    class _Frozen(msgspec.StructMeta):
        """Tells type checkers that records of records are frozen too."""

else:
    _Frozen = type(msgspec.Struct)


class Record(msgspec.Struct, metaclass=_Frozen, frozen=True, gc=False, rename="camel"):
    """Base of the objects that a provider sends.

    A field ``rate_center`` is read from the member ``rateCenter``; ``class Row(Record, rename=None)`` takes the names
    as they are. Members that no field is declared for are ignored. Fields are decoded fastest in the order in which the
    provider sends them.
    """

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        """*members* of an object that does not match, changed to what may match; ``None`` leaves a row out.

        Override it for what no field marker can say. ``ValueError`` refuses the object.
        """
        return members

    @classmethod
    def refuse(cls, members: Mapping[str, Any], status: int) -> str | None:
        """Reason to refuse the object that stands around a payload, although each of its fields matches."""
        return None


class Details(Record, gc=True, dict=True):
    """Base of the records that a provider's own operations return: whole, and forgiving.

    ``raw`` has every member, also those that no field is declared for. A field whose default is ``None`` is ``None``
    where its member cannot be read. Fields without that default refuse the answer then, and so do fields of a type that
    is exact (``Amount``, ``Number``) or named in ``exact``: money or identity depends on them.
    """

    exact: ClassVar[frozenset[str]] = frozenset()

    @property
    def raw(self) -> Mapping[str, Any]:
        """The object that this was read from, as the provider sent it; empty for one that was not read."""
        found: Mapping[str, Any] = vars(self).get("raw_", {})
        return found

    @property
    def as_declared(self) -> bool:
        """Return whether every member of the answer's record is known to have its declared type; else a field may be
        ``None`` though ``raw`` has the member. Rows of long lists are not known to."""
        found: bool = vars(self).get("as_declared_", False)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {one.name: getattr(self, one.name) for one in msgspec.structs.fields(self)}
        return (_remade, (type(self), fields, dict(self.raw), self.as_declared))


def _remade(kind: type[Details], fields: dict[str, Any], raw: Mapping[str, Any], as_declared: bool = False) -> Details:
    record = kind(**fields)
    vars(record).update(raw_=raw, as_declared_=as_declared)
    return record


class Success(Record):
    """Envelope of an answer whose members must not contradict its good status; each of them may be missing.

    Anything unusual is judged by :func:`anycarrier.decoding.contradictions.says_failed`.
    """

    status: Literal["success"] | UnsetType = UNSET
    status_code: Literal[200, 201] | UnsetType = UNSET
    success: UnsetType = UNSET
    error: UnsetType | None = UNSET
    errors: UnsetType | None = UNSET

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        return {}

    @classmethod
    def refuse(cls, members: Mapping[str, Any], status: int) -> str | None:
        if _JUDGED.isdisjoint(members):
            return None
        said = says_failed(members, status)
        return said and f"with status {status}, {said}"


_JUDGED = frozenset({"status", "statusCode", "success", "error", "errors"})
"""Members that :func:`anycarrier.decoding.contradictions.says_failed` looks at."""


Forms: TypeAlias = tuple[tuple[str, Callable[[Any], Any], NumberForm], ...]


@cache
def number_forms(kind: type[Record]) -> Forms:
    """The fields of *kind* that are marked as numbers: name, getter and marker of each."""
    found: list[tuple[str, Callable[[Any], Any], NumberForm]] = []
    for one in msgspec.structs.fields(kind):
        marks = get_args(one.type)[1:] if get_origin(one.type) is Annotated else ()
        found += [(one.name, attrgetter(one.name), mark) for mark in marks if isinstance(mark, NumberForm)]
    return tuple(found)


_lock = threading.Lock()


def _forked() -> None:
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


processes.in_child(_forked)


def decoder_of(kind: Any) -> Callable[[Any], Any]:
    """Decoder of JSON as *kind*. Raises ``msgspec.DecodeError``, ``ValueError`` or ``RecursionError``."""
    # msgspec gives a struct's description to a second thread before it is whole: the interpreter then dies.
    with _lock:
        return msgspec.json.Decoder(kind).decode


@cache
def _primed(kind: type[R]) -> type[R]:
    """*kind*, with its description made by one thread."""
    decoder_of(kind)
    return kind


def converted(kind: type[R], value: Any) -> R:
    """A decoded *value* as *kind*, with exactly its types. Raises what :data:`Refused` lists."""
    record: R = msgspec.convert(value, _primed(kind))
    return record


Refused = (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError)


class Unreadable(ValueError):
    """A value that is not as declared, also with all that is forgiven; its message names places and no values."""


def record_in(kind: Any) -> type[Record] | None:
    """The record that a field of this type holds, by itself or in a list."""
    if isinstance(kind, type) and issubclass(kind, Record):
        return kind
    return next(filter(None, map(record_in, get_args(kind))), None)
