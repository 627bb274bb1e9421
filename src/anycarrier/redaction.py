"""Secrets that this process holds, and taking them out of whatever is shown.

A provider, or a proxy before it, may quote a credential in an error, a header or a record. Nothing that is decided
rests on this: answers are read as they came, and what is *shown* of them (errors, log lines, what a journal keeps, a
``raw``) goes through :func:`redacted`. Each :class:`Secret` is known here as long as it exists; a session keeps one of
every credential that it sent.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["REDACTED", "Secret", "in_base64", "quoted", "redacted", "redacted_value"]

REDACTED = "[secret]"
PART = 8
"""So many characters of a long secret are enough to be taken for a part of it, where they are letters and other signs.
What others write too (digits, a few signs again and again) is a part only together with what stands beside it."""
WORDS = 16
"""So many characters are enough where they are letters alone, which may be words."""
SPAN = 32
"""So many characters are looked at for a part, which bounds the work that a secret makes."""
DIFFERENT = 4
"""So many different characters are in a part: zeros in a row are none."""
LONG = 12
"""A secret of fewer characters may be a word, and is taken out only where it stands alone and whole."""
SHORTEST = 4
"""A secret of fewer characters would be found everywhere."""
_SHORT_TEXT = 1000


class Secret:
    """A text that no ``repr``, ``str``, format, log line or pickle shows, and no error that quotes it either."""

    __slots__ = ("__weakref__", "_pieces", "_value")

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            from anycarrier.errors import InvalidInput  # which needs this module

            raise InvalidInput(f"the value of a Secret must be text, not {type(value).__name__}")
        self._value = value
        self._pieces: frozenset[str] | None = None
        _held.add(self)

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def pieces(self) -> frozenset[str]:
        """What shows a part of it, in lower case. Made once: a long token has thousands."""
        if self._pieces is None:
            forms = (*_forms(self._value), *in_base64(self._value))
            self._pieces = frozenset(piece for form in {*map(_lower, forms)} for piece in _pieces(form))
        return self._pieces

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a Secret is not pickled: configure the account where it is used")


class _Marks:
    """What shows secrets in a text.

    Attributes:
        forms: every long secret as it may be written, whole.
        encoded: the same as bytes.
        parts: the shortest pieces of those that are long which nothing else is likely to hold, in lower case, by their
            first :data:`PART` characters.
        digits: those that stand together in the long ones; a part of them is looked for where it stands alone.
        whole: those that are short, or numbers, where no letter or digit stands beside them.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        parts: set[str] = set()
        whole: set[str] = set()
        self.forms: set[str] = set()
        for secret in {*secrets}:
            text = secret.reveal()
            if len(text) < SHORTEST:
                continue
            forms = set(_forms(text))
            # An account's number shares its first digits with others' numbers, which are no secret.
            if len(text) < LONG or text.isdigit():
                whole |= forms
                continue
            self.forms |= forms
            parts |= secret.pieces()
        self.parts: dict[str, list[str]] = {}
        for part in sorted(parts, key=len, reverse=True):
            self.parts.setdefault(part[:PART], []).append(part)
        self.digits = {run for form in self.forms for run in re.findall(f"[0-9]{{{PART},}}", form)}
        self.encoded = {form.encode("utf-8", "surrogatepass") for form in self.forms}
        either = "|".join(sorted(map(re.escape, whole), key=len, reverse=True))
        self.whole = re.compile(f"(?<![0-9A-Za-z])(?:{either})(?![0-9A-Za-z])", re.IGNORECASE) if whole else None


class _Held:
    """The secrets that exist."""

    def __init__(self) -> None:
        self._secrets: dict[int, weakref.ref[Secret]] = {}
        self._stamp = object()
        self._made: tuple[object, _Marks] | None = None

    def add(self, secret: Secret) -> None:
        key = id(secret)
        self._secrets[key] = weakref.ref(secret, lambda _: self._forget(key))
        self._stamp = object()

    def _forget(self, key: int) -> None:
        self._secrets.pop(key, None)
        self._stamp = object()

    def marks(self) -> _Marks | None:
        """What to look for; ``None`` where there is nothing. Made anew after a secret came or went."""
        if not self._secrets:
            return None
        stamp = self._stamp  # before the secrets: one that comes meanwhile makes what is made here an old one
        made = self._made
        if made is None or made[0] is not stamp:
            alive = [secret for reference in list(self._secrets.values()) if (secret := reference()) is not None]
            made = self._made = (stamp, _Marks(alive))
        return made[1]


_held = _Held()


