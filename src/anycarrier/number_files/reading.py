"""Desired states of a CSV that a spreadsheet may have written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from anycarrier.csv_cells import original
from anycarrier.desired_state import Desired
from anycarrier.errors import InvalidInput
from anycarrier.hints import checked
from anycarrier.json_forms import from_json
from anycarrier.number_files.numbers import number_in_cell
from anycarrier.number_files.problems import Content, WrongFile
from anycarrier.number_files.profiles import desired, profiles_from_toml
from anycarrier.number_files.values import ADDRESS, VALUES, read_value, refuse_error
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.suggestions import meant, meant_or_all
from anycarrier.validation import shape

__all__ = [
    "FACTS",
    "OF_ADDRESS",
    "TOO_LONG",
    "Line",
    "columns_of",
    "desired_from_csv",
    "lines_from_csv",
    "problems_of_header",
    "profiles_beside",
    "read_desired",
    "read_profiles",
    "rows_of",
    "text_of",
]

FACTS = ("provider", "account", "ten_digit", "status", "provider_status", "note")
"""Columns that are for people, and not read."""

OF_ADDRESS = tuple(f"emergency_{part}" for part in ADDRESS)
_KNOWN = ("profile", *VALUES, *OF_ADDRESS, *FACTS)
MOST = 100_000_000
"""Characters of a file at most: some hundred thousand numbers."""
TOO_LONG = f"it is too long: at most {MOST:,} characters are read"


@checked
def read_desired(file: str | Path, *, profiles: str | Path | None = None) -> list[Desired]:
    """The desired states that a file has: CSV, or by its name (``.json``) a list of their JSON form.

    Args:
        file: its path.
        profiles: path of the TOML that explains the column ``profile``; by default the one beside *file* with the same
            name, ``numbers.toml`` of ``numbers.csv``, if there is one.

    Raises:
        WrongFile: lines of it cannot be used, or it cannot be read; all problems at once.
    """
    path = Path(file)
    text = text_of(path)
    if path.suffix.casefold() == ".json":
        return _of_json(text, path.name)
    return desired_from_csv(text, profiles=profiles_beside(path, profiles), name=path.name)


def profiles_beside(path: Path, profiles: str | Path | None) -> dict[str, dict[str, Any]]:
    """The profiles of a TOML file, or of the one beside *path* with the same name; empty where there is none."""
    beside = path.with_suffix(".toml") if profiles is None else Path(profiles)
    return read_profiles(beside) if profiles is not None or beside.exists() else {}


@checked
def read_profiles(file: str | Path) -> dict[str, dict[str, Any]]:
    """The profiles of a TOML file, for :func:`desired_from_csv`.

    Raises:
        WrongFile: it cannot be read, or something in it is not a value; all problems at once.
    """
    return profiles_from_toml(text_of(Path(file)), name=Path(file).name)


def text_of(path: Path) -> str:
    """The text of a file.

    Raises:
        WrongFile: it cannot be read, or is no UTF-8 text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return stream.read(MOST + 1)
    except OSError as error:
        raise WrongFile(path.name, [f"it cannot be read: {error.strerror or error}"]) from None
    except ValueError:
        raise WrongFile(path.name, ["it is not UTF-8 text: save it as CSV UTF-8"]) from None


def _of_json(text: str, name: str) -> list[Desired]:
    if len(text) > MOST:
        raise WrongFile(name, [TOO_LONG])
    try:
        found = from_json(list[Desired], json.loads(text))
    except RecursionError:
        raise WrongFile(name, ["it is nested too deeply"]) from None
    except ValueError as error:
        said = error.message if isinstance(error, InvalidInput) else "it is not JSON"
        raise WrongFile(name, [said]) from None
    numbers = [one.number for one in found]
    if None in numbers or len({*numbers}) < len(numbers):
        raise WrongFile(name, ["each desired state must have a number of its own"])
    return found


@checked
def desired_from_csv(
    text: Content, *, profiles: Mapping[str, Mapping[str, Any]] | None = None, name: str = "the file"
) -> list[Desired]:
    """The desired states that CSV *text* has, one a line.

    The column ``number`` is needed; an empty cell leaves its thing alone, ``none`` wants none of it, and a cell counts
    for more than the line's ``profile``. Columns are separated by commas, semicolons or tabs.

    Args:
        text: CSV with a header.
        profiles: values by the names of profiles, as :func:`~anycarrier.number_files.profiles_from_toml` makes them.
        name: the file's name, for messages.

    Raises:
        WrongFile: lines of it cannot be used; all problems at once, with line and column.
    """
    return [one for _, one, _ in lines_from_csv(text, profiles=profiles, name=name)]


