"""Write the types of ``client.native``: one line for each operation of the providers that come with this package.

Run by ``make docs``. They are a stub: type checkers read the lines, and no program can import them.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any, get_args, get_origin

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "adapters")]

from anycarrier.hints import kind_of  # noqa: E402
from anycarrier.registry import provider_class  # noqa: E402

TARGET = ROOT / "src" / "anycarrier" / "client" / "_native_types.pyi"
SETTINGS: dict[str, dict[str, Any]] = {
    "lc_legacy": {"token": "t", "location_id": "L1"},
    "lc_phone": {"token": "t", "location_id": "L1"},
    "leadping": {"api_key": "k"},
    "voicetel": {"api_key": "0" * 32},
}

HEAD = '''"""Types of ``client.native``, written by ``.ci/make_native.py``: for type checkers alone."""

from typing import Any, overload

from anycarrier.client._native_modes import Awaiting, Blocking, ClientOf, Mode, Operations, listing, operation
'''


def apis() -> dict[str, Any]:
    """An API object of each provider."""
    return {name: provider_class(name)(**settings).api for name, settings in SETTINGS.items()}


def alias(name: str) -> str:
    """Name of the API's class in the module that is written."""
    return f"{provider_class(name).__name__}Api"


def text() -> str:
    """Source of the module."""
    found = apis()
    imports = {f"Api as {alias(name)}": type(api).__module__ for name, api in found.items()}
    imports |= {cls.__name__: cls.__module__ for cls in map(provider_class, found)}
    lines: list[str] = []
    lines.append('\n__all__ = ["AwaitingNative", "BlockingNative"]\n\n')
    lines += [f"_{name}: {alias(name)}\n" for name in found]
    for name, api in found.items():
        lines.append(
            f'\nclass _Native{provider_class(name).__name__}(Operations[Mode]):\n    """Operations of {name}."""\n\n'
        )
        for each in sorted(dir(type(api))):
            kind = None if each.startswith("_") else kind_of(getattr(api, each, None))
            if kind is not None:
                item = item_of(name, getattr(type(api), each), imports) if kind == "listing" else ""
                lines.append(f"    {each} = {kind}(_{name}.{each}{item})\n")
    for mode in ("Blocking", "Awaiting"):
        lines.append(f'\nclass {mode}Native:\n    """Type of ``native`` in this mode."""\n\n')
        for name in found:
            cls = provider_class(name).__name__
            signature = f"(self, instance: ClientOf[{cls}], owner: Any) -> _Native{cls}[{mode}]"
            lines.append(f"    @overload\n    def __get__{signature}: ...\n")
        lines.append("    @overload\n    def __get__(self, instance: Any, owner: Any) -> Any: ...\n")
    head = sorted(f"from {module} import {alias}\n" for alias, module in imports.items())
    return "".join([HEAD, *head, *lines])


def item_of(provider: str, function: Any, imports: dict[str, str]) -> str:
    """The type of a listing's items, as a second argument; what it needs is added to *imports*.

    Type checkers cannot take it from the method itself, whose exchange yields requests too.
    """
    if not inspect.isfunction(function):
        return ""
    hint = inspect.unwrap(function).__annotations__["return"].partition("[")[2].removesuffix("]")
    needed: dict[str, str] = {}
    said = _written(eval(hint, vars(sys.modules[function.__module__])), provider, needed)
    if any("._" in module for module in needed.values()):
        return ""  # no public module has the type
    imports |= needed
    return f", {said}"


def _written(hint: Any, provider: str, imports: dict[str, str]) -> str:
    if inner := get_args(hint):
        several = ", ".join(_written(one, provider, imports) for one in inner)
        return f"{_written(get_origin(hint), provider, imports)}[{several}]"
    if hint is Any or hint.__module__ == "builtins":
        return "Any" if hint is Any else str(hint.__name__)
    public = f"anycarrier_adapters.{provider}."
    homes = [
        one
        for one in sorted(sys.modules)
        if one.startswith(public) and vars(sys.modules[one]).get(hint.__name__) is hint
    ]
    alias = hint.__name__ if not hint.__module__.startswith("anycarrier_adapters") else f"{provider}_{hint.__name__}"
    module = homes[0] if homes and "._" in hint.__module__ else hint.__module__
    imports[hint.__name__ if alias == hint.__name__ else f"{hint.__name__} as {alias}"] = module
    return str(alias)


if __name__ == "__main__":
    TARGET.write_text(text())
