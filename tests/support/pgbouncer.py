"""A PgBouncer of a test's own in transaction mode, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

PROGRAM = "pgbouncer"
MISSING = f"needs {PROGRAM}: apt-get install {PROGRAM}"

CONFIGURATION = """\
[databases]
* = host={host} port={port} user=postgres
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = 4
server_login_retry = 1
ignore_startup_parameters = extra_float_digits
"""


def is_at_hand() -> bool:
    """Return whether the program is installed; Debian's lies where only root looks."""
    return _program() is not None


def _program() -> str | None:
    return shutil.which(PROGRAM) or shutil.which(PROGRAM, path="/usr/sbin")


class PgBouncer:
    """Four sessions of *server*, a :class:`support.postgres_server.Server`, for all clients: each transaction gets any
    of them. A context manager.

    Attributes:
        dsn: address of the database through it.
    """

    def __init__(self, server: Any) -> None:
        # A short path: a Unix socket's may have some hundred characters at most.
        self._folder = tempfile.mkdtemp(prefix="bouncer")
        info = server.server.get_postmaster_info()
        configuration = Path(self._folder, "ini")
        text = CONFIGURATION.format(host=info.socket_dir, port=info.port, folder=self._folder)
        configuration.write_text(text, encoding="utf-8")
        command = [str(_program()), "-q", str(configuration)]
        if os.geteuid() == 0:  # it refuses to run as root
            user = server.server.system_user or "nobody"
            shutil.chown(self._folder, user)
            command += ["-u", user]
        self.dsn = f"postgresql://postgres@/postgres?host={self._folder}&port={info.port}"
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, "PgBouncer ended at once"
            assert time.monotonic() < until, "PgBouncer does not answer"
            time.sleep(0.02)

    def _answers(self) -> bool:
        import psycopg

        try:
            with psycopg.connect(self.dsn, connect_timeout=10, prepare_threshold=None) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.Error:
            return False

    def __enter__(self) -> PgBouncer:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
