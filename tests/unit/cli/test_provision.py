"""``provision``, ``purchases``, ``recover``, ``reconcile`` and the journal behind ``buy``, in process."""

from __future__ import annotations

import io
import json
import os
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from anycarrier import errors
from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import shown
from anycarrier.cli.progress import Ticker
from anycarrier.cli.purchase_output import cost
from anycarrier.cli.reason_text import at, code_of, words
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Progress, journal
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.settings import variable
from anycarrier.simulator import SimTransport, Simulator, load
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel import VoiceTel
from support.terminal import Run, Terminal, account_each, last_line, set_up

ROOT = Path(__file__).parents[3]
BUYING = {"leadping": "create", "lc_phone": "purchase", "voicetel": "order"}
URLS = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(BUYING, start=1)}
FREE = "2015550100"
CANARY = "canary0secret0canary0secret0cana"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(1_700_000_000.0, chance=0.5)


@pytest.fixture
def simulators(clock: VirtualClock) -> Mapping[str, Simulator]:
    return {name: load(name, now=clock.time) for name in BUYING}


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: VirtualClock, simulators: Mapping[str, Simulator]
) -> None:
    set_up(monkeypatch, tmp_path, clock)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    account_each(monkeypatch, simulators, URLS)


@pytest.fixture
def run(simulators: Mapping[str, Simulator], clock: VirtualClock, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: str) -> tuple[int, str, str]:
        transport = SimTransport({URLS[name]: one for name, one in simulators.items()}, wait=clock.sleep)
        code = main(argv, transport=transport, clock=clock)
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
        for simulator in simulators.values():
            for name, value in simulator.settings.items():
                assert "id" in name or value not in said.out + said.err
        return code, said.out, said.err

    return call


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Where the journal is by default."""
    return tmp_path / "data" / "anycarrier" / "journal.sqlite"


def go_on_of(err: str) -> list[str]:
    found = re.search(r"go on with: anycarrier (recover.*)$", last_line(err))
    assert found, err
    return found[1].split()


def purchases_sent(simulators: Mapping[str, Simulator]) -> int:
    return sum(seen.operation == BUYING[name] for name, one in simulators.items() for seen in one.ledger.requests)


def charged(simulators: Mapping[str, Simulator]) -> list[tuple[str, str]]:
    return [(name, charge.number[-10:]) for name, one in simulators.items() for charge in one.ledger.charges]


PROVISION = ("provision", "--area-code", "201", "--yes")


# -- buying


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


def test_the_same_id_never_buys_again(run: Run, simulators: Mapping[str, Simulator]) -> None:
    argv = (*PROVISION, "--from", "lc_phone", "--request-id", "order-1")
    first, second = run(*argv, "--output", "json"), run(*argv, "--output", "json", "--deadline", "5")
    assert json.loads(first[1])["bought"] == json.loads(second[1])["bought"]
    code, _, err = run("provision", "--area-code", "212", "--yes", "--from", "lc_phone", "--request-id", "order-1")
    assert code == Exit.USAGE
    assert "was already used for a different order" in last_line(err)
    assert run("recover", "order-1")[:2] == (
        0,
        "Bought +12015550100 (2015550100) from lc_phone, 1.15 USD a month\n",
    )
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


# -- asking first


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


# -- dry runs


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


# -- what cannot be


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
    assert code == Exit.UNAVAILABLE
    assert "the deadline ended" in last_line(err)
    assert "waiting: nothing can be tried yet; voicetel search: the provider failed" in err
    assert err.count("waiting: nothing can be tried yet") == 1
    assert purchases_sent(simulators) == 0


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


# -- in doubt


def test_in_doubt_names_the_command_that_goes_on(
    run: Run, simulators: Mapping[str, Simulator], clock: VirtualClock
) -> None:
    simulators["lc_phone"].fault("reset", operation="purchase", done=False)
    argv = (*PROVISION, "--from", "lc_phone", "--from", "voicetel", "--deadline", "20", "--output", "json")
    code, out, err = run(*argv, "--request-id", "an order")
    found = json.loads(out)
    assert code == Exit.UNKNOWN
    assert (found["open"], found["slots"][0]["state"], found["slots"][0]["number"]) == (True, "OPEN", "+12015550100")
    assert (found["error"]["type"], found["error"]["maybe_applied"]) == ("OutcomeUnknown", True)
    assert found["slots"][0]["resume_at"] > 1_700_000_000
    assert "+12015550100 may have been bought from lc_phone, key" in last_line(err)
    assert last_line(err).endswith("do not buy again, go on with: anycarrier recover 'an order'")
    assert run("purchases", "--open")[1].count("in doubt") == 1
    code, _, err = run("recover", "--deadline", "1")
    assert code == Exit.UNKNOWN
    assert go_on_of(err) == ["recover"]
    # The journal's own clock tells a new process the time; here it goes on by itself.
    for _ in range(40):
        clock.sleep(20)
        code, out, err = run("recover", "an order", "--deadline", "60")
        if code == 0:
            break
    assert code == 0, err
    assert len(charged(simulators)) == 1


def test_interrupted_at_any_step_and_finished(
    run: Run, simulators: Mapping[str, Simulator], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulators["voicetel"].fault("reset", operation="order", done=True)

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(clock, "sleep", interrupted)
        code, _, err = run(*PROVISION, "--from", "voicetel")
    assert code == Exit.INTERRUPTED
    assert "interrupted; what was under way is on record, go on with: anycarrier recover r" in last_line(err)
    clock.sleep(10)
    code, out, err = run("recover")
    assert code == 0
    assert "#1  Bought +12015550100 (2015550100) from voicetel" in out
    assert charged(simulators) == [("voicetel", FREE)]
    assert run("recover", "--output", "json")[0] == 0


def test_recovering_without_the_settings_of_an_account(
    run: Run, simulators: Mapping[str, Simulator], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulators["lc_phone"].fault("reset", operation="purchase", done=True)
    simulators["lc_phone"].fault("error", operation="active_numbers", status=503, times=None)
    argv = (*PROVISION, "--from", "lc_phone", "--from", "voicetel", "--deadline", "5", "--request-id", "order-1")
    assert run(*argv)[0] == Exit.UNKNOWN
    with monkeypatch.context() as patched:
        patched.delenv("ANYCARRIER_LC_PHONE_TOKEN")
        patched.setenv("ANYCARRIER_LC_PHONE_ACCOUNT", "another")
        code, out, err = run("recover", "--deadline", "5")
        assert code == Exit.UNKNOWN
        assert "recover: lc_phone/lc_phone is left out: " in err
        assert "in doubt at lc_phone, account lc_phone, which this client does not have" in out
        patched.delenv("ANYCARRIER_VOICETEL_API_KEY")
        code, out, err = run("recover", "order-1")
        assert code == Exit.USAGE
        assert "no settings found for these accounts: lc_phone/lc_phone" in last_line(err)
    with monkeypatch.context() as patched:
        patched.setenv("ANYCARRIER_VOICETEL_ACCOUNT", "another")
        _, _, err = run("recover", "order-1", "--deadline", "5")
        assert "voicetel/voicetel is left out: no settings of voicetel are for an account called voicetel" in err
    simulators["lc_phone"].faults.clear()
    clock.sleep(600)
    assert run("recover", "order-1")[0] == 0
    assert len(charged(simulators)) == 1


def test_an_order_is_recovered_from_its_own_accounts_only(
    run: Run, simulators: Mapping[str, Simulator], clock: VirtualClock
) -> None:
    simulators["leadping"].fault("error", status=503, times=None)
    simulators["lc_phone"].fault("reset", operation="purchase", done=True)
    # One order from lc_phone that is in doubt, and one from leadping alone that nothing has become of.
    simulators["lc_phone"].fault("error", operation="active_numbers", status=503, times=3)
    assert run(*PROVISION, "--from", "lc_phone", "--deadline", "1")[0] == Exit.UNKNOWN
    with journal.open() as book:
        from anycarrier.purchase import Order
        from anycarrier.purchase.journal import OrderRecord
        from anycarrier.purchase.order import digest
        from anycarrier.search import Search

        text = Order(criteria=Search(area_code="201")).to_json(["leadping/leadping"])
        book.create(OrderRecord(id="left", digest=digest(text), order=text), 1, 86_400)
    clock.sleep(600)
    code, out, _ = run("recover", "--deadline", "20")
    assert code == Exit.UNKNOWN
    assert "left#1  open" in out
    assert [name for name, _ in charged(simulators)] == ["lc_phone"]
    simulators["leadping"].faults.clear()
    code, out, _ = run("recover", "left")
    assert (code, "from leadping" in out) == (0, True)


def test_there_is_nothing_to_recover(run: Run, book: Path) -> None:
    for command in (["recover"], ["recover", "order-1"]):
        code, out, err = run(*command)
        assert (code, out) == (Exit.INPUT_OUTPUT, "")
        assert f"there is no journal at {book}; check the place" in last_line(err)
    assert not book.exists()
    assert not book.parent.exists()
    assert run(*PROVISION, "--from", "voicetel")[0] == 0
    assert run("recover") == (0, "Nothing is open.\n", "")
    code, _, err = run("recover", "strange")
    assert code == Exit.USAGE
    assert "has no request 'strange'" in last_line(err)


def test_what_turns_up_late_is_taken_by_an_order_that_still_lacks_it(
    run: Run, simulators: Mapping[str, Simulator], clock: VirtualClock
) -> None:
    simulators["leadping"].fault("late", operation="create", seconds=3000)
    argv = ("buy", FREE, "--provider", "leadping", "--yes", "--deadline", "1500")
    code, _, err = run(*argv)
    assert code == Exit.REFUSED
    assert "not on the account 3 times" in last_line(err)
    code, out, _ = run("recover")
    assert (code, out) == (0, "Nothing is open.\n1 failed purchase may still turn up\n")
    clock.sleep(3600)
    code, out, _ = run("recover")
    assert code == 0
    assert out.startswith("Bought +12015550100 (2015550100) from leadping, ")
    assert out.endswith(": its purchase counted as failed, and the number turned up\n")
    assert charged(simulators) == [("leadping", FREE)]


# -- the journal


def test_the_journal_in_a_table_and_as_json(run: Run, clock: VirtualClock, book: Path) -> None:
    for command in (["purchases"], ["purchases", "order-1"], ["purchases", "--output", "json"]):
        code, _, err = run(*command)
        assert (code, f"there is no journal at {book}" in last_line(err)) == (Exit.INPUT_OUTPUT, True)
    with journal.open():
        pass
    assert run("purchases") == (0, f"Nothing is on record in {book}.\n", "")
    run(*PROVISION, "--from", "voicetel", "--request-id", "order-1")
    clock.sleep(60)
    run(*PROVISION, "--from", "lc_phone", "--from", "leadping", "--state", "AK", "--request-id", "order-2")
    code, out, err = run("purchases")
    header, _, second, first = out.splitlines()
    assert (code, err) == (0, "")
    assert header.split()[:3] == ["request", "state", "number"]
    assert re.match(r"order-2 +not bought ", second)
    assert first.split()[:5] == ["order-1", "bought", "+12015550100", FREE, "voicetel"]
    assert "2023-11-14 22:13:20Z" in first
    code, out, err = run("purchases", "--limit", "1")
    assert "order-1" not in out
    assert err == "1 more; --limit shows them\n"
    assert run("purchases", "--open")[1] == f"Nothing is open in {book}.\n"
    code, out, _ = run("purchases", "order-1")
    assert re.search(r"^wanted +1 \(area code 201\)$", out, re.MULTILINE)
    assert re.search(
        r"\+12015550100 from voicetel, account voicetel.*, key ac1_[0-9a-f]+: confirmed$", out, re.MULTILINE
    )
    code, _, err = run("purchases", "strange")
    assert (code, "has no request 'strange'" in last_line(err)) == (Exit.USAGE, True)
    found = json.loads(run("purchases", "--output", "json")[1])
    assert (found["journal"], found["left_off"]) == (str(book), 0)
    newest, oldest = found["purchases"]
    assert (newest["request_id"], newest["intents"][0]["state"]) == ("order-2", "EXHAUSTED")
    assert oldest["accounts"] == ["voicetel/voicetel"]
    assert oldest["order"]["criteria"]["area_code"] == "201"
    (intent,) = oldest["intents"]
    assert (intent["number"], intent["ten_digit"]) == ("+12015550100", FREE)
    (attempt,) = intent["attempts"]
    assert (attempt["state"], attempt["sends"]) == ("CONFIRMED", 1)
    assert attempt["first_sent"].startswith("2023-11-14T22:13:20")
    assert "body" not in json.dumps(found)


def test_reading_while_another_writes_and_writing_does_not(run: Run, simulators: Mapping[str, Simulator]) -> None:
    run(*PROVISION, "--from", "voicetel", "--request-id", "order-1")
    with journal.open():
        assert "order-1" in run("purchases")[1]
        assert run("reconcile", "--from", "voicetel")[0] == Exit.REFUSED  # what the account had before is unknown
        sent = purchases_sent(simulators)
        for command in (
            [*PROVISION, "--from", "voicetel"],
            ["recover"],
            ["buy", "2015550101", "--provider", "voicetel", "--yes"],
        ):
            code, out, err = run(*command)
            assert (code, out) == (Exit.INPUT_OUTPUT, "")
            assert "open in this process already" in last_line(err)
            assert "Nothing was sent" in last_line(err)
        code, _, err = run(*PROVISION, "--from", "voicetel", "--request-id", "order-1")
        assert code == Exit.UNKNOWN  # this one was carried out before
        assert "Nothing was sent" not in err
        assert go_on_of(err) == ["recover", "order-1"]
        assert purchases_sent(simulators) == sent


def test_a_journal_that_does_not_work(run: Run, tmp_path: Path, simulators: Mapping[str, Simulator]) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database at all" * 1000)
    for where in (str(broken), str(tmp_path / "accounts.toml" / "x")):
        (tmp_path / "accounts.toml").write_text("")
        (tmp_path / "accounts.toml").chmod(0o600)
        code, out, err = run(*PROVISION, "--from", "voicetel", "--journal", where, "--output", "json")
        assert code == Exit.INPUT_OUTPUT
        assert json.loads(out)["error"]["type"] == "JournalError"
        assert last_line(err).startswith("anycarrier: provision: the journal cannot be used: ")
    assert run("purchases", "--journal", str(broken))[0] == Exit.INPUT_OUTPUT
    assert not any(one.ledger.requests for one in simulators.values())


def test_a_journal_that_breaks_under_way_is_a_doubt(
    run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    from anycarrier.purchase import Journal

    def full(*_: object, **__: object) -> None:
        raise errors.JournalError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "record", full)
        code, out, err = run(*PROVISION, "--from", "voicetel", "--request-id", "order-1")
    assert (code, out) == (Exit.UNKNOWN, "")
    assert "the disk is full" in last_line(err)
    assert go_on_of(err) == ["recover", "order-1"]
    assert run("recover", "order-1")[0] == 0
    assert charged(simulators) == [("voicetel", FREE)]


def test_a_journal_that_breaks_at_any_of_its_transactions(
    run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code, and what is advised, say whether money may be gone; then the command that is named goes on."""
    begin = SqliteDatabase.begin
    codes = set()
    for nth in range(1, 30):
        count = 0

        def breaking(self: SqliteDatabase, writes: bool, nth: int = nth) -> None:
            nonlocal count
            count += 1
            if count >= nth:
                raise errors.JournalError("the disk is full")
            begin(self, writes)

        before, name = charged(simulators), f"order-{nth}"
        with monkeypatch.context() as patched:
            patched.setattr(SqliteDatabase, "begin", breaking)
            code, out, err = run(*PROVISION, "--from", "lc_phone", "--request-id", name, "--output", "json")
        if code == 0:
            break
        codes.add(code)
        assert ("Nothing was sent" in err) == (code == Exit.INPUT_OUTPUT), err
        assert json.loads(out)["error"]["maybe_applied"] == (code == Exit.UNKNOWN)
        if charged(simulators) != before:
            assert code == Exit.UNKNOWN
        if code == Exit.UNKNOWN:
            assert go_on_of(err) == ["recover", name]
            run("recover", name)
    else:
        raise AssertionError("it never ends")
    assert codes == {Exit.INPUT_OUTPUT, Exit.UNKNOWN}
    assert len(charged(simulators)) == len(set(charged(simulators)))


