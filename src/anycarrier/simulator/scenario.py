"""Scenario files: a seed, faults and options for simulators, in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.simulator.faults import Fault

__all__ = ["Scenario", "read_scenario"]


@frozen
class Scenario:
    """The contents of a scenario file.

    Attributes:
        seed: for every simulator's random; ``None`` where the file has none.
        faults: pairs of a simulator's name (``None`` for all) and a fault, in order.
        options: arguments for the simulators' classes, by name.
    """

    seed: int | None = None
    faults: tuple[tuple[str | None, Fault], ...] = field(default=())
    options: Mapping[str, Mapping[str, Any]] = field(factory=dict[str, Mapping[str, Any]])

    def of(self, name: str) -> tuple[Fault, ...]:
        """Return the faults for the simulator of that name."""
        return tuple(fault for target, fault in self.faults if target in (None, name))


def read_scenario(text: str) -> Scenario:
    """Return a scenario from TOML.

    It has a ``seed``, any number of ``[[fault]]``, each for one ``simulator`` or for all, and ``[options.NAME]`` with
    arguments for the class of that simulator.
    """
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"the scenario is not TOML: {error}") from None
    except (ValueError, RecursionError):
        raise InvalidInput("the scenario is not TOML: it holds what no scenario does") from None
    unknown = document.keys() - {"seed", "fault", "options"}
    if unknown:
        raise InvalidInput(f"a scenario has seed, [[fault]] and [options.NAME], not {', '.join(sorted(unknown))}")
    seed, listed, options = document.get("seed"), document.get("fault", []), document.get("options", {})
    if not (isinstance(options, dict) and all(isinstance(one, dict) for one in options.values())):
        raise InvalidInput("options are written as [options.NAME], with a simulator's name")
    if not (seed is None or (isinstance(seed, int) and not isinstance(seed, bool))):
        raise InvalidInput("a scenario's seed is a whole number")
    if not isinstance(listed, list):
        raise InvalidInput("faults are written as [[fault]]")
    faults: list[tuple[str | None, Fault]] = []
    for entry in listed:
        target = entry.pop("simulator", None)
        if not (target is None or isinstance(target, str)):
            raise InvalidInput("a fault's simulator is a name")
        faults.append((target, Fault.read(entry)))
    return Scenario(seed, tuple(faults), options)
