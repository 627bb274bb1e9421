"""Options, state and envelope of the simulator, shared by its parts."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, TypeGuard

from attrs import define, field
from attrs.converters import optional

from anycarrier.simulator import Call, Refused, SimAnswer, SimRequest, Simulator, Window, json_answer

from .records import (
    CONFIGURED,
    OWNED,
    PLACES,
    PORTING,
    SYSTEM_ROUTES,
    Campaign,
    Gateway,
    Inbound,
    Owned,
    Place,
)

__all__ = [
    "DAY", "DUMMY_API_KEY", "DUMMY_PASSWORD", "DUMMY_USERNAME", "EMAIL", "TEN_DIGITS", "Base", "good",
    "int_or_400", "is_int", "is_number",
]  # fmt: skip

DUMMY_API_KEY = "0123456789abcdef0123456789abcdef"
"""Opens nothing but the simulator."""
DUMMY_USERNAME = "1000000001"
DUMMY_PASSWORD = "abc1234567"  # noqa: S105 - the published example

TEN_DIGITS = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}", re.ASCII)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
DAY = 86_400.0
NOT_PLAYED = re.compile(
    r"/v2\.2/(account/(credits|registration|payments|recovery)|accounts|acl|auth|e911(/.*)?|ports(/.*)?|lrn/.*"
    r"|messages|support/.*)"
)


@define(kw_only=True, slots=False, eq=False, repr=False)
class Base(Simulator):
    """VoiceTel v2.2.

    Args:
        seed, now: see :class:`~anycarrier.simulator.core.Simulator`.
        release: ``"2.2.10"``, or ``"2.2.17"`` for the later shape of campaigns and PINs.
        api_key: the one key that is accepted.
        balance: of the account, in USD.
        rate: for each number, in USD.
        owned: ten-digit numbers on the account at the start; ``None`` for three, one of which is being ported.
        lag: seconds until an ordered number shows on the account.
        search_cache: seconds for which a search is answered from the cache; VoiceTel documents 600.
        account_calls: how many calls per hour the four limited account operations share, or ``None`` for as many as
            one likes; VoiceTel documents 6.
        other_body: what a used Idempotency-Key with another body gets.
        big: how many further owned numbers to make up for load tests, 100,000 giving a list of some 18 MB.
    """

    seed: int = 0
    now: Callable[[], float] = time.time
    release: Literal["2.2.10", "2.2.17"] = "2.2.10"
    api_key: str = DUMMY_API_KEY
    first_balance: Decimal = field(default=Decimal(100), alias="balance", converter=Decimal)
    rate: Decimal = field(default=Decimal("0.50"), converter=Decimal)
    first_owned: tuple[str, ...] | None = field(default=None, alias="owned", converter=optional(tuple))
    lag: float = 0.0
    search_cache: float = 0.0
    account_calls: int | None = None
    other_body: Literal["replay", "refuse"] = "replay"
    big: int = 0

    def __attrs_post_init__(self) -> None:
        super().__init__(seed=self.seed, now=self.now)

    def begin(self) -> None:
        self.balance = self.first_balance
        self.stock: dict[str, Place] = {f"{place.area}55501{line:02}": place for place in PLACES for line in range(100)}
        self.owned: dict[str, Owned] = {}
        self.removed: set[str] = set()
        self.released_numbers: set[str] = set()
        self.moved: dict[str, int] = {}
        self.inbound: dict[int, Inbound] = {}
        self.gateways = {number: Gateway(number, word, system=True) for number, word in SYSTEM_ROUTES.items()}
        self.gateways[1000] = Gateway(1000, "203.0.113.10:5060", "", 23)
        self.gateways[1001] = Gateway(1001, "sip.example.com", "9", 10)
        self.campaigns = {
            campaign.id: campaign
            for campaign in (
                Campaign("CH5K5IZ", "C" if self.later else "A"),
                Campaign("CB2PATH", "B"),
                Campaign("CA1PATH", "A"),
                Campaign("CEXPIRD", "B", "EXPIRED", "CAMPAIGN_EXPIRED"),
                Campaign("CN0PATH", None),
            )
        }
        self.brands = {"BTEST01"}
        self.profile: dict[str, Any] = {
            "timezone": "America/Chicago",
            "notify": True,
            "notifyThreshold": 10,
            "callerId": "2015550197",
        }
        self._kept: dict[str, tuple[float, bytes, SimAnswer]] = {}
        self._searches: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[float, SimAnswer]] = {}
        self._calls: dict[str, Window] = defaultdict(lambda: Window(3600))
        self._document: SimAnswer | None = None
        self._rows = 0
        for number in OWNED if self.first_owned is None else self.first_owned:
            self.own(number)
        if self.first_owned is None:
            self.owned[PORTING].porting = True
            configured = self.owned[CONFIGURED]
            configured.route = 1000
            configured.row = self._row(Inbound("webhook", "https://example.com/sms"))
            configured.campaign, configured.carrier = "CB2PATH", 19
        self._own_many(self.big)

    def own(self, number: str) -> None:
        """Put *number* on the account without any charge."""
        self.stock.pop(number, None)
        self.owned[number] = Owned(number, float("-inf"), translated=number)
        self._document = None

    def _own_many(self, count: int) -> None:
        # 555 numbers only: nobody is called by them. Those for sale are left alone.
        for place in PLACES:
            for line in range(10_000):
                if count <= 0:
                    return
                number = f"{place.area}555{line:04}"
                if number not in self.stock and number not in self.owned:
                    self.own(number)
                    count -= 1

    @property
    def later(self) -> bool:
        """Return whether the later release is played."""
        return self.release != "2.2.10"

    def state(self) -> dict[str, Any]:
        return {
            "release": self.release,
            "balance": str(self.balance),
            "owned": len(self.owned),
            "numbers": list(self.owned)[:1000],
            "for_sale": len(self.stock),
            "released": sorted(self.released_numbers),
            "removed": sorted(self.removed),
            "moved": self.moved,
            "keys": len(self._kept),
            "gateways": sorted(self.gateways),
            "campaigns": sorted(self.campaigns),
        }

    # Envelopes and credentials (OpenAPI, errorResponse and bearerAuth).

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        return json_answer(status, {"status": "error", "error": {"code": status, "message": message}, **more})

    def unknown(self, request: SimRequest, allowed: tuple[str, ...]) -> SimAnswer:
        if NOT_PLAYED.fullmatch(request.path):
            return self.error(501, "The simulator does not play this operation.")
        return super().unknown(request, allowed)

    def authenticate(self, call: Call) -> None:
        if call.bearer != self.api_key:
            raise Refused(401, "Missing or invalid bearer token.")
        if call.request.method != "GET":
            self._document = None

    # What several rooms use.

    def _owned(self, call: Call, status: int = 404) -> Owned:
        owned = self.owned.get(call.values["number"])
        if owned is None or owned.since > self.time():
            raise Refused(status, "Number not found or not on this account.")
        return owned

    def _is_route(self, value: object) -> TypeGuard[int]:
        return is_int(value) and value in self.gateways

    def _detail(self, owned: Owned) -> dict[str, Any]:
        gateway = self.gateways.get(owned.route)
        return {
            "number": owned.number,
            "translated": owned.translated,
            "route": owned.route,
            "gateway": None if gateway is None or gateway.system else gateway.gateway,
            "cnam": owned.cnam,
            "forward": owned.forward_to is not None,
            "forwardTo": owned.forward_to,
            "carrier": owned.carrier,
            "smsEnabled": owned.row != 0,
            "faxEnabled": owned.fax is not None,
        }

    def _take(self, call: Call, number: str, to: int) -> None:
        self.charge(call, number, self.rate)
        self.balance -= self.rate
        self.stock.pop(number, None)
        self.removed.discard(number)
        self.owned[number] = Owned(number, self.time() + self.lag, route=to, translated=number)

    def _row(self, inbound: Inbound) -> int:
        self._rows += 1
        self.inbound[self._rows] = inbound
        return self._rows


def good(data: dict[str, Any], status: int = 200) -> SimAnswer:
    return json_answer(status, {"status": "success", "data": data})


def is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and TEN_DIGITS.fullmatch(value) is not None


def int_or_400(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Refused(400, f"Missing or invalid query parameter: {name}")
    return int(text)
