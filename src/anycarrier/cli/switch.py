"""``switch plan`` and ``switch finish``: the beginning and the end of a move from one account to another."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anycarrier.cli.accounts import Choice, made
from anycarrier.cli.applying import applied, both, journal_of_switch, plan_of
from anycarrier.cli.context import Context, Ended
from anycarrier.cli.desired import put_plan, remembering
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import writing
from anycarrier.cli.json_output import ten_digit
from anycarrier.cli.output import say, warn
from anycarrier.csv_cells import inert
from anycarrier.desired_state import Change, ChangeKind, NumberPlan, Plan
from anycarrier.desired_state.difference import obstacle_of
from anycarrier.failover import Failover
from anycarrier.number_files import WrongFile
from anycarrier.registry import names
from anycarrier.settings import read_accounts
from anycarrier.suggestions import meant_or_all

__all__ = ["finish", "plan", "switch"]


def switch(context: Context) -> int:
    """Run the action."""
    return {"plan": plan, "finish": finish}[context.args.action](context)


def plan(context: Context) -> int:
    """Read both accounts, and show or write the plan; change nothing."""
    from anycarrier.switching import SwitchRules, read_moves, read_rules

    args = context.args
    try:
        rules, profiles = (SwitchRules(), {}) if args.rules is None else read_rules(args.rules)
        moves = None if args.numbers_file is None else read_moves(args.numbers_file, profiles=profiles)
    except WrongFile as wrong:
        for problem in wrong.problems:
            warn(f"switch plan: {problem}")
        raise Ended(wrong.message) from None
    if args.source == args.target:
        raise Ended("--from and --to are one account: a switch needs two")
    providers: list[Any] = made([_choice("--from", args.source), _choice("--to", args.target)])
    source, target = (provider.accounts[0].id for provider in providers)
    with remembering(context) as book, context.client(Failover(providers)) as client:
        planned = client.plan_switch(source, target, moves=moves, rules=rules, journal=book)
    if args.by_hand is not None:
        _write_by_hand(planned, args.by_hand, providers[0])
    put_plan(context, planned)
    return Exit.REFUSED if any(planned.obstacles) else Exit.DONE


def _choice(option: str, name: str) -> Choice:
    """The account of this name in the accounts file, else the provider whose settings are in the environment."""
    accounts, providers = read_accounts(), names()
    if name in accounts:
        return Choice(accounts[name]["provider"], name)
    if name not in providers:
        raise Ended(f"{option} names no account and no provider{meant_or_all(name, [*accounts, *providers])}")
    return Choice(name)


def _write_by_hand(planned: Plan, file: str, source: Any = None) -> None:
    """Write what a person does, a line for each number, to a new file."""
    try:
        with Path(file).open("x", encoding="utf-8", newline="") as stream:
            out = csv.writer(stream)
            out.writerow(["number", "ten_digit", "account", "what", "why", "by_hand"])
            for one in planned.numbers:
                for what, why, by_hand in _tasks(one, source):
                    row = [one.number.e164, ten_digit(one.number), f"{one.provider}/{one.account}", what, why, by_hand]
                    out.writerow([inert(str(cell)) for cell in row])
    except FileExistsError:
        raise Ended(f"--by-hand {file} exists already: name a new file") from None
    except OSError as error:
        raise Ended(f"--by-hand {file} cannot be written: {error.strerror or error}") from None


def _tasks(one: NumberPlan, source: Any) -> Iterator[tuple[str, str, str]]:
    move = one.move
    if move is not None and move.what is ChangeKind.PORT_IN:
        yield "port_in", "the port needs a signature", "sign the letter of authorization that status names"
    elif move is not None:
        yield "replace", "the old number goes", "tell those who call it"
        release = Change(one.number, ChangeKind.RELEASE, None, True)
        if source is not None and (cannot := obstacle_of(source, release)) is not None:
            yield "release", cannot.reason, cannot.by_hand or "release it at the old carrier, once the new one serves"
    for obstacle in one.obstacles:
        yield obstacle.what or "leave", obstacle.reason, obstacle.by_hand or ""
    if one.left and not one.obstacles:
        yield "leave", one.left, ""


def finish(context: Context) -> int:
    """Show which old numbers may be released, and release them with ``--confirm``."""
    args = context.args
    planned = plan_of(args.file)
    with journal_of_switch(context) as book, both(context, planned, book) as client:
        releases = client.finish_switch(planned, journal=book, grace=args.grace * 86_400.0)
    if args.by_hand is not None:
        _write_by_hand(releases, args.by_hand)
    if args.confirm is None or not any(releases.changes):
        put_plan(context, releases)
        if any(releases.changes):
            say(f"Nothing was released. To release these, for good: add --confirm {releases.id}")
        return Exit.REFUSED if any(releases.obstacles) else Exit.DONE
    if args.confirm != releases.id:
        raise Ended(f"--confirm is not the id of what would be released now, which is {releases.id}: look at it first")
    with writing(context) as book, both(context, planned, book) as client:
        code = applied(context, client, releases, book)
    return Exit.REFUSED if code == Exit.DONE and any(releases.obstacles) else code
