"""Running a command: logging, signals, and every error as one line and an exit code."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from importlib import import_module

from anycarrier.cli.commands import COMMANDS
from anycarrier.cli.context import Context, Ended, Terminated
from anycarrier.cli.error_text import effect, in_doubt, line_of, may_have_happened, only_reads, spelled
from anycarrier.cli.exit_codes import Exit, exit_code
from anycarrier.cli.json_output import error_record
from anycarrier.cli.output import Output, Unwritten, say, warn
from anycarrier.cli.variables import strange_at_start
from anycarrier.cli.working import working
from anycarrier.engine.session import Clock
from anycarrier.errors import AnyCarrierError
from anycarrier.numbers import InvalidNumber
from anycarrier.settings import PREFIX
from anycarrier.transports.protocol import Transport

__all__ = ["run"]


def run(args: argparse.Namespace, transport: Transport | str | None = None, clock: Clock | None = None) -> int:
    """Run the command; its exit code."""
    out = Output(args.output, reads=only_reads(args))
    with _signals(), _logging(args.debug):
        with working(args.command, out.progress):
            code = _guarded(args, out, transport, clock)
        return out.end(code, args.command)


def _guarded(args: argparse.Namespace, out: Output, transport: Transport | str | None, clock: Clock | None) -> int:
    try:
        context = Context(args, out, transport, clock)
        for one in strange_at_start(_named(args)):
            warn(f"{args.command}: {one}")
        module, _, name = COMMANDS[args.command].runs.partition(":")
        return int(getattr(import_module(f"anycarrier.cli.{module}"), name)(context))
    except Unwritten:
        return Exit.DONE
    except Ended as ended:
        warn(f"{args.command}: {ended}")
        return ended.code
    except KeyboardInterrupt as stop:
        said = str(stop) or "interrupted"
        if effect(args) == "changes":
            said += f": {may_have_happened(args)}"
        warn(f"{args.command}: {said}")
        return Exit.TERMINATED if _terminated(stop) else Exit.INTERRUPTED
    except (AnyCarrierError, InvalidNumber) as error:
        _report(args, error, out)
        return exit_code(error)
    except ModuleNotFoundError as error:
        from anycarrier.installation import how_to_install

        warn(f"{args.command}: this needs {error.name}, which is not installed: {how_to_install()}")
        _trace(args, error)
        return Exit.USAGE
    except Exception as error:  # noqa: BLE001 - the last resort: one line here too
        # Its text may hold anything, so only its kind is shown.
        doubt = in_doubt(args)
        warn(f"{args.command}: internal error ({type(error).__name__}); please report it with --debug{doubt}")
        _trace(args, error)
        return Exit.UNKNOWN if doubt else Exit.BUG


def _named(args: argparse.Namespace) -> list[str]:
    """The providers that the options or the environment name; none where the command uses none."""
    if not args.uses_provider:
        return []
    named = [args.provider] if args.provider else []
    named += [name for kind, name in args.sources if kind == "from"]
    default = os.environ.get(f"{PREFIX}_PROVIDER")
    return [name for name in named or [default] if name]


def _terminated(stop: BaseException | None) -> bool:
    while stop is not None and not isinstance(stop, Terminated):
        stop = stop.__cause__ or stop.__context__
    return stop is not None


def _report(args: argparse.Namespace, error: AnyCarrierError | InvalidNumber, out: Output) -> None:
    warn(line_of(args, error))
    if out.form == "json":
        out.error({"error": {**error_record(error), "message": spelled(error, str(error))}})
    _trace(args, error)


def _trace(args: argparse.Namespace, error: BaseException) -> None:
    if not args.debug:
        return
    import traceback

    for block in traceback.format_exception(error):
        for line in block.splitlines():
            say(line)


@contextlib.contextmanager
def _logging(wanted: bool) -> Iterator[None]:
    """The ``anycarrier`` logger's lines on stderr, for ``--debug``."""
    if not wanted:
        yield
        return
    import logging

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(f"{record.levelname.lower()} {record.name}: {record.getMessage()}")

    logger, handler = logging.getLogger("anycarrier"), Lines()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM unwinds the command, so that an unknown outcome is reported and connections are closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def terminate(number: int, frame: object) -> None:
        raise Terminated("terminated")

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
