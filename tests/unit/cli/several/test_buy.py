"""``anycarrier buy`` and money: the price before the question, a cap, a dry run, and nothing on record for nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from anycarrier import errors
from anycarrier.cli import main
from anycarrier.cli.error_text import spelled
from anycarrier.cli.exit_codes import Exit
from anycarrier.simulator import SimTransport, Simulator
from anycarrier.testing import VirtualClock
from anycarrier.transports.protocol import WireRequest
from support.terminal import Run, Terminal

BUYING = {"leadping": "create", "lc_phone": "purchase", "lc_legacy": "purchase", "voicetel": "order"}
URLS = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(BUYING, start=1)}
FREE = "2015550100"
PRICES = {"leadping": "2.00 USD", "lc_phone": "1.15 USD", "lc_legacy": "1.15 USD", "voicetel": "0.50 USD"}


@pytest.fixture
def urls() -> Mapping[str, str]:
    return URLS


def charges(simulators: Mapping[str, Simulator]) -> int:
    return sum(len(one.ledger.charges) for one in simulators.values())


def sent(simulators: Mapping[str, Simulator]) -> int:
    """Number of purchases that left."""
    return sum(seen.operation == BUYING[name] for name, one in simulators.items() for seen in one.ledger.requests)


def asked(run: Run, monkeypatch: pytest.MonkeyPatch, *argv: str, answer: str = "no\n") -> tuple[int, str]:
    """The exit code, and what was said on the terminal."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", terminal)
    code, _, _ = run(*argv)
    return code, terminal.getvalue()


# -- a mistake of ours


class Mistaken:
    """A transport that makes a mistake once a purchase was carried out."""

    def __init__(self, simulators: Mapping[str, Simulator]) -> None:
        self.inner = SimTransport({URLS[name]: one for name, one in simulators.items()})

    def send(self, request: WireRequest) -> Any:
        answer = self.inner.send(request)
        if request.method == "GET":
            return answer
        raise ZeroDivisionError("secret")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "argv",
    [
        ("buy", FREE, "--provider", "voicetel", "--request-id", "order-1"),
        ("provision", "--area-code", "201", "--from", "voicetel", "--request-id", "order-1"),
    ],
)
def test_a_mistake_of_ours_during_a_purchase_is_no_failed_purchase(
    argv: tuple[str, ...],
    simulators: Mapping[str, Simulator],
    clock: VirtualClock,
    capsys: pytest.CaptureFixture[str],
    run: Run,
) -> None:
    code = main([*argv, "--yes"], transport=Mistaken(simulators), clock=clock)
    said = capsys.readouterr().err
    assert (code, charges(simulators)) == (Exit.UNKNOWN, 1)
    assert "internal error (ZeroDivisionError)" in said
    assert said.endswith("do not buy again, go on with: anycarrier recover order-1\n")
    assert "secret" not in said
    assert run("recover", "order-1")[0] == Exit.DONE
    assert charges(simulators) == 1


