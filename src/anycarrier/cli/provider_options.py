"""Options that only one provider has, from ``--option NAME=VALUE``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, get_type_hints

import attrs

from anycarrier.cli.call_values import value_of
from anycarrier.errors import InvalidInput
from anycarrier.model import ProviderOptions, Route
from anycarrier.suggestions import meant

__all__ = ["options_for", "routes_for"]

PURCHASE = ("buy", "search")
"""Operations whose options a purchase takes: an order searches first."""


def options_for(
    args: argparse.Namespace, providers: Sequence[Any], operations: Iterable[str] = PURCHASE
) -> list[ProviderOptions]:
    """The options objects of *operations* that the command line names, at most one of each class.

    A name without a provider is for every one of *providers* that has it.

    Raises:
        InvalidInput: a name that none of them has, a value that is none, or a required one that is missing.
    """
    return _made(args, providers, tuple(operations))


def routes_for(args: argparse.Namespace, provider: Any) -> list[Route]:
    """The route that only this provider has, if the command line names its fields."""
    return _made(args, [provider], ("route",))


def _made(args: argparse.Namespace, providers: Sequence[Any], operations: tuple[str, ...]) -> list[Any]:
    classes: dict[type[Any], str] = {}
    for provider in providers:
        declared = getattr(type(provider), "option_classes", {})
        classes |= {declared[one]: provider.name for one in operations if one in declared}
    values: dict[type[Any], dict[str, Any]] = {}
    for typed, text in args.options:
        whose, _, name = typed.rpartition(".")
        takers = [cls for cls, owner in classes.items() if whose in ("", owner) and name in _fields(cls)]
        if not takers:
            raise InvalidInput(_unknown(typed, classes, [one.name for one in providers], operations))
        for cls in takers:
            if name in values.setdefault(cls, {}):
                raise InvalidInput(f"--option {typed} appears twice")
            values[cls][name] = value_of(_fields(cls)[name], text, f"--option {typed}")
    return [_object(cls, members, classes[cls]) for cls, members in values.items()]


def _fields(cls: type[Any]) -> dict[str, Any]:
    """Names and annotations of the fields of an attrs class."""
    hints = get_type_hints(cls, include_extras=True)
    return {one.name: hints[one.name] for one in attrs.fields(cls) if one.init}


def _object(cls: type[Any], members: dict[str, Any], provider: str) -> Any:
    needed = [one.name for one in attrs.fields(cls) if one.init and one.default is attrs.NOTHING]
    if missing := [name for name in needed if name not in members]:
        with_it = ", ".join(members)
        raise InvalidInput(f"{provider} needs {', '.join(missing)} with {with_it}: add --option {missing[0]}=...")
    return cls(**members)


def _unknown(typed: str, classes: dict[type[Any], str], providers: list[str], operations: tuple[str, ...]) -> str:
    whose, _, name = typed.rpartition(".")
    if whose and whose not in providers:
        others = sorted(set(providers))
        said = meant(whose, others) or f": {', '.join(others)}"
        return f"--option {typed}: {whose} is none of the providers of this command{said}"
    known = {owner: [*_fields(cls)] for cls, owner in classes.items()}
    known = {owner: [one for cls, held in classes.items() if held == owner for one in _fields(cls)] for owner in known}
    every = [one for names in known.values() for one in names]
    operation = operations[0]
    if not known:
        return f"--option {typed}: {' and '.join(sorted(set(providers)))} has no options of its own for {operation}"
    has = "; ".join(f"{owner} has {', '.join(names)}" for owner, names in known.items())
    return f"--option {typed} does not exist{meant(name, every) or f'; for {operation} {has}'}"
