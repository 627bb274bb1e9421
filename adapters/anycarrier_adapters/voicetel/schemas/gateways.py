"""Gateways: destinations of calls."""

from __future__ import annotations

from anycarrier.adapter import Details, Flag, Number, NumberOrText, Text, Whole

__all__ = ["Gateway", "GatewayNumber"]


class Gateway(Details):
    """Gateway or system route (``gatewayEntry``).

    Attributes:
        id: for ``ToGateway`` and wherever a route is expected.
        gateway: address with a port, or the name of a system route.
        prefix: digits that are put before the number.
        limit: most calls at once; ``None`` for system routes.
        system: it cannot be changed.
    """

    id: int
    gateway: Text = None
    prefix: Text = None
    limit: Whole = None
    system: Flag = None


class GatewayNumber(Details):
    """Number that is routed to a gateway.

    Attributes:
        translated: digits that are sent to the gateway instead of the number.
        carrier: id of the carrier that its texts leave by; 0 for none.
        cnam: callers' names are looked up.
        forward: calls are forwarded, to ``forward_to``.
        sms_enabled: texts go somewhere; ``fax_enabled`` is the same for faxes.
    """

    number: Number
    translated: NumberOrText = None
    carrier: Whole = None
    cnam: Flag = None
    forward: Flag = None
    forward_to: NumberOrText = None
    sms_enabled: Flag = None
    fax_enabled: Flag = None
