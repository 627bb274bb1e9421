"""VoiceTel v2.2, operation by operation: all 74, each a function that returns an exchange for ``client.run``.

``client.run(client.provider.api.gateways())``. The neutral operations use the same functions, and those return typed
records; the others return ``data`` as VoiceTel sends it. Source of every method, path, field and status: the official
OpenAPI document, version 2.2.10, whose name of the operation stands in each docstring.
"""

from __future__ import annotations

from ._base import PROVIDER, Data
from .account import Account
from .authentication import Authentication
from .e911 import E911
from .gateways import Gateways
from .inventory import ORDER_MOST, Inventory
from .lookups import Lookups
from .messaging import Messaging
from .numbers import UNBINDABLE, Numbers
from .support import Support

__all__ = ["ORDER_MOST", "PROVIDER", "UNBINDABLE", "Api", "Data"]


class Api(Account, Authentication, E911, Gateways, Inventory, Lookups, Messaging, Numbers, Support):
    """All requests of one account."""
