"""Tracebacks without frames that hold a credential: tools that report errors print the locals of each frame.

Below a transport stand the frames of libraries that know nothing of secrets and keep headers in plain lists, so
everything from a transport down is cut off. Of the frames above it those of the session are left out, and any whose
locals hold a secret that this process knows. What is raised is otherwise as it was, and so are its causes, each
treated alike, up to what was being handled before our code was called; a cause that itself shows a secret is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import cast

from anycarrier.redaction import quoted

__all__ = ["Hiding", "hide"]

_BELOW = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "h11", "httptools", "anyio"})
_HOLD_CREDENTIALS = frozenset(
    {
        "anycarrier.client._account_table",
        "anycarrier.engine.accounts",
        "anycarrier.engine.session",
        "anycarrier.engine.shared_secrets",
        "anycarrier.hints",
        "anycarrier.redaction",
        "anycarrier.secret_marks",
        "anycarrier.secret",
        "anycarrier.secret_store",
        "anycarrier.telemetry",
    }
)
"""Modules whose frames hold credentials, some of them before they are known as secrets."""
_MOST_VALUES = 10_000


class Hiding:
    """A context out of which no frame that holds a credential comes.

    Of a generator it sees the exception that the caller was handling at the first item.
    """

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = sys.exception()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and kind is not GeneratorExit:
            hide(error, self._before)


def hide(error: BaseException, before: BaseException | None = None) -> None:
    """Take frames that hold credentials out of the traceback of *error* and of everything that led to it.

    Args:
        error: what was raised, which is changed.
        before: what the caller was handling when it called us; that, and what led to it, is the caller's own.
    """
    seen = {id(before), id(None)}
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = _shown(one.__traceback__)
        if one.__cause__ is not None and one.__cause__ is not before and _says_a_secret(one.__cause__):
            one.__cause__ = None
        if one.__context__ is not None and one.__context__ is not before and _says_a_secret(one.__context__):
            one.__context__ = None
        todo += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            todo += one.exceptions


def _says_a_secret(error: BaseException) -> bool:
    """Return whether *error* itself shows a secret, as errors of decoders do, which hold the text that failed."""
    try:
        said = f"{error!r} {error}"
    except Exception:  # noqa: BLE001 - it may raise anything, and print anything
        return True
    return quoted(said) or _shows(error.args)


def _shown(trace: TracebackType | None) -> TracebackType | None:
    kept = [entry for entry in _above(trace) if not _holds_a_secret(entry.tb_frame)]
    shown = None
    for entry in reversed(kept):
        # Of an interrupt at an instruction that belongs to no line there is no line number, and one is asked for here.
        line = cast("int | None", entry.tb_lineno) or entry.tb_frame.f_code.co_firstlineno
        shown = TracebackType(shown, entry.tb_frame, entry.tb_lasti, line)
    return shown


def _above(trace: TracebackType | None) -> Iterator[TracebackType]:
    """Yield the entries of a traceback down to the first that is of a transport or below one."""
    while trace is not None:
        module = _module(trace.tb_frame)
        if module.startswith("anycarrier.transports.") or module.partition(".")[0] in _BELOW:
            return
        yield trace
        trace = trace.tb_next


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _holds_a_secret(frame: FrameType) -> bool:
    # A constructor that attrs made holds its arguments alone, and those may be a credential that is not known yet.
    if _module(frame) in _HOLD_CREDENTIALS or frame.f_code.co_filename.startswith("<attrs generated "):
        return True
    return any(_shows(value) for value in frame.f_locals.values())


def _shows(value: object) -> bool:
    """Return whether printing *value* shows a secret; objects are expected to hide theirs."""
    todo = [value]
    for _ in range(_MOST_VALUES):
        if not todo:
            return False
        one = todo.pop()
        if isinstance(one, str):
            if quoted(one):
                return True
        elif isinstance(one, bytes | bytearray):
            if quoted(bytes(one)):
                return True
        elif isinstance(one, dict):
            todo += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            todo += one
    return False
