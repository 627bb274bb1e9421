"""Exit codes, for programs that call the command. From 64 on they are those of sysexits.h.

:data:`TABLE` is the only list: ``--help``, ``docs/cli.md`` and :func:`exit_code` read it.
"""

from __future__ import annotations

__all__ = ["TABLE", "Exit", "Meaning", "code_of", "exit_code"]


class Exit:
    """The codes by name."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNSUPPORTED = 3
    NOT_FOUND = 4
    UNAVAILABLE = 69
    BUG = 70
    INPUT_OUTPUT = 74
    UNKNOWN = 75
    PROTOCOL = 76
    DENIED = 77
    INTERRUPTED = 130
    PIPE = 141
    TERMINATED = 143


class Meaning:
    """One exit code.

    Attributes:
        code: the number.
        text: the meaning in a few words, for ``--help``.
        more: what else to know, for the docs.
        errors: names of the errors that end with this code, and so do the errors derived from them.
    """

    def __init__(self, code: int, text: str, more: str = "", errors: tuple[str, ...] = ()) -> None:
        self.code = code
        self.text = text
        self.more = more
        self.errors = errors


TABLE = (
    Meaning(Exit.DONE, "done"),
    Meaning(
        Exit.REFUSED,
        "the provider said no",
        "not available, no money, or a state that forbids it; no provider can fill the order; `wait`: setting up "
        "failed; `recover`: a number turned up that is not needed; `reconcile`: something differs; `plan`: something "
        "cannot be done; `apply`: something was skipped; `portable`: a number cannot be ported; `port-in`, `ports`: a "
        "number is not coming by its order",
        ("ProviderError", "OrderExhausted", "SetUpFailed", "SpendLimitExceeded"),
    ),
    Meaning(
        Exit.USAGE,
        "usage or settings error, or confirmation needed without a terminal",
        "nothing was sent",
        ("ConfigurationError", "InvalidInput", "InvalidNumber"),
    ),
    Meaning(Exit.UNSUPPORTED, "the provider cannot do this; nothing was sent", "", ("Unsupported",)),
    Meaning(Exit.NOT_FOUND, "not on this account", "", ("NotFound",)),
    Meaning(
        Exit.UNAVAILABLE,
        "provider or connection down, or too many requests: try later",
        "nothing was changed",
        ("RateLimited", "ProviderDown", "TransportError"),
    ),
    Meaning(
        Exit.BUG,
        "internal error (please report)",
        "nothing can have been changed; otherwise the code is 75",
    ),
    Meaning(
        Exit.INPUT_OUTPUT,
        "the purchase journal cannot be used, or stdout cannot be written",
        "of the journal: no purchase was begun; of stdout, as on a full disk: only for a command that changes nothing",
        ("JournalError",),
    ),
    Meaning(
        Exit.UNKNOWN,
        "it may have happened, or is not finished: run the command in the message",
        "`wait`: the provider waits for a person to supply something; `ports`: an order on record is open",
        ("OutcomeUnknown", "StillPending"),
    ),
    Meaning(Exit.PROTOCOL, "the provider's answer broke its contract", "", ("UnexpectedResponse",)),
    Meaning(
        Exit.DENIED,
        "the credentials were refused, or do not allow it",
        "",
        ("AuthenticationFailed", "PermissionDenied"),
    ),
    Meaning(Exit.INTERRUPTED, "interrupted, or the answer to a question was no"),
    Meaning(
        Exit.PIPE,
        "the reader of stdout left, as head does",
        "only for a command that changes nothing",
    ),
    Meaning(Exit.TERMINATED, "terminated (SIGTERM)"),
)

_CODES = {name: meaning.code for meaning in TABLE for name in meaning.errors}


def exit_code(error: BaseException) -> int:
    """The exit code for *error*; that something may have happened counts for more than the kind of error."""
    return Exit.UNKNOWN if getattr(error, "maybe_applied", False) else code_of(type(error))


def code_of(error: type[BaseException]) -> int:
    """The exit code for a class of errors; :data:`Exit.BUG` for one that the table does not know."""
    return next((_CODES[cls.__name__] for cls in error.__mro__ if cls.__name__ in _CODES), Exit.BUG)
