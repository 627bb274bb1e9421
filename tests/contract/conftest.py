"""Variants of contracts, of which the suite runs one mode, and a soak the other: both are driven from one source."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to a soak what is not of the mode that ``one_mode`` names."""
    for item in items:
        if (marker := item.get_closest_marker("one_mode")) and isinstance(item, pytest.Function):
            mode = item.callspec.params.get("mode") if hasattr(item, "callspec") else None
            if mode not in (None, *marker.args):
                item.add_marker("soak")
