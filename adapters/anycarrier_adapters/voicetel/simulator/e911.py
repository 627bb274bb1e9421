"""Emergency addresses of numbers. OpenAPI: e911."""

from __future__ import annotations

import re
from typing import Any

from attrs import asdict, evolve

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import Base, good, is_int, is_text, words_of
from .records import Address, Owned

__all__ = ["Emergency"]

REJECTED = "Address validation failed"


class Emergency(Base):
    """``/v2.2/e911``."""

    @route("POST", "/v2.2/e911/validations")
    def e911_validate(self, call: Call) -> SimAnswer:
        address = _address(call.members())
        if address is None:
            raise Refused(409, REJECTED)
        number = 1_234_567 + len(self.account.addresses)
        self.account.addresses[number] = address
        return good({"address": {"addressid": number, **_shown(address)}})

    @route("POST", "/v2.2/e911", success=201)
    def e911_create(self, call: Call) -> SimAnswer:
        body = call.members()
        words_of(body, "dn", "callername", "address1", "city", "state", "zip")
        owned = self._present(body["dn"])
        if owned is None:
            raise Refused(403, "Number is not on the authenticated account")
        address = _address(body) if self.account.services["e911"] else None
        if address is None:
            raise Refused(409, REJECTED)
        owned.address = evolve(address, callername=body["callername"].upper())
        return good({"record": _record(owned, owned.address)}, 201)

    @route("GET", "/v2.2/e911")
    def e911_list(self, call: Call) -> SimAnswer:
        rows = [_record(owned, owned.address) for owned in self.account.owned.values() if owned.address]
        if not rows:
            raise Refused(404, "No records found")
        return good({"records": rows})

    @route("GET", "/v2.2/e911/{dn}")
    def e911_get(self, call: Call) -> SimAnswer:
        owned = self._present(call.values["dn"])
        if owned is None:
            raise Refused(401, "Number not on account")
        if owned.address is None:
            raise Refused(409, "Query failed")
        return good({"record": _record(owned, owned.address)})

    @route("PUT", "/v2.2/e911/{dn}")
    def e911_set(self, call: Call) -> SimAnswer:
        body = call.members()
        owned, chosen, name = self._present(call.values["dn"]), body.get("addressid"), body.get("callername")
        if owned is None or not self.account.services["e911"]:
            raise Refused(409, "Failed")
        if not is_int(chosen) or chosen not in self.account.addresses or not is_text(name):
            raise Refused(409, "Failed")
        owned.address = evolve(self.account.addresses[chosen], callername=name.upper())
        return good({"record": _record(owned, owned.address)})

    @route("DELETE", "/v2.2/e911/{dn}", success=204)
    def e911_remove(self, call: Call) -> SimAnswer:
        owned = self._present(call.values["dn"])
        if owned is None or owned.address is None:
            raise Refused(409, "Failed")
        owned.address = None
        return SimAnswer(204)


def _address(body: dict[str, Any]) -> Address | None:
    # Inferred: an address is good with a house number, a city, a state's two letters and a ZIP code.
    words = {name: body.get(name, "") for name in ("address1", "address2", "city", "state", "zip")}
    patterns = {"address1": r"[0-9].*\S.*", "city": r".*\S.*", "state": r"[A-Za-z]{2}", "zip": r"[0-9]{5}(-[0-9]{4})?"}
    if not all(isinstance(word, str) for word in words.values()):
        return None
    if not all(re.fullmatch(pattern, words[name], re.ASCII) for name, pattern in patterns.items()):
        return None
    return Address(**{name: word.upper() for name, word in words.items()})


def _shown(address: Address) -> dict[str, Any]:
    return asdict(address, filter=lambda member, _: member.name != "callername")


def _record(owned: Owned, address: Address) -> dict[str, Any]:
    return {"dn": "1" + owned.number, **asdict(address)}
