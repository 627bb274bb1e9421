"""Targets of the benchmark, and each of our figures judged by its target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from benchmark.environments import PEERS

TITLES = {peer.name: peer.title for peer in PEERS}
USUAL = frozenset({"httpx", "httpx2"})
"""The transports that are held to the first column of targets; any other is a fast one."""


class Target(NamedTuple):
    """The limit of a figure: of the default transport, and of a fast one."""

    default: float
    fast: float | None
    more: bool = False

    def of(self, transport: str) -> float | None:
        """The one for a transport."""
        return self.default if transport in USUAL else self.fast

    def met(self, transport: str, value: float) -> bool | None:
        """Return whether it is; ``None`` where there is no target."""
        wanted = self.of(transport)
        if wanted is None:
            return None
        return value >= wanted if self.more else value <= wanted


SEARCH = Target(0.85, 0.50)
LIST = Target(1.0, 0.5)
STREAM = Target(0.7, 0.5)
STREAM_MB = Target(6.0, 4.0)
IN_FLIGHT = Target(1.3, 6.0, more=True)
COLD = Target(1.8, 1.2)
READY = Target(1.1, 1.1)
FOUR = Target(1.05, 1.05)
NANP = Target(0.05, 0.05)
MILLISECONDS = {
    "import anycarrier": 6.0,
    "from anycarrier import Client, Search": 45.0,
    "anycarrier --version": 20.0,
    "anycarrier --help": 40.0,
}


WHY = {
    "search of 50": (
        "By hand, two thirds of a search are the HTTP library, and json takes a tenth to a quarter. Of ours, the "
        "transport takes as much as all the rest: fifty records decoded (a tenth of a microsecond each, or four "
        "tenths for LeadConnector's, which are wide), fifty numbers checked (0.2) and fifty objects made (0.4). "
        "Less takes another HTTP library below httpx, or objects that a compiled extension makes."
    ),
    "list of 1000": (
        "A record of VoiceTel's has ten short members, which json.loads takes 0.7 microseconds for: decoding it "
        "ourselves (0.15), checking its number (0.2), making the object (0.3) and handing it out (0.2) take as "
        "much again. Where records are wide there is room, and a transport's own time for a page weighs more. "
        "Less takes objects that a compiled extension makes."
    ),
    "100,000 numbers streamed, CPU": ("The same for each record as a list of 1000, without its fixed part."),
    "100,000 numbers streamed, added memory": (
        "The bytes of two pages, of which one is consumed while the other comes."
    ),
    "100 searches in flight": ("One core does everything here, so this is the CPU time of a search."),
    "from anycarrier import": (
        "attrs takes a quarter of that to import, and each class made with it a quarter of a millisecond. The target "
        "is of a machine that imports httpx in 48 ms; what it takes here stands below."
    ),
    "process start": ("Half of it is attrs and the classes made with it; a hand-written script has none."),
}


def title(spec: str) -> str:
    """A subject's name for people."""
    parts = spec.split("/")
    return f"**anycarrier** {' '.join(parts[1:])}" if parts[0] == "anycarrier" else TITLES.get(spec, spec)


def _transport(spec: str) -> str | None:
    parts = spec.split("/")
    return parts[-1] if parts[0] == "anycarrier" else None


class Line(NamedTuple):
    """One judged figure."""

    figure: str
    subject: str
    target: str
    measured: str
    met: bool | None


def _sign(target: Target, transport: str, unit: str = "") -> str:
    wanted = target.of(transport)
    if wanted is None:
        return ""
    return f"{'at least' if target.more else 'at most'} {wanted:g}{unit}"


def judged(results: Mapping[str, Any]) -> list[Line]:
    """Each of our figures that has a target."""
    lines: list[Line] = []

    def add(figure: str, spec: str, one: Mapping[str, Any], key: str, target: Target, unit: str = "") -> None:
        transport = _transport(spec) or "httpx"
        if "problem" in one:
            lines.append(Line(figure, title(spec), _sign(target, transport, unit), one["problem"], False))
        elif key in one:
            value = one[key]
            shown = f"{value:.2f}{unit}" if value < 100 else f"{value:.0f}{unit}"
            met = target.met(transport, value)
            lines.append(Line(figure, title(spec), _sign(target, transport, unit), shown, met))

    def each(name: str, figure: str, key: str, target: Target, unit: str = "") -> None:
        for spec, one in results.get(name, {}).items():
            if spec.startswith("anycarrier/"):
                add(figure, spec, one, key, target, unit)

    each("search", "search of 50, CPU", "cpu", SEARCH)
    each("list", "list of 1000, CPU", "cpu", LIST)
    each("stream", "100,000 numbers streamed, CPU", "cpu", STREAM)
    each("stream", "100,000 numbers streamed, added memory", "subject_mb", STREAM_MB, " MB")
    each("in_flight", "100 searches in flight, throughput", "wall", IN_FLIGHT)
    for name, most in MILLISECONDS.items():
        if name in results.get("import", {}):
            value = results["import"][name]["ms"]
            lines.append(Line(f"`{name}`", "anycarrier", f"at most {most:g} ms", f"{value:.1f} ms", value <= most))
    each("cold", "process start to first result, CPU", "cpu", COLD)
    each("ready", "four providers ready, CPU, in SSL contexts", "cpu", READY)
    for mode in ("async", "sync"):
        each("four", f"search over four providers, {mode}, of the slowest", mode, FOUR)
    if "nanp" in results:
        add("number to E.164, of phonenumbers", "anycarrier", results["nanp"]["anycarrier"], "cpu", NANP)
    return lines
