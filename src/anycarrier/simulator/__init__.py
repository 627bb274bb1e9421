"""Providers that are simulated on this machine: in process or on loopback, with faults on demand.

``anycarrier_adapters.<name>.simulator`` simulates one provider; :func:`load` finds it. In process a client takes
``transport=SimTransport({base_url: simulator})``; over HTTP, :mod:`anycarrier.simulator.server` serves it.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any

from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.registry import names
from anycarrier.simulator.accounts import MAIN, Options, listed
from anycarrier.simulator.core import Simulator
from anycarrier.simulator.faults import KINDS, STANDARD, Fault, FaultPlan
from anycarrier.simulator.joining import Joinable, PortIn, ServiceRecord, join
from anycarrier.simulator.ledger import Charge, Ledger, Seen
from anycarrier.simulator.messages import Call, Failure, Refused, SimAnswer, SimRequest, Window, json_answer
from anycarrier.simulator.routes import event, route
from anycarrier.simulator.scenario import Scenario, read_options, read_scenario
from anycarrier.simulator.transport import AsyncSimTransport, SimTransport
from anycarrier.suggestions import meant, meant_or_all
from anycarrier.validation import shape

__all__ = [
    "KINDS",
    "MAIN",
    "STANDARD",
    "AsyncSimTransport",
    "Call",
    "Charge",
    "Failure",
    "Fault",
    "FaultPlan",
    "Joinable",
    "Ledger",
    "Options",
    "PortIn",
    "Refused",
    "Scenario",
    "Seen",
    "ServiceRecord",
    "SimAnswer",
    "SimRequest",
    "SimTransport",
    "Simulator",
    "Window",
    "event",
    "has_simulator",
    "join",
    "json_answer",
    "listed",
    "load",
    "read_options",
    "read_scenario",
    "route",
]


def load(name: str, **options: Any) -> Simulator:
    """Return the simulator of an adapter: ``SIMULATOR`` of its module ``simulator``, made with *options*.

    Raises:
        ConfigurationError: there is no such simulator.
        InvalidInput: it does not take these options.
    """
    if not isinstance(name, str):
        raise InvalidInput(f"name must be text, the name of a provider, not {shape(name)}")
    module = f"anycarrier_adapters.{name}.simulator"
    if not name.isidentifier():
        raise _no_simulator(name)
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and module.startswith(error.name):
            raise _no_simulator(name) from None
        raise
    kind: type[Simulator] = found.SIMULATOR
    takes = [one for one in signature(kind).parameters if one != "now"]
    unknown = sorted(options.keys() - {*takes, "now"})
    if unknown:
        near = "".join(meant(one, takes) for one in unknown)
        raise InvalidInput(f"the simulator of {name} takes {', '.join(takes)}, not {', '.join(unknown)}{near}")
    try:
        return kind(**options)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InvalidInput(f"the simulator of {name} cannot be made with these options: {error}") from None


def _no_simulator(name: str) -> ConfigurationError:
    known = [one for one in names() if has_simulator(one)]
    return ConfigurationError(f"no simulator is called {name!r}{meant_or_all(name, known)}")


def has_simulator(name: str) -> bool:
    """Return whether the provider called *name* can be simulated here."""
    try:
        return find_spec(f"anycarrier_adapters.{name}.simulator") is not None
    except ImportError:  # a provider that is no package of anycarrier_adapters, or that cannot be imported here
        return False
