"""Emergency addresses."""

from __future__ import annotations

from anycarrier.adapter import Details, Number, Text

__all__ = ["E911Address", "E911Record"]


class E911Address(Details):
    """Address that was checked, as the emergency service writes it (``e911ValidatedAddress``).

    Attributes:
        addressid: for ``set_e911``.
        address1: street and house number; ``address2`` has apartment, suite or floor.
        state: two capitals.
    """

    addressid: int
    address1: Text = None
    address2: Text = None
    city: Text = None
    state: Text = None
    zip: Text = None


class E911Record(Details):
    """Emergency address of a number (``e911Entry``).

    Attributes:
        dn: the number.
        callername: name that the dispatcher sees.
        address1: street and house number; ``address2`` has apartment, suite or floor.
        state: two capitals.
    """

    dn: Number
    callername: Text = None
    address1: Text = None
    address2: Text = None
    city: Text = None
    state: Text = None
    zip: Text = None
