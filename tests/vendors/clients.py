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
        excluded: reasons, each with the beginnings of names of methods that are not called for it.
        wrong: names of methods that get no right answer, each with the reason.
        lenient: names of methods whose requests contradict the document, and that get a right answer all the same.
        loses: why it loses words of right answers.
    """

    package: str
    version: str
    program: str
    provider: str
    options: Mapping[str, Any]
    kinds: tuple[str, ...]
    with_it: tuple[str, ...] = ()
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    lenient: Mapping[str, str] = field(default_factory=dict)
    loses: str = ""

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


def _voicetel(version: str, **more: Any) -> VendorClient:
    options = {"release": version, "admin": True, "accounts": {"second": {}}}
    return VendorClient("voicetel-api", version, "voicetel_api", "voicetel", options, ("sync", "async"), **more)


_LEADPING = (
    "/analytics", "/automations", "/conversations", "/events/all", "/events/calls/all",
    "/events/calls/lead", "/events/calls/{", "/events/conversations", "/events/leads",
    "/events/sms/all", "/events/sms/lead", "/events/sms/{", "/events/{", "/feedback",
    "/leads", "/notifications", "/payment-methods", "/reports", "/sms", "/sources", "/tags", "/transactions", "/usage",
    "/users", "/wallets/{",
)  # fmt: skip


def _leadping(version: str, api_version: str, rest: tuple[str, ...]) -> VendorClient:
    return VendorClient(
        "leadping",
        version,
        "leadping_client",
        "leadping",
        {"api_version": api_version, "provisioning": 600.0},
        ("async",),
        with_it=("microsoft-kiota-http==1.16.0",),
        loses="Its enumerations have them, but its library looks a word up by the name in Python, which has no blank.",
        excluded={
            "Other parts of Leadping than numbers, their owner and the money for them: not played.": (*_LEADPING, *rest)
        },
    )


_OTHER_SERVICES = (
    "ad_publishing.", "affiliate_manager.", "agent_studio.", "associations.", "blogs.", "brand_boards.",
    "businesses.", "calendars.", "campaigns.", "chat_widget.", "companies.", "contacts.", "conversation_ai.",
    "conversations.", "courses.", "custom_fields.", "custom_menus.", "email_isv.", "emails.", "forms.",
    "funnels.", "invoices.", "knowledge_base.", "links.", "locations.", "marketplace.", "medias.", "objects.",
    "opportunities.", "payments.", "products.", "proposals.", "saas.", "snapshots.", "social_planner.",
    "store.", "surveys.", "users.", "voice_ai.", "workflows.",
)  # fmt: skip
_TWO_VERSIONS = (
    "The client sends the header `version` twice; the document has one value, `v3`. Joined, as Node joins them, they "
    "are `v3, v3`, which the simulator refuses: our choice, no document says what the server does. With one of the two "
    "taken out the answer is right."
)

CLIENTS = (
    _voicetel(
        "2.2.10",
        lenient={"account.add": "The client sends the usernames as numbers; the document has text."},
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
            "Not in the published document (2.2.10); the client itself knows no schema of the answers.": (
                "messaging.health",
                "messaging.set_health",
            ),
        },
    ),
    _leadping(
        "1.0.5",
        "2026-06",
        (
            "/businesses/invitations",
            "/businesses/me PUT",
            "/businesses/me/invitations",
            "/businesses/me/users",
            "/contact",
            "/dispositions",
            "/events/businesses",
        ),
    ),
    _leadping(
        "1.0.83",
        "2026-10",
        (
            "/.well-known",
            "/a2a",
            "/blog",
            "/events/detail",
            "/events/organizations",
            "/lead-status",
            "/organizations/api-keys",
            "/organizations/me POST",
            "/organizations/me PUT",
            "/organizations/me/10dlc",
            "/organizations/me/invitations",
            "/organizations/me/member",
            "/phone-call",
            "/suppressions",
            "/telephony",
            "/wallets/me/spend-limits",
        ),
    ),
    VendorClient(
        "gohighlevel-api-client",
        "3.0.0",
        "gohighlevel_client",
        "lc_phone",
        {"required": "all"},
        ("async",),
        excluded={
            "Other services of HighLevel than its phone system and its tokens.": _OTHER_SERVICES,
            "It asks `/health`, which no document has.": ("client.health_check",),
        },
        wrong={
            "phone_system.active_numbers": _TWO_VERSIONS,
            "phone_system.purchase_number_for_location": "The same.",
        },
    ),
)
