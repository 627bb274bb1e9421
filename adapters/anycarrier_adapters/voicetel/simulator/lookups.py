"""Lookups, each of which is paid for. OpenAPI: Lookups."""

from __future__ import annotations

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import RATES, Base, good, is_number
from .records import home_of

__all__ = ["Lookups"]


class Lookups(Base):
    """``/v2.2/cnam`` and ``/v2.2/lrn``."""

    @route("GET", "/v2.2/cnam/{number}")
    def cnam_lookup(self, call: Call) -> SimAnswer:
        number, refusal = call.values["number"], "Service not enabled or insufficient balance"
        if not is_number(number) or not self.account.services["cnam"]:
            raise Refused(402, refusal)
        self._pay(call, number, RATES["cnam"], refusal)
        return good({"number": number, "cnam": self._caller_name(number)})

    @route("GET", "/v2.2/lrn/{number}/{ani}")
    def lrn_lookup(self, call: Call) -> SimAnswer:
        number, ani = call.values["number"], call.values["ani"]
        if not (is_number(number) and is_number(ani)):
            raise Refused(400, "Destination or ANI missing from path.")
        self._pay(call, number, RATES["lrn"])
        home, other = home_of(number), home_of(ani)
        lrn = {
            # Inferred: the carrier is made up, the place is the number's home.
            "lrn": f"1{home.area}5550100", "ocn": "9101", "lec": "EXAMPLE TELECOM", "lecType": "CLEC",
            "city": home.city.upper(), "state": home.province, "rc": home.rate_center, "lata": home.lata,
            "jurisdiction": "INTRASTATE" if home.province == other.province else "INTERSTATE",
            "local": "Y" if home.lata == other.lata else "N",
        }  # fmt: skip
        return good({"destination": number, "ani": ani, "lrn": lrn})
