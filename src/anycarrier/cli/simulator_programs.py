"""``simulate -- COMMAND``: a program that runs against simulators, and cannot reach a real account by its settings."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from anycarrier.cli.accounts import VARIABLE
from anycarrier.cli.context import Ended
from anycarrier.engine.accounts import ONLY_LOOPBACK
from anycarrier.registry import names
from anycarrier.settings import CONFIG, PREFIX, variable
from anycarrier.simulator import MAIN, Simulator

__all__ = ["accounts_file", "accounts_of", "environment_of", "first_of", "run_program"]

NOT_FOUND, NOT_RUNNABLE, SIGNALED = 127, 126, 128
"""Exit codes of a shell for a command that it cannot run, and for one that a signal ended, without its number."""

TURN = 0.1
"""Seconds after which a signal is looked for, while the program runs."""


def first_of(simulators: Sequence[Simulator]) -> Simulator:
    """The simulator that shows most: that with the longest story."""
    return max(simulators, key=lambda simulator: len(simulator.story))


def environment_of(simulator: Simulator, url: str) -> dict[str, str]:
    """The variables with the settings of the main account."""
    settings = {"base_url": url, **simulator.settings_of(MAIN)}
    return {variable(simulator.name, name): value for name, value in settings.items()}


def accounts_of(simulator: Simulator, url: str) -> dict[str, dict[str, str]]:
    """The settings of each account."""
    return {name: {"base_url": url, **simulator.settings_of(name)} for name in simulator.accounts}


def accounts_file(simulators: Sequence[Simulator], urls: Mapping[str, str]) -> Iterator[str]:
    """The lines of an accounts file with the accounts of those simulators that have several: variables name one.

    An account whose name another simulator uses too has its provider's name before it.
    """
    several = [one for one in simulators if len(one.accounts) > 1]
    every = [name for one in several for name in one.accounts]
    for simulator in several:
        for name, settings in accounts_of(simulator, urls[simulator.name]).items():
            yield f"[accounts.{name if every.count(name) == 1 else f'{simulator.name}-{name}'}]"
            for key, value in {"provider": simulator.name, **settings}.items():
                yield f'{key} = "{value}"'


def run_program(program: Sequence[str], simulators: Sequence[Simulator], urls: Mapping[str, str]) -> int:
    """Run *program* with the settings of the simulators; its exit code, as a shell has it.

    Settings of this machine's own accounts are taken away, and its journal stays as it was: the program has another
    one, which is deleted at the end.

    Raises:
        Ended: there is no such program, or it cannot be run.
    """
    with tempfile.TemporaryDirectory(prefix="anycarrier-") as folder:
        environment = _inherited()
        for simulator in simulators:
            environment |= environment_of(simulator, urls[simulator.name])
        environment |= {
            VARIABLE: first_of(simulators).name,
            ONLY_LOOPBACK: "yes",
            CONFIG: str(Path(folder, "accounts.toml")),
            f"{PREFIX}_JOURNAL": str(Path(folder, "journal.sqlite")),
        }
        Path(folder, "accounts.toml").touch(mode=0o600)
        Path(folder, "accounts.toml").write_text("\n".join(accounts_file(simulators, urls)), encoding="utf-8")
        return _ended(program, environment)


def _inherited() -> dict[str, str]:
    """The environment without settings of providers, whatever their case."""
    own = tuple(variable(name, "") for name in names())
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(own)}


def _ended(program: Sequence[str], environment: Mapping[str, str]) -> int:
    with _terminations() as wanted:
        try:
            process = subprocess.Popen([*program], env=environment)  # noqa: S603 - it is what the command is for
        except FileNotFoundError:
            raise Ended(f"there is no program {program[0]}", NOT_FOUND) from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise Ended(f"{program[0]} cannot be run: {why}", NOT_RUNNABLE) from None
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(TURN)
                return code if code >= 0 else SIGNALED - code
            while wanted:
                wanted.pop()
                process.terminate()


@contextlib.contextmanager
def _terminations() -> Iterator[list[int]]:
    """Collect SIGTERM, which comes to this process alone and is sent on. Ctrl-C is the program's: a terminal sends it
    there too, and it may want to go on.

    Nothing is raised in this thread, which could lose the end of the program; and the system may hand a signal to the
    thread of the simulators, so that a wait of this one does not end by it.
    """
    wanted: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield wanted
        return
    interrupt = signal.signal(signal.SIGINT, lambda *_: None)
    terminate = signal.signal(signal.SIGTERM, lambda number, _: wanted.append(number))
    try:
        yield wanted
    finally:
        signal.signal(signal.SIGTERM, terminate)
        signal.signal(signal.SIGINT, interrupt)
