"""Numbers to be had: searching and ordering. OpenAPI: iNumbering."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import DAY, Base, good, int_or_400, is_number
from .records import Place

__all__ = ["Inventory"]

KEY = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)


class Inventory(Base):
    """``/v2.2/inventory`` and ``/v2.2/orders``."""

    @route("GET", "/v2.2/inventory")
    def inventory(self, call: Call) -> SimAnswer:
        mask = call.query("tnMask")
        if not mask or not re.fullmatch(r"(?=.{1,11}$)[0-9]*(\*[0-9]*)*", mask, re.ASCII) or mask.strip("*") == "":
            raise Refused(400, "Missing or invalid query parameter: tnMask")
        quantity = int_or_400(call.query("quantity") or "10", "quantity")
        if not 1 <= quantity <= 1000:
            raise Refused(400, "Missing or invalid query parameter: quantity")
        lata = call.query("lata")
        if lata is not None:
            int_or_400(lata, "lata")
        return self._cached(call, lambda: self._search(mask, quantity, call, lata))

    def _search(self, mask: str, quantity: int, call: Call, lata: str | None) -> SimAnswer:
        pattern = re.compile(re.escape(mask).replace(r"\*", "[0-9]*"))
        province, rate_center = call.query("province"), call.query("rateCenter")
        found: list[dict[str, str]] = []
        for number, place in self.stock.items():
            if (
                pattern.match(number)
                and (not province or place.province == province.upper())
                and (not rate_center or place.rate_center == rate_center.upper())
                and (lata is None or place.lata == lata)
            ):
                found.append({
                    "number": number, "city": place.city, "province": place.province,
                    "rateCenter": place.rate_center, "lata": place.lata,
                })  # fmt: skip
                if len(found) == quantity:
                    break
        return good({"numbers": found})

    @route("GET", "/v2.2/inventory/coverage")
    def coverage(self, call: Call) -> SimAnswer:
        kinds: dict[str, Callable[[str, Place], dict[str, str]]] = {
            "state": lambda number, place: {"locState": place.province},
            "city": lambda number, place: {"city": place.city, "locState": place.province},
            "rateCenter": lambda number, place: {"rcAbbre": place.rate_center, "lata": place.lata},
            "npanxx": lambda number, place: {"npa": number[:3], "nxx": number[3:6]},
            "block": lambda number, place: {"block": number[:7]},
        }
        kind = kinds.get(call.query("countBy") or "")
        if kind is None:
            raise Refused(400, "Query parameter failed validation: countBy")
        if (lata := call.query("lata")) is not None:
            int_or_400(lata, "lata")
        return self._cached(call, lambda: self._count(call, kind))

    def _count(self, call: Call, kind: Callable[[str, Place], dict[str, str]]) -> SimAnswer:
        wanted = {
            name: value.upper()
            for name in ("locState", "city", "rcAbbre", "npa", "lata")
            if (value := call.query(name))
        }
        counts: dict[tuple[tuple[str, str], ...], int] = {}
        for number, place in self.stock.items():
            facts = {"locState": place.province, "city": place.city.upper(), "rcAbbre": place.rate_center,
                     "npa": number[:3], "lata": place.lata}  # fmt: skip
            if all(facts[name] == value for name, value in wanted.items()):
                bucket = tuple(kind(number, place).items())
                counts[bucket] = counts.get(bucket, 0) + 1
        return good({"coverage": [{**dict(bucket), "count": count} for bucket, count in counts.items()]})

    def _cached(self, call: Call, search: Callable[[], SimAnswer]) -> SimAnswer:
        key = (call.operation, tuple(sorted(call.request.query)))
        until, answer = self._searches.get(key, (0.0, None))
        if answer is None or until <= self.time():
            answer = search()
            if self.search_cache:
                self._searches[key] = (self.time() + self.search_cache, answer)
        return answer

    @route("POST", "/v2.2/orders", success=201)
    def order(self, call: Call) -> SimAnswer:
        key = call.header("idempotency-key")
        if key is not None:
            if not KEY.fullmatch(key):
                raise Refused(400, "Invalid header: Idempotency-Key")
            until, body, answer = self.account.replays.get(key, (0.0, b"", SimAnswer(0)))
            if self.time() < until:
                if body != call.request.body and self.other_body == "refuse":
                    raise Refused(400, "Idempotency-Key was used with another body.")
                return answer
        answer = self._order(call, self._wanted(call))
        if key is not None:
            self.account.replays[key] = (self.time() + DAY, call.request.body, answer)
        return answer

    def _wanted(self, call: Call) -> dict[str, int]:
        numbers = call.members().get("numbers")
        if not isinstance(numbers, list) or not numbers:
            raise Refused(400, "Field Required: numbers")
        entries: list[Any] = numbers
        if len(entries) > 100:
            raise Refused(400, "At most 100 numbers per order.")
        wanted: dict[str, int] = {}
        for entry in entries:
            row: dict[str, Any] = entry if isinstance(entry, dict) else {"number": entry}
            number, to = row.get("number"), row.get("route", 4)
            if not is_number(number):
                raise Refused(400, "Invalid number in numbers.")
            if number in wanted:
                raise Refused(400, "A number is listed twice.")
            if not self._is_route(to):
                raise Refused(400, "Invalid route")
            wanted[number] = to
        return wanted

    def _order(self, call: Call, wanted: dict[str, int]) -> SimAnswer:
        if self.rate * len(wanted) > self.account.balance:
            raise Refused(402, "Insufficient funds.")
        had = [number for number in wanted if number in self.stock]
        if not had:
            raise Refused(502, "The network rejected the order.")
        for number in had:
            self._take(call, number, wanted[number])
        failed = [
            {
                "number": number,
                "reason": "Already on the account" if number in self.account.owned else "Number not available",
            }
            for number in wanted
            if number not in had
        ]
        return good(
            {
                "orderId": str(int(self.time())),
                "amountCharged": float(self.rate * len(had)),
                "numbersOrdered": had,
                "failed": failed,
            },
            201,
        )
