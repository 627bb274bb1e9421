"""The shape of an API's answers, and numbers for them, made in memory and kept nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

AREAS = ("201", "212", "305", "415", "512", "206", "303", "404", "602", "617",
         "702", "713", "808", "816", "901", "503", "314", "214", "312", "619")  # fmt: skip
_EXCHANGES = [code for code in range(220, 990) if code % 100 != 11 and code != 555]
FOUND = 50
"""Numbers in the answer of a search, all of the area code :data:`AREA`."""
AREA = AREAS[0]


def ten_digit(index: int) -> str:
    """One of many different numbers that are valid."""
    rest, area = divmod(index, len(AREAS))
    line, exchange = divmod(rest, len(_EXCHANGES))
    return f"{AREAS[area]}{_EXCHANGES[exchange]}{1000 + 37 * line}"


def dumps(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class Asked(NamedTuple):
    """A request that the server got: its path without the prefix, its query, its body."""

    path: str
    query: Mapping[str, str]
    body: bytes


class Shape(NamedTuple):
    """Answers of one API.

    Attributes:
        found: one number of a search, by its index.
        owned: one number of the list.
        is_search: tells a search from a list, by the path.
        search: the body around the numbers of a search.
        page: the body around the numbers of a page: (all rows, what was asked).
    """

    found: Callable[[int], dict[str, Any]]
    owned: Callable[[int], dict[str, Any]]
    is_search: Callable[[str], bool]
    search: Callable[[bytes], bytes]
    page: Callable[[list[bytes], Asked], bytes]
