"""Real processes that share a key or a pair of tokens through a folder: one fetch, whoever is killed meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from anycarrier import FileSecretStore
from anycarrier_adapters._leadconnector.simulator.oauth import DUMMY_CLIENT, DUMMY_SECRET
from anycarrier_adapters.lc_phone import StoredTokens, Tokens
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")
pytestmark = pytest.mark.slow

WORKER = Path(__file__).with_name("shared_keys_worker.py")
COUNT = 5
LOCATION = "ve9EPM428h8vShlRW1KT"


class Worker:
    def __init__(
        self, provider: str, settings: dict[str, Any], *, lease: float = 30.0, again_after: float = 0.0
    ) -> None:
        how = {"provider": provider, "settings": settings, "lease": lease, "again_after": again_after}
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER), json.dumps(how)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def ask(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go on\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def workers(count: int, provider: str, settings: dict[str, Any], **more: float) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        started = [Worker(provider, settings, **more) for _ in range(count)]
        for one in started:
            stack.callback(one.kill)
        for one in started:
            assert one.hear() == "READY"
        yield started


def all_at_once(started: list[Worker]) -> list[str]:
    for one in started:
        one.ask()
    return [one.hear() for one in started]


@pytest.fixture
def voicetel(tmp_path: Path) -> Iterator[tuple[VoiceTelSimulator, dict[str, Any]]]:
    """VoiceTel with six requests for a key in an hour, and the settings of a client."""
    simulator = VoiceTelSimulator(account_calls=6)
    with server.running({"voicetel": simulator}) as urls:
        account = simulator.account
        yield (
            simulator,
            {
                "base_url": urls["voicetel"],
                "username": account.username,
                "password": account.password,
                "secret_store": str(tmp_path / "secrets"),
            },
        )


@pytest.fixture
def lead_connector(tmp_path: Path) -> Iterator[tuple[LCPhoneSimulator, dict[str, Any]]]:
    """LeadConnector with a pair of tokens that has ended, and the settings of a client."""
    simulator = LCPhoneSimulator()
    StoredTokens(FileSecretStore(tmp_path / "secrets"), LOCATION).save(
        Tokens(access_token="at-ended", refresh_token="rt-1", expires_at=1.0)
    )
    with server.running({"lc_phone": simulator}) as urls:
        yield (
            simulator,
            {
                "base_url": urls["lc_phone"],
                "location_id": LOCATION,
                "client_id": DUMMY_CLIENT,
                "client_secret": DUMMY_SECRET,
                "secret_store": str(tmp_path / "secrets"),
            },
        )


def slow(simulator: Any, operation: str) -> Any:
    """Let each such request take a moment, and count them."""
    simulator.fault("latency", operation=operation, seconds=0.3, times=None)
    return simulator.faults.added[-1]


def hung(simulator: Any, operation: str, worker: Worker) -> None:
    """Kill *worker* while it waits for the answer to such a request, which was carried out."""
    simulator.fault("hang", operation=operation, seconds=60, done=True, times=1)
    fault = simulator.faults.added[-1]
    worker.ask()
    while not fault.struck:
        time.sleep(0.01)
    worker.kill()


def test_many_processes_fetch_one_key_and_fetch_it_once_more_when_it_changes(voicetel: Any) -> None:
    simulator, settings = voicetel
    fetches = slow(simulator, "api_key_get")
    with workers(COUNT, "voicetel", settings) as started:
        assert all_at_once(started) == ["3"] * COUNT
        assert fetches.struck == 1
        simulator.account.api_key = "f" * 32
        assert all_at_once(started) == ["3"] * COUNT
        assert fetches.struck == 2
        assert all_at_once(started) == ["3"] * COUNT
    with workers(1, "voicetel", settings) as started:
        assert all_at_once(started) == ["3"]
    assert fetches.struck == 2


def test_commands_of_the_command_line_fetch_one_key(voicetel: Any) -> None:
    simulator, settings = voicetel
    fetches = slow(simulator, "api_key_get")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYCARRIER_")}
    given = {f"ANYCARRIER_VOICETEL_{name.upper()}": value for name, value in settings.items()}
    environment = {**kept, **given, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(2):
        command = [sys.executable, "-m", "anycarrier", "list", "--provider", "voicetel", "--output", "json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert fetches.struck == 1


def test_a_process_that_is_killed_while_it_fetches_holds_nobody_up_for_longer_than_its_lease(voicetel: Any) -> None:
    simulator, settings = voicetel
    with workers(3, "voicetel", settings, lease=1.0) as started:
        hung(simulator, "api_key_get", started.pop())
        fetches = slow(simulator, "api_key_get")
        assert all_at_once(started) == ["3"] * 2
    assert fetches.struck == 1


def test_many_processes_refresh_a_pair_once(lead_connector: Any) -> None:
    simulator, settings = lead_connector
    slow(simulator, "token_endpoint")
    with workers(COUNT, "lc_phone", settings) as started:
        assert all_at_once(started) == ["3"] * COUNT
        assert simulator.refreshes == 1
        simulator.access_tokens.clear()
        assert all_at_once(started) == ["3"] * COUNT
        assert simulator.refreshes == 2


def test_a_pair_is_not_lost_with_the_process_that_was_refreshing_it(lead_connector: Any, tmp_path: Path) -> None:
    simulator, settings = lead_connector
    # The second one has to be done within its lease, on a busy machine too.
    with workers(3, "lc_phone", settings, lease=4.0) as started:
        hung(simulator, "token_endpoint", started.pop())
        assert all_at_once(started) == ["3"] * 2
    assert simulator.refreshes == 2, "the second one got the pair that the first one had made"
    assert StoredTokens(FileSecretStore(tmp_path / "secrets"), LOCATION).load().refresh_token == "rt-2"
