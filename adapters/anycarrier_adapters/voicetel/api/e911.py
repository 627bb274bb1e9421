"""Emergency addresses. Requests take ten digits; answers have eleven, with a 1 in front."""

from __future__ import annotations

from anycarrier.adapter import Exchange, NotFound, Sent, Target, sent
from anycarrier_adapters.voicetel.schemas import E911Address, E911Record

from ._base import Area, changes, checks, done, gets, ten_digit

__all__ = ["E911"]

RECORD = "/v2.2/e911/{dn}"


class E911(Area):
    """``/v2.2/e911``. An address that is refused is a ``Conflict``."""

    _records = gets("/v2.2/e911", list[E911Record], "records")

    def e911_records(self) -> Exchange[list[E911Record]]:
        """All records (``e911QueryAll``); VoiceTel answers 404 when there are none."""
        try:
            return (yield from self._records())
        except NotFound:
            return []

    @gets(RECORD, E911Record, "record")
    def e911(self, target: Target) -> Sent:
        """One number's record (``e911QueryRecord``). A number that is not on the account answers 401."""
        return sent(dn=ten_digit(target))

    @changes("POST", "/v2.2/e911", E911Record, "record", accept=(201,))
    def create_e911(
        self,
        target: Target,
        caller_name: str,
        *,
        address1: str,
        city: str,
        state: str,
        zip_code: str,
        address2: str | None = None,
    ) -> Sent:
        """Check an address and set it for a number (``e911Create``)."""
        address = {"address1": address1, "address2": address2, "city": city, "state": state, "zip": zip_code}
        return sent(body={"dn": ten_digit(target), "callername": caller_name, **address})

    @checks("/v2.2/e911/validations", E911Address, "address")
    def validate_e911(
        self, *, address1: str, city: str, state: str, zip_code: str, address2: str | None = None
    ) -> Sent:
        """Check an address (``e911Validate``): the answer has its ``addressid``."""
        return sent(body={"address1": address1, "address2": address2, "city": city, "state": state, "zip": zip_code})

    @changes("PUT", RECORD, E911Record, "record")
    def set_e911(self, target: Target, address_id: int, caller_name: str) -> Sent:
        """Set an address that was checked (``e911ProvisionAddress``)."""
        return sent(body={"addressid": address_id, "callername": caller_name}, dn=ten_digit(target))

    @done("DELETE", RECORD)
    def remove_e911(self, target: Target) -> Sent:
        """Remove a number's record (``e911RecordDelete``)."""
        return sent(dn=ten_digit(target))
