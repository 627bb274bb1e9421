"""The parser of ``call``, made of the operations' signatures: only what was typed is built."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from anycarrier.adapter.operations import NativeOperation, Parameter, native_operations
from anycarrier.cli.call_values import Kind, kind_of_hint
from anycarrier.cli.options import add_confirmation, add_output, add_provider
from anycarrier.cli.parser import Parser
from anycarrier.cli.variables import SECRETS
from anycarrier.errors import AnyCarrierError
from anycarrier.registry import names, provider_class
from anycarrier.suggestions import meant, meant_or_all

__all__ = [
    "DEST",
    "grow",
    "grow_names",
    "is_secret_argument",
    "operations_of",
    "option_of",
    "purpose_words",
    "variable_of",
]

DEST = "argument."
"""Goes before the name of a parameter in the parsed command line."""

CHANGES = {
    "read": "Changes nothing.",
    "write": "Changes something: asks first.",
    "purchase": "Costs money: asks first.",
}


def purpose_words(operation: NativeOperation) -> str:
    """``reads``, ``changes`` or ``costs money``."""
    return {"read": "reads", "write": "changes", "purchase": "costs money"}[operation.purpose]


def operations_of(provider: str) -> dict[str, NativeOperation]:
    """The operations of the provider's own API by name; none where its adapter lists none."""
    api = getattr(provider_class(provider), "api_class", None)
    return {} if api is None else native_operations(api)


def grow(made: Parser, words: Sequence[str]) -> None:
    """Add to the parser of ``call`` the provider that *words* name, and its operation."""
    known = names()
    provider = words[0].replace("-", "_")
    if provider not in known:
        made.error(f"there is no such provider{meant_or_all(provider, known)}")
    try:
        operations = operations_of(provider)
    except (AnyCarrierError, ImportError) as error:
        made.error(f"{provider} cannot be loaded: {error}")
    of_provider = _sub(made, "provider", words[0], provider, f"Operations of {provider}'s own API.")
    if len(words) < 2 or words[1].startswith("-"):
        of_provider.add_argument("--list", action="store_true", help="list the operations")
        add_output(of_provider)
        of_provider.epilog = f"operations:\n  {', '.join(name.replace('_', '-') for name in operations)}"
        return
    operation = _named(of_provider, words[1], operations)
    _add(_sub(of_provider, "operation", words[1], operation.name, _description(provider, operation)), operation)


def grow_names(made: Parser) -> None:
    """Add every provider and operation, without their options: for completion."""
    providers = made.add_subparsers(dest="provider", metavar="PROVIDER")
    for name in names():
        try:
            operations = operations_of(name)
        except (AnyCarrierError, ImportError):
            continue
        of_provider = providers.add_parser(name, help=name)
        of_provider.add_argument("--list", action="store_true", help="list the operations")
        each = of_provider.add_subparsers(dest="operation", metavar="OPERATION")
        for operation in operations.values():
            each.add_parser(operation.name.replace("_", "-"), help=operation.summary)


def _sub(made: Parser, dest: str, typed: str, name: str, description: str) -> Parser:
    parsers = made.add_subparsers(dest=dest, metavar=dest.upper(), required=True)
    sub: Parser = parsers.add_parser(typed, description=description)
    sub.set_defaults(**{dest: name})
    return sub


def _named(made: Parser, typed: str, operations: dict[str, NativeOperation]) -> NativeOperation:
    name = typed.replace("-", "_")
    if name in operations:
        return operations[name]
    documented = [one for one in operations.values() if typed.casefold() in map(str.casefold, one.documents)]
    if len(documented) == 1:
        return documented[0]
    return _unknown(made, typed, operations)


def _unknown(made: Parser, typed: str, operations: dict[str, NativeOperation]) -> NoReturn:
    own = [name.replace("_", "-") for name in operations]
    documents = [word for one in operations.values() for word in one.documents]
    near = meant(typed.replace("_", "-").casefold(), own) or meant(typed, documents)
    made.error(f"there is no such operation{near}; {made.prog} --list lists them")


def _description(provider: str, operation: NativeOperation) -> str:
    called = " and ".join(operation.documents)
    return f"{operation.text}\n\n{CHANGES[operation.purpose]} In the documents of {provider}: {called}."


# -- the arguments of an operation


def is_secret_argument(parameter: Parameter) -> bool:
    """Return whether the value must not be typed on the command line."""
    return kind_of_hint(parameter.hint, parameter.name).secret


def option_of(parameter: Parameter) -> str:
    """The parameter's spelling on the command line: an argument in capitals, or an option."""
    if parameter.required and not parameter.keyword:
        return "NUMBER" if parameter.name in ("target", "targets") else parameter.name.upper()
    return f"--{parameter.name.replace('_', '-')}"


def _add(made: Parser, operation: NativeOperation) -> None:
    made.set_defaults(purpose=operation.purpose)
    group = made.add_argument_group("arguments")
    for one in operation.parameters:
        kind = kind_of_hint(one.hint, one.name)
        if kind.secret:
            made.epilog = (
                f"secrets:\n  {variable_of(one)} holds the {one.name}; without it, "
                f"{'it is read from the terminal' if one.required else 'none is sent'}"
            )
        else:
            _add_one(group, one, kind)
    if operation.purpose != "read":
        add_confirmation(made)
    add_provider(made, named=True)
    add_output(made, raw=True, said="; json is one document for each item of a listing" if operation.listing else "")


def variable_of(parameter: Parameter) -> str:
    """The environment's variable that holds a secret argument."""
    return f"{SECRETS}{parameter.name.upper()}"


def _add_one(group: argparse._ArgumentGroup, one: Parameter, kind: Kind) -> None:
    typed = option_of(one)
    known = "" if one.text and kind.said == "text" else kind.said
    said = ": ".join(part for part in (one.text.rstrip("."), known) if part)
    if one.default not in (None, (), True, False) and not one.required and not one.others:
        said += f" (default: {one.default})"
    more: dict[str, Any] = {"help": said.replace("%", "%%")}
    dest = f"{DEST}{one.name}"
    if kind.flag and not one.required:
        group.add_argument(typed, dest=dest, action=argparse.BooleanOptionalAction, default=None, **more)
        return
    if kind.choices:
        more["choices"] = kind.choices
    if not typed.startswith("--"):
        more |= {"nargs": "+"} if kind.many else {}
        group.add_argument(dest, metavar=typed, **more)
        return
    more |= {"action": "append"} if kind.many or one.others else {}
    metavar = "NAME=VALUE" if one.others else kind.metavar
    group.add_argument(typed, dest=dest, metavar=metavar, required=one.required, **more)
