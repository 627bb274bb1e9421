"""Purchases for which a person has to supply something first: documents, an address, a registration."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.model import Money, Status
from anycarrier.purchase import ItemState
from anycarrier.purchase.sending import NEEDS_ACTION, SETTING_UP
from support.orders import N, Shop, World


def refusal(**more):
    return e.RequirementsMissing(
        "an address is missing", status=400, maybe_applied=False, requirements=("address",), **more
    )


def test_a_purchase_that_is_refused_for_it_goes_on_elsewhere():
    a, b = Shop("a", N[:3], place=[refusal()]), Shop("b", N[3:4])
    done = World(a, b).order()
    assert done.bought[0].provider == "b"
    assert len(a.keys) == 1, "another number of this account would be refused too"
    assert "an address is missing" in done.items[0].reasons["a"]


def test_it_is_no_proof_where_the_work_may_have_been_done():
    doubtful = e.RequirementsMissing("an address is missing", status=400, maybe_applied=True)
    a, b = Shop("a", N[:1], place=[doubtful]), Shop("b", N[1:2])
    a.owned.append(N[0])  # it was done
    done = World(a, b).order()
    assert [one.provider for one in done.bought] == ["a"]
    assert not b.keys


def undecided(world):
    """The item of an order that waits, and says so."""
    with pytest.raises(e.OutcomeUnknown) as caught:
        world.order(deadline=3600.0)
    return caught.value.purchase.items[0]


def being_set_up(*statuses):
    """A shop whose number is seen in each of these states, the last of which stays."""
    shop, left = Shop("a", N[:1]), list(statuses)
    own = shop._own
    shop._own = lambda number: evolve(own(number), status=left.pop(0) if len(left) > 1 else left[0])
    return shop


def test_a_number_that_waits_for_a_person_is_neither_active_nor_failed():
    world = World(being_set_up(Status.PENDING, Status.NEEDS_ACTION), Shop("b", N[1:2]))
    item = undecided(world)
    assert (item.state, item.bought, item.number) == (ItemState.PLACED, None, N[0])
    assert item.reason == NEEDS_ACTION
    assert any(one.kind == "placed" and NEEDS_ACTION in one.text for one in world.told)
    assert not world.shops[1].keys


def test_once_the_person_has_acted_the_number_is_set_up():
    world = World(being_set_up(Status.NEEDS_ACTION, Status.NEEDS_ACTION, Status.PENDING, Status.ACTIVE))
    done = world.order(deadline=36_000.0, max_price=Money("2"))
    assert done.numbers == (N[0],)
    entry = world.journal.entries()[0]
    assert NEEDS_ACTION not in entry.attempt.reason
    waiting = undecided(World(being_set_up(Status.NEEDS_ACTION, Status.PENDING)))
    assert (waiting.state, waiting.reason) == (ItemState.PLACED, SETTING_UP)


def test_what_told_whose_number_it_is_stays_beside_it():
    lost = e.TransportError("lost", kind="timeout", maybe_applied=True)
    shop = being_set_up(Status.NEEDS_ACTION)
    shop.script.append(lost)
    shop.owned.append(N[0])
    world = World(shop)
    undecided(world)
    reason = world.journal.entries()[0].attempt.reason
    assert reason.startswith(NEEDS_ACTION)
    assert "another buyer" in reason
