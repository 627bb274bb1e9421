"""The command line in odd surroundings: each case in a process of its own, forked from one that has loaded everything.

Run as a program: cases as JSON on stdin, a list of objects with ``argv``, ``streams`` (of stdin, stdout and stderr:
``closed``, ``full``, ``unread``, ``readonly``, ``null``), ``environment``, ``homeless`` and ``encoding``. Prints a JSON
list with the exit code of each, what it said on a stderr that could be read, and how many charges there were.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import pwd
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from anycarrier.cli import main
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

URL = "http://127.0.0.1:1"


def _placed(number: int, state: str, error: Path) -> None:
    """Make the stream *number* what *state* says."""
    if state == "closed":
        os.close(number)
        return
    if state == "unread":
        reader, place = os.pipe()
        os.close(reader)
    else:
        path, flags = {
            "full": ("/dev/full", os.O_WRONLY),
            "readonly": (os.devnull, os.O_RDONLY),
            "null": (os.devnull, os.O_RDWR),
            "kept": (str(error), os.O_WRONLY | os.O_CREAT),
        }[state]
        place = os.open(path, flags)
    os.dup2(place, number)
    os.close(place)


def _streams(states: list[str], encoding: str, error: Path) -> None:
    for number, state in enumerate(states):
        _placed(number, state, error)
    # As Python makes them when it starts.
    for number, (name, mode, errors) in enumerate(
        (("stdin", "r", "strict"), ("stdout", "w", "strict"), ("stderr", "w", "backslashreplace"))
    ):
        stream: Any = None
        if states[number] != "closed":
            raw = io.FileIO(number, mode, closefd=False)
            buffer = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
            stream = io.TextIOWrapper(buffer, encoding, errors, line_buffering=name == "stderr")
        setattr(sys, name, stream)


def _main(argv: list[str]) -> tuple[int, int]:
    """The exit code, and how many charges there were."""
    clock = VirtualClock()
    simulator = VoiceTelSimulator(now=clock.time)
    code = main(argv, transport=SimTransport({URL: simulator}, wait=clock.sleep), clock=clock)
    return code, len(simulator.ledger.charges)


def _surrounded(environment: dict[str, str | None]) -> None:
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _child(case: dict[str, Any], error: Path, result: Path) -> NoReturn:
    if case["homeless"]:

        def nobody(number: int) -> NoReturn:
            raise KeyError(f"getpwuid(): uid not found: {number}")

        pwd.getpwuid = nobody
    _surrounded(case["environment"])
    _streams(case["streams"], case["encoding"], error)
    code, charges = 255, -1
    try:
        code, charges = _main(case["argv"])
        sys.stdout.flush()  # as Python does at its end
    finally:
        result.write_text(json.dumps({"code": code, "charges": charges}))
        os._exit(0)


def _warm(environment: dict[str, str | None], folder: str) -> None:
    """Load, in the parent, what commands load, so that it is loaded once."""
    _surrounded({**environment, "ANYCARRIER_JOURNAL": f"{folder}/warm.sqlite"})
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for command in ("buy 2015550100 --yes", "search --area-code 201", "reconcile", "doctor", "wait 2125550199"):
            _main(command.split())
    gc.collect()
    gc.freeze()


def run(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Result of each case."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        _warm(cases[0]["environment"], folder)
        for place, case in enumerate(cases):
            error, result = Path(folder, f"{place}.err"), Path(folder, f"{place}.json")
            child = os.fork()
            if child == 0:
                _child(case, error, result)
            os.waitpid(child, 0)
            said = error.read_text(errors="replace") if error.exists() else ""
            found.append({**json.loads(result.read_text()), "said": said})
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(json.load(sys.stdin))))
