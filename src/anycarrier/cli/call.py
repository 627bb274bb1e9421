"""``call``: any operation of a provider's own API."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

import msgspec

from anycarrier.adapter import Answer, Details, Record, Rows, settled
from anycarrier.adapter.operations import NativeOperation, Parameter
from anycarrier.cli.accounts import Choice
from anycarrier.cli.call_options import DEST, operations_of, option_of, purpose_words, variable_of
from anycarrier.cli.call_values import kind_of_hint, value_of
from anycarrier.cli.confirm import confirm
from anycarrier.cli.context import Context, Ended, close
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.json_output import record
from anycarrier.cli.output import View, warn
from anycarrier.cli.table import Column
from anycarrier.cli.working import quiet
from anycarrier.errors import AnyCarrierError, InvalidInput, printable
from anycarrier.registry import names
from anycarrier.secret import Secret

__all__ = ["call"]

CONSEQUENCE = {
    "write": "It changes something.",
    "purchase": "It costs money, and the purchase journal does not know of it.",
}


def call(context: Context) -> int:
    """Call an operation, or list the operations."""
    args = context.args
    if args.operation is None:
        return _list(context)
    operation = operations_of(args.provider)[args.operation]
    given = {one.name: value for one in operation.parameters for value in _value(context, one)}
    choice = Choice.of(args)
    with context.client(choice.make()) as client, _spelled(operation):
        if operation.purpose != "read":
            confirm(context, f"Call {operation.name} at {choice.label}?", _consequence(operation))
        answer = _called(client.native, operation, given)
        if operation.listing:
            try:
                _show_all(context, answer)
            finally:
                close(answer)
        else:
            _show(context, answer)
    return Exit.DONE


@contextmanager
def _spelled(operation: NativeOperation) -> Iterator[None]:
    """Name a refused argument by its spelling on the command line."""
    try:
        yield
    except InvalidInput as error:
        found = re.match(r"\w+", error.message)
        for one in operation.parameters:
            if found and one.name == found[0]:
                raise InvalidInput(f"{option_of(one)}{error.message[found.end() :]}") from error
        raise


def _consequence(operation: NativeOperation) -> str:
    return f"{operation.text} {CONSEQUENCE[operation.purpose]}"


def _called(native: Any, operation: NativeOperation, given: dict[str, Any]) -> Any:
    parameters = operation.parameters
    positional = [given.pop(one.name) for one in parameters if one.required and not one.keyword]
    others: dict[str, Any] = next((given.pop(one.name, {}) for one in parameters if one.others), {})
    return getattr(native, operation.name)(*positional, **given, **others)


# -- arguments


def _value(context: Context, parameter: Parameter) -> Iterator[Any]:
    """The argument, or nothing where none was typed."""
    if kind_of_hint(parameter.hint, parameter.name).secret:
        yield from _secret(parameter)
        return
    typed = getattr(context.args, f"{DEST}{parameter.name}")
    if typed is None:
        return
    name = option_of(parameter)
    if parameter.others:
        pairs = [text.partition("=") for text in typed]
        if not all(equals and word.isidentifier() for word, equals, _ in pairs):
            raise Ended(f"{name}: write NAME=VALUE")
        yield {word: value_of(parameter.hint, text, name) for word, _, text in pairs}
    else:
        yield value_of(parameter.hint, typed, name)


def _secret(parameter: Parameter) -> Iterator[Any]:
    name = variable_of(parameter)
    text = os.environ.get(name, "")
    if not text and parameter.required:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Ended(f"{parameter.name} is a secret, which is not taken from the command line: set {name}")
        from getpass import getpass

        with quiet():
            text = getpass(f"{parameter.name}: ", sys.stderr)
        if not text:
            raise Ended("nothing was done", Exit.INTERRUPTED)
    if text:
        yield value_of(parameter.hint, text, name)


# -- the answer


def _data(value: Any, raw: bool) -> Any:
    """An answer as JSON data; of a record with the provider's own beside it, that only with *raw*."""
    match value:
        case (msgspec.Struct() as own, Mapping() as said):
            return _with_raw(own, said, raw)
        case Answer():
            return _with_raw(value.value, value.raw(), raw)
        case (msgspec.Struct() as own, Answer() as answer):
            return _with_raw(own, answer.raw(), raw)
        case Details():
            return _with_raw(value, value.raw, raw)
        case Rows():
            return [_with_raw(row, said, raw) for row, said in value.pairs()]
        case list() | tuple():
            return [_data(one, raw) for one in value]
    return record(value, raw=raw, reveal=True)


