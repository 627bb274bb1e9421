"""What adapters read long answers with where nothing about them is unusual; everything else goes to their models.

msgspec decodes straight from the bytes into structs of the types that the models have, checks them on the way, and
is quicker than ``json.loads``. A reader that uses this gives up (``None``) at anything that is not plainly
in order, and the models then read the same bytes, so errors are told in full detail and odd values are understood as
always. Of each record only what nearly everybody wants is brought into its neutral form at once; the rest waits in its
``raw`` until somebody looks (:class:`anycarrier.model.Lazy`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, count, islice, repeat
from operator import itemgetter
from typing import Annotated, Any, TypeAlias, TypeVar, cast

import msgspec
from attrs import field, fields, make_class

from anycarrier import _nanp, processes
from anycarrier.decoding.raw import Document, Path, Raw
from anycarrier.numbers import InvalidNumber, PhoneNumber, stated
from anycarrier.records import Checked

__all__ = [
    "Facts", "Flag", "Row", "Source", "Text", "Whole", "e164", "made", "nothing", "present", "reader", "ten_digits",
    "texts",
]  # fmt: skip

T = TypeVar("T")

BATCH = 50
"""So many objects are made at once: few enough to be in the processor's cache when they are consumed."""

Text: TypeAlias = str | None
Flag: TypeAlias = bool | None
Whole: TypeAlias = Annotated[int, msgspec.Meta(ge=-(10**18), le=10**18)] | None


class Row(msgspec.Struct, gc=False, rename="camel"):
    """Base of what is read. Members are in camel case on the wire; others than those of a struct are not looked at.

    They are found most quickly in the order in which they come.
    """


_lock = threading.Lock()


def _forked() -> None:
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


processes.in_child(_forked)


def reader(kind: type[T]) -> Callable[[bytes | str], T | None]:
    """What reads a document as *kind*, with its types and nothing near to them; ``None`` where it is not one."""
    # msgspec gives a struct's description to a second thread before it is whole: the interpreter then dies.
    with _lock:
        decode = msgspec.json.Decoder(kind).decode

    def read(document: bytes | str) -> T | None:
        try:
            if not document.isascii() and isinstance(document, bytes):
                document.decode()  # msgspec looks at the texts that it keeps
            return decode(document)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return None

    return read


Facts: TypeAlias = Mapping[str, Callable[[Any, Any], Any]]
"""For each field that waits, what makes it of the struct and the neutral object."""


class Source(msgspec.Struct, gc=False, eq=False, frozen=True):
    """The provider's own record, as a mapping that is decoded when first looked at; and what was read of it."""

    document: Document
    path: Path
    place: int
    row: Any
    facts: Facts

    def _record(self) -> Mapping[str, Any]:
        return Raw(self.document, (*self.path, self.place))

    __getitem__ = Raw.__getitem__
    __iter__ = Raw.__iter__
    __len__ = Raw.__len__
    __repr__ = Raw.__repr__
    __reduce__ = Raw.__reduce__
    __contains__ = Mapping.__contains__
    __eq__ = Mapping.__eq__
    __hash__ = None  # type: ignore[assignment]
    get = Mapping.get
    keys = Mapping.keys
    values = Mapping.values
    items = Mapping.items


Mapping.register(Source)  # pyright: ignore[reportAttributeAccessIssue]


@cache
def _opened(kind: Any, now: tuple[str, ...], later: frozenset[str]) -> type[Any]:
    """A class laid out like *kind* whose ``__init__`` only fills what is there *now*."""
    names = [one.name for one in fields(kind)]
    if sorted([*now, *later]) != sorted(names):
        raise TypeError(f"{kind.__name__} has the fields {', '.join(names)}")
    slots = {name: field(init=name in now) for name in sorted(names, key=[*now, *later].index)}
    return make_class(f"Opened{kind.__name__}", slots, kind.__bases__, slots=True, eq=False, repr=False)


def made(
    kind: type[T], body: bytes | str, path: Path, rows: Sequence[Any], facts: Facts, **now: Iterable[Any]
) -> Checked[T]:
    """An object of *kind*, an attrs class, for each of *rows*, which stand at *path* of *body*.

    What is given *now*, a column for each field, is filled in as it is; every other field but ``raw`` must have its
    function in *facts*. A column is a list or a ``repeat``, since it may be gone through more than once.
    """
    opened = _opened(cast("Hashable", kind), ("raw", *now), frozenset(facts))
    document = Document(body)

    def some() -> Iterator[list[Any]]:
        sources = map(Source, repeat(document), repeat(path), count(), rows, repeat(facts))
        objects = map(opened, sources, *now.values())
        while batch := [*islice(objects, BATCH)]:
            for one in batch:
                one.__class__ = kind
            yield batch

    return Checked(len(rows), lambda: chain.from_iterable(some()))


def nothing(_row: object, _one: object) -> None:
    """A fact that is not stated."""


def present(text: str | None) -> str | None:
    """*text*; one with nothing but white space in it counts as absent."""
    return None if text is None or not text or text.isspace() else text


def texts(column: list[str | None]) -> list[str | None]:
    """Each as :func:`present` has it. Few of many are different ones, and hardly any has nothing in it."""
    absent = {text for text in {*column} if present(text) is None}
    return [None if text in absent else text for text in column] if absent - {None} else column


_TEN_DIGITS = re.compile("(?:[0-9]{3}[2-9](?!11)[0-9]{6})*")
_E164 = re.compile(r"(?:\+1[0-9]{3}[2-9][0-9]{6})*")
_AREAS = {10: itemgetter(slice(0, 3)), 12: itemgetter(slice(2, 5))}


def _plain(texts: Sequence[str], form: re.Pattern[str], size: int) -> bool:
    """Whether all *texts* have this *size* and *form*, and area codes in which every such number exists."""
    return not texts or (
        {*map(len, texts)} == {size}
        and form.fullmatch("".join(texts)) is not None
        and _nanp.FULL.issuperset(map(_AREAS[size], texts))
    )


def ten_digits(texts: Sequence[str]) -> list[PhoneNumber] | None:
    """What :func:`anycarrier.numbers.from_ten_digit` makes of each; ``None`` where one needs a closer look."""
    if not _plain(texts, _TEN_DIGITS, 10):
        return None
    new = str.__new__
    return [new(PhoneNumber, "+1" + text) for text in texts]


def e164(texts: Sequence[str]) -> list[PhoneNumber] | None:
    """The numbers that *texts* are in E.164 form; ``None`` where one is none."""
    if _plain(texts, _E164, 12):
        return [*map(str.__new__, repeat(PhoneNumber), texts)]
    try:
        return [_number(text) for text in texts]
    except InvalidNumber:
        return None


def _number(text: str) -> PhoneNumber:
    if text[:1] != "+":
        raise InvalidNumber("an E.164 number was expected")
    return stated(text)
