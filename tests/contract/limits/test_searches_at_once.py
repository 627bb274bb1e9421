"""Several searches at once: each has its offers or its error."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from anycarrier import Search
from anycarrier.errors import InvalidInput, NotFound
from anycarrier.exchange import Exchange
from anycarrier.testing import VirtualClock
from anycarrier.testing.fakes import Mode
from support.meter import Meter, Metered, phone_of


def test_every_search_has_its_offers_or_its_error(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(1000, now=clock.time)
    provider = Metered()
    with phone_of(mode, provider, simulator, clock) as phone:
        simulator.fault("error", operation="pages", status=404, times=1)
        found = phone.search_each([Search(area_code=f"{code}") for code in range(201, 231)], limit=1)
        assert isinstance(found[0], NotFound)
        assert [offers[0] for offers in found[1:]] == [f"{code}.0" for code in range(202, 231)]
        assert len(phone.search_each([Search(area_code="201")] * 30)) == 30
        assert phone.search_each([]) == []
        with pytest.raises(InvalidInput):
            phone.search_each([Search(area_code="201")], limit=0)


def test_no_more_than_so_many_searches_run_at_once(mode: Mode) -> None:
    running, most = 0, 0
    lock = threading.Lock()

    class Busy(Metered):
        def search(self, query: Search, *, options: Any = ()) -> Exchange[list[Any]]:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            found = yield from super().search(query)
            with lock:
                running -= 1
            return found

    with phone_of(mode, Busy(), Meter(1000), VirtualClock()) as phone:
        phone.search_each([Search(area_code="201")] * 40, limit=3)
    assert 1 <= most <= 3


def test_a_bug_in_one_search_is_raised(mode: Mode) -> None:
    class Broken(Metered):
        def search(self, query: Search, *, options: Any = ()) -> Exchange[list[Any]]:
            yield from self.thing()
            raise ZeroDivisionError

    with phone_of(mode, Broken(), Meter(1000), VirtualClock()) as phone, pytest.raises(ZeroDivisionError):
        phone.search_each([Search(area_code="201")])
