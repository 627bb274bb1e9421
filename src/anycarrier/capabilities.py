"""Capabilities of a provider: each feature with its evidence, or with the reason why not.

Three layers. *Having the operation*: a provider implements the Protocols of :mod:`anycarrier.provider`. *The reason*:
for each feature of :data:`anycarrier.features.FEATURES` it declares ``Can`` or ``Cannot``. *The evidence*: each ``Can``
says on what it rests. The support matrix of the docs is generated from this, and :func:`require` refuses from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from anycarrier.errors import InvalidInput, Unsupported
from anycarrier.features import EVERYTHING_ELSE, FEATURES, OPERATIONS, Can, Cannot, Support, refusal
from anycarrier.filters import Core
from anycarrier.search import FILTERS, Search, features_needed
from anycarrier.validation import shape

__all__ = ["capabilities", "require", "require_search", "takes_area_codes"]


class _Declares(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def supports(self) -> Mapping[str, Support]: ...


def capabilities(provider: _Declares) -> dict[str, Any]:
    """Capabilities of *provider*, an instance or its class, as JSON-able data.

    ``{"provider", "title", "features": {name: {"supported", "evidence", "note" | "reason"}}}``
    """
    if not hasattr(provider, "supports") or not hasattr(provider, "name"):
        raise InvalidInput(f"provider must be a provider object or its class, not {shape(provider)}")
    features: dict[str, object] = {}
    for name in FEATURES:
        support = support_of(provider, name)
        if isinstance(support, Can):
            features[name] = {"supported": True, "evidence": support.evidence.value, "note": support.note}
        else:
            features[name] = {"supported": False, "reason": support.reason}
    return {"provider": provider.name, "title": provider.title, "features": features}


def support_of(provider: _Declares, feature: str) -> Support:
    """Declaration for *feature*. One that only names the operation holds for everything under it.

    A filter that the provider does not declare is one that it cannot do, so an adapter need not name every filter; one
    that the core does for it, such as several area codes, it can do.
    """
    declared = provider.supports
    if feature in declared:
        return declared[feature]
    if feature in _CORE:
        core = _CORE[feature]
        support = support_of(provider, core.feature)
        return Can(support.evidence, core.note) if isinstance(support, Can) else support
    operation = feature.partition(".")[0]
    if operation != feature and isinstance(declared.get(operation), Cannot):
        return declared[operation]
    if feature in _FILTERED:
        return Cannot(f"{provider.title}'s answer does not state it")
    rest = declared.get(EVERYTHING_ELSE)
    return rest if isinstance(rest, Cannot) else Cannot(f"the {provider.name} adapter does not declare it")


_FILTERED = frozenset(f"search.{name}" for one in FILTERS for name in one.words)
_CORE: Mapping[str, Core] = {f"search.{name}": core for one in FILTERS for name, core in one.core.items()}


def lacks(provider: _Declares, operation: str) -> Unsupported:
    """Refusal of an operation that *provider* does not have."""
    support = support_of(provider, operation)
    reason = support.reason if isinstance(support, Cannot) else f"the {provider.name} adapter does not have it"
    return refusal(provider.name, operation, reason)


def has(provider: object, operation: str) -> bool:
    """Return whether the class of *provider* has *operation*."""
    return callable(getattr(type(provider), OPERATIONS[operation].method, None))


def require(provider: _Declares, *features: str) -> None:
    """Raise :class:`Unsupported` for the first of *features* that *provider* cannot do."""
    for feature in features:
        support = support_of(provider, feature)
        if isinstance(support, Cannot):
            raise refusal(provider.name, feature, support.reason)


def takes_area_codes(provider: _Declares) -> bool:
    """Return whether the search of *provider* itself takes several area codes: it declares that it can."""
    return isinstance(provider.supports.get("search.area_codes"), Can)


def require_search(provider: _Declares, query: Search, *, whole: bool = False) -> None:
    """Raise :class:`Unsupported` for the first filter of *query* that *provider* can neither send nor apply.

    Args:
        provider: the provider.
        query: the search.
        whole: whether *query* is the caller's, of which the provider's own search gets one area code at a time.
    """
    if not isinstance(query, Search):
        raise InvalidInput(f"query must be a Search, such as Search(area_code='201'), not {shape(query)}")
    require(provider, "search", *features_needed(query))
    if isinstance(query.area_code, tuple) and not whole and not takes_area_codes(provider):
        reason = "its own search takes one area code; client.search() asks for one after the other"
        raise refusal(provider.name, "search.area_codes", reason)
