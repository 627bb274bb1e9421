"""Write ``src/anycarrier/_nanp.py`` from the metadata of the installed phonenumbers release.

Usage::

    python.ci / make_nanp_table.py  # write the table
    python.ci / make_nanp_table.py - -check  # exit 1 when the committed table says something else

The metadata describes each of the regions behind country code 1 by regular expressions over the ten digits.
They use a small subset of the syntax, so every one of them is expanded here into plain sequences of digit
sets, and what phonenumbers would answer is worked out from those for each of the 1000 x 1000 pairs of area
code and exchange.  A pair whose answer depends on the line number is marked ``"ask"``: the library asks
phonenumbers itself about those.  A construct which the expansion does not know stops the script, because a
guess would make the fast path disagree with phonenumbers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

COMMAND = "python .ci/make_nanp_table.py"
TARGET = Path(__file__).resolve().parents[1] / "src" / "anycarrier" / "_nanp.py"

DIGITS = "0123456789"
THREE = ["".join(digits) for digits in product(DIGITS, repeat=3)]
EVERY_EXCHANGE = frozenset(THREE[200:])
ASK = "ask"
GENERAL = "general_desc"

#: One alternative of a pattern: for each position the digits it accepts.
Sequence: TypeAlias = tuple[str, ...]
#: What phonenumbers says of a number: (country or None, type), or None for an invalid number.
Facts: TypeAlias = tuple[str | None, str]
Answer: TypeAlias = Facts | None

# The order in which phonenumbers tries them: the first match names the type.
SERVICE_TYPES = {
    "premium_rate": "premium_rate",
    "toll_free": "toll_free",
    "shared_cost": "shared_cost",
    "voip": "voip",
    "personal_number": "personal",
    "pager": "pager",
    "uan": "uan",
    "voicemail": "voicemail",
}


class Region(NamedTuple):
    """The live alternatives of one region, each already shortened by the digits consumed so far."""

    name: str
    leading: tuple[Sequence, ...] | None
    patterns: tuple[tuple[str, tuple[Sequence, ...]], ...]
    same_fixed_and_mobile: bool

    def after(self, digits: str) -> Region | None:
        """The region once ``digits`` are read; None when it has no more say in the answer."""
        leading = None if self.leading is None else _advance(self.leading, digits, prefix=True)
        patterns = {name: _advance(alternatives, digits) for name, alternatives in self.patterns}
        alive = tuple((name, alternatives) for name, alternatives in patterns.items() if alternatives)
        if not leading and (len(alive) < 2 or alive[0][0] != GENERAL):
            return None  # it can neither claim the number nor hold it: the general pattern names no type
        return self._replace(leading=leading, patterns=alive)


class Table(NamedTuple):
    """The two tables of ``_nanp.py`` and the country codes of two digits."""

    whole: dict[str, Facts]
    partial: dict[str, dict[str, Facts]]
    two_digit_country_codes: frozenset[str]


def expand(pattern: str) -> tuple[Sequence, ...]:
    """Every alternative of a metadata pattern, as sequences of digit sets."""
    alternatives, end = _branches(pattern, 0)
    if end != len(pattern):
        raise SystemExit(f"unexpected {pattern[end]!r} at {end} in the metadata pattern {pattern!r}")
    return tuple(alternatives)


def _branches(pattern: str, at: int) -> tuple[list[Sequence], int]:
    found: list[Sequence] = []
    current: list[Sequence] = [()]
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            found += current
            current = [()]
            at += 1
            continue
        atom, at = _atom(pattern, at)
        if at < len(pattern) and pattern[at] == "{":
            close = pattern.index("}", at)
            times = int(pattern[at + 1 : close])  # a ValueError for {n,m}: not used by +1, so not supported
            at = close + 1
        else:
            times = 1
        for _ in range(times):
            current = [head + tail for head in current for tail in atom]
    return found + current, at


def _atom(pattern: str, at: int) -> tuple[list[Sequence], int]:
    if pattern.startswith("(?:", at):
        inside, at = _branches(pattern, at + 3)
        if pattern[at : at + 1] != ")":
            raise SystemExit(f"unclosed group in the metadata pattern {pattern!r}")
        return inside, at + 1
    if pattern.startswith("\\d", at):
        return [(DIGITS,)], at + 2
    if pattern[at] == "[":
        close = pattern.index("]", at)
        return [(_class(pattern[at + 1 : close]),)], close + 1
    if pattern[at] in DIGITS:
        return [(pattern[at],)], at + 1
    raise SystemExit(f"unknown construct at {at} in the metadata pattern {pattern!r}")


def _class(text: str) -> str:
    chosen: set[str] = set()
    at = 0
    while at < len(text):
        last = text[at + 2] if text[at + 1 : at + 2] == "-" else text[at]
        if text[at] not in DIGITS or last not in DIGITS:
            raise SystemExit(f"unknown character class [{text}] in the metadata")
        chosen.update(DIGITS[int(text[at]) : int(last) + 1])
        at += 3 if last != text[at] or text[at + 1 : at + 2] == "-" else 1
    return "".join(sorted(chosen))


def _advance(
    alternatives: tuple[Sequence, ...],
    digits: str,
    *,
    prefix: bool = False,
) -> tuple[Sequence, ...]:
    """The rest of each alternative that accepts ``digits``; a prefix pattern may be used up before them."""
    kept = {
        alternative[len(digits) :]
        for alternative in alternatives
        if (prefix or len(alternative) >= len(digits))
        and all(digit in accepted for digit, accepted in zip(digits, alternative, strict=False))
    }
    return tuple(sorted(kept))


def read_regions() -> list[Region]:
    """All regions of country code 1, in the order in which phonenumbers asks them."""
    regions = []
    for name in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]:
        metadata = PhoneMetadata.metadata_for_region(name)
        assert metadata is not None, name
        patterns = []
        for kind in (GENERAL, *SERVICE_TYPES, "fixed_line", "mobile"):
            desc: Any = getattr(metadata, kind)
            if desc is None or not desc.national_number_pattern:
                continue
            # A pattern counts only for the lengths its description lists; an empty list means "as the
            # general description", which for every region of +1 includes ten.
            if desc.possible_length and 10 not in desc.possible_length:
                continue
            ten = tuple(s for s in expand(desc.national_number_pattern) if len(s) == 10)
            patterns.append((kind, ten))
        leading = None if metadata.leading_digits is None else expand(metadata.leading_digits)
        same = bool(metadata.same_mobile_and_fixed_line_pattern)
        regions.append(Region(name, leading, tuple(patterns), same))
    return regions


def _type(region: Region, digits: str) -> str | None:
    matching = {name for name, alternatives in region.patterns if () in _advance(alternatives, digits)}
    if GENERAL not in matching:
        return None
    for name, kind in SERVICE_TYPES.items():
        if name in matching:
            return kind
    if "fixed_line" in matching:
        if region.same_fixed_and_mobile or "mobile" in matching:
            return "fixed_line_or_mobile"
        return "fixed_line"
    if "mobile" in matching and not region.same_fixed_and_mobile:
        return "mobile"
    return None


def answer(regions: tuple[Region, ...], digits: str) -> Answer:
    """What phonenumbers says once the last ``digits`` are read; ``country`` by the rule of this library.

    The region whose verdict counts is the first one that claims the number, as in phonenumbers.  The country
    is that region, except that a toll-free number and a number which several regions of country code 1 hold
    in common belong to no country.
    """
    for region in regions:
        if region.leading is not None:
            claimed = bool(_advance(region.leading, digits, prefix=True))
        else:
            claimed = _type(region, digits) is not None
        if claimed:
            kind = _type(region, digits)
            if kind is None:
                return None
            holders = [other.name for other in regions if _type(other, digits) is not None]
            shared = kind == "toll_free" or len(holders) > 1
            return (None if shared else region.name, kind)
    return None


def _exchange(regions: tuple[Region, ...]) -> Answer:
    """The answer for all 10,000 line numbers behind one pair, or ``ask`` when they differ."""
    tails = [s for region in regions for _, sequences in region.patterns for s in sequences]
    leading = [s for region in regions for s in region.leading or ()]
    if all(accepted == DIGITS for tail in (*tails, *leading) for accepted in tail):
        return answer(regions, "0000")
    answers = {answer(regions, f"{line:04}") for line in range(10_000)}
    return answers.pop() if len(answers) == 1 else (None, ASK)


def _after(regions: Iterable[Region], digits: str) -> tuple[Region, ...]:
    return tuple(left for region in regions if (left := region.after(digits)) is not None)


def build() -> Table:
    """The table for the installed phonenumbers release."""
    regions = read_regions()
    whole: dict[str, Facts] = {}
    partial: dict[str, dict[str, Facts]] = {}
    # Most area codes leave the very same alternatives behind, so each distinct remainder is worked out once.
    by_area: dict[tuple[Region, ...], dict[str, Facts]] = {}
    by_pair: dict[tuple[Region, ...], Answer] = {}
    for npa in THREE:
        after_npa = _after(regions, npa)
        if after_npa not in by_area:
            accepted: dict[str, Facts] = {}
            for nxx in THREE:
                after_nxx = _after(after_npa, nxx)
                if after_nxx not in by_pair:
                    by_pair[after_nxx] = _exchange(after_nxx)
                found = by_pair[after_nxx]
                if found is not None:
                    accepted[nxx] = found
            by_area[after_npa] = accepted
        exchanges = by_area[after_npa]
        answers = set(exchanges.values())
        if exchanges.keys() == EVERY_EXCHANGE and len(answers) == 1 and (None, ASK) not in answers:
            whole[npa] = answers.pop()
        elif exchanges:
            partial[npa] = exchanges
    codes = {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
    return Table(whole, partial, frozenset(code for code in codes if len(code) == 2))


def _ranges(exchanges: list[str]) -> str:
    """``200-299 305``: ascending, with runs written as ranges."""
    runs: list[list[str]] = []
    for nxx in sorted(exchanges):
        if runs and int(nxx) == int(runs[-1][-1]) + 1:
            runs[-1][1:] = [nxx]
        else:
            runs.append([nxx])
    return " ".join("-".join(run) for run in runs)


def _rows(fields: tuple[str | None, ...], words: str) -> list[str]:
    """Tuples of ``fields`` and ``words``; as many of them as it takes to keep each on one line."""
    start = "    (" + "".join("None, " if field is None else f'"{field}", ' for field in fields) + '"'
    rows = [start]
    for word in words.split():
        if len(rows[-1]) + len(word) > 100:
            rows.append(start)
        rows[-1] += word if rows[-1] == start else " " + word
    return [row + '"),' for row in rows]


def render(table: Table) -> str:
    """The text of ``_nanp.py``."""
    whole: dict[Facts, list[str]] = {}
    for npa, facts in table.whole.items():
        whole.setdefault(facts, []).append(npa)
    partial: dict[tuple[str, Facts], list[str]] = {}
    for npa, exchanges in table.partial.items():
        for nxx, facts in exchanges.items():
            partial.setdefault((npa, facts), []).append(nxx)
    codes = sorted(table.two_digit_country_codes)
    # With several kinds of exchanges, or more exchanges than those, but none missing.
    full = [
        npa
        for npa, exchanges in table.partial.items()
        if all(exchanges.get(nxx, (None, ASK))[1] != ASK for nxx in EVERY_EXCHANGE)
    ]
    lines = [
        '"""Table of the valid ten-digit numbers behind country code 1, with country and kind.',
        "",
        f"Generated by ``{COMMAND}`` from the metadata of phonenumbers; do not edit.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "#: The phonenumbers release whose metadata this is.",
        f'PHONENUMBERS_VERSION = "{phonenumbers.__version__}"',
        "",
        f'_REGIONS = "{" ".join(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1])}"',
        f'_TWO_DIGITS_LOW = "{" ".join(code for code in codes if code < "50")}"',
        f'_TWO_DIGITS_HIGH = "{" ".join(code for code in codes if code >= "50")}"',
        "",
        "# (country, type, area codes)",
        "_WHOLE: tuple[tuple[str | None, str, str], ...] = (",
    ]
    for facts in sorted(whole, key=_by_country):
        lines += _rows(facts, " ".join(whole[facts]))
    lines += [
        ")",
        "",
        "# (area code, country, type, exchanges)",
        "_PARTIAL: tuple[tuple[str, str | None, str, str], ...] = (",
    ]
    for npa, facts in sorted(partial, key=lambda key: (key[0], *_by_country(key[1]))):
        lines += _rows((npa, *facts), _ranges(partial[npa, facts]))
    lines += [
        ")",
        "",
        "#: The regions that share country code 1, as ISO 3166 alpha-2 codes.",
        "REGIONS = frozenset(_REGIONS.split())",
        "",
        "#: The country codes of two digits (1 and 7 have one digit, all others three).",
        "TWO_DIGIT_COUNTRY_CODES = frozenset(_TWO_DIGITS_LOW.split() + _TWO_DIGITS_HIGH.split())",
        "",
        "#: Area codes with every exchange from 200 to 999, no other, and one answer: (country, type).",
        "WHOLE: dict[str, tuple[str | None, str]] = {",
        "    npa: (country, kind) for country, kind, npas in _WHOLE for npa in npas.split()",
        "}",
        "",
        "#: Area codes with every exchange from 200 to 999, and perhaps others.",
        f"FULL = frozenset([*WHOLE, {', '.join(map(_quoted, full))}])",
        "",
        "#: All but WHOLE: (country, type, exchanges) for each kind of exchange they have.  The type",
        f'#: "{ASK}" says that the answer depends on the line number: ask phonenumbers.',
        "PARTIAL: dict[str, list[tuple[str | None, str, str]]] = {}",
        "for _npa, _country, _kind, _exchanges in _PARTIAL:",
        "    PARTIAL.setdefault(_npa, []).append((_country, _kind, _exchanges))",
        "",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _by_country(facts: Facts) -> tuple[str, str]:
    country, kind = facts
    return country or "", kind


def without_version(text: str) -> str:
    """The table's text without the release it names: only a different table asks for a new file."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("PHONENUMBERS_VERSION"))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write or check src/anycarrier/_nanp.py.")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    options = parser.parse_args(arguments)
    text = render(build())
    if not options.check:
        TARGET.write_text(text, encoding="ascii", newline="\n")
        return 0
    if without_version(TARGET.read_text(encoding="ascii")) == without_version(text):
        return 0
    print(
        f"_nanp.py differs from the metadata of phonenumbers {phonenumbers.__version__}; run: {COMMAND}",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
