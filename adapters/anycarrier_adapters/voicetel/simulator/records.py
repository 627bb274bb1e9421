"""Records of the account, and home places of numbers for sale."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import define, field, frozen

from anycarrier.simulator import Joinable, ServiceRecord, SimAnswer

__all__ = [
    "CONFIGURED", "OWNED", "PLACES", "PORTING", "SYSTEM_ROUTES", "Account", "Address", "Campaign", "Credit", "Dialed",
    "Gateway", "Inbound", "Losing", "Owned", "Payment", "Place", "Port", "Text", "Thread", "Ticket", "home_of",
]  # fmt: skip


@frozen
class Place:
    """Home place of a number. LATAs and rate centers are of the right kind, not surveyed."""

    area: str
    city: str
    province: str
    rate_center: str
    lata: str


PLACES: tuple[Place, ...] = (
    Place("201", "Hackensack", "NJ", "HACKENSACK", "224"),
    Place("206", "Seattle", "WA", "SEATTLE", "674"),
    Place("212", "New York", "NY", "NEW YORK", "132"),
    Place("305", "Miami", "FL", "MIAMI", "460"),
    Place("312", "Chicago", "IL", "CHICAGO", "358"),
    Place("404", "Atlanta", "GA", "ATLANTA", "438"),
    Place("415", "San Francisco", "CA", "SNFC CNTRL", "722"),
    Place("512", "Austin", "TX", "AUSTIN", "558"),
    Place("604", "Vancouver", "BC", "VANCOUVER", "888"),
    Place("617", "Boston", "MA", "BOSTON", "128"),
    Place("646", "New York", "NY", "NEW YORK", "132"),
    Place("702", "Las Vegas", "NV", "LAS VEGAS", "721"),
    Place("870", "Jonesboro", "AR", "JONESBORO", "528"),
)
"""Area codes for sale: 555-0100 to 555-0199 of each, numbers that are set aside for fiction."""


def home_of(number: str) -> Place:
    """Return the home place of a number; one without names where its area code is not for sale."""
    return next((place for place in PLACES if number.startswith(place.area)), Place(number[:3], "", "", "", ""))


OWNED = ("2015550197", "2015550198", "2125550199")
PORTING = "2015550198"
CONFIGURED = "2125550199"


@frozen
class Address:
    """An emergency address as it was validated; on a number it has the name that a dispatcher sees."""

    address1: str
    address2: str
    city: str
    state: str
    zip: str
    callername: str = ""


@define
class Owned:
    """A number on the account.

    Attributes:
        job: campaign that it is being enabled for, since ``job_at``.
    """

    number: str
    since: float
    route: int = 4
    cnam: bool = False
    translated: str = ""
    forward_to: str | None = None
    fax: str | None = None
    caller_name: str | None = None
    row: int = 0
    carrier: int = 0
    campaign: str | None = None
    porting: bool = False
    pin: str | None = None
    pin_at: float = 0.0
    job: str | None = None
    job_at: float = 0.0
    address: Address | None = None


@define
class Gateway:
    """A route; those of the system are read-only."""

    id: int
    gateway: str
    prefix: str = ""
    limit: int | None = None
    system: bool = False

    def row(self) -> dict[str, Any]:
        return {
            "id": self.id, "gateway": self.gateway, "prefix": self.prefix, "limit": self.limit, "system": self.system,
        }  # fmt: skip


@define
class Campaign:
    """A 10DLC campaign; ``network`` is ``None`` where it is on no supported path.

    Attributes:
        due: when the network has approved it, for one that is pending.
    """

    id: str
    network: str | None
    state: str = "ACTIVE"
    status: str = "CAMPAIGN_DCA_COMPLETE"
    due: float | None = None


@frozen
class Inbound:
    """Routes of texts."""

    type: str
    resource: str


SYSTEM_ROUTES = {1: "USER", 2: "T30", 3: "VOICE_BRIDGE", 4: "DID", 5: "T38", 6: "RTC_BRIDGE", 8: "SDN"}


def _gateways() -> dict[int, Gateway]:
    own = (Gateway(1000, "203.0.113.10:5060", "", 23), Gateway(1001, "sip.example.com", "9", 10))
    system = (Gateway(number, word, system=True) for number, word in SYSTEM_ROUTES.items())
    return {gateway.id: gateway for gateway in (*system, *own)}


@frozen
class Payment:
    """Money that was received."""

    at: float
    amount: Decimal
    id: str
    status: str = "Completed"


@frozen
class Credit:
    """An adjustment of the balance, and whether its invoice is paid."""

    at: float
    amount: Decimal
    paid: bool


@frozen
class Dialed:
    """A call that was billed; ``rate`` is per minute."""

    at: float
    id: str
    caller: str
    to: str
    seconds: int
    rate: Decimal
    amount: Decimal


@frozen
class Text:
    """A message of one of our numbers to or from another; ``receipt_at`` is when its delivery is confirmed."""

    id: str
    at: float
    kind: str
    direction: str
    ours: str
    other: str
    body: str
    rate: Decimal
    receipt_at: float | None = None


@frozen
class Losing:
    """A carrier that has a number today: its record of it, and the simulator where a joined one is that carrier."""

    record: ServiceRecord
    simulator: Joinable | None = None


@define
class Port:
    """A port-in order.

    Attributes:
        at: of its submission.
        stated: what the order says of the subscriber, by the members of a service record.
        joined: numbers that were at a joined simulator when it was submitted.
        signed_at: of the letter of authorization; ``None`` before.
        answered_at: when the losing carrier rejected it or committed to a date; ``None`` before.
        rejection: why the losing carrier does not let the numbers go.
        due: Unix time before which it must not complete.
        foc: Unix time that the losing carrier committed to.
        features: what is set up for each number that arrives.
        settled: numbers that arrived, or of which it is certain that they do not.
        missing: numbers that do not arrive.
        complete: whether it is reported as complete.
        done: whether nothing can happen to it any more.
    """

    pid: str
    id: str
    numbers: tuple[str, ...]
    name: str
    email: str
    at: float
    ticket: int
    stated: Mapping[str, str] = field(factory=dict[str, str])
    joined: frozenset[str] = frozenset()
    signed_at: float | None = None
    answered_at: float | None = None
    rejection: str | None = None
    due: float = 0.0
    foc: float | None = None
    features: Mapping[str, Mapping[str, Any]] = field(factory=dict[str, Mapping[str, Any]])
    settled: set[str] = field(factory=set[str])
    missing: list[str] = field(factory=list[str])
    complete: bool = False
    done: bool = False


@frozen
class Thread:
    """A message on a ticket, by the ``customer`` or by a ``user`` of the support desk."""

    id: int
    at: float
    author: str
    body: str


@define
class Ticket:
    """A support ticket; ``owner`` is an account's username."""

    id: int
    owner: str
    email: str
    subject: str
    at: float
    updated_at: float
    status: str = "active"
    threads: list[Thread] = field(factory=list[Thread])