def test_a_password_of_the_journal_is_never_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch, simulators: Mapping[str, Simulator]
) -> None:
    pytest.importorskip("psycopg", reason="needs psycopg")
    for where in (f"postgresql://me:{CANARY}@127.0.0.1:1/book", f"postgres://127.0.0.1:1/book?password={CANARY}"):
        code, out, err = run(*PROVISION, "--from", "voicetel", "--journal", where)
        assert code == Exit.USAGE
        assert "ANYCARRIER_JOURNAL" in last_line(err)
        assert CANARY not in out + err
        monkeypatch.setenv("ANYCARRIER_JOURNAL", where)
        for command in (
            [*PROVISION, "--from", "voicetel"],
            ["purchases"],
            ["recover"],
            ["reconcile", "--from", "voicetel"],
        ):
            for options in ([], ["--output", "json", "--debug"]):
                code, out, err = run(*command, *options)
                # What is open there may have been carried out; an order that is new was not.
                assert code == (Exit.UNKNOWN if command == ["recover"] else Exit.INPUT_OUTPUT)
                assert CANARY not in out + err
                assert "cannot be reached" in err
    monkeypatch.delenv("ANYCARRIER_JOURNAL")
    code, _, err = run(*PROVISION, "--from", "voicetel", "--journal", "postgresql://me@127.0.0.1:1/book")
    assert code == Exit.INPUT_OUTPUT
    assert purchases_sent(simulators) == 0
    assert shown(f"postgresql://me:{CANARY}@host:5432/book?x=1") == "postgresql://me@host:5432/book"
    assert shown(f"postgresql://me:{CANARY}@[::1/book") == "postgresql://..."
    assert shown(f"host=one dbname=book password={CANARY} user=me") == "host=one dbname=book user=me"
    assert shown(f"mysql://me:{CANARY}@host/book") == "(a place that is not understood)"
    for where in (
        f"pgsql://me:{CANARY}@127.0.0.1/book",
        f"host=127.0.0.1 password={CANARY}",
        f"mysql://me:{CANARY}@h/b",
    ):
        code, out, err = run(*PROVISION, "--from", "voicetel", "--journal", where)
        assert (code, CANARY in out + err) == (Exit.USAGE, False)


