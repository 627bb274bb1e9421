"""One subject beside its bare program, in the subject's environment: ``python -m benchmark.worker SUBJECT ORIGIN``.

Takes commands as lines of JSON and answers each with a line. With ``--stream WHO`` it reads 100,000 numbers once.
"""

# ruff: noqa: T201 - a program
from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
from collections.abc import Callable
from typing import Any

from benchmark.timing import Cost, Memory, pin, timed


class Pair:
    """A subject and the bare program for the same shape."""

    def __init__(self, spec: str, origin: str, size: int, *, asynchronous: bool) -> None:
        from benchmark import bare

        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        if spec.startswith("anycarrier/"):
            from benchmark import ours

            spec = spec.removeprefix("anycarrier/")
            shape = spec.partition("/")[0]
            page = ours.PAGE.get(shape, 0)
            make: Callable[[str], Any] = lambda base: ours.subject(spec, base, asynchronous=asynchronous)  # noqa: E731
        else:
            from benchmark import peers

            kind = (peers.ASYNC if asynchronous else peers.SUBJECTS)[spec]
            shape, page = kind.shape, getattr(kind, "page", 0)
            make = lambda base: self.on_the_loop(kind, base)  # noqa: E731
        base = f"{origin}/{shape}-{size}-0"
        self.subject = make(base)
        kind = bare.BareAsync if self.subject.asynchronous else bare.Bare
        self.control = self.on_the_loop(kind, shape, base, page)

    def on_the_loop(self, kind: Any, *arguments: Any) -> Any:
        async def made() -> Any:
            return kind(*arguments)

        return self.loop.run_until_complete(made())

    def do(self, who: str, what: str) -> int | None:
        """Once; how many numbers came."""
        one = getattr(self, who)
        found = getattr(one, what)()
        return self.loop.run_until_complete(found) if one.asynchronous else found

    def cost(self, who: str, what: str, times: int) -> Cost:
        """Per call, of *times* calls one after the other."""
        one = getattr(self, who)
        work = getattr(one, what)
        if not one.asynchronous:
            return timed(work, times)

        async def every() -> None:
            for _ in range(times):
                await work()

        cost = timed(lambda: self.loop.run_until_complete(every()))
        return Cost(cost.cpu / times, cost.wall / times)

    def in_flight(self, who: str, total: int, at_once: int) -> Cost:
        """Per search, of *total* searches of which *at_once* are under way."""
        search = getattr(self, who).search

        async def some(left: list[int]) -> None:
            while left:
                left.pop()
                await search()

        async def every() -> None:
            left = list(range(total))
            await asyncio.gather(*(some(left) for _ in range(at_once)))

        cost = timed(lambda: self.loop.run_until_complete(every()))
        return Cost(cost.cpu / total, cost.wall / total)


def nanp(times: int) -> dict[str, Cost]:
    """E.164 of a North American number, validated: ours and phonenumbers' own three calls, per number."""
    import phonenumbers

    from anycarrier import PhoneNumber
    from benchmark.shape import ten_digit

    chance = random.Random(5)
    e164 = [f"+1{ten_digit(chance.randrange(100_000))}" for _ in range(times)]

    def theirs(text: str) -> str:
        parsed = phonenumbers.parse(text, "US")
        if not phonenumbers.is_valid_number(parsed):
            raise ValueError(text)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

    def each(read: Callable[[str], str], texts: list[str]) -> Cost:
        def every() -> None:
            for text in texts:
                read(text)

        cost = timed(every)
        return Cost(cost.cpu / times, cost.wall / times)

    assert [theirs(text) for text in e164[:100]] == [PhoneNumber(text) for text in e164[:100]]
    return {"subject": each(PhoneNumber, e164), "control": each(theirs, e164)}


def four(origin: str, transport: str, rounds: int, delays: list[int]) -> dict[str, float]:
    """A search over four providers at once, of one over the slowest: by the wall's clock, blocking and not."""
    from statistics import median

    from benchmark import ours

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    async def made() -> ours.Four:
        return ours.Four(transport, origin, dict(zip(ours.SETTINGS, delays, strict=True)))

    one = loop.run_until_complete(made())
    both: dict[str, tuple[list[float], list[float]]] = {"async": ([], []), "sync": ([], [])}
    for turn in range(rounds + 1):
        for mode, (together, alone) in both.items():
            if mode == "async":
                both_costs = [
                    timed(lambda work=work: loop.run_until_complete(work())) for work in (one.search, one.alone)
                ]
            else:
                both_costs = [timed(one.search_blocking), timed(one.alone_blocking)]
            if turn:
                together.append(both_costs[0].wall)
                alone.append(both_costs[1].wall)
    return {mode: median(together) / median(alone) for mode, (together, alone) in both.items()}


def serve(spec: str, origin: str, *, asynchronous: bool) -> None:
    """Answer commands until there are no more."""
    pair = Pair(spec, origin, 1000, asynchronous=asynchronous)
    expected = {"search": 50, "list": 1000}
    pair.do("control", "search")
    found = pair.do("subject", "search")
    if found != expected["search"]:
        raise RuntimeError(f"a search found {found} numbers instead of 50")
    print(json.dumps({"ready": True}), flush=True)
    checked: set[str] = {"search"}
    for line in sys.stdin:
        command = json.loads(line)
        what, who = command["what"], command.get("who", "subject")
        gc.collect()
        if what == "in_flight":
            cost = pair.in_flight(who, command["total"], command["at_once"])
        else:
            if what not in checked:
                if (found := pair.do("subject", what)) != expected[what]:
                    raise RuntimeError(f"{what} found {found} numbers")
                pair.do("control", what)
                checked.add(what)
            cost = pair.cost(who, what, command["times"])
        print(json.dumps(cost), flush=True)


def stream(spec: str, origin: str, who: str, size: int) -> None:
    """Read a long list once: seconds and MB."""
    few = Pair(spec, origin, 1000, asynchronous=False)
    few.do(who, "list")
    many = Pair(spec, origin, size, asynchronous=False)
    many.do(who, "search")  # connects
    gc.collect()
    memory = Memory()
    found: list[int | None] = []
    cost = timed(lambda: found.append(many.do(who, "list")))
    if who == "subject" and found != [size]:
        raise RuntimeError(f"list found {found} numbers")
    print(json.dumps({"cpu": cost.cpu, "wall": cost.wall, "added": memory.added()}))


if __name__ == "__main__":
    pin(0)
    spec, origin, *more = sys.argv[1:]
    if spec == "nanp":
        print(json.dumps(nanp(int(more[0]))))
    elif spec == "four":
        print(json.dumps(four(origin, more[0], int(more[1]), [int(delay) for delay in more[2:]])))
    elif "--stream" in more:
        stream(spec, origin, more[more.index("--stream") + 1], 100_000)
    else:
        serve(spec, origin, asynchronous="--async" in more)
