"""The vocabulary of what a provider can do: operations, features, and what a provider declares about them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from attrs import frozen

from anycarrier.errors import Unsupported
from anycarrier.hints import by_hints
from anycarrier.model import ROUTES
from anycarrier.search import FILTERS

__all__ = [
    "EMERGENCY_ADDRESSES",
    "EVERYTHING_ELSE",
    "FEATURES",
    "OPERATIONS",
    "PORTS",
    "UNBUILT",
    "Can",
    "Cannot",
    "Evidence",
    "Operation",
    "Support",
    "in_words",
    "refusal",
]


class Evidence(StrEnum):
    """Certainty of a claim, least first."""

    INFERRED = "inferred"
    """Our reading where the documents are silent."""
    DOCUMENTED = "documented"
    """From the provider's published documents."""
    RECORDED = "recorded"
    """From a recording of the real API."""
    LIVE = "live"
    """Seen on the real API by a test that can be repeated."""


class Operation(NamedTuple):
    """One neutral operation.

    Attributes:
        name: of the client's method, and of the feature.
        words: for people.
        method: of a provider's class that has the operation.
        writes: whether it changes the account.
        of_one_number: whether it concerns one number of the account.
    """

    name: str
    words: str
    method: str
    writes: bool = False
    of_one_number: bool = False


OPERATIONS: Mapping[str, Operation] = {
    one.name: one
    for one in (
        Operation("search", "find numbers to buy", "search"),
        Operation("buy", "buy a number", "draft", writes=True),
        Operation("list", "list the account's numbers", "list"),
        Operation("get", "read one number", "get", of_one_number=True),
        Operation("release", "give a number up", "release", writes=True, of_one_number=True),
        Operation("route", "change where calls and texts go", "route", writes=True, of_one_number=True),
        Operation("transfer", "hand a number to another account", "transfer", writes=True, of_one_number=True),
        Operation("bind_campaign", "bind a 10DLC campaign", "bind_campaign", writes=True, of_one_number=True),
        Operation("unbind_campaign", "unbind a 10DLC campaign", "unbind_campaign", writes=True, of_one_number=True),
        Operation("campaign_of", "read a number's campaign", "campaign_of", of_one_number=True),
        Operation("emergency_address", "read a number's emergency address", "emergency_address", of_one_number=True),
        Operation(
            "set_emergency_address",
            "set a number's emergency address",
            "set_emergency_address",
            writes=True,
            of_one_number=True,
        ),
        Operation(
            "remove_emergency_address",
            "remove a number's emergency address",
            "remove_emergency_address",
            writes=True,
            of_one_number=True,
        ),
        Operation("check_emergency_address", "check an emergency address", "check_emergency_address"),
        Operation(
            "numbers_without_emergency_address",
            "list the account's numbers without an emergency address",
            "emergency_address",
        ),
        Operation("caller_name", "read a number's caller name", "caller_name", of_one_number=True),
        Operation("set_caller_name", "set a number's caller name", "set_caller_name", writes=True, of_one_number=True),
        Operation("look_up", "look a number up, which costs money", "look_up"),
        Operation("set_label", "set a number's label", "set_label", writes=True, of_one_number=True),
        Operation("set_enabled", "switch a number on or off", "set_enabled", writes=True, of_one_number=True),
        Operation("balance", "read the account's balance", "balance"),
        Operation("pools", "list number pools", "pools"),
        Operation("campaigns", "list 10DLC campaigns", "campaigns"),
        Operation("campaign", "read a 10DLC campaign", "find_campaign"),
        Operation("coverage", "count the numbers for sale in each place", "coverage"),
        Operation("portable", "ask whether numbers can be ported to the provider", "portability"),
        Operation("port_in", "port numbers from another carrier", "place_port", writes=True),
        Operation("ports", "list ports of numbers from other carriers", "ports"),
        Operation("port", "read a port of numbers from another carrier", "port"),
    )
}
"""Every operation by its name."""

EMERGENCY_ADDRESSES: tuple[str, ...] = tuple(name for name in OPERATIONS if "emergency_address" in name)
"""The operations on emergency addresses, for a provider that has none of them: ``cannot(reason, *these)``."""

PORTS: tuple[str, ...] = ("portable", "port_in", "ports", "port")
"""The operations on ports, for a provider that has none of them: ``cannot(reason, *PORTS)``."""

EVERYTHING_ELSE = "everything else"
"""A row of ``supports`` for all operations, routes and other features that have none of their own:
``cannot(reason, EVERYTHING_ELSE)``."""

UNBUILT: Mapping[str, str] = {
    "reserve": "hold a number before buying it",
    "verify_toll_free": "have a toll-free number verified for texts",
    "host_sms": "send texts from a number whose calls are elsewhere",
    "number_webhooks": "be notified of a number's changes by webhook",
}
"""Features that no client has a method for, with their meaning: a provider declares why it cannot."""

_PARTS: Mapping[str, Mapping[str, str]] = {
    "search": {
        "no_digits": "without an area code or prefix",
        **{name: words for one in FILTERS for name, words in one.words.items()},
    },
    "route": {kind.feature.removeprefix("route."): kind.words for kind in ROUTES},
}

FEATURES: Mapping[str, str] = {
    **{
        name: words
        for one in OPERATIONS.values()
        for name, words in (
            (one.name, one.words),
            *((f"{one.name}.{part}", words) for part, words in _PARTS.get(one.name, {}).items()),
        )
    },
    **UNBUILT,
}
"""Every feature with its meaning; the names are the public vocabulary. The words of one with a dot follow those of its
operation: "search by city"."""


def in_words(feature: str) -> str:
    """Words for *feature*, such as "search by city"; the name itself if it is not one of :data:`FEATURES`."""
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
    """Not supported, with the true reason and, where one exists, the way a person can do it.

    Attributes:
        reason: why not.
        by_hand: what a person does instead, in the provider's own web app; empty where there is nothing.
    """

    reason: str
    by_hand: str = ""


Support: TypeAlias = Can | Cannot
