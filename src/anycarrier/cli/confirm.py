"""Confirmation before money is spent or a number is lost."""

from __future__ import annotations

import sys

from anycarrier.cli.context import Context, Ended
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.output import say
from anycarrier.cli.working import quiet

__all__ = ["can_ask", "confirm"]


def can_ask(context: Context) -> None:
    """Return when there is ``--yes``, or a terminal to ask on; else raise :class:`Ended`."""
    args = context.args
    if args.yes:
        return
    if args.from_file == "-":
        raise Ended("--from-file - reads stdin, where the answer would be typed: give --yes")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Ended("confirmation is needed, and there is no terminal to ask on: give --yes")


def confirm(context: Context, what: str, consequence: str) -> None:
    """Return when the answer is yes, or there is ``--yes``; else raise :class:`Ended`.

    The question goes to stderr, so that stdout holds the result alone.

    Args:
        context: of the command.
        what: the deed, with number and provider, as a question.
        consequence: its cost, and what cannot be undone.
    """
    can_ask(context)
    if context.args.yes:
        return
    say(what)
    say(consequence)
    try:
        with quiet():
            sys.stderr.write("Type yes to go on: ")
            sys.stderr.flush()
            answer = sys.stdin.readline()
    except KeyboardInterrupt:
        say("")
        raise Ended("nothing was done", Exit.INTERRUPTED) from None
    except (OSError, ValueError):  # the terminal is gone, or the answer is not text
        answer = ""
    if not answer:  # the end of input leaves the cursor behind the question
        say("")
    if answer.strip().casefold() != "yes":
        raise Ended("nothing was done", Exit.INTERRUPTED)
