"""Exit codes: what each means, for programs that call the command. From 64 on they are those of sysexits.h."""

from __future__ import annotations

__all__ = ["DECLINED", "MEANINGS", "Exit"]


class Exit:
    """The codes by name."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNSUPPORTED = 3
    NOT_FOUND = 4
    UNAVAILABLE = 69
    BUG = 70
    JOURNAL = 74
    OUTPUT = 74
    """That of the journal too: an input or output error, as sysexits.h has it."""
    UNKNOWN = 75
    PROTOCOL = 76
    DENIED = 77
    INTERRUPTED = 130
    PIPE = 141
    TERMINATED = 143


DECLINED = Exit.INTERRUPTED

MEANINGS: tuple[tuple[int, str], ...] = (
    (Exit.DONE, "done"),
    (Exit.REFUSED, "the provider said no"),
    (Exit.USAGE, "wrong usage or settings; a yes was needed and nobody could be asked"),
    (Exit.UNSUPPORTED, "this provider cannot do it; nothing was sent"),
    (Exit.NOT_FOUND, "not on this account"),
    (Exit.UNAVAILABLE, "provider or connection down, or too many requests: try later"),
    (Exit.BUG, "a mistake in anycarrier"),
    (Exit.JOURNAL, "the purchase journal cannot be used; or what was asked for\n       cannot be written to stdout"),
    (Exit.UNKNOWN, "it may have happened, or is not finished: see the command named"),
    (Exit.PROTOCOL, "the provider's answer broke its contract"),
    (Exit.DENIED, "the credentials were refused, or do not allow it"),
    (Exit.INTERRUPTED, "interrupted, or answered no; 143 when terminated"),
)
"""What each code means, in the words of ``--help``."""
