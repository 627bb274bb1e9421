"""Search of texts for secrets: whole, in every form in which they may be written, and longer parts of them.

:mod:`anycarrier.redaction` knows which secrets there are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

__all__ = ["REDACTED", "Marks", "in_base64"]

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
_FEW = 12
"""Forms that are looked for one by one in a long text; from then on one pass over the text is cheaper."""
_STEP = LONG - PART + 1
"""Characters between two looks in such a pass: whatever is :data:`LONG` holds a piece that begins at one of them."""


class Marks:
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

    def add(self, text: str) -> None:
        """Add a secret, unless an equal one was added before."""
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

    def removed_from(self, text: str, *, words: bool) -> str:
        """*text* without the secrets and their longer parts; short secrets are removed where *words* says so."""
        if len(text) < SHORTEST:
            return text
        if self.seeds:
            text = self.parts_removed_from(text)
        if self.digits:
            text = _NUMBER.sub(lambda found: REDACTED if _is_among(found[0], self.digits) else found[0], text)
        if words:
            for other in self.others:
                text = other.sub(REDACTED, text)
            if self.words:
                text = _TOKEN.sub(lambda found: REDACTED if found[0].lower() in self.words else found[0], text)
        return text

    def parts_removed_from(self, text: str) -> str:
        """*text* without the long secrets and their longer parts, apart from digits."""
        lower, seeds = _lower(text), self.seeds
        found: list[tuple[int, int]] = []
        for at in range(len(lower) - SEED + 1):
            if (places := seeds.get(lower[at : at + SEED])) is not None:
                for place in (places,) if isinstance(places, int) else places:
                    form, tells = self.lowered[place >> _PLACE]
                    found += _parts_around(lower, at, form, place & ((1 << _PLACE) - 1), tells=tells)
        kept: list[str] = []
        end = 0
        for begins, ends in sorted(found):
            if begins > end or not kept:
                kept += [text[end:begins], REDACTED]
            end = max(end, ends)
        return "".join([*kept, text[end:]])


_TOKEN = re.compile(f"{re.escape(REDACTED)}|[0-9A-Za-z]+")  # the mark is a token of its own, whatever is secret
_NUMBER = re.compile(f"(?<![0-9A-Za-z])[0-9]{{{PART},}}(?![0-9A-Za-z])")


def _is_among(number: str, digits: tuple[str, ...]) -> bool:
    return len(set(number)) >= DIFFERENT and any(number in run for run in digits)


_PLACE = 24
"""Bits of a place in a form."""


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
