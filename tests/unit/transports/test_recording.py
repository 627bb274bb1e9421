"""vcrpy records through our transports, and one cassette replays in both modes and on both libraries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException

from anycarrier.transports import _httpx
from support.ports import KINDS, RECORDABLE, Async, Sync, drained, making, wire
from support.raw_server import RawServer, answer, answering, bomb

Port = Sync | Async


RECORDED = [(library, make) for library, make in KINDS if library in RECORDABLE]


@pytest.fixture(params=RECORDED, ids=[f"{library}-{make.__name__.lower()}" for library, make in RECORDED])
def kind(request: pytest.FixtureRequest) -> Iterator[Callable[..., Port]]:
    with making(*request.param) as port:
        yield port


def said(received: Any) -> bytes:
    if received.target.startswith("/zipped"):
        return answer(bomb(70_000), Content_Encoding="gzip")
    return answer(json.dumps({"asked": received.target, "sent": received.body.decode()}).encode(), "201 Created")


def conversation(port: Port, origin: str) -> list[Any]:
    made = port.send(wire(origin, purpose="purchase"))
    zipped = port.send(wire(origin, "/zipped", method="GET", purpose="read"))
    streamed = port.send(wire(origin, "/zipped/stream", method="GET", purpose="read", stream=True))
    return [made.status, made.headers["content-length"], made.body, zipped.body, b"".join(drained(port, streamed))]


def test_recorded_once_replayed_everywhere(kind: Callable[..., Port], tmp_path: Path) -> None:
    cassette = str(tmp_path / "one.yaml")
    with RawServer(answering(said)) as server:
        recording = kind()
        with vcr.use_cassette(cassette, filter_headers=["authorization"]):
            heard = conversation(recording, server.origin)
        recording.close()
        origin = server.origin
    assert heard[0] == 201
    assert heard[3] == heard[4] == bytes(70_000)
    assert "t0ken" not in Path(cassette).read_text()
    for library, make in RECORDED:
        replaying = make(library)
        with vcr.use_cassette(cassette, record_mode="none") as played:
            assert conversation(replaying, origin) == heard
            assert played.all_played
        replaying.close()


def test_what_is_not_on_the_cassette_is_an_error_and_not_a_failed_connection(
    kind: Callable[..., Port], tmp_path: Path
) -> None:
    port = kind()
    with (
        vcr.use_cassette(str(tmp_path / "none.yaml"), record_mode="none"),
        pytest.raises(CannotOverwriteExistingCassetteException),
    ):
        port.send(wire("https://api.example"))
    port.close()


def test_without_a_recorder_httpcore_is_asked_directly(
    kind: Callable[..., Port], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = kind()

    def refused(*_: Any) -> None:
        raise AssertionError("made a request of the library for nobody to see")

    monkeypatch.setattr(_httpx.CoreConnection, "_httpx_request", refused)
    with RawServer(answering(said)) as server:
        assert port.send(wire(server.origin)).status == 201
    port.close()


@pytest.mark.slow
def test_a_recorder_that_was_there_before_the_transport_is_not_passed_by() -> None:
    """Without a recorder httpcore is used directly; whether there is one is asked of each request anew."""
    import subprocess
    import sys

    code = """
import vcr
from support.ports import wire
from vcr.errors import CannotOverwriteExistingCassetteException
with vcr.use_cassette("/nonexistent/one.yaml", record_mode="none"):
    from anycarrier.transports import sync_transport
    transport = sync_transport("httpx", None)
    try:
        transport.send(wire("http://127.0.0.1:9"))
    except CannotOverwriteExistingCassetteException:
        pass
    else:
        raise SystemExit("passed by")
print(transport.send(wire("http://127.0.0.1:9")).kind)
"""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=root / "tests",
        check=False,
        env={"PYTHONPATH": f"{root / 'src'}:{root / 'tests'}"},
    )
    assert done.stdout.strip() == "connect", done.stderr
