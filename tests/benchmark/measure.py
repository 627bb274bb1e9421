"""Measures everything, interleaved: one round of each subject and its bare program, then the next round."""

# ruff: noqa: T201 - a program
from __future__ import annotations

import json
import statistics
import sys
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmark import programs
from benchmark.bare import after
from benchmark.environments import PEERS, Environment
from benchmark.processes import HERE, Worker, fresh, once
from benchmark.timing import Cost, median

PROVIDERS = ("voicetel", "lc_phone", "lc_legacy", "leadping")
DELAYS = (60, 90, 120, 150)
"""Milliseconds that the four providers take to answer when they are asked together."""
SHAPE = {
    "voicetel_api": "voicetel",
    "gohighlevel": "lc_phone",
    "leadping": "leadping",
    "twilio": "twilio",
    "telnyx": "telnyx",
    "libcloud": "cloudflare",
}
STREAMED = 100_000


class Effort(NamedTuple):
    """Rounds and sizes of a measurement."""

    rounds: int
    calls: int
    processes: int
    streams: int

    @classmethod
    def of(cls, quick: bool) -> Effort:
        return cls(5, 10, 5, 2) if quick else cls(31, 20, 21, 7)


def say(text: str) -> None:
    """Progress, for who waits."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def ratio(subject: list[Cost], control: list[Cost]) -> dict[str, float]:
    """Of medians, and the spread of the ratios round by round (the middle half of them)."""
    over = [a.cpu / b.cpu for a, b in zip(subject, control, strict=True)]
    quarters = statistics.quantiles(over, n=4) if len(over) > 1 else [over[0]] * 3
    ours, theirs = median(subject), median(control)
    return {"cpu": ours.cpu / theirs.cpu, "wall": ours.wall / theirs.wall, "low": quarters[0], "high": quarters[2]}


class Bench:
    """One run. ``results`` is what the report is made from."""

    def __init__(self, ours: Environment, peers: Mapping[str, Environment], origin: str, effort: Effort) -> None:
        self.ours = ours
        self.peers = peers
        self.origin = origin
        self.effort = effort
        self.transports: list[str] = once(ours.python, ["-c", _TRANSPORTS])
        self.results: dict[str, Any] = {"transports": self.transports}

    def specs(self, *, peers: Iterable[str] = tuple(SHAPE)) -> list[tuple[str, Environment]]:
        """Every subject: ours by provider and transport, and the peers."""
        mine = [(f"anycarrier/{name}/{how}", self.ours) for name in PROVIDERS for how in self.transports]
        return mine + [(name, self.peers[name]) for name in peers]

    def workers(
        self, *, asynchronous: bool, peers: Iterable[str] = tuple(SHAPE)
    ) -> tuple[list[Worker], dict[str, Any]]:
        """A worker for each subject, and those that cannot be had, with the reason."""
        started: list[Worker] = []
        missing: dict[str, Any] = {}
        for spec, environment in self.specs(peers=peers):
            if environment.problem:
                missing[spec] = {"problem": environment.problem}
                continue
            worker = Worker(spec, spec, environment, self.origin, asynchronous=asynchronous)
            if worker.problem:
                missing[spec] = {"problem": worker.problem}
            else:
                started.append(worker)
        return started, missing

    def calls(self) -> None:
        """A search of 50 and a list of 1000."""
        say("calls")
        workers, missing = self.workers(asynchronous=False)
        for what, times in (("search", self.effort.calls), ("list", max(2, self.effort.calls // 5))):
            costs: dict[str, tuple[list[Cost], list[Cost]]] = {worker.name: ([], []) for worker in workers}
            for turn in range(self.effort.rounds + 1):
                for worker in workers:
                    pair = [worker.ask(what=what, who=who, times=times) for who in ("subject", "control")]
                    if turn and pair[0] is not None and pair[1] is not None:  # the first round warms up
                        costs[worker.name][0].append(pair[0])
                        costs[worker.name][1].append(pair[1])
            self.results[what] = missing | {
                worker.name: {"problem": worker.problem} if worker.problem else ratio(*costs[worker.name])
                for worker in workers
            }
        for worker in workers:
            worker.close()

    def in_flight(self) -> None:
        """100 searches under way at once."""
        say("100 in flight")
        workers, missing = self.workers(
            asynchronous=True, peers=("voicetel_api", "gohighlevel", "leadping", "twilio", "telnyx")
        )
        rounds, total = max(3, self.effort.rounds // 4), 200 if self.effort.calls <= 10 else 400
        costs: dict[str, tuple[list[Cost], list[Cost]]] = {worker.name: ([], []) for worker in workers}
        for turn in range(rounds + 1):
            for worker in workers:
                pair = [
                    worker.ask(what="in_flight", who=who, total=total, at_once=100) for who in ("subject", "control")
                ]
                if turn and pair[0] is not None and pair[1] is not None:
                    costs[worker.name][0].append(pair[0])
                    costs[worker.name][1].append(pair[1])
        found: dict[str, Any] = dict(missing)
        for worker in workers:
            worker.close()
            if worker.problem:
                found[worker.name] = {"problem": worker.problem}
                continue
            over = ratio(*costs[worker.name])
            # As throughput, so that more is better.
            found[worker.name] = {
                "cpu": 1 / over["cpu"],
                "wall": 1 / over["wall"],
                "low": 1 / over["high"],
                "high": 1 / over["low"],
            }
        self.results["in_flight"] = found

    def streams(self) -> None:
        """100,000 numbers, each time in a fresh process."""
        say("100,000 numbers")
        found: dict[str, Any] = {}
        costs: dict[str, dict[str, list[Any]]] = {}
        peers = ("voicetel_api", "gohighlevel", "leadping", "twilio", "libcloud", "telnyx")
        for turn in range(self.effort.streams):
            for spec, environment in self.specs(peers=peers):
                if environment.problem:
                    found[spec] = {"problem": environment.problem}
                if spec in found or (turn > 1 and not spec.startswith("anycarrier/")):
                    continue
                parts = spec.split("/")
                shape = SHAPE.get(spec) or parts[1]
                self._prepare(shape)
                for who in ("subject", "control"):
                    arguments = ["-m", "benchmark.worker", spec, self.origin, "--stream", who]
                    try:
                        one = once(environment.python, arguments)
                    except RuntimeError as error:
                        found[spec] = {"problem": f"failed: {error}"}
                        break
                    costs.setdefault(spec, {"subject": [], "control": []})[who].append(one)
        for spec, pair in costs.items():
            if spec in found:
                continue
            sides = {who: [Cost(one["cpu"], one["wall"]) for one in pair[who]] for who in ("subject", "control")}
            memory = {
                f"{who}_mb": statistics.median(one["added"] for one in pair[who])
                for who in ("subject", "control")
                if pair[who][0]["added"] is not None
            }
            found[spec] = {**ratio(sides["subject"], sides["control"]), **memory}
        self.results["stream"] = found

    def _prepare(self, shape: str) -> None:
        """Let the server make its bodies before anybody waits for them."""
        wanted = after(shape, 100, None, 0)
        assert wanted is not None
        method, path, body = wanted
        data = None if body is None else json.dumps(body).encode()
        path = path.replace("[", "%5B").replace("]", "%5D")
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.origin}/{shape}-{STREAMED}-0{path}", data=data, method=method
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            answer.read()

    def processes(self) -> None:
        """Imports, the command line, and from the start of a process to its first result."""
        say("imports, command line, cold start")
        base = f"{self.origin}/voicetel-50-0"
        bare = programs.BARE.format(base=base)
        mine: dict[str, str] = {"nothing": programs.NOTHING, **programs.IMPORTS, **programs.COMMANDS, "bare": bare}
        for how in self.transports:
            mine[f"anycarrier/{how}"] = programs.OURS.format(base=base, transport=how)
        costs = self._fresh({name: (self.ours.python, code, HERE) for name, code in mine.items()})
        nothing = costs["nothing"].cpu
        self.results["import"] = {
            name: {"ms": max(0.0, costs[name].cpu - nothing) * 1000} for name in (*programs.IMPORTS, *programs.COMMANDS)
        }
        floor = costs["bare"]
        self.results["cold"] = {
            "interpreter": {"cpu": nothing / floor.cpu},
            **{
                f"anycarrier/{how}": _over(costs[f"anycarrier/{how}"], floor, costs["nothing"])
                for how in self.transports
            },
        }
        for peer in PEERS:
            environment = self.peers[peer.name]
            if environment.problem:
                self.results["import"][peer.name] = self.results["cold"][peer.name] = {"problem": environment.problem}
                continue
            origin = f"{self.origin}/{SHAPE[peer.name]}-50-0"
            script = programs.PEERS[peer.name].format(base=origin)
            try:
                theirs = self._fresh(
                    {
                        name: (environment.python, code, "")
                        for name, code in (
                            ("nothing", programs.NOTHING),
                            ("import", peer.imports),
                            ("bare", bare),
                            ("cold", script),
                        )
                    }
                )
            except RuntimeError as error:
                self.results["import"][peer.name] = self.results["cold"][peer.name] = {"problem": f"failed: {error}"}
                continue
            self.results["import"][peer.name] = {"ms": (theirs["import"].cpu - theirs["nothing"].cpu) * 1000}
            self.results["cold"][peer.name] = _over(theirs["cold"], theirs["bare"], theirs["nothing"])

    def _fresh(self, wanted: Mapping[str, tuple[Path, str, str]]) -> dict[str, Cost]:
        costs: dict[str, list[Cost]] = {name: [] for name in wanted}
        for turn in range(self.effort.processes + 1):
            for name, (python, code, path) in wanted.items():
                cost = fresh(python, code, path)
                if turn:
                    costs[name].append(cost)
        return {name: median(each) for name, each in costs.items()}

    def ready(self) -> None:
        """Four providers ready, against one SSL context."""
        say("four providers ready")
        wanted = {**programs.READY, **{f"anycarrier/{how}": programs.four_ready(how) for how in self.transports}}
        costs: dict[str, list[Cost]] = {name: [] for name in wanted}
        for _ in range(self.effort.processes):
            for name, code in wanted.items():
                costs[name].append(Cost(*once(self.ours.python, ["-c", code], HERE)))
        one = costs.pop("one SSL context")
        self.results["ready"] = {name: ratio(each, one) for name, each in costs.items()}

    def four(self) -> None:
        """A search over four providers, against its slowest alone."""
        say("four providers searched")
        rounds = str(max(5, self.effort.rounds // 2))
        delays = [str(delay) for delay in DELAYS]
        self.results["four"] = {
            f"anycarrier/{how}": _or_problem(
                lambda how=how: once(
                    self.ours.python, ["-m", "benchmark.worker", "four", self.origin, how, rounds, *delays]
                )
            )
            for how in self.transports
        }

    def nanp(self) -> None:
        """A number validated and brought into E.164."""
        say("numbers")
        sides: dict[str, list[Cost]] = {"subject": [], "control": []}
        for _ in range(max(3, self.effort.rounds // 3)):
            one = once(self.ours.python, ["-m", "benchmark.worker", "nanp", "-", "5000"])
            for who, cost in one.items():
                sides[who].append(Cost(*cost))
        self.results["nanp"] = {"anycarrier": ratio(sides["subject"], sides["control"])}


_TRANSPORTS = "import json; from benchmark.ours import transports; print(json.dumps(transports()))"


def _over(cost: Cost, floor: Cost, nothing: Cost) -> dict[str, float]:
    """A program of bare httpx, as a whole and without the interpreter's own start."""
    net = (cost.cpu - nothing.cpu) / (floor.cpu - nothing.cpu)
    return {"cpu": net, "whole": cost.cpu / floor.cpu, "wall": cost.wall / floor.wall}


def _or_problem(measure: Callable[[], Any]) -> Any:
    try:
        return measure()
    except RuntimeError as error:
        return {"problem": f"failed: {error}"}
