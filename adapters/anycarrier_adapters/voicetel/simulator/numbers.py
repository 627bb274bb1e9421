"""The account's numbers and where their calls go. OpenAPI: Numbers."""

from __future__ import annotations

import re

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import DAY, EMAIL, Base, good, is_int, is_number
from .records import SYSTEM_ROUTES, Owned

__all__ = ["Numbers"]


class Numbers(Base):
    """``/v2.2/numbers``, without their texts."""

    @route("POST", "/v2.2/numbers", success=201)
    def number_add(self, call: Call) -> SimAnswer:
        body = call.members()
        number, to = body.get("number"), body.get("route", 4)
        if not is_number(number):
            raise Refused(400, "Field Required: number")
        if not self._is_route(to):
            raise Refused(400, "Invalid route")
        if number not in self.stock and number not in self.account.removed:
            raise Refused(409, "Failed to add")
        self._take(call, number, to)
        return good({"number": number, "route": to}, 201)

    @route("GET", "/v2.2/numbers")
    def numbers(self, call: Call) -> SimAnswer:
        if self.account.document is not None:
            return self.account.document
        rows = [self._detail(owned) for owned in self.account.owned.values() if owned.since <= self.time()]
        if not rows:
            raise Refused(404, "No numbers found")
        answer = good({"numbers": rows})
        if len(rows) == len(self.account.owned):  # nothing is still to show up, so this holds until the next write
            self.account.document = answer
        return answer

    @route("GET", "/v2.2/numbers/{number}")
    def number_get(self, call: Call) -> SimAnswer:
        return good(self._detail(self._owned(call)))

    @route("DELETE", "/v2.2/numbers/{number}", success=204)
    def number_remove(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        self._leave(owned)
        self.account.removed.add(owned.number)
        return SimAnswer(204)

    @route("POST", "/v2.2/numbers/{number}/release", success=204)
    def number_release(self, call: Call) -> SimAnswer:
        owned = self._owned(call, status=409)
        self._leave(owned)
        self.released_numbers.add(owned.number)
        return SimAnswer(204)

    def _leave(self, owned: Owned) -> None:
        if owned.porting:
            raise Refused(409, "Failed or currently porting")
        del self.account.owned[owned.number]
        self.account.inbound.pop(owned.row, None)
        self.released(owned.number)

    @route("PATCH", "/v2.2/numbers/{number}")
    def number_move(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        body = call.members()
        account, to = body.get("accountId"), body.get("route")
        if not is_int(account) or account < 1 or not is_int(to):
            raise Refused(400, "Fields Required: accountId, route")
        if not (to in SYSTEM_ROUTES or to >= 1000):
            raise Refused(400, "Invalid route")
        if str(account) == self.account.username or owned.porting:
            raise Refused(409, "Move failed")
        del self.account.owned[owned.number]
        self.moved[owned.number] = account
        for other in self.accounts.values():
            if other.username == str(account):
                other.owned[owned.number] = Owned(owned.number, self.time(), route=to, translated=owned.number)
                other.document = None
        return good({"number": owned.number, "accountId": account, "route": to})

    @route("PUT", "/v2.2/numbers/{number}/route")
    def number_route(self, call: Call) -> SimAnswer:
        owned = self._owned(call, status=400)
        to = call.members().get("route")
        if not self._is_route(to):
            raise Refused(400, "Invalid route")
        owned.route = to
        return good({"number": owned.number, "route": owned.route})

    @route("PUT", "/v2.2/numbers/{number}/forward")
    def forward_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        destination = call.members().get("destination")
        if not is_number(destination):
            raise Refused(400, "Missing or invalid destination number.")
        owned.forward_to = destination
        return good({"number": owned.number, "forwardTo": owned.forward_to})

    @route("DELETE", "/v2.2/numbers/{number}/forward", success=204)
    def forward_remove(self, call: Call) -> SimAnswer:
        self._owned(call).forward_to = None
        return SimAnswer(204)

    @route("PUT", "/v2.2/numbers/{number}/cnam")
    def cnam_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        enabled = call.members().get("enabled")
        if not isinstance(enabled, bool):
            raise Refused(400, "Field Required: enabled (boolean).")
        owned.cnam = enabled
        return good({"number": owned.number, "cnam": enabled})

    @route("PUT", "/v2.2/numbers/{number}/translation")
    def translation_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        translation = call.members().get("translation")
        if not is_number(translation):
            raise Refused(400, "Field Required: translation.")
        owned.translated = translation
        return good({"number": owned.number, "translation": translation})

    @route("PUT", "/v2.2/numbers/{number}/lidb")
    def lidb_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        body = call.members()
        cnam = body.get("cnam")
        if not isinstance(cnam, str) or not re.fullmatch(r"[A-Za-z0-9 ]{1,15}", cnam):
            raise Refused(400, "Field Required: cnam (outbound caller name, max 15 alphanumeric characters).")
        owned.caller_name = cnam.upper()
        reference = body.get("customerOrderReference") or f"{self.account.username}-{int(self.time())}"
        return good({
            "number": owned.number, "cnam": cnam, "customerOrderReference": str(reference), "carrierStatus": "Success",
        })  # fmt: skip

    @route("PATCH", "/v2.2/numbers/{number}/port-out-pin")
    def port_out_pin(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        pin = call.members().get("pin")
        if not isinstance(pin, str) or not re.fullmatch(r"[0-9]{4}", pin, re.ASCII):
            raise Refused(400, "Pin missing or malformed")
        locked = self.later and owned.pin is not None and self.time() < owned.pin_at + 30 * DAY
        if not locked:
            owned.pin, owned.pin_at = pin, self.time()
        more = {"changed": not locked} if self.later else {}
        return good({"number": owned.number, "portOutPin": owned.pin, **more})

    @route("GET", "/v2.2/numbers/{number}/fax")
    def fax_get(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        if owned.fax is None:
            raise Refused(404, "No fax routing configured")
        return good({"number": owned.number, "email": owned.fax})

    @route("PUT", "/v2.2/numbers/{number}/fax")
    def fax_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        email = call.members().get("email")
        if not isinstance(email, str) or not EMAIL.fullmatch(email):
            raise Refused(400, "Missing or invalid email address.")
        owned.fax = email
        return good({"number": owned.number, "email": email})

    @route("DELETE", "/v2.2/numbers/{number}/fax", success=204)
    def fax_remove(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        if owned.fax is None:
            raise Refused(404, "No fax routing configured")
        owned.fax = None
        return SimAnswer(204)
