"""LC Phone v3, operation by operation: each function returns an exchange for ``client.run``.

Source: ``apps/v3/phone-system-v3.json`` of GoHighLevel/highlevel-api-docs (2026-06-19). What v3 shares with the legacy
API is in the private package beside this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import frozen

from anycarrier.exchange import Exchange, collect
from anycarrier.wire import pairs
from anycarrier_adapters._leadconnector import api

if TYPE_CHECKING:
    from . import schemas

__all__ = ["PROVIDER", "Api"]

PROVIDER = "lc_phone"


@frozen
class Api(api.Api):
    """All requests of one location, with ``Version: v3``."""

    provider: ClassVar[str] = PROVIDER
    version: ClassVar[str] = "v3"

    def rcs_sender_ids(self) -> Exchange[list[schemas.RcsSenderId]]:
        """The location's RCS sender ids (``active-numbers`` with ``includeRcsSenderIds``): no phone numbers."""
        query = pairs(skipNumberPool=False, includeRcsSenderIds=True)
        pages = yield from collect(self._pages(query, api.PAGE_SIZE, False, f"{PROVIDER}.rcs_sender_ids"))
        found = {sender.number: sender for page in pages for sender in page.rcs_senders}
        return list(found.values())
