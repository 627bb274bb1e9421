"""What a provider can do, what it cannot and why, and on what evidence.

Three layers. *Having the operation*: a provider implements the Protocols of :mod:`anycarrier.provider`. *The reason*:
for each feature of :data:`anycarrier.features.FEATURES` it declares ``Can`` or ``Cannot``. *The evidence*: each ``Can``
says on what it rests. The support matrix of the docs is generated from this, and :func:`require` refuses from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from anycarrier.errors import InvalidInput, Unsupported
from anycarrier.features import FEATURES, Can, Cannot, Support, refusal
from anycarrier.search import Search
from anycarrier.validation import shape

__all__ = ["capabilities", "require", "require_search"]


class _Declares(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def supports(self) -> Mapping[str, Support]: ...


def capabilities(provider: _Declares) -> dict[str, Any]:
    """What *provider* (an instance or its class) can do, as plain JSON-able data.

    ``{"provider", "title", "features": {name: {"supported", "evidence", "note" | "reason"}}}``
    """
    if not hasattr(provider, "supports") or not hasattr(provider, "name"):
        raise InvalidInput(f"provider must be a provider object or its class, not {shape(provider)}")
    features: dict[str, Any] = {}
    for name in FEATURES:
        support = support_of(provider, name)
        if isinstance(support, Can):
            features[name] = {"supported": True, "evidence": support.evidence.value, "note": support.note}
        else:
            features[name] = {"supported": False, "reason": support.reason}
    return {"provider": provider.name, "title": provider.title, "features": features}


def support_of(provider: _Declares, feature: str) -> Support:
    """The declaration for *feature*; one that only names the operation holds for all that is under it."""
    declared = provider.supports
    if feature in declared:
        return declared[feature]
    operation = feature.partition(".")[0]
    if operation != feature and isinstance(declared.get(operation), Cannot):
        return declared[operation]
    return Cannot(f"the {provider.name} adapter does not declare it")


def refuse(provider: _Declares, operation: str) -> Unsupported:
    """The refusal of an operation that *provider* does not have."""
    support = support_of(provider, "buy" if operation == "draft" else operation)
    reason = support.reason if isinstance(support, Cannot) else f"the {provider.name} adapter does not have it"
    return refusal(provider.name, "buy" if operation == "draft" else operation, reason)


def require(provider: _Declares, *features: str) -> None:
    """Raise :class:`Unsupported` for the first of *features* that *provider* cannot do."""
    for feature in features:
        support = support_of(provider, feature)
        if isinstance(support, Cannot):
            raise refusal(provider.name, feature, support.reason)


def require_search(provider: _Declares, query: Search) -> None:
    """Raise :class:`Unsupported` for the first filter of *query* that *provider* can neither send nor apply."""
    if not isinstance(query, Search):
        raise InvalidInput(f"query must be a Search, such as Search(area_code='201'), not {shape(query)}")
    require(provider, "search", *_filters(query))


def _filters(query: Search) -> list[str]:
    given = [
        f"search.{name}"
        for name in ("area_code", "prefix", "ends_with", "contains", "city", "state", "rate_center", "lata")
        if getattr(query, name) is not None
    ]
    if not query.leading:
        given.append("search.no_digits")
    if query.features:
        given.append("search.features")
    if query.line is not None:
        given.append(f"search.{query.line.value}")
    if query.max_price is not None:
        given.append("search.max_price")
    if query.country is not None:
        given.append("search.country")
    return given
