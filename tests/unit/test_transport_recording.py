"""vcrpy records through our transports, and one cassette replays in both colours and on both libraries."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException

from support.ports import IDS, KINDS, Async, Sync, drained, wire
from support.raw_server import RawServer, answer, answering, bomb

Port = Sync | Async


@pytest.fixture(params=KINDS, ids=IDS)
def kind(request: pytest.FixtureRequest) -> Callable[..., Port]:
    library, make = request.param
    return lambda *args, **more: make(library, *args, **more)


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
    for library, make in KINDS:
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
