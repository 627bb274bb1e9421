"""Bases of values that have a public JSON form: documents, records, and parts of them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, ClassVar

__all__ = ["JsonForm", "JsonRecord", "JsonValue"]


class JsonForm:
    """Base of what has a public JSON form (:mod:`anycarrier.json_forms`); also a field type of pydantic models.

    A member that this release does not know is refused: without it, something else would be done.
    """

    __slots__ = ()
    _json_version: ClassVar[bool] = True
    """A document of its own has a version."""
    _json_lenient: ClassVar[bool] = False
    """Members and words that a later release adds are passed over, not refused."""
    _json_also: ClassVar[Sequence[str]] = ()
    """Properties that are written beside the fields, and not read."""
    _json_times: ClassVar[Sequence[str]] = ()
    """Fields that hold Unix seconds, and are written as times."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return import_module("anycarrier.json_forms.pydantic_types").core_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return import_module("anycarrier.json_forms.pydantic_types").json_schema(cls, handler)


class JsonRecord(JsonForm):
    """Base of what a provider or the journal states."""

    __slots__ = ()
    _json_lenient = True


class JsonValue(JsonForm):
    """Base of parts of other documents, such as an amount."""

    __slots__ = ()
    _json_version = False
