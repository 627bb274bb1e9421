"""Orders that several providers can fill."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from anycarrier import errors
from anycarrier.cli.exit_codes import Exit
from anycarrier.settings import variable
from anycarrier.simulator import SimTransport, Simulator
from anycarrier_adapters.voicetel import VoiceTel
from support.several import CANARY, FREE, PROVISION, charged, go_on_of, purchases_sent
from support.terminal import Run, Terminal, last_line


def test_the_first_that_can_is_bought_from(run: Run, simulators: Mapping[str, Simulator], book: Path) -> None:
    code, out, err = run(*PROVISION, "--from", "lc_phone", "--from", "voicetel", "--request-id", "order-1")
    assert code == 0
    assert out == "Bought +12015550100 (2015550100) from lc_phone, 1.15 USD a month\n"
    first, *steps = err.splitlines()
    assert first == (f"Request order-1, on record in {book}. If this is interrupted: anycarrier recover order-1")
    assert steps == ["lc_phone: searching", "lc_phone +12015550100: buying", "lc_phone +12015550100: bought"]
    assert charged(simulators) == [("lc_phone", FREE)]
    assert stat.S_IMODE(book.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(book.stat().st_mode) == 0o600


def test_the_id_is_made_and_told_before_anything_is_sent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SimTransport, "send", stopped)
    code, out, err = run(*PROVISION, "--from", "voicetel")
    assert (code, out) == (Exit.INTERRUPTED, "")
    found = re.match(r"Request (r[0-9a-f]{12}), on record in ", err)
    assert found
    assert go_on_of(err) == ["recover", found[1]]


@pytest.mark.slow
def test_the_same_id_never_buys_again(run: Run, simulators: Mapping[str, Simulator]) -> None:
    argv = (*PROVISION, "--from", "lc_phone", "--request-id", "order-1")
    first, second = run(*argv, "--output", "json"), run(*argv, "--output", "json", "--deadline", "5")
    assert json.loads(first[1])["bought"] == json.loads(second[1])["bought"]
    code, _, err = run("provision", "--area-code", "212", "--yes", "--from", "lc_phone", "--request-id", "order-1")
    assert code == Exit.USAGE
    assert "was already used for a different order" in last_line(err)
    assert run("recover", "order-1")[:2] == (0, "Bought +12015550100 (2015550100) from lc_phone, 1.15 USD a month\n")
    assert charged(simulators) == [("lc_phone", FREE)]


def test_a_refusal_moves_on_and_a_doubt_does_not(run: Run, simulators: Mapping[str, Simulator]) -> None:
    simulators["leadping"].fault("error", operation="create", status=403)
    simulators["lc_phone"].fault("reset", operation="purchase", done=True)
    code, out, err = run(*PROVISION, "--from", "leadping", "--from", "lc_phone", "--from", "voicetel")
    assert code == 0
    assert "from lc_phone" in out
    assert "leadping +12015550100: not bought: leadping buy: the credentials do not allow this" in err
    assert "lc_phone +12015550101: in doubt: lc_phone buy" in err
    assert "lc_phone +12015550101: bought: found by its number alone" in err
    assert charged(simulators) == [("lc_phone", "2015550101")]


def test_several_at_the_cheapest_under_a_cap(run: Run, simulators: Mapping[str, Simulator]) -> None:
    argv = (*PROVISION, "--from", "leadping", "--from", "lc_phone", "--prefer", "cheapest", "--count", "2")
    code, out, err = run(*argv, "--output", "json", "--request-id", "two")
    done = json.loads(out)
    assert code == 0
    assert [one["provider"] for one in done["bought"]] == ["lc_phone", "lc_phone"]
    assert len({one["number"] for one in done["bought"]}) == 2
    assert done["bought"][0]["price"] == {"amount": "1.15", "currency": "USD"}
    assert "two#1  lc_phone: searching" in err
    code, out, err = run(*argv, "--spend-cap", "2")
    assert code == Exit.REFUSED
    assert out.count("Bought") == 1
    assert "1 of 2 bought, and no more" in last_line(err)
    assert "spending cap of 2 USD would be passed" in last_line(err)
    assert len(charged(simulators)) == 3


@pytest.mark.slow
def test_a_named_account_and_where_the_journal_is(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {name: os.environ[variable("voicetel", name)] for name in ("api_key", "base_url")}
    accounts = tmp_path / "accounts.toml"
    accounts.write_text(
        f'[accounts.second]\nprovider = "voicetel"\napi_key = "{settings["api_key"]}"\n'
        f'base_url = "{settings["base_url"]}"\n'
    )
    accounts.chmod(0o600)
    where = tmp_path / "my own.sqlite"
    code, out, err = run(*PROVISION, "--account", "second", "--journal", str(where))
    assert (code, out) == (0, "Bought +12015550100 (2015550100) from voicetel (account second), 0.50 USD a month\n")
    assert "anycarrier recover r" in err
    assert f"--journal '{where}'" in err
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(where))
    assert "second" in run("purchases")[1]
    assert run("buy", FREE, "--account", "second", "--yes")[0] == Exit.REFUSED
    assert run("recover") == (0, "Nothing is open.\n", "")


def test_without_a_terminal_it_refuses(run: Run, simulators: Mapping[str, Simulator], book: Path) -> None:
    code, out, err = run("provision", "--area-code", "201", "--from", "voicetel")
    assert (code, out) == (Exit.USAGE, "")
    assert err == "anycarrier: provision: confirmation is needed, and there is no terminal to ask on: give --yes\n"
    assert not any(one.ledger.requests for one in simulators.values())
    assert not book.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "voicetel"], "Buy 1 number (area code 201) from voicetel, at any price?"),
        (
            ["--from", "voicetel", "--from", "lc_phone", "--max-price", "2", "--need", "sms", "--need", "release"],
            "Buy 1 number (area code 201) that can sms, release from voicetel, else lc_phone, at most 2.00 USD a month"
            "?",
        ),
        (
            [
                "--from",
                "voicetel",
                "--from",
                "lc_phone",
                "--prefer",
                "cheapest",
                "--count",
                "3",
                "--spend-cap",
                "5EUR",
                "--max-price",
                "2.5",
                "--city",
                "Hackensack",
                "--line",
                "local",
                "--feature",
                "voice",
            ],
            "Buy 3 numbers (area code 201, city Hackensack, features voice, line local) from voicetel or lc_phone (the"
            " cheapest), at most 2.50 USD a month each and at most 5.00 EUR a month in all?",
        ),
    ],
)
def test_the_question_names_caps_and_providers(
    run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    monkeypatch.setattr(sys, "stderr", terminal)
    assert run("provision", "--area-code", "201", *options)[0] == Exit.INTERRUPTED
    assert terminal.getvalue().splitlines()[0] == said
    assert not any(one.ledger.requests for one in simulators.values())


def test_a_yes_buys_and_a_terminal_counts_down(
    run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulators["voicetel"].fault("reset", operation="order", done=True)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    monkeypatch.setattr(sys, "stderr", terminal)
    assert run("provision", "--area-code", "201", "--from", "voicetel")[0] == 0
    said = terminal.getvalue()
    assert "waiting, 2 s left (Ctrl-C is safe)\r" in said
    assert "sending: the same request for the second time" in said
    assert said.endswith("voicetel +12015550100: bought\n")


def test_a_dry_run_sends_no_purchase(run: Run, simulators: Mapping[str, Simulator], book: Path) -> None:
    priced = ("provision", "--area-code", "201", "--from", "leadping", "--from", "lc_phone")
    code, out, err = run(*priced, "--dry-run", "--max-price", "1.50")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Would buy +12015550100 (2015550100) from lc_phone at 1.15 USD a month",
        *[line for line in out.splitlines() if line.startswith("Would skip")],
        "Nothing was bought, and nothing is reserved.",
    ]
    assert "Would skip leadping: costs 2.0 USD a month, more than 1.50" in out
    argv = ("provision", "--area-code", "201", "--from", "voicetel", "--from", "leadping", "--from", "lc_phone")
    code, out, _ = run(*argv, "--dry-run", "--output", "json", "--need", "bind_campaign", "--count", "2")
    found = json.loads(out)
    assert code == 0
    assert (found["dry_run"], found["complete"], found["wanted"]) == (True, True, 2)
    assert [one["provider"] for one in found["would_buy"]] == ["voicetel", "voicetel"]
    assert found["would_buy"][0]["ten_digit"] == FREE
    assert set(found["passed"]) == {"leadping", "lc_phone"}
    assert purchases_sent(simulators) == 0
    assert not charged(simulators)
    assert not book.exists()


def test_a_dry_run_that_falls_short(run: Run, simulators: Mapping[str, Simulator]) -> None:
    code, out, err = run(
        "provision", "--area-code", "201", "--from", "lc_phone", "--count", "3", "--spend-cap", "2.50", "--dry-run"
    )
    assert code == Exit.REFUSED
    assert out.count("Would buy") == 2
    assert last_line(err) == (
        "anycarrier: provision: 2 numbers of 3 would be bought: with the next one they would cost 3.45 USD a month, "
        "more than 2.50 USD"
    )
    simulators["voicetel"].fault("error", status=503, times=None)
    code, out, err = run("provision", "--area-code", "201", "--from", "voicetel", "--dry-run")
    assert code == Exit.REFUSED
    assert "Would skip voicetel" in out
    assert "at a price that the provider does not say" not in out
    simulators["voicetel"].faults.clear()
    _, out, _ = run("provision", "--area-code", "201", "--from", "voicetel", "--dry-run")
    assert "Would buy +12015550100 (2015550100) from voicetel" in out
    assert purchases_sent(simulators) == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--area-code", "201"], "no provider is named: add --from NAME or --account NAME"),
        (["--area-code", "201", "--from", "nobody"], "no provider is called 'nobody'"),
        (["--area-code", "201", "--account", "nobody"], "no account 'nobody'"),
        (["--area-code", "201", "--from", "all", "--from", "voicetel"], "use it alone"),
        (["--area-code", "201", "--from", "voicetel", "--need", "magic"], "--need does not take magic"),
        (["--area-code", "2", "--from", "voicetel"], "--area-code must"),
        (["--area-code", "201", "--from", "voicetel", "--max-price", "cheap"], "--max-price is an amount"),
        (["--area-code", "201", "--from", "voicetel", "--spend-cap", "low"], "--spend-cap is an amount"),
        (["--area-code", "201", "--from", "voicetel", "--count", "2000"], "--count must be"),
        (["--area-code", "201", "--from", "voicetel", "--request-id", "-x"], "--request-id"),
        (["--area-code", "201", "--from", "voicetel", "--request-id", " x"], "--request-id"),
        (["--area-code", "201", "--from", "voicetel", "--journal", ""], "--journal"),
        (["--area-code", "201", "--from", "voicetel", "--in-doubt", "guess"], "--in-doubt"),
    ],
)
def test_wrong_usage(run: Run, simulators: Mapping[str, Simulator], argv: list[str], said: str) -> None:
    code, out, err = run("provision", "--yes", *argv)
    assert (code, out) == (Exit.USAGE, "")
    assert said in err
    assert err.count("\n") == 1
    assert not any(one.ledger.requests for one in simulators.values())


@pytest.mark.slow
def test_two_accounts_with_one_name(run: Run, tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.toml"
    accounts.write_text('[accounts.voicetel]\nprovider = "voicetel"\napi_key = "x"\n')
    accounts.chmod(0o600)
    code, _, err = run(*PROVISION, "--from", "voicetel", "--account", "voicetel")
    assert code == Exit.USAGE
    assert "rename one of them" in last_line(err)
    code, _, err = run("provision", "--area-code", "201", "--from", "all", "--dry-run")
    assert code == 0
    assert "voicetel (account voicetel) is skipped: the accounts of voicetel (account voicetel) and voicetel are" in err


def test_nothing_has_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("ANYCARRIER_") and name != "ANYCARRIER_CONFIG":
            monkeypatch.delenv(name)
    for command in (["provision", "--area-code", "201", "--from", "all", "--yes"], ["reconcile"]):
        code, _, err = run(*command)
        assert code == Exit.USAGE
        assert "no provider has settings" in last_line(err)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_USERNAME", "half")
    code, _, err = run("provision", "--area-code", "201", "--from", "all", "--yes")
    assert code == Exit.USAGE
    assert "voicetel" in last_line(err)


@pytest.mark.slow
def test_every_way_was_tried_and_why(
    run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = run(*PROVISION, "--from", "leadping", "--need", "bind_campaign", "--output", "json")
    found = json.loads(out)
    assert code == Exit.UNSUPPORTED
    assert "nothing was bought (request r" in last_line(err)
    assert "cannot bind a 10DLC campaign" in last_line(err)
    assert (found["complete"], found["open"], found["bought"]) == (False, False, [])
    assert found["error"]["type"] == "OrderExhausted"
    assert found["error"]["safe_elsewhere"] is True
    code, _, err = run(*PROVISION, "--from", "lc_phone", "--state", "AK")
    assert code == Exit.REFUSED
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", CANARY)
    code, out, err = run(*PROVISION, "--from", "voicetel", "--debug")
    assert code == Exit.DENIED
    assert "anycarrier doctor says more" in last_line(err)
    assert CANARY not in out + err
    monkeypatch.undo()


def test_a_provider_that_is_down_for_long(run: Run, simulators: Mapping[str, Simulator]) -> None:
    simulators["voicetel"].fault("error", status=503, times=None)
    code, _, err = run(*PROVISION, "--from", "voicetel", "--deadline", "30")
    assert code == Exit.UNKNOWN  # it is open: recover goes on with it
    assert "the deadline ended" in last_line(err)
    assert "waiting: nothing can be tried yet; voicetel search: the provider failed" in err
    assert err.count("waiting: nothing can be tried yet") == 1
    assert purchases_sent(simulators) == 0


@pytest.mark.slow
def test_what_a_provider_says_does_not_act_on_the_terminal(
    run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> Any:
        raise errors.InsufficientFunds("no\x1b[2Jmoney\u202e", status=402, maybe_applied=False)
        yield

    monkeypatch.setattr(VoiceTel, "place", refused)
    code, _, err = run(*PROVISION, "--from", "voicetel", "--request-id", "order-1")
    assert code == Exit.REFUSED
    assert "no\\u001b[2Jmoney\\u202e" in err
    for options in (["purchases"], ["purchases", "order-1"], ["purchases", "--output", "json"]):
        code, out, err = run(*options)
        assert code == 0
        assert "\u202e" not in out + err