def test_releasing_tells_the_journal_so_that_the_number_may_be_bought_again(
    run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    assert run("buy", FREE, "--yes", "--request-id", "one")[0] == 0
    code, _, err = run("buy", FREE, "--yes")
    assert code == Exit.REFUSED
    assert "+12015550100 was bought by request one, see: anycarrier get +12015550100" in last_line(err)
    assert run("buy", FREE, "--yes", "--request-id", "one")[0] == 0
    assert run("release", FREE, "--yes") == (0, "+12015550100 is released.\n", "")
    assert "released" in run("purchases")[1]
    assert "+12015550100: buying" in run("buy", FREE, "--yes", "--request-id", "two")[2]
    assert run("buy", "2015550101", "--yes", "--request-id", "three")[0] == 0
    monkeypatch.setattr("anycarrier.cli.journal.time.sleep", lambda _: None)
    with journal.open():
        code, out, err = run("release", "2015550101", "--yes")
    assert (code, out) == (0, "+12015550101 is released.\n")
    assert "has left the account, and the journal has no note of it: the journal is open in" in last_line(err)
    found = json.loads(run("reconcile", "--from", "voicetel", "--output", "json")[1])
    assert [one["number"] for one in found["missing"]] == ["+12015550101"]


def test_a_number_that_is_being_bought_is_not_bought_again(run: Run, simulators: Mapping[str, Simulator]) -> None:
    simulators["lc_phone"].fault("reset", operation="purchase", done=True)
    simulators["lc_phone"].fault("error", operation="active_numbers", status=503, times=None)
    argv = ("buy", FREE, "--provider", "lc_phone", "--yes", "--deadline", "5")
    assert run(*argv, "--request-id", "one")[0] == Exit.UNKNOWN
    code, _, err = run(*argv)
    assert code == Exit.UNKNOWN
    assert "is being bought by request one" in last_line(err)
    assert go_on_of(err) == ["recover", "one"]


# -- comparing


def test_reconciling(
    run: Run, simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch, book: Path
) -> None:
    code, out, err = run("reconcile", "--from", "voicetel", "--output", "json")
    assert (code, f"there is no journal at {book}" in last_line(err)) == (Exit.INPUT_OUTPUT, True)
    assert not book.exists()
    with journal.open():
        pass
    code, out, _ = run("reconcile", "--from", "voicetel", "--output", "json")
    found = json.loads(out)
    assert code == Exit.REFUSED
    before = [one["number"] for one in found["unknown"]]
    assert found["counted"] == {"voicetel": len(before)}
    run(*PROVISION, "--from", "voicetel")
    seen = len(simulators["voicetel"].ledger.requests)
    code, out, err = run("reconcile")
    assert code == Exit.REFUSED
    assert f"voicetel: {len(before) + 1} numbers" in out
    assert "+12015550100" not in out
    assert "unknown: not bought through this journal" in out
    assert {one.method for one in list(simulators["voicetel"].ledger.requests)[seen:]} == {"GET"}
    simulators["lc_phone"].fault("error", status=503, times=None)
    code, out, err = run("reconcile")
    assert code == Exit.UNAVAILABLE
    assert "reconcile: lc_phone was not read" in err
    simulators["lc_phone"].faults.clear()
    monkeypatch.delenv("ANYCARRIER_VOICETEL_API_KEY")
    monkeypatch.delenv("ANYCARRIER_VOICETEL_BASE_URL")
    code, out, err = run("reconcile")
    assert code == Exit.USAGE
    assert "reconcile: voicetel was not read: voicetel has no settings here" in err


def test_a_journal_and_accounts_that_agree(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object, **__: object) -> Iterator[Any]:
        yield from ()

    monkeypatch.setattr(VoiceTel, "list", nothing)
    with journal.open():
        pass
    code, out, _ = run("reconcile", "--from", "voicetel")
    assert (code, out) == (0, "voicetel: 0 numbers\nThe journal and the accounts agree.\n")


def test_what_was_given_up_and_is_there_is_told_and_not_written(
    run: Run, simulators: Mapping[str, Simulator], clock: VirtualClock
) -> None:
    simulators["leadping"].fault("late", operation="create", seconds=3600)
    assert run(*PROVISION, "--from", "leadping", "--from", "voicetel", "--deadline", "3000")[0] == 0
    clock.sleep(6000)
    code, out, err = run("reconcile", "--from", "leadping")
    assert code == Exit.REFUSED
    assert "late: counted as failed, and there" in out
    assert "anycarrier recover takes them where" in last_line(err)
    assert "orphan" not in run("purchases")[1]
    code, out, err = run("recover")
    assert code == Exit.REFUSED
    assert "though its purchase counted as failed" in err
    assert "release" not in err
    assert "orphan: not needed, or bought by others" in run("purchases")[1]
    number = next(word for word in last_line(err).split() if word.startswith("+1"))
    assert run("release", number, "--provider", "leadping", "--yes")[0] == 0
    assert "orphan" not in run("purchases")[1]


# -- progress, and words


class Gone(io.StringIO):
    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_progress_never_stops_a_purchase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Gone())
    with Ticker() as ticker:
        ticker.tell(Progress(kind="search", item="r#1", provider="p"))


