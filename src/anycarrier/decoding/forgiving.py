"""The second, forgiving reading of a record that is not as declared, by a pydantic model of the same declaration."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec import UNSET, UnsetType

from .fields import Converting, Forgiving
from .records import Details, Record, Unreadable, record_in

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

__all__ = ["forgiven"]

R = TypeVar("R", bound=Record)


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
    if record_in(kind) is None:
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