def lines_from_csv(
    text: str,
    *,
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
    name: str,
    more: Sequence[str] = (),
) -> list[tuple[int, Desired, Mapping[str, str]]]:
    """The lines that CSV *text* has: the place of each, its desired state, and its cells of the columns *more*.

    Args:
        more: columns that may be there beside those of a desired state.
    """
    if len(text) > MOST:
        raise WrongFile(name, [TOO_LONG])
    rows = rows_of(text, name)
    place, header = next(rows, (1, []))
    columns = columns_of(header)
    problems = problems_of_header(columns, place, ("number", *more, *_KNOWN))
    if "number" not in columns:
        problems.append(f"line {place}: there is no column number")
    if problems:
        raise WrongFile(name, problems)
    found: dict[PhoneNumber, int] = {}
    made: list[tuple[int, Desired, Mapping[str, str]]] = []
    for place, row in rows:
        cells = dict(zip(columns, (original(cell) for cell in row), strict=False))
        line = Line(place, cells, profiles or {})
        if any(cell.strip() for cell in row[len(columns) :]):
            line.problems.append(f"line {place}: it has {len(row)} cells, and the header {len(columns)}")
        one = line.desired()
        if one is not None and one.number is not None:
            if one.number in found:
                line.problems.append(f"line {place}, column number: it is that of line {found[one.number]} again")
            found.setdefault(one.number, place)
            made.append((place, one, {column: cells.get(column, "") for column in more}))
        problems += line.problems
    if problems:
        raise WrongFile(name, problems)
    return made


def rows_of(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, each with the line on which it begins."""
    text = text.removeprefix("\ufeff")
    skipped = 0
    if text[:4].casefold() == "sep=":  # how a spreadsheet names the separator
        text, skipped = text.partition("\n")[2], 1
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begin = skipped + 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield begin, row
            begin = skipped + reader.line_num + 1
    except csv.Error as error:
        raise WrongFile(name, [f"line {begin}: {error}"]) from None


def columns_of(header: Sequence[str]) -> list[str]:
    """The names of columns, as a person may have written them."""
    return [one.strip().casefold().replace(" ", "_") for one in header]


def problems_of_header(columns: Sequence[str], place: int, known: Sequence[str]) -> list[str]:
    """Problems of the names of columns, where only those *known* may be there."""
    strange = [one for one in columns if one and one not in known]
    shown = ", ".join(one if one.isidentifier() else shape(one) for one in strange)
    near = "".join(meant(one, known) for one in strange) or f"; there are {', '.join(known)}"
    problems = [f"line {place}: there is no column {shown}{near}"] if strange else []
    problems += [f"line {place}: {one} stands there twice" for one in {*columns} if one and columns.count(one) > 1]
    return problems


class Line:
    """One line, its values, and what is wrong with it."""

    def __init__(self, place: int, cells: Mapping[str, str], profiles: Mapping[str, Mapping[str, Any]]) -> None:
        self.problems: list[str] = []
        self._place = place
        self._cells = {name: cell for name, cell in cells.items() if cell and name not in FACTS}
        self._profiles = profiles

    def desired(self) -> Desired | None:
        """The desired state; ``None`` where something is wrong."""
        number = self.number()
        values = self.values()
        if self.problems or number is None:
            return None
        try:
            return desired(number, values)
        except InvalidInput as error:
            self.problems.append(f"line {self._place}: {error.message}")
            return None

    def values(self) -> dict[str, Any]:
        """The values of the desired state, by the names of columns."""
        values = {**self._profile()}
        for name in VALUES:
            if name in self._cells:
                value = self._value(name, self._cells[name])
                values[name] = value
        address = self._address()
        if address is not None:
            if "emergency" in self._cells:
                self.wrong("emergency", "it is 'none', and there is an address")
            values["emergency"] = address
        return {name: value for name, value in values.items() if value is not None}

    def wrong(self, column: str, said: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(f"line {self._place}, column {column}: {said}")

    def number(self) -> PhoneNumber | None:
        """The number; ``None`` where there is none, which is noted."""
        cell = self._cells.get("number")
        if cell is None:
            self.wrong("number", "it is empty")
            return None
        try:
            return number_in_cell(cell)
        except InvalidInput as error:
            self.wrong("number", error.message)
            return None

    def _profile(self) -> Mapping[str, Any]:
        name = self._cells.get("profile")
        if name is None:
            return {}
        if name not in self._profiles:
            known = meant_or_all(name, self._profiles) if self._profiles else ": no profiles were read"
            self.wrong("profile", f"there is no profile {shape(name)}{known}")
        return self._profiles.get(name, {})

    def _value(self, name: str, cell: str) -> Any:
        try:
            value = read_value(name, cell)
            desired(None, {name: value})  # what is wrong with it alone
        except InvalidInput as error:
            self.wrong(name, error.message)
            return None
        return value

    def _address(self) -> EmergencyAddress | None:
        parts = {part: self._cells[f"emergency_{part}"] for part in ADDRESS if f"emergency_{part}" in self._cells}
        if not parts:
            return None
        missing = [f"emergency_{part}" for part in ADDRESS if part not in parts and part != "unit"]
        if missing:
            self.wrong(missing[0], f"an address needs {', '.join(missing)} too")
            return None
        made: Any = EmergencyAddress
        try:
            for part in parts.values():
                refuse_error(part)
            address: EmergencyAddress = made(**parts)
        except InvalidInput as error:
            self.wrong("emergency_name", error.message)
            return None
        return address
