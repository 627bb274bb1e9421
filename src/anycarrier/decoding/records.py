"""Records: the JSON objects of a provider, each declared once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
)

import msgspec
from msgspec import UNSET, UnsetType

from anycarrier import processes
from anycarrier.decoding.contradictions import says_failed
from anycarrier.decoding.json import load_json, unexpected
from anycarrier.exchange import Request, Response

from .fields import Converting, Forgiving, NumberForm
from .raw import Document, Raw, resolved

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

__all__ = ["Details", "Path", "Record", "Success", "Unreadable", "read", "read_list", "read_value", "settled"]

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

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {one.name: getattr(self, one.name) for one in msgspec.structs.fields(self)}
        return (_remade, (type(self), fields, dict(self.raw)))


def _remade(kind: type[Details], fields: dict[str, Any], raw: Mapping[str, Any]) -> Details:
    record = kind(**fields)
    vars(record)["raw_"] = raw
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


# -- strict decoding

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


# -- the second, forgiving reading


class Unreadable(ValueError):
    """A value that is not as declared, also with all that is forgiven; its message names places and no values."""


def read(
    kind: type[R], request: Request, response: Response, *, provider: str, at: Path = (),
    envelope: type[Record] | None = None,
) -> R:  # fmt: skip
    """The record *kind* that stands at *at* of an answer.

    The body is strict JSON: no doubled names, no more than 32 levels, numbers of at most 64 digits, exact decimals.
    A record that does not match its declaration is read once more by a pydantic model of the same declaration.

    Args:
        at: path of the record within the body.
        envelope: record around it, checked only.

    Raises:
        UnexpectedResponse: names every place that cannot be read, never a value.
    """
    body = _strict_json(request, response, provider)
    return read_value(kind, body, request, response, provider=provider, at=at, envelope=envelope)


def read_value(
    kind: type[R], body: Any, request: Request, response: Response, *, provider: str, at: Path = (),
    envelope: type[Record] | None = None,
) -> R:  # fmt: skip
    """:func:`read` of a *body* that :func:`anycarrier.decoding.json.load_json` has decoded."""
    try:
        path, value = _payload(body, response, at, envelope)
        record = _one_of(kind, value, ".".join(path))
    except Unreadable as error:
        raise unexpected(request, response, str(error), provider=provider) from None
    if _has_raw(kind):
        give_raw(record, Document(response.body), path)
    return record


def read_list(
    kind: type[R],
    request: Request,
    response: Response,
    *,
    provider: str,
    at: Path,
    envelope: type[Record] | None = None,
) -> list[R]:
    """:func:`read` of a list of records: all of them can be read, or none is returned. For long lists see
    :func:`anycarrier.decoding.read_rows`."""
    body = _strict_json(request, response, provider)
    try:
        path, value = _payload(body, response, at, envelope)
        where = ".".join(path)
        if not isinstance(value, list):
            raise Unreadable(f"{where}: a list was expected")
        found = [_one_of(kind, one, f"{where}.{place}") for place, one in enumerate(value)]
    except Unreadable as error:
        raise unexpected(request, response, str(error), provider=provider) from None
    if _has_raw(kind):
        document = Document(response.body)
        for place, record in enumerate(found):
            give_raw(record, document, (*path, place))
    return found


def _strict_json(request: Request, response: Response, provider: str) -> Any:
    try:
        return load_json(response.body, exact=True)
    except ValueError as error:
        raise unexpected(request, response, f"the body is not valid JSON ({error})", provider=provider) from None


def _payload(body: Any, response: Response, at: Path, envelope: type[Record] | None) -> tuple[Path, Any]:
    if envelope is not None:
        check_envelope(envelope, body, response.status, skip=at[0].rstrip("?") if at else "")
    path = resolved(at, body)
    return path, _member_at(body, path)


def give_raw(record: Record, document: Document, path: tuple[str | int, ...]) -> None:
    """Give *record*, and the records within it, the parts of *document* that they were read from."""
    if isinstance(record, Details):
        vars(record)["raw_"] = Raw(document, path)
    for name, member in _with_raw(type(record)):
        value = getattr(record, name)
        if isinstance(value, Record):
            give_raw(value, document, (*path, member))
        elif isinstance(value, list):
            for place, one in enumerate(value):
                give_raw(one, document, (*path, member, place))


def _has_raw(kind: type[Record]) -> bool:
    return issubclass(kind, Details) or bool(_with_raw(kind))


@cache
def _with_raw(kind: type[Record]) -> tuple[tuple[str, str], ...]:
    """The fields of *kind* that hold :class:`Details`, and their members' names."""
    return tuple(
        (one.name, one.encode_name)
        for one in msgspec.structs.fields(kind)
        if (within := _record_in(one.type)) is not None and _has_raw(within)
    )


