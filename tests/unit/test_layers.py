"""The rooms of the house, and which may import which: only those below, so nothing goes in circles."""

from __future__ import annotations

import ast
import functools
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Top to bottom: a room imports the rooms below it, and no other.
ROOMS = (
    "__main__",
    "cli",
    "testing",
    "adapters",
    "adapter",
    "simulator",
    "client",
    "failover",
    "_failover_services _whereabouts",
    "jobs",
    "switching",
    "porting",
    "_outcomes purchase",
    "finding waiting",
    "number_files",
    "ports",
    "desired_state",
    "registry settings",
    "capabilities",
    "provider provider_abilities",
    "decoding",
    "http",
    "telemetry",
    "engine",
    "transports",
    "exchange",
    "json_forms",
    "features",
    "search",
    "filters",
    "account_records attempt number_services port_records",
    "model",
    "money words",
    "numbers",
    "_libphonenumber",
    "_number_refusals _nanp",
    "hints secret_store validation",
    "frames",
    "secret",
    "errors redaction",
    "csv_cells _version json_markers processes secret_marks suggestions installation",
)
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms.split()}

PATHS = {
    ".".join(path.relative_to(ROOT / base).with_suffix("").parts).removesuffix(".__init__"): path
    for base in ("src", "adapters")
    for path in (ROOT / base).rglob("*.py")
    if "freezing" not in path.parts
}


@functools.cache
def imported(module: str) -> set[str]:
    """Every name of ours that *module* imports, anywhere in it, as a dotted path.

    Imports for type checkers count too, except those of errors, which are annotated with what they carry.
    """
    found: set[str] = set()
    package = module.split(".") if PATHS[module].name == "__init__.py" else module.split(".")[:-1]
    tree = ast.parse(PATHS[module].read_text())
    if module == "anycarrier.errors":
        tree.body = [node for node in tree.body if not isinstance(node, ast.If)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            home = ".".join([*start, *([node.module] if node.module else [])])
            found.update(f"{home}.{alias.name}" for alias in node.names)
    return {name for name in found if name.startswith("anycarrier")}


def home_of(name: str) -> str:
    """The module that has *name*."""
    return name if name in PATHS else name.rpartition(".")[0]


@functools.cache
def imports() -> dict[str, set[str]]:
    """Modules of ours with the modules of ours that each imports."""
    found = {module: {home_of(name) for name in imported(module)} - {module} for module in PATHS}
    for module, others in found.items():
        if module.startswith("anycarrier.client."):
            # Its overloads name the providers that come with us, for type checkers.
            others -= {name for name in PATHS if name.startswith("anycarrier_adapters.")}
    return found


def room_of(module: str) -> str:
    parts = module.split(".")
    return "adapters" if parts[0] == "anycarrier_adapters" else [*parts, "__init__"][1]


def circle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.slow
def test_no_files_import_each_other_in_a_circle() -> None:
    assert not circle(imports())


@pytest.mark.slow
def test_a_room_imports_rooms_below_it_only() -> None:
    up = [
        f"{module} -> {other}"
        for module, others in sorted(imports().items())
        for other in sorted(others)
        if "." in module
        and (room := room_of(module)) != (below := room_of(other))
        and below != "__init__"
        and LEVEL[room] > LEVEL[below]
    ]
    assert not up


def test_rooms_that_stand_together_do_not_import_each_other_in_a_circle() -> None:
    rooms: dict[str, set[str]] = {}
    for module, others in imports().items():
        room = room_of(module)
        rooms.setdefault(room, set()).update({room_of(other) for other in others} - {room, "__init__"})
    assert not circle(rooms)


ABROAD = ["anycarrier.cli.doctor: anycarrier.transports._tls.shared_context"]
"""Private names that are used abroad still."""


def test_private_names_stay_in_their_package() -> None:
    abroad = [
        f"{module}: {name}"
        for module in PATHS
        for name in sorted(imported(module))
        for at, part in enumerate(name.split("."))
        if part.startswith("_") and not part.startswith("__") and module.split(".")[:at] != name.split(".")[:at]
    ]
    assert [one for one in abroad if "._version." not in one] == ABROAD


def test_adapters_do_not_import_the_test_kit() -> None:
    importing = [
        module
        for module, others in imports().items()
        if room_of(module) == "adapters" and any(room_of(other) == "testing" for other in others)
    ]
    assert not importing


ROOMS_OF_AN_ADAPTER = {
    *("__init__", "provider", "api", "schemas", "mapping"),
    *(
        "accounts",
        "buying",
        "errors",
        "auth",
        "limits",
        "number_services",
        "options",
        "porting",
        "searching",
        "simulator",
    ),
}


def test_every_adapter_has_the_same_rooms() -> None:
    rooms = {tuple(module.split(".")[1:3]) for module in PATHS if module.startswith("anycarrier_adapters.")}
    assert not [room for room in rooms if len(room) == 2 and room[1] not in ROOMS_OF_AN_ADAPTER]


def test_an_adapter_imports_one_module_of_the_library() -> None:
    adapters = {module: others for module, others in imports().items() if room_of(module) == "adapters"}
    of_kit = {
        (module, other)
        for module, others in adapters.items()
        for other in others
        if other.split(".")[0] == "anycarrier" and ".simulator" not in module
    }
    assert {other for _, other in of_kit} == {"anycarrier.adapter"}, of_kit
