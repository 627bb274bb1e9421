"""``dump``, ``plan``, ``apply`` and ``undo``: what is true of an account's numbers, and what should be."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from anycarrier.cli.accounts import Choice
from anycarrier.cli.confirm import can_ask, confirm
from anycarrier.cli.context import Context, Ended, close
from anycarrier.cli.exit_codes import Exit, exit_code
from anycarrier.cli.journal import existing, writing
from anycarrier.cli.json_output import HEAD, error_record, record, ten_digit
from anycarrier.cli.output import View, say, warn
from anycarrier.cli.purchase_output import cost, counter
from anycarrier.cli.results import Results, counting
from anycarrier.cli.table import Column
from anycarrier.cli.targets import text_of
from anycarrier.client import Client
from anycarrier.desired_state import Applied, Change, ChangeKind, ChangeResult, ChangeState, Obstacle, Plan, observe
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.json_forms import from_json, to_json
from anycarrier.number_files import WrongFile, desired_from_csv, read_desired, read_profiles, states_to_csv
from anycarrier.number_files.values import written_value

__all__ = ["apply", "dump", "plan", "undo"]


def dump(context: Context) -> int:
    """Print the state of all numbers of an account, as CSV or JSON."""
    args = context.args
    kinds = [ChangeKind(name) for name in args.only] or [*ChangeKind]
    with context.chosen() as client:
        states = client.run(observe(client.provider, kinds=kinds))
    if context.out.form == "json":
        for state in states.values():
            context.out.json(record(state))
        return Exit.DONE
    for line in states_to_csv(states.values(), only=None if not args.only else kinds):
        context.out.csv_line(line)
    return Exit.DONE


# -- planning


def plan(context: Context) -> int:
    """Read a file, compare it with the account, and show or write the plan; change nothing."""
    args = context.args
    try:
        if args.file == "-":
            known = None if args.profiles is None else read_profiles(args.profiles)
            wanted = desired_from_csv(text_of("-", most_lines=1_000_000), profiles=known, name="stdin")
        else:
            wanted = read_desired(args.file, profiles=args.profiles)
    except WrongFile as wrong:
        return _wrong(context, wrong)
    with _remembering(context) as book, context.chosen() as client:
        made = client.plan(wanted, journal=book)
    _put(context, made)
    return Exit.REFUSED if any(made.obstacles) else Exit.DONE


def _remembering(context: Context) -> Any:
    """The journal, for reading, or nothing where there is none."""
    from contextlib import nullcontext

    return existing(context) or nullcontext()


def _wrong(context: Context, wrong: WrongFile) -> int:
    name = "stdin" if context.args.file == "-" else context.args.file
    for problem in wrong.problems:
        warn(f"plan: {name}: {problem}")
    if context.out.form == "json":
        context.out.error({"error": error_record(wrong)})
    return Exit.USAGE


def _put(context: Context, made: Plan) -> None:
    """Show a plan, and write it to a file where one is named."""
    args, out = context.args, context.out
    if args.to is not None:
        _save(made, args.to)
    if out.form == "json":
        out.json(record(made))
    else:
        out.show(_PLANNED, list(_rows(made)))
        say(_summary(made))
    if args.to is not None:
        say(f"Written to {args.to}; to make it so: anycarrier apply {args.to} {Choice.of(args).options()}")


def _save(made: Plan, file: str) -> None:
    try:
        with Path(file).open("x", encoding="utf-8") as stream:
            json.dump(to_json(made), stream)
            stream.write("\n")
    except FileExistsError:
        raise Ended(f"{file} exists already: name a new file") from None
    except OSError as error:
        raise Ended(f"{file} cannot be written: {error.strerror or error}") from None


def _summary(made: Plan) -> str:
    changed = sum(1 for one in made.numbers if one.changes)
    same = sum(1 for one in made.numbers if one.is_same)
    pending = sum(1 for one in made.numbers if one.pending)
    stuck = sum(1 for one in made.numbers if one.obstacles)
    said = [f"{counter(len(made.numbers), 'number')}: {same} as desired, {changed} to change"]
    said += [f"{pending} pending"] if pending else []
    said += [f"{stuck} of which something cannot be done"] if stuck else []
    line = f"{', '.join(said)}."
    if changed:
        seconds = max(1, round(made.seconds()))
        line += (
            f" Applying sends {counter(made.requests, 'request')} at least, in about {seconds} s. {_cost_words(made)}."
        )
    return f"{line} Plan {made.id}."


def _cost_words(made: Plan) -> str:
    if made.cost:
        return f"Cost: {' and '.join(map(cost, made.cost))}"
    return "Cost: none that the providers' documents state"


Row = tuple[str, Change | Obstacle]


def _rows(made: Plan) -> Iterator[Row]:
    for one in made.numbers:
        yield from (("change", change) for change in one.changes)
        yield from (("cannot", obstacle) for obstacle in one.obstacles)
        for kind in one.pending:
            yield "pending", Obstacle(number=one.number, what=kind, reason="the provider has not finished it yet")


def _said(value: object) -> str:
    if value is False:
        return "none"
    parts = [getattr(value, name, None) for name in ("name", "street", "unit", "city", "state", "postal_code")]
    return ", ".join(str(part) for part in parts if part) if all(parts[:2]) else written_value(value)


def _planned_row(row: Row) -> tuple[object, ...]:
    word, one = row
    before = _said(one.before) if isinstance(one, Change) else ""
    if isinstance(one, Change):
        why = "" if one.cost is None else cost(one.cost)
    else:
        why = "; ".join(part for part in (one.reason, one.by_hand) if part)
    return one.number.e164, ten_digit(one.number), word, one.what, before, _said(one.after), why


def _planned_record(row: Row) -> dict[str, object]:
    word, one = row
    return {
        "number": one.number.e164,
        "ten_digit": ten_digit(one.number),
        "plan": word,
        "what": one.what and one.what.value,
        "before": _said(one.before) if isinstance(one, Change) else None,
        "after": _said(one.after),
        "reason": None if isinstance(one, Change) else one.reason,
        "by_hand": None if isinstance(one, Change) else one.by_hand,
        "cost": None if not isinstance(one, Change) or one.cost is None else str(one.cost),
    }


_PLANNED = View(
    (
        *HEAD,
        Column("plan"),
        Column("what"),
        Column("from", wraps=True),
        Column("to", wraps=True),
        Column("why", wraps=True),
    ),
    _planned_row,
    ("number", "ten_digit", "plan", "what", "before", "after", "reason", "by_hand", "cost"),
    _planned_record,
    "Every number is as desired.",
)


# -- applying


def apply(context: Context) -> int:
    """Make the changes of a plan, and no other."""
    made = _plan_of(context.args.file)
    with context.chosen() as client:
        return _applied(context, client, made, asked=False)


def undo(context: Context) -> int:
    """Plan the reverse of a plan; show it, and make its changes after a confirmation, or write it to a file."""
    args = context.args
    undone: Plan | str = args.file
    if args.file == "-" or os.path.exists(args.file):  # noqa: PTH110 - of any text, Path raises for some
        undone = _plan_of(args.file)
    if args.to is None:
        can_ask(context)
    with _remembering(context) as book, context.chosen() as client:
        made = client.undo(undone, journal=book)
        if args.to is not None:
            _put(context, made)
            return Exit.REFUSED if any(made.obstacles) else Exit.DONE
    for row in _rows(made):
        if row[0] != "change":
            warn(f"undo: {row[1].number}, {row[1].what}: {_planned_row(row)[-1]}")
    if not any(made.changes):
        say("Nothing is there to undo.")
        return Exit.REFUSED if any(made.obstacles) else Exit.DONE
    say(_summary(made))
    confirm(context, f"Undo {counter(sum(1 for _ in made.changes), 'change')}?", "Each value is put back as it was.")
    with context.chosen() as client:
        code = _applied(context, client, made, asked=True)
    return Exit.REFUSED if code == Exit.DONE and any(made.obstacles) else code


def _plan_of(file: str) -> Plan:
    """The plan in a file, or on stdin."""
    name = "stdin" if file == "-" else file
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return from_json(Plan, json.loads(text.removeprefix("\ufeff")))
    except OSError as error:
        raise Ended(f"{name} cannot be read: {error.strerror or error}") from None
    except InvalidInput as error:
        raise Ended(f"{name} is no plan: {error.message}") from None
    except RecursionError:
        raise Ended(f"{name} is no plan: it is nested too deeply") from None
    except ValueError:
        raise Ended(f"{name} is no plan: it is not JSON") from None


def _applied(context: Context, client: Client[Any], made: Plan, *, asked: bool) -> int:
    args, out = context.args, context.out
    numbers = [one.number for one in made.numbers if one.changes]
    if not numbers:
        say(f"Plan {made.id} changes nothing.")
        return Exit.DONE
    reasons = made.unsafe(args.most / 100)
    if reasons and not asked:
        _confirmed(context, made, reasons)
    code: int = Exit.DONE
    counts: dict[ChangeState, int] = {}
    with writing(context) as book, Results(args.results, numbers) as results:
        coming = client.apply(made, journal=book, at_once=args.at_once, most=args.most / 100, confirm=made.id)
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
    said = ", ".join(f"{count} {state.value}" for state, count in counts.items())
    say(f"Plan {made.id}: {said}{f', {left} without a result' if left else ''}.")
    return code


def _next(coming: Iterator[Applied], done: int, total: int) -> Applied | None:
    with counting(min(done + 1, total), total, "applying"):
        return next(coming, None)


def _confirmed(context: Context, made: Plan, reasons: Sequence[str]) -> None:
    """Return when the plan may be applied though it is no small one; else raise :class:`Ended`."""
    args = context.args
    if args.confirm is not None and args.confirm != made.id:
        raise Ended(f"--confirm is not the id of this plan, which is {made.id}: look at the plan first")
    said = "; ".join(reasons)
    if args.confirm is None and not (args.file != "-" and sys.stdin.isatty() and sys.stderr.isatty()):
        raise Ended(f"{said}: look at the plan, then give --confirm {made.id}")
    args.yes = args.confirm is not None
    confirm(context, f"Apply plan {made.id} at {Choice.of(args).label}?", f"{said[0].upper()}{said[1:]}.")


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
    return f"{result.change.what} {_said(result.change.after)}{state}"


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