def test_a_line_for_each_change(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with Ticker(lambda: 100.0, several=True) as ticker:
        for kind, text in (
            ("look", "x"),
            ("wait", "x"),
            ("look", "x"),
            ("wait", "x"),
            ("parked", "silent"),
            ("new", "y"),
        ):
            number = PhoneNumber(FREE) if kind != "wait" else None
            until = 130.0 if kind == "wait" else None
            ticker.tell(
                Progress(kind=kind, item="r#1", provider="p", account="a", number=number, text=text, until=until)
            )
    assert capsys.readouterr().err.splitlines() == [
        "r#1  p +12015550100 (account a): checking the account",
        "r#1  p (account a): waiting (30 s)",
        "r#1  p +12015550100 (account a): parked: silent",
        "r#1  p +12015550100 (account a): new: y",
    ]


def test_the_live_line_counts_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("anycarrier.cli.progress.EVERY", 0.01)
    now = iter([*map(float, range(100, 110)), *[110.0] * 10_000])
    with Ticker(lambda: next(now)) as ticker:
        for item in ("r#1", "r#2"):
            ticker.tell(Progress(kind="wait", item=item, text="x", until=120.0))
        end = time.monotonic() + 120
        while "waiting, 10 s left, 2 purchases" not in terminal.getvalue() and time.monotonic() < end:
            time.sleep(0.01)
    assert "waiting, 10 s left, 2 purchases (Ctrl-C is safe)" in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")


def test_reasons_in_words_and_as_codes() -> None:
    assert words("RateLimited: p buy: too many") == "p buy: too many"
    assert words("printable: no error") == "printable: no error"
    assert words("nothing matches") == "nothing matches"
    assert at("p", "RateLimited: p buy: too many") == "p buy: too many"
    assert at("p", "nothing matches") == "p: nothing matches"
    assert code_of("RateLimited: p buy: too many") == Exit.UNAVAILABLE
    assert code_of("the deadline ended; TransportError: p search: broken") == Exit.UNAVAILABLE
    assert code_of("Unsupported: p: cannot x") == code_of("cannot x: because") == Exit.UNSUPPORTED
    assert code_of("nothing matches") == Exit.REFUSED
    assert (cost(Money("2")), cost(Money("1.5")), cost(Money("0.0085"))) == ("2.00 USD", "1.50 USD", "0.0085 USD")


# -- as processes


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, str]]:
    server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")
    players = {name: load(name) for name in BUYING}
    with server.running(players) as urls:
        yield {
            variable(name, setting): value
            for name, player in players.items()
            for setting, value in {**player.settings, "base_url": urls[name]}.items()
        }


