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
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Protocol

from anycarrier import processes

__all__ = ["REDACTED", "in_base64", "know", "masked", "quoted", "redacted", "redacted_value"]

REDACTED = "[secret]"
PART = 8
"""Characters of a long secret that count as a part of it, where they are letters and other signs. Digits, or a few
signs again and again, stand in other texts too: they are a part only together with their neighbors."""
WORDS = 16
"""Characters that count as a part where they are letters alone, which may be words."""
SPAN = 32
"""Characters that are examined for a part, which bounds the work that a secret makes."""
DIFFERENT = 4
"""Different characters in a part: a row of zeros is none."""
LONG = 12
"""Characters of a long secret. A shorter one may be a word, and is removed only where it stands alone and whole."""
SEED = 4
"""Characters at every fifth place of a long secret, by which a part of it is found: each part holds such a seed, and a
fifth as many of them as of parts are kept in memory."""
SEED_STEP = PART - SEED + 1
SHORTEST = 4
"""Characters of the shortest secret that is removed; a shorter one would be found everywhere."""
_SHORT_TEXT = 1000
_FEW = 12
"""Forms that are looked for one by one in a long text; from then on one pass over the text is cheaper."""
_STEP = LONG - PART + 1
"""Characters between two looks in such a pass: whatever is :data:`LONG` holds a piece that begins at one of them."""


class Secret(Protocol):
    """A secret as this module needs it; :class:`anycarrier.secret.Secret` is the class."""

    def reveal(self) -> str: ...


def know(secret: Secret) -> None:
    """Know *secret* as long as it exists."""
    _held.add(secret)


class _Marks:
    """The texts that show a secret, and how they are found. Secrets are added; nothing is removed.

    Attributes:
        forms: every long secret in each form, whole.
        grams: pieces of the forms, one of which stands at every :data:`_STEP` characters of a form.
        encoded, byte_grams: the same as bytes.
        lowered: every long secret in each form, base64 too, in lower case, and whether a part of it tells.
        seeds: places in those by the :data:`SEED` characters there: the form's number, and :data:`_PLACE` bits of the
            place in it; one, or a list of them.
        digits: runs of digits in long secrets; a part of a run is looked for where it stands alone.
        words: short secrets, and numbers, of letters and digits alone, in lower case.
        others: patterns of the other short ones, where no letter or digit stands beside them.
    """

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.forms: tuple[str, ...] = ()
        self.grams: set[str] = set()
        self.encoded: tuple[bytes, ...] = ()
        self.byte_grams: set[bytes] = set()
        self.lowered: list[tuple[str, bool]] = []
        self.seeds: dict[str, int | list[int]] = {}
        self.digits: tuple[str, ...] = ()
        self.words: set[str] = set()
        self.others: tuple[re.Pattern[str], ...] = ()

    # Other threads read meanwhile: a tuple is replaced, a list grows, and a set or a dict is only looked up in.

    def add(self, secret: Secret) -> None:
        """Add *secret*, unless an equal one was added before."""
        text = secret.reveal()
        if len(text) < SHORTEST or text in self.known:
            return
        forms = {*_forms(text)}
        # An account's number shares its first digits with other numbers, which are no secret.
        if len(text) < LONG or text.isdigit():
            plain = {form.lower() for form in forms if form.isascii() and form.isalnum()}
            self.words |= plain
            if other := [form for form in forms if form.lower() not in plain]:
                either = "|".join(sorted(map(re.escape, other), key=len, reverse=True))
                pattern = re.compile(f"(?<![0-9A-Za-z])(?:{either})(?![0-9A-Za-z])", re.IGNORECASE)
                self.others = (*self.others, pattern)
        else:
            encoded = [form.encode("utf-8", "surrogatepass") for form in forms]
            self.grams |= {form[at : at + PART] for form in forms for at in range(_STEP)}
            self.byte_grams |= {form[at : at + PART] for form in encoded for at in range(_STEP)}
            self.forms = (*self.forms, *forms)
            self.encoded = (*self.encoded, *encoded)
            self.digits = (*self.digits, *{run for form in forms for run in re.findall(f"[0-9]{{{PART},}}", form)})
            for form in dict.fromkeys(map(_lower, (*_forms(text), *in_base64(text)))):
                self._sow(form)
        self.known.add(text)

    def _sow(self, form: str) -> None:
        tells = _is_telling(form)
        first = len(self.lowered) << _PLACE
        self.lowered.append((form, tells))
        seen: set[tuple[int, str]] = set()
        for at in range(0, len(form) - SEED + 1 if tells else 1, SEED_STEP):
            before = min(at, SPAN - SEED)
            around = (before, form[at - before : at + SPAN])
            if around not in seen:  # signs that repeat for long look alike all along
                seen.add(around)
                seed = form[at : at + SEED]
                others = self.seeds.get(seed)
                if isinstance(others, list):
                    others.append(first + at)
                else:
                    self.seeds[seed] = first + at if others is None else [others, first + at]

    def in_words(self, text: str) -> bool:
        """Return whether a short secret stands in *text*."""
        return any(token.lower() in self.words for token in _TOKEN.findall(text)) or any(
            other.search(text) for other in self.others
        )

    def in_text(self, text: str) -> bool:
        """Return whether a long secret stands in *text* whole."""
        if len(self.forms) > _FEW and self.grams.isdisjoint(
            [text[at : at + PART] for at in range(0, len(text), _STEP)]
        ):
            return False
        return any(form in text for form in self.forms)

    def in_bytes(self, text: bytes) -> bool:
        """Return whether a long secret stands in *text* whole."""
        if len(self.encoded) > _FEW and self.byte_grams.isdisjoint(
            [text[at : at + PART] for at in range(0, len(text), _STEP)]
        ):
            return False
        return any(form in text for form in self.encoded)


