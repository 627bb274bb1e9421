"""Recording a provider writes no secret and no real number, and what was recorded replays with both clients.

All of it against the simulators over the loopback: no account at a provider is used.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from anycarrier import Search
from anycarrier.engine.accounts import Token
from anycarrier.errors import AnyCarrierError, ConfigurationError
from anycarrier.registry import make
from anycarrier.settings import variable
from anycarrier.simulator import Simulator
from anycarrier.simulator.server import running
from anycarrier.testing import AnyClient, CassetteContract, Step, Steps
from anycarrier.testing.cassette_file import CassetteInfo, provenance
from anycarrier.testing.cassettes import Recording, Scrubber, load_recipe, main, record, replayed
from anycarrier_adapters._leadconnector.auth import Tokens
from anycarrier_adapters.lc_legacy.simulator import LCLegacySimulator
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.leadping.simulator import OTHER_OWNER, LeadpingSimulator
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import DUMMY_PASSWORD, DUMMY_USERNAME, VoiceTelSimulator
from recordings.lc_legacy import STEPS as LC_LEGACY
from recordings.lc_phone import STEPS as LC_PHONE
from recordings.leadping import STEPS as LEADPING
from recordings.voicetel import STEPS as VOICETEL
from support.clean import problems

ROOT = Path(__file__).parents[2]
CANARY = "c0ffee00c0ffee00c0ffee00c0ffee00"


def recipe(name: str) -> str:
    """Path of a provider's recipe."""
    return str(ROOT / "tests" / "recordings" / f"{name}.py")


# -- the command, for every operation of every provider


