"""The command line. Importing this, ``--version`` and ``--help`` load argparse and nothing else of weight."""

from __future__ import annotations

import sys

from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.streams import ended, flushed, muted, stand_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from anycarrier.engine.session import Clock
    from anycarrier.transports.protocol import Transport

__all__ = ["main"]


def main(
    argv: Sequence[str] | None = None, *, transport: Transport | str | None = None, clock: Clock | None = None
) -> int:
    """Run one command and return its exit code.

    Args:
        argv: without the program's name; by default those of the process.
        transport: what moves bytes, for tests; see :class:`anycarrier.Client`.
        clock: time and chance, for tests.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    stand_in()
    try:
        return _main(arguments, transport, clock)
    except KeyboardInterrupt:  # before a command has begun, or after it
        return Exit.INTERRUPTED


def _main(arguments: list[str], transport: Transport | str | None, clock: Clock | None) -> int:
    if arguments in (["--version"], ["-V"]):  # known without a parser
        from anycarrier._version import __version__

        try:
            print(f"anycarrier {__version__}")
        except OSError as error:
            muted(sys.stdout)
            return ended(Exit.DONE, error, reads=True)
        return ended(Exit.DONE, flushed(), reads=True)
    from anycarrier.cli.parser import parse

    try:
        parsed = parse(arguments)
    except SystemExit as stop:  # argparse has printed its help, or what is wrong
        return stop.code if isinstance(stop.code, int) else Exit.USAGE
    from anycarrier.cli.run import run

    return run(parsed, transport, clock)
