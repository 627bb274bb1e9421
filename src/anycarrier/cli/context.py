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
from anycarrier.engine.session import Clock
from anycarrier.transports.protocol import Transport

if TYPE_CHECKING:
    from anycarrier.purchase.journal import Journal

__all__ = ["Context", "Ended", "close"]


class Ended(Exception):
    """Ends the command with a line on stderr and an exit code."""

    def __init__(self, message: str, code: int = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code


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
        made: Client[Any] = Client(provider, transport=self.transport, clock=self.clock, journal=journal)
        return made

    def chosen(self) -> Client[Any]:
        """A client for the one provider that the options name."""
        return self.client(Choice.of(self.args).make())
