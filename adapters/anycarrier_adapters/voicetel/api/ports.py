"""Numbers that are ported in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, TypeAlias

from attrs import frozen

from anycarrier.adapter import InvalidInput, Sent, Target, by_hints, sent
from anycarrier_adapters.voicetel import schemas

from ._base import Area, checked, gets, pays, rfc3339, ten_digit

__all__ = ["Direction", "PortFeature", "Ports"]

Direction: TypeAlias = Literal["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
"""Direction before or behind the name of a street."""


@frozen(kw_only=True, field_transformer=by_hints)
class PortFeature:
    """Settings that one number gets once it is ported.

    Attributes:
        number: one of the numbers that are ported.
        gateway: id of the gateway that its calls go to.
        caller_name: name that it shows when it calls, at most 15 characters.
        campaign_id: 10DLC campaign that it is bound to.
    """

    number: Target
    gateway: int | None = None
    caller_name: str | None = None
    campaign_id: str | None = None


class Ports(Area):
    """``/v2.2/ports``."""

    @gets("/v2.2/ports/availability/{number}", schemas.Portability)
    def portability(self, target: Target) -> Sent:
        """Check that a number can be ported here (``portAvailability``), within the hour before ``port_in``."""
        return sent(number=ten_digit(target))

    @pays("POST", "/v2.2/ports", schemas.PortOrder, 201)
    def port_in(
        self,
        numbers: Sequence[Target],
        *,
        name: str,
        name_type: Literal["business", "residential"],
        billing_number: Target,
        account_number: str,
        authorized_person: str,
        street_number: str,
        street: str,
        street_type: str,
        city: str,
        state: str,
        zip_code: str,
        country: str = "US",
        street_prefix: Direction | None = None,
        street_suffix: Direction | None = None,
        building: str | None = None,
        floor: str | None = None,
        room: str | None = None,
        unit: str | None = None,
        pin: str | None = None,
        desired_due_date: date | None = None,
        features: Sequence[PortFeature] = (),
    ) -> Sent:
        """Port numbers in (``portSubmit``), 6 USD each; check each with ``portability`` within the hour before.

        Args:
            numbers: one or more.
            name: the subscriber's, as it stands on the losing carrier's bill.
            name_type: kind of subscriber.
            billing_number: on the losing carrier's bill.
            account_number: on the losing carrier's bill.
            authorized_person: who may sign the letter of authorization.
            street_number, street: service address.
            street_type: abbreviation, such as ST or AVE.
            city, zip_code: of that address.
            state: two capitals.
            country: two capitals.
            street_prefix, street_suffix: directions.
            building, floor, room: parts of the address.
            unit: kind and number, such as APT 5.
            pin: for porting out; many carriers require it.
            desired_due_date: day of the port; the usual time without one. A ``datetime`` is sent with its time, as the
                schema says, and a ``date`` as a day, as the description says.
            features: settings for after the port.
        """
        if not numbers:
            raise InvalidInput("give one number or more")
        carrier = {"lcBtn": ten_digit(billing_number), "lcAccountNumber": account_number, "pin": pin}
        lines = {"streetNumber": street_number, "street": street, "streetType": street_type}
        directions = {"streetPrefix": street_prefix, "streetSuffix": street_suffix}
        parts = {"building": building, "floor": floor, "room": room, "unitValue": unit}
        place = {"city": city, "state": state, "zip": zip_code, "country": country}
        return sent(
            body={
                "did": [ten_digit(number) for number in numbers],
                "name": name,
                "nameType": name_type,
                "authPerson": authorized_person,
                **carrier,
                **lines,
                **directions,
                **parts,
                **place,
                "desiredDueDate": _day(desired_due_date),
                "features": [_feature(one) for one in features] or None,
            }
        )

    @gets("/v2.2/ports", list[schemas.Port], "ports")
    def ports(self) -> Sent:
        """All ports, present and past (``portList``), newest first."""
        return sent()

    @gets("/v2.2/ports/{id}", schemas.PortDetail, "port")
    def port(self, pid: str) -> Sent:
        """One port (``portGet``), by its ``pid`` and not by the longer ``id``."""
        return sent(id=checked("pid", pid, "[A-Za-z0-9]{5}", "five letters or digits"))


def _day(day: date | None) -> str | None:
    if isinstance(day, datetime):
        return rfc3339("desired_due_date", day)
    return None if day is None else day.isoformat()


def _feature(one: PortFeature) -> dict[str, object]:
    feature: dict[str, object] = {"number": ten_digit(one.number)}
    if one.gateway is not None:
        feature["routing"] = {"gatewayId": one.gateway}
    if one.caller_name is not None:
        name = checked("caller_name", one.caller_name, ".{1,15}", "1 to 15 characters")
        feature["lidb"] = {"name": name}
    if one.campaign_id is not None:
        feature["sms"] = {"campaignId": one.campaign_id}
    return feature
