"""Writes what is generated from the code.

In the README: the support matrix. In docs: support.md, the tables of commands and exit codes in cli.md, what the
simulators play in simulator.md, the modules in api.md, the references of the providers, the pictures, and the JSON
Schema of the values. In the library: the options of the search filters, src/anycarrier/cli/_filters.py.

``python .ci/make_docs.py`` writes; with ``--check`` it only says whether something is stale.
"""

from __future__ import annotations

import json
import operator
import re
import sys
from functools import reduce
from inspect import signature
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "adapters"), str(ROOT / ".ci"), str(ROOT / ".ci" / "site")]

import make_pictures  # noqa: E402
import make_reference  # noqa: E402
import modules  # noqa: E402

from anycarrier import account_records, number_services  # noqa: E402
from anycarrier.capabilities import capabilities  # noqa: E402
from anycarrier.cli.commands import COMMANDS  # noqa: E402
from anycarrier.cli.exit_codes import TABLE  # noqa: E402
from anycarrier.desired_state import Applied, Change, Desired, NumberState, Obstacle, Plan  # noqa: E402
from anycarrier.errors import AnyCarrierError  # noqa: E402
from anycarrier.features import FEATURES, OPERATIONS  # noqa: E402
from anycarrier.filters import SORTS  # noqa: E402
from anycarrier.json_forms import Problem, json_schema  # noqa: E402
from anycarrier.model import CampaignBinding, Feature, Line, Offer, OwnedNumber, Release, Route, Transfer  # noqa: E402
from anycarrier.purchase import Order, Purchase  # noqa: E402
from anycarrier.registry import provider_class  # noqa: E402
from anycarrier.search import FILTERS, Search  # noqa: E402
from anycarrier.simulator import load  # noqa: E402

BEGIN, END = "<!-- matrix: begin (make docs) -->", "<!-- matrix: end -->"


def providers() -> list[dict[str, Any]]:
    """The capabilities of our own adapters, in the order of their names."""
    folder = ROOT / "adapters" / "anycarrier_adapters"
    names = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name[0] not in "_.")
    return [capabilities(provider_class(name)) for name in names]


def cell(feature: dict[str, Any]) -> str:
    """One cell of a table."""
    if not feature["supported"]:
        return "no"
    return "yes" if feature["evidence"] == "documented" else f"yes ({feature['evidence']})"


def table(told: list[dict[str, Any]], features: list[str]) -> str:
    """A Markdown table, a line each feature."""
    lines = ["| | " + " | ".join(one["title"] for one in told) + " |", "|---" * (len(told) + 1) + "|"]
    lines += [
        f"| {FEATURES[name]} | " + " | ".join(cell(one["features"][name]) for one in told) + " |" for name in features
    ]
    return "\n".join(lines)


def page(told: list[dict[str, Any]]) -> str:
    """docs/support.md."""
    parts = [
        "# What each provider can do",
        "",
        "Generated from the adapters' declarations by `make docs`; `anycarrier capabilities` prints the same. A test",
        "fails when this page is stale. *yes* rests on the provider's published documents; *inferred* is our reading",
        "where they are silent. Nothing here was tried on a live account.",
        "",
        table(told, list(FEATURES)),
    ]
    for one in told:
        parts += ["", f"## {one['title']} (`{one['provider']}`)", ""]
        for name, feature in one["features"].items():
            said = feature["note"] if feature["supported"] else f"**cannot**: {feature['reason']}"
            if said:
                parts.append(f"- `{name}`: {said}")
    return "\n".join(parts) + "\n"


def readme(told: list[dict[str, Any]]) -> str:
    """The README with its matrix anew."""
    text = (ROOT / "README.md").read_text()
    rows = [*OPERATIONS]
    block = f"{BEGIN}\n{table(told, rows)}\n{END}"
    if BEGIN not in text:
        return text
    return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: block, text, flags=re.DOTALL)


def between(text: str, name: str, block: str) -> str:
    """*text* with *block* between the markers called *name*."""
    begin, end = f"<!-- {name}: begin (make docs) -->", f"<!-- {name}: end -->"
    pattern = re.escape(begin) + ".*?" + re.escape(end)
    return re.sub(pattern, lambda _: f"{begin}\n{block}\n{end}", text, flags=re.DOTALL)


def command_line() -> str:
    """docs/cli.md with its tables anew."""
    text = (ROOT / "docs" / "cli.md").read_text()
    commands = ["| for example | |", "|---|---|"]
    commands += [f"| `anycarrier {one.examples[0]}` | {one.summary} |" for one in COMMANDS.values()]
    codes = ["| code | meaning |", "|---|---|"]
    codes += [f"| {one.code} | {one.text}{f'; {one.more}' if one.more else ''} |" for one in TABLE]
    return between(between(text, "commands", "\n".join(commands)), "exit codes", "\n".join(codes))


