"""The reference pages, docs/reference/<provider>.md: every operation of a provider's own API, from the code.

``make_docs.py`` writes them. :func:`examples` is also what the tests run.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any, get_type_hints

from attrs import frozen

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "adapters")]

from anycarrier.adapter.operations import NativeOperation, Parameter, native_operations  # noqa: E402
from anycarrier.cli.call_options import option_of, variable_of  # noqa: E402
from anycarrier.cli.call_values import kind_of_hint, value_of  # noqa: E402
from anycarrier.decoding import Record  # noqa: E402
from anycarrier.features import Cannot  # noqa: E402
from anycarrier.numbers import PhoneNumber  # noqa: E402
from anycarrier.registry import provider_class  # noqa: E402
from anycarrier.secret import Secret  # noqa: E402

FOLDER = ROOT / "docs" / "reference"
CASSETTES = ROOT / "cassettes"
PROVIDERS = ("voicetel", "lc_phone", "lc_legacy", "leadping")

VALUES: dict[str, dict[str, Any]] = {
    "": {
        "account_id": "1000000002", "account_number": "123456789", "authorized_person": "Jane Smith",
        "app_id": "6578278e879ad2646715ba9c", "company_id": "tDtDnQdgm2LXpyiqYvZ6",
        "billing_number": "9075550123", "name_type": "business", "numbers": ["2125550199"],
        "owner_id": "own_0002", "street_number": "550",
        "street_type": "ST", "address": "203.0.113.20:5060", "address1": "411 HACKENSACK AVENUE",
        "address_id": "123456", "ani": "2015550124", "brand_id": "BMQ8L9X", "caller_name": "ACME INC",
        "campaign_id": "CH5K5IZ", "city": "HACKENSACK", "conversation_id": "conv_0001", "count_by": "state",
        "country": "US", "description": "Reminders", "destination": "2015550124", "email": "user@example.com",
        "enabled": "yes", "first_name": "Jane", "gateway": "1000", "id": "num_000003", "ids": ["CH5K5IZ"],
        "key": "order-42", "kind": "webhook", "last_name": "Smith", "message": "Please call back.",
        "name": "Acme Inc", "number": "2125550199", "password": "abc1234567", "phone_number_id": "num_000003",
        "pid": "y0d36", "pin": "4287", "ranges": ["203.0.113.0/24"], "receiver": "2015550124",
        "resource": "https://example.com/sms", "route": "1000", "sender": "2125550199", "state": "NJ",
        "status": "closed", "street": "Main", "subject": "I need help", "target": "2125550199",
        "targets": ["2125550199", "2015550197"], "text": "Hello", "ticket": "2114", "tn_mask": "201",
        "translation": "2015550124", "types": ["local"], "username": "1000000001", "zip_code": "07601",
    },
    "voicetel.add_number": {"target": "2015550101"},
    "voicetel.create_sub_account": {"username": "1000000002", "email": "other@example.com"},
    "voicetel.sign_up": {"email": "other@example.com"},
    "voicetel.order": {"numbers": ["2015550100"]},
    "voicetel.portability": {"target": "9075550123"},
    "voicetel.port_in": {"numbers": ["9075550123"], "city": "Anchorage", "state": "AK", "zip_code": "99501"},
    "voicetel.remove_gateway": {"gateway": "1001"},
    "voicetel.set_auth": {"auth_type": "1"},
    "voicetel.set_messaging": {"route_out": "17"},
    "voicetel.update_account": {"notify": "yes"},
    "voicetel.update_gateway": {"gateway": "1001", "limit": "20"},
    "leadping.create_number": {"target": "2015550100", "name": "Main line"},
    "leadping.check_number": {"target": "2015550100"},
    "leadping.search_numbers": {"phone_number": "+1201"},
    "leadping.update_number": {"name": "Main line", "enabled": "yes"},
    **{
        f"{name}.{operation}": values
        for name in ("lc_phone", "lc_legacy")
        for operation, values in {
            "access_token": {
                "grant_type": "refresh_token", "client_id": "6578278e879ad2646715ba9c", "refresh_token": "example",
                "user_type": "Company",
            },
            "location_token": {"location_id": "ve9EPM428h8vShlRW1KT"},
            "purchase": {"target": "2015550100", "country_code": "US", "number_type": "local"},
        }.items()
    },
}  # fmt: skip
"""Example values by the parameter's name, as they are typed, and those of single operations."""

WIDTH = 120

