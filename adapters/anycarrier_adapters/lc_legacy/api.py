"""The legacy LC API, operation by operation: each function returns an exchange for ``client.run``.

Source: ``apps/phone-system.json`` of GoHighLevel/highlevel-api-docs (2026-05-01). What it shares with v3 is in the
private package beside this one.
"""

from __future__ import annotations

from anycarrier_adapters._leadconnector import api

__all__ = ["PROVIDER", "Api"]

PROVIDER = "lc_legacy"


class Api(api.Api):
    """All requests of one location, with ``Version: 2021-07-28``."""

    provider = PROVIDER
    headers = {"version": "2021-07-28"}  # noqa: RUF012
