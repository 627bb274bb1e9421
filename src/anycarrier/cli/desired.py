"""``dump`` and ``plan``: what is true of an account's numbers, and what should be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from anycarrier.cli.accounts import Choice
from anycarrier.cli.context import Context, Ended
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import existing
from anycarrier.cli.json_output import HEAD, error_record, record, ten_digit
from anycarrier.cli.output import View, say, warn
from anycarrier.cli.purchase_output import cost, counter
from anycarrier.cli.table import Column
from anycarrier.cli.targets import text_of
from anycarrier.desired_state import (
    NAMED,
    Change,
    ChangeKind,
    Obstacle,
    Plan,
    observe,
)
from anycarrier.json_forms import to_json
from anycarrier.money import Money
from anycarrier.number_files import WrongFile, desired_from_csv, read_desired, read_profiles, states_to_csv
from anycarrier.number_files.values import written_value
from anycarrier.switching.applying import is_switch

__all__ = ["dump", "plan", "plan_rows", "plan_summary", "planned_row", "put_plan", "remembering", "said_value"]


def dump(context: Context) -> int:
    """Print the state of all numbers of an account, as CSV or JSON."""
    args = context.args
    kinds = [ChangeKind(name) for name in args.only] or [*NAMED]
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
    with remembering(context) as book, context.chosen() as client:
        made = client.plan(wanted, journal=book)
    put_plan(context, made)
    return Exit.REFUSED if any(made.obstacles) else Exit.DONE


def remembering(context: Context) -> Any:
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


def put_plan(context: Context, made: Plan) -> None:
    """Show a plan, and write it to a file where one is named."""
    args, out = context.args, context.out
    if args.to is not None:
        _save(made, args.to)
    if out.form == "json":
        out.json(record(made))
    else:
        out.show(_PLANNED, list(plan_rows(made)))
        say(plan_summary(made))
    if args.to is not None:
        how = f"--ports FILE --confirm {made.id}" if is_switch(made) else _options(args)
        say(f"Written to {args.to}; to make it so: anycarrier apply {args.to} {how}")


def _options(args: Any) -> str:
    return "" if args.command == "switch" else Choice.of(args).options()


def _save(made: Plan, file: str) -> None:
    try:
        with Path(file).open("x", encoding="utf-8") as stream:
            json.dump(to_json(made), stream)
            stream.write("\n")
    except FileExistsError:
        raise Ended(f"{file} exists already: name a new file") from None
    except OSError as error:
        raise Ended(f"{file} cannot be written: {error.strerror or error}") from None


def plan_summary(made: Plan) -> str:
    if is_switch(made):
        return f"{_switch_summary(made)} Plan {made.id}."
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


def _switch_summary(planned: Plan) -> str:
    """The line about a switch: what becomes of the numbers, and what that costs."""
    kinds = [one.move.what for one in planned.numbers if one.move]
    ported, replaced = kinds.count(ChangeKind.PORT_IN), kinds.count(ChangeKind.REPLACE)
    left = len(planned.numbers) - len(kinds)
    line = f"{counter(len(planned.numbers), 'number')}: {ported} to port, {replaced} to replace, {left} to leave."
    once = " and ".join(map(cost, planned.cost)) or "not stated"
    after = _monthly([one.monthly_after for one in planned.numbers if one.move])
    before = _monthly([one.monthly_before for one in planned.numbers if one.move])
    line += f" Cost: {once} once; a month {after} at the new carrier, {before} at the old."
    if ported:
        line += " How long a port takes is the old carrier's affair: days or weeks, and a person signs its letter."
    return line


def _monthly(prices: list[Money | None]) -> str:
    known = [price for price in prices if price is not None]
    if not known or len(known) < len(prices) or len({price.currency for price in known}) > 1:
        return "not stated"
    return cost(Money(sum((price.amount for price in known), Decimal()), known[0].currency))


def _cost_words(made: Plan) -> str:
    if made.cost:
        return f"Cost: {' and '.join(map(cost, made.cost))}"
    return "Cost: none that the providers' documents state"


Row = tuple[str, Change | Obstacle]


def plan_rows(made: Plan) -> Iterator[Row]:
    for one in made.numbers:
        yield from (("change", change) for change in one.changes)
        yield from (("cannot", obstacle) for obstacle in one.obstacles)
        if one.left and not one.obstacles:
            yield "leave", Obstacle(number=one.number, what=None, reason=one.left)
        for kind in one.pending:
            yield "pending", Obstacle(number=one.number, what=kind, reason="the provider has not finished it yet")


def said_value(value: object) -> str:
    if value is False:
        return "none"
    parts = [getattr(value, name, None) for name in ("name", "street", "unit", "city", "state", "postal_code")]
    return ", ".join(str(part) for part in parts if part) if all(parts[:2]) else written_value(value)


def planned_row(row: Row) -> tuple[object, ...]:
    word, one = row
    before = said_value(one.before) if isinstance(one, Change) else ""
    if isinstance(one, Change):
        why = "" if one.cost is None else cost(one.cost)
    else:
        why = "; ".join(part for part in (one.reason, one.by_hand) if part)
    return one.number.e164, ten_digit(one.number), word, one.what, before, said_value(one.after), why


def _planned_record(row: Row) -> dict[str, object]:
    word, one = row
    return {
        "number": one.number.e164,
        "ten_digit": ten_digit(one.number),
        "plan": word,
        "what": one.what and one.what.value,
        "before": said_value(one.before) if isinstance(one, Change) else None,
        "after": said_value(one.after),
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
    planned_row,
    ("number", "ten_digit", "plan", "what", "before", "after", "reason", "by_hand", "cost"),
    _planned_record,
    "Every number is as desired.",
)
