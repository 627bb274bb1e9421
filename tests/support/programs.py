"""Programs of the docs, one after the other, each in a process of its own, forked from one that has loaded the library.

Run as a program: a JSON list of programs on stdin; prints a JSON list with what each printed where it failed, or null.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

LOADED = (
    *("asyncio", "httpx", "sqlite3"),
    *(f"anycarrier.{name}" for name in ("client", "decoding", "failover", "json_forms", "purchase", "switching")),
    *(f"anycarrier_adapters.{name}" for name in ("lc_legacy", "lc_phone", "leadping", "voicetel")),
)
"""Modules that most programs import: loaded once."""


def _child(code: str, output: Path) -> NoReturn:
    broken: list[Any] = []
    sys.unraisablehook = broken.append
    done = 1
    with output.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(code, "program", "exec"), names)  # noqa: S102 - that is what this is for
        # What it leaves open would be a warning at its end.
        names.clear()
        gc.collect()
        done = len(broken)
    except BaseException:  # noqa: BLE001 - whatever it is, it is what is to be shown
        traceback.print_exc()
    finally:
        for one in broken:
            sys.stderr.write(f"{one.exc_value!r}\n")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(done != 0)


def run(programs: list[str]) -> list[str | None]:
    """Traceback of each program that failed, in order."""
    found: list[str | None] = []
    with TemporaryDirectory() as folder:
        for place, code in enumerate(programs):
            output = Path(folder, str(place))
            child = os.fork()
            if child == 0:
                _child(code, output)
            _, status = os.waitpid(child, 0)
            found.append(output.read_text() or "it failed in silence" if status else None)
    return found


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    for name in LOADED:
        __import__(name)
    sys.stdout.write(json.dumps(run(asked)))