def _record_in(kind: Any) -> type[Record] | None:
    """The record that a field of this type holds, by itself or in a list."""
    if isinstance(kind, type) and issubclass(kind, Record):
        return kind
    return next(filter(None, map(_record_in, get_args(kind))), None)


def _member_at(body: Any, path: Path) -> Any:
    value = body
    for count, step in enumerate(path, 1):
        if not isinstance(value, dict):
            raise Unreadable(f"{'.'.join(path[: count - 1]) or 'the body'}: an object was expected")
        if step not in value:
            raise Unreadable(f"{'.'.join(path[:count])}: it is missing")
        value = value[step]
    return value


def _one_of(kind: type[R], value: Any, where: str) -> R:
    try:
        return settled(converted(kind, value), strict=True)
    except Refused:
        pass
    record = forgiven(kind, value, where)
    if record is None:
        raise Unreadable(f"{where or 'the body'}: it cannot be read")
    return settled(record)


def check_envelope(envelope: type[Record], body: Any, status: int, *, skip: str = "") -> None:
    """Refuse *body* where what stands around its payload is not as *envelope* says."""
    if not isinstance(body, dict):
        raise Unreadable("the body: an object was expected")
    around = {name: value for name, value in body.items() if name != skip}
    try:
        converted(envelope, around)
    except Refused:
        forgiven(envelope, around, "")
    if problem := envelope.refuse(body, status):
        raise Unreadable(problem)


def forgiven(kind: type[R], value: Any, where: str) -> R | None:
    """*value* as *kind*, with all that is forgiven; ``None`` where :meth:`Record.forgive` leaves it out."""
    from pydantic import ValidationError

    try:
        if isinstance(value, dict) and (value := kind.forgive(value)) is None:
            return None
        return cast("R", _from_model(kind)(model_of(kind).model_validate(value)))
    except ValidationError as error:
        raise Unreadable(_described(error, where)) from None
    except ValueError as error:
        raise Unreadable(f"{where or 'the body'}: {error}") from None


_MOST_PLACES = 5


def _described(error: ValidationError, where: str) -> str:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    listed: list[str] = []
    for problem in problems[:_MOST_PLACES]:
        steps = [where, *problem["loc"]] if where else problem["loc"]
        listed.append(f"{'.'.join(map(str, steps)) or 'the body'}: {problem['msg']}")
    more = f"; and {len(problems) - _MOST_PLACES} more" if len(problems) > _MOST_PLACES else ""
    return "; ".join(listed) + more


@cache
def model_of(kind: type[Record]) -> type[BaseModel]:
    """The pydantic model of the same fields."""
    from pydantic import ConfigDict, Field, create_model

    config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)
    fields: dict[str, Any] = {}
    for one in msgspec.structs.fields(kind):
        if one.required:
            how = Field(alias=one.encode_name)
        elif one.default_factory is not msgspec.NODEFAULT:
            how = Field(default_factory=one.default_factory, alias=one.encode_name)
        else:
            how = Field(default=one.default, alias=one.encode_name)
        odd = issubclass(kind, Details) and one.default is None and one.name not in kind.exact
        fields[one.name] = (_none_if_odd(one.type) if odd else _loose(one.type), how)
    return create_model(kind.__name__, __config__=config, **fields)


def _loose(kind: Any) -> Any:
    """*kind*, a declared type, as pydantic has it."""
    from pydantic import BeforeValidator, Field, PlainValidator

    if isinstance(kind, type) and issubclass(kind, Record):
        return Annotated[model_of(kind), BeforeValidator(lambda value: _mended(kind, value))]
    if kind is UnsetType:
        return None
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        loose = _loose(inner[0])
        for mark in inner[1:]:
            if isinstance(mark, Converting):
                loose = Annotated[loose, PlainValidator(mark.convert)]
            elif isinstance(mark, Forgiving):
                loose = Annotated[loose, BeforeValidator(mark.convert)]
            elif isinstance(mark, msgspec.Meta):
                names = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length")
                bounds = {name: bound for name in names if (bound := getattr(mark, name)) is not None}
                loose = Annotated[loose, Field(**bounds)]
        return loose
    if origin in (Union, UnionType):
        return Union[tuple(_loose(one) for one in inner if one is not UnsetType)]  # noqa: UP007
    generic: Any = origin
    return generic[tuple(map(_loose, inner))] if origin in (list, dict, tuple) else kind


