"""LC Phone v3, operation by operation: each function returns an exchange for ``client.run``.

Source: ``apps/v3/phone-system-v3.json`` of GoHighLevel/highlevel-api-docs (2026-06-19). What v3 shares with the legacy
API is in the private package beside this one.
"""

from __future__ import annotations

from collections.abc import Sequence

from anycarrier.adapter import Exchange, Rows, collect, numbered, reads_rows
from anycarrier_adapters._leadconnector import api
from anycarrier_adapters._leadconnector.schemas import RcsPage, RcsRow, RcsSenderId

__all__ = ["PROVIDER", "Api"]

PROVIDER = "lc_phone"


class Api(api.Api):
    """All requests of one location, with ``Version: v3``."""

    provider = PROVIDER
    headers = {"version": "v3"}  # noqa: RUF012

    senders = numbered(
        reads_rows(api.LOCATION, RcsRow, at=("data?", "numbers"), around=RcsPage),
        number="number",
        name=lambda row: row.number,
        start=0,
        size=("pageSize", api.PAGE_SIZE),
        stated_size=lambda page: page.page_size,
        total=lambda page: page.total,
    )

    def rcs_sender_ids(self) -> Exchange[list[RcsSenderId]]:
        """The location's RCS sender ids (``active-numbers`` with ``includeRcsSenderIds``): no phone numbers."""

        def convert(rows: Rows[RcsRow, RcsPage]) -> Sequence[RcsSenderId]:
            return [*(rows.around.rcs_sender_ids or ()), *rows]

        query = {"skipNumberPool": False, "includeRcsSenderIds": True}
        operation = f"{PROVIDER}.rcs_sender_ids"
        found = yield from collect(self.senders(convert, query=query, operation=operation))
        return list({sender.number: sender for sender in found}.values())