def simulators() -> str:
    """docs/simulator.md with what is played anew: a table each provider, a line each area."""
    text = (ROOT / "docs" / "simulator.md").read_text()
    parts: list[str] = []
    for one in providers():
        simulator = load(one["provider"])
        areas: dict[str, list[str]] = {}
        for line in simulator.routes:
            steps = [step for step in line.path.split("/")[1:] if step[0] not in "v{" or not step[1:2].isdecimal()]
            areas.setdefault(steps[0], []).append(f"`{line.operation}`")
        parts += [f"### {one['title']}: {len(simulator.routes)} operations", "", "| | |", "|---|---|"]
        parts += [f"| `{area}` | {', '.join(sorted(names))} |" for area, names in sorted(areas.items())]
        if simulator.events:
            parts.append(f"| events | {', '.join(f'`{name}`' for name in sorted(simulator.events))} |")
        options = [name for name in signature(type(simulator)).parameters if name != "now"]
        parts += [f"| options | {', '.join(f'`{name}`' for name in options)} |"]
        if simulator.account_options:
            parts.append(f"| of an account | {', '.join(f'`{name}`' for name in simulator.account_options)} |")
        parts.append("")
    return between(text, "played", "\n".join(parts).strip())


FILTER_OPTIONS = ROOT / "src" / "anycarrier" / "cli" / "_filters.py"


def filter_options() -> str:
    """The module of the filters' command-line options, which the command line reads without loading the model."""
    words = {"features": Feature, "line": Line, "sort_by": SORTS}
    rows = [
        f"    ({json.dumps(one.name)}, {json.dumps(one.option)}, {json.dumps(one.metavar)}, {json.dumps(one.help)}, "
        f"{one.many}, {json.dumps(' '.join(words.get(one.name, ())))}),"
        for one in FILTERS
    ]
    return "\n".join([HEAD, *rows, ")\n"])


HEAD = '''"""Command-line options of the search filters, written by ``make docs`` from ``anycarrier.search``."""

from __future__ import annotations

__all__ = ["OPTIONS"]

OPTIONS = (  # name of the filter, option, placeholder, help, whether it may be repeated, words to choose from
'''.rstrip()


DOCUMENTS = (
    *(Search, Order, Offer, OwnedNumber, Route, Release, Transfer, CampaignBinding, Purchase),
    *(account_records.Balance, account_records.Pool, account_records.Campaign, account_records.Coverage),
    *(number_services.EmergencyRecord, number_services.CallerName, number_services.LookUp),
    *(Desired, NumberState, Change, Obstacle, Plan, Applied, AnyCarrierError, Problem),
)
"""What has a public JSON form of its own; its parts follow from it."""


def schemas() -> str:
    """docs/json-schema.json."""
    return json.dumps(json_schema(reduce(operator.or_, DOCUMENTS)), indent=1) + "\n"


def python_reference() -> str:
    """docs/api.md with its table anew: a line each page of the reference."""
    text = (ROOT / "docs" / "api.md").read_text()
    lines = ["| import from | | names |", "|---|---|---|"]
    for page in modules.PAGES:
        if modules.present(page):
            names = [name for name, _ in modules.members(page)]
            shown = ", ".join(f"`{name}`" for name in names) if len(names) <= MOST_NAMES else f"{len(names)} names"
            lines.append(f"| `{page.module}` | {page.title} | {shown} |")
    return between(text, "modules", "\n".join(lines))


EXAMPLES = ROOT / "docs" / "examples"


def frameworks() -> str:
    """docs/frameworks.md with the files that it shows, each below a comment with its name."""
    text = (ROOT / "docs" / "frameworks.md").read_text(encoding="utf-8")
    for name in re.findall(r"<!-- examples/(\S+): begin", text):
        path = EXAMPLES / name
        code = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            cells = [cell["source"] for cell in json.loads(code)["cells"] if cell["cell_type"] == "code"]
            code = "\n\n".join(f"# In [{place}]\n{''.join(cell)}" for place, cell in enumerate(cells, 1))
        text = between(text, f"examples/{name}", f"```python notest\n# {name}\n{code.strip()}\n```")
    return text


MOST_NAMES = 40
"""Names that a cell of a table may have; of more, it has their count."""


def main() -> int:
    """Write or check."""
    told = providers()
    wanted = {
        ROOT / "docs" / "support.md": page(told),
        ROOT / "README.md": readme(told),
        ROOT / "docs" / "cli.md": command_line(),
        ROOT / "docs" / "simulator.md": simulators(),
        ROOT / "docs" / "api.md": python_reference(),
        ROOT / "docs" / "frameworks.md": frameworks(),
        ROOT / "docs" / "json-schema.json": schemas(),
        **make_reference.pages(),
        **{ROOT / "docs" / "pictures" / f"{name}.svg": drawn() for name, drawn in make_pictures.PICTURES.items()},
        FILTER_OPTIONS: filter_options(),
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run make docs")
        return bool(stale)
    for path in stale:
        path.write_text(wanted[path])
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
