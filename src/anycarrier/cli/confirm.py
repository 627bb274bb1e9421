"""Asking before money is spent or a number is lost."""

from __future__ import annotations

import sys

from anycarrier.cli.context import Context, Ended
from anycarrier.cli.exit_codes import DECLINED
from anycarrier.cli.output import say

__all__ = ["can_ask", "confirm"]


def can_ask(context: Context) -> None:
    """Return when there is a yes already, or a terminal to ask on; else raise :class:`Ended`."""
    if not (context.args.yes or (sys.stdin.isatty() and sys.stderr.isatty())):
        raise Ended("this needs a yes, and there is no terminal to ask on: give --yes")


def confirm(context: Context, what: str, consequence: str) -> None:
    """Return when the answer is yes, or ``--yes`` was given; else raise :class:`Ended`.

    The question goes to stderr, so that stdout holds the result alone.

    Args:
        what: the deed, with number and provider, as a question.
        consequence: what it costs and what cannot be undone.
    """
    can_ask(context)
    if context.args.yes:
        return
    say(what)
    say(consequence)
    try:
        sys.stderr.write("Type yes to go on: ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        say("")
        raise Ended("nothing was done", DECLINED) from None
    except (OSError, ValueError):  # the terminal has gone, or what was typed is no text
        answer = ""
    if not answer:  # the end of input, which left the cursor behind the question
        say("")
    if answer.strip().casefold() != "yes":
        raise Ended("nothing was done", DECLINED)
