"""Each wrong protocol of port orders is caught by a scenario in which the right one keeps its promises."""

from __future__ import annotations

import pytest

from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from simulation.port_mutants import MUTANTS, SCENARIOS
from simulation.port_world import one_after_the_other


@pytest.fixture(autouse=True)
def _in_order(monkeypatch):
    one_after_the_other(monkeypatch)


def book_of(clock):
    database = SqliteDatabase(":memory:", clock=clock.time)
    schema.migrate(database)
    return Journal(database)


def name_of(one):
    return one.__name__


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name_of)
def test_the_protocol_keeps_its_promises(scenario):
    assert scenario(book_of) == []


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("mutant", MUTANTS, ids=name_of)
def test_a_wrong_protocol_is_caught(mutant, monkeypatch):
    mutant(monkeypatch)
    assert any(scenario(book_of) for scenario in SCENARIOS)
