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
FOLDER = ROOT / "src" / "anycarrier" / "client"

CHANGES: dict[str, dict[str, str]] = {
    "_sync.py": {
        '"""The blocking client."""': (
            '"""The asynchronous client: the blocking one, written by ``.ci/make_async.py``."""'
        ),
        '"""Blocking client of one provider. Threads may share it.': (
            '"""Asynchronous client of one provider, for asyncio. Use it on the event loop that it was made for.'
        ),
        "from anycarrier.engine.driver import Driver\n": "",
        # asyncio takes a while to load.
        "        self._provider = provider = made(": (
            "        from anycarrier.engine.async_driver import AsyncDriver\n\n"
            "        self._provider = provider = made("
        ),
    },
    "_sync_services.py": {
        "The blocking client's operations about the services of a number and about the account.": (
            "The asynchronous client's operations about the services of a number and about the account: the blocking\n"
            "blocking ones, written by ``.ci/make_async.py``."
        ),
    },
    "_sync_plans.py": {
        "The blocking client's operations with plans: desired states, and switches of carriers.": (
            "The asynchronous client's operations with plans: the blocking ones, written by ``.ci/make_async.py``."
        ),
    },
    "_sync_accounts.py": {
        '"""Many accounts, by name, for blocking clients."""': (
            '"""Many accounts, by name, for asynchronous clients: written by ``.ci/make_async.py``."""'
        ),
        "from anycarrier.client._sync import Client\n": "from anycarrier.client._async import Client\n",
        "from anycarrier.engine.driver import Driver\n": "from anycarrier.engine.async_driver import Driver\n",
        "load: function of a name that returns:": "load: coroutine function or function of a name that returns:",
    },
}
"""By module, what differs."""
WORDS = {
    "SYNC": "ASYNC",
    "Client": "AsyncClient",
    "Accounts": "AsyncAccounts",
    "Services": "AsyncServices",
    "_sync_services": "_async_services",
    "Plans": "AsyncPlans",
    "_sync_plans": "_async_plans",
    "Driver": "AsyncDriver",
    "Transport": "AsyncTransport",
    "sync_transport": "async_transport",
    "Iterator": "AsyncIterator",
    "BlockingNative": "AwaitingNative",
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
}
WAITS = re.compile(r"(?:self|client)\.(?:run|close|_driver\.run|_driver\.close)\(")
"""Calls that wait."""


def target(name: str) -> Path:
    """Path of the module that is written from the one of this name."""
    return FOLDER / name.replace("_sync", "_async")


def text(name: str) -> str:
    """Source of the module that is written from the one of this name."""
    source = (FOLDER / name).read_text(encoding="utf-8")
    for old, new in CHANGES[name].items():
        if source.count(old) != 1:
            raise SystemExit(f"{name}: {old!r} stands there {source.count(old)} times, not once")
        source = source.replace(old, new)
    # A method that is called by one that waits, or is entered, waits; one that returns an iterator does not.
    methods = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef)]
    wait = [one for one in methods if WAITS.search(ast.unparse(one)) or one.name in ("run", "__enter__", "__exit__")]
    overloads = [one for one in methods if [ast.unparse(word) for word in one.decorator_list] == ["overload"]]
    waiting = {one.lineno for one in wait} | {
        one.lineno for one in overloads if one.name in {other.name for other in wait}
    }
    lines = [
        line.replace("def ", "async def ", 1) if number in waiting else line
        for number, line in enumerate(source.splitlines(keepends=True), 1)
    ]
    source = WAITS.sub(lambda call: f"await {call[0]}", "".join(lines))
    source = re.sub(rf"\b(?:{'|'.join(WORDS)})\b", lambda word: WORDS[word[0]], source)
    ruff = [sys.executable, "-m", "ruff"]
    for how in (["check", "--select", "I,F401", "--fix", "--quiet"], ["format", "--quiet"]):
        command = [*ruff, *how, "--stdin-filename", str(target(name)), "-"]
        source = subprocess.run(command, input=source, stdout=subprocess.PIPE, text=True, check=True).stdout
    return source


if __name__ == "__main__":
    for one in CHANGES:
        path, new = target(one), text(one)
        if "--check" not in sys.argv:
            path.write_text(new, encoding="utf-8")
        elif new != path.read_text(encoding="utf-8"):
            raise SystemExit(f"{path.relative_to(ROOT)} is stale: run `make docs`")
