"""Classes with a JSON form as field types of pydantic; imported by pydantic alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pydantic import GetJsonSchemaHandler, TypeAdapter
from pydantic_core import core_schema as schemas

from anycarrier.json_forms.reading import from_json
from anycarrier.json_forms.schemas import schema_of_class
from anycarrier.json_forms.writing import to_json

__all__ = ["core_schema", "json_schema"]


def core_schema(cls: type[Any]) -> schemas.CoreSchema:
    """The schema by which pydantic reads and writes *cls*: an object of it is taken, JSON data are read."""

    def read(value: object) -> Any:
        return value if isinstance(value, cls) else from_json(cls, value)

    return schemas.no_info_plain_validator_function(
        read,
        ref=_ref(cls),
        serialization=schemas.plain_serializer_function_ser_schema(to_json, when_used="json"),
    )


def json_schema(cls: type[Any], handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """The JSON Schema of *cls*, whose parts are definitions beside it."""

    def refer(part: type[Any]) -> dict[str, Any]:
        known = part in _under_way.get()
        inner = schemas.definition_reference_schema(_ref(part)) if known else TypeAdapter(part).core_schema
        # Within a list, since the handler takes a schema as it is, without the hooks of its class.
        found: dict[str, Any] = handler(schemas.list_schema(inner))["items"]
        return found

    with _making(cls):
        return schema_of_class(cls, refer)


def _ref(cls: type[Any]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"


_under_way: ContextVar[frozenset[type[Any]]] = ContextVar("_under_way", default=frozenset())
"""Classes of which a schema is being made: an error may hold errors."""


@contextmanager
def _making(cls: type[Any]) -> Iterator[None]:
    token = _under_way.set(_under_way.get() | {cls})
    try:
        yield
    finally:
        _under_way.reset(token)
