"""VoiceTel v2.2, operation by operation: all 74, each a function that returns an exchange for ``client.run``.

``client.run(client.provider.api.gateways())``. Each returns a record of :mod:`anycarrier_adapters.voicetel.schemas`, or
a list of them; members that are newer than those are in ``raw``. Source of every method, path, field and status: the
official OpenAPI document, version 2.2.10, whose name of the operation stands in each docstring.
"""

from __future__ import annotations

from ._base import PROVIDER
from .account import Account
from .authentication import Authentication
from .e911 import E911
from .gateways import Gateways
from .inventory import KEY_FORM, ORDER_MOST, Inventory, OrderLine
from .lookups import Lookups
from .messaging import Messaging
from .numbers import UNBINDABLE, Numbers
from .ports import PortFeature, Ports
from .support import Support

__all__ = ["KEY_FORM", "ORDER_MOST", "PROVIDER", "UNBINDABLE", "Api", "OrderLine", "PortFeature"]


class Api(Account, Authentication, E911, Gateways, Inventory, Lookups, Messaging, Numbers, Ports, Support):
    """All requests of one account."""
