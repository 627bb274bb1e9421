"""``apply``, ``status`` and ``undo``: carrying out a plan, looking how far it has come, and taking it back."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anycarrier.cli.accounts import Choice, gathered
from anycarrier.cli.confirm import can_ask, confirm
from anycarrier.cli.context import Context, Ended, close
from anycarrier.cli.desired import plan_rows, plan_summary, planned_row, put_plan, remembering, said_value
from anycarrier.cli.exit_codes import Exit, exit_code
from anycarrier.cli.journal import existing, writing
from anycarrier.cli.json_output import HEAD, record, ten_digit
from anycarrier.cli.output import View, say, warn
from anycarrier.cli.purchase_output import counter
from anycarrier.cli.results import Results, counting
from anycarrier.cli.table import Column
from anycarrier.client import Client
from anycarrier.desired_state import Applied, ChangeResult, ChangeState, Plan
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.failover import Failover
from anycarrier.json_forms import from_json
from anycarrier.number_files import read_port_details
from anycarrier.purchase import Journal
from anycarrier.switching.applying import is_switch

__all__ = ["applied", "apply", "both", "confirmed", "journal_of_switch", "parsed_plan", "plan_of", "status", "undo"]


def apply(context: Context) -> int:
    """Make the changes of a plan, and no other."""
    made = plan_of(context.args.file)
    if not any(one.changes for one in made.numbers):
        say(f"Plan {made.id} changes nothing.")
        return Exit.DONE
    confirmed(context, made, f"Apply plan {made.id}")
    with _client_of(context, made) as (client, book):
        return applied(context, client, made, book)


def status(context: Context) -> int:
    """Look how far a plan has come; change nothing."""
    made = plan_of(context.args.file)
    if is_switch(made):
        with journal_of_switch(context) as book, both(context, made, book) as client:
            return _came(context, lambda: client.status(made, journal=book), made)
    with remembering(context) as book, context.chosen() as client:
        return _came(context, lambda: client.status(made, journal=book), made)


@contextmanager
def journal_of_switch(context: Context) -> Iterator[Journal]:
    """The journal in which a switch was begun, for writing: what a look at its ports shows goes on record."""
    known = existing(context)
    if known is None:
        raise Ended("there is no journal yet: the plan of the switch was not applied")
    known.close()
    with writing(context, create=False) as book:
        yield book


@contextmanager
def both(context: Context, planned: Plan, book: Journal | None) -> Iterator[Client[Any]]:
    """A client of the two accounts of a switch, whose settings are found by the names in its plan."""
    names = {f"{one.provider}/{one.account}" for one in planned.numbers if one.changes}
    names |= {str(one.move.before) for one in planned.numbers if one.move}
    providers, missing = gathered(sorted(names))
    if missing:
        said = "; ".join(f"{name}: {problem}" for name, problem in missing.items())
        raise Ended(f"the plan is about accounts without settings: {said}")
    with context.client(Failover(providers, journal=book)) as client:
        yield client


@contextmanager
def _client_of(context: Context, made: Plan) -> Iterator[tuple[Client[Any], Journal]]:
    """A client of the accounts of a plan, and the journal for its writes."""
    with writing(context) as book:
        if is_switch(made):
            with both(context, made, book) as client:
                yield client, book
        else:
            with context.chosen() as client:
                yield client, book


def undo(context: Context) -> int:
    """Plan the reverse of a plan; show it, and make its changes after a confirmation, or write it to a file."""
    args = context.args
    undone: Plan | str = args.file
    if args.file == "-" or os.path.exists(args.file):  # noqa: PTH110 - of any text, Path raises for some
        undone = plan_of(args.file)
    if args.to is None:
        can_ask(context)
    ends = isinstance(undone, Plan) and is_switch(undone)
    with _undoing(context, undone) as (client, book):
        made = client.undo(undone, journal=book)
        if args.to is not None:
            put_plan(context, made)
            return Exit.REFUSED if any(made.obstacles) else Exit.DONE
        for row in plan_rows(made):
            if row[0] != "change":
                warn(f"undo: {row[1].number}, {row[1].what}: {planned_row(row)[-1]}")
        if not any(made.changes) and not ends:
            say("Nothing is there to undo.")
            return Exit.REFUSED if any(made.obstacles) else Exit.DONE
        say(plan_summary(made))
        count = counter(sum(1 for _ in made.changes), "change")
        confirm(context, f"Undo {count}?", "The switch ends." if ends else "Each value is put back as it was.")
        if ends and book is not None:
            return _code_of_undo(made, applied(context, client, made, book))
    with writing(context) as book, context.chosen() as client:
        return _code_of_undo(made, applied(context, client, made, book))


def _code_of_undo(made: Plan, code: int) -> int:
    return Exit.REFUSED if code == Exit.DONE and any(made.obstacles) else code


@contextmanager
def _undoing(context: Context, undone: Plan | str) -> Iterator[tuple[Client[Any], Journal | None]]:
    if isinstance(undone, Plan) and is_switch(undone):
        with _client_of(context, undone) as both_of:
            yield both_of
    else:
        with remembering(context) as book, context.chosen() as client:
            yield client, book


def plan_of(file: str) -> Plan:
    """The plan in a file, or on stdin."""
    name = "stdin" if file == "-" else file
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise Ended(f"{name} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise Ended(f"{name} is no plan: it is not JSON") from None
    return parsed_plan(text.removeprefix("\ufeff"), name)


def parsed_plan(text: str, name: str) -> Plan:
    """The plan that *text* of the file *name* has."""
    try:
        return from_json(Plan, json.loads(text))
    except InvalidInput as error:
        raise Ended(f"{name} is no plan: {error.message}") from None
    except RecursionError:
        raise Ended(f"{name} is no plan: it is nested too deeply") from None
    except ValueError:
        raise Ended(f"{name} is no plan: it is not JSON") from None


def applied(context: Context, client: Client[Any], made: Plan, book: Journal) -> int:
    """Apply a plan that is confirmed, and show the result of each number."""
    args = context.args
    more: dict[str, Any] = {}
    if is_switch(made):
        details = [read_port_details(file) for file in args.ports]
        more = {"ports": details, "most_ports": args.most_ports, "order_again": args.order_again}
    more |= {"at_once": args.at_once, "most": args.most / 100, "confirm": made.id}
    return _came(context, lambda: client.apply(made, journal=book, **more), made)


def _came(context: Context, begin: Callable[[], Iterator[Applied]], made: Plan) -> int:
    """Show the result of each number as it comes; the exit code of all."""
    args, out = context.args, context.out
    numbers = [one.number for one in made.numbers if one.changes]
    code: int = Exit.DONE
    counts: dict[ChangeState, int] = {}
    with Results(args.results, numbers) as results:
        coming = begin()
        try:
            while (one := _next(coming, sum(counts.values()), len(numbers))) is not None:
                counts[one.state] = counts.get(one.state, 0) + 1
                results.came(one.number, one)
                code = _worse(code, _code_of(one))
                if out.form == "table":
                    out.line(f"{one.number}: {_words(one)}")
                    out.flush()
                else:
                    out.show(_APPLIED, [one])
        finally:
            close(coming)
    left = len(numbers) - sum(counts.values())
    said = ", ".join(f"{count} {state.value}" for state, count in counts.items()) or "nothing to change"
    say(f"Plan {made.id}: {said}{f', {left} without a result' if left else ''}.")
    goes_on = is_switch(made) or args.command == "status"
    return Exit.UNKNOWN if code == Exit.DONE and goes_on and counts.get(ChangeState.PENDING) else code


def _next(coming: Iterator[Applied], done: int, total: int) -> Applied | None:
    with counting(min(done + 1, total), total, "applying"):
        return next(coming, None)


def confirmed(context: Context, made: Plan, what: str) -> None:
    """Return when a plan may be applied, be it no small one; else raise :class:`Ended`.

    Args:
        context: of the command.
        made: the plan.
        what: the deed, as the beginning of a question.
    """
    args = context.args
    reasons = made.unsafe(args.most / 100)
    if args.confirm is not None and args.confirm != made.id:
        raise Ended(f"--confirm is not the id of this plan, which is {made.id}: look at the plan first")
    if not reasons:
        return
    said = "; ".join(reasons)
    if args.confirm is None and not (args.file != "-" and sys.stdin.isatty() and sys.stderr.isatty()):
        raise Ended(f"{said}: look at the plan, then give --confirm {made.id}")
    args.yes = args.confirm is not None
    named = getattr(args, "sources", None) is None and not is_switch(made)
    where = f"at {Choice.of(args).label}" if named else plan_summary(made)
    confirm(context, f"{what}: {where}?", f"{said[0].upper()}{said[1:]}.")


def _code_of(one: Applied) -> int:
    if one.error is not None:
        return exit_code(one.error)
    return Exit.REFUSED if one.state in (ChangeState.SKIPPED, ChangeState.FAILED) else Exit.DONE


def _worse(code: int, other: int) -> int:
    return other if code == Exit.DONE or other == Exit.UNKNOWN else code


def _words(one: Applied) -> str:
    changes = ", ".join(_change_words(result) for result in one.results)
    why = f": {one.reason}" if one.reason else ""
    return f"{one.state.value} ({changes}){why}"


def _change_words(result: ChangeResult) -> str:
    state = f" {result.state.value}" if result.state not in (ChangeState.DONE, ChangeState.ALREADY) else ""
    return f"{result.change.what} {said_value(result.change.after)}{state}"


def _applied_row(one: Applied) -> tuple[object, ...]:
    return one.number.e164, ten_digit(one.number), one.state.value, _words(one)


def _applied_record(one: Applied) -> Mapping[str, Any]:
    made: dict[str, Any] = record(one)
    return {**made, "changes": _words(one), "reason": one.reason, "error_type": _type_of(one.error)}


def _type_of(error: AnyCarrierError | None) -> str | None:
    return None if error is None else type(error).__name__


_APPLIED = View(
    (*HEAD, Column("state"), Column("changes", wraps=True)),
    _applied_row,
    ("number", "ten_digit", "provider", "account", "state", "changes", "reason", "error_type"),
    _applied_record,
)
