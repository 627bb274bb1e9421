"""Waiting for numbers, bindings and releases, one and many, on both clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from anycarrier import (
    BindingStatus,
    InvalidInput,
    NotFound,
    OwnedNumber,
    PhoneNumber,
    ReleaseState,
    Search,
    Status,
    StillPending,
    TransportError,
    Unsupported,
)
from anycarrier.failover import Failover
from anycarrier.model import Release
from anycarrier.port_records import PortState
from anycarrier.simulator import AsyncSimTransport, Fault, SimTransport
from anycarrier.testing import AnyClient
from anycarrier.waiting import until_all_settled
from anycarrier_adapters.leadping import Leadping
from support.desired import BASE, ELSEWHERE, ONE, OTHER, Make, World

FAR = PhoneNumber("+12125550150")


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    worlds: list[World] = []

    def make(*names: str, **options: Any) -> World:
        world = World(request.param, *names, **options)
        world.simulator.now = world.phone.clock.time
        worlds.append(world)
        return world

    yield make
    for world in worlds:
        world.phone.close()


def test_a_binding_is_waited_for_until_it_stands(make: Make) -> None:
    world = make(release="2.2.17")
    pending = world.phone.bind_campaign(ONE, "CH5K5IZ")
    assert pending.status is BindingStatus.PENDING
    assert world.phone.wait(pending).status is BindingStatus.ACTIVE
    assert world.phone.campaign_of(ONE).campaign_id == "CH5K5IZ"


def test_a_release_is_waited_for_until_the_number_is_gone(make: Make) -> None:
    world = make("leadping")
    scheduled = world.phone.release(ONE)
    assert scheduled.state is ReleaseState.SCHEDULED
    with pytest.raises(StillPending, match="still being released") as caught:
        world.phone.wait(scheduled, deadline=60)
    assert caught.value.number == ONE
    assert world.phone.wait(scheduled, deadline=90 * 86_400.0).state is ReleaseState.RELEASED
    with pytest.raises(NotFound):
        world.phone.get(ONE)
    gone = Release(provider="leadping", account="leadping", number=ELSEWHERE, state=ReleaseState.SCHEDULED)
    assert world.phone.wait(gone).state is ReleaseState.RELEASED


def test_many_are_waited_for_together_each_with_its_end(make: Make) -> None:
    world = make("leadping", owned=(OTHER.e164,))
    bought = [world.phone.buy(offer) for offer in world.phone.search(Search(area_code="201", limit=3))]
    assert {one.status for one in bought} == {Status.PENDING}
    release = world.phone.release(OTHER)
    binding = world.phone.campaign_of(bought[0])
    world.phone.sent.clear()
    began = world.phone.clock.elapsed
    settled = world.phone.wait([*bought, ELSEWHERE, release, binding], deadline=600)
    assert [one.status for one in settled[:3]] == [Status.ACTIVE] * 3
    assert isinstance(settled[3], NotFound)
    assert isinstance(settled[4], StillPending)
    assert settled[5].status is BindingStatus.UNBOUND
    assert world.phone.clock.elapsed - began <= 700


def test_of_many_numbers_the_list_is_read(make: Make) -> None:
    world = make(count=40)
    settled = world.phone.wait([*world.numbers, FAR], deadline=60)
    assert [type(one) for one in settled] == [OwnedNumber] * 40 + [NotFound]
    assert {request.url.partition("?")[0].rpartition("/")[2] for request in world.phone.sent} <= {
        "numbers",
        FAR.ten_digit,
    }
    world.simulator.faults.add(Fault(kind="reset", operation="numbers", times=None))
    failed = world.phone.wait(world.numbers, deadline=5)
    assert {type(one) for one in failed} == {TransportError}


def test_a_number_that_is_ported_in_is_waited_for(make: Make) -> None:
    states = iter([Status.PORTING_IN, Status.PORTING_IN, Status.ACTIVE])

    class Ports:
        def get(self, target: Any) -> Any:
            yield from ()
            return OwnedNumber(provider="p", account="a", number=ONE, status=next(states))

    world = make()
    (settled,) = world.phone.run(until_all_settled(Ports(), [ONE]))
    assert settled.status is Status.ACTIVE
    assert world.phone.clock.elapsed == 3


def test_an_error_that_does_not_pass_ends_the_wait_of_its_number_alone(make: Make) -> None:
    world = make()
    world.simulator.faults.add(Fault(kind="error", status=403, operation="number_get"))
    first, second = world.phone.wait([ONE, OTHER])
    assert {type(first).__name__, type(second).__name__} == {"PermissionDenied", "OwnedNumber"}
    assert world.phone.wait([]) == []


def test_what_cannot_be_waited_for_is_refused(make: Make) -> None:
    world = make()
    for wrong in (7, None, [7], {"a": 1}, [[ONE]]):
        with pytest.raises(InvalidInput):
            world.phone.wait(wrong)
    binding = world.phone.campaign_of(ONE)
    with pytest.raises(Unsupported):
        make("lc_phone").phone.wait(evolve(binding, status=BindingStatus.PENDING))
    with pytest.raises(InvalidInput, match="deadline"):
        world.phone.wait(ONE, deadline=-1)


DAYS = 86_400.0


@pytest.mark.slow
def test_a_port_is_waited_for_until_it_is_complete_or_rejected(make: Make) -> None:
    world = make(ports=("9075550150", "9075550151"))
    world.simulator.other_carrier("+19075550151", porting_to="Example")  # type: ignore[attr-defined]
    bad, good = world.phone.ports()
    with pytest.raises(StillPending, match=r"being ported after \d+ s; the provider says Submitted; sign the letter"):
        world.phone.wait(good, deadline=60)
    world.simulator.loa()  # type: ignore[attr-defined]
    settled = world.phone.wait([good, bad], deadline=30 * DAYS)
    assert [one.state for one in settled] == [PortState.COMPLETE, PortState.REJECTED]
    assert world.phone.wait(good).numbers == ("+19075550150",)
    with pytest.raises(NotFound):
        world.phone.wait(evolve(good, id="zzzzz"))
    assert isinstance(world.phone.wait([good, evolve(bad, account="another")])[1], Unsupported)


def test_a_port_is_waited_for_at_the_member_that_has_it(make: Make) -> None:
    world = make(ports=("9075550150",))
    other = Leadping(api_key="lp_x", base_url="http://127.0.0.1:2")
    world.simulator.loa()  # type: ignore[attr-defined]
    (port,) = world.phone.ports()
    kind: Any = SimTransport if world.mode == "sync" else AsyncSimTransport
    both = Failover([other, world.provider])
    phone = AnyClient(world.mode, both, kind({BASE: world.simulator}), world.phone.clock)
    assert phone.wait(port, deadline=30 * DAYS).state is PortState.COMPLETE
    phone.close()
