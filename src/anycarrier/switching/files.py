"""Files of a switch: rules in TOML, and a CSV that says what becomes of each number."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anycarrier.desired_state import Desired
from anycarrier.errors import InvalidInput
from anycarrier.hints import checked
from anycarrier.number_files import WrongFile
from anycarrier.number_files.problems import Content
from anycarrier.number_files.profiles import desired, read_table, toml_of
from anycarrier.number_files.reading import lines_from_csv, text_of
from anycarrier.switching.rules import MOVES, Move, SwitchRules
from anycarrier.validation import shape

__all__ = ["moves_from_csv", "read_moves", "read_rules", "rules_from_toml"]

_PLAIN = ("move", "not_portable", "alike", "campaigns", "labels", "routes")
_COLUMNS = ("move", "rate_center", "state")


@checked
def read_rules(file: str | Path) -> tuple[SwitchRules, dict[str, dict[str, Any]]]:
    """The rules of a TOML file, and its profiles, for :func:`moves_from_csv`.

    Raises:
        WrongFile: it cannot be read, or something in it is not a rule; all problems at once.
    """
    return rules_from_toml(text_of(Path(file)), name=Path(file).name)


@checked
def rules_from_toml(text: Content, *, name: str = "the rules") -> tuple[SwitchRules, dict[str, dict[str, Any]]]:
    """The rules that TOML *text* has, and its profiles.

    Args:
        text: members of :class:`SwitchRules`; ``[setup]`` and ``[profile.NAME]`` have the values of columns, and
            ``[campaigns]`` the campaigns of the new carrier by those of the old.
        name: the file's name, for messages.

    Raises:
        WrongFile: it is no TOML, or something in it is not a rule; all problems at once.
    """
    document = toml_of(text, name)
    problems = [
        f"{shape(key)} is not known here; there are {', '.join((*_PLAIN, 'setup', 'profile'))}"
        for key in document
        if key not in (*_PLAIN, "setup", "profile")
    ]
    tables = document.get("profile", {})
    if not isinstance(tables, Mapping):
        problems.append("profile must be tables: [profile.NAME]")
        tables = {}
    profiles = {title: read_table(f"profile {title}", table, problems) for title, table in tables.items()}
    rules: dict[str, Any] = {}
    if "setup" in document:
        values = read_table("setup", document["setup"], problems)
        rules["setup"] = _made("setup", lambda: desired(None, values) if values else None, problems)
    for key in _PLAIN:
        if key in document:
            held = document[key]
            _made(key, lambda key=key, held=held: SwitchRules(**{key: held}), problems)
            rules[key] = held
    if problems:
        raise WrongFile(name, problems)
    return SwitchRules(**rules), profiles


def _made(key: str, make: Any, problems: list[str]) -> Any:
    try:
        return make()
    except InvalidInput as error:
        problems.append(error.message if error.message.startswith(key) else f"{key}: {error.message}")
        return None


@checked
def read_moves(file: str | Path, *, profiles: Mapping[str, Mapping[str, Any]] | None = None) -> list[Move]:
    """The numbers that a CSV file has, each with what becomes of it.

    Raises:
        WrongFile: lines of it cannot be used, or it cannot be read; all problems at once.
    """
    path = Path(file)
    return moves_from_csv(text_of(path), profiles=profiles, name=path.name)


@checked
def moves_from_csv(
    text: Content, *, profiles: Mapping[str, Mapping[str, Any]] | None = None, name: str = "the file"
) -> list[Move]:
    """The numbers that CSV *text* has, one a line, each with what becomes of it.

    Columns are those of :func:`anycarrier.number_files.desired_from_csv`, and ``move`` (``port``, ``replace`` or
    ``leave``), ``rate_center`` and ``state``; an empty cell is what the rules say.

    Raises:
        WrongFile: lines of it cannot be used; all problems at once, with line and column.
    """
    found: list[Move] = []
    problems: list[str] = []
    for place, one, cells in lines_from_csv(text, profiles=profiles, name=name, more=_COLUMNS):
        try:
            found.append(_of_line(one, cells))
        except InvalidInput as error:
            problems.append(f"line {place}: {error.message}")
    if problems:
        raise WrongFile(name, problems)
    return found


def _of_line(one: Desired, cells: Mapping[str, str]) -> Move:
    word = cells["move"].strip().casefold() or None
    if word is not None and word not in MOVES:
        raise InvalidInput(f"column move: it must be one of {', '.join(MOVES)}, not {shape(word)}")
    facts = {name: cells[name].strip() or None for name in ("rate_center", "state")}
    made: Any = Move
    move: Move = made(one.number, word, desired=one if any(one.values()) else None, **facts)
    return move