@define
class Account:
    """An account, and everything on it.

    Attributes:
        admin: whether it may do what the document reserves for administrators.
        acl: blocks of addresses that may register without a password.
        portable: until when a number that was found portable may be ported.
        opted_out: pairs of our number and one that wants no texts from it.
        removed: numbers that were taken off it and can be attached again.
        inbound: routes of texts by their row.
        addresses: validated emergency addresses by their number.
        replays: answers to orders by idempotency key: until when, to which body.
        document: the list of numbers, as long as nothing is written.
        enabling: numbers that are being enabled for a campaign.
    """

    username: str
    password: str
    api_key: str
    balance: Decimal
    campaigns: dict[str, Campaign]
    name: str = "Example Inc"
    email: str = "user@example.com"
    admin: bool = False
    ccs: int = 23
    auth_type: int = 0
    registration: tuple[str, str] | None = None
    acl: list[str] = field(factory=list[str])
    payments: list[Payment] = field(factory=list[Payment])
    credits: list[Credit] = field(factory=list[Credit])
    calls: list[Dialed] = field(factory=list[Dialed])
    texts: list[Text] = field(factory=list[Text])
    opted_out: set[tuple[str, str]] = field(factory=set[tuple[str, str]])
    ports: dict[str, Port] = field(factory=dict[str, Port])
    portable: dict[str, float] = field(factory=dict[str, float])
    services: dict[str, bool] = field(
        factory=lambda: {
            "sms": True, "rcid": True, "mms": True, "bypassMedia": True, "e911": True, "intl": False, "cnam": True,
            "dialer": False,
        }
    )  # fmt: skip
    enabling: set[str] = field(factory=set[str])
    brands: set[str] = field(factory=lambda: {"BTEST01"})
    owned: dict[str, Owned] = field(factory=dict[str, Owned])
    removed: set[str] = field(factory=set[str])
    inbound: dict[int, Inbound] = field(factory=dict[int, Inbound])
    gateways: dict[int, Gateway] = field(factory=_gateways)
    addresses: dict[int, Address] = field(factory=dict[int, Address])
    profile: dict[str, Any] = field(
        factory=lambda: {
            "timezone": "America/Chicago",
            "notify": True,
            "notifyThreshold": 10,
            "callerId": "2015550197",
        }
    )
    replays: dict[str, tuple[float, bytes, SimAnswer]] = field(factory=dict[str, tuple[float, bytes, SimAnswer]])
    document: SimAnswer | None = None
