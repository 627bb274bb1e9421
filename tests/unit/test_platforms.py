"""Systems other than Linux, as far as Linux can tell: without the parts of Python that Windows lacks.

A process takes those parts away, then imports every module of ours, or opens a journal and searches.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

WITHOUT = """
import os, select, signal, socket, sys, time, types

# Libraries are loaded first: this is not about them.
import anyio._backends._asyncio, asyncio, attrs, email.message, getpass, html.entities, http.client, httpcore, httptools
import httpx, importlib.metadata, logging, msgspec, multiprocessing, phonenumbers, psycopg, pydantic, pytest
import rich.console, shutil, sqlite3, starlette.applications, subprocess, tempfile, threading, tomllib, uuid, uvicorn
import vcr, webbrowser

for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog"):
    sys.modules[name] = None
for module, names in {
    os: "fork forkpty register_at_fork getuid geteuid getgid getpgid setsid killpg fchmod chown fstatvfs statvfs "
        "ST_RDONLY mkfifo WNOHANG O_CLOEXEC O_NOFOLLOW sched_getaffinity uname getloadavg",
    select: "poll epoll",
    signal: "SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGKILL SIGCHLD SIGPIPE pthread_kill pthread_sigmask alarm "
        "setitimer",
    socket: "SO_REUSEPORT",
    time: "clock_gettime CLOCK_BOOTTIME CLOCK_MONOTONIC tzset",
}.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
"""

IMPORT_ALL = """
import importlib, pkgutil
import anycarrier, anycarrier_adapters

seen = []
for package in (anycarrier, anycarrier_adapters):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        # Programs, and hooks of PyInstaller.
        if not found.name.endswith("__main__") and ".freezing." not in found.name:
            importlib.import_module(found.name)
            seen.append(found.name)
assert len(seen) > 150, len(seen)
"""

USE = """
locked = set()

def locking(descriptor, mode, size):
    key = os.fstat(descriptor).st_ino
    if key in locked:
        raise PermissionError(13, "Permission denied")
    locked.add(key)

sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_NBLCK=2)

from pathlib import Path
from anycarrier import Client, JournalError, Search
from anycarrier.purchase import journal
from anycarrier.simulator.server import running
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

from anycarrier.purchase.journal import sqlite
sqlite._boot_id = lambda: None  # which only Linux has
place = Path(sys.argv[1]) / "journal.sqlite"
book = journal.open(place)
try:
    journal.open(place)
except JournalError as error:
    assert "open in this process already" in str(error), error
else:
    raise SystemExit("the journal was opened twice")
book.close()

simulator = VoiceTelSimulator()
with running(simulator) as urls:
    for transport in ("httpx", "fast"):
        with Client("voicetel", base_url=urls["voicetel"], transport=transport, **simulator.settings) as phone:
            for _ in range(2):
                assert phone.search(Search(area_code="201", limit=1))
"""


def run(program: str, *arguments: str) -> None:
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(TESTS), *sys.path]))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_every_module_can_be_imported_without_what_only_unix_has() -> None:
    run(IMPORT_ALL)


@pytest.mark.slow
def test_a_search_and_a_journal_work_without_what_only_unix_has(tmp_path: Path) -> None:
    run(USE, str(tmp_path))
