"""The end of a program waits for no answer."""

from __future__ import annotations

import os
import subprocess
import sys

ENDS = """
import sys, threading
from anycarrier.engine.driver import Driver
from anycarrier.engine import driver
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.exchange import Emit, Request, Response, send, together
from anycarrier.engine.session import Session

driver.QUICKLY = -1.0
asked = threading.Event()

class Hangs:
    pages = 0
    def send(self, request):
        self.pages += 1
        if self.pages > 1:
            asked.set()
            threading.Event().wait()
        return Response(200)
    def read(self, stream): return b""
    def close_stream(self, stream): pass
    def close(self): pass

account = Account(id="main", provider="fake", base_url="https://api.example", credentials=StaticToken("t"))
driver = Driver(Session([account]), Hangs())

def pages():
    while True:
        yield from send(Request(account="main", operation="op", method="GET", path="/x"))
        yield Emit(["a", "b", "c"])

items = driver.iterate(pages())
print(next(items), next(items), flush=True)
asked.wait()
"""


def test_a_program_that_ends_waits_for_no_answer() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ENDS],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "a b\n", "")
