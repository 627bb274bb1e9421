"""Reasons from the journal: text that begins with the class of the error, if there was one."""

from __future__ import annotations

from anycarrier import errors
from anycarrier.cli import exit_codes
from anycarrier.cli.exit_codes import Exit
from anycarrier.errors import AnyCarrierError

__all__ = ["at", "code_of", "words"]


def words(reason: str) -> str:
    """*reason* without the class of the error."""
    name, colon, rest = reason.partition(": ")
    return rest if colon and _kind(name) else reason


def at(account: str, reason: str) -> str:
    """*reason* after its account; most reasons name it already."""
    said = words(reason)
    return said if not account or said.startswith(f"{account} ") else f"{account}: {said}"


def code_of(reason: str) -> int:
    """The exit code of the error that *reason* is about."""
    kind = _kind(reason.removeprefix("the deadline ended; ").partition(": ")[0])
    if kind is None:
        return Exit.UNSUPPORTED if reason.startswith("cannot ") else Exit.REFUSED
    return exit_codes.code_of(kind)


def _kind(name: str) -> type[AnyCarrierError] | None:
    found = getattr(errors, name, None) if name in errors.__all__ else None
    return found if isinstance(found, type) and issubclass(found, AnyCarrierError) else None
