"""Lookups."""

from __future__ import annotations

from anycarrier.adapter import Details, NumberOrText, OptionalNumber, Text

__all__ = ["CallerName", "CarrierRoute", "RouteLookup"]


class CallerName(Details):
    """Name that a caller's number shows."""

    number: OptionalNumber = None
    cnam: Text = None


class CarrierRoute(Details):
    """Routing number and carrier of a number (``lrnData``).

    Attributes:
        lrn: routing number: that of the switch which serves the number.
        ocn: operating company number of the carrier.
        lec: name of the carrier; ``lec_type`` its kind.
        rc: rate center.
        jurisdiction: INTERSTATE, INTRASTATE and the like, as seen from the caller.
        local: Y or N.
    """

    lrn: NumberOrText = None
    ocn: Text = None
    lec: Text = None
    lec_type: Text = None
    rc: Text = None
    city: Text = None
    state: Text = None
    lata: Text = None
    jurisdiction: Text = None
    local: Text = None


class RouteLookup(Details):
    """Lookup of the number ``destination``, called by ``ani``."""

    destination: OptionalNumber = None
    ani: OptionalNumber = None
    lrn: CarrierRoute | None = None