class Recorded(CassetteContract):
    """All that can be recorded, recorded by the command; then the inherited cases."""

    simulated: ClassVar[type[Simulator]]
    options: ClassVar[dict[str, Any]] = {}
    settings: ClassVar[dict[str, str]]
    values: ClassVar[dict[str, str]] = {}
    absent: ClassVar[Any] = "+19075550199"
    left: ClassVar[set[str]] = set()

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def recorded(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Beside the cassettes that are written from documents, which stay where nothing was recorded."""
        simulator = cls.simulated(**cls.options)
        name = simulator.name
        cls.folder = tmp_path_factory.mktemp(name) / name
        shutil.copytree(ROOT / "cassettes" / name, cls.folder)
        given = [part for value in cls.values.items() for part in ("--value", "=".join(value))]
        with running(simulator) as urls, pytest.MonkeyPatch.context() as patch:
            for setting, value in {**cls.settings, "base_url": urls[name]}.items():
                patch.setenv(variable(name, setting), value)
            assert main([recipe(name), "--into", str(cls.folder), "--change", "--spend", *given]) == 0
        return cls.folder

    def test_all_was_recorded_but_what_cannot_be(self) -> None:
        told = {step: CassetteInfo.of(self.folder / f"{step}.yaml") for step in self.steps.steps}
        assert {step for step, one in told.items() if one.from_documents} == self.left
        assert all(one.date and one.source.startswith("http://127.0.0.1") for one in told.values() if one.date)
        page = (self.folder / "PROVENANCE.md").read_text()
        assert page.count("| simulated on 20") == len(told) - len(self.left)

    def test_no_secret_and_no_real_number_was_written(self) -> None:
        for path in self.folder.glob("*.yaml"):
            text = path.read_text()
            assert not problems(text), path.name
            assert not [value for value in self.settings.values() if value in text], path.name


class TestVoiceTelRecorded(Recorded):
    steps = VOICETEL
    simulated = VoiceTelSimulator
    options: ClassVar[dict[str, Any]] = {"api_key": CANARY, "owned": (), "big": 30, "ports": "9075550123"}
    settings: ClassVar[dict[str, str]] = {"username": DUMMY_USERNAME, "password": DUMMY_PASSWORD}
    values: ClassVar[dict[str, str]] = {
        "gateway": "1000",
        "route_in": "1",
        "campaign": "CH5K5IZ",
        "to_account": "1000000002",
        "elsewhere": "+19075550124",
        "port": next(iter(VoiceTelSimulator(**options).account.ports)),
    }
    left: ClassVar[set[str]] = {"buy_failed", "list_empty", "list_as_documented", "bind_campaign_pending", "port_in"}


class TestLeadpingRecorded(Recorded):
    steps = LEADPING
    simulated = LeadpingSimulator
    options: ClassVar[dict[str, Any]] = {"api_key": f"lp_{CANARY}", "provisioning": 0.5}
    settings: ClassVar[dict[str, str]] = {"api_key": f"lp_{CANARY}"}
    values: ClassVar[dict[str, str]] = {
        "movable": "+12015550198",
        "to_account": OTHER_OWNER,
        "campaign": "CB2PATH",
    }
    left: ClassVar[set[str]] = {"search_refused", "august_get", "october_get"}


OF_A_COMPANY = {"location_token", "installed_locations"}
"""Steps that need an agency's token, and values of its own."""


class TestLCPhoneRecorded(Recorded):
    steps = LC_PHONE
    simulated = LCPhoneSimulator
    options: ClassVar[dict[str, Any]] = {"token": f"pit-{CANARY}", "location_id": "AcmeLocation4711"}
    settings: ClassVar[dict[str, str]] = {"token": f"pit-{CANARY}", "location_id": "AcmeLocation4711"}
    left: ClassVar[set[str]] = {"token", *OF_A_COMPANY}


class TestLCLegacyRecorded(TestLCPhoneRecorded):
    steps = LC_LEGACY
    simulated = LCLegacySimulator


# -- credentials that come by secrets while they are used


class Store:
    """Tokens that have to be refreshed at once."""

    def __init__(self) -> None:
        self.tokens = Tokens(access_token="canary-access", refresh_token="canary-refresh", expires_at=0.0)

    def load(self) -> Tokens:
        return self.tokens

    def save(self, tokens: Tokens) -> None:
        self.tokens = tokens


@pytest.mark.parametrize(
    ("name", "simulated", "steps"),
    [("lc_phone", LCPhoneSimulator, LC_PHONE), ("lc_legacy", LCLegacySimulator, LC_LEGACY)],
)
def test_an_oauth_pair_that_is_refreshed_leaves_no_trace(
    name: str, simulated: Any, steps: Steps, tmp_path: Path
) -> None:
    from anycarrier_adapters._leadconnector.simulator import DUMMY_CLIENT, DUMMY_LOCATION, DUMMY_SECRET

    simulator = simulated(refresh_token="canary-refresh")
    store = Store()
    with running(simulator) as urls:
        settings = {
            "client_id": DUMMY_CLIENT,
            "client_secret": DUMMY_SECRET,
            "token_source": store,
            "location_id": DUMMY_LOCATION,
            "base_url": urls[name],
        }
        done = record(lambda: make(name, settings), steps, tmp_path, spend=True)
    assert not done.failed
    assert set(done.written) == set(steps.steps) - OF_A_COMPANY
    assert simulator.refreshes == 1
    fresh = store.tokens
    assert fresh.access_token != "canary-access"
    secrets = {"canary", DUMMY_CLIENT, DUMMY_SECRET, DUMMY_LOCATION, fresh.access_token, fresh.refresh_token or ""}
    for path in done.written.values():
        text = path.read_text()
        assert not [secret for secret in secrets if secret in text], path.name
        assert not problems(text)
    body = (tmp_path / "token.yaml").read_text()
    assert "refresh_token=scrubbed" in body or "refreshToken=scrubbed" in body


READ = {
    *("search", "list", "get", "campaign_of", "balance", "campaigns", "coverage"),
    *("check_emergency_address", "numbers_without_emergency_address", "ports"),
}
"""Steps of VoiceTel that change nothing and need no value but what the search and the list give."""


def test_a_password_its_user_and_the_key_leave_no_trace(tmp_path: Path) -> None:
    with running(VoiceTelSimulator(api_key=CANARY)) as urls:
        settings = {"username": DUMMY_USERNAME, "password": DUMMY_PASSWORD, "base_url": urls["voicetel"]}
        done = record(lambda: VoiceTel(**settings), VOICETEL, tmp_path)
    assert not done.failed
    assert set(done.written) == {"api_key", *READ}
    for path in done.written.values():
        text = path.read_text()
        assert not [secret for secret in (CANARY, DUMMY_USERNAME, DUMMY_PASSWORD) if secret in text], path.name
        assert not problems(text)


# -- what is left out, and what fails


def recorded(tmp_path: Path, url: str, steps: Steps, **how: Any) -> Recording:
    return record(lambda: VoiceTel(api_key=CANARY, base_url=url), steps, tmp_path, **how)


def test_nothing_is_changed_or_bought_unasked_and_what_was_bought_is_told(tmp_path: Path) -> None:
    simulator = VoiceTelSimulator(api_key=CANARY)
    with running(simulator) as urls:
        url = urls["voicetel"]
        before = simulator.state()["numbers"]
        read = recorded(tmp_path, url, VOICETEL)
        assert simulator.state()["numbers"] == before
        assert not simulator.ledger.charges
        assert read.left["buy"] == "costs money: give --spend"
        assert read.left["release"] == "changes something: give --change"
        assert read.left["api_key"] == "nothing was sent"
        assert "documents" in read.left["buy_failed"]
        changed = recorded(tmp_path, url, VOICETEL, change=True)
        assert changed.left["release"] == "needs the value 'number', which no step before it gave"
        assert simulator.state()["numbers"] == before
        spent = recorded(tmp_path, url, VOICETEL, spend=True, only=["search", "buy"])
        assert spent.left["list"] == "not selected"
        assert spent.ours == {"number": "+12015550100"}
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "PROVENANCE.md",
        *sorted(f"{step}.yaml" for step in {"buy", *READ}),
    ]
    assert (tmp_path / "PROVENANCE.md").read_text() == provenance(tmp_path)


