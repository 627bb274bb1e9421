"""Gateways: where calls can be sent. OpenAPI: Gateways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import Base, good, is_int, routable
from .records import Gateway

__all__ = ["Gateways"]

HOST = re.compile(r"(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)


class Gateways(Base):
    """``/v2.2/gateways``."""

    @route("GET", "/v2.2/gateways")
    def gateway_list(self, call: Call) -> SimAnswer:
        return good({"gateways": [gateway.row() for gateway in self.account.gateways.values()]})

    @route("POST", "/v2.2/gateways", success=201)
    def gateway_add(self, call: Call) -> SimAnswer:
        body = call.members()
        wanted = self._gateway_of({"prefix": "", "limit": 23, **body})
        if any(gateway.gateway == wanted.gateway for gateway in self.account.gateways.values()):
            raise Refused(409, "Failed to add")
        number = max(999, *self.account.gateways) + 1
        self.account.gateways[number] = evolve(wanted, id=number)
        return good(self.account.gateways[number].row(), 201)

    @route("GET", "/v2.2/gateways/{id}")
    def gateway_get(self, call: Call) -> SimAnswer:
        return good(self._gateway(call).row())

    @route("PUT", "/v2.2/gateways/{id}")
    def gateway_update(self, call: Call) -> SimAnswer:
        gateway = self._gateway(call)
        if gateway.system:
            raise Refused(404, "Gateway not found.")
        self.account.gateways[gateway.id] = evolve(self._gateway_of({**gateway.row(), **call.members()}), id=gateway.id)
        return good(self.account.gateways[gateway.id].row())

    @route("DELETE", "/v2.2/gateways/{id}", success=204)
    def gateway_remove(self, call: Call) -> SimAnswer:
        gateway = self._gateway(call)
        if gateway.system or any(owned.route == gateway.id for owned in self.account.owned.values()):
            raise Refused(409, "Cannot remove")
        del self.account.gateways[gateway.id]
        return SimAnswer(204)

    @route("GET", "/v2.2/gateways/{id}/numbers")
    def gateway_numbers(self, call: Call) -> SimAnswer:
        gateway = self._gateway(call)
        rows = [self._detail(owned) for owned in self.account.owned.values() if owned.route == gateway.id]
        left_out = ("route", "gateway")
        return good({"numbers": [{key: row[key] for key in row if key not in left_out} for row in rows]})

    def _gateway(self, call: Call) -> Gateway:
        number = call.values["id"]
        gateway = self.account.gateways.get(int(number)) if number.isascii() and number.isdigit() else None
        if gateway is None:
            raise Refused(404, "Gateway not found.")
        return gateway

    def _gateway_of(self, row: Mapping[str, Any]) -> Gateway:
        address, prefix, limit = row.get("gateway"), row["prefix"], row["limit"]
        if not isinstance(address, str) or not _public(address):
            raise Refused(400, "The gateway must resolve to a routable public IPv4 address.")
        if not isinstance(prefix, str) or not is_int(limit) or not 1 <= limit <= 1000:
            raise Refused(400, "Invalid prefix or limit.")
        return Gateway(0, address, prefix, limit)


def _public(address: str) -> bool:
    found = HOST.fullmatch(address)
    if found is None or found["host"].endswith(".invalid") or "." not in found["host"]:
        return False
    if found["host"].replace(".", "").isdigit():
        return routable(found["host"])
    return True
