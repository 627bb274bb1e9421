"""Ports of numbers from other carriers, the ordinary way. OpenAPI: iNumbering.

A port goes on by the simulator's clock: the letter of authorization is signed (the event ``loa``), a day later the
losing carrier commits to a date, and on that date, a week after the signature at the earliest, the numbers arrive.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, event, listed, route

from ._base import DAY, date_text, good, is_number, words_of
from .records import Account, Owned, Port, home_of
from .support import Support

__all__ = ["Ports"]

FEE = Decimal(6)
HOUR = 3600.0
COMMITTED, COMPLETED = 1 * DAY, 7 * DAY
TEN_IN_CHICAGO = 15 * HOUR
WORDS = (
    "name", "lcBtn", "lcAccountNumber", "streetNumber", "street", "streetType", "city", "state", "zip", "country",
    "authPerson",
)  # fmt: skip
DIRECTIONS = ("", "N", "NE", "E", "SE", "S", "SW", "W", "NW")
SITE = "https://api.voicetel.com/a"


class Ports(Support):
    """``/v2.2/ports``."""

    def open_account(self, name: str, options: Mapping[str, Any]) -> Account:
        account = super().open_account(name, options)
        ports = options.get("ports", self.first_ports if not self.accounts else ())
        for numbers in (ports,) if isinstance(ports, str | int) else ports:
            self._start(listed(numbers) or (), account.name)
        return account

    @event
    def loa(self, pid: str) -> None:
        """The letter of authorization of a port, signed."""
        if pid not in self.account.ports:
            raise ValueError(f"the account has no port {pid}")
        self.account.ports[pid].signed_at = self.time()

    def catch_up(self) -> None:
        super().catch_up()
        for account in self.accounts.values():
            for port in account.ports.values():
                at = _completes(port)
                if not port.done and at is not None and at <= self.now():
                    port.done, account.document = True, None
                    for number in port.numbers:
                        account.owned[number] = self._arrived(account, number, port.features.get(number, {}), at)

    def _arrived(self, account: Account, number: str, features: Mapping[str, Any], at: float) -> Owned:
        campaign = account.campaigns.get(features.get("campaign") or "")
        owned = Owned(number, at, route=features.get("gateway") or 4, translated=number)
        owned.caller_name = features.get("name")
        if campaign is not None:
            owned.campaign, owned.carrier = campaign.id, self._upstream(campaign.network)[1]
        return owned

    @route("GET", "/v2.2/ports/availability/{number}")
    def port_check(self, call: Call) -> SimAnswer:
        number = call.values["number"]
        if not is_number(number):
            raise Refused(400, "Number malformed")
        reason = self._obstacle(number)
        if reason is None:
            self.account.portable[number] = self.time() + HOUR
        # Inferred: the losing carrier, its tier and its switch are made up.
        carrier = ("Example Telecom-NSR/1", "0", f"{home_of(number).area}5550100") if reason is None else (None,) * 3
        return good({
            "number": number, "portable": reason is None, "reason": reason,
            **dict(zip(("losingCarrier", "rateCenterTier", "localRoutingNumber"), carrier, strict=True)),
        })  # fmt: skip

    def _obstacle(self, number: str) -> str | None:
        # Inferred: every number that is not the network's own can be ported.
        if number in self.stock or any(number in account.owned for account in self.accounts.values()):
            return "Number is on this network"
        if number in self.released_numbers:
            return "Number is not in service"
        ports = [port for account in self.accounts.values() for port in account.ports.values()]
        return "A port is in progress" if any(number in port.numbers and not port.done for port in ports) else None

    @route("POST", "/v2.2/ports", success=201)
    def port_submit(self, call: Call) -> SimAnswer:
        body = call.members()
        words_of(body, *WORDS)
        numbers = body.get("did")
        if not isinstance(numbers, list) or not numbers or not all(is_number(number) for number in numbers):
            raise Refused(400, "Field Required: did")
        for name, allowed in (
            ("nameType", ("business", "residential")), ("streetPrefix", DIRECTIONS), ("streetSuffix", DIRECTIONS),
        ):  # fmt: skip
            if body.get(name, "" if "" in allowed else None) not in allowed:
                raise Refused(400, f"Invalid {name}")
        features, due = self._features(body, numbers), _due(body.get("desiredDueDate"))
        if any(self.account.portable.get(number, 0.0) < self.time() for number in numbers):
            raise Refused(400, "Not confirmed as portable within the last hour")
        if FEE * len(set(numbers)) > self.account.balance:
            raise Refused(402, "Insufficient funds for the port-in fee")
        port = self._start(tuple(dict.fromkeys(numbers)), body["name"], features, due)
        for number in port.numbers:
            self._pay(call, number, FEE)
            del self.account.portable[number]
        return good({
            "pid": port.pid, "portUrl": f"{SITE}/port/{port.pid}/", "loaUrl": f"{SITE}/loa/{port.pid}/",
            "message": _message(port, self.time()), "ticket": port.ticket,
        }, 201)  # fmt: skip

    def _start(
        self, numbers: tuple[str, ...], name: str, features: Mapping[str, Any] | None = None, due: float = 0.0
    ) -> Port:
        pid = "".join(self.random.choices(string.ascii_lowercase + string.digits, k=5))
        ticket = self._open_ticket(f"Port request {pid}", ", ".join(numbers))
        port = Port(pid, self._token(40), numbers, name, self.account.email, self.time(), ticket.id)
        port.features, port.due = features or {}, due
        self.account.ports[pid] = port
        return port

    def _features(self, body: dict[str, Any], numbers: list[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        rows = body.get("features", [])
        for row in rows if isinstance(rows, list) else [None]:
            if not isinstance(row, dict) or row.get("number") not in numbers:
                raise Refused(400, "Invalid features: each needs a number of the order")
            gateway, name, campaign = (
                row.get(part, {}).get(member)
                for part, member in (("routing", "gatewayId"), ("lidb", "name"), ("sms", "campaignId"))
            )
            if gateway is not None and not self._is_route(gateway):
                raise Refused(400, "Invalid features: gatewayId")
            if name is not None and not (isinstance(name, str) and len(name) <= 15):
                raise Refused(400, "Invalid features: lidb")
            if campaign is not None and campaign not in self.account.campaigns:
                raise Refused(400, "Invalid features: campaignId")
            found[row["number"]] = {"gateway": gateway, "name": name, "campaign": campaign}
        return found

    @route("GET", "/v2.2/ports")
    def port_list(self, call: Call) -> SimAnswer:
        rows = [
            {
                **_row(port, self.time()),
                "supportUrl": f"https://desk.support.voicetel.com/conversation/{port.ticket}",
            }
            for port in reversed(self.account.ports.values())
        ]
        return good({"ports": rows})

    @route("GET", "/v2.2/ports/{id}")
    def port_get(self, call: Call) -> SimAnswer:
        port = self.account.ports.get(call.values["id"])
        if port is None:
            raise Refused(404, "No port record matches that id under this account")
        more = {"name": port.name, "email": port.email, "numbers": port.numbers}
        return good({"port": {**_row(port, self.time()), **more}})


def _due(text: object) -> float:
    if text in (None, ""):
        return 0.0
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refused(400, "Invalid desiredDueDate") from None
    return found.replace(tzinfo=found.tzinfo or UTC).timestamp()


def _completes(port: Port) -> float | None:
    if port.signed_at is None:
        return None
    earliest = max(port.signed_at + COMPLETED, port.due)
    at = earliest - earliest % DAY + TEN_IN_CHICAGO
    return at if at >= earliest else at + DAY


def _status(port: Port, now: float) -> str:
    # Inferred: the document prints "Complete" alone.
    if port.signed_at is None:
        return "Submitted"
    if now < port.signed_at + COMMITTED:
        return "In Progress"
    return "Complete" if port.done else "FOC"


def _message(port: Port, now: float) -> str:
    day = datetime.fromtimestamp(_completes(port) or 0.0, UTC)
    return {
        "Submitted": f"Port request {port.pid} submitted. Please complete the LOA to proceed.",
        "In Progress": f"The LOA of port request {port.pid} was received.",
        "FOC": f"Your numbers will be porting on {day:%b/%d/%Y} at 10:00 AM Central.",
        "Complete": "Operation completed.",
    }[_status(port, now)]


def _row(port: Port, now: float) -> dict[str, Any]:
    status, at = _status(port, now), _completes(port)
    committed = at is not None and status in ("FOC", "Complete")
    return {
        "id": port.id, "pid": port.pid, "status": status, "createdAt": date_text(port.at),
        "foc": f"{datetime.fromtimestamp(at, UTC):%Y%m%d}" if at is not None and committed else "",
        "message": _message(port, now),
    }  # fmt: skip
