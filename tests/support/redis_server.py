"""A Redis server of a test's own, on a socket in a folder of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM = "redis-server"
MISSING = f"needs {PROGRAM}: apt-get install {PROGRAM}"


class RedisServer:
    """A server whose data survive :meth:`stop`; a context manager, which removes them."""

    def __init__(self) -> None:
        # A short path: a Unix socket's may have some hundred characters at most.
        self._folder = tempfile.mkdtemp(prefix="redis")
        self.socket = str(Path(self._folder, "socket"))
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @staticmethod
    def is_at_hand() -> bool:
        """Return whether the program is installed."""
        return shutil.which(PROGRAM) is not None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [PROGRAM, "--port", "0", "--unixsocket", self.socket, "--dir", self._folder, "--save", ""]
        command += ["--appendonly", "yes", "--appendfsync", "always", "--loglevel", "warning"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, "Redis ended at once"
            assert time.monotonic() < until, "Redis does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it, as if the machine had failed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            Path(self.socket).unlink(missing_ok=True)

    def _answers(self) -> bool:
        import redis

        try:
            with redis.Redis(unix_socket_path=self.socket) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def __enter__(self) -> RedisServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