def failing_steps() -> Steps:
    def search(phone: Any, values: Any) -> Any:
        values["asked"] = "twice" if "asked" in values else "once"
        return phone.search(Search(area_code="201", limit=1))

    areas = ["201", "212"]
    return Steps(
        provider=VoiceTel,
        settings={"api_key": "scrubbed"},
        values={"secret": CANARY},
        steps={
            "wrong": Step(search, lambda offers, values: False),
            "broken": Step(lambda phone, values: phone.get("+19075550199"), lambda owned, values: True),
            "refused": Step(
                lambda phone, values: phone.search(Search(area_code="201")),
                lambda error, values: True,
                refused=AnyCarrierError,
            ),
            "other": Step(
                lambda phone, values: phone.search(Search(area_code=areas.pop(0))), lambda offers, values: True
            ),
            "good": Step(lambda phone, values: phone.list(), lambda numbers, values: numbers),
        },
    )


def test_what_cannot_be_proven_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("interactions: []\nversion: 1\nstep: {evidence: documented, source: x}\n")
    with running(VoiceTelSimulator(api_key=CANARY)) as urls:
        done = recorded(tmp_path, urls["voicetel"], failing_steps())
    assert set(done.written) == {"good"}
    assert "not as the step says" in done.failed["wrong"]
    assert done.failed["broken"].startswith("NotFound")
    assert "was to be raised" in done.failed["refused"]
    assert "annot" in done.failed["other"], "the replay asked for something else"
    assert "interactions: []" in (tmp_path / "wrong.yaml").read_text(), "what was there is there"
    assert "| `wrong` | documented | x |" in (tmp_path / "PROVENANCE.md").read_text()


def test_a_secret_that_became_known_too_late_is_not_written(tmp_path: Path) -> None:
    late: list[str] = []

    def learns(phone: Any, values: Any) -> Any:
        found = phone.search(Search(area_code="201", limit=1))
        late.append(found[0].city)
        return found

    steps = Steps(
        provider=VoiceTel,
        settings={"api_key": "scrubbed"},
        hidden=lambda provider: late,
        steps={"search": Step(learns, lambda offers, values: True)},
    )
    with running(VoiceTelSimulator(api_key=CANARY)) as urls:
        done = recorded(tmp_path, urls["voicetel"], steps)
    assert "too late" in done.failed["search"]
    assert not list(tmp_path.glob("*.yaml"))


def test_a_request_that_is_not_on_the_tape_reaches_nobody(tmp_path: Path) -> None:
    with running(VoiceTelSimulator(api_key=CANARY)) as urls:
        url = urls["voicetel"]
        recorded(tmp_path, url, VOICETEL, only=["search"])
        key: Token = "0" * 32
        with (
            AnyClient("sync", VoiceTel(api_key=key, base_url=url), "httpx") as phone,
            replayed(tmp_path / "search.yaml"),
            pytest.raises(Exception, match=r"cassette|overwrite"),
        ):
            phone.search(Search(area_code="212", limit=3))


# -- scrubbing


