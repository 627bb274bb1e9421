"""Answers of a simulator, changed in transit: withheld rows, another number, a stale copy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from attrs import evolve

from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import Failure, SimAnswer, SimRequest, Simulator

__all__ = ["Handle", "altered", "answers", "blanked", "operation_of", "renamed", "text_members", "withheld"]

Handle: TypeAlias = Callable[[SimRequest], "SimAnswer | Failure"]


@contextmanager
def altered(simulator: Simulator, handle: Callable[[Handle, SimRequest], SimAnswer | Failure]) -> Iterator[None]:
    """Have *handle* answer each request; its first argument is the simulator's own way to answer."""
    own: Handle = simulator.handle
    vars(simulator)["handle"] = lambda request: handle(own, request)
    try:
        yield
    finally:
        del vars(simulator)["handle"]


@contextmanager
def answers(simulator: Simulator, change: Callable[[str | None, SimAnswer], SimAnswer]) -> Iterator[list[str | None]]:
    """Change each answer; *change* gets the operation's name too. Gives the operations that were changed."""
    changed: list[str | None] = []

    def handle(own: Handle, request: SimRequest) -> SimAnswer | Failure:
        outcome = own(request)
        if not isinstance(outcome, SimAnswer):
            return outcome
        operation = operation_of(simulator, request)
        other = change(operation, outcome)
        if other != outcome:
            changed.append(operation)
        return other

    with altered(simulator, handle):
        yield changed


def operation_of(simulator: Simulator, request: SimRequest) -> str | None:
    """The name of the operation that *request* is for; ``None`` where there is none."""
    for line in simulator.routes:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(line.path))
        if line.method == request.method and re.fullmatch(pattern, request.path):
            return line.operation
    return None


def renamed(answer: SimAnswer, number: PhoneNumber, other: PhoneNumber) -> SimAnswer:
    """*answer*, about another number."""
    return evolve(answer, body=answer.body.replace(number.ten_digit.encode(), other.ten_digit.encode()))


def text_members(answer: SimAnswer) -> set[str]:
    """The names of the members that hold text, in the rows of *answer* and in the objects within them."""
    return {
        name
        for row in _rows(_document(answer))
        for each in _objects(row)
        for name in each
        if isinstance(each[name], str)
    }


def blanked(answer: SimAnswer, name: str) -> SimAnswer:
    """*answer*, with a space in each text member *name* of its rows."""
    document = _document(answer)
    for each in [each for row in _rows(document) for each in _objects(row)]:
        if isinstance(each.get(name), str):
            each[name] = " "
    return evolve(answer, body=json.dumps(document).encode()) if document is not None else answer


def _document(answer: SimAnswer) -> object:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _rows(value: object) -> Iterator[dict[str, object]]:
    """The objects of every list in *value* that is not within another one."""
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, dict))
    elif isinstance(value, dict):
        for member in value.values():
            yield from _rows(member)


def _objects(value: object) -> Iterator[dict[str, object]]:
    """*value* and the objects within it."""
    if isinstance(value, dict):
        yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(member)


_COUNTS = re.compile("total|count$", re.IGNORECASE)


def withheld(answer: SimAnswer, number: PhoneNumber) -> tuple[SimAnswer, bool]:
    """*answer* without the rows of *number*, and whether it still states how many there are.

    A total that the answer leaves null is filled in.
    """
    try:
        document = json.loads(answer.body)
    except ValueError:
        return answer, False
    dropped, stated = _without(document, number.ten_digit)
    return (evolve(answer, body=json.dumps(document).encode()), stated) if dropped else (answer, False)


def _without(value: object, digits: str) -> tuple[int, bool]:
    """Drop rows in place: how many, and whether a count that now is too large stands beside them."""
    if isinstance(value, list):
        kept = [row for row in value if not (isinstance(row, dict) and _is_of(row, digits))]
        dropped, stated = len(value) - len(kept), False
        value[:] = kept
        for row in kept:
            more, also = _without(row, digits)
            dropped, stated = dropped + more, stated or also
        return dropped, stated
    if not isinstance(value, dict):
        return 0, False
    dropped, stated = 0, False
    for name, member in value.items():
        rows = len(member) if isinstance(member, list) else 0
        more, also = _without(member, digits)
        dropped, stated = dropped + more, stated or also
        if more and rows:
            for count in [each for each in value if _COUNTS.search(each) and each != name]:
                value[count] = rows if value[count] is None else value[count]
                stated = stated or (isinstance(value[count], int) and value[count] >= rows)
    return dropped, stated


def _is_of(row: dict[str, object], digits: str) -> bool:
    return any(isinstance(text, str) and re.sub("[^0-9]", "", text).endswith(digits) for text in row.values())
