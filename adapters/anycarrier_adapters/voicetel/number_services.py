"""Emergency addresses, caller names, look-ups: OpenAPI, E911, numbersLidb, Lookups.

No operation says plainly that a number has none, or is not on the account: the record of one number answers 401 for a
number of others, as for a wrong key, and 409 ("Query failed") where there is none, as after a failure. So the number
and the list of all records decide.
"""

from __future__ import annotations

import re

from attrs import evolve

from anycarrier.adapter import (
    AnyCarrierError,
    AuthenticationFailed,
    CallerName,
    Conflict,
    EmergencyAddress,
    EmergencyRecord,
    Exchange,
    InvalidInput,
    InvalidRequest,
    LookUp,
    NotFound,
    Owning,
    PhoneNumber,
    Target,
    UnexpectedResponse,
    attributed_to,
)

from .api import PROVIDER, Api
from .schemas import E911Address, E911Record, RouteLookup

__all__ = ["NumberServices"]


class NumberServices(Owning):
    """The operations on emergency addresses and caller names, and the look-up."""

    api: Api

    def emergency_address(self, target: Target) -> Exchange[EmergencyRecord | None]:
        """The record of the number, which VoiceTel writes in capitals."""
        number = self.number_of(target, "emergency_address")
        return (yield from attributed_to("emergency_address", self._record(number)))

    def set_emergency_address(self, target: Target, address: EmergencyAddress) -> Exchange[EmergencyRecord]:
        """Two requests: the address is checked, and then what was checked is set."""
        number = self.number_of(target, "set_emergency_address")
        return (yield from attributed_to("set_emergency_address", self._set(number, address)))

    def remove_emergency_address(self, target: Target) -> Exchange[None]:
        """VoiceTel answers 409 where there is no record: what the number has is read then."""
        number = self.number_of(target, "remove_emergency_address")
        yield from attributed_to("remove_emergency_address", self._remove(number))

    def check_emergency_address(self, address: EmergencyAddress) -> Exchange[EmergencyAddress]:
        """The address as the emergency service writes it; the name stays, as nothing checks it."""
        valid = yield from attributed_to("check_emergency_address", self._checked(address))
        return _address(valid, address.name)

    def emergency_addresses(self) -> Exchange[list[EmergencyRecord]]:
        """All records of the account, in one answer."""
        return [self._of(record) for record in (yield from self.api.e911_records())]

    # -- caller names

    def caller_name(self, target: Target) -> Exchange[CallerName]:
        """Read whether callers' names are looked up. No operation tells the number's own name without a charge."""
        number = self.number_of(target, "caller_name")
        answer = yield from self.api.one.answer(number=number.ten_digit, operation="caller_name")
        return CallerName(**self.mine, number=number, shows_callers=answer.value.cnam, raw=answer.raw())

    def set_caller_name(self, target: Target, name: str) -> Exchange[CallerName]:
        """VoiceTel answers with success although the carrier refuses the name: ``carrierStatus`` decides."""
        number = self.number_of(target, "set_caller_name")
        if not re.fullmatch("[A-Za-z0-9 ]{1,15}", name):
            raise InvalidInput("name must be 1 to 15 letters, digits and spaces, such as 'ACME CORP'")
        done = yield from attributed_to("set_caller_name", self.api.set_caller_name(number, name))
        if done.cnam is not None and done.cnam.strip().casefold() != name.strip().casefold():
            raise UnexpectedResponse(
                "the answer shows another name than the request",
                provider=PROVIDER,
                operation="set_caller_name",
                maybe_applied=True,
            )
        if done.carrier_status is not None and done.carrier_status.casefold() != "success":
            raise Conflict(
                "VoiceTel has taken the name, and the carrier has not",
                provider=PROVIDER,
                operation="set_caller_name",
                detail=done.carrier_status,
                maybe_applied=True,
            )
        return CallerName(**self.mine, number=number, name=done.cnam or name, raw=done.raw)

    # -- look-up

    def look_up(self, target: Target, *, carrier: bool = True, caller_name: bool = True) -> Exchange[LookUp]:
        """Two requests, each paid for at the account's rate. The caller that ``lrnLookup`` needs is the number itself:
        it decides on jurisdiction alone, which is not read."""
        number = self.number_of(target, "look_up")
        found = LookUp(**self.mine, number=number)
        try:
            if carrier:
                found = _with_carrier(found, (yield from self.api.lrn_lookup(number, number)))
            if caller_name:
                named = yield from self.api.cnam_lookup(number)
                found = evolve(found, caller_name=named.cnam, raw={**found.raw, "caller_name": named.raw})
        except AnyCarrierError as error:
            error.operation = "look_up"
            if found.raw:
                error.applied = (found,)
            raise
        return found

    # -- steps

    def _record(self, number: PhoneNumber) -> Exchange[EmergencyRecord | None]:
        try:
            return self._of((yield from self.api.e911(number)))
        except AuthenticationFailed:
            yield from self.fetch(number)
            raise
        except Conflict:
            yield from self.fetch(number)
        records = yield from self.emergency_addresses()
        return next((record for record in records if record.number == number), None)

    def _set(self, number: PhoneNumber, address: EmergencyAddress) -> Exchange[EmergencyRecord]:
        valid = yield from self._checked(address)
        try:
            return self._of((yield from self.api.set_e911(number, valid.addressid, address.name)))
        except Conflict:
            yield from self._unless_absent(number)
            raise

    def _remove(self, number: PhoneNumber) -> Exchange[None]:
        try:
            yield from self.api.remove_e911(number)
        except Conflict:
            if (yield from self._record(number)) is not None:
                raise

    def _checked(self, address: EmergencyAddress) -> Exchange[E911Address]:
        try:
            return (
                yield from self.api.validate_e911(
                    address1=address.street,
                    address2=address.unit,
                    city=address.city,
                    state=address.state.strip().upper(),
                    zip_code=address.postal_code,
                )
            )
        except Conflict as error:
            raise InvalidRequest(
                "the emergency service refuses the address",
                provider=PROVIDER,
                status=error.status,
                code=error.code,
                detail=error.detail,
                request_id=error.request_id,
            ) from error

    def _unless_absent(self, number: PhoneNumber) -> Exchange[None]:
        """Raise ``NotFound`` if the number is provably not on the account."""
        try:
            yield from self.fetch(number)
        except NotFound:
            raise
        except AnyCarrierError:
            return

    def _of(self, record: E911Record) -> EmergencyRecord:
        address = _address(record, record.callername)
        return EmergencyRecord(**self.mine, number=record.dn, address=address, raw=record.raw)


def _with_carrier(found: LookUp, route: RouteLookup) -> LookUp:
    raw = {**found.raw, "carrier": route.raw}
    lrn = route.lrn
    if lrn is None:
        return evolve(found, raw=raw)
    return evolve(
        found,
        carrier=lrn.lec,
        carrier_kind=lrn.lec_type,
        ocn=lrn.ocn,
        lrn=lrn.lrn,
        rate_center=lrn.rc,
        city=lrn.city,
        state=lrn.state,
        lata=lrn.lata,
        raw=raw,
    )


def _address(record: E911Address | E911Record, name: str | None) -> EmergencyAddress:
    try:
        return EmergencyAddress(
            name=name or "",
            street=record.address1 or "",
            unit=record.address2 or None,
            city=record.city or "",
            state=record.state or "",
            postal_code=record.zip or "",
        )
    except InvalidInput as error:
        raise UnexpectedResponse(
            f"the emergency address of the answer cannot be read: {error.message}", provider=PROVIDER
        ) from None
