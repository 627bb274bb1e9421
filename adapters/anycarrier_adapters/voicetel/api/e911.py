"""Emergency addresses. Requests take ten digits; answers have eleven, with a 1 in front."""

from __future__ import annotations

from anycarrier.adapter import Exchange, NotFound, Sent, Target, sent

from ._base import Area, Data, changes, done, gets, lists, ten_digit

__all__ = ["E911"]

RECORD = "/v2.2/e911/{dn}"


class E911(Area):
    """``/v2.2/e911``. An address that is refused is a ``Conflict``."""

    _records = lists("/v2.2/e911", "records")

    def e911_records(self) -> Exchange[list[Data]]:
        """All records (``e911QueryAll``); VoiceTel answers 404 when there are none."""
        try:
            return (yield from self._records())
        except NotFound:
            return []

    @gets(RECORD)
    def e911(self, target: Target) -> Sent:
        """One number's record (``e911QueryRecord``). A number that is not on the account answers 401."""
        return sent(dn=ten_digit(target))

    @changes("POST", "/v2.2/e911", 201)
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

    @changes("POST", "/v2.2/e911/validations")
    def validate_e911(
        self, *, address1: str, city: str, state: str, zip_code: str, address2: str | None = None
    ) -> Sent:
        """Check an address (``e911Validate``): answers its ``addressid``."""
        return sent(body={"address1": address1, "address2": address2, "city": city, "state": state, "zip": zip_code})

    @changes("PUT", RECORD)
    def set_e911(self, target: Target, address_id: int, caller_name: str) -> Sent:
        """Set an address that was checked (``e911ProvisionAddress``)."""
        return sent(body={"addressid": address_id, "callername": caller_name}, dn=ten_digit(target))

    @done("DELETE", RECORD)
    def remove_e911(self, target: Target) -> Sent:
        """Remove a number's record (``e911RecordDelete``)."""
        return sent(dn=ten_digit(target))