def test_a_mistake_of_ours_during_a_change_says_where_to_look(
    simulators: Mapping[str, Simulator], clock: VirtualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["release", "2125550199", "--provider", "voicetel", "--yes"]
    code = main(argv, transport=Mistaken(simulators), clock=clock)
    assert code == Exit.UNKNOWN
    assert "it may have happened, see: anycarrier get +12125550199" in capsys.readouterr().err


# -- the question


@pytest.mark.parametrize("name", BUYING)
def test_the_question_has_the_price_and_says_what_cannot_be_undone(
    name: str, run: Run, monkeypatch: pytest.MonkeyPatch, simulators: Mapping[str, Simulator], book: Path
) -> None:
    code, said = asked(run, monkeypatch, "buy", FREE, "--provider", name)
    assert code == Exit.INTERRUPTED
    assert said.startswith(f"Buy +12015550100 (2015550100) from {name} for {PRICES[name]} a month?\nThis costs money")
    assert (f"{name} cannot give a number up" in said) is name.startswith("lc_")
    assert not sent(simulators)
    assert not book.exists()


def test_a_price_that_is_not_known_is_said_with_the_reason(
    run: Run, monkeypatch: pytest.MonkeyPatch, simulators: Mapping[str, Simulator]
) -> None:
    simulators["voicetel"].fault("error", operation="account_get", status=503, times=None)
    code, said = asked(run, monkeypatch, "buy", FREE, "--provider", "voicetel", answer="yes\n")
    assert "at an unknown price (the provider failed)?" in said
    assert (code, charges(simulators)) == (Exit.DONE, 1)


def test_the_question_for_several_names_those_that_take_nothing_back(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    argv = ("provision", "--area-code", "201", "--from", "lc_phone", "--from", "voicetel")
    _, said = asked(run, monkeypatch, *argv)
    assert "lc_phone cannot give a number up" in said
    assert "voicetel cannot" not in said


# -- a cap, and a dry run


@pytest.mark.slow
@pytest.mark.parametrize("name", BUYING)
def test_a_cap_holds_before_anything_is_on_record(
    name: str, run: Run, simulators: Mapping[str, Simulator], book: Path
) -> None:
    argv = ("buy", FREE, "--provider", name, "--yes", "--output", "json", "--max-price")
    code, out, err = run(*argv, "0.10")
    assert code == Exit.REFUSED
    assert f"it costs {PRICES[name]} a month, and --max-price is 0.10 USD" in err
    assert json.loads(out)["error"]["maybe_applied"] is False
    assert run(*argv, "9EUR")[0] == Exit.REFUSED
    assert run(*argv, "cheap")[0] == Exit.USAGE
    assert not sent(simulators)
    assert not book.exists()
    code, out, err = run(*argv, "9")
    assert code == 0, err
    assert (json.loads(out)["number"], charges(simulators)) == ("+12015550100", 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUYING)
def test_a_dry_run_says_what_it_would_cost(
    name: str, run: Run, simulators: Mapping[str, Simulator], book: Path
) -> None:
    code, out, err = run("buy", FREE, "--provider", name, "--dry-run")
    assert (code, err) == (0, "")
    assert out == (
        f"Would buy +12015550100 (2015550100) from {name} at {PRICES[name]} a month\n"
        "Nothing was bought, and nothing is reserved.\n"
    )
    code, out, _ = run("buy", FREE, "--provider", name, "--dry-run", "--output", "json", "--max-price", "9")
    assert json.loads(out)["would_buy"][0]["provider"] == name
    assert run("buy", FREE, "--provider", name, "--dry-run", "--max-price", "0.1")[0] == Exit.REFUSED
    assert not sent(simulators)
    assert not book.exists()


# -- what cannot be bought, and what was bought before


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("voicetel", "+442071838750"),
        ("leadping", "+442071838750"),
        ("lc_phone", "2015550197999"),
        ("lc_phone", "9085550142"),
        ("lc_legacy", "9085550142"),
        ("leadping", "9085550142"),
    ],
)
def test_an_order_for_what_cannot_be_sold_is_never_on_record(
    name: str, number: str, run: Run, simulators: Mapping[str, Simulator], book: Path
) -> None:
    code, _, err = run("buy", number, "--provider", name, "--yes")
    assert code in (Exit.REFUSED, Exit.USAGE, Exit.UNSUPPORTED), err
    assert err.count("\n") == 1, err
    assert not sent(simulators)
    assert not book.exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", BUYING)