PRICES = {
    "voicetel.add_number": "charged by the month, at the account's rate (`account_info`)",
    "voicetel.order": "the account's rate for each number (`account_info`)",
    "voicetel.port_in": "6 USD for each number",
    "voicetel.send_message": "charged on success, at the account's rate (`account_info`)",
    "lc_phone.purchase": "by the month, the price that the search states",
    "lc_legacy.purchase": "by the month, the price that the search states",
    "leadping.create_number": "by the month, the price that `check_number` states, and 2 USD more with `number_health`",
}
"""Prices that the documents state."""


@frozen
class Example:
    """An example of an operation.

    Attributes:
        python: the expression, without the client in front.
        argv: words after ``anycarrier``.
        secrets: environment variables that hold its secret arguments.
    """

    provider: str
    operation: NativeOperation
    python: str
    argv: tuple[str, ...]
    secrets: dict[str, str]


def operations(provider: str) -> dict[str, NativeOperation]:
    """The operations of one provider."""
    return native_operations(provider_class(provider).api_class)


def examples(provider: str) -> list[Example]:
    """An example of each operation: the arguments that it needs."""
    return [_example(provider, one) for one in operations(provider).values()]


def _example(provider: str, operation: NativeOperation) -> Example:
    words, options, python, named, secrets = [], [], [], [], {}
    own = VALUES.get(f"{provider}.{operation.name}", {})
    for one in operation.parameters:
        if not one.required and one.name not in own:
            continue
        typed = _typed(own, one)
        code = _code(one, typed)
        by_name = one.keyword or not one.required
        (named if by_name else python).append(f"{one.name}={code}" if by_name else code)
        kind = kind_of_hint(one.hint, one.name)
        if kind.secret:
            secrets[variable_of(one)] = typed
        elif kind.flag and by_name:
            options.append(option_of(one) if typed == "yes" else option_of(one).replace("--", "--no-", 1))
        elif by_name:
            values = typed if isinstance(typed, list) else [typed]
            options += [word for value in values for word in (option_of(one), value)]
        else:
            words += typed if isinstance(typed, list) else [typed]
    yes = [] if operation.purpose == "read" else ["--yes"]
    argv = ("call", provider, operation.name.replace("_", "-"), *words, *options, *yes)
    return Example(provider, operation, f"{operation.name}({', '.join([*python, *named])})", argv, secrets)


def _typed(own: dict[str, Any], one: Parameter) -> Any:
    """The value as it is typed, *own* of the operation or by its name; a list for several."""
    value = own.get(one.name, VALUES[""].get(one.name))
    if value is None:
        kind = kind_of_hint(one.hint, one.name)
        value = kind.choices[0] if kind.choices else "1" if kind.metavar in ("N", "AMOUNT") else "example"
    if kind_of_hint(one.hint, one.name).choices and value not in kind_of_hint(one.hint, one.name).choices:
        value = kind_of_hint(one.hint, one.name).choices[0]
    if kind_of_hint(one.hint, one.name).many:
        return value if isinstance(value, list) else [value]
    return value if isinstance(value, str) else json.dumps(value)


def _code(one: Parameter, typed: Any) -> str:
    value = value_of(one.hint, typed, one.name)
    if isinstance(value, Secret):
        return 'Secret("...")'
    if isinstance(value, PhoneNumber) or (isinstance(value, list) and isinstance(value[0], PhoneNumber)):
        return json.dumps(typed) if one.hint is not PhoneNumber else f"PhoneNumber({json.dumps(typed)})"
    plain = isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))
    return json.dumps(value) if plain else repr(value)


# -- one operation


def _signature(operation: NativeOperation) -> str:
    parts: list[str] = []
    star = False
    for one in operation.signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        stars = "**" if one.kind is one.VAR_KEYWORD else ""
        default = "" if one.default is one.empty else f" = {one.default!r}"
        parts.append(f"{stars}{one.name}: {one.annotation}{default}")
    return f"{operation.name}({', '.join(parts)}) -> {_returns(operation)}"


def _returns(operation: NativeOperation) -> str:
    said = str(inspect.unwrap(operation.function).__annotations__.get("return", ""))
    found = re.fullmatch(r"(Exchange|Listing)\[(.*)\]", said)
    if found:
        return f"Iterator[{found[2]}]" if found[1] == "Listing" else found[2]
    (endpoint,) = operation.endpoints
    kind: Any = endpoint.record
    if kind is None:
        return "None"
    name = kind.__name__ if isinstance(kind, type) and not getattr(kind, "__args__", None) else _generic(kind)
    return f"Sequence[{name}]" if endpoint.around is not None else name


