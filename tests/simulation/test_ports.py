"""Port orders against VoiceTel's simulator: whatever strikes, no number is ordered twice and none is lost.

Time is virtual. An order is killed at each of its points: before and after every request and every write of the
journal; before a request the order was not made, after it, it was.
"""

from __future__ import annotations

import pytest

from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.port_records import PortState
from anycarrier.simulator import STANDARD
from simulation.port_world import LOCAL, TOLL_FREE, Killed, World, one_after_the_other
from support.port_orders import port_order


@pytest.fixture(autouse=True)
def _in_order(monkeypatch):
    one_after_the_other(monkeypatch)


def sqlite_book(clock):
    from anycarrier.purchase.journal import schema
    from anycarrier.purchase.journal.sqlite import SqliteDatabase
    from anycarrier.purchase.journal.store import Journal

    database = SqliteDatabase(":memory:", clock=clock.time)
    schema.migrate(database)
    return Journal(database)


@pytest.fixture(params=["sqlite", "postgres"])
def book_of(request):
    if request.param == "sqlite":
        yield sqlite_book
        return

    from anycarrier.purchase.journal import schema
    from anycarrier.purchase.journal.store import Journal

    database = request.getfixturevalue("postgres_database")
    schema.migrate(database)

    def postgres_book(clock):
        """An empty journal; to make a schema anew for each would take most of the time."""
        database.now = lambda: f"(SELECT {clock.time()}::double precision)"
        with database.transaction() as tx:
            tx.run("DELETE FROM anycarrier_port_number")
            tx.run("DELETE FROM anycarrier_port")
        return Journal(database)

    yield postgres_book
    database.close()


def test_numbers_come_as_ordered(book_of):
    world = World(book_of)
    done = world.port_in()
    assert [record.state for record in done.records] == [PortState.NEEDS_LOA, PortState.NEEDS_LOA]
    assert world.port_in() == done
    assert len(world.played.account.ports) == 2
    world.played.loa()
    seen = set()
    for _ in range(10):
        world.clock.advance(86_400.0)
        seen |= {record.state for record in world.observe()}
    assert {PortState.SCHEDULED, PortState.COMPLETE} <= seen
    assert world.book.ports(open=True) == []
    assert not world.settled()
    assert not world.leaks()


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("naive", [False, True])
@pytest.mark.parametrize("name", STANDARD)
def test_no_fault_orders_twice_or_loses_an_order(name, naive):
    if naive and name == "twice":
        return  # such a provider makes two orders of one that arrives twice: nobody can help that
    world = World(sqlite_book, naive=naive)
    world.played.fault(**{**_plain(STANDARD[name]), "operation": "port_submit"})
    world.port_in()
    world.wait()
    assert not world.settled()
    again = world.port_in()
    world.wait()
    assert not world.settled()
    # Given up only where the provider provably has nothing; a new id then orders it.
    absent = [one.number for record in again.records for one in record.numbers if record.state is PortState.ABSENT]
    assert not [number for number in absent if world.at_provider()[number]]
    if absent:
        world.port_in(port_order(*absent), "r2")
    assert world.at_provider() == dict.fromkeys((*LOCAL, TOLL_FREE), 1)
    assert not world.settled()
    assert not world.leaks()


