"""An error as one line: what went wrong, where, and what to do about it."""

from __future__ import annotations

import argparse
import shlex

from anycarrier.cli.choose import Choice
from anycarrier.cli.records import route_words
from anycarrier.errors import AnyCarrierError, AuthenticationFailed, OutcomeUnknown, RateLimited, StillPending
from anycarrier.numbers import InvalidNumber
from anycarrier.purchase import Attempt

__all__ = ["command", "line_of", "may_have_happened", "resume_command", "resume_text"]


def line_of(args: argparse.Namespace, error: AnyCarrierError | InvalidNumber) -> str:
    """What to print for *error* after ``anycarrier:``."""
    if isinstance(error, OutcomeUnknown):
        return (
            f"{error.provider} buy: {error.number} may have been bought, and could not be confirmed in time (key "
            f"{error.key}); do not buy it again, go on with: {resume_command(args, error.number, _text_of(error))}"
        )
    said = str(error)
    if getattr(error, "provider", None) is None:
        said = f"{args.command}: {said}"
    if isinstance(error, InvalidNumber):
        return said
    applied = ", ".join(route_words(route) for route in error.applied)
    if applied:
        said += f"; in effect before that: {applied}"
    return said + _advice(args, error)


def _advice(args: argparse.Namespace, error: AnyCarrierError) -> str:
    if isinstance(error, StillPending):
        return f"; go on with: {command(args, 'wait', args.number)}"
    if error.maybe_applied:
        return f"; {may_have_happened(args)}"
    if isinstance(error, AuthenticationFailed):
        return "; anycarrier doctor says more"
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return f"; again in {error.retry_after:.0f} s"
    return ""


def may_have_happened(args: argparse.Namespace) -> str:
    """What to do about a change of which nobody can say whether it was made."""
    action = "campaign show" if args.command == "campaign" else "get"
    return f"it may have happened, see: {command(args, action, args.number)}"


def _text_of(error: OutcomeUnknown) -> str:
    attempt = error.attempt
    if isinstance(attempt, Attempt):
        return resume_text(str(error.key), attempt.first_sent, attempt.last_sent)
    return str(error.key)


def resume_text(key: str, first_sent: float, last_sent: float) -> str:
    """What ``buy --resume`` needs: the key, when the purchase was first sent, and for how long after that."""
    return f"{key}@{first_sent:.0f}+{max(0, round(last_sent - first_sent))}"


def resume_command(args: argparse.Namespace, number: str, text: str) -> str:
    """The command that goes on with a purchase whose outcome is unknown."""
    return f"{command(args, 'buy', number)} --resume {shlex.quote(text)}"


def command(args: argparse.Namespace, action: str, number: str) -> str:
    """A command line for *number* that chooses the provider as this one did."""
    try:
        chosen = f" {Choice.of(args).options()}"
    except AnyCarrierError:  # as when it was interrupted before anything was chosen
        chosen = ""
    return f"anycarrier {action} {shlex.quote(number)}{chosen}"
