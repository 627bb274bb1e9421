"""The context of a command: its arguments, its output, and what tests replace."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from attrs import frozen

from anycarrier.cli.accounts import Choice
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.output import Output
from anycarrier.client import Client
from anycarrier.engine.rate_limits import MAX_WAIT
from anycarrier.engine.session import Clock
from anycarrier.transports.protocol import Timeouts, Transport

if TYPE_CHECKING:
    from anycarrier.purchase.journal import Journal

__all__ = ["Context", "Ended", "Terminated", "close"]


class Ended(Exception):
    """Ends the command with a line on stderr and an exit code."""

    def __init__(self, message: str, code: int = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code


class Terminated(KeyboardInterrupt):
    """SIGTERM; it unwinds as Ctrl-C does."""


def close(numbers: Iterator[object]) -> None:
    """End a listing before its last item, so that its connection is free before the client closes."""
    if isinstance(numbers, Generator):
        numbers.close()


@frozen
class Context:
    """The arguments, the output and, for tests, the transport and the clock."""

    args: argparse.Namespace
    out: Output
    transport: Transport | str | None = None
    clock: Clock | None = None

    def client(self, provider: object, journal: Journal | None = None) -> Client[Any]:
        """A client for a provider object, whose writes are on record in the journal."""
        made: Client[Any] = Client(
            provider,
            transport=self.transport,
            clock=self.clock,
            journal=journal,
            timeouts=self.timeouts,
            max_wait=self.args.timeout or MAX_WAIT,
        )
        return made

    @property
    def timeouts(self) -> Timeouts | None:
        """The time limits that ``--timeout`` gives; those of the library without it."""
        limit, usual = self.args.timeout, Timeouts()
        if limit is None:
            return None
        return Timeouts(
            connect=min(limit, usual.connect),
            read=limit,
            write=limit,
            pool=limit,
            total=limit,
            stream=limit,
            # A purchase whose answer is cut off is in doubt: no impatience is worth that.
            purchase_read=max(limit, usual.purchase_read),
            purchase_total=max(limit, usual.purchase_total),
        )

    def chosen(self) -> Client[Any]:
        """A client for the one provider that the options name."""
        return self.client(Choice.of(self.args).make())