@pytest.mark.parametrize("operation", ["port_list", "port_get", "port_check"])
@pytest.mark.parametrize("naive", [False, True])
@pytest.mark.parametrize("name", ["500-json-before", "not_json-after", "truncate-after", "reset-before", "drift-drop"])
def test_looks_that_fail_prove_nothing(operation, name, naive):
    world = World(sqlite_book, naive=naive)
    world.played.fault("reset", operation="port_submit", done=True)
    world.played.fault(**{**_plain(STANDARD[name]), "operation": operation, "times": 3, "lasts": 3000.0})
    for _ in range(3):
        try:
            world.port_in()
            break
        except AnyCarrierError:
            assert not world.judge()
    world.played.faults.clear()
    world.wait()
    world.port_in()
    assert world.at_provider() == dict.fromkeys((*LOCAL, TOLL_FREE), 1)
    assert not world.settled()


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("naive", [False, True])
def test_an_order_is_killed_at_every_point(book_of, naive):
    whole = World(book_of, naive=naive)
    whole.port_in()
    points = [*whole.points]
    assert points.count("before request") >= 5
    assert {"before begin_port", "after begin_port", "before write_port", "after write_port"} <= {*points}
    for at, point in enumerate(points):
        world = World(book_of, naive=naive)
        world.die_at = at
        with pytest.raises(Killed, match=point):
            world.port_in()
        assert not world.judge(), point
        world.clock.advance(5.0)
        world.port_in()
        world.wait()
        assert not world.settled(), point
        done = world.port_in()
        absent = [one.number for one in done.records if one.state is PortState.ABSENT for one in one.numbers]
        assert not [number for number in absent if world.at_provider()[number]], point
        if absent:
            assert point in ("after begin_port", "before request"), point
            world.port_in(port_order(*absent), "r2")
        assert world.at_provider() == dict.fromkeys((*LOCAL, TOLL_FREE), 1), point
        assert not world.settled(), point
        assert not world.leaks(), point


@pytest.mark.usefixtures("without_coverage")
def test_looks_are_killed_at_every_point(book_of):
    def lost(made):
        world = World(book_of)
        world.played.fault("reset", operation="port_submit", done=made)
        world.port_in(deadline=0.5)
        world.points.clear()
        return world

    for made in (True, False):
        whole = lost(made)
        whole.clock.advance(700.0)
        whole.observe()
        for at, point in enumerate(whole.points[:]):
            world = lost(made)
            world.clock.advance(700.0)
            world.die_at = at
            with pytest.raises(Killed, match=point):
                world.observe()
            assert not world.judge(), point
            world.wait()
            assert not world.settled(), point
            states = {record.state for record in world.book.ports("r1")}
            assert (PortState.ABSENT in states) is not made, (point, states)


@pytest.mark.usefixtures("without_coverage")
def test_two_processes_in_one_request_order_each_number_once(book_of):
    """The second begins at each point of the first, with the first's request still under way."""
    whole = World(book_of, naive=True)
    whole.port_in()
    for at, point in enumerate(whole.points):
        world = World(book_of, naive=True)
        started = []

        def meet(name, world=world, at=at, started=started, own=World.point):
            own(world, name)
            if len(world.points) == at + 1 and not started:
                started.append(name)
                world.port_in(deadline=1.0)

        world.point = meet
        world.port_in()
        assert started == [point]
        world.wait()
        world.port_in()
        assert world.at_provider() == dict.fromkeys((*LOCAL, TOLL_FREE), 1), point
        assert not world.settled(), point


@pytest.mark.usefixtures("without_coverage")
def test_two_requests_at_once_order_a_number_in_one_of_them(book_of):
    """The second begins at each point of the first, at a provider that would take both."""
    whole = World(book_of, naive=True)
    whole.port_in()
    for at, point in enumerate(whole.points):
        world = World(book_of, naive=True)
        started = []

        def meet(name, world=world, at=at, started=started, own=World.point):
            own(world, name)
            if len(world.points) == at + 1 and not started:
                started.append(name)
                world.port_in(port_order(*LOCAL, TOLL_FREE, pin="1111"), "r2")

        world.point = meet
        world.port_in()
        world.wait()
        assert world.at_provider() == dict.fromkeys((*LOCAL, TOLL_FREE), 1), point
        assert not world.settled(), point


def test_another_request_cannot_order_a_number_that_is_on_its_way(book_of):
    world = World(book_of)
    world.port_in(port_order(LOCAL[0]))
    other = world.port_in(port_order(*LOCAL), "r2")
    assert [one.number for one in other.refused] == [LOCAL[0]]
    assert "r1" in (other.refused[0].reason or "") or "progress" in (other.refused[0].reason or "")
    assert [[one.number for one in record.numbers] for record in other.records] == [[LOCAL[1]]]
    with pytest.raises(InvalidInput, match="already used for a different port order"):
        world.port_in(port_order(*LOCAL, pin="1111"), "r2")
    assert not world.settled()


def _plain(fault):
    return {name: value for name, value in fault.as_dict().items() if value is not None}
