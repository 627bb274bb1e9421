"""Values that processes share: one makes them, the others wait, and nobody waits for a process that is gone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from anycarrier import ConfigurationError, ProviderDown, RateLimited
from anycarrier.engine.shared_secrets import SharedSecrets, entry_name
from anycarrier.exchange import Exchange, Moment, Sleep, sleep
from anycarrier.testing import Script, VirtualClock
from support.secret_stores import MemoryStore

LEASE = 60.0


class Process:
    """A process that works with an entry, which has a number."""

    def __init__(self, store: MemoryStore | None, clock: VirtualClock) -> None:
        self.shared = SharedSecrets(store, "entry", provider="acme", lease=LEASE)
        self.script = Script(clock=clock)
        self.made = 0
        self.ends: list[Moment] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def usable(self, least: int) -> Callable[[Any], Exchange[bool]]:
        def is_usable(values: Any) -> Exchange[bool]:
            yield from ()
            return bool(values.get("number", 0) >= least)

        return is_usable

    def make(self, values: Any, until: Moment) -> Exchange[Any]:
        self.made += 1
        self.ends.append(until)
        self.meanwhile()
        yield from ()
        return {**values, "number": values.get("number", 0) + 1}

    def get(self, least: int = 1, **more: Any) -> int:
        values = self.script.run(self.shared.obtain(self.usable(least), self.make, **more))
        return int(values["number"])


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def test_what_one_made_serves_the_others(store: MemoryStore, clock: VirtualClock) -> None:
    one, other = Process(store, clock), Process(store, clock)
    assert [one.get(), other.get(), one.get(), other.get()] == [1, 1, 1, 1]
    assert (one.made, other.made) == (1, 0)
    assert other.get(2) == 2
    assert one.get(2) == 2
    assert (one.made, other.made) == (1, 1)


def test_without_a_store_each_makes_its_own(clock: VirtualClock) -> None:
    one, other = Process(None, clock), Process(None, clock)
    assert [one.get(), other.get(), one.get()] == [1, 1, 1]
    assert (one.made, other.made) == (1, 1)


def test_others_wait_for_the_one_that_makes_them(store: MemoryStore, clock: VirtualClock) -> None:
    one, other = Process(store, clock), Process(store, clock)
    waiting: list[Any] = []

    def meanwhile() -> None:
        exchange = other.shared.obtain(other.usable(1), other.make)
        effect = next(exchange)
        while len(waiting) < 5:  # the other looks again and again, and makes nothing
            waiting.append(effect)
            effect = exchange.send(Script(clock=clock).perform(effect))
        exchange.close()

    one.meanwhile = meanwhile
    assert one.get() == 1
    assert other.made == 0
    assert other.get() == 1


def test_a_claim_of_a_process_that_is_gone_ends_by_itself(store: MemoryStore, clock: VirtualClock) -> None:
    gone, other = Process(store, clock), Process(store, clock)

    def killed(*_: Any) -> Exchange[Any]:
        raise SystemExit
        yield

    exchange = gone.shared.obtain(gone.usable(1), killed)
    with pytest.raises(SystemExit):
        Script(clock=clock).run(exchange)
    began = clock.elapsed
    assert other.get() == 1
    assert LEASE <= clock.elapsed - began <= LEASE + 2
    assert other.ends[0].wall == clock.time() + LEASE


def test_a_caller_that_was_stopped_does_not_hold_up_the_next_one_of_its_process(
    store: MemoryStore, clock: VirtualClock
) -> None:
    one = Process(store, clock)

    def slowly(*_: Any) -> Exchange[Any]:
        yield from sleep(1)
        raise AssertionError

    exchange = one.shared.obtain(one.usable(1), slowly)
    effect = next(exchange)
    for _ in range(3):  # the time, the entry, the time
        effect = exchange.send(one.script.perform(effect))
    exchange.send(one.script.perform(effect))  # the claim: it is making now
    exchange.close()
    assert json.loads(store.entries["entry"])["claim"] is not None
    assert one.get() == 1
    assert clock.slept == []


def test_a_forked_child_does_not_take_over_from_its_parent(
    store: MemoryStore, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Process(store, clock)
    assert one.get() == 1
    parent = os.getpid()

    def child() -> None:
        monkeypatch.setattr(os, "getpid", lambda: parent + 1)
        monkeypatch.setattr(one.shared, "_claims", set())  # as it was when the child was made
        exchange = one.shared.obtain(one.usable(3), one.make)
        effects = [next(exchange)]
        while not isinstance(effects[-1], Sleep):
            effects.append(exchange.send(one.script.perform(effects[-1])))
        exchange.close()
        monkeypatch.setattr(os, "getpid", lambda: parent)

    one.meanwhile = child
    assert one.get(2) == 2
    assert one.made == 2


def test_a_claim_by_a_clock_that_was_ahead_holds_nobody_up(store: MemoryStore, clock: VirtualClock) -> None:
    store.entries["entry"] = json.dumps({"values": {}, "claim": {"by": "x", "until": clock.time() + 86_400}})
    assert Process(store, clock).get() == 1
    assert clock.slept == []


def test_one_that_took_too_long_leaves_what_another_has_made(store: MemoryStore, clock: VirtualClock) -> None:
    slow, other = Process(store, clock), Process(store, clock)

    def meanwhile() -> None:
        clock.advance(LEASE + 1)
        other.get()
        other.get(5 if other.made > 1 else 2)

    slow.meanwhile = meanwhile
    assert slow.get() == 1, "what it made is good for itself"
    assert store.values() == {"number": 2}
    assert slow.get(2) == 2


def test_what_failed_is_made_by_the_next_one_and_leaves_what_it_says(store: MemoryStore, clock: VirtualClock) -> None:
    one, other = Process(store, clock), Process(store, clock)

    def failing() -> None:
        raise ProviderDown("down")

    one.meanwhile = failing
    with pytest.raises(ProviderDown):
        one.get(begin=lambda values, _: {**values, "tries": 1}, failed=lambda values, _: {**values, "failed": True})
    assert store.values() == {"tries": 1, "failed": True}
    assert other.get() == 1
    assert clock.slept == []


def test_what_begin_refuses_is_not_claimed(store: MemoryStore, clock: VirtualClock) -> None:
    def begin(*_: Any) -> Any:
        raise RateLimited("six")

    with pytest.raises(RateLimited, match="six"):
        Process(store, clock).get(begin=begin)
    assert not store.entries


def test_who_waits_for_too_long_is_told_so(store: MemoryStore, clock: VirtualClock) -> None:
    class Busy(MemoryStore):
        """Always claimed by somebody else."""

        def read(self, name: str) -> str:
            return json.dumps({"values": {}, "claim": {"by": "x", "until": clock.time() + 30}})

    with pytest.raises(RateLimited, match="another process is obtaining the credentials"):
        Process(Busy(), clock).get()
    assert 2 * LEASE <= clock.elapsed <= 2 * LEASE + 2


def test_a_store_that_fails_is_named_and_nothing_is_made(store: MemoryStore, clock: VirtualClock) -> None:
    one = Process(store, clock)
    store.fails = OSError("disk full")
    with pytest.raises(ConfigurationError, match=r"could not read its entry entry \(OSError\); nothing was sent"):
        one.get()
    assert one.made == 0
    store.fails = None
    real, store.replace = store.replace, None  # type: ignore[method-assign,assignment]
    with pytest.raises(ConfigurationError, match=r"could not write its entry entry \(TypeError\)"):
        one.get()
    assert one.made == 0
    store.replace = real  # type: ignore[method-assign]

    def breaks() -> None:
        store.fails = OSError("disk full")

    one.meanwhile = breaks
    assert one.get() == 1, "what is made already is used, and the claim ends by itself"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"values": [], "claim": null}', '{"values": {}, "claim": {"by": 1}}']
)
def test_an_entry_of_another_form_is_said(store: MemoryStore, clock: VirtualClock, text: str) -> None:
    store.entries["entry"] = text
    with pytest.raises(ConfigurationError, match="something else under this name"):
        Process(store, clock).get()


def test_a_name_depends_on_each_part_and_shows_none() -> None:
    assert entry_name("kind", "a", "bc") != entry_name("kind", "ab", "c")
    assert entry_name("kind", "user") == entry_name("kind", "user")
    assert "user" not in entry_name("kind", "user")
    assert len(entry_name("kind", "x" * 1000)) < 100