class _Held:
    """The secrets that exist, and their marks."""

    def __init__(self) -> None:
        self._secrets: dict[int, weakref.ref[Secret]] = {}
        # Each secret is appended to the first when it is made and to the second when it is gone, with its hash.
        self._new: deque[tuple[weakref.ref[Secret], int]] = deque()
        self._gone: deque[tuple[int, int]] = deque()
        self._alive: Counter[int] = Counter()  # by hash, since several may be equal
        self._stale = 0
        self._marks = _Marks()
        self._working = 0
        self.forked()

    def forked(self) -> None:
        """Replace the lock in a child: a thread of the parent may hold it."""
        self._lock = threading.RLock()
        self._working = 0

    # Nothing here takes the lock: a secret may go wherever memory is freed.

    def add(self, secret: Secret) -> None:
        mark = id(secret), hash(secret)
        self._secrets[mark[0]] = reference = weakref.ref(secret, lambda _: self._gone.append(mark))
        self._new.append((reference, mark[1]))

    def marks(self) -> _Marks | None:
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
        while self._new:
            reference, alike = self._new[0]
            if (secret := reference()) is not None:
                self._marks.add(secret)
            self._new.popleft()  # only now: an interrupt must not lose it
            self._count(alike, 1)
        while self._gone:
            key, alike = self._gone.popleft()
            if (known := self._secrets.get(key)) is not None and known() is None:  # otherwise another has its place
                del self._secrets[key]
            self._count(alike, -1)
        if self._stale > len(self._alive) // 8:  # some that are gone are not worth the work where there are many
            self._rebuild()

    def _rebuild(self) -> None:
        self._stale, marks = 0, _Marks()
        for reference in tuple(self._secrets.values()):
            if (secret := reference()) is not None:
                marks.add(secret)
        self._marks = marks

    def exact(self) -> _Marks | None:
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
    marks = _held.marks() if len(text) >= SHORTEST else None
    if marks is None:
        return text
    found = _without(text, marks, words=words)
    if found != text and (exact := _held.exact()) is not marks:
        return text if exact is None else _without(text, exact, words=words)
    return found


def _without(text: str, marks: _Marks, *, words: bool) -> str:
    if marks.seeds:
        text = _without_parts(text, marks)
    if marks.digits:
        text = _NUMBER.sub(lambda found: REDACTED if _is_among(found[0], marks.digits) else found[0], text)
    if words:
        for other in marks.others:
            text = other.sub(REDACTED, text)
        if marks.words:
            text = _TOKEN.sub(lambda found: REDACTED if found[0].lower() in marks.words else found[0], text)
    return text


_TOKEN = re.compile(f"{re.escape(REDACTED)}|[0-9A-Za-z]+")  # the mark is a token of its own, whatever is secret
_NUMBER = re.compile(f"(?<![0-9A-Za-z])[0-9]{{{PART},}}(?![0-9A-Za-z])")


def _is_among(number: str, digits: tuple[str, ...]) -> bool:
    return len(set(number)) >= DIFFERENT and any(number in run for run in digits)


_PLACE = 24
"""Bits of a place in a form."""


