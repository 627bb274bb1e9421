"""Running a command: logging, signals, and every error as one line and an exit code."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from anycarrier.cli.context import Context, Ended
from anycarrier.cli.error_text import in_doubt, line_of, may_have_happened, spelled
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.json_output import error_record
from anycarrier.cli.output import Output, Unwritten, say, warn
from anycarrier.cli.variables import strange_at_start
from anycarrier.engine.clock import Clock
from anycarrier.errors import (
    AnyCarrierError,
    AuthenticationFailed,
    ConfigurationError,
    InvalidInput,
    JournalError,
    NotFound,
    OrderExhausted,
    OutcomeUnknown,
    PermissionDenied,
    ProviderDown,
    ProviderError,
    RateLimited,
    SpendLimitExceeded,
    StillPending,
    TransportError,
    UnexpectedResponse,
    Unsupported,
)
from anycarrier.numbers import InvalidNumber
from anycarrier.settings import PREFIX
from anycarrier.transports.protocol import Transport

__all__ = ["exit_code", "run"]

_COMMANDS = {
    "providers": "capabilities:providers", "capabilities": "capabilities:capabilities", "search": "search:search",
    "buy": "buy:buy", "wait": "buy:wait", "list": "numbers:list_all", "get": "numbers:get",
    "release": "numbers:release", "route": "numbers:route", "transfer": "numbers:transfer",
    "campaign": "numbers:campaign", "provision": "provision:provision", "purchases": "purchases:purchases",
    "recover": "recover:recover", "reconcile": "recover:reconcile", "simulate": "simulate:simulate",
    "demo": "demo:demo", "doctor": "doctor:doctor",
}  # fmt: skip
"""Where each command is: module and function; only the one that was typed is imported."""

_TABLES = frozenset({"providers", "capabilities", "search", "list", "purchases", "reconcile"})
"""Commands that show tables, and so need rich."""

_WRITES = frozenset({"release", "route", "transfer", "campaign"})
"""Commands that, interrupted, may have done what they were to do; purchases say so themselves."""

_BUYS = frozenset({"buy", "provision", "recover"})

# The first that fits counts, so a class stands before those it derives from.
_CODES: tuple[tuple[type[Exception], int], ...] = (
    (OutcomeUnknown, Exit.UNKNOWN),
    (StillPending, Exit.UNKNOWN),
    (ConfigurationError, Exit.USAGE),
    (InvalidInput, Exit.USAGE),
    (InvalidNumber, Exit.USAGE),
    (Unsupported, Exit.UNSUPPORTED),
    (NotFound, Exit.NOT_FOUND),
    (AuthenticationFailed, Exit.DENIED),
    (PermissionDenied, Exit.DENIED),
    (RateLimited, Exit.UNAVAILABLE),
    (ProviderDown, Exit.UNAVAILABLE),
    (TransportError, Exit.UNAVAILABLE),
    (UnexpectedResponse, Exit.PROTOCOL),
    (JournalError, Exit.JOURNAL),
    (ProviderError, Exit.REFUSED),
    (OrderExhausted, Exit.REFUSED),
    (SpendLimitExceeded, Exit.REFUSED),
)


def exit_code(error: Exception) -> int:
    """The exit code for *error*. What may have happened counts for more than why it is not known."""
    if isinstance(error, AnyCarrierError) and error.maybe_applied:
        return Exit.UNKNOWN
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.BUG)


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which unwinds as Ctrl-C does."""


def run(args: argparse.Namespace, transport: Transport | str | None = None, clock: Clock | None = None) -> int:
    """Perform the command that was typed; its exit code."""
    out = Output(getattr(args, "json", False), reads=_only_reads(args))
    with _signals(), _logging(args.debug):
        return out.end(_guarded(args, out, transport, clock), args.command)


def _only_reads(args: argparse.Namespace) -> bool:
    if getattr(args, "dry_run", False) or getattr(args, "action", None) == "show":
        return True
    return args.command not in _WRITES | _BUYS


def _guarded(
    args: argparse.Namespace, out: Output, transport: Transport | str | None, clock: Clock | None
) -> int:  # fmt: skip
    try:
        if args.command in _TABLES:
            out.need_tables()
        context = Context(args, out, transport, clock)
        for one in strange_at_start(_named(args)):
            warn(f"{args.command}: {one}")
        module, _, name = _COMMANDS[args.command].partition(":")
        return int(getattr(import_module(f"anycarrier.cli.{module}"), name)(context))
    except Unwritten:
        return Exit.DONE
    except Ended as ended:
        warn(f"{args.command}: {ended}")
        return ended.code
    except KeyboardInterrupt as stop:
        said = str(stop) or "interrupted"
        if args.command in _WRITES:
            said += f": {may_have_happened(args)}"
        warn(f"{args.command}: {said}")
        return Exit.TERMINATED if _terminated(stop) else Exit.INTERRUPTED
    except (AnyCarrierError, InvalidNumber) as error:
        _report(args, error, out)
        return exit_code(error)
    except ModuleNotFoundError as error:
        warn(f"{args.command}: this needs {error.name}, which is not installed: pip install anycarrier")
        _trace(args, error)
        return Exit.USAGE
    except Exception as error:  # noqa: BLE001 - the last resort: one line here too
        # Its text may hold anything, so only its kind is shown.
        doubt = in_doubt(args)
        warn(f"{args.command}: a mistake in anycarrier ({type(error).__name__}); --debug shows where{doubt}")
        _trace(args, error)
        return Exit.UNKNOWN if doubt else Exit.BUG


def _named(args: argparse.Namespace) -> list[str]:
    """The providers that are named, as far as that is known without looking anywhere; none where none is used."""
    if not hasattr(args, "provider") and not hasattr(args, "sources"):
        return []
    named = [args.provider] if getattr(args, "provider", None) else []
    named += [name for kind, name in getattr(args, "sources", ()) if kind == "from"]
    default = os.environ.get(f"{PREFIX}_PROVIDER")
    return [name for name in named or [default] if name]


def _terminated(stop: BaseException | None) -> bool:
    while stop is not None and not isinstance(stop, _Terminated):
        stop = stop.__cause__ or stop.__context__
    return stop is not None


def _report(args: argparse.Namespace, error: AnyCarrierError | InvalidNumber, out: Output) -> None:
    warn(line_of(args, error))
    if out.as_json:
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
    """SIGTERM unwinds the command, so that what is in doubt is said and connections are closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def terminate(number: int, frame: Any) -> None:
        raise _Terminated("terminated")

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
