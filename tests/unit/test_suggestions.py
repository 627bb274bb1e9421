"""Suggestions: wherever a name is refused, the one that was probably meant is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from anycarrier import Client
from anycarrier.errors import AnyCarrierError
from anycarrier.number_files import WrongFile, desired_from_csv, read_port_order
from anycarrier.number_files.profiles import value_of
from anycarrier.registry import account
from anycarrier.simulator import Fault, load, read_scenario
from anycarrier.suggestions import meant, meant_or_all

KNOWN = ["alpha", "beta", "GAMMA"]


@pytest.mark.parametrize(("word", "near"), [("alhpa", "alpha"), ("Beta", "beta"), ("gama", "GAMMA")])
def test_the_nearest_name_is_suggested_in_its_own_spelling(word: str, near: str) -> None:
    assert meant(word, KNOWN) == meant_or_all(word, KNOWN) == f"; did you mean {near}?"


def test_without_a_near_name_nothing_is_suggested_or_all_are_listed() -> None:
    assert meant("xyzzy", KNOWN) == ""
    assert meant_or_all("xyzzy", KNOWN) == "; there are: alpha, beta, GAMMA"
    assert meant_or_all("xyzzy", []) == "; there are: none"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text('[accounts.main]\nprovider = "voicetel"\napi_kye = "x"\n')
    path.chmod(0o600)
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(path))
    monkeypatch.chdir(tmp_path)


def port_order() -> object:
    path = Path("order.toml")
    path.write_text('acount_number = "1"\n')
    path.chmod(0o600)
    return read_port_order(path)


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a provider": (lambda: Client("voictel"), "voicetel"),
    "an account": (lambda: account("mian"), "main"),
    "a setting of an account": (lambda: account("main"), "api_key"),
    "a setting": (lambda: Client("voicetel", api_kye="x"), "api_key"),
    "a transport": (lambda: Client("voicetel", api_key="0" * 32, transport="htpx"), "httpx"),
    "a simulator": (lambda: load("leadpin"), "leadping"),
    "an option of a simulator": (lambda: load("voicetel", ownd=["2015550100"]), "owned"),
    "an option of a simulated account": (lambda: load("voicetel", accounts={"second": {"balnce": 5}}), "balance"),
    "a kind of fault": (lambda: read_scenario('[[fault]]\nkind = "rest"'), "reset"),
    "an operation of a fault": (lambda: load("voicetel").faults.add(Fault(kind="reset", operation="ordr")), "order"),
    "a column": (lambda: desired_from_csv("numbr\n+12015550100\n"), "number"),
    "a value of a profile": (lambda: value_of("forwrd", "x"), "forward"),
    "a value of a port order": (port_order, "account_number"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_library_suggests(what: str) -> None:
    act, near = REFUSED[what]
    with pytest.raises((AnyCarrierError, WrongFile)) as caught:
        act()
    said = [caught.value.message, *getattr(caught.value, "problems", ())]
    assert any(f"did you mean {near}?" in one for one in said), said
