"""Options, state and envelope of the simulator, shared by its parts."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeGuard

from attrs import define, field

from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import MAIN, Call, Options, Refused, SimAnswer, Simulator, Window, json_answer, listed

from .records import (
    CONFIGURED,
    OWNED,
    PLACES,
    PORTING,
    Account,
    Campaign,
    Inbound,
    Owned,
    Payment,
    Place,
    Ticket,
)

__all__ = [
    "DAY",
    "DUMMY_API_KEY",
    "DUMMY_PASSWORD",
    "DUMMY_USERNAME",
    "EMAIL",
    "RATES",
    "TEN_DIGITS",
    "Base",
    "date_text",
    "good",
    "int_or_400",
    "is_int",
    "is_number",
    "is_text",
    "range_of",
    "routable",
    "words_of",
]

DUMMY_API_KEY = "0123456789abcdef0123456789abcdef"
"""Opens nothing but the simulator."""
DUMMY_USERNAME = "1000000001"
DUMMY_PASSWORD = "abc1234567"  # noqa: S105 - the published example

TEN_DIGITS = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}", re.ASCII)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
DAY = 86_400.0
DOCUMENTATION = [ipaddress.IPv4Network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
UPSTREAM = {"A": ("SFL9UTQ", 17), "B": ("SB8TWLO", 19)}
UPSTREAM_LATER = {"A": ("CAMP004", 17), "B": ("CAMP003", 19), "C": ("BANDW", 1)}
RATES: Mapping[str, Decimal] = MappingProxyType({
    "fax": Decimal("0.03"), "sms": Decimal("0.005"), "mms": Decimal("0.01"), "tfAdj": Decimal(0),
    "lrn": Decimal("0.001"), "nibble": Decimal("0.01"), "cnam": Decimal("0.005"), "intlMax": Decimal("0.5"),
})  # fmt: skip
"""Inferred: what things cost, in USD; ``nibble`` is a minute of a call."""


@define(kw_only=True, slots=False, eq=False, repr=False)
class Base(Simulator):
    """VoiceTel v2.2.

    Args:
        seed, now: see :class:`~anycarrier.simulator.core.Simulator`.
        release: ``"2.2.10"``, or ``"2.2.17"`` for the later shape of campaigns and PINs.
        api_key: the one key that is accepted.
        balance: of the account, in USD, received in one payment.
        rate: for each number, in USD.
        owned: numbers on the account at the start, in E.164 or ten digits; ``None`` for three, one of which is being
            ported.
        ports: numbers that are being ported in at the start, one port for each text: a number, or several with commas.
        port_days: days from the signed letter of a port until its numbers arrive, at the earliest.
        service_records: facts of :class:`~anycarrier.simulator.ServiceRecord` of numbers at other carriers, by their
            ten digits, or several with commas: with what a port order has to agree, and how their port ends.
        admin: whether the account is an administrator's.
        accounts: see :class:`~anycarrier.simulator.core.Simulator`; another account than ``main`` has no numbers
            unless it says which, and an ``api_key`` made from its name.
        lag: seconds until an ordered number shows on the account.
        search_cache: seconds for which a search is answered from the cache; VoiceTel documents 600.
        account_calls: how many calls per hour the four limited account operations share, or ``None`` for as many as
            one likes; VoiceTel documents 6.
        other_body: what a used Idempotency-Key with another body gets.
        big: how many further owned numbers to make up for load tests, 100,000 giving a list of some 18 MB.
    """

    account_options: ClassVar = ("admin", "api_key", "balance", "owned", "ports")
    if TYPE_CHECKING:  # the accounts that open_account makes
        accounts: dict[str, Account]
        account: Account

    seed: int = 0
    now: Callable[[], float] = time.time
    release: Literal["2.2.10", "2.2.17"] = "2.2.10"
    api_key: str = DUMMY_API_KEY
    first_balance: Decimal = field(default=Decimal(100), alias="balance", converter=Decimal)
    rate: Decimal = field(default=Decimal("0.50"), converter=Decimal)
    first_owned: tuple[str, ...] | None = field(default=None, alias="owned", converter=listed)
    first_ports: str | int | Iterable[str] = field(default=(), alias="ports")
    port_days: float = field(default=7.0, converter=float)
    first_records: Mapping[str, Mapping[str, Any]] = field(factory=dict[str, Any], alias="service_records")
    admin: bool = False
    _accounts: Options | None = field(default=None, alias="accounts")
    lag: float = 0.0
    search_cache: float = 0.0
    account_calls: int | None = None
    other_body: Literal["replay", "refuse"] = "replay"
    big: int = 0

    def __attrs_post_init__(self) -> None:
        super().__init__(seed=self.seed, now=self.now, accounts=self._accounts)

    def begin(self) -> None:
        self.stock: dict[str, Place] = {f"{place.area}55501{line:02}": place for place in PLACES for line in range(100)}
        self.released_numbers: set[str] = set()
        self.moved: dict[str, int] = {}
        self._searches: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[float, SimAnswer]] = {}
        self._calls: dict[str, Window] = defaultdict(lambda: Window(3600))
        self.tickets: dict[int, Ticket] = {}
        self._rows = 0

    def open_account(self, name: str, options: Mapping[str, Any]) -> Account:
        first = name == MAIN
        api_key = self.api_key if first else hashlib.sha256(name.encode()).hexdigest()[:32]
        self.account = account = Account(
            username=str(int(DUMMY_USERNAME) + len(self.accounts)),
            password=DUMMY_PASSWORD,
            api_key=options.get("api_key", api_key),
            balance=Decimal(options.get("balance", self.first_balance)),
            admin=options.get("admin", self.admin and first),
            email="user@example.com" if first else f"{name}@example.com",
            registration=("Zoiper rv2.8.97/", "192.0.2.1:5060") if first else None,
            campaigns={
                campaign.id: campaign
                for campaign in (
                    Campaign("CH5K5IZ", "C" if self.later else "A"),
                    Campaign("CB2PATH", "B"),
                    Campaign("CA1PATH", "A"),
                    Campaign("CEXPIRD", "B", "EXPIRED", "CAMPAIGN_EXPIRED"),
                    Campaign("CN0PATH", None),
                )
            },
        )
        if account.balance:
            account.payments.append(Payment(self.time(), account.balance, "2N045992R140725E3"))
        owned = listed(options.get("owned", self.first_owned if first else ()))
        for number in OWNED if owned is None else owned:
            self.own(number)
        if owned is None:
            account.owned[PORTING].porting = True
            configured = account.owned[CONFIGURED]
            configured.route = 1000
            configured.row = self._row(Inbound("webhook", "https://example.com/sms"))
            configured.campaign, configured.carrier = "CB2PATH", 19
        if first:
            self._own_many(self.big)
        return account

    def credentials(self, account: Account) -> Mapping[str, str]:
        return {"api_key": account.api_key}

    def own(self, number: str) -> None:
        """Put *number*, in E.164 or of ten digits, on the account without any charge."""
        number = PhoneNumber(number).ten_digit
        self.stock.pop(number, None)
        self.account.owned[number] = Owned(number, float("-inf"), translated=number)
        self.account.document = None
        self.came(f"+1{number}")

    def _own_many(self, count: int) -> None:
        # 555 numbers only: nobody is called by them. Those for sale are left alone.
        for place in PLACES:
            for line in range(10_000):
                if count <= 0:
                    return
                number = f"{place.area}555{line:04}"
                if number not in self.stock and number not in self.account.owned:
                    self.own(number)
                    count -= 1

    @property
    def later(self) -> bool:
        """Return whether the later release is played."""
        return self.release != "2.2.10"

    def state(self) -> dict[str, Any]:
        return {
            "release": self.release,
            "balance": str(self.account.balance),
            "owned": len(self.account.owned),
            "numbers": list(self.account.owned)[:1000],
            "for_sale": len(self.stock),
            "released": sorted(self.released_numbers),
            "removed": sorted(self.account.removed),
            "moved": self.moved,
            "keys": len(self.account.replays),
            "gateways": sorted(self.account.gateways),
            "campaigns": sorted(self.account.campaigns),
        }

    # Envelopes and credentials (OpenAPI, errorResponse and bearerAuth).

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        """Envelope of an error; members of *inside* stand within it, all others beside it."""
        error = {"code": status, "message": message, **more.pop("inside", {})}
        return json_answer(status, {"status": "error", "error": error, **more})

    def authenticate(self, call: Call) -> None:
        found = [account for account in self.accounts.values() if account.api_key == call.bearer]
        if not found:
            raise Refused(401, "Missing or invalid bearer token.")
        self.account = found[0]
        if call.request.method != "GET":
            self.account.document = None

    # What several rooms use.

    def _present(self, number: str) -> Owned | None:
        owned = self.account.owned.get(number)
        return owned if owned is not None and owned.since <= self.time() else None

    def _owned(self, call: Call, status: int = 404) -> Owned:
        owned = self._present(call.values["number"])
        if owned is None:
            raise Refused(status, "Number not found or not on this account.")
        return owned

    def _is_route(self, value: object) -> TypeGuard[int]:
        return is_int(value) and value in self.account.gateways

    def _detail(self, owned: Owned) -> dict[str, Any]:
        gateway = self.account.gateways.get(owned.route)
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

    def _upstream(self, network: str | None) -> tuple[str | None, int]:
        table = UPSTREAM_LATER if self.later else UPSTREAM
        return table.get(network or "", (None, 0))

    def _caller_name(self, number: str) -> str:
        owned = [account.owned[number] for account in self.accounts.values() if number in account.owned]
        return owned[0].caller_name or "EXAMPLE INC" if owned else "EXAMPLE INC"

    def _limit(self, call: Call) -> None:
        if self.account_calls is None:
            return
        calls = self._calls[call.request.client]
        if calls.count(self.time()) >= self.account_calls:
            raise Refused(429, "Rate limit exceeded.")
        calls.add(self.time())

    def _pay(self, call: Call | None, number: str, amount: Decimal, refusal: str = "Insufficient funds") -> None:
        if amount > self.account.balance:
            raise Refused(402, refusal)
        self.charge(call, number, amount)
        self.account.balance -= amount

    def _only_admin(self) -> None:
        if not self.account.admin:
            raise Refused(403, "Forbidden")

    def _token(self, digits: int) -> str:
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def _take(self, call: Call, number: str, to: int) -> None:
        self._pay(call, number, self.rate)
        self.stock.pop(number, None)
        self.account.removed.discard(number)
        self.account.owned[number] = Owned(number, self.time() + self.lag, route=to, translated=number)
        self.came(f"+1{number}")

    def _row(self, inbound: Inbound) -> int:
        self._rows += 1
        self.account.inbound[self._rows] = inbound
        return self._rows


def good(data: dict[str, Any], status: int = 200) -> SimAnswer:
    return json_answer(status, {"status": "success", "data": data})


def date_text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def routable(network: str) -> bool:
    """Return whether an IPv4 address or block is public; those reserved for documentation count as public."""
    try:
        block = ipaddress.IPv4Network(network)
    except ValueError:
        return False
    return block.is_global or any(block.subnet_of(reserved) for reserved in DOCUMENTATION)


def is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and TEN_DIGITS.fullmatch(value) is not None


def is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def words_of(body: dict[str, Any], *names: str) -> None:
    """Refuse a body in which one of *names* is no text or an empty one."""
    missing = [name for name in names if not is_text(body.get(name))]
    if missing:
        raise Refused(400, f"Fields Required: {', '.join(missing)}")


def int_or_400(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Refused(400, f"Missing or invalid query parameter: {name}")
    return int(text)


def range_of(call: Call, newest: str, oldest: str, now: float) -> tuple[int, int]:
    """Return the ends of a range that runs backwards, by default the last day."""
    first, last = call.query(newest) or str(int(now)), call.query(oldest) or str(int(now - DAY))
    return int_or_400(first, newest), int_or_400(last, oldest)
