"""Write the typing tests of the providers' own operations: each with all its arguments, and each field of its records.

Run by ``make docs``. Type checkers read the files, and nothing runs them. A provider is listed when its answers are
typed.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "adapters")]

from anycarrier import decoding  # noqa: E402
from anycarrier.adapter.operations import NativeOperation, Parameter, native_operations  # noqa: E402
from anycarrier.decoding import Record  # noqa: E402
from anycarrier.model import Target  # noqa: E402
from anycarrier.registry import provider_class  # noqa: E402

PROVIDERS = {"voicetel": 'Client("voicetel", api_key="0" * 32)'}
MARKED = {
    "Text": "str | None",
    "Flag": "bool | None",
    "Whole": "int | None",
    "Count": "int | None",
    "Amount": "Decimal | None",
    "Rate": "Decimal | None",
    "TenDigit": "str",
    "OptionalTenDigit": "str | None",
    "E164": "str",
    "OptionalE164": "str | None",
    "AnyNumber": "str",
    "OptionalAnyNumber": "str | None",
    "Number": "PhoneNumber",
    "OptionalNumber": "PhoneNumber | None",
    "NumberOrText": "PhoneNumber | str | None",
    "Instant": "datetime | None",
    "UnixTime": "datetime | None",
    "Day": "date | None",
    "Hidden": "Secret | None",
}
"""Types of fields, as type checkers see them."""
TYPES = {getattr(decoding, name): text for name, text in MARKED.items()}
SAMPLES = {
    "bool": "True",
    "bytes": 'b"x"',
    "date": "DAY",
    "datetime": "NOON",
    "int": "1",
    "Secret": 'Secret("x")',
    "str": '"x"',
}


def target(name: str) -> Path:
    """File of a provider."""
    return ROOT / "tests" / "typing" / f"{name}_operations.py"


def type_of(hint: Any) -> str:
    """The type of a field, as type checkers see it."""
    if hint in TYPES:
        return TYPES[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return type_of(inner[0])
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(word for one in inner for word in type_of(one).split(" | ")))
    if origin is list:
        return f"list[{type_of(inner[0])}]"
    if origin is Literal:
        return str(hint).removeprefix("typing.")
    return {type(None): "None", Any: "Any"}.get(hint, "") or str(hint.__name__)


def sample(hint: Any) -> str:
    """A right argument, as source."""
    if hint == Target:
        return "NUMBER"
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return repr(inner[-1])
    if origin in (Union, types.UnionType):
        return sample(inner[0])
    if inner:
        return f"[{', '.join(map(sample, inner))}]"
    if fields := getattr(hint, "__attrs_attrs__", ()):
        made = [(one.name, inspect.get_annotations(hint, eval_str=True)[one.name]) for one in fields]
        return f"{hint.__name__}({', '.join(f'{name}={_present(kind)}' for name, kind in made)})"
    return SAMPLES[hint.__name__]


def _present(hint: Any) -> str:
    if hint == Target:
        return "NUMBER"
    inner = [one for one in get_args(hint) if one is not type(None)]
    return sample(inner[0] if get_origin(hint) in (Union, types.UnionType) else hint)


def argument(one: Parameter) -> str:
    text = sample(one.hint)
    return f"{one.name}={text}" if one.keyword or not one.required else text


def answer(operation: NativeOperation) -> str:
    """Type of what the operation returns in a blocking client."""
    said = str(operation.function.__annotations__["return"]).replace("schemas.", "")
    kind, _, inner = said.removesuffix("]").partition("[")
    return f"Iterator[{inner}]" if kind == "Listing" else inner


def lines(name: str) -> Iterator[str]:
    """The statements of a provider's file."""
    operations = native_operations(provider_class(name).api_class)
    for operation in operations.values():
        call = f"phone.native.{operation.name}({', '.join(map(argument, operation.parameters))})"
        said = answer(operation)
        yield call if said == "None" else f"assert_type({call}, {said})"
    for record in records(name):
        yield f"\n\ndef {record.__name__.lower()}(one: {record.__name__}) -> None:"
        yield '    """Each field of this record."""'
        for field in msgspec.structs.fields(record):
            yield f"    assert_type(one.{field.name}, {type_of(field.type)})"
        if issubclass(record, decoding.Details):
            yield "    assert_type(one.raw, Mapping[str, Any])"


def records(name: str) -> list[type[Record]]:
    """The records of a provider's answers."""
    module = sys.modules[f"anycarrier_adapters.{name}.schemas"]
    found = [getattr(module, each) for each in module.__all__]
    return [one for one in found if issubclass(one, Record) and one.__name__ not in ("Answer", "Success")]


HEAD = '''"""Operations of {name} with their arguments, and the fields of its records: for type checkers alone.

Written by ``.ci/make_typing.py``.
"""

from __future__ import annotations

{imports}

NUMBER = "+12015550100"
DAY = date(2026, 5, 18)
NOON = datetime(2026, 5, 18, 12, tzinfo=UTC)
phone = {client}

'''
KNOWN = {
    "from collections.abc import": ["Iterator", "Mapping"],
    "from datetime import": ["UTC", "date", "datetime"],
    "from decimal import": ["Decimal"],
    "from typing import": ["Any", "Literal", "assert_type"],
    "\nfrom msgspec import": ["UnsetType"],
    "\nfrom anycarrier import": ["Client", "PhoneNumber"],
    "from anycarrier.adapter import": ["Answer", "Raw", "Record", "Rows"],
    "from anycarrier.secret import": ["Secret"],
}


def text(name: str) -> str:
    """Source of a provider's file, before ruff formats it."""
    body = "\n".join(lines(name)) + "\n"
    head = HEAD.format(name=name, imports="", client=PROVIDERS[name])
    known = KNOWN | {
        f"from anycarrier_adapters.{name}.api import": ["OrderLine", "PortFeature"],
        f"from anycarrier_adapters.{name}.schemas import": [one.__name__ for one in records(name)],
    }
    words = set("".join(one if one.isalnum() or one == "_" else " " for one in head + body).split())
    used = {start: [one for one in all_ if one in words] for start, all_ in known.items()}
    imports = [f"{start} {', '.join(some)}" for start, some in used.items() if some]
    return HEAD.format(name=name, imports="\n".join(imports), client=PROVIDERS[name]) + body


def formatted(source: str) -> str:
    """*source* as ruff writes it."""
    ruff = Path(sys.executable).with_name("ruff")
    for asked in (["check", "-q", "--fix", "--select", "I"], ["format", "-q"]):
        command = [ruff, *asked, "--stdin-filename", ROOT / "tests" / "typing" / "x.py", "-"]
        source = subprocess.run(command, input=source, text=True, capture_output=True, check=True).stdout
    return source


if __name__ == "__main__":
    stale = [
        each for each in PROVIDERS if not target(each).exists() or target(each).read_text() != formatted(text(each))
    ]
    if sys.argv[1:] == ["--check"]:
        sys.exit(f"run .ci/make_typing.py: {', '.join(stale)}" if stale else 0)
    for each in stale:
        target(each).write_text(formatted(text(each)))
