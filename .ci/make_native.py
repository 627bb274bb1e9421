"""Write the types of ``client.native``: one line for each operation of the providers that come with this package.

Run by ``make docs``. They are a stub: type checkers read the lines, and no program can import them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "adapters")]

from anycarrier.client._native import kind_of  # noqa: E402
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
    imports = [f"from {type(api).__module__} import Api as {alias(name)}\n" for name, api in found.items()]
    imports += [f"from {cls.__module__} import {cls.__name__}\n" for cls in map(provider_class, found)]
    lines = [HEAD, *sorted(imports)]
    lines.append('\n__all__ = ["AwaitingNative", "BlockingNative"]\n\n')
    lines += [f"_{name}: {alias(name)}\n" for name in found]
    for name, api in found.items():
        lines.append(
            f'\nclass _Native{provider_class(name).__name__}(Operations[Mode]):\n    """Operations of {name}."""\n\n'
        )
        for each in sorted(dir(type(api))):
            kind = None if each.startswith("_") else kind_of(getattr(api, each, None))
            if kind is not None:
                lines.append(f"    {each} = {kind}(_{name}.{each})\n")
    for mode in ("Blocking", "Awaiting"):
        lines.append(f'\nclass {mode}Native:\n    """Type of ``native`` in this mode."""\n\n')
        for name in found:
            cls = provider_class(name).__name__
            signature = f"(self, instance: ClientOf[{cls}], owner: Any) -> _Native{cls}[{mode}]"
            lines.append(f"    @overload\n    def __get__{signature}: ...\n")
        lines.append("    @overload\n    def __get__(self, instance: Any, owner: Any) -> Any: ...\n")
    return "".join(lines)


if __name__ == "__main__":
    TARGET.write_text(text())
