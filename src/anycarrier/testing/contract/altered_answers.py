"""Answers of a simulator, changed in transit: withheld rows, another number, a stale copy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from attrs import evolve

from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import Failure, SimAnswer, SimRequest, Simulator

__all__ = ["Handle", "altered", "answers", "operation_of", "renamed", "withheld"]

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


def _without(value: Any, digits: str) -> tuple[int, bool]:
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


def _is_of(row: dict[str, Any], digits: str) -> bool:
    return any(isinstance(text, str) and re.sub("[^0-9]", "", text).endswith(digits) for text in row.values())
