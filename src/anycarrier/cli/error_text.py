"""An error as one line: what went wrong, where, and what to do about it."""

from __future__ import annotations

import argparse
import re
import shlex

from anycarrier.cli.accounts import Choice
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

__all__ = ["command", "line_of", "may_have_happened", "recover_command", "spelled"]


def line_of(args: argparse.Namespace, error: AnyCarrierError | InvalidNumber) -> str:
    """What to print for *error* after ``anycarrier:``."""
    said = spelled(error, str(error))
    if getattr(error, "provider", None) is None:
        said = f"{args.command}: {said}"
    if isinstance(error, InvalidNumber):
        return said
    applied = ", ".join(route_words(route) for route in error.applied)
    if applied:
        said += f"; in effect before that: {applied}"
    return said + _advice(args, error)


_OPTIONS = {
    **{one.name: one.option for one in FILTERS}, "limit": "--limit",
    "spend_cap": "--spend-cap", "quantity": "--count", "request_id": "--request-id", "deadline": "--deadline",
    "prefer": "--prefer", "in_doubt": "--in-doubt", "to_account": "--to", "campaign_id": "CAMPAIGN",
    "number": "NUMBER", "capabilities": "--need",
}  # fmt: skip
"""Command-line spelling of each argument of the library."""


def spelled(error: Exception, said: str) -> str:
    """*said* with what is Python in it as the command line has it."""
    if isinstance(error, InvalidInput):
        # A name of one word is one only where a message begins with it; with an underscore it is one anywhere.
        first = re.match(r"([a-z_]+)(?= (?:must|is|takes|and|or|holds?)\b)", said)
        if first and first[1] in _OPTIONS:
            said = f"{_OPTIONS[first[1]]}{said[first.end() :]}"
    if isinstance(error, InvalidInput | Unsupported):
        # A feature, such as search.area_code, is called that here too.
        said = re.sub(r"(?<![\w.])[a-z]+_[a-z]+\b", lambda found: _OPTIONS.get(found[0], found[0]), said)
        said = re.sub(r"(--\S+ (?:or|and) )([a-z]+)\b", lambda two: two[1] + _OPTIONS.get(two[2], two[2]), said)
    said = re.sub(
        r": give options=\[.*\]$", ", which cannot be given on the command line: buy it from a program in Python", said
    )
    said = said.replace("say allow_custom_base_url=True", "give --set allow_custom_base_url=yes")
    return said.replace(", account='...'", ", with its setting account")


def _advice(args: argparse.Namespace, error: AnyCarrierError) -> str:
    if isinstance(error, StillPending):
        return f"; go on with: {command(args, 'wait', args.number)}"
    if error.maybe_applied:
        return in_doubt(args, ordered=True) or f"; {may_have_happened(args)}"
    if isinstance(error, AuthenticationFailed):
        return "; anycarrier doctor says more"
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return f"; again in {error.retry_after:.0f} s"
    return ""


def in_doubt(args: argparse.Namespace, *, ordered: bool = False) -> str:
    """How to go on after a command of which nobody can say how far it came; empty where it cannot have changed a thing.

    Args:
        args: the command.
        ordered: whether something is known to be ordered; else that is so from when the order has its id.
    """
    if getattr(args, "dry_run", False):
        return ""
    if args.command in ("buy", "provision", "recover"):
        name = getattr(args, "request_id", None)
        begun = ordered or name is not None or args.command == "recover"
        return f"; do not buy again, go on with: {recover_command(args, name)}" if begun else ""
    if args.command in ("release", "route", "transfer") or getattr(args, "action", "show") != "show":
        return f"; {may_have_happened(args)}"
    return ""


def may_have_happened(args: argparse.Namespace) -> str:
    """What to do about a change of which nobody can say whether it was made."""
    action = "campaign show" if args.command == "campaign" else "get"
    return f"it may have happened, see: {command(args, action, args.number)}"


def recover_command(args: argparse.Namespace, request_id: str | None) -> str:
    """The command that finishes an order, or all that is open, with the journal and the settings of this one."""
    words = ["anycarrier", "recover"]
    if request_id is not None:
        words.append(request_id)
    if getattr(args, "journal", None):
        words += ["--journal", args.journal]
    said = shlex.join(words)
    if getattr(args, "base_url", None) or getattr(args, "settings", None):
        # What was given on the command line is on no record.
        said += f" {Choice.of(args).options()}"
    return said


def command(args: argparse.Namespace, action: str, number: str) -> str:
    """A command line for *number* that chooses the provider as this one did."""
    try:
        chosen = f" {Choice.of(args).options()}"
    except AnyCarrierError:  # as when it was interrupted before anything was chosen
        chosen = ""
    return f"anycarrier {action} {shlex.quote(number)}{chosen}"
