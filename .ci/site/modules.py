"""Modules of the Python reference, in the order of their pages: one page each, or several for ``anycarrier`` itself."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, NamedTuple


class Page(NamedTuple):
    """A page of the reference: names of one module that belong together."""

    name: str
    """Name of the page's file."""
    module: str
    """Module that the names are imported from."""
    title: str
    homes: tuple[str, ...] = ()
    """Modules of the definitions, for a page with a part of its module's names; empty for all."""
    first: tuple[str, ...] = ()
    """Names that come first."""


PAGES = (
    Page("client", "anycarrier", "Clients and accounts", ("client",), ("Client", "AsyncClient")),
    Page("model", "anycarrier", "Offers, numbers, routes", ("model", "search", "money", "numbers", "words")),
    Page("account", "anycarrier", "Balances, pools, campaigns", ("account_records",)),
    Page("services", "anycarrier", "Emergency addresses, caller names, look-ups", ("number_services",)),
    Page("ports_and_plans", "anycarrier", "Ports and desired states", ("ports", "port_records", "desired_state")),
    Page("json", "anycarrier", "JSON", ("json_forms",)),
    Page("settings", "anycarrier", "Settings, secrets, timeouts, features", ("secret_store", "transports", "features")),
    Page("errors", "anycarrier.errors", "Errors"),
    Page("failover", "anycarrier.failover", "Failover"),
    Page("purchase", "anycarrier.purchase", "Orders and purchases"),
    Page("journal", "anycarrier.purchase.journal", "Journal"),
    Page("jobs", "anycarrier.jobs", "Jobs"),
    Page("desired_state", "anycarrier.desired_state", "Desired state"),
    Page("ports", "anycarrier.ports", "Ports"),
    Page("switching", "anycarrier.switching", "Switches"),
    Page("number_files", "anycarrier.number_files", "Files of numbers"),
    Page("json_forms", "anycarrier.json_forms", "JSON forms"),
    Page("features", "anycarrier.features", "Features"),
    Page("capabilities", "anycarrier.capabilities", "Capabilities"),
    Page("registry", "anycarrier.registry", "Registry of providers"),
    Page("transports", "anycarrier.transports", "Transports"),
    Page("simulator", "anycarrier.simulator", "Simulator"),
    Page("simulator_server", "anycarrier.simulator.server", "Simulator over HTTP"),
    Page("testing", "anycarrier.testing", "Testing"),
    Page("adapter", "anycarrier.adapter", "Adapter kit"),
)


def home(thing: Any) -> str | None:
    """Return the dotted name of a thing's definition, or None for a value without one."""
    module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
    return f"{module}.{name}" if isinstance(module, str) and isinstance(name, str) else None


def members(page: Page) -> Iterator[tuple[str, Any]]:
    """Yield a page's public names with what they stand for."""
    module = importlib.import_module(page.module)
    for name in sorted(module.__all__, key=lambda name: (name not in page.first, name not in page.first[:1])):
        thing = getattr(module, name)
        if not name.startswith("_") and (not page.homes or _room(page.module, name, thing) in page.homes):
            yield name, thing


def _room(module: str, name: str, thing: Any) -> str:
    """Return the first part of the definition's module below *module*."""
    defined = getattr(thing, "__module__", "")
    if defined.startswith(f"{module}."):
        return str(defined.removeprefix(f"{module}.").split(".")[0])
    for page in PAGES:  # an alias, such as a union of types, stands where the module that exports it does
        for candidate in page.homes:
            exported = importlib.import_module(f"{module}.{candidate}")
            if name in getattr(exported, "__all__", ()):
                return candidate
    return ""


def present(page: Page) -> bool:
    """Return whether the page's module exists."""
    try:
        importlib.import_module(page.module)
    except ModuleNotFoundError as missing:
        if missing.name == page.module:
            return False
        raise
    return True
