"""Errors in one line: what is wrong, where, and what to do."""

from __future__ import annotations

import argparse
import re
import shlex

from anycarrier.cli.accounts import Choice
from anycarrier.cli.commands import COMMANDS
from anycarrier.cli.json_output import route_words
from anycarrier.errors import (
    AnyCarrierError,
    AuthenticationFailed,
    InvalidInput,
    RateLimited,
    StillPending,
    Unsupported,
)
from anycarrier.numbers import InvalidNumber
from anycarrier.search import FILTERS

__all__ = ["command", "effect", "in_doubt", "line_of", "may_have_happened", "only_reads", "recover_command", "spelled"]


def line_of(args: argparse.Namespace, error: AnyCarrierError | InvalidNumber) -> str:
    """The line for *error*, after ``anycarrier:``."""
    said = spelled(error, str(error))
    if getattr(error, "provider", None) is None:
        said = f"{args.command}: {said}"
    if isinstance(error, InvalidNumber):
        return said
    applied = ", ".join(route_words(route) for route in error.applied)
    if applied:
        said += f"; in effect before that: {applied}"
    return said + _advice(args, error)


_OPTIONS = {one.name: one.option for one in FILTERS} | {
    "limit": "--limit",
    "spend_cap": "--spend-cap",
    "quantity": "--count",
    "request_id": "--request-id",
    "deadline": "--deadline",
    "prefer": "--prefer",
    "in_doubt": "--in-doubt",
    "fulfilled_by": "--fulfilled-by",
    "to_account": "--to",
    "campaign_id": "CAMPAIGN",
    "number": "NUMBER",
    "capabilities": "--need",
}
"""The command-line spelling of each argument of the library."""


def spelled(error: Exception, said: str) -> str:
    """*said* with the library's arguments spelled as options; not the columns of a file that have the same names."""
    if isinstance(error, InvalidInput) and getattr(error, "problems", None):
        return said
    if isinstance(error, InvalidInput):
        # A name of one word counts only where the message begins with it; one with an underscore counts anywhere.
        first = re.match(r"([a-z_]+)(?= (?:must|is|takes|and|or|holds?)\b)", said)
        if first and first[1] in _OPTIONS:
            said = f"{_OPTIONS[first[1]]}{said[first.end() :]}"
    if isinstance(error, InvalidInput | Unsupported):
        # A feature, such as search.area_code, is called that here too.
        said = re.sub(r"(?<![\w.])[a-z]+_[a-z]+\b", lambda found: _OPTIONS.get(found[0], found[0]), said)
        said = re.sub(r"(--\S+ (?:or|and) )([a-z]+)\b", lambda two: two[1] + _OPTIONS.get(two[2], two[2]), said)
    said = re.sub(
        r"give options=\[\w+\((.*)\)\]$",
        lambda found: "add " + " ".join(f"--option {name}={value}" for name, value in _PAIR.findall(found[1])),
        said,
    )
    said = re.sub(r"\bsay ([a-z_]+)=\.\.\.", lambda found: f"add {_OPTIONS.get(found[1], found[1])}", said)
    said = said.replace("say allow_custom_base_url=True", "give --set allow_custom_base_url=yes")
    return said.replace(", account='...'", ", with its setting account")


_PAIR = re.compile(r"(\w+)='?([^',]*)'?")


def _advice(args: argparse.Namespace, error: AnyCarrierError) -> str:
    if isinstance(error, StillPending):
        awaited = [args.number] if args.port_id is None else ["--port", args.port_id]
        return f"; go on with: {command(args, 'wait', *awaited)}"
    if error.maybe_applied:
        return in_doubt(args, ordered=True) or f"; {may_have_happened(args)}"
    if isinstance(error, AuthenticationFailed):
        return "; anycarrier doctor says more"
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return f"; again in {error.retry_after:.0f} s"
    return ""


def only_reads(args: argparse.Namespace) -> bool:
    """Return whether the command changes nothing."""
    return args.dry_run or args.action in _READING or effect(args) == "reads"


_READING = ("show", "list", "status", "results")
"""Actions of commands that change something otherwise."""


def effect(args: argparse.Namespace) -> str:
    """``reads``, ``changes`` or ``buys``: of ``call``, that of its operation."""
    if args.command == "call" and args.purpose in (None, "read"):
        return "reads"
    return COMMANDS[args.command].effect


def in_doubt(args: argparse.Namespace, *, ordered: bool = False) -> str:
    """The advice after a command that ended at an unknown point; empty where it cannot have changed anything.

    Args:
        args: the command.
        ordered: whether an order is known to be on record; without it, an order is one that has its id.
    """
    if only_reads(args):
        return ""
    if effect(args) == "changes":
        return f"; {may_have_happened(args)}"
    name = args.request_id
    begun = ordered or name is not None or args.command == "recover"
    return f"; do not buy again, go on with: {recover_command(args, name)}" if begun else ""


def may_have_happened(args: argparse.Namespace) -> str:
    """The advice about a change with an unknown outcome."""
    if args.command == "call":
        return "it may have happened: look before you call it again"
    if args.command == "jobs":
        return "some of it may have been done; the same command goes on, and buys nothing twice"
    if args.command in ("apply", "undo"):
        return "some of it may have been made; the same command goes on, and does nothing twice"
    if args.command == "port-in":
        again = f" with --request-id {args.request_id}" if args.request_id else ""
        return f"some of it may have been ordered; the same command goes on{again}, and orders nothing twice"
    action = "campaign show" if args.command == "campaign" else "get"
    return f"it may have happened, see: {command(args, action, args.number)}"


def recover_command(args: argparse.Namespace, request_id: str | None) -> str:
    """The command that finishes an order, or every open one, with the journal and the settings of this command."""
    words = ["anycarrier", "recover"]
    if request_id is not None:
        words.append(request_id)
    if args.journal:
        words += ["--journal", args.journal]
    words += [word for name, value in args.options for word in ("--option", f"{name}={value}")]
    said = shlex.join(words)
    if args.base_url or args.settings:
        # The journal does not hold what the command line set.
        said += f" {Choice.of(args).options()}"
    return said


def command(args: argparse.Namespace, action: str, *words: str) -> str:
    """A command line with *words*, such as a number, that names the provider as this one does."""
    try:
        chosen = f" {Choice.of(args).options()}"
    except AnyCarrierError:  # interrupted before a provider was chosen
        chosen = ""
    return f"anycarrier {action} {shlex.join(words)}{chosen}"
