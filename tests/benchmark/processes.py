"""Processes that measure or are measured, and the server they ask."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmark.environments import ROOT, Environment, harmless
from benchmark.timing import Cost

HERE = os.pathsep.join(str(ROOT / name) for name in ("src", "adapters"))
WITH_US = f"{HERE}{os.pathsep}{ROOT / 'tests'}"


def environ(path: str) -> dict[str, str]:
    """The environment variables of a process that is measured: nothing of this machine's Python settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ANYCARRIER", "COV"))}
    return {**kept, "PYTHONPATH": path}


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The loopback server; yields its origin."""
    command = [sys.executable, "-m", "benchmark.server"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ(WITH_US), text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait(10)


class Worker:
    """A process of :mod:`benchmark.worker` that waits for commands."""

    def __init__(self, name: str, spec: str, environment: Environment, origin: str, *, asynchronous: bool) -> None:
        self.name = name
        self.problem: str | None = None
        command = [str(environment.python), "-W", "ignore", "-m", "benchmark.worker", spec, origin]
        self._process = subprocess.Popen(
            [*command, "--async"] if asynchronous else command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ(WITH_US),
            text=True,
        )
        self._read()

    def ask(self, **command: Any) -> Cost | None:
        """Cost of a command; ``None`` once something went wrong."""
        if self.problem is not None:
            return None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        answer = self._read()
        return None if answer is None else Cost(*answer)

    def close(self) -> None:
        """End it."""
        self._process.communicate()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        while True:
            line = self._process.stdout.readline()
            if not line:
                assert self._process.stderr is not None
                self.problem = f"failed: {harmless(self._process.stderr.read())}"
                return None
            if line[:1] in "[{":  # some peers print
                return json.loads(line)


def once(python: Path, arguments: Sequence[str], path: str = WITH_US) -> Any:
    """The last line of JSON that a process prints."""
    done = subprocess.run([str(python), "-W", "ignore", *arguments], capture_output=True, text=True, env=environ(path))
    if done.returncode:
        raise RuntimeError(harmless(done.stderr))
    return json.loads(done.stdout.strip().splitlines()[-1])


def fresh(python: Path, code: str, path: str = HERE) -> Cost:
    """Cost of a whole process that runs *code* and ends."""
    import time

    with subprocess.Popen(
        [str(python), "-W", "ignore", "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environ(path)
    ) as process:
        began = time.perf_counter()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            assert process.stderr is not None
            raise RuntimeError(harmless(process.stderr.read().decode()))
    return Cost(used.ru_utime + used.ru_stime, wall)