def test_the_same_id_again_says_that_it_has_bought_already(
    name: str, run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ("buy", FREE, "--provider", name, "--request-id", "order-1")
    code, out, err = run(*argv, "--yes", "--output", "json")
    assert (code, "already" in out + err) == (0, False), err
    code, out, err = run(*argv, "--yes", "--output", "json")
    assert code == 0, err
    assert json.loads(out)["already_bought"] is True
    assert err == ("Request order-1 has already bought +12015550100 (2015550100): the same id never buys again.\n")
    code, said = asked(run, monkeypatch, *argv)  # nothing is to be bought, so nothing is asked
    assert code == 0
    assert "Type yes" not in said
    assert charges(simulators) == 1


@pytest.mark.slow
def test_an_order_of_several_says_so_too(run: Run, simulators: Mapping[str, Simulator]) -> None:
    argv = ("provision", "--area-code", "201", "--from", "lc_phone", "--count", "2", "--yes", "--output", "json")
    code, out, _ = run(*argv, "--request-id", "two")
    assert (code, "already_bought" in json.loads(out)) == (0, False)
    code, out, err = run(*argv, "--request-id", "two")
    assert (code, json.loads(out)["already_bought"], charges(simulators)) == (0, True, 2)
    assert "Request two has already bought" in err


@pytest.mark.slow
def test_an_id_that_is_open_goes_on_without_a_question(
    run: Run, simulators: Mapping[str, Simulator], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulators["lc_phone"].fault("reset", operation="purchase", done=True)
    simulators["lc_phone"].fault("error", operation="active_numbers", status=503, times=30)
    argv = ("buy", FREE, "--provider", "lc_phone", "--request-id", "one", "--deadline", "5")
    assert run(*argv, "--yes")[0] == Exit.UNKNOWN
    simulators["lc_phone"].faults.clear()
    clock.sleep(300)
    code, said = asked(run, monkeypatch, *argv)
    assert code == 0
    assert "Request one is on record already" in said
    assert charges(simulators) == 1


# -- empty values


@pytest.mark.parametrize(
    "argv",
    [
        ["--provider", ""],
        ["--provider="],
        ["--provider", " "],
        ["--account", ""],
        ["--base-url", ""],
        ["--set", "account="],
        ["--max-price", ""],
        ["--journal", ""],
        ["--request-id", ""],
    ],
)
def test_an_empty_option_never_falls_back_to_the_environment(
    argv: list[str], run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    code, out, err = run("buy", FREE, "--yes", *argv)
    assert (code, out) == (Exit.USAGE, "")
    assert argv[0].rstrip("=") in err
    assert not any(one.ledger.requests for one in simulators.values())


@pytest.mark.parametrize(
    "argv",
    [
        ["search", "--area-code", ""],
        ["search", "--feature", ""],
        ["provision", "--from", "", "--yes"],
        ["provision", "--need", "", "--yes"],
        ["get", ""],
        ["route", FREE, "--gateway", ""],
        ["purchases", ""],
        ["transfer", FREE, "--to", "", "--yes"],
        ["campaign", "bind", FREE, ""],
        ["capabilities", ""],
        ["reconcile", "--account", ""],
    ],
)
def test_no_command_takes_an_empty_value(
    argv: list[str], run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    code, out, err = run(*argv)
    assert (code, out, err.count("\n")) == (Exit.USAGE, "", 1)
    assert "is empty" in err
    assert not any(one.ledger.requests for one in simulators.values())


# -- misspelt variables


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ANYCARRIER_VOICETEL_APIKEY", "ANYCARRIER_VOICETEL_API_KEY"),
        ("ANYCARRIER_VOICETEL_BASEURL", "ANYCARRIER_VOICETEL_BASE_URL"),
        ("ANYCARRIER_VOICTEL_API_KEY", "ANYCARRIER_VOICETEL_API_KEY"),
        ("anycarrier_voicetel_base_url", "ANYCARRIER_VOICETEL_BASE_URL"),
        ("ANYCARIER_VOICETEL_BASE_URL", "ANYCARRIER_VOICETEL_BASE_URL"),
        ("ANYCARRIER_JORNAL", "ANYCARRIER_JOURNAL"),
        ("ANYCARRIER_PROVIDERS", "ANYCARRIER_PROVIDER"),
    ],
)
def test_a_misspelt_variable_is_noticed_at_the_start_and_by_doctor(
    name: str, meant: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    monkeypatch.setenv(name, "canary")
    code, _, err = run("list", "--output", "json")
    assert (code, err) == (0, f"anycarrier: list: {name} is set, and nothing reads it; did you mean {meant}?\n")
    code, out, _ = run("doctor", "--output", "json")
    (check,) = [one for one in json.loads(out)["checks"] if one["check"] == name]
    assert (code, check["state"]) == (Exit.USAGE, "problem")
    assert "canary" not in out


@pytest.mark.slow
def test_a_variable_of_another_program_is_a_note_and_no_warning(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_SOMETHING_ELSE_ALTOGETHER", "x")
    monkeypatch.setenv("ANYTHING", "x")
    assert run("list", "--provider", "voicetel", "--output", "json")[2] == ""
    checks: dict[str, Any] = {one["check"]: one for one in json.loads(run("doctor", "--output", "json")[1])["checks"]}
    assert checks["ANYCARRIER_SOMETHING_ELSE_ALTOGETHER"]["state"] == "note"
    assert "ANYTHING" not in checks


# -- in the words of the command line


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["search", "--area-code", "2"], "--area-code must"),
        (["search", "--area-code", "20"], "for numbers of another country add --country"),
        (["search", "--ends-with", "x"], "--ends-with must"),
        (["search", "--limit", "0"], "--limit must"),
        (
            ["search", "--base-url", "https://elsewhere.example", "--area-code", "201"],
            "--set allow_custom_base_url=yes",
        ),
    ],
)
def test_arguments_are_named_as_they_are_typed(argv: list[str], said: str, run: Run) -> None:
    code, out, err = run(*argv, "--provider", "voicetel", "--output", "json")
    assert code == Exit.USAGE
    assert said in err
    assert said in json.loads(out)["error"]["message"]


def test_a_refusal_names_options_as_they_are_typed_and_features_as_they_are_called(run: Run) -> None:
    code, _, err = run("search", "--provider", "voicetel", "--rate-center", "CLOSTER")
    assert code == Exit.UNSUPPORTED
    assert "give --area-code or --prefix" in err
    code, _, err = run("provision", "--area-code", "201", "--from", "voicetel", "--need", "nothing", "--yes")
    assert code == Exit.USAGE
    assert "search.area_code" in err
    assert ".--" not in err


def test_an_option_that_is_missing_is_named_as_it_is_typed() -> None:
    error = errors.InvalidInput("sold only with an address: give options=[LCPurchase(address_sid='AD...')]")
    assert spelled(error, str(error)) == ("sold only with an address: add --option address_sid=AD...")
