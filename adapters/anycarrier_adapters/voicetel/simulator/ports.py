"""Ports of numbers from other carriers: what the API shows of them. OpenAPI: iNumbering."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, listed, route

from ._base import date_text, good, is_number, words_of
from .porting import Porting, is_toll_free
from .records import Account, Port, home_of

__all__ = ["Ports"]

FEE = Decimal(6)
HOUR = 3600.0
WORDS = (
    "name", "lcBtn", "lcAccountNumber", "streetNumber", "street", "streetType", "city", "state", "zip", "country",
    "authPerson",
)  # fmt: skip
DIRECTIONS = ("", "N", "NE", "E", "SE", "S", "SW", "W", "NW")
SITE = "https://api.voicetel.com/a"


class Ports(Porting):
    """``/v2.2/ports``."""

    def open_account(self, name: str, options: Mapping[str, Any]) -> Account:
        account = super().open_account(name, options)
        ports = options.get("ports", self.first_ports if not self.accounts else ())
        for numbers in (ports,) if isinstance(ports, str | int) else ports:
            self._start(listed(numbers) or (), account.name)
        return account

    def state(self) -> dict[str, Any]:
        ports = {port.pid: {"status": _status(port), "numbers": port.numbers} for port in self.account.ports.values()}
        return {**super().state(), "ports": ports}

    @route("GET", "/v2.2/ports/availability/{number}")
    def port_check(self, call: Call) -> SimAnswer:
        number = call.values["number"]
        if not is_number(number):
            raise Refused(400, "Number malformed")
        reason = self._obstacle(number)
        if reason is None:
            self.account.portable[number] = self.time() + HOUR
        # Inferred: the losing carrier, its tier and its switch are made up.
        known = reason is None or self.losing_carrier(number) is not None
        geographic = reason is None and not is_toll_free(number)
        return good({
            "number": number, "portable": reason is None, "reason": reason,
            "losingCarrier": self._record(number).carrier if known else None,
            "rateCenterTier": "0" if geographic else None,
            "localRoutingNumber": f"{home_of(number).area}5550100" if geographic else None,
        })  # fmt: skip

    def _obstacle(self, number: str) -> str | None:
        # Inferred: every number that is not the network's own can be ported, unless its carrier's record says why not.
        if any(number in account.owned for account in self.accounts.values()):
            return "Number is on this network"
        found = self.losing_carrier(number)
        if found is None and number in self.stock:
            return "Number is on this network"
        if found is None and (number in self.released_numbers or self._was_dropped(number)):
            return "Number is not in service"
        if found is not None and found.record.reason is not None:
            return found.record.reason
        return "A port is in progress" if self._is_porting_in(number) else None

    def _is_porting_in(self, number: str) -> bool:
        return any(
            number in port.numbers and number not in port.settled and port.rejection is None
            for account in self.accounts.values()
            for port in account.ports.values()
        )

    @route("POST", "/v2.2/ports", success=201)
    def port_submit(self, call: Call) -> SimAnswer:
        body = call.members()
        words_of(body, *WORDS)
        numbers = body.get("did")
        if not isinstance(numbers, list) or not numbers or not all(is_number(number) for number in numbers):
            raise Refused(400, "Field Required: did")
        for name, allowed in (
            ("nameType", ("business", "residential")),
            ("streetPrefix", DIRECTIONS),
            ("streetSuffix", DIRECTIONS),
        ):
            if body.get(name, "" if "" in allowed else None) not in allowed:
                raise Refused(400, f"Invalid {name}")
        features, due = self._features(body, numbers), _due(body.get("desiredDueDate"))
        if any(self.account.portable.get(number, 0.0) < self.time() for number in numbers):
            raise Refused(400, "Not confirmed as portable within the last hour")
        if obstacles := [reason for number in numbers if (reason := self._obstacle(number)) is not None]:
            raise Refused(400, obstacles[0])
        if FEE * len(set(numbers)) > self.account.balance:
            raise Refused(402, "Insufficient funds for the port-in fee")
        stated = {
            "account_number": str(body["lcAccountNumber"]),
            "pin": str(body.get("pin") or ""),
            "street_number": str(body["streetNumber"]),
            "zip": str(body["zip"]),
        }
        # Documented: toll-free numbers are separated from the others. Inferred: as a port of their own, of which the
        # answer says nothing.
        wanted = tuple(dict.fromkeys(numbers))
        kinds = [tuple(filter(is_toll_free, wanted)), tuple(number for number in wanted if not is_toll_free(number))]
        port = [self._start(kind, body["name"], stated, features, due) for kind in kinds if kind][-1]
        for number in wanted:
            self._pay(call, number, FEE)
            del self.account.portable[number]
        return good({
            "pid": port.pid, "portUrl": f"{SITE}/port/{port.pid}/", "loaUrl": f"{SITE}/loa/{port.pid}/",
            "message": _message(port), "ticket": port.ticket,
        }, 201)  # fmt: skip

    def _start(
        self,
        numbers: tuple[str, ...],
        name: str,
        stated: Mapping[str, str] | None = None,
        features: Mapping[str, Any] | None = None,
        due: float = 0.0,
    ) -> Port:
        pid = "".join(self.random.choices(string.ascii_lowercase + string.digits, k=5))
        ticket = self._open_ticket(f"Port request {pid}", ", ".join(numbers))
        port = Port(pid, self._token(40), numbers, name, self.account.email, self.time(), ticket.id, stated or {})
        port.features, port.due = features or {}, due
        port.joined = frozenset(
            number for number in numbers if (found := self.losing_carrier(number)) and found.simulator is not None
        )
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
                **_row(port),
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
        return good({"port": {**_row(port), **more}})


def _due(text: object) -> float:
    if text in (None, ""):
        return 0.0
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refused(400, "Invalid desiredDueDate") from None
    return found.replace(tzinfo=found.tzinfo or UTC).timestamp()


def _status(port: Port) -> str:
    # Inferred: the document prints "Complete" alone.
    if port.signed_at is None:
        return "Submitted"
    if port.rejection is not None:
        return "Rejected"
    if port.foc is None:
        return "In Progress"
    return "Complete" if port.complete else "FOC"


def _message(port: Port) -> str:
    missing = f" Not ported: {', '.join(port.missing)}." if port.missing else ""
    day = datetime.fromtimestamp(port.foc or 0.0, UTC)
    return {
        "Submitted": f"Port request {port.pid} submitted. Please complete the LOA to proceed.",
        "In Progress": f"The LOA of port request {port.pid} was received.",
        "Rejected": port.rejection or "",
        "FOC": f"Your numbers will be porting on {day:%b/%d/%Y} at 10:00 AM Central.",
        "Complete": f"Operation completed.{missing}",
    }[_status(port)]


def _row(port: Port) -> dict[str, Any]:
    return {
        "id": port.id,
        "pid": port.pid,
        "status": _status(port),
        "createdAt": date_text(port.at),
        "foc": "" if port.foc is None else f"{datetime.fromtimestamp(port.foc, UTC):%Y%m%d}",
        "message": _message(port),
    }
