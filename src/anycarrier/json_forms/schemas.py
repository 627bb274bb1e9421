"""JSON Schema of the form."""

from __future__ import annotations

import inspect
import re
import sys
import types
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import attrs

from anycarrier import errors
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.json_forms.members import (
    OF_EVERY_ERROR,
    VERSION,
    UnixTime,
    check_kind,
    classes_below,
    error_class,
    error_members,
    is_form,
    kind_of,
    members,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.validation import shape

__all__ = ["json_schema", "schema_of_class"]

Schema: TypeAlias = dict[str, Any]
Refer: TypeAlias = Callable[[type[Any]], Schema]
"""Makes a reference to the schema of a class that is a part of another."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: Any) -> Schema:
    """The JSON Schema (draft 2020-12) of the form of *kind*: a class, or a type such as ``list[Offer]``.

    Raises:
        InvalidInput: it has no form.
    """
    check_kind(kind)
    definitions: dict[str, Schema] = {}

    def refer(cls: type[Any]) -> Schema:
        if cls.__name__ not in definitions:
            definitions[cls.__name__] = {}  # it may have parts of its own class
            definitions[cls.__name__] = schema_of_class(cls, refer)
        return {"$ref": f"#/$defs/{cls.__name__}"}

    made = _schema(kind, refer)
    return {"$schema": DIALECT, **made, "$defs": dict(sorted(definitions.items()))}


def schema_of_class(cls: type[Any], refer: Refer) -> Schema:
    """The schema of a class, with references to those of its parts."""
    if several := classes_below(cls):
        return {"description": _summary(cls), "oneOf": [refer(one) for one in several.values()]}
    if issubclass(cls, AnyCarrierError):
        return _error(cls, refer)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    if getattr(cls, "_json_version", True):
        properties["version"] = _VERSION
    if kind := kind_of(cls):
        properties["kind"] = {"const": kind}
        required.append("kind")
    described = _described(cls)
    for name, hint in members(cls).items():
        properties[name] = _with(_schema(hint, refer), described.get(name))
        if name == "number":
            properties["ten_digit"] = _with(_schema(str | None, refer), "the ten digits of number; may be left out")
    for name in getattr(cls, "_json_also", ()):
        of = getattr(cls, name).fget.__annotations__["return"]
        properties[name] = _with(_schema(_property_type(cls, of), refer), "derived; not read")
    fields = attrs.fields(cls)
    required += [one.name for one in fields if one.default is attrs.NOTHING and one.name in members(cls)]
    made: Schema = {"type": "object", "description": _summary(cls), "properties": properties, "required": required}
    return made if getattr(cls, "_json_lenient", False) else {**made, "additionalProperties": False}


_VERSION: Schema = {"type": "integer", "minimum": 1, "maximum": VERSION, "description": "of this form"}


def _property_type(cls: type[Any], hint: str) -> Any:
    return eval(hint, vars(sys.modules[cls.__module__]))  # noqa: S307 - our own source


def _error(cls: type[AnyCarrierError], refer: Refer) -> Schema:
    found = [one for name in errors.__all__ if (one := error_class(name)) and issubclass(one, cls)]
    properties: dict[str, Schema] = {
        "version": _VERSION,
        "type": {"type": "string", "enum": [one.__name__ for one in found], "description": "its class"},
        "message": {"type": "string", "description": "for people, with everything that is known"},
        "summary": {"type": "string", "description": "the message alone"},
    }
    described = _described(AnyCarrierError) | _described(cls)
    for one in found:
        described = _described(one) | described
        for name, hint in {**OF_EVERY_ERROR, **error_members(one)}.items():
            properties.setdefault(name, _with(_schema(hint, refer), described.get(name)))
    properties["applied"] = {"type": "array", "description": described["applied"]}
    properties["cause"] = refer(AnyCarrierError) if cls is not AnyCarrierError else {"type": "object"}
    return {"type": "object", "description": _summary(cls), "properties": properties, "required": ["type", "message"]}


def _schema(hint: Any, refer: Refer) -> Schema:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any or hint is object:
        return {}
    if origin is Annotated:
        return _schema(inner[0], refer)
    if origin is Union or origin is types.UnionType:
        return {"anyOf": [_schema(one, refer) for one in inner]}  # FastAPI 0.115 takes no list of types
    if origin is Literal:
        return {"enum": list(inner)}
    kind: Any = origin or hint
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return {"type": "string", "enum": [one.value for one in kind]}
        if issubclass(kind, Mapping):
            key: Any = inner[0] if inner else Any
            held = inner[1] if inner else Any
            words = {"propertyNames": _schema(key, refer)} if isinstance(key, type) and issubclass(key, Enum) else {}
            of = _schema(held, refer)
            return {"type": "object", **words, **({"additionalProperties": of} if of else {})}
        if issubclass(kind, list | tuple | AbstractSet) or kind.__module__ == "collections.abc":
            unique = {"uniqueItems": True} if issubclass(kind, AbstractSet) else {}
            return {"type": "array", "items": _schema(inner[0], refer) if inner else {}, **unique}
        if is_form(kind) or issubclass(kind, AnyCarrierError):
            return refer(kind)
    raise InvalidInput(f"kind must be a class that has a JSON form, such as Offer, not {shape(kind)}")


_SCALARS: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "string", "format": "decimal"},
    PhoneNumber: {"type": "string", "format": "phone"},
    datetime: {"type": "string", "format": "date-time"},
    UnixTime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    types.NoneType: {"type": "null"},
}


def _with(schema: Schema, description: str | None) -> Schema:
    return schema if description is None else {**schema, "description": description}


# -- words of docstrings


def _summary(cls: type[Any]) -> str:
    """The first paragraph of a docstring, without its markup."""
    return _plain((cls.__doc__ or cls.__name__).partition("\n\n")[0])


def _described(cls: type[Any]) -> dict[str, str]:
    """The fields that a docstring describes."""
    # The compiler takes the indentation away from Python 3.13 on.
    listed = inspect.cleandoc(cls.__doc__ or "").partition("Attributes:\n")[2].partition("\n\n")[0]
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", listed, re.MULTILINE)
    return {name: _plain(said) for name, said in found}


def _plain(said: str) -> str:
    said = re.sub(r":\w+:`~?\.?([^`]+)`", r"\1", " ".join(said.split()))
    return said.replace("``", "").rstrip(".")
