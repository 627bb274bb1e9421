"""Recording a provider writes no secret and no real number, and what was recorded replays with both clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from anycarrier import Search
from anycarrier.simulator.server import running
from anycarrier.testing import COLOURS, Phone
from anycarrier.testing.cassettes import Scrubber, main, record, replayed
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

CANARY = "c0ffee00c0ffee00c0ffee00c0ffee00"


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, str]:
    """Cassettes of an account with numbers that are not fictional ones (made up in memory), and where it was."""
    simulator = VoiceTelSimulator(api_key=CANARY, owned=(), big=30)
    with running(simulator) as urls:
        url = urls["voicetel"]
        paths = record(
            VoiceTel(api_key=CANARY, base_url=url),
            tmp_path / "tape",
            query=Search(area_code="201", limit=3),
            spend=True,
        )
    assert [path.stem for path in paths] == ["search", "list", "get", "campaign_of", "buy", "release"]
    return tmp_path / "tape", url


def test_what_was_recorded_holds_no_secret_and_no_real_number(recorded: tuple[Path, str]) -> None:
    folder, _ = recorded
    for path in folder.glob("*.yaml"):
        text = path.read_text()
        assert CANARY not in text
        assert "uthorization" not in text
        for area in ("201", "206"):
            assert f"{area}555" in text or area == "206"
            assert f"{area}5550000" not in text
            assert f"{area}5550001" not in text
    assert "Recorded" in (folder / "PROVENANCE.md").read_text()


@pytest.mark.parametrize("colour", COLOURS)
def test_what_was_recorded_replays(colour: str, recorded: tuple[Path, str]) -> None:
    folder, url = recorded
    with Phone(colour, VoiceTel(api_key="0" * 32, base_url=url), "httpx") as phone:  # type: ignore[arg-type]
        with replayed(folder / "search.yaml"):
            assert len(phone.search(Search(area_code="201", limit=3))) == 3
        with replayed(folder / "list.yaml"):
            owned = phone.list()
            assert len(owned) == 30
            assert all(number.number.national[3:8] == "55501" for number in owned)
        with replayed(folder / "get.yaml"):
            assert phone.get(owned[0].number).number == owned[0].number


def test_a_request_that_is_not_on_the_tape_reaches_nobody(recorded: tuple[Path, str]) -> None:
    folder, url = recorded
    with (
        Phone("sync", VoiceTel(api_key="0" * 32, base_url=url), "httpx") as phone,
        replayed(folder / "search.yaml"),
        pytest.raises(Exception, match=r"cassette|overwrite"),
    ):
        phone.search(Search(area_code="212", limit=3))


def test_scrubbing_keeps_the_story_and_nothing_else() -> None:
    scrubber = Scrubber(["s3cret/+"])
    line = "+1201" + "2345678"
    assert scrubber.text(f"{line} again {line} and s3cret/+ and s3cret%2F%2B") == (
        "+12015550100 again +12015550100 and scrubbed and scrubbed"
    )
    assert scrubber.text("2015550142") == "2015550142"
    assert scrubber.text("+4420" + "79460018") == "+44" + "0" * 10
    body = scrubber.body(b'{"accessToken": "abc", "nested": [{"api_key": "def"}], "city": "Closter", "password": ""}')
    assert (
        body == b'{"accessToken": "scrubbed", "nested": [{"api_key": "scrubbed"}], "city": "Closter", "password": ""}'
    )
    assert scrubber.body(None) is None
    assert scrubber.body("<html>") == b"<html>"


def test_the_command_says_what_is_missing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANYCARRIER_VOICETEL_API_KEY", raising=False)
    assert main(["voicetel"]) == 1
    assert "api_key is missing" in capsys.readouterr().err
