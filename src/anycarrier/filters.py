"""Rows that say what a search filter means, and the checks of its values.

A filter is one field of :class:`anycarrier.search.Search`, with its row (:func:`row`) beside it: the words, the test of
an offer, and the command-line option.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter, itemgetter
from typing import Any, Literal, NamedTuple

from attrs import Attribute

from anycarrier.errors import InvalidInput
from anycarrier.model import Feature, Line, Money, Offer, number_named, one_of
from anycarrier.numbers import PhoneNumber
from anycarrier.validation import Validator, shape

__all__ = ["SORTS", "Core", "Filter", "by_price", "digits_of", "each_is_a_filter", "filters_of", "row"]

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


_ROW = "filter"


def row(
    holds: Callable[[Any, Any], bool],
    metavar: str,
    help: str,
    *,
    label: str | None = None,
    fact: Callable[[Offer], Any] | str | None = None,
    words: Mapping[str, str] | None = None,
    **more: Any,
) -> dict[str, Callable[[str, Any], Filter]]:
    """Metadata of a field of :class:`~anycarrier.search.Search`: its filter, by :class:`Filter`'s arguments.

    The label is the field's name, the fact the attribute of that name, and the words come from the label, unless they
    are said; the default is that of the field.
    """

    def filter_of(name: str, default: Any) -> Filter:
        called = label or name.replace("_", " ")
        read = attrgetter(fact or name) if isinstance(fact, str | None) else fact
        said = words or {name: f"by {called}"}
        return Filter(name, called, read, holds, metavar, help, said, default=default, **more)

    return {_ROW: filter_of}


def filters_of(fields: Iterable[Attribute[Any]]) -> tuple[Filter, ...]:
    """Filters of the fields of a class, in their order."""
    return tuple(one.metadata[_ROW](one.name, one.default) for one in fields if _ROW in one.metadata)


def each_is_a_filter(cls: type[Any], found: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """Refuse a search whose field no offer can be tested for: a wrong number would be offered."""
    for one in found:
        if one.name != "limit" and _ROW not in one.metadata:
            raise TypeError(f"{cls.__name__}.{one.name} has no row that says which offers match it")
    return found


BY_NUMBER = Core("search", "applied here, to the numbers that the answer has")


# -- facts, and their tests


def cut(start: int, stop: int | None) -> Callable[[str], str]:
    """Function that cuts a part out of a text."""
    return itemgetter(slice(start, stop))


def country_of(offer: Offer) -> str | None:
    """Country that an offer states, else that of its number."""
    return offer.country or offer.number.country


def same(wanted: str, stated: str) -> bool:
    """Return whether both are the same text, without regard to case."""
    return wanted.strip().casefold() == stated.strip().casefold()


def affordable(most: Money, price: Money) -> bool:
    """Return whether *price* is in the currency of *most* and not above it."""
    return price.currency == most.currency and price <= most


def carries(wanted: frozenset[Feature], stated: Mapping[Feature, bool]) -> bool:
    """Return whether all of *wanted* are stated to be there."""
    return all(stated.get(feature) for feature in wanted)


def carries_what_is_stated(wanted: frozenset[Feature], stated: Mapping[Feature, bool]) -> bool:
    """Return whether none of *wanted* is stated to be missing."""
    return all(stated.get(feature, True) for feature in wanted)


def starts_with(wanted: str | tuple[str, ...], national: str) -> bool:
    """Return whether the digits begin with what is wanted, or with one of it."""
    return national.startswith(wanted)


def ends_with(wanted: str, national: str) -> bool:
    """Return whether the digits end with what is wanted."""
    return national.endswith(wanted)


def contains(wanted: str, national: str) -> bool:
    """Return whether what is wanted is anywhere in the digits."""
    return wanted in national


_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
"""Keys of a telephone, by the letters on them (ITU-T E.161)."""
_LETTERS = str.maketrans("23456789", "ADGJMPTW")


def digits_of(letters: str) -> str:
    """Digits that *letters* (capitals A to Z) are dialled with."""
    return letters.translate(_KEYPAD)


def spelled(wanted: str, national: str) -> bool:
    """Return whether the digits of the letters that are wanted are anywhere in *national*."""
    return digits_of(wanted) in national


def word_of(national: str) -> str:
    """Letters for a run of digits that have letters; those of 0 and 1 do not."""
    return max(re.split("[01]", national), key=len).translate(_LETTERS)


def not_excluded(unwanted: frozenset[str], number: PhoneNumber) -> bool:
    """Return whether neither *number* nor its first digits are among those unwanted."""
    if number in unwanted:
        return False
    national = number.national
    return not any(national[:size] in unwanted for size in range(1, len(national)))


def has_none(unwanted: frozenset[str], national: str) -> bool:
    """Return whether none of the runs of digits that are unwanted is in *national*."""
    return not any(digits in national for digits in unwanted)


def by_price(offers: Sequence[Offer]) -> list[Offer]:
    """*offers*, the cheapest first and those without a price last; equal ones stay in their order.

    Those in another currency than the first stated price come after those in it.
    """
    currencies = list(dict.fromkeys(offer.price.currency for offer in offers if offer.price is not None))

    def place(offer: Offer) -> tuple[int, Decimal]:
        if offer.price is None:
            return len(currencies), Decimal(0)
        return currencies.index(offer.price.currency), offer.price.amount

    return sorted(offers, key=place)


# -- what a caller gives


AREA_CODES_MOST = 100
"""Area codes of one search: each may be a request."""
EXCLUDED_MOST = 1000
NONE: frozenset[str] = frozenset()


def digits(most: int, example: str) -> Validator:
    """Validator of 1 to *most* digits of a national number; *example* shows some."""

    def check(_: object, attribute: Any, value: object) -> None:
        if value is None:
            return
        if not isinstance(value, str):
            raise InvalidInput(f"{attribute.name} must be text, such as {example!r}, not {shape(value)}")
        if not (value.isascii() and value.isdigit() and len(value) <= most):
            raise InvalidInput(
                f"{attribute.name} must be 1 to {most} digits of the national number, such as {example!r} (no +, no "
                f"country code, no spaces), got {shape(value)}"
            )

    return check


def pattern(form: str, wanted: str) -> Validator:
    """Validator of text that the regular expression *form* matches; *wanted* says for the error what is right."""

    def check(_: object, attribute: Any, value: object) -> None:
        if value is not None and not (isinstance(value, str) and re.fullmatch(form, value)):
            raise InvalidInput(f"{attribute.name} must be {wanted}, not {shape(value)}")

    return check


def area_codes(given: str | Sequence[str] | None) -> str | tuple[str, ...] | None:
    """One area code as text; several as a tuple, each once, in their order."""
    if given is None:
        return None
    if isinstance(given, str):
        return _area_code(given)
    if not isinstance(given, list | tuple):
        raise InvalidInput(f"area_code must be text, such as '201', or a list of them, not {shape(given)}")
    if not 1 <= len(given) <= AREA_CODES_MOST:
        raise InvalidInput(f"area_code must be 1 to {AREA_CODES_MOST} area codes, got {len(given)}")
    first, *others = dict.fromkeys(map(_area_code, given))
    return (first, *others) if others else first


def _area_code(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"area_code must be text, such as '201', not {shape(value)}")
    if not re.fullmatch("[0-9]{2,5}", value):
        raise InvalidInput(f"area_code must be the digits of an area code, such as '201', got {shape(value)}")
    return value


def letters(given: str | None) -> str | None:
    """Letters from A to Z as capitals."""
    if given is None:
        return None
    if not isinstance(given, str):
        raise InvalidInput(f"spells must be text, such as 'TAXI', not {shape(given)}")
    if not re.fullmatch("[A-Za-z]{1,10}", given):
        raise InvalidInput(
            f"spells must be 1 to 10 letters from A to Z, such as 'TAXI', got {shape(given)}; for digits say contains"
        )
    return given.upper()


def _collected(name: str, given: object, example: str, most: int) -> Collection[Any]:
    """Collection of at most *most*; *name* and *example* are for the error."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Collection):
        raise InvalidInput(f"{name} must be a collection, such as {example}, not {shape(given)}")
    if len(given) > most:
        raise InvalidInput(f"{name} must be at most {most}, got {len(given)}")
    return given


