"""Scenario files: a seed, faults and options for simulators, in TOML; and options as a command line has them."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.simulator.faults import Fault

__all__ = ["Scenario", "read_options", "read_scenario"]


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


def read_options(texts: Iterable[str], names: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Return options by the simulator's name, from texts such as ``PROVIDER.accounts.second.balance=5``.

    Args:
        texts: a path and a value each. The value is TOML, or else text, as a number with its plus sign; the name may
            be left out where there is one.
        names: of the simulators that are made.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        steps = path.split(".")
        if len(names) == 1 and steps[0] not in names:
            steps = [*names, *steps]
        if not equals or len(steps) < 2 or steps[0] not in names or not all(steps):
            raise InvalidInput(f"an option is PROVIDER.NAME=VALUE, of {', '.join(sorted(names))}, not {text}")
        place: Any = found
        for step in steps[:-1]:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise InvalidInput(f"{step} has a value already, and {text} is another")
        place[steps[-1]] = _value(value)
    return found


def _value(text: str) -> Any:
    if text.startswith("+"):  # a phone number: as TOML it would be a whole number, without its plus sign
        return text
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except ValueError:
        return text
