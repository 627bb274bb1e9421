"""The vocabulary of what a provider can do: operations, features, and declarations about them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from attrs import frozen

from anycarrier.errors import Unsupported
from anycarrier.hints import by_hints

__all__ = ["FEATURES", "OPERATIONS", "Can", "Cannot", "Evidence", "Support", "in_words", "refusal"]


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


def refusal(provider: str, feature: str, reason: str) -> Unsupported:
    """Error that says in words that the provider of this name cannot do *feature*, and why."""
    return Unsupported(provider, feature, reason, words=in_words(feature))


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
