"""Transports of each library in both modes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from anycarrier.transports import _base
from support.ports import IDS, KINDS, making
from support.transport_scripts import Port


@pytest.fixture(params=KINDS, ids=IDS)
def kind(request: pytest.FixtureRequest) -> Iterator[Callable[..., Port]]:
    with making(*request.param) as port:
        yield port


@pytest.fixture
def port(kind: Callable[..., Port]) -> Iterator[Port]:
    made = kind()
    yield made
    made.close()


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_base, "MAX_CONNECTIONS", 1)
