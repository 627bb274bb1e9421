"""The vendors' own clients: how each is run, and what is known of its calls that get no right answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CLIENTS", "VendorClient"]


@dataclass(frozen=True)
class VendorClient:
    """A client that a vendor publishes.

    Attributes:
        package, version: of the Python package.
        program: module of ``programs`` that calls every method.
        provider: whose simulator is started, with these ``options``.
        kinds: ways to call the client: ``sync``, ``async``.
        with_it: further packages that it needs, with versions.
        excluded: beginnings of names of methods that are not called, each with the reason.
        wrong: names of methods that get no right answer, each with the reason.
    """

    package: str
    version: str
    program: str
    provider: str
    options: Mapping[str, Any]
    kinds: tuple[str, ...]
    with_it: tuple[str, ...] = ()
    excluded: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


def _voicetel(version: str, **more: Any) -> VendorClient:
    options = {"release": version, "admin": True, "accounts": {"second": {}}}
    return VendorClient("voicetel-api", version, "voicetel_api", "voicetel", options, ("sync", "async"), **more)


CLIENTS = (
    _voicetel(
        "2.2.10",
        wrong={
            "acl.remove": "The client sends the addresses in a body; the document has them in the query (`cidrs`).",
            "inumbering.search_inventory": "The client never sends `tnMask`, which the document requires, and names "
            "the other filters otherwise (`npa`, `state`, `limit`).",
            "inumbering.coverage": "The client never sends `countBy`, which the document requires.",
            "messaging.campaign_status": "The client never sends `ids`, which the document requires.",
            "messaging.history": "Right without a range. The client sends a range as `start` and `end`; the document "
            "has `from` and `to`.",
            "numbers.bulk_unassign_campaign": "The client sends the numbers in a body and no campaign; the document "
            "has both in the query (`numbers`, `campaignId`).",
            "numbers.unassign_campaign": "The client never sends `campaignId`, which the document requires.",
        },
    ),
    _voicetel(
        "2.2.17",
        excluded={
            "messaging.health": "Not in the published document (2.2.10); the client says of its answers that nothing "
            "describes them.",
            "messaging.set_health": "The same.",
        },
    ),
)