def _with_raw(own: Any, said: Mapping[str, Any], raw: bool) -> Any:
    made = record(settled(own) if isinstance(own, Record) else own, raw=raw, reveal=True)
    return {**made, "raw": record(said, raw=raw)} if raw else made


def _show(context: Context, answer: Any) -> None:
    out, raw = context.out, context.args.raw
    if isinstance(answer, Secret):
        answer = {"secret": answer.reveal()} if out.form != "table" else answer.reveal()
    data = _data(answer, raw)
    if out.form == "json":
        out.json(data)
    elif out.form == "csv":
        rows = data if isinstance(data, list) else [] if data is None else [data]
        rows = [row if isinstance(row, dict) else {"value": row} for row in rows]
        out.rows(list(dict.fromkeys(name for row in rows for name in row)), rows, money=frozenset())
    elif data is None:
        out.line("Done.")
    else:
        _show_to_people(context, data)


def _show_to_people(context: Context, data: Any) -> None:
    """Facts, a table for each list of objects, and a line for anything else."""
    out = context.out
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        if data:
            _table(context, data)
        else:
            out.line("None.")
    elif isinstance(data, dict):
        tables = {name: held for name, held in data.items() if _is_table(held)}
        facts = {name: held for name, held in _flat(data) if name not in tables}
        out.facts({name: _cell(held) for name, held in facts.items()})
        for name, rows in tables.items():
            out.line()
            out.line(f"{name}:")
            _table(context, rows)
    else:
        for one in data if isinstance(data, list) else [data]:
            out.line(str(_cell(one)))


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _flat(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _table(context: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    flat = [dict(_flat(row)) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    context.out.table(
        [Column(name, wraps=True) for name in columns], ([_cell(row.get(one)) for one in columns] for row in flat)
    )


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return printable(msgspec.json.encode(value).decode(), 4000) if value else None
    return value


FIRST = {"table": 10, "csv": 1, "json": 0}
"""Items of a listing that decide which members are shown."""


def _show_all(context: Context, answer: Iterable[Any]) -> None:
    """Show a listing, each item as soon as it arrives."""
    out, raw = context.out, context.args.raw
    items: Iterator[dict[str, Any]] = (_data(one, raw) for one in answer)
    if out.for_people:
        items = (dict(_flat(one)) for one in items)
    first = list(islice(items, FIRST[out.form]))
    members = list(dict.fromkeys(name for row in first for name in row))
    rows = chain(first, items)
    if out.form == "csv":
        out.rows(members, rows, money=frozenset())
        return
    columns = [Column(name, wraps=True) for name in members]
    out.show(View(columns, lambda row: [_cell(row.get(name)) for name in members], members, dict, "None."), rows)


# -- the list of operations


def _list(context: Context) -> int:
    args = context.args
    if not args.list:
        whose = f" {args.provider}" if args.provider else ""
        raise Ended(
            f"name {'an' if whose else 'a provider and an'} operation; anycarrier call{whose} --list lists them"
        )
    found: list[tuple[str, NativeOperation]] = []
    for name in [args.provider] if args.provider else names():
        try:
            found += [(name, one) for one in operations_of(name).values()]
        except (AnyCarrierError, ImportError) as error:
            warn(f"{args.command}: {name} is skipped: {error}")
    view = View(
        (
            *([] if args.provider else [Column("provider")]),
            Column("operation"), Column("effect"), Column("in its documents", wraps=True), Column("about", wraps=True),
        ),
        lambda row: [*([] if args.provider else [row["provider"]]), row["operation"].replace("_", "-"), row["effect"],
                     ", ".join(row["documents"]), row["about"]],
        ("provider", "operation", "effect", "documents", "about"),
        lambda row: row,
        "No operations.",
    )  # fmt: skip
    rows = [
        {
            "provider": name,
            "operation": one.name,
            "effect": purpose_words(one),
            "documents": list(one.documents),
            "about": one.summary,
        }
        for name, one in found
    ]
    context.out.show(view, rows, lambda records: {"operations": records, "count": len(records)})
    if context.out.for_people and rows:
        context.out.line()
        context.out.line(f"{len(rows)} operations; anycarrier call PROVIDER OPERATION --help says how to call one.")
    return Exit.DONE