def test_scrubbing_keeps_the_story_and_nothing_else() -> None:
    scrubber = Scrubber(["s3cret/+"])
    line = "+1201" + "2345678"
    assert scrubber.text(f"{line} again {line} and s3cret/+ and s3cret%2F%2B") == (
        "+12015550100 again +12015550100 and scrubbed and scrubbed"
    )
    assert scrubber.text("(201) 234" + "-5678 and 201-234" + "-5678") == "(201) 555-0100 and 201-555-0100"
    assert scrubber.text("2015550142") == "2015550142"
    assert scrubber.text("+4420" + "79460018") == "+44" + "0" * 10
    assert scrubber.text("ann@corp.dev, user@example.com") == "scrubbed@example.com, user@example.com"
    body = scrubber.body(b'{"accessToken": "abc", "nested": [{"api_key": "def"}], "city": "Closter", "password": ""}')
    assert (
        body == b'{"accessToken": "scrubbed", "nested": [{"api_key": "scrubbed"}], "city": "Closter", "password": ""}'
    )
    assert scrubber.body(None) is None
    assert scrubber.body("<html>") == b"<html>"
    assert scrubber.body('{"payment": {"card": "x", "amount": 5, "no": 4242}}') == (
        b'{"payment": {"card": "scrubbed", "amount": 5, "no": 0}}'
    )
    assert scrubber.body('{"userName": "x", "refresh": "y", "cut": "of') == (
        b'{"userName": "scrubbed", "refresh": "scrubbed", "cut": "of'
    )


def test_a_form_is_scrubbed_by_its_names() -> None:
    scrubber = Scrubber(["tok en"])
    form = "client_id=a&refresh_token=b%20c&grant_type=refresh_token&user_type=Location&x=tok+en&empty="
    clean = b"client_id=scrubbed&refresh_token=scrubbed&grant_type=refresh_token&user_type=Location&x=scrubbed&empty="
    assert scrubber.body(form) == clean
    assert scrubber.body(form.encode(), "application/x-www-form-urlencoded; charset=utf-8") == clean
    assert scrubber.body("clientId=a", "application/x-www-form-urlencoded") == b"clientId=scrubbed"
    assert (
        scrubber.url("https://example.com/x?access_token=abc&page=2")
        == "https://example.com/x?access_token=scrubbed&page=2"
    )


def test_secrets_that_come_later_count_and_pages_stay_apart() -> None:
    known = ["first-secret"]
    scrubber = Scrubber([lambda: known, "no"])
    assert scrubber.text("first-secret second-secret no") == "scrubbed second-secret no"
    known.append("second-secret")
    assert scrubber.text("first-secret second-secret no") == "scrubbed scrubbed no"
    assert {"second-secret", "first-secret"} <= {*scrubber.secrets()}
    pages = [scrubber.body(f'{{"continuationToken": "{token}"}}') for token in ("one", "two", "one")]
    assert pages == [f'{{"continuationToken": "scrubbed{place}"}}'.encode() for place in (1, 2, 1)]
    assert scrubber.text("PN0123456789abcdef0123456789abcdef") == "scrubbed3"
    assert scrubber.text("scrubbed3 /phone-numbers/is-available-for-purchase") == (
        "scrubbed3 /phone-numbers/is-available-for-purchase"
    )


def test_two_numbers_never_become_one() -> None:
    scrubber = Scrubber()
    assert scrubber.text("2015550100") == "2015550100"
    assert scrubber.text("201234" + "5678") == "2015550101"
    with pytest.raises(AnyCarrierError, match="search for fewer"):
        scrubber.text(" ".join(f"201234{line:04}" for line in range(200)))


# -- the command


def test_the_command_says_what_is_missing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANYCARRIER_VOICETEL_API_KEY", raising=False)
    assert main([recipe("voicetel")]) == 1
    assert "api_key is missing" in capsys.readouterr().err
    assert main([recipe("voicetel"), "--only", "nonsense"]) == 1
    assert "no step is called nonsense" in capsys.readouterr().err


def test_the_command_lists_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([recipe("voicetel"), "--list"]) == 0
    told = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert list(told) == list(VOICETEL.steps)
    assert (told["search"], told["release"], told["buy"], told["buy_failed"]) == (
        "reads",
        "changes",
        "costs",
        "documented",
    )


def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(ConfigurationError, match=r"there is no recipe .*nothing\.py"):
        load_recipe(tmp_path / "nothing.py")
    (tmp_path / "no_recipe.py").write_text("STEPS = 1\n")
    with pytest.raises(ConfigurationError, match=r"no_recipe\.py defines no STEPS"):
        load_recipe(tmp_path / "no_recipe.py")


def test_a_recipe_alone_in_its_folder_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "lone_recipe.py").write_text("from recordings.voicetel import STEPS\n")
    assert load_recipe(tmp_path / "lone_recipe.py") is VOICETEL