def excluded(given: Collection[str]) -> frozenset[str]:
    """Numbers as :class:`~anycarrier.numbers.PhoneNumber`, and fewer digits than a number has as they are."""
    if given is NONE:
        return NONE
    found = _collected("excluding", given, "{'+12015550123', '551'}", EXCLUDED_MOST)
    return frozenset(
        one
        if isinstance(one, str) and one.isascii() and one.isdecimal() and len(one) < 10
        else number_named("excluding", one)
        for one in found
    )


def unwanted_digits(given: Collection[str]) -> frozenset[str]:
    """Runs of 1 to 10 digits."""
    if given is NONE:
        return NONE
    found = _collected("without", given, "{'4', '13'}", 100)
    for one in found:
        if not (isinstance(one, str) and re.fullmatch("[0-9]{1,10}", one)):
            raise InvalidInput(f"without must hold 1 to 10 digits each, such as {{'4', '13'}}, got {shape(one)}")
    return frozenset(found)


def sorting_fact(given: Literal["price"] | None) -> Literal["price"] | None:
    """Fact by which offers can be sorted: one of :data:`SORTS`."""
    said: object = given
    if said is not None and (not isinstance(said, str) or str.__str__(said) not in SORTS):
        raise InvalidInput(f"sort_by must be {' or '.join(map(repr, SORTS))}, or None, not {shape(given)}")
    return given


def line(given: Line | str | None) -> Line | None:
    """Kind of line, also by its word."""
    return one_of(Line, "line", given)


_NANP_PREFIX = re.compile("[2-9][0-9]{0,2}|[2-9][0-9]{2}[2-9][0-9]*")


def check_nanp(query: Any) -> None:
    """Refuse digits that no NANP number can have, so that a mistake does not look like "nothing found"."""
    other = "; for numbers of another country say country=..." if query.country is None else ""
    for one in query.area_codes:
        if not re.fullmatch("[2-9][0-9]{2}", one):
            raise InvalidInput(
                "area_code must be three digits, the first of them 2 to 9 and without the country code, such as "
                f"'201', got {shape(one)}{other}"
            )
    for one in query.excluding:
        if one[0] != "+" and not _NANP_PREFIX.fullmatch(one):
            raise InvalidInput(
                "excluding must hold numbers, or first digits of ten-digit numbers, such as '201' or '201555', got "
                f"{shape(one)}{other}"
            )
    if query.prefix is not None and not _NANP_PREFIX.fullmatch(query.prefix):
        raise InvalidInput(
            "prefix must be the first digits of a ten-digit number, such as '201555': its area code begins with 2 "
            f"to 9, and so do the three digits after that; got {shape(query.prefix)}{other}"
        )
    if query.state is not None and not re.fullmatch("[A-Za-z]{2}", query.state.strip()):
        raise InvalidInput(f"state must be two letters, such as 'NJ', got {shape(query.state)}{other}")
