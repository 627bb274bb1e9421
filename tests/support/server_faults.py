"""Faults of simulators behind sockets, for campaigns with real processes."""

from __future__ import annotations

from typing import Any


def server_faults(*, hang: float, late: float) -> tuple[dict[str, Any], ...]:
    """Faults that every campaign has; *hang* and *late* are seconds."""
    return (
        {"kind": "reset", "done": True},
        {"kind": "reset", "done": False},
        {"kind": "hang", "done": True, "seconds": hang},
        {"kind": "error", "done": True, "status": 500},
        {"kind": "error", "done": False, "status": 503},
        {"kind": "truncate", "done": True},
        {"kind": "late", "seconds": late},
    )
