"""Every operation has an entry on a page of the reference, a command, and an answer of the simulator."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from anycarrier import Client
from anycarrier.adapter.operations import native_operations
from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.errors import AnyCarrierError
from anycarrier.numbers import PhoneNumber
from anycarrier.registry import names, provider_class
from anycarrier.secret import Secret
from anycarrier.settings import variable
from anycarrier.simulator import SimTransport, load
from anycarrier.testing import VirtualClock
from anycarrier_adapters._leadconnector.simulator.oauth import DUMMY_SECRET
from support.terminal import set_up

ROOT = Path(__file__).parents[2]
if not (ROOT / ".ci").exists():
    pytest.skip("the generator is not part of the source distribution", allow_module_level=True)
sys.path.insert(0, str(ROOT / ".ci"))
import make_reference  # noqa: E402

URL = "http://127.0.0.1:1"
EXAMPLES = [one for name in make_reference.PROVIDERS for one in make_reference.examples(name)]
IDS = [f"{one.provider}.{one.operation.name}" for one in EXAMPLES]

LC = ("lc_phone", "lc_legacy")
NOT_PLAYED: set[str] = set()
"""Operations that the simulator does not play yet: it answers 501, or 404 for the path. This list only gets shorter."""

REFUSED: dict[str, int] = {}
"""Operations whose example the simulator refuses all the same, with the exit code."""

TICKET = (["create_ticket"], "2114", "id")
E911 = (["create_e911"], "", "")
BEFORE: dict[str, tuple[list[str], str, str]] = {
    "voicetel.e911": E911,
    "voicetel.fax": (["set_fax"], "", ""),
    "voicetel.port": (["portability", "port_in"], "y0d36", "pid"),
    "voicetel.port_in": (["portability"], "", ""),
    "voicetel.register_campaign": (["register_brand"], "", ""),
    "voicetel.remove_acl": (["add_acl"], "", ""),
    "voicetel.remove_e911": E911,
    "voicetel.remove_fax": (["set_fax"], "", ""),
    "voicetel.remove_ticket": TICKET,
    "voicetel.reply": TICKET,
    "voicetel.set_e911": (["validate_e911"], "123456", "addressid"),
    "voicetel.set_ticket_status": TICKET,
    "voicetel.ticket": TICKET,
    "voicetel.ticket_messages": TICKET,
    "voicetel.unassign_campaign": (["assign_campaign"], "", ""),
}
"""Examples that are called before, the id in the example, and the member of the last answer in its place."""

ADMIN = {"voicetel.create_sub_account", "voicetel.remove_ticket"}
"""Operations for administrators only."""


def operations(provider: str) -> set[str]:
    return set(native_operations(provider_class(provider).api_class))


def test_the_reference_has_every_provider_and_every_operation() -> None:
    assert sorted(make_reference.PROVIDERS) == names()
    for name in names():
        text = (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")
        assert set(re.findall(r"^## (\w+)$", text, re.MULTILINE)) - {"Records"} == operations(name)
        blocks = re.findall(r"^```python\n(phone\.native\..*?)\n```$", text, re.MULTILINE | re.DOTALL)
        assert [ast.dump(ast.parse(block)) for block in blocks] == [
            ast.dump(ast.parse(f"phone.native.{one.python}")) for one in EXAMPLES if one.provider == name
        ]
        lines = re.findall(r"^\$ anycarrier (.*)$", text, re.MULTILINE)
        assert [tuple(shlex.split(line)) for line in lines] == [one.argv for one in EXAMPLES if one.provider == name]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(1_700_000_000.0, chance=0.5)


AGENCY = {f"{name}.{operation}" for name in LC for operation in ("location_token", "installed_locations")}
"""Operations for the token of a company."""

SECRETS = {f"{name}.access_token": [DUMMY_SECRET, "rt-1"] for name in LC}
"""Secrets that the simulator expects, in the order of the example's."""


def is_unplayed(said: str) -> bool:
    return "HTTP 501" in said or "a 404 that is not the provider's own" in said


def secrets_of(example: Any) -> dict[str, str]:
    """Secret arguments of an example, by their variables."""
    known = SECRETS.get(f"{example.provider}.{example.operation.name}")
    return dict(zip(example.secrets, known, strict=True)) if known else example.secrets


class Stage:
    """An example, a simulator, and what was called before."""

    def __init__(self, example: Any, clock: VirtualClock) -> None:
        self.example = example
        self.name = f"{example.provider}.{example.operation.name}"
        options = {"admin": True} if self.name in ADMIN else {}
        self.simulator = load(example.provider, now=clock.time, **options)
        self.transport = SimTransport({URL: self.simulator}, wait=clock.sleep)
        self.clock = clock
        self.settings = dict(self.simulator.settings)
        names, self.shown, member = BEFORE.get(self.name, ([], "", ""))
        self.there = ""
        if self.name in AGENCY:
            (grants,) = [
                one for one in EXAMPLES if one.provider == example.provider and one.operation.name == "access_token"
            ]
            self.settings["token"] = self.called(grants).access_token.reveal()
        answer: Any = None
        for name in names:
            (before,) = [one for one in EXAMPLES if one.provider == example.provider and one.operation.name == name]
            answer = self.called(before)
        self.there = str(getattr(answer, member)) if member else ""

    def called(self, example: Any) -> Any:
        """The answer to the Python of *example*."""
        code = self.real(example.python)
        for value in secrets_of(example).values():
            code = code.replace('Secret("...")', f"Secret({value!r})", 1)
        there = {"PhoneNumber": PhoneNumber, "Secret": Secret, "Decimal": Decimal, "date": date, "datetime": datetime}
        with Client(
            example.provider, base_url=URL, transport=self.transport, clock=self.clock, **self.settings
        ) as phone:
            answer = eval(f"phone.native.{code}", {**there, "phone": phone})  # noqa: S307 - our own page
            return list(answer) if example.operation.listing else answer

    def real(self, text: str) -> str:
        """*text* with the id that is there in place of the one that is shown."""
        return text.replace(self.shown, self.there) if self.shown and self.there else text


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_the_command_of_an_example_runs_against_the_simulator(
    example: Any,
    clock: VirtualClock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up(monkeypatch, tmp_path, clock)
    stage = Stage(example, clock)
    for setting, value in {**stage.settings, "base_url": URL}.items():
        monkeypatch.setenv(variable(example.provider, setting), value)
    for name, value in secrets_of(example).items():
        monkeypatch.setenv(name, value)
    argv = [stage.real(word) for word in example.argv]
    code = main([*argv, "--output", "json"], transport=stage.transport, clock=clock)
    said = capsys.readouterr()
    if is_unplayed(said.err):
        assert stage.name in NOT_PLAYED, said.err
    else:
        assert code == REFUSED.get(stage.name, Exit.DONE), said.err
        assert stage.name not in NOT_PLAYED, "take it out of NOT_PLAYED: it is played"
    if code == Exit.DONE and example.operation.purpose == "read":
        for how in (["table"], ["csv"], ["json", "--raw"]):
            assert main([*argv, "--output", *how], transport=stage.transport, clock=clock) == Exit.DONE
            assert capsys.readouterr().err == ""


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_the_python_of_an_example_runs_against_the_simulator(example: Any, clock: VirtualClock) -> None:
    stage = Stage(example, clock)
    try:
        stage.called(example)
    except AnyCarrierError as error:
        assert stage.name in (NOT_PLAYED if is_unplayed(str(error)) else REFUSED), error
