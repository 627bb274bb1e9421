"""Values of changes as JSON data, for plans and for a journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import asdict, fields

from anycarrier.desired_state.model import Value
from anycarrier.errors import InvalidInput
from anycarrier.model import ROUTES, Route
from anycarrier.number_services import EmergencyAddress
from anycarrier.search import Search
from anycarrier.validation import shape

__all__ = ["value_from_data", "value_to_data"]

_KINDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in ROUTES}
_SEARCH = "Search"


def value_to_data(value: Value) -> object:
    """*value* as JSON data: a route has its class as ``kind``; texts, flags and ``None`` stay."""
    if isinstance(value, Route):
        return {"kind": type(value).__name__, **_texts(value)}
    if isinstance(value, Search):
        from anycarrier.json_forms import to_json

        form: dict[str, object] = to_json(value)
        return {"kind": _SEARCH, **form}
    return _texts(value) if isinstance(value, EmergencyAddress) else value


def _texts(value: Any) -> dict[str, str | None]:
    return {name: None if held is None else str(held) for name, held in asdict(value).items()}


def value_from_data(data: object) -> Value:
    """The value of :func:`value_to_data`.

    Raises:
        InvalidInput: it is none, or a later release wrote it.
    """
    if data is None or isinstance(data, str | bool):
        return data
    if not isinstance(data, Mapping):
        raise InvalidInput(f"value must be text, true, false, null or an object, not {shape(data)}")
    if data.get("kind") == _SEARCH:
        from anycarrier.json_forms import from_json

        return from_json(Search, {name: one for name, one in data.items() if name != "kind"})
    kind = _KINDS.get(str(data["kind"])) if "kind" in data else EmergencyAddress
    if kind is None:
        raise InvalidInput(f"kind must be one of {', '.join(_KINDS)}, not {shape(data['kind'])}")
    names = [one.name for one in fields(kind)]
    if missing := [name for name in names if name not in data and name != "unit"]:
        raise InvalidInput(f"value lacks {', '.join(missing)}")
    value: Value = kind(**{name: data[name] for name in names if name in data})
    return value
