"""Write the asynchronous client from the blocking one, so that no operation is written twice.

Run by ``make docs``. Every method of ``Client`` that waits becomes a coroutine; what differs beyond that stands in
:data:`CHANGES`.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "anycarrier" / "client" / "_sync.py"
TARGET = SOURCE.with_name("_async.py")

CHANGES = {
    '"""The blocking client."""': '"""The asynchronous client: the blocking one, written by ``.ci/make_async.py``."""',
    '"""Blocking client of one provider. Threads may share it.': (
        '"""Asynchronous client of one provider, for asyncio. Use it on the event loop that it was made for.'
    ),
    "from anycarrier.engine.driver import Driver\n": "",
    # asyncio takes a while to load.
    "        self._provider = provider = made(": (
        "        from anycarrier.engine.async_driver import AsyncDriver\n\n        self._provider = provider = made("
    ),
}
WORDS = {
    "SYNC": "ASYNC",
    "Client": "AsyncClient",
    "Driver": "AsyncDriver",
    "Transport": "AsyncTransport",
    "sync_transport": "async_transport",
    "Iterator": "AsyncIterator",
    "BlockingNative": "AwaitingNative",
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
}
WAITS = re.compile(r"self\.(?:run|close|_driver\.run|_driver\.close)\(")
"""Calls that wait."""


def text() -> str:
    """Source of the module."""
    source = SOURCE.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        if source.count(old) != 1:
            raise SystemExit(f"{SOURCE}: {old!r} stands there {source.count(old)} times, not once")
        source = source.replace(old, new)
    # A method that is called by one that waits, or is entered, waits; one that returns an iterator does not.
    waiting = {
        method.lineno
        for method in ast.walk(ast.parse(source))
        if isinstance(method, ast.FunctionDef)
        and (WAITS.search(ast.unparse(method)) or method.name in ("__enter__", "__exit__"))
    }
    lines = [
        line.replace("def ", "async def ", 1) if number in waiting else line
        for number, line in enumerate(source.splitlines(keepends=True), 1)
    ]
    source = WAITS.sub(lambda call: f"await {call[0]}", "".join(lines))
    source = re.sub(rf"\b(?:{'|'.join(WORDS)})\b", lambda word: WORDS[word[0]], source)
    ruff = [sys.executable, "-m", "ruff"]
    for how in (["check", "--select", "I,F401", "--fix", "--quiet"], ["format", "--quiet"]):
        command = [*ruff, *how, "--stdin-filename", str(TARGET), "-"]
        source = subprocess.run(command, input=source, stdout=subprocess.PIPE, text=True, check=True).stdout
    return source


if __name__ == "__main__":
    new = text()
    if "--check" not in sys.argv:
        TARGET.write_text(new, encoding="utf-8")
    elif new != TARGET.read_text(encoding="utf-8"):
        raise SystemExit(f"{TARGET.relative_to(ROOT)} is stale: run `make docs`")
