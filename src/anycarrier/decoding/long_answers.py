"""Long answers: a list of rows, each read by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Generic, NoReturn, TypeVar, overload

import msgspec

from anycarrier.decoding.json import load_json, unexpected
from anycarrier.exchange import Request, Response
from anycarrier.numbers import PhoneNumber

from .forgiving import forgiven
from .raw import Document, whole
from .records import Forms, Path, Record, Refused, Unreadable, converted, decoder_of, number_forms
from .rows import MOST_PLACES, Rows
from .short_answers import check_envelope

__all__ = ["read_rows", "rows_of_text"]

R = TypeVar("R", bound=Record)
A = TypeVar("A", bound=Record)


@overload
def read_rows(
    kind: type[R],
    request: Request,
    response: Response,
    *,
    provider: str,
    at: Path,
    envelope: type[Record] | None = None,
    some: bool = False,
) -> Rows[R, Record]: ...
@overload
def read_rows(
    kind: type[R],
    request: Request,
    response: Response,
    *,
    provider: str,
    at: Path,
    around: type[A],
    envelope: type[Record] | None = None,
    some: bool = False,
) -> Rows[R, A]: ...
def read_rows(
    kind: type[R],
    request: Request,
    response: Response,
    *,
    provider: str,
    at: Path,
    around: type[Any] = Record,
    envelope: type[Record] | None = None,
    some: bool = False,
) -> Rows[R, Any]:
    """The list of *kind* records at *at* of a long answer.

    What no field is declared for is not looked at: neither doubled names nor depth nor long numbers within a row, and
    one row is read the same whatever the others are. A doubled list is refused.

    Args:
        at: path of the list, such as ``("data", "numbers")``; ``("data?", "numbers")`` where the envelope may be
            missing.
        around: record of the object that holds the list; all its fields have defaults where the envelope may be
            missing.
        envelope: record of the outermost object, checked only.
        some: refuse an answer in which no row can be read though there are some, as searches do.

    Raises:
        UnexpectedResponse: the list, or what stands around it, cannot be read. Rows do not raise: see
            :attr:`Rows.problem`.
    """
    reader: _Reader[R, Any] = _reader(kind, at, around, envelope)  # type: ignore[arg-type]
    try:
        rows = reader.read(response.body, response.status)
    except Unreadable as error:
        _refuse(request, response, error, provider)
    if some and rows.failed and not rows.rows:
        _refuse(request, response, rows.problem, provider)
    return rows


def rows_of_text(kind: type[R], text: str, *, where: str = "", first: int = 0) -> Rows[R, Record] | None:
    """The records of a JSON array, a piece of a longer one that begins with its row *first*; ``None`` for no array."""
    try:
        rows: list[R] = _array_of(kind)(text)
        columns = _columns(number_forms(kind), rows)
        if columns is not None:
            return Rows(rows, _NOTHING, Document(text), (), columns)
    except Refused:
        pass
    try:
        raws = _raws()(text)
    except Refused:
        return None
    return _one_by_one(kind, raws, Document(text), (), where, first, _NOTHING)


def _refuse(request: Request, response: Response, why: object, provider: str) -> NoReturn:
    raise unexpected(request, response, str(why), provider=provider) from None


_NOTHING = Record()


@cache
def _array_of(kind: type[Record]) -> Callable[[bytes | str], Any]:
    return decoder_of(list[kind])  # type: ignore[valid-type]


@cache
def _one_row(kind: type[Record]) -> Callable[[bytes | str], Any]:
    return decoder_of(kind)


@cache
def _raws() -> Callable[[Any], list[msgspec.Raw]]:
    return decoder_of(list[msgspec.Raw])


@cache
def _members() -> Callable[[Any], dict[str, msgspec.Raw]]:
    return decoder_of(dict[str, msgspec.Raw])


@cache
def _reader(kind: type[R], at: Path, around: type[A], envelope: type[Record] | None) -> _Reader[R, A]:
    return _Reader(kind, at, around, envelope)


class _Reader(Generic[R, A]):
    """Decoder of the whole answer in one go: the list within its objects, as one struct that is made of the records."""

    def __init__(self, kind: type[R], at: Path, around: type[A], envelope: type[Record] | None) -> None:
        self.kind = kind
        self.at = at
        self.path = tuple(step.removesuffix("?") for step in at)
        self.optional = at[0].endswith("?")
        self.around = around
        self.envelope = envelope
        self.where = ".".join(self.path)
        self._decode = decoder_of(self._whole())
        self._forms = number_forms(kind)
        self._depth = len(self.path) - 1
        self._name = b'"%s"' % self.path[-1].encode()

    def _whole(self) -> type[msgspec.Struct]:
        *steps, name = self.path
        rows: Any = list[self.kind]  # type: ignore[name-defined]
        around = self.around
        same = around if self.optional or not steps else Record
        outer = () if self.envelope is None else tuple(_fields(self.envelope, same))
        if not steps:
            return _struct(around, {"rows_": name}, [("rows_", rows), *outer])
        inner: Any = _struct(around, {"rows_": name}, [("rows_", rows)])
        for step in reversed(steps[1:]):
            inner = _struct(Record, {"inner_": step}, [("inner_", inner)])
        base: type[Record] = Record
        fields: list[Any] = [("inner_", inner), *outer]
        names = {"inner_": steps[0]}
        if self.optional:
            base = around
            names["rows_"] = name
            unset = msgspec.UnsetType
            fields = [("inner_", inner | unset, msgspec.UNSET), ("rows_", rows | unset, msgspec.UNSET), *outer]
        return _struct(base, names, fields)

    def read(self, body: bytes, status: int) -> Rows[R, A]:
        """The rows. ``Unreadable`` where the list, or what stands around it, cannot be read."""
        rows = self.strictly(body)
        if rows is None or body.find(b"[", body.find(b"[") + 1) >= 0:  # a list that is doubled has a second bracket
            name = self._name
            once = body.find(name) == body.rfind(name) and not (b"\\" in body and b"\\u00" in body)
            if not once and _doubled(body, {*self.path}):
                raise Unreadable(f"{self.where}: it is doubled")
        return self.loosely(body, status) if rows is None else rows

    def strictly(self, body: bytes) -> Rows[R, A] | None:
        """The rows, where all is as declared."""
        try:
            if not body.isascii():
                body.decode()  # msgspec looks at the texts that it keeps
            whole: Any = self._decode(body)
        except Refused:
            return None
        path = self.path
        for _ in range(self._depth):
            inner = whole.inner_
            if inner is msgspec.UNSET:
                path = path[1:]
                break
            whole = inner
        rows = whole.rows_
        if rows is msgspec.UNSET or (columns := _columns(self._forms, rows)) is None:
            return None
        return Rows(rows, whole, Document(body), path, columns)

    def loosely(self, body: bytes, status: int) -> Rows[R, A]:
        """The rows, each read by itself from its own part of the body."""
        path = self.path
        holder = top = _object(body, "the body")
        if self.optional and path[0] in top:
            try:
                _members()(top[path[0]])
            except Refused:
                path = path[1:]
        elif self.optional:
            path = path[1:]
        if self.envelope is not None:
            check_envelope(
                self.envelope, {name: _loaded(value, name) for name, value in top.items() if name != path[0]}, status
            )
        for count, step in enumerate(path[:-1], 1):
            where = ".".join(path[:count])
            if step not in holder:
                raise Unreadable(f"{where}: it is missing")
            holder = _object(holder[step], where)
        name = path[-1]
        around = _read_around(self.around, {one: raw for one, raw in holder.items() if one != name}, path[:-1])
        where = ".".join(path)
        if name not in holder:
            raise Unreadable(f"{where}: it is missing")
        try:
            raws = _raws()(holder[name])
        except Refused:
            raise Unreadable(f"{where}: a list was expected") from None
        return _one_by_one(self.kind, raws, Document(body), path, where, 0, around)


def _fields(kind: type[Record], around: type[Record] = Record) -> Iterator[tuple[Any, ...]]:
    """The fields of an envelope, but those that *around* has, which is the same object."""
    there = {one.encode_name for one in msgspec.structs.fields(around)}
    for one in msgspec.structs.fields(kind):
        if one.encode_name not in there:
            default = {} if one.required else {"default": one.default}
            yield f"envelope_{one.name}", one.type, msgspec.field(name=one.encode_name, **default)


def _struct(base: type[Record], names: dict[str, str], fields: Iterable[Any]) -> type[msgspec.Struct]:
    return msgspec.defstruct(base.__name__, [*fields], bases=(base,), rename=names, kw_only=True, frozen=True, gc=False)


def _columns(forms: Forms, rows: Sequence[Any]) -> dict[str, Sequence[PhoneNumber]] | None:
    """The columns of numbers; ``None`` where one of them cannot be a number."""
    columns: dict[str, Sequence[PhoneNumber]] = {}
    for name, take, form in forms:
        column = form.many([*map(take, rows)])
        if column is None:
            return None
        columns[name] = column
    return columns


def _one_by_one(
    kind: type[R], raws: Sequence[msgspec.Raw], document: Document, path: Path, where: str, first: int, around: A
) -> Rows[R, A]:
    """Every row by itself: strictly from its bytes, or what may be forgiven."""
    decode = _one_row(kind)
    forms = number_forms(kind)
    rows: list[R] = []
    places: list[int] = []
    columns: dict[str, list[PhoneNumber]] = {name: [] for name, _, _ in forms}
    failed = 0
    reasons: list[str] = []
    for place, raw in enumerate(raws):
        try:
            row: R | None = decode(raw)
            numbers = [form.convert(take(row)) for _, take, form in forms]
        except Refused:
            try:
                row = forgiven(kind, _loaded(raw, ""), f"{where}.{first + place}" if where else str(first + place))
                numbers = [] if row is None else [form.convert(take(row)) for _, take, form in forms]
            except ValueError as error:
                failed += 1
                if len(reasons) < MOST_PLACES:
                    reasons.append(str(error))
                continue
        if row is None:
            continue
        rows.append(row)
        places.append(place)
        for (name, _, _), number in zip(forms, numbers, strict=True):
            columns[name].append(number)
    return Rows(
        rows, around, document, path, dict(columns), places=places, size=len(raws), failed=failed, unreadable=reasons
    )


def _object(raw: Any, where: str) -> dict[str, msgspec.Raw]:
    try:
        return _members()(raw)
    except Refused:
        pass
    try:
        value = load_json(bytes(raw))
    except ValueError as error:
        raise Unreadable(f"{where} is not valid JSON ({error})") from None
    if isinstance(value, dict):
        raise Unreadable(f"{where}: it holds text that cannot be sent back, half of a surrogate pair")
    raise Unreadable(f"{where}: an object was expected")


def _read_around(kind: type[A], members: dict[str, msgspec.Raw], path: Path) -> A:
    values = {name: _loaded(raw, name) for name, raw in members.items()}
    try:
        return converted(kind, values)
    except Refused:
        pass
    record = forgiven(kind, values, ".".join(path))
    if record is None:
        raise Unreadable(f"{'.'.join(path) or 'the body'}: it cannot be read")
    return record


def _loaded(raw: Any, where: str) -> Any:
    """A part of a long answer, as lenient as the strict decoder is with it: a number of too many digits is text."""
    try:
        return json.loads(bytes(raw), parse_int=whole)
    except RecursionError:
        raise Unreadable(f"{where or 'it'} is nested too deep") from None
    except ValueError:
        raise Unreadable(f"{where or 'it'} is not valid JSON") from None


def _doubled(body: bytes, names: set[str]) -> bool:
    """Return whether an object of *body* has a second member of one of *names*, at the list or above it: it could hide
    rows. Most bodies have the list's name once, so this seldom runs."""
    found = False

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        value = dict(pairs)
        if len(value) != len(pairs):
            for step in names.intersection(value):
                same = [one for name, one in pairs if name == step]
                found = found or (len(same) > 1 and any(isinstance(one, list | dict) for one in same))
        return value

    try:
        json.loads(body, object_pairs_hook=members, parse_int=whole)
    except (ValueError, RecursionError):
        return False
    return found
