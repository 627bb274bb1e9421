"""What a provider can do, what it cannot and why, and on what evidence.

Three layers. *Having the operation*: a provider implements the Protocols of :mod:`anycarrier.operations`. *The reason*:
for each feature of :data:`FEATURES` it declares :class:`Can` or :class:`Cannot`. *The evidence*: each ``Can`` says on
what it rests. The support matrix of the docs is generated from this, and :func:`require` refuses from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from attrs import frozen

from anycarrier.checks import shape
from anycarrier.errors import InvalidInput, Unsupported
from anycarrier.hints import by_hints
from anycarrier.model import Search

__all__ = ["FEATURES", "Can", "Cannot", "Evidence", "Support", "capabilities", "require", "require_search"]


class Evidence(StrEnum):
    """How sure a claim is, least first."""

    INFERRED = "inferred"
    """Our reading where the documents are silent."""
    DOCUMENTED = "documented"
    """From the provider's published documents."""
    RECORDED = "recorded"
    """From a recording of the real API."""
    LIVE = "live"
    """Seen on the real API by a test that can be repeated."""


OPERATIONS = (
    "search", "buy", "list", "get", "release", "route", "transfer", "bind_campaign", "unbind_campaign", "campaign_of",
)  # fmt: skip

FEATURES: Mapping[str, str] = {
    "search": "find numbers to buy",
    "search.no_digits": "without an area code or prefix",
    "search.area_code": "by area code",
    "search.prefix": "by leading digits",
    "search.ends_with": "by last digits",
    "search.contains": "by digits anywhere",
    "search.city": "by city",
    "search.state": "by state",
    "search.rate_center": "by rate center",
    "search.lata": "by LATA",
    "search.features": "by what the number can carry",
    "search.local": "for local numbers only",
    "search.toll_free": "for toll-free numbers only",
    "search.mobile": "for mobile numbers only",
    "search.max_price": "by price",
    "search.country": "by country",
    "buy": "buy a number",
    "list": "list the account's numbers",
    "get": "read one number",
    "release": "give a number up",
    "route": "change where calls and texts go",
    "route.gateway": "calls to a gateway",
    "route.forward": "calls to another number",
    "route.texts.webhook": "texts to a webhook",
    "route.texts.email": "texts to a mail address",
    "route.texts.sip": "texts to a SIP address",
    "route.texts.none": "texts to nowhere",
    "transfer": "hand a number to another account",
    "bind_campaign": "bind a 10DLC campaign",
    "unbind_campaign": "unbind a 10DLC campaign",
    "campaign_of": "read a number's campaign",
}
"""Every feature, with what it means; the names are the public vocabulary. What one with a dot means is read after the
operation: "search by city"."""


def in_words(feature: str) -> str:
    """*feature* as a person says it, such as "search by city"; one that is not of :data:`FEATURES` as it is."""
    words = FEATURES.get(feature, feature)
    operation, dot, _ = feature.partition(".")
    return f"{operation} {words}" if dot and feature in FEATURES else words


@frozen(field_transformer=by_hints)
class Can:
    """Supported. ``note`` says how, where that matters, such as "applied here"."""

    evidence: Evidence = Evidence.DOCUMENTED
    note: str = ""


@frozen(field_transformer=by_hints)
class Cannot:
    """Not supported, with the true reason and, where one exists, the way a person can do it."""

    reason: str


Support: TypeAlias = Can | Cannot


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
    return Unsupported(provider.name, "buy" if operation == "draft" else operation, reason)


def require(provider: _Declares, *features: str) -> None:
    """Raise :class:`Unsupported` for the first of *features* that *provider* cannot do."""
    for feature in features:
        support = support_of(provider, feature)
        if isinstance(support, Cannot):
            raise Unsupported(provider.name, feature, support.reason)


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
