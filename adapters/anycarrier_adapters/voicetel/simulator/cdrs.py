"""Calls that were played, and their records. OpenAPI: Account."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

from anycarrier.simulator import Call, SimAnswer, event, route

from ._base import RATES, Base, good, range_of
from .records import Dialed

__all__ = ["Calls"]

MICRO = Decimal("0.000001")


class Calls(Base):
    """``/v2.2/account/cdr``."""

    @event
    def call(self, caller: str, to: str, seconds: int) -> None:
        """A call of one of the account's numbers, or to one, that is billed by the second."""
        if self._present(caller) is None and self._present(to) is None:
            raise ValueError("neither number is on the account")
        amount = (RATES["nibble"] * seconds / 60).quantize(MICRO)
        self._pay(None, caller, amount)
        call = Dialed(self.time(), self._token(32), caller, to, seconds, RATES["nibble"], amount)
        self.account.calls.append(call)

    @route("GET", "/v2.2/account/cdr")
    def cdr(self, call: Call) -> SimAnswer:
        self._limit(call)
        newest, oldest = range_of(call, "start", "end", self.time())
        rows = [
            {
                # Inferred: the key is the account and the time; the document's examples are placeholders.
                "key": [self.account.username, str(int(one.at))],
                "value": {
                    "ip": "192.0.2.1", "cn": quote(self._caller_name(one.caller)), "nr": str(one.rate), "dst": one.to,
                    "dur": str(one.seconds), "ba": str(one.amount), "cid": one.caller,
                },
                "id": one.id,
            }
            for one in reversed(self.account.calls)
            if oldest <= int(one.at) <= newest
        ]  # fmt: skip
        return good({"start": newest, "end": oldest, "cdr": rows})
