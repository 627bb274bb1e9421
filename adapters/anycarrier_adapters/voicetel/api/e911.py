"""Emergency addresses. Requests take ten digits; answers have eleven, with a 1 in front."""

from __future__ import annotations

from anycarrier.errors import NotFound
from anycarrier.exchange import Exchange
from anycarrier.model import Target

from ._base import Base, Data, ten_digit

__all__ = ["E911"]


class E911(Base):
    """``/v2.2/e911``. An address that is refused is a ``Conflict``."""

    def e911_records(self) -> Exchange[list[Data]]:
        """All records (``e911QueryAll``); VoiceTel answers 404 when there are none."""
        try:
            return (yield from self._rows("voicetel.e911_records", "/v2.2/e911", "records"))
        except NotFound:
            return []

    def e911(self, target: Target) -> Exchange[Data]:
        """One number's record (``e911QueryRecord``). A number that is not on the account answers 401."""
        return self._data("voicetel.e911", "GET", "/v2.2/e911/{dn}", dn=ten_digit(target))

    def create_e911(
        self, target: Target, caller_name: str, *, address1: str, city: str, state: str, zip_code: str,
        address2: str | None = None,
    ) -> Exchange[Data]:  # fmt: skip
        """Check an address and set it for a number (``e911Create``)."""
        body = {
            "dn": ten_digit(target), "callername": caller_name, "address1": address1, "address2": address2,
            "city": city, "state": state, "zip": zip_code,
        }  # fmt: skip
        return self._data("voicetel.create_e911", "POST", "/v2.2/e911", (201,), body=body)

    def validate_e911(
        self, *, address1: str, city: str, state: str, zip_code: str, address2: str | None = None
    ) -> Exchange[Data]:
        """Check an address (``e911Validate``): answers its ``addressid``."""
        body = {"address1": address1, "address2": address2, "city": city, "state": state, "zip": zip_code}
        return self._data("voicetel.validate_e911", "POST", "/v2.2/e911/validations", body=body)

    def set_e911(self, target: Target, address_id: int, caller_name: str) -> Exchange[Data]:
        """Set an address that was checked (``e911ProvisionAddress``)."""
        body = {"addressid": address_id, "callername": caller_name}
        return self._data("voicetel.set_e911", "PUT", "/v2.2/e911/{dn}", body=body, dn=ten_digit(target))

    def remove_e911(self, target: Target) -> Exchange[None]:
        """Remove a number's record (``e911RecordDelete``)."""
        return self._done("voicetel.remove_e911", "DELETE", "/v2.2/e911/{dn}", dn=ten_digit(target))
