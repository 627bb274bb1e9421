"""Settings, state, problems and the rate limit of the simulator."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal

from attrs import define, field

from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import (
    Call,
    Refused,
    ServiceRecord,
    SimAnswer,
    SimRequest,
    Simulator,
    Window,
    event,
    json_answer,
    listed,
)

from .records import OWNED, OWNER, PLACES, REGISTERED, Number, Place

__all__ = ["DUMMY_API_KEY", "Base"]

DUMMY_API_KEY = "lp_simulator_0123456789abcdef"
"""The simulator's own key; no server of Leadping's accepts it."""

RECORD = ServiceRecord(
    carrier="Leadping-NSR/1", account_number="300200100", pin="1234", street_number="411", zip="07601"
)
"""Made up: what a port order for a number of the account has to agree with."""

NOT_SIMULATED = ("/organizations", "/businesses", "/leads", "/sms/", "/phone-call/")

ApiVersion = Literal["2026-06", "2026-08", "2026-10"]


@define(kw_only=True, slots=False, eq=False, repr=False)
class Base(Simulator):
    """Base of the simulator.

    Args:
        seed, now: see :class:`~anycarrier.simulator.core.Simulator`.
        api_version: ``2026-06``, ``2026-08`` or ``2026-10``.
        api_key: the only key that is accepted.
        wallet: prepaid balance in USD.
        price: monthly price of a number, and of its health add-on, in USD.
        owned: numbers on the account at the start, in E.164 form or ten digits; default: three.
        service_record: facts of :class:`~anycarrier.simulator.ServiceRecord` that a port order for a number of the
            account has to agree with, instead of those in :data:`RECORD`.
        provisioning: seconds from the purchase until the number is active.
        failing: numbers whose provisioning fails; what they cost is then refunded.
        hold: seconds from a release until the number is gone (June).
        as_text: whether counts, amounts and coordinates are text (June).
        admin: whether the credential may change the administrator's override.
        problem_type: content type of every problem; default: those of the API version.
        requests: limit of requests in 60 seconds; ``None`` for no limit.
        retry_after: whether a 429 has a ``Retry-After`` header.
        stuck: whether the list repeats its token without end.
    """

    seed: int = 0
    now: Callable[[], float] = time.time
    api_version: ApiVersion = "2026-06"
    api_key: str = DUMMY_API_KEY
    first_wallet: Decimal = field(default=Decimal(100), alias="wallet", converter=Decimal)
    price: Decimal = field(default=Decimal("2.00"), converter=Decimal)
    first_owned: tuple[str, ...] | None = field(default=None, alias="owned", converter=listed)
    first_record: Mapping[str, Any] = field(factory=dict[str, Any], alias="service_record")
    provisioning: float = 2.0
    failing: frozenset[str] = field(default=frozenset(), converter=frozenset)
    hold: float = 7 * 86_400.0
    as_text: bool = False
    admin: bool = False
    problem_type: str | None = None
    requests: int | None = 300
    retry_after: bool = True
    stuck: bool = False

    def __attrs_post_init__(self) -> None:
        super().__init__(seed=self.seed, now=self.now)

    def begin(self) -> None:
        self.wallet = self.first_wallet
        self._port_record = RECORD.with_facts(self.first_record)
        self.owner = OWNER
        self.stock: dict[str, Place] = {
            f"+1{place.area}55501{line:02}": place for place in PLACES for line in range(100)
        }
        self.places = dict(self.stock)
        self.numbers: dict[str, Number] = {}
        self._count = 0
        self._requested = Window(60.0)
        for number in OWNED if self.first_owned is None else self.first_owned:
            self.own(number)
        for one in self.numbers.values():
            one.campaign = "CB2PATH" if one.number == REGISTERED else None

    def own(self, number: str) -> Number:
        """Add *number* to the account, active and without a charge."""
        number = PhoneNumber(number).e164
        self.stock.pop(number, None)
        return self._add(number, f"Line {number[-4:]}", ready=float("-inf"))

    def _add(self, number: str, name: str, ready: float) -> Number:
        self._count += 1
        added = Number(f"num_{self._count:06}", number, name, self.time(), ready)
        self.numbers[added.id] = added
        self.came(number)
        return added

    # Numbers that leave

    def held(self) -> Iterable[str]:
        return [one.number for one in self.numbers.values()]

    def withdraw(self, number: str) -> None:
        self.stock.pop(number, None)

    def service_record(self, number: str) -> ServiceRecord | None:
        return self._port_record if number in self.held() else None

    def leave(self, number: str) -> None:
        for one in [*self.numbers.values()]:
            if one.number == number:
                del self.numbers[one.id]
                self.ported_out(number)

    @event
    def port_out(self, number: str) -> None:
        """A number of the account that is at another carrier from now on."""
        if number not in self.held():
            raise ValueError(f"the account has no number {number}")
        self.leave(number)

    def state(self) -> dict[str, Any]:
        self._let_go()
        return {
            "api_version": self.api_version,
            "wallet": str(self.wallet),
            "for_sale": len(self.stock),
            "owned": len(self.numbers),
            "numbers": {one.number: self._status(one) for one in list(self.numbers.values())[:1000]},
        }

    def mark_of(self, request: SimRequest) -> str | None:
        if request.method != "POST" or request.path != "/phone-numbers":
            return None
        name = (request.members() or {}).get("name")
        return name.split()[-1] if isinstance(name, str) and name.split() else None

    # Problems and credentials

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        kind = self.problem_type or more.pop("content_type", None)
        if self.api_version == "2026-10" or status in (403, 429):
            kind = self.problem_type or "application/problem+json"
        problem: dict[str, Any] = {
            "type": f"https://leadping.ai/docs/errors/{more.get('kind', 'request')}",
            "title": message,
            "status": status,
            "detail": more.get("detail"),
            "instance": None,
        }
        if "errors" in more:
            problem["errors"] = more["errors"]
        if self.api_version != "2026-06":
            problem["traceId"] = f"00-{self._count:032x}-01"
        answer = json_answer(status, problem, tuple(more.get("headers", ())))
        kept = tuple((name, value) for name, value in answer.headers if name != "content-type")
        return SimAnswer(status, (("content-type", kind or "application/json"), *kept), answer.body)

    def unknown(self, request: SimRequest, allowed: tuple[str, ...]) -> SimAnswer:
        if request.path.startswith(NOT_SIMULATED):
            return self.error(501, "The simulator does not have this operation.")
        return SimAnswer(405, (("allow", ", ".join(allowed)),)) if allowed else SimAnswer(404)

    def authenticate(self, call: Call) -> None:
        if call.bearer != self.api_key:
            challenge = 'Bearer resource_metadata="https://api.leadping.ai/.well-known/oauth-protected-resource"'
            raise Refused(401, "Unauthorized", kind="unauthorized", headers=(("www-authenticate", challenge),))
        self._limit()
        self._let_go()

    def _limit(self) -> None:
        if self.requests is None:
            return
        now = self.time()
        if self._requested.count(now) >= self.requests:
            wait = max(1, round(self._requested.wait(now) + 0.5))
            headers = (("retry-after", str(wait)),) if self.retry_after else ()
            raise Refused(429, "Too many requests", kind="rate-limit", headers=headers)
        self._requested.add(now)

    def _let_go(self) -> None:
        for one in self.numbers.values():
            if one.fails and one.charged and one.ready <= self.time():
                # Not documented: that a number which could not be set up costs nothing.
                self.wallet += one.charged
                self.refund(one.number, one.charged)
                one.charged = Decimal(0)
        for one in [*self.numbers.values()]:
            if one.release_at is not None and one.release_at <= self.time():
                del self.numbers[one.id]
                self.released(one.number)

    def _status(self, one: Number) -> str:
        if one.release_requested is not None:
            return "PendingRelease"
        if one.ready > self.time():
            return "Provisioning"
        return "FailedProvisioning" if one.fails else "Active"
