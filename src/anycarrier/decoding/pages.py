"""Pages: account of a list that comes page by page, to know whether all of it came."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from anycarrier.engine.request import request_id
from anycarrier.errors import UnexpectedResponse
from anycarrier.exchange import Request, Response

__all__ = ["NotAll", "Pages", "not_all"]


class NotAll(UnexpectedResponse):
    """A list has ended, and states itself that there is more than it gave: it proves no absence."""


class Pages:
    """Account of the records of a paged list: each once, and whether all of them came.

    Pages overlap when something is added or removed meanwhile, a pinned record stands on each of them, and some servers
    give the same page for ever. So a record is recognized by its name (its id and its number), and a list is at its end
    only when as many different ones came as it states. The names of the last 2,000 records and more stay in memory, and
    a hash of the first one of every page: the memory for it does not grow with the list.

    Attributes:
        count: different records so far.
        stated: the largest total that a page stated; 0 where none did.
    """

    def __init__(self) -> None:
        self.count = 0
        self.stated = 0
        self._recent: set[Hashable] = set()
        self._before: set[Hashable] = set()
        self._firsts: set[int] = set()

    def new(self, names: Sequence[Hashable], total: int | None = None) -> Sequence[int] | None:
        """The indexes of the records of the next page that did not come before; ``None`` for all of them.

        Args:
            names: one for each record of the page.
            total: number of records in the list, where the page states it.
        """
        self.stated = max(self.stated, total or 0)
        page = {*names}
        new: list[int] | None = None
        if len(page) < len(names) or not self._recent.isdisjoint(page) or not self._before.isdisjoint(page):
            met = self._recent | self._before
            first = {name: place for place, name in reversed([*enumerate(names)])}
            new = sorted(place for name, place in first.items() if name not in met)
        elif names and hash(names[0]) in self._firsts:  # a page from long ago
            new = []
        self.count += len(names) if new is None else len(new)
        self._recent |= page
        self._firsts.update(map(hash, names[:1]))
        if len(self._recent) > _REMEMBERED:
            self._before, self._recent = self._recent, set()
        return new

    @property
    def whole(self) -> bool:
        """Return whether as many records came as the list states."""
        return self.count >= self.stated

    def problem(self) -> str | None:
        """Why the list is not complete; ``None`` where nothing says so."""
        return None if self.whole else too_few(self.count, self.stated)


_REMEMBERED = 2_000


def too_few(count: int, stated: int) -> str:
    """Reason of :class:`NotAll`."""
    return f"it ends after {count} of the {stated} records that it states"


def not_all(request: Request, response: Response, where: str, *, provider: str) -> NotAll:
    """The error for a list that ends too early; *where* says how much of it there is."""
    return NotAll(
        f"the list is not whole: {where}",
        provider=provider,
        operation=request.operation,
        status=response.status,
        request_id=request_id(response.headers),
    )