def _generic(kind: Any) -> str:
    return re.sub(r"[\w.]+\.(\w+)", r"\1", str(kind))


def _effect(provider: str, operation: NativeOperation) -> str:
    if operation.purpose == "purchase":
        return f"costs money: {PRICES.get(f'{provider}.{operation.name}', 'the documents state no price')}; sent once"
    if operation.purpose == "write":
        return "changes something; costs nothing"
    return "changes nothing; costs nothing"


def _how_often(provider: str, operation: NativeOperation) -> str:
    requests = {f"{one.method} {one.path}" for one in operation.endpoints}
    said: list[str] = []
    for limit in provider_class(provider).limits:
        if not limit.only:
            said.append(f"{limit.requests} in {_time(limit.seconds)}, with all others")
        elif requests & set(limit.only):
            others = [one for one in limit.only if one not in requests]
            said.append(f"{limit.requests} in {_time(limit.seconds)}, together with {', '.join(map(_code_of, others))}")
    return "; ".join(said) or "no limit is documented"


def _time(seconds: float) -> str:
    names = {10.0: "10 s", 60.0: "a minute", 3600.0: "an hour", 86400.0: "a day"}
    return names.get(seconds, f"{seconds:g} s")


def _code_of(text: str) -> str:
    return f"`{text}`"


def _evidence(provider: str, operation: NativeOperation) -> str:
    supports = provider_class(provider).supports
    known = {one.operation or one.name.strip("_") for one in operation.endpoints}
    found = {
        supports[name].evidence.value for name in known if name in supports and not isinstance(supports[name], Cannot)
    }
    said = ", ".join(sorted(found)) or "documented"
    tapes = _cassettes(provider, operation)
    if not tapes:
        return f"{said}; no cassette"
    links = ", ".join(f"[{tape}](../../cassettes/{provider}/{tape}.yaml)" for tape in tapes)
    return f"{said}; cassettes: {links}"


def _cassettes(provider: str, operation: NativeOperation) -> list[str]:
    """The cassettes that hold a request of the operation."""
    wanted = [
        (one.method, re.compile(re.sub(r"\\\{\w+\\\}", "[^/?]+", re.escape(one.path)) + r"(\?|$)"))
        for one in operation.endpoints
    ]
    found: list[str] = []
    for path in sorted((CASSETTES / provider).glob("*.yaml")):
        held = re.findall(r"^    method: (\w+)\n    uri: https?://[^/\s]+(\S+)$", path.read_text(), re.MULTILINE)
        if any(method == asked and form.match(uri) for method, uri in held for asked, form in wanted):
            found.append(path.stem)
    return found


def _section(provider: str, example: Example) -> list[str]:
    operation = example.operation
    requests = ", ".join(f"`{one.method} {one.path}`" for one in operation.endpoints)
    lines = [
        f"## {operation.name}",
        "",
        "```text",
        _signature(operation),
        "```",
        "",
        _markdown(operation.text),
        "",
        "| | |",
        "|---|---|",
        f"| in the documents | {', '.join(map(_code_of, operation.documents))}: {requests} |",
        f"| effect | {_effect(provider, operation)} |",
        f"| how often | {_how_often(provider, operation)} |",
        f"| evidence | {_evidence(provider, operation)} |",
        "",
    ]
    said = [one for one in operation.parameters if one.text]
    lines += [f"- `{one.name}`: {_markdown(one.text)}" for one in said] + ([""] if said else [])
    if example.secrets:
        lines += [
            f"The command takes secrets from {' and '.join(map(_code_of, example.secrets))}, or the terminal.",
            "",
        ]
    lines += ["```python", *_wrapped(f"phone.native.{example.python}"), "```", "", "```console"]
    lines += [f"$ anycarrier {shlex.join(example.argv)}", "```", ""]
    return lines


def _wrapped(code: str) -> list[str]:
    """A call in the lines of the formatter."""
    if len(code) <= WIDTH:
        return [code]
    head, _, rest = code.partition("(")
    inner = rest.removesuffix(")")
    if len(inner) + 4 <= WIDTH:
        return [f"{head}(", f"    {inner}", ")"]
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    each = [ast.get_source_segment(code, one) for one in (*call.args, *call.keywords)]
    return [f"{head}(", *(f"    {one}," for one in each), ")"]


