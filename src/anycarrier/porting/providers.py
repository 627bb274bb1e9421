"""Providers that port numbers in."""

from __future__ import annotations

from typing import Protocol

from anycarrier.provider import Gets, Lists, PortsIn, Provider

__all__ = ["PortProvider"]


class PortProvider(Provider, PortsIn, Gets, Lists, Protocol):
    """Provider that ports numbers in, and shows whether they are there."""
