"""Drift: an answer that differs a little from the documents."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from typing import Any, TypeAlias, cast

from anycarrier.errors import InvalidInput
from anycarrier.simulator.faults import Change, Fault

__all__ = ["drifted"]

Place: TypeAlias = tuple[str | int, ...]


def drifted(body: bytes, fault: Fault, chance: random.Random) -> bytes:
    """Return *body* with the change of *fault*; unchanged where nothing fits."""
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if fault.at is not None:
        places = _places(document, fault.at.split("."), adding=fault.change == "add")
    else:
        fitting = [place for place, value in _leaves(document) if _suits(fault.change, value)]
        places = [chance.choice(fitting)] if fitting else []
        if fault.change == "add":
            places = [(*places[0][:-1], "addedLater")] if places else []
    for place in places:
        document = _changed(document, place, fault.change)
    return json.dumps(document, ensure_ascii=False).encode()


def _leaves(value: object, place: Place = ()) -> Iterable[tuple[Place, object]]:
    members: Iterable[tuple[str | int, object]]
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
    elif isinstance(value, list):
        members = enumerate(value)
    else:
        # Only members of objects drift: a list has no names to drop or to rename.
        if place and isinstance(place[-1], str):
            yield place, value
        return
    for name, member in members:
        yield from _leaves(member, (*place, name))


def _suits(change: Change, value: object) -> bool:
    if change == "text":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) if change == "word" else True


def _places(value: object, names: list[str], place: Place = (), *, adding: bool) -> list[Place]:
    if not names:
        return [place]
    name, rest = names[0], names[1:]
    found: list[Place] = []
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if adding and not rest and name != "*":
            return [(*place, name)]
        for key in members if name == "*" else [name] if name in members else []:
            found += _places(members[key], rest, (*place, key), adding=adding)
    elif isinstance(value, list):
        items: list[object] = value
        for index in range(len(items)) if name == "*" else [int(name)] if name.isdigit() else []:
            if index < len(items):
                found += _places(items[index], rest, (*place, index), adding=adding)
    return found


def _changed(document: Any, place: Place, change: Change) -> object:
    holder, last = document, place[-1]
    for name in place[:-1]:
        holder = holder[name]
    match change:
        case "drop":
            del holder[last]
        case "add":
            holder[last] = "added by drift"
        case "rename" if isinstance(last, str):
            holder[last + "Renamed"] = holder.pop(last)
        case "rename":
            raise InvalidInput("only a member of an object can be renamed")
        case "word":
            holder[last] = "word_nobody_knows"
        case "text":
            holder[last] = str(holder[last])
        case "null":
            holder[last] = None
    return document