def _markdown(text: str) -> str:
    return re.sub(r"(?<![\w`])(\w+_\w+)(?![\w`])", r"`\1`", text).replace("*", "\\*").replace("<", "\\<")


def _anchor(name: str) -> str:
    return f"[`{name}`](#{name})"


def page(provider: str) -> str:
    """The page of one provider."""
    cls = provider_class(provider)
    found = examples(provider)
    effect = {"read": "reads", "write": "changes", "purchase": "costs money"}
    lines = [
        f"# {cls.title}: every operation",
        "",
        f"The {len(found)} operations of the provider's own API, as `client.native` and `anycarrier call` offer them.",
        "Generated from the code by `make docs`. What they have in common with other providers is simpler through the",
        f"client's own methods; what surprises is on [the provider's page](../providers/{provider}.md).",
        f'In the examples, `phone` is `Client("{provider}")`, or `AsyncClient`, whose operations are awaited.',
        "",
        "| operation | effect | in the documents |",
        "|---|---|---|",
        *(
            f"| {_anchor(one.operation.name)} | {effect[one.operation.purpose]} | "
            f"{', '.join(map(_code_of, one.operation.documents))} |"
            for one in found
        ),
        "",
    ]
    for one in found:
        lines += _section(provider, one)
    records = _records(provider)
    if records:
        lines += ["## Records", "", "Members of the records above. `raw` has all that the provider sent.", ""]
        lines += records
    return "\n".join(lines).rstrip() + "\n"


def _records(provider: str) -> list[str]:
    """The fields of the records that operations return, an entry each."""
    named = " ".join(_returns(one) for one in operations(provider).values())
    lines: list[str] = []
    todo = re.findall(r"\w+", named)
    seen: set[str] = set()
    homes = (f"anycarrier_adapters.{provider}", "anycarrier_adapters._leadconnector")
    modules = [module for home in homes for name, module in sys.modules.items() if name.startswith(home)]
    while todo:
        name = todo.pop(0)
        if name in seen:
            continue
        seen.add(name)
        kind = next((vars(module)[name] for module in modules if name in vars(module)), None)
        if not (isinstance(kind, type) and issubclass(kind, Record)):
            continue
        resolved = get_type_hints(kind)
        hints = {
            field: _shown(str(hint), resolved[field])
            for cls in reversed(kind.__mro__)
            if issubclass(cls, Record) and cls is not Record
            for field, hint in cls.__annotations__.items()
            if field in kind.__struct_fields__
        }
        lines.append(f"- **{name}**: {', '.join(f'`{field}: {hint}`' for field, hint in hints.items())}")
        todo += [word for hint in hints.values() for word in re.findall(r"\w+", hint)]
    return lines


SPOKEN = {
    "Text": "str | None", "Flag": "bool | None", "Whole": "int | None", "Count": "int | None",
    "TenDigit": "PhoneNumber", "E164": "PhoneNumber", "Number": "PhoneNumber", "AnyNumber": "PhoneNumber",
    "OptionalAnyNumber": "PhoneNumber | None", "OptionalE164": "PhoneNumber | None",
    "OptionalTenDigit": "PhoneNumber | None", "OptionalNumber": "PhoneNumber | None",
    "NumberOrText": "PhoneNumber | str | None", "Amount": "Decimal | None", "Rate": "Decimal | None",
    "Figure": "int | None", "Degrees": "float | None", "Party": "PhoneNumber | None",
    "Instant": "datetime | None", "UnixTime": "datetime | None", "Day": "date | None", "Hidden": "Secret | None",
}  # fmt: skip
"""Field types as a program meets them."""


def _shown(hint: str, resolved: Any) -> str:
    """An annotation as a program meets it; *resolved* is its type."""
    names = re.findall(r"\w+", hint)
    if hint.startswith("Annotated[") or (len(names) == 1 and names[0] not in SPOKEN and not isinstance(resolved, type)):
        hint = "Any" if resolved is Any else re.sub(r"(?:\w+\.)+(\w+)", r"\1", str(resolved))
        hint = re.sub(r"Optional\[(\w+)\]", r"\1 | None", hint)
    return re.sub(r"\w+", lambda word: SPOKEN.get(word[0], word[0]), hint).replace(" | UnsetType", "")


def pages() -> dict[Path, str]:
    """Every page by its path."""
    return {FOLDER / f"{name}.md": page(name) for name in PROVIDERS}
