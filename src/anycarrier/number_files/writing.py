"""CSV of the observed states of numbers, which read back wants nothing else than what is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from anycarrier.csv_cells import inert, original
from anycarrier.desired_state import NAMED, ChangeKind, NumberState
from anycarrier.errors import InvalidInput
from anycarrier.hints import checked
from anycarrier.number_files.numbers import ten_digits_or_e164
from anycarrier.number_files.profiles import desired
from anycarrier.number_files.values import ADDRESS, NONE, read_value, written_value
from anycarrier.number_services import EmergencyAddress

__all__ = ["COLUMNS", "cells_of", "states_to_csv"]

_VALUES = tuple(kind.value for kind in NAMED if kind not in (ChangeKind.RELEASE, ChangeKind.EMERGENCY))
_OF_ADDRESS = tuple(f"emergency_{part}" for part in ADDRESS)
COLUMNS = ("number", "status", *_VALUES, "emergency", *_OF_ADDRESS)
"""Columns of the file, in their order."""


@checked
def states_to_csv(states: Iterable[NumberState], *, only: Sequence[ChangeKind] | None = None) -> Iterator[str]:
    """Lines of CSV (RFC 4180): a header, and one for each of *states*, as it comes.

    An empty cell is what the provider does not say, or what cannot be written so that it is read back as the same: read
    back, it leaves that thing alone.

    Args:
        states: observed states.
        only: the things that there are columns for; ``None`` for all.
    """
    kinds = NAMED if only is None else only
    wanted = {"number", "status", *kinds, *(_OF_ADDRESS if ChangeKind.EMERGENCY in kinds else ())}
    columns = [name for name in COLUMNS if name in wanted]
    rows = (cells_of(state) for state in states)
    return chain([_line(columns)], (_line([cells[name] for name in columns]) for cells in rows))


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue()


def cells_of(state: NumberState) -> dict[str, str]:
    """The cells of one number, by the names of their columns."""
    cells = dict.fromkeys(COLUMNS, "")
    cells |= {"number": ten_digits_or_e164(state.number), "status": state.status.value}
    for name in _VALUES:
        cells[name] = _cell(name, state.value(ChangeKind(name)))
    if isinstance(state.emergency, EmergencyAddress):
        parts = {part: getattr(state.emergency, part) or "" for part in ADDRESS}
        if all(_is_text_read_back(part) for part in parts.values()):
            cells |= {f"emergency_{part}": inert(held) for part, held in parts.items()}
    elif state.emergency is False:
        cells["emergency"] = NONE
    return cells


def _cell(name: str, value: Any) -> str:
    of_none = NONE if name == "campaign" else ""
    cell = of_none if value is False and name != "enabled" else inert(written_value(value))
    return cell if cell and _is_read_back(name, cell, value) else ""


def _is_text_read_back(text: str) -> bool:
    try:
        return bool(read_value("label", original(inert(text))) == text)
    except InvalidInput:
        return False


def _is_read_back(name: str, cell: str, value: Any) -> bool:
    """Return whether the cell is read as the same value, and one that a desired state can have."""
    try:
        again = read_value(name, original(cell))
        desired(None, {name: again})
    except InvalidInput:
        return False
    return bool(again == value)
