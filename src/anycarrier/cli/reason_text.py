"""The reasons that a journal keeps: text that begins with the kind of error, when it was one."""

from __future__ import annotations

from anycarrier import errors
from anycarrier.cli.exit_codes import Exit
from anycarrier.errors import AnyCarrierError, Unsupported

__all__ = ["at", "code_of", "words"]


def words(reason: str) -> str:
    """*reason* without the kind of error before it."""
    name, colon, rest = reason.partition(": ")
    return rest if colon and _kind(name) else reason


def at(account: str, reason: str) -> str:
    """*reason* with the account that it is of, which most reasons begin with anyway."""
    said = words(reason)
    return said if not account or said.startswith(f"{account} ") else f"{account}: {said}"


def code_of(reason: str) -> int:
    """The exit code that the error would have had."""
    from anycarrier.cli.run import exit_code

    kind = _kind(reason.removeprefix("the deadline ended; ").partition(": ")[0])
    if kind is None:
        return Exit.UNSUPPORTED if reason.startswith("cannot ") else Exit.REFUSED
    return Exit.UNSUPPORTED if kind is Unsupported else exit_code(kind(""))


def _kind(name: str) -> type[AnyCarrierError] | None:
    found = getattr(errors, name, None) if name in errors.__all__ else None
    return found if isinstance(found, type) and issubclass(found, AnyCarrierError) else None