@pytest.mark.slow
def test_as_a_process_without_a_home_of_its_own(served: dict[str, str], tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANYCARRIER_", "XDG_"))}
    environment = {
        **kept,
        **served,
        "HOME": str(tmp_path),
        "PYTHONWARNINGS": "error",
        "ANYCARRIER_CONFIG": str(tmp_path / "none"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")]),
    }

    def anycarrier(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "anycarrier", *argv],
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
        )

    refused = anycarrier("provision", "--area-code", "201", "--from", "lc_phone")
    assert (refused.returncode, refused.stdout) == (Exit.USAGE, "")
    bought = anycarrier(
        "provision", "--area-code", "201", "--from", "lc_phone", "--yes", "--output", "json", "--request-id", "one"
    )
    assert bought.returncode == 0, bought.stderr
    assert json.loads(bought.stdout)["complete"]
    book = tmp_path / ".local" / "share" / "anycarrier" / "journal.sqlite"
    assert stat.S_IMODE(book.parent.stat().st_mode) == 0o700
    assert "one" in anycarrier("purchases").stdout
    assert anycarrier("recover").returncode == 0
    assert anycarrier("reconcile").returncode == Exit.REFUSED
    with sqlite3.connect(book) as db:
        held = " ".join(map(str, db.execute("SELECT * FROM anycarrier_attempt").fetchall()))
    db.close()
    assert not any(value in held for name, value in served.items() if name.endswith(("KEY", "TOKEN")))
