"""Chunks of a job's items: what an engine works on at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["chunked"]

WINDOW = 2000
"""Items of a job among which those that are alike come into one chunk."""


def chunked(items: Iterable[tuple[str, str]], size: int) -> Iterator[list[str]]:
    """Item ids in lists of *size* at most.

    Items that are alike, each with its order's digest, come into one list: one search serves them all, and one order
    where a provider takes many. Only among some thousand neighbours, so that a job begins with its first orders; and
    in turns, so that workers which take one list after the other want different numbers.
    """
    window: dict[str, list[str]] = {}
    count = 0
    for item_id, digest in items:
        window.setdefault(digest, []).append(item_id)
        count += 1
        if count == WINDOW:
            yield from _lists(window, size)
            window, count = {}, 0
    yield from _lists(window, size)


def _lists(window: dict[str, list[str]], size: int) -> Iterator[list[str]]:
    rest: list[str] = []
    turns = [[alike[at : at + size] for at in range(0, len(alike), size)] for alike in window.values()]
    for turn in range(max(map(len, turns), default=0)):
        for lists in turns:
            if turn >= len(lists):
                continue
            if len(lists[turn]) == size:
                yield lists[turn]
            else:
                rest += lists[turn]
    yield from (rest[at : at + size] for at in range(0, len(rest), size))
