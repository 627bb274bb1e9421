"""Simulators by their names; each lives beside its adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

from anycarrier.cli.output import warn
from anycarrier.errors import ConfigurationError
from anycarrier.installation import how_to_install
from anycarrier.registry import names
from anycarrier.simulator import Simulator, load

__all__ = ["found", "server"]


def found(
    wanted: Sequence[str], own: Mapping[str, Mapping[str, object]] | None = None, **options: object
) -> list[Simulator]:
    """The simulators called *wanted*, or all of them.

    Args:
        wanted: names of providers.
        own: options of each simulator.
        options: options of all simulators.
    """
    more = own or {}
    if wanted:
        return [load(name, **{**options, **more.get(name, {})}) for name in dict.fromkeys(wanted)]
    every: list[Simulator] = []
    for name in names():
        try:
            every.append(load(name, **{**options, **more.get(name, {})}))
        except ConfigurationError:
            continue  # a provider without one
        except ImportError as error:
            warn(f"the simulator of {name} cannot be loaded: {error}")
    if not every:
        raise ConfigurationError("no provider that is installed has a simulator")
    return every


def server() -> ModuleType:
    """The HTTP server, which needs an extra."""
    try:
        from anycarrier.simulator import server as module
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "anycarrier":
            raise
        raise ConfigurationError(
            f"simulators over HTTP need {error.name}, which is not installed: {how_to_install('simulator')}"
        ) from None
    return module