def redacted(text: str, *, words: bool = True) -> str:
    """*text* with every secret, and every longer part of one, replaced: as it is, quoted for URLs, JSON or HTML, in
    base64 or hexadecimal, in capitals.

    Args:
        text: of any kind.
        words: also short secrets, which may be words; not in a text that is our own.
    """
    marks = _held.marks() if len(text) >= SHORTEST else None
    if marks is None:
        return text
    if marks.parts:
        text = _without_parts(text, marks.parts)
    if marks.digits:
        text = _NUMBER.sub(lambda found: REDACTED if _is_among(found[0], marks.digits) else found[0], text)
    return text if marks.whole is None or not words else marks.whole.sub(REDACTED, text)


_NUMBER = re.compile(f"(?<![0-9A-Za-z])[0-9]{{{PART},}}(?![0-9A-Za-z])")


def _is_among(number: str, digits: set[str]) -> bool:
    return len(set(number)) >= DIFFERENT and any(number in run for run in digits)


def _without_parts(text: str, parts: Mapping[str, list[str]]) -> str:
    lower = _lower(text)
    kept: list[str] = []
    end = 0
    for at in range(len(lower) - PART + 1):
        if (likely := parts.get(lower[at : at + PART])) is None:
            continue
        part = next((part for part in likely if lower.startswith(part, at)), None)  # the longest
        if part is None:
            continue
        if at > end or not kept:
            kept += [text[end:at], REDACTED]
        end = max(end, at + len(part))
    return "".join([*kept, text[end:]])


def _pieces(form: str) -> Iterator[str]:
    """The shortest pieces of *form* that tell it from other texts: together they cover whatever is one such piece or
    more of it, but for signs that go on the same for long; and the whole."""
    yield form
    if not _is_telling(form):
        return
    seen: set[tuple[str, str]] = set()
    for at in range(len(form) - PART + 1):
        if _is_telling(form[at : at + PART]):
            yield form[at : at + PART]
            continue
        around = (form[max(0, at + PART - SPAN) : at], form[at : at + SPAN])
        if around in seen:
            continue
        seen.add(around)
        after = (form[at:end] for end in range(at + PART + 1, min(len(form), at + SPAN) + 1))
        before = (form[start : at + PART] for start in range(at - 1, max(0, at + PART - SPAN) - 1, -1))
        yield from (piece for each in (after, before) if (piece := next(filter(_is_telling, each), None)) is not None)


def _is_telling(piece: str) -> bool:
    """Whether *piece* is unlikely to stand in a text by chance, as a number, a row of zeros or a word does."""
    if piece.isdigit() or len(set(piece)) < DIFFERENT or not any(map(str.isalpha, piece)):
        return False
    return len(piece) >= WORDS or not piece.replace(" ", "").isalpha()


def quoted(text: str | bytes) -> bool:
    """Whether a secret stands in *text* whole, as it is or quoted; quick for a long text, where only long ones are
    looked for."""
    marks = _held.marks()
    if marks is None:
        return False
    if isinstance(text, bytes):
        if any(form in text for form in marks.encoded):
            return True
        text = text.decode("latin-1") if len(text) < _SHORT_TEXT else ""
    elif any(form in text for form in marks.forms):
        return True
    return marks.whole is not None and len(text) < _SHORT_TEXT and marks.whole.search(text) is not None


def redacted_value(value: Any) -> Any:
    """*value*, of JSON's types, with every text in it :func:`redacted`."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {redacted_value(key): redacted_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([redacted_value(item) for item in value])
    return value


def _lower(text: str) -> str:
    """In lower case, at the same places: some letters become two."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(low if len(low := one.lower()) == 1 else one for one in text)


def _forms(text: str) -> Iterator[str]:
    """How a text may be written."""
    import html
    import json
    from urllib.parse import quote, quote_plus

    yield from (text, quote(text), quote(text, safe=""), quote_plus(text), html.escape(text), html.escape(text, False))
    for ascii_only in (True, False):
        in_json = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (in_json, in_json.replace("/", "\\/"))
    yield text.encode("utf-8", "surrogatepass").hex()


def in_base64(text: str) -> Iterator[str]:
    """What base64 of anything that holds *text* has in common, wherever in it *text* begins."""
    import base64

    for before in range(3):
        data = b"\0" * before + text.encode("utf-8", "surrogatepass")
        # The first characters depend on what stands before it, and the last on what follows.
        common = base64.b64encode(data).decode()[-(-before * 8 // 6) : len(data) * 8 // 6]
        yield from (common, common.replace("+", "-").replace("/", "_"), common.replace("/", "\\/"))
