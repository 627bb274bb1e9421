"""Secrets that this process holds, and their removal from everything that is shown.

A provider, or a proxy before it, may quote a credential in an error, a header or a record. No decision rests on this:
answers are read as they came, and what is *shown* of them (errors, log lines, the journal's copy, a ``raw``) goes
through :func:`redacted`. Each :class:`~anycarrier.secret.Secret` is known here as long as it exists; a session holds
one of every credential that it sent.

A process may hold hundreds of secrets, and gets new ones while it runs. So a new secret is added to what is looked for,
without making the rest anew, and one pass over a long text looks for all of them.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections import Counter, deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from anycarrier import processes

if TYPE_CHECKING:
    from anycarrier.secret_marks import Marks

__all__ = ["know", "masked", "quoted", "redacted", "redacted_value"]

_SHORT_TEXT = 1000


class Secret(Protocol):
    """A secret as this module needs it; :class:`anycarrier.secret.Secret` is the class."""

    def reveal(self) -> str: ...


def know(secret: Secret) -> None:
    """Know *secret* as long as it exists."""
    _held.add(secret)


def _no_marks() -> Marks:
    from anycarrier.secret_marks import Marks  # loaded where a text is shown that may hold a secret

    return Marks()


class _Reference(weakref.ref["Secret"]):
    """A weak reference that still says whose it was when the secret is gone."""

    __slots__ = ("alike", "key")

    key: int
    alike: int


class _Held:
    """The secrets that exist, and their marks."""

    def __init__(self) -> None:
        self._secrets: dict[int, _Reference] = {}
        # Each secret is appended to the first when it is made and to the second when it is gone.
        self._new: deque[_Reference] = deque()
        self._gone: deque[_Reference] = deque()
        self._alive: Counter[int] = Counter()  # by hash, since several may be equal
        self._stale = 0
        self._marks: Marks | None = None
        self._working = 0
        self.forked()

    def forked(self) -> None:
        """Replace the lock in a child: a thread of the parent may hold it."""
        self._lock = threading.RLock()
        self._working = 0

    # Nothing here takes the lock: a secret may go wherever memory is freed.

    def add(self, secret: Secret) -> None:
        # Nothing of Python runs when the secret is gone, so Ctrl-C cannot strike there, where it would be lost.
        reference = _Reference(secret, self._gone.append)
        reference.key, reference.alike = id(secret), hash(secret)
        self._secrets[reference.key] = reference
        self._new.append(reference)

    def marks(self) -> Marks | None:
        """Return what to look for; ``None`` where there is nothing."""
        if (self._new or self._gone) and self._working != threading.get_ident():
            with self._lock:
                self._working = threading.get_ident()
                try:
                    self._update()
                finally:
                    self._working = 0
        return self._marks if self._secrets else None

    def _update(self) -> None:
        marks = self._marks = self._marks or _no_marks()
        while self._new:
            reference = self._new[0]
            if (secret := reference()) is not None:
                marks.add(secret.reveal())
            self._new.popleft()  # only now: an interrupt must not lose it
            self._count(reference.alike, 1)
        while self._gone:
            reference = self._gone.popleft()
            if self._secrets.get(reference.key) is reference:  # otherwise another has its place
                del self._secrets[reference.key]
            self._count(reference.alike, -1)
        if self._stale > len(self._alive) // 8:  # some that are gone are not worth the work where there are many
            self._rebuild()

    def _rebuild(self) -> None:
        self._stale, marks = 0, _no_marks()
        for reference in tuple(self._secrets.values()):
            if (secret := reference()) is not None:
                marks.add(secret.reveal())
        self._marks = marks

    def exact(self) -> Marks | None:
        """Return what to look for without the secrets that are gone: for a text that seems to hold one."""
        with self._lock:
            if self._stale and not self._working:
                self._working = threading.get_ident()
                try:
                    self._rebuild()
                finally:
                    self._working = 0
            return self._marks if self._secrets else None

    def _count(self, alike: int, change: int) -> None:
        self._alive[alike] += change
        if not self._alive[alike]:
            del self._alive[alike]
            self._stale += 1


_held = _Held()
processes.in_child(_held.forked)


def redacted(text: str, *, words: bool = True) -> str:
    """Return *text* with every secret, and every longer part of one, replaced: plain, quoted for URLs, JSON or HTML, in
    base64 or hexadecimal, in capitals.

    Args:
        text: of any kind.
        words: also short secrets, which may be words; not in a text that is our own.
    """
    marks = _held.marks()
    if marks is None:
        return text
    found = marks.removed_from(text, words=words)
    if found != text and (exact := _held.exact()) is not marks:
        return text if exact is None else exact.removed_from(text, words=words)
    return found


def quoted(text: str | bytes) -> bool:
    """Return whether a secret stands in *text* whole, plain or quoted; short ones are looked for in short texts."""
    marks = _held.marks()
    if marks is None or not _quoted(text, marks):
        return False
    exact = _held.exact()
    return exact is marks or (exact is not None and _quoted(text, exact))


def _quoted(text: str | bytes, marks: Marks) -> bool:
    if marks.in_bytes(text) if isinstance(text, bytes) else marks.in_text(text):
        return True
    if len(text) >= _SHORT_TEXT:
        return False
    return marks.in_words(text.decode("latin-1") if isinstance(text, bytes) else text)


def redacted_value(value: object) -> object:
    """Return *value*, of JSON's types, with every text in it :func:`redacted`."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {redacted_value(key): redacted_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([redacted_value(item) for item in value])
    return value


_DIGITS = re.compile(
    r"(?<![0-9A-Za-z])(\+?[0-9]{3,5})[0-9]{5,10}([0-9]{2})(?![0-9A-Za-z])"
    r"|(\(?[2-9][0-9]{2}\)?[-. ])[0-9]{3}[-. ][0-9]{2}([0-9]{2})(?![0-9])"
)


def masked(text: object) -> str:
    """*text* with each phone number masked: its first digits and the last two stay."""
    return _DIGITS.sub(lambda m: f"{m[1] or m[3]}*****{m[2] or m[4]}", str(text))
