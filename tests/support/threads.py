"""The threads that a client makes."""

from __future__ import annotations

import threading

__all__ = ["threads_of_clients"]


def threads_of_clients() -> list[threading.Thread]:
    """Those that are running, and not those of simulators, which may serve a whole run of pytest."""
    return [one for one in threading.enumerate() if one.name in ("anycarrier", "anycarrier-ahead")]