def _none_if_odd(kind: Any) -> Any:
    """:func:`_loose`, as which a value that cannot be read is ``None``, unless *kind* is exact.

    What holds records must be of the right form; they say themselves what is read in them.
    """
    from pydantic import BeforeValidator, ValidationError, WrapValidator

    def read_one(value: Any, read: Callable[[Any], Any]) -> Any:
        try:
            return read(value)
        except ValidationError:
            return None

    loose = _loose(kind)
    if any(isinstance(mark, Forgiving) and mark.exact for mark in get_args(kind)[1:]):
        return loose
    if _record_in(kind) is None:
        return Annotated[loose, WrapValidator(read_one)]
    form = list if any(get_origin(one) is list for one in (kind, *get_args(kind))) else dict
    return Annotated[loose, BeforeValidator(lambda value: value if isinstance(value, form) else None)]


def _mended(kind: type[Record], value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = kind.forgive(value)
    if members is None:
        raise ValueError("it cannot be read")
    return members


@cache
def _from_model(kind: Any) -> Callable[[Any], Any]:
    """Converter of a validated value of *kind* from its model; nothing to do is :func:`_same`."""
    if isinstance(kind, type) and issubclass(kind, Record):
        parts = [(one.name, _from_model(one.type)) for one in msgspec.structs.fields(kind)]
        return lambda model: kind(**{name: make(getattr(model, name)) for name, make in parts})
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _from_model(inner[0])
    if origin is list and (make := _from_model(inner[0])) is not _same:
        return lambda values: [*map(make, values)]
    if origin in (Union, UnionType):
        for make in map(_from_model, inner):
            if make is not _same:
                return lambda value: value if value is None or value is UNSET else make(value)
    return _same


def _same(value: Any) -> Any:
    return value


# -- conversions that hold for matching values too


def settled(record: R, *, strict: bool = False) -> R:
    """*record* with the conversions of its ``always`` markers applied, in the records within it too.

    Numbers become :class:`~anycarrier.numbers.PhoneNumber`, blank texts ``None``. Does not raise; with *strict* it
    raises ``ValueError`` where a conversion does.
    """
    changes: dict[str, Any] = {}
    converted, nested = _conversions(type(record))
    for name, convert, keeps_none in converted:
        value = getattr(record, name)
        if value is None and keeps_none:
            continue
        try:
            new = convert(value)
        except ValueError:
            if strict:
                raise
            continue
        if new is not value:
            changes[name] = new
    for name, settle in nested:
        value = getattr(record, name)
        if value is not None and (new := settle(value, strict)) is not value:
            changes[name] = new
    return msgspec.structs.replace(record, **changes) if changes else record


Settle: TypeAlias = Callable[[Any, bool], Any]


@cache
def _conversions(
    kind: type[Record],
) -> tuple[tuple[tuple[str, Callable[[Any], Any], bool], ...], tuple[tuple[str, Settle], ...]]:
    """The fields of *kind* that are converted: their names, conversions and whether these keep ``None``; and the fields
    whose records are settled."""
    converted: list[tuple[str, Callable[[Any], Any], bool]] = []
    nested: list[tuple[str, Settle]] = []
    for one in msgspec.structs.fields(kind):
        if (convert := _conversion(one.type)) is not None:
            converted.append((one.name, convert, _keeps_none(convert)))
        elif (settle := _settler(one.type)) is not None:
            nested.append((one.name, settle))
    return tuple(converted), tuple(nested)


def _conversion(kind: Any) -> Callable[[Any], Any] | None:
    marks = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
    return next((mark.convert for mark in marks if isinstance(mark, Forgiving) and mark.always), None)


def _keeps_none(convert: Callable[[Any], Any]) -> bool:
    try:
        return convert(None) is None
    except Exception:  # noqa: BLE001 - it is not for None
        return False


def _settler(kind: Any) -> Settle | None:
    if isinstance(kind, type) and issubclass(kind, Record):
        return lambda value, strict: settled(value, strict=strict) if isinstance(value, Record) else value
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        if (convert := _conversion(kind)) is not None:
            return lambda value, strict: convert(value)
        return _settler(inner[0])
    if origin is list and (each := _settler(inner[0])):

        def settle(values: Any, strict: bool) -> Any:
            if type(values) is not list:
                return values
            new = [each(value, strict) for value in values]
            return values if all(map(_is, new, values)) else new

        return settle
    if origin in (Union, UnionType):
        for settle_one in filter(None, map(_settler, inner)):
            return settle_one
    return None


def _is(one: object, other: object) -> bool:
    return one is other
