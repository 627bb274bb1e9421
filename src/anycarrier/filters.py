"""The table of search filters, from which everything that depends on a filter is derived.

A filter is one field of :class:`anycarrier.search.Search` with its row here: the words, the test of an offer, and the
command-line option. ``FEATURES``, the refusals, the tests of offers, the options of the command line and the cases of
the contract suite all read :data:`FILTERS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter, eq, itemgetter
from typing import Any, NamedTuple

from anycarrier.model import Feature, Line, Money, Offer
from anycarrier.numbers import PhoneNumber

__all__ = ["FILTERS", "SORTS", "Core", "Filter", "digits_of"]

SORTS = ("price",)
"""Facts by which offers can be sorted."""


class Core(NamedTuple):
    """Feature of a filter that the core applies at every provider that has another feature.

    Attributes:
        feature: the other feature, such as ``search.area_code``; where a provider lacks it, it lacks this one too.
        note: of the ``Can``.
    """

    feature: str
    note: str


class Filter(NamedTuple):
    """One search filter.

    Attributes:
        name: of the field of :class:`~anycarrier.search.Search`, and so of the feature ``search.<name>``.
        label: noun for people, such as ``city``.
        fact: reads the fact that is filtered by from an offer.
        holds: whether a fact satisfies a wanted value: ``holds(wanted, fact)``. A fact that is not stated does not.
        metavar: placeholder of the value on the command line.
        help: help text of the command-line option.
        words: of each feature: ``search.<key>``; a filter by kinds has one feature for each kind.
        sample: makes a value that is satisfied from a fact, for tests; by default the fact itself.
        many: whether the command-line option may be repeated.
        common: value that many numbers have, for tests and examples.
        rare: value that hardly a number has, for tests; ``None`` where there is none.
        default: value that asks for nothing.
        agrees: whether a fact that states a part of what is wanted contradicts none of it; by default ``holds``.
        kind: of a filter by kinds, the key of ``words`` for a value; by default the value itself.
        kinds: of a filter by kinds, a value of each kind; by default the kind itself.
        core: features that need no declaration of a provider, by key of ``words``.
        narrows: whether it leaves offers out; one that does not says their order.
    """

    name: str
    label: str
    fact: Callable[[Offer], Any]
    holds: Callable[[Any, Any], bool]
    metavar: str
    help: str
    words: Mapping[str, str]
    sample: Callable[[Any], Any] = lambda fact: fact
    many: bool = False
    common: Any = None
    rare: Any = None
    default: Any = None
    agrees: Callable[[Any, Any], bool] | None = None
    kind: Callable[[Any], str] = str
    kinds: Mapping[str, Any] = {}
    core: Mapping[str, Core] = {}
    narrows: bool = True

    @property
    def option(self) -> str:
        """Name of its command-line option; one that may be repeated is in the singular."""
        return "--" + (self.name.removesuffix("s") if self.many else self.name).replace("_", "-")

    def said(self, wanted: Any) -> str:
        """The filter with its value, for people, such as ``area code 201``."""
        if isinstance(wanted, frozenset):
            wanted = sorted(wanted)
        return f"{self.label} {', '.join(wanted) if isinstance(wanted, list | tuple) else wanted}"

    def feature(self, wanted: Any) -> str:
        """Feature that a provider needs for this value."""
        return f"search.{self.kind(wanted) if len(self.words) > 1 else self.name}"

    def example(self, offer: Offer) -> Any:
        """A value that *offer* matches, or a common one where it does not state the fact."""
        fact = self.fact(offer)
        return self.common if fact is None else self.sample(fact) or self.common

    def examples(self, offer: Offer | None = None) -> Iterator[tuple[str, Any]]:
        """Each feature with a value that needs it; a value of *offer*, where it states one."""
        if len(self.words) == 1:
            yield f"search.{self.name}", self.common if offer is None else self.example(offer)
        else:
            yield from ((f"search.{kind}", self.kinds.get(kind, kind)) for kind in self.words)

    def matches(self, wanted: Any, offer: Offer) -> bool:
        """Return whether *offer* states what is wanted."""
        fact = self.fact(offer)
        return fact is not None and self.holds(wanted, fact)

    def believes(self, wanted: Any, offer: Offer) -> bool:
        """Return whether *offer* states nothing else than what is wanted: what it leaves unstated is believed."""
        fact = self.fact(offer)
        return fact is None or (self.agrees or self.holds)(wanted, fact)


# -- facts, and their tests


def _cut(start: int, stop: int | None) -> Callable[[str], str]:
    """Function that cuts a part out of a text."""
    return itemgetter(slice(start, stop))


def _country_of(offer: Offer) -> str | None:
    """Country that an offer states, else that of its number."""
    return offer.country or offer.number.country


def _same(wanted: str, stated: str) -> bool:
    """Return whether both are the same text, without regard to case."""
    return wanted.strip().casefold() == stated.strip().casefold()


def _affordable(most: Money, price: Money) -> bool:
    """Return whether *price* is in the currency of *most* and not above it."""
    return price.currency == most.currency and price <= most


def _carries(wanted: frozenset[Feature], stated: Mapping[Feature, bool]) -> bool:
    """Return whether all of *wanted* are stated to be there."""
    return all(stated.get(feature) for feature in wanted)


def _carries_what_is_stated(wanted: frozenset[Feature], stated: Mapping[Feature, bool]) -> bool:
    """Return whether none of *wanted* is stated to be missing."""
    return all(stated.get(feature, True) for feature in wanted)


def _starts(wanted: str | tuple[str, ...], national: str) -> bool:
    """Return whether the digits begin with what is wanted, or with one of it."""
    return national.startswith(wanted)


def _ends(wanted: str, national: str) -> bool:
    """Return whether the digits end with what is wanted."""
    return national.endswith(wanted)


def _has(wanted: str, national: str) -> bool:
    """Return whether what is wanted is anywhere in the digits."""
    return wanted in national


_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
"""Keys of a telephone, by the letters on them (ITU-T E.161)."""
_LETTERS = str.maketrans("23456789", "ADGJMPTW")


def digits_of(letters: str) -> str:
    """Digits that *letters* (capitals A to Z) are dialled with."""
    return letters.translate(_KEYPAD)


def _spelled(wanted: str, national: str) -> bool:
    return digits_of(wanted) in national


def _word_of(national: str) -> str:
    """Letters for a run of digits that have letters; those of 0 and 1 do not."""
    return max(re.split("[01]", national), key=len).translate(_LETTERS)


def _not_excluded(unwanted: frozenset[str], number: PhoneNumber) -> bool:
    if number in unwanted:
        return False
    national = number.national
    return not any(national[:size] in unwanted for size in range(1, len(national)))


def _without(unwanted: frozenset[str], national: str) -> bool:
    return not any(digits in national for digits in unwanted)


# -- the table


_BY_NUMBER = Core("search", "applied here, to the numbers that the answer has")


def _row(
    name: str,
    label: str,
    fact: Callable[[Offer], Any] | str,
    holds: Callable[[Any, Any], bool],
    metavar: str,
    help: str,
    *,
    words: Mapping[str, str] | None = None,
    **more: Any,
) -> Filter:
    """Filter whose *fact* may be the name of an attribute of the offer, and whose words come from its label."""
    read = attrgetter(fact) if isinstance(fact, str) else fact
    return Filter(name, label, read, holds, metavar, help, words or {name: f"by {label}"}, **more)


FILTERS: tuple[Filter, ...] = (
    _row(
        "area_code",
        "area code",
        "number.national",
        _starts,
        "DIGITS",
        "area code, such as 201",
        words={"area_code": "by area code", "area_codes": "by several area codes at once"},
        sample=_cut(0, 3),
        common="201",
        many=True,
        kind=lambda wanted: "area_code" if isinstance(wanted, str) else "area_codes",
        kinds={"area_code": "201", "area_codes": ("201", "212")},
        core={"area_codes": Core("search.area_code", "one search for each, in their order, until limit is met")},
    ),
    _row(
        "prefix",
        "leading digits",
        "number.national",
        _starts,
        "DIGITS",
        "first digits, such as 201555",
        sample=_cut(0, 6),
        common="201555",
    ),
    _row(
        "ends_with",
        "last digits",
        "number.national",
        _ends,
        "DIGITS",
        "last digits",
        sample=_cut(-2, None),
        common="00",
        rare="9999999",
    ),
    _row(
        "contains",
        "digits anywhere",
        "number.national",
        _has,
        "DIGITS",
        "digits anywhere",
        sample=_cut(4, 8),
        common="55",
        rare="9999999",
    ),
    _row(
        "spells",
        "letters",
        "number.national",
        _spelled,
        "LETTERS",
        "letters of the keypad anywhere in the number, such as TAXI",
        words={"spells": "by the letters that it spells"},
        sample=_word_of,
        common="TAXI",
        rare="ZZZZZZZ",
        core={"spells": _BY_NUMBER},
    ),
    _row(
        "excluding",
        "all but",
        "number",
        _not_excluded,
        "NUMBER",
        "not this number, or none that begins so, such as 201",
        words={"excluding": "without certain numbers or area codes"},
        sample=lambda _: frozenset({"207"}),
        common=frozenset({"207"}),
        rare=frozenset("23456789"),
        many=True,
        default=frozenset(),
        core={"excluding": _BY_NUMBER},
    ),
    _row(
        "without",
        "none with",
        "number.national",
        _without,
        "DIGITS",
        "no number that has these digits anywhere, such as 4",
        words={"without": "without certain digits"},
        sample=lambda national: frozenset(sorted(set("0123456789") - set(national))[:1]),
        common=frozenset({"4"}),
        rare=frozenset("0123456789"),
        many=True,
        default=frozenset(),
        core={"without": _BY_NUMBER},
    ),
    _row("city", "city", "city", _same, "NAME", "city", common="Anywhere", rare="Nowhere At All"),
    _row("state", "state", "state", _same, "XX", "state or province, such as NJ", common="NJ", rare="WY"),
    _row(
        "postal_code",
        "postal code",
        "postal_code",
        _same,
        "CODE",
        "postal code, such as 07624",
        common="07624",
        rare="99999",
    ),
    _row(
        "rate_center",
        "rate center",
        "rate_center",
        _same,
        "NAME",
        "rate center, as the provider spells it",
        common="ANY",
        rare="NOT",
    ),
    _row("lata", "LATA", "lata", _same, "DIGITS", "LATA", common="224", rare="999"),
    _row(
        "features",
        "features",
        "features",
        _carries,
        "WORD",
        "voice, sms, mms, fax or emergency",
        words={"features": "by what the number can carry"},
        sample=lambda stated: frozenset(feature for feature, has in stated.items() if has),
        common=frozenset({Feature.SMS}),
        many=True,
        default=frozenset(),
        agrees=_carries_what_is_stated,
    ),
    _row(
        "line",
        "line",
        "line",
        eq,
        "KIND",
        "kind of number, such as local",
        words={
            Line.LOCAL: "for local numbers only",
            Line.TOLL_FREE: "for toll-free numbers only",
            Line.MOBILE: "for mobile numbers only",
            Line.NATIONAL: "for national numbers only",
            Line.SHARED_COST: "for shared-cost numbers only",
        },
        common=Line.LOCAL,
    ),
    _row(
        "max_price",
        "price",
        "price",
        _affordable,
        "AMOUNT",
        "at most this per month, such as 1.50 or 1.50USD",
        common=Money("3"),
    ),
    _row("country", "country", _country_of, eq, "XX", "country, such as US", common="GB", rare="CA"),
    _row(
        "sort_by",
        "sorted by",
        lambda _: True,
        lambda _, __: True,
        "FACT",
        "price: the cheapest first",
        words={"sort_by": "sorted by price"},
        sample=lambda _: "price",
        common="price",
        core={"sort_by": Core("search.max_price", "sorted here, over what a search gives; without a price last")},
        narrows=False,
    ),
)
"""Every filter, in the order in which they are documented."""
