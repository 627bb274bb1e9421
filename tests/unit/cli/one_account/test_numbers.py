"""Commands for numbers, with one account: what they print, ask and leave behind."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from attrs import evolve

from anycarrier.cli.exit_codes import Exit
from anycarrier.model import Status
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from support.one_account import FREE, OWNED, STRANGE, one_line
from support.terminal import Run, Terminal, last_line


def test_search_shows_a_table(run: Run) -> None:
    code, out, err = run("search", "--area-code", "201", "--limit", "2")
    assert (code, err) == (0, "")
    header, _, *rows = out.splitlines()
    assert header.split() == ["number", "ten", "digits", "city", "state", "rate", "center", "provider"]
    assert [row.split()[:2] for row in rows] == [["+12015550100", FREE], ["+12015550101", "2015550101"]]


def test_search_as_json(run: Run) -> None:
    code, out, _ = run("search", "--prefix", "2015550", "--city", "hackensack", "--limit", "1", "--output", "json")
    found = json.loads(out)
    assert code == 0
    assert found["failed"] == []
    assert found["offers"][0]["number"] == "+12015550100"
    assert found["offers"][0]["ten_digit"] == FREE
    assert "raw" not in found["offers"][0]
    _, out, _ = run("search", "--area-code", "201", "--limit", "1", "--output", "json", "--raw")
    assert json.loads(out)["offers"][0]["raw"]["rateCenter"] == "HACKENSACK"


def test_filters_that_may_be_repeated_hold_together(run: Run) -> None:
    def numbers(*filters: str) -> list[str]:
        code, out, _ = run("search", *filters, "--output", "json", "--limit", "4")
        assert code == 0
        return [offer["number"] for offer in json.loads(out)["offers"]]

    one, two, *_ = numbers("--area-code", "201")
    assert numbers("--area-code", "201", "--area-code", "212")[:2] == [one, two]
    assert {number[2:5] for number in numbers("--area-code", "212", "--area-code", "201")} == {"212"}
    assert one not in numbers("--area-code", "201", "--excluding", one, "--excluding", "212")
    assert not [number for number in numbers("--area-code", "201", "--without", "3", "--without", "7")
                if set("37") & set(number[2:])]  # fmt: skip
    assert all("555" in number for number in numbers("--area-code", "201", "--spells", "jkl"))
    assert numbers("--state", "NJ")
    code, _, err = run("search", "--area-code", "201", "--sort-by", "price")
    assert code == Exit.UNSUPPORTED
    assert "sorted by price" in err
    assert run("search", "--area-code", "201", "--sort-by", "name")[0] == Exit.USAGE
    assert "--spells must be" in run("search", "--spells", "T4XI")[2]


def test_search_that_finds_nothing_says_so(run: Run) -> None:
    code, out, err = run("search", "--area-code", "201", "--state", "AK")
    assert (code, out, err) == (0, "No numbers found.\n", "")


def test_an_impossible_filter_is_refused_before_anything_is_sent(run: Run, simulator: VoiceTelSimulator) -> None:
    for asked in (["--feature", "sms"], ["--max-price", "1.50"], ["--max-price", "2 EUR"], ["--line", "mobile"]):
        code, out, err = run("search", "--area-code", "201", *asked)
        assert (code, out) == (Exit.UNSUPPORTED, "")
        assert "voicetel: cannot search" in one_line(err)
    assert not simulator.ledger.requests


def test_a_filter_that_makes_no_sense(run: Run) -> None:
    for asked in (["--area-code", "x"], ["--max-price", "cheap"], ["--line", "pink"], ["--limit", "0"]):
        code, _, err = run("search", *asked)
        assert code == Exit.USAGE
        one_line(err)


def test_list_is_a_table_or_json_lines(run: Run) -> None:
    code, out, _ = run("list")
    assert code == 0
    assert "calls to gateway 1000" in out
    code, out, _ = run("list", "--output", "json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [one["ten_digit"] for one in found] == ["2015550197", "2015550198", OWNED]
    assert found[2]["routes"] == [{"kind": "ToGateway", "gateway": "1000"}, {"kind": "NoForward"}]
    _, out, _ = run("list", "--output", "json", "--limit", "1")
    assert len(out.splitlines()) == 1


def test_an_account_without_numbers(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.account.owned.clear()
    assert run("list") == (0, "No numbers on this account.\n", "")
    assert run("list", "--output", "json") == (0, "", "")


def test_get(run: Run) -> None:
    code, out, _ = run("get", "(212) 555-0199")
    assert code == 0
    assert f"number      +1{OWNED}\nten digits  {OWNED}\n" in out
    code, out, err = run("get", STRANGE)
    assert (code, out) == (Exit.NOT_FOUND, "")
    assert "voicetel get: not on this account" in one_line(err)


def test_a_number_that_is_none_is_not_repeated(run: Run) -> None:
    code, _, err = run("get", "555-0100")
    assert code == Exit.USAGE
    assert "0100" not in one_line(err)


def test_buy_asks_and_without_a_terminal_refuses(run: Run, simulator: VoiceTelSimulator) -> None:
    for command in (["buy", FREE], ["release", OWNED], ["transfer", OWNED, "--to", "1000000002"]):
        code, out, err = run(*command)
        assert (code, out) == (Exit.USAGE, "")
        assert "--yes" in one_line(err)
    assert not simulator.ledger.requests


def test_the_question_names_what_is_at_stake(
    run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command, words in (
        (["buy", FREE], ["Buy +12015550100 (2015550100) from voicetel for 0.50 USD a month?", "costs money"]),
        (["release", OWNED], ["Give up +12125550199 (2125550199) at voicetel", "cannot be undone"]),
        (["transfer", OWNED, "--to", "1000000002"], ["to account 1000000002", "cannot be undone"]),
    ):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
        monkeypatch.setattr(sys, "stderr", terminal)
        code, out, _ = run(*command)
        assert (code, out) == (Exit.INTERRUPTED, "")
        assert all(word in terminal.getvalue() for word in words)
        assert terminal.getvalue().endswith("nothing was done\n")
    assert [seen.operation for seen in simulator.ledger.requests] == ["account_get"]  # the price, for the question


def test_a_yes_buys(run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    monkeypatch.setattr(sys, "stderr", Terminal())
    code, out, _ = run("buy", FREE)
    assert code == 0
    assert "active" in out
    assert len(simulator.ledger.charges) == 1


def test_ctrl_c_or_the_end_of_input_at_the_question_is_a_no(
    run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Terminal):
        def readline(self, *_: Any) -> str:
            raise KeyboardInterrupt

    for answer in (Interrupted(), Terminal("")):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdin", answer)
        monkeypatch.setattr(sys, "stderr", terminal)
        assert run("buy", FREE)[0] == Exit.INTERRUPTED
        assert "nothing was done" in terminal.getvalue()
    assert {seen.operation for seen in simulator.ledger.requests} == {"account_get"}


def test_buy_release_and_transfer(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, _ = run("buy", FREE, "--yes", "--output", "json", "--request-id", "order-1")
    assert code == 0
    assert json.loads(out)["number"] == "+12015550100"
    assert run("release", FREE, "--yes") == (0, "+12015550100 is released.\n", "")
    code, out, _ = run("transfer", OWNED, "--to", "1000000002", "--yes", "--output", "json")
    assert code == 0
    assert json.loads(out)["to_account"] == "1000000002"
    code, out, _ = run("transfer", "2015550197", "--to", "1000000002", "--yes")
    assert (code, out) == (0, "+12015550197 is on account 1000000002 now.\n")


def test_release_as_json_and_a_number_that_is_being_ported(run: Run) -> None:
    code, out, _ = run("release", OWNED, "--yes", "--output", "json")
    assert (code, json.loads(out)["state"]) == (0, "released")
    code, _, err = run("release", "2015550198", "--yes")
    assert code == Exit.REFUSED
    one_line(err)


def test_a_number_that_cannot_be_had(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, err = run("buy", "9085550100", "--yes", "--output", "json")
    assert code in (Exit.REFUSED, Exit.UNAVAILABLE)  # the provider answers 502, as documented
    assert json.loads(out)["error"]["maybe_applied"] is False
    last_line(err)
    assert not simulator.ledger.charges


def test_no_money(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.account.balance *= 0
    code, _, err = run("buy", FREE, "--yes")
    assert code == Exit.REFUSED
    assert "balance" in last_line(err)


def test_routes_are_set_in_the_order_typed(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, _ = run("route", OWNED, "--no-texts", "--forward", FREE, "--gateway", "1001")
    assert code == 0
    assert "Set: texts to nowhere, calls forwarded to +12015550100, calls to gateway 1001." in out
    paths = [seen.path for seen in simulator.ledger.requests]
    assert [path.rpartition("/")[2] for path in paths if path][:3] == ["sms", "forward", "route"]
    for options in (
        ["--no-forward", "--texts-email", "texts@example.com"],
        ["--texts-sip", "sip:texts@example.com"],
        ["--texts-webhook", "https://example.com/texts"],
    ):
        code, out, _ = run("route", OWNED, *options, "--output", "json")
        assert code == 0
        assert json.loads(out)["number"] == f"+1{OWNED}"
    assert run("route", OWNED)[0] == Exit.USAGE
    for option, value, words in (
        ("--calls-webhook", "https://example.com/calls", "calls to a webhook"),
        ("--texts-to", "MG01", "texts to an application of the provider"),
    ):
        code, _, err = run("route", OWNED, option, value)
        assert code == Exit.UNSUPPORTED
        assert words in last_line(err)
    assert run("route", OWNED, "--gateway", "x")[0] == Exit.USAGE


def test_campaigns(run: Run) -> None:
    assert "CB2PATH" in run("campaign", "show", OWNED)[1]
    code, out, _ = run("campaign", "bind", OWNED, "CH5K5IZ", "--output", "json")
    assert (code, json.loads(out)["campaign_id"], json.loads(out)["status"]) == (0, "CH5K5IZ", "active")
    code, out, _ = run("campaign", "unbind", OWNED)
    assert code == 0
    assert "unbound" in out
    assert run("campaign", "unbind", OWNED, "CH5K5IZ")[0] == Exit.NOT_FOUND


def test_wait_for_a_campaign_or_a_release(run: Run) -> None:
    assert run("campaign", "bind", OWNED, "CH5K5IZ")[0] == 0
    code, out, _ = run("wait", OWNED, "--for", "campaign")
    assert (code, "CH5K5IZ" in out, "active" in out) == (0, True, True)
    assert run("release", OWNED, "--yes")[0] == 0
    assert run("wait", OWNED, "--for", "release") == (0, f"+1{OWNED} is released.\n", "")
    assert run("wait", OWNED, "--for", "port")[0] == Exit.USAGE


def test_the_deadline_of_a_wait_is_that_of_all_its_numbers(
    run: Run, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = VoiceTel.get

    def pending(self: VoiceTel, target: Any) -> Any:
        return evolve((yield from real(self, target)), status=Status.PENDING)

    monkeypatch.setattr(VoiceTel, "get", pending)
    began = clock.elapsed
    code, _, err = run("wait", OWNED, "2015550197", "--deadline", "40")
    assert (code, err.count("still being set up")) == (Exit.UNKNOWN, 2)
    assert 40 <= clock.elapsed - began < 42


def test_wait(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("wait", OWNED)[0] == 0
    real = VoiceTel.get
    word = Status.PENDING

    def other_status(self: VoiceTel, target: Any) -> Any:
        return evolve((yield from real(self, target)), status=word, provider_status="cooking")

    monkeypatch.setattr(VoiceTel, "get", other_status)
    code, _, err = run("wait", OWNED, "--deadline", "30")
    assert code == Exit.UNKNOWN
    assert f"go on with: anycarrier wait +1{OWNED} --provider voicetel" in one_line(err)
    word = Status.NEEDS_ACTION
    code, out, _ = run("wait", OWNED)
    assert code == Exit.UNKNOWN
    assert "needs_action (the provider says cooking)" in out
    word = Status.FAILED
    code, out, _ = run("wait", OWNED)
    assert code == Exit.REFUSED
    assert "failed (the provider says cooking)" in out
