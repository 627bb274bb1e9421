"""Lookups. OpenAPI: Numbers."""

from __future__ import annotations

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import TEN_DIGITS, Base, good

__all__ = ["Lookups"]


class Lookups(Base):
    """``/v2.2/cnam``."""

    @route("GET", "/v2.2/cnam/{number}")
    def cnam_lookup(self, call: Call) -> SimAnswer:
        number = call.values["number"]
        if not TEN_DIGITS.fullmatch(number):
            raise Refused(402, "Service not enabled or insufficient balance")
        return good({"number": number, "cnam": "EXAMPLE INC"})
