"""The demo tells its whole story, over real HTTP, and ends well."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from anycarrier.cli import main
from anycarrier.exchange import Moment
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator

ROOT = Path(__file__).parents[2]


class Ahead:
    """A clock that is set forward instead of waited for."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> Moment:
        return Moment(time.monotonic() + self.ahead, time.time() + self.ahead, 0.5)

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds

    async def async_sleep(self, seconds: float) -> None:
        pass


def test_the_story(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--provider", "voicetel"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    out = said.out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert DUMMY_API_KEY not in out
    steps = [int(found) for found in re.findall(r"^ ?(\d+)\. ", out, re.MULTILINE)]
    assert steps == list(range(1, 11))
    wire = re.findall(r"^ +wire +(.*?) {2,}(\S+)", out, re.MULTILINE)
    assert ("POST /v2.2/orders", "201") in wire
    assert ("POST /v2.2/orders", "broken") in wire
    assert [came for asked, came in wire if asked == "POST /v2.2/orders"] == ["201", "broken", "201"]
    assert "wire  nothing was sent" in out
    for words in ("was charged once", "calls to gateway 1000", "bound to CH5K5IZ: active", "refused: ", "is released"):
        assert words in out
    assert out.count("charged 0.50 for ") == 2
    assert "in all 1.00" in out


def test_it_is_the_same_each_time_but_for_keys_ports_and_times(capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for _ in range(2):
        main(["demo"], clock=Ahead())
        out = capsys.readouterr().out
        told.append(re.sub(r"ac1_\w+|[\d.]+ ms|127\.0\.0\.1:\d+|\s+", " ", out))
    assert told[0] == told[1]


def test_a_wrong_charge_is_not_passed_over(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    real = VoiceTelSimulator.charge

    def twice(self: VoiceTelSimulator, *args: Any) -> None:
        real(self, *args)
        real(self, *args)

    monkeypatch.setattr(VoiceTelSimulator, "charge", twice)
    assert main(["demo"], clock=Ahead()) == 1
    out = capsys.readouterr().out
    assert "2 times" in out
    assert "This is wrong" in out


def test_a_provider_that_can_do_all_or_less_is_told_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from anycarrier.features import Can

    every = {f"search.{name}": Can() for name in ("features", "max_price", "rate_center", "lata", "mobile")}
    monkeypatch.setattr(VoiceTel, "supports", {**VoiceTel.supports, **every})
    monkeypatch.delattr(VoiceTel, "release")
    assert main(["demo"], clock=Ahead()) == 0
    out = capsys.readouterr().out
    assert "Try an impossible search" not in out
    assert "refused: the voicetel adapter does not have it" in out


def test_every_simulator_with_a_story_can_tell_it(capsys: pytest.CaptureFixture[str]) -> None:
    from anycarrier.cli.simulators import found

    told = [simulator.name for simulator in found([]) if "area_code" in simulator.story]
    assert "voicetel" in told
    for name in told:
        assert main(["demo", "--provider", name], clock=Ahead()) == 0
        out = capsys.readouterr().out
        assert "was charged once" in out
        assert all(len(line) <= 80 for line in out.splitlines())


def test_a_provider_without_a_story(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VoiceTelSimulator, "story", {})
    assert main(["demo", "--provider", "voicetel"]) == 2
    assert "no demo for" in capsys.readouterr().err
    assert main(["demo", "--provider", "nobody"]) == 2
