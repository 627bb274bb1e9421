"""Nothing leaves this machine where the switch says so, whichever way a client was made."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from anycarrier import Client, ConfigurationError, Search, UnexpectedResponse
from anycarrier.engine.accounts import ONLY_LOOPBACK, OnlyLoopback
from anycarrier.exchange import Response
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters.voicetel import VoiceTel

KEY = "0" * 32


class Reached:
    """A transport that notes what it would send."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, request: WireRequest) -> Response:
        self.sent.append(request.origin)
        return Response(200, {"content-type": "application/json"}, b"{}")

    def read(self, stream: object) -> bytes:
        return b""

    def close_stream(self, stream: object) -> None:
        return

    def close(self) -> None:
        return


@pytest.mark.parametrize("made", ["by name", "an object"])
def test_a_real_provider_is_not_called(made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = Reached()
    provider: Any = "voicetel" if made == "by name" else VoiceTel(api_key=KEY)
    with Client(provider, transport=transport, **({"api_key": KEY} if made == "by name" else {})) as phone:
        monkeypatch.setattr(OnlyLoopback, "on", True)  # of a client that is there already
        with pytest.raises(ConfigurationError, match=r"nothing was sent to https://api\.voicetel\.com: only simulated"):
            phone.search(Search(area_code="201"))
        with pytest.raises(ConfigurationError, match="nothing was sent"):
            phone.release("2015550123")
    assert not transport.sent


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_this_machine_is(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OnlyLoopback, "on", True)
    transport = Reached()
    with Client("voicetel", api_key=KEY, base_url=url, transport=transport) as phone, pytest.raises(UnexpectedResponse):
        phone.search(Search(area_code="201"))
    assert set(transport.sent) == {url}


@pytest.mark.parametrize("value", [None, "yes"])
def test_the_environment_turns_it_on(value: str | None) -> None:
    told = {name: text for name, text in os.environ.items() if name != ONLY_LOOPBACK}
    done = subprocess.run(
        [sys.executable, "-c", "from anycarrier.engine.accounts import OnlyLoopback; print(OnlyLoopback.on)"],
        env={**told, "PYTHONPATH": os.pathsep.join(sys.path), **({ONLY_LOOPBACK: value} if value else {})},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(value is not None)
