"""Members of a request for a list (``RequestDataOptions``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

from attrs import frozen

from anycarrier.adapter import by_hints

__all__ = ["Bound", "Direction", "FieldRange", "Plain", "narrowed"]

Direction: TypeAlias = Literal["asc", "desc"]
Plain: TypeAlias = str | int | float | bool | None
Bound: TypeAlias = int | float | str | datetime | None


@frozen(kw_only=True, field_transformer=by_hints)
class FieldRange:
    """Bounds of a field; the fields that can be compared are not documented.

    Attributes:
        field: name of the field, such as ``createdAt``.
        greater_than: lower bound, itself excluded; ``greater_than_or_equal`` includes it.
        less_than: upper bound, itself excluded; ``less_than_or_equal`` includes it.
    """

    field: str
    greater_than: Bound = None
    greater_than_or_equal: Bound = None
    less_than: Bound = None
    less_than_or_equal: Bound = None

    def members(self) -> dict[str, Any]:
        """Return the element of ``rangeFilters``."""
        bounds = {
            "greaterThan": self.greater_than,
            "greaterThanOrEqual": self.greater_than_or_equal,
            "lessThan": self.less_than,
            "lessThanOrEqual": self.less_than_or_equal,
        }
        stated = {name: value for name, value in bounds.items() if value is not None}
        texts = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in stated.items()}
        return {"field": self.field, **texts}


def narrowed(
    search: str | None,
    search_fields: Sequence[str],
    order_by: Mapping[str, Direction] | None,
    filters: Mapping[str, Plain] | None,
    ranges: Sequence[FieldRange],
    include_count: bool | None,
) -> dict[str, Any]:
    """Return the members of a body, apart from those of the page; an absent one is not sent."""
    members = {
        "search": search,
        "searchFields": [*search_fields] or None,
        "orderBy": [{"field": name, "direction": how} for name, how in (order_by or {}).items()] or None,
        "filters": [{"field": name, "value": value} for name, value in (filters or {}).items()] or None,
        "rangeFilters": [one.members() for one in ranges] or None,
        "includeCount": include_count,
    }
    return {name: value for name, value in members.items() if value is not None}