def _without_parts(text: str, marks: _Marks) -> str:
    lower, seeds = _lower(text), marks.seeds
    found: list[tuple[int, int]] = []
    for at in range(len(lower) - SEED + 1):
        if (places := seeds.get(lower[at : at + SEED])) is not None:
            for place in (places,) if isinstance(places, int) else places:
                form, tells = marks.lowered[place >> _PLACE]
                found += _parts_around(lower, at, form, place & ((1 << _PLACE) - 1), tells=tells)
    kept: list[str] = []
    end = 0
    for begins, ends in sorted(found):
        if begins > end or not kept:
            kept += [text[end:begins], REDACTED]
        end = max(end, ends)
    return "".join([*kept, text[end:]])


def _parts_around(lower: str, at: int, form: str, place: int, *, tells: bool) -> Iterator[tuple[int, int]]:
    """Yield where in *lower* parts of *form* stand which hold the seed of *place* that is *at* this place of the text;
    a form of which no part tells stands there whole or not at all."""
    if not place and lower.startswith(form, at):
        yield at, at + len(form)
    if not tells:
        return
    left, most = 0, min(place, at, SPAN - SEED)
    while left < most and lower[at - left - 1] == form[place - left - 1]:
        left += 1
    right, most = SEED, min(len(form) - place, len(lower) - at, SPAN)
    while right < most and lower[at + right] == form[place + right]:
        right += 1
    if left + right >= PART and _is_telling(form[place - left : place + right]):
        for begins, ends in _pieces(form, place - left, place + right):
            yield at + begins - place, at + ends - place


def _pieces(form: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield where, from *first* to *last*, the shortest pieces of *form* stand that tell it from other texts.

    Together they cover every longer part of it, except signs that repeat for long.
    """
    for at in range(first, last - PART + 1):
        if _is_telling(form[at : at + PART]):
            yield at, at + PART
            continue
        # A piece that tells goes on telling when it grows, so the shortest is found by halves.
        ends = range(at + PART + 1, min(last, at + SPAN) + 1)
        if (place := bisect_left(ends, True, key=lambda end: _is_telling(form[at:end]))) < len(ends):
            yield at, ends[place]
        starts = range(at - 1, max(first, at + PART - SPAN) - 1, -1)
        if (place := bisect_left(starts, True, key=lambda start: _is_telling(form[start : at + PART]))) < len(starts):
            yield starts[place], at + PART


def _is_telling(piece: str) -> bool:
    """Return whether *piece* is unlikely to stand in a text by chance, as a number, a row of zeros or a word does."""
    if piece.isdigit() or len(set(piece)) < DIFFERENT or not any(map(str.isalpha, piece)):
        return False
    return len(piece) >= WORDS or not piece.replace(" ", "").isalpha()


def quoted(text: str | bytes) -> bool:
    """Return whether a secret stands in *text* whole, plain or quoted; short ones are looked for in short texts."""
    marks = _held.marks()
    if marks is None or not _quoted(text, marks):
        return False
    exact = _held.exact()
    return exact is marks or (exact is not None and _quoted(text, exact))


def _quoted(text: str | bytes, marks: _Marks) -> bool:
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


def _lower(text: str) -> str:
    """Return *text* in lower case, at the same places: some letters would become two."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(low if len(low := one.lower()) == 1 else one for one in text)


def _forms(text: str) -> Iterator[str]:
    """Return the forms in which a text may be written."""
    import html
    import json
    from urllib.parse import quote, quote_plus

    yield from (text, quote(text), quote(text, safe=""), quote_plus(text), html.escape(text), html.escape(text, False))
    for ascii_only in (True, False):
        in_json = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (in_json, in_json.replace("/", "\\/"))
    yield text.encode("utf-8", "surrogatepass").hex()


def in_base64(text: str) -> Iterator[str]:
    """Return the base64 that all texts have in common that hold *text*, wherever in them it begins."""
    import base64

    for before in range(3):
        data = b"\0" * before + text.encode("utf-8", "surrogatepass")
        # The first characters depend on what stands before it, and the last on what follows.
        common = base64.b64encode(data).decode()[-(-before * 8 // 6) : len(data) * 8 // 6]
        yield from (common, common.replace("+", "-").replace("/", "_"), common.replace("/", "\\/"))


_DIGITS = re.compile(
    r"(?<![0-9A-Za-z])(\+?[0-9]{3,5})[0-9]{5,10}([0-9]{2})(?![0-9A-Za-z])"
    r"|(\(?[2-9][0-9]{2}\)?[-. ])[0-9]{3}[-. ][0-9]{2}([0-9]{2})(?![0-9])"
)


def masked(text: object) -> str:
    """*text* with each phone number masked: its first digits and the last two stay."""
    return _DIGITS.sub(lambda m: f"{m[1] or m[3]}*****{m[2] or m[4]}", str(text))
