"""The pages and the plot, made from the results of one run."""

# ruff: noqa: T201 - a program
from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmark.environments import ROOT
from benchmark.faults import FAULTS, SUBJECTS
from benchmark.measure import DELAYS
from benchmark.plot import ordered, plot
from benchmark.targets import TITLES, WHY, judged, title

DOCS = ROOT / "docs"


def machine() -> str:
    """The machine that was measured, without its name."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line[:10] == "model name"]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()} on {platform.machine()}"


_MET = {True: "met", False: "**missed**", None: ""}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    head = list(head)
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows), ""]


def _number(one: Mapping[str, Any], key: str, form: str = "{:.2f}") -> str:
    if "problem" in one:
        return str(one["problem"])
    return form.format(one[key]) if key in one else "not measured"


def table(results: Mapping[str, Any]) -> str:
    """Targets, measured, met or missed: for the terminal."""
    lines = judged(results)
    wide = [max(len(getattr(line, name)) for line in lines) for name in ("figure", "subject", "target", "measured")]
    shown = [
        f"{line.figure:{wide[0]}}  {line.subject:{wide[1]}}  {line.target:{wide[2]}}  {line.measured:>{wide[3]}}  "
        + {True: "met", False: "MISSED", None: ""}[line.met]
        for line in lines
    ]
    return "\n".join(shown).replace("**", "")


def _versions(results: Mapping[str, Any]) -> str:
    packages = {
        "anycarrier": (
            "httpx",
            "httpcore",
            "httpx2",
            "httptools",
            "pydantic",
            "attrs",
            "phonenumbers",
            "msgspec",
            "pyreqwest",
            "aiohttp",
            "orjson",
        ),
        "leadping": ("leadping", "microsoft-kiota-http"),
    }
    said: list[str] = []
    for name, found in results.get("versions", {}).items():
        wanted = packages.get(name) or (TITLES[name],)
        said += [f"{package} {found[package]}" for package in wanted if package in found]
    return ", ".join(dict.fromkeys(said))


def page(results: Mapping[str, Any]) -> str:
    """``docs/benchmarks.md``."""
    lines = judged(results)
    missed = [line for line in lines if line.met is False]
    quick = " It was a quick run, with few rounds." if results.get("quick") else ""
    out = [
        "# Benchmarks",
        "",
        "Written by `make bench`, which measures everything below in one run and takes some fifteen minutes; "
        "`make bench QUICK=1` takes a third of that. Nothing here is typed by hand.",
        "",
        "![What a search of 50 numbers and a list of 1000 cost](benchmark.svg)",
        "",
        "All figures are ratios to the same work done by hand with `httpx.Client.get` and `json.loads`: the same "
        "requests, the same bytes, in the same process, in turns. 1.00 is as much as by hand; less is better, except "
        "for throughput.",
        "",
        "## Where we stand",
        "",
        f"{sum(1 for line in lines if line.met)} of {sum(1 for line in lines if line.met is not None)} targets met.",
        "",
        *_table(
            ("figure", "", "target", "measured", ""),
            ((line.figure, line.subject, line.target, line.measured, _MET[line.met]) for line in lines),
        ),
    ]
    if missed:
        out += ["### What is missed, and why", ""]
        for figure in dict.fromkeys(line.figure for line in missed):
            why = next((text for start, text in WHY.items() if figure.strip("`").startswith(start)), None)
            worst = "; ".join(
                f"{line.subject.replace('**', '')} {line.measured}" for line in missed if line.figure == figure
            )
            out.append(f"- **{figure}** ({worst}).{f' {why}' if why else ''}")
        out += ["", "No checking, typing or detail of errors was dropped to look faster.", ""]
    out += ["## Beside the others", ""]
    out += ["### A search of 50 numbers, a list of 1000", ""]
    lists = results.get("list", {})
    out += _table(
        ("", "search, CPU", "middle half", "search, wall", "list, CPU", "list, wall"),
        (
            (
                title(spec),
                _number(one, "cpu"),
                "" if "problem" in one else f"{one['low']:.2f} to {one['high']:.2f}",
                "" if "problem" in one else _number(one, "wall"),
                "" if "problem" in one else _number(lists.get(spec, {}), "cpu"),
                "" if "problem" in one else _number(lists.get(spec, {}), "wall"),
            )
            for spec, one in ordered(results, "search")
        ),
    )
    out += [
        "Our rows give neutral, typed and checked values, with the provider's own record at hand. Those who are "
        "asynchronous only (gohighlevel-api-client, leadping) are compared with `httpx.AsyncClient`, which costs twice "
        "as much as `httpx.Client`. apache-libcloud lists DNS records.",
        "",
        "### 100,000 numbers",
        "",
    ]
    out += _table(
        ("", "CPU", "wall", "added memory, MB", "by hand, MB"),
        (
            (
                title(spec),
                _number(one, "cpu"),
                "" if "problem" in one else _number(one, "wall"),
                "" if "problem" in one else _number(one, "subject_mb", "{:.1f}"),
                "" if "problem" in one else _number(one, "control_mb", "{:.1f}"),
            )
            for spec, one in ordered(results, "stream")
        ),
    )
    out += [
        "Each in a fresh process that has read a short list before; the highest resident memory above what it was. "
        "VoiceTel answers with one document whatever its length. By hand means: page by page, each dropped after it "
        "was decoded.",
        "",
        "### 100 searches in flight",
        "",
    ]
    out += _table(
        ("", "throughput", "by CPU time"),
        (
            (title(spec), _number(one, "wall"), "" if "problem" in one else _number(one, "cpu"))
            for spec, one in ordered(results, "in_flight")
        ),
    )
    out += [
        "Of `httpx.AsyncClient` as it comes (100 connections, of which it keeps 20); more is better.",
        "",
        "### Starting",
        "",
    ]
    cold = results.get("cold", {})
    rows = [
        (f"`{name}`", _number(one, "ms", "{:.1f}"), "")
        for name, one in results.get("import", {}).items()
        if name not in TITLES
    ]
    rows += [
        (TITLES[name], _number(one, "ms", "{:.1f}"), _number(cold.get(name, {}), "cpu"))
        for name, one in results.get("import", {}).items()
        if name in TITLES
    ]
    rows += [(title(spec), "", _number(one, "cpu")) for spec, one in cold.items() if spec.startswith("anycarrier/")]
    out += _table(("", "import or command, ms of CPU", "process start to first result"), rows)
    out += [
        "Above an interpreter that does nothing, each in a fresh process. The last column is a search, printed, of the "
        "same script written with httpx and json, both without the interpreter's own start.",
        "",
        "### Four providers",
        "",
    ]
    out += _table(
        ("", "time of one SSL context"),
        ((title(spec), _number(one, "cpu")) for spec, one in _ordered_any(results, "ready")),
    )
    out += _table(
        ("search over four, of the slowest alone", "asynchronous", "blocking"),
        (
            (title(spec), _number(one, "async", "{:.3f}"), "" if "problem" in one else _number(one, "sync", "{:.3f}"))
            for spec, one in _ordered_any(results, "four")
        ),
    )
    said = ", ".join(str(delay) for delay in DELAYS)
    out += [f"The four answer after {said} ms.", ""]
    if "nanp" in results:
        out += [
            "### Numbers",
            "",
            f"A North American number brought into E.164 and validated takes "
            f"{results['nanp']['anycarrier']['cpu']:.3f} "
            "of the time that phonenumbers' `parse`, `is_valid_number` and `format_number` take. That both say "
            "the same "
            "is for the test suite to show.",
            "",
        ]
    out += [
        "## How it was measured",
        "",
        f"{machine_line(results)}{quick}",
        "",
        f"Versions: {_versions(results)}.",
        "",
        "- A server on the loopback, in a process and on a core of its own, answers with canned bytes in each "
        "API's own "
        "shape, without compression, over connections that stay open. It makes its numbers in memory.",
        "- Every peer has an environment of its own under `.bench`, with its version pinned; one that cannot be "
        "installed "
        "is reported in the tables.",
        "- Each subject has a process, which also runs the program by hand. All take turns: a few calls of each "
        "in every "
        "round. Figures are ratios of medians; the middle half of the ratios of single rounds shows the spread.",
        "- CPU time is that of the whole process, threads included. Wall time and throughput move with what else the "
        "machine does; CPU time hardly.",
        "- Both programs read the same of every record: its number, and where it is or what it is called.",
        "- Our clients keep account of rate limits as always, but of limits so wide that nothing waits for them; no "
        "peer keeps any.",
        "- Peers are used as their instructions say, with their defaults. Those without a setting for the address are "
        "pointed at the server by overwriting it.",
        "- The test suite asserts no time at all. What it does count, exactly, is requests, JSON documents decoded, "
        "models built, connections, SSL contexts and modules loaded (`tests/benchmark/test_guards.py`).",
        "",
        "Repeat it: `make bench` on an idle machine with Python 3.11 or newer; `.bench/results.json` then has every "
        "figure.",
        "",
    ]
    return "\n".join(out)


def _ordered_any(results: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    return list(results.get(name, {}).items())


def machine_line(results: Mapping[str, Any]) -> str:
    """The machine and the time of the measurement, in one line."""
    load = results.get("load", 0.0)
    busy = f" It was busy with other work (load {load:g} before the run): read the figures with that in mind."
    where = f"Machine: {results.get('machine', 'not noted')}; CPython {results.get('python', sys.version.split()[0])}."
    return where + (busy if load > 0.5 else "")


def purchases(results: Mapping[str, Any]) -> str:
    """``docs/purchases-under-faults.md``."""
    found = results.get("faults", {})
    out = [
        "# Purchases under faults",
        "",
        "Written by `make bench`. One number is bought over a real socket, once for each fault and buyer, with every "
        "client's own defaults except that it waits two seconds for an answer. The provider is played by the "
        "simulators "
        "of this project (Telnyx by a short one in `tests/benchmark/faults.py`), and its ledger says what was "
        "charged.",
        "",
    ]
    for fault in FAULTS:
        if fault not in found:
            continue
        out += [f"## {'No fault' if fault == 'none' else fault[:1].upper() + fault[1:]}", ""]
        rows = []
        for subject in SUBJECTS:
            one = found[fault].get(subject, {"problem": "not measured"})
            if "problem" in one:
                rows.append((title(subject), one["problem"], "", "", ""))
                continue
            lost = one["charged"] > one["known"]
            rows.append(
                (
                    title(subject),
                    str(one["posts"]),
                    str(one["charged"]),
                    str(one["known"]),
                    f"{one['told']}{'; **paid and not known**' if lost else ''}",
                )
            )
        out += _table(
            ("buyer", "POSTs", "numbers charged", "numbers known to the buyer", "outcome for the buyer"), rows
        )
    out += [
        "## How to read it",
        "",
        "- A client that repeats a purchase without a key is safe here only because the simulators do not sell "
        "a number "
        "twice, which is the kindest reading of what providers do. Then the repeated request is refused, and its buyer "
        "sees the refusal of a number that was paid.",
        "- VoiceTel documents an `Idempotency-Key` that it keeps for 24 hours, so its client and ours may repeat. "
        "Leadping, LeadConnector and Telnyx's orders have no such thing: we send once, and then read the account until "
        "it is known whether the number is there.",
        '- "Not bought, proven" is an error that says so: it is safe to try the next number or provider. With '
        "a journal "
        "`provision` does that by itself.",
        "- We wait between looks, for minutes where a provider may be slow to show a number; in this run the clock was "
        "moved instead of waiting.",
        "",
        "Repeat it: `make bench`, or only this with `make bench ONLY=faults`.",
        "",
    ]
    return "\n".join(out)


def write(results: Mapping[str, Any]) -> None:
    """The pages, the plot, and the table to the terminal."""
    (DOCS / "benchmarks.md").write_text(page(results))
    (DOCS / "benchmark.svg").write_text(plot(results))
    (DOCS / "purchases-under-faults.md").write_text(purchases(results))
    print(table(results))
