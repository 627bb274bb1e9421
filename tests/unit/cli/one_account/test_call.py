"""``call``: any operation of the provider's own API, from its signature."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.json_output import record
from anycarrier.client import Client
from anycarrier.secret import Secret
from anycarrier.simulator import SimRequest
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from support.one_account import OWNED, one_line
from support.terminal import Run, Terminal, last_line


@pytest.fixture
def sent(simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch) -> list[SimRequest]:
    """The requests that came to the simulator."""
    came: list[SimRequest] = []
    handle = simulator.handle
    monkeypatch.setattr(simulator, "handle", lambda request: (came.append(request), handle(request))[1])
    return came


def test_a_list_is_a_table_json_or_csv(run: Run) -> None:
    code, out, err = run("call", "voicetel", "gateways")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["id", "gateway", "prefix", "limit", "system"]
    _, out, _ = run("call", "voicetel", "gateways", "--output", "json")
    found = json.loads(out)
    assert {"id": 1000, "gateway": "203.0.113.10:5060", "prefix": None, "limit": 23, "system": False} in found
    _, out, _ = run("call", "voicetel", "gateways", "--output", "csv")
    assert {row["id"] for row in csv.DictReader(io.StringIO(out))} == {str(one["id"]) for one in found}


def test_a_listing_gives_each_item_as_it_comes_and_the_providers_own_record_with_raw(run: Run) -> None:
    code, out, _ = run("call", "voicetel", "numbers", "--output", "json")
    assert code == 0
    assert OWNED in [json.loads(line)["number"].removeprefix("+1") for line in out.splitlines()]
    _, out, _ = run("call", "voicetel", "numbers", "--output", "json", "--raw")
    assert all("number" in json.loads(line)["raw"] for line in out.splitlines())
    _, out, _ = run("call", "voicetel", "numbers")
    assert OWNED in out


@pytest.mark.slow
def test_raw_has_what_the_provider_sent_beside_the_record(run: Run) -> None:
    for asked in (["gateways"], ["gateway", "1000"], ["number", OWNED], ["inventory", "201"]):
        _, out, _ = run("call", "voicetel", *asked, "--output", "json")
        _, both, _ = run("call", "voicetel", *asked, "--output", "json", "--raw")
        plain, found = json.loads(out), json.loads(both)
        for one, own in zip(*[each if isinstance(each, list) else [each] for each in (plain, found)], strict=True):
            said = own.pop("raw")
            assert own == one
            assert said.keys() & {"gateway", "number"}
            assert "raw" not in said


@pytest.mark.parametrize("name", ["gateway-numbers", "gateway_numbers", "gatewaysNumbers", "GATEWAYSNUMBERS"])
def test_an_operation_has_the_names_that_people_type(run: Run, name: str) -> None:
    code, out, _ = run("call", "voicetel", name, "1000", "--output", "json")
    assert code == 0
    assert json.loads(out)


PORT = [
    OWNED, "--name", "Acme", "--name-type", "business", "--billing-number", OWNED, "--account-number", "1",
    "--authorized-person", "J", "--street-number", "5", "--street", "Main", "--street-type", "ST", "--city", "c",
    "--state", "IL", "--zip-code", "60601",
]  # fmt: skip


@pytest.mark.slow
def test_arguments_are_read_by_their_types(run: Run, sent: list[SimRequest]) -> None:
    asked = ["call", "voicetel", "coverage", "state", "--lata", "224", "--npa", "201", "--output", "json"]
    assert run(*asked)[0] == 0
    assert dict(sent[-1].query) == {"countBy": "state", "lata": "224", "npa": "201"}
    for wrong, said in (
        (["gateway", "x"], "GATEWAY must be a whole number"),
        (["coverage", "planet"], "it takes state, city, rateCenter, npanxx or block"),
        (["coverage", "state", "--lata", "x"], "--lata must be a whole number"),
        (["set-cnam", OWNED, "maybe", "--yes"], "it takes yes, no, true or false"),
        (["set-cnam", OWNED], "required: ENABLED"),
        (["port-in", *PORT, "--features", "{", "--yes"], "--features must be JSON"),
        (["port-in", *PORT, "--features", "@no such file", "--yes"], "cannot be read"),
        (["port-in", *PORT, "--features", '[{"numbr": "x"}]', "--yes"], "did you mean number?"),
        (["gateway", "1000", "--limit", "5"], "there is no --limit"),
        (["gateway", ""], "is empty"),
    ):
        code, out, err = run("call", "voicetel", *wrong)
        assert (code, out) == (Exit.USAGE, ""), wrong
        assert said in one_line(err)
    assert len(sent) == 1


def test_several_values_stand_side_by_side(run: Run, sent: list[SimRequest]) -> None:
    run("call", "voicetel", "messaging-states", OWNED, "2015550197")
    assert dict(sent[-1].query)["numbers"] == f"{OWNED},2015550197"


@pytest.mark.slow
def test_what_changes_something_asks_first(run: Run, sent: list[SimRequest], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["call", "voicetel", "set-cnam", OWNED, "yes"]
    code, _, err = run(*asked)
    assert code == Exit.USAGE
    assert "give --yes" in one_line(err)
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    assert run(*asked)[0] == Exit.INTERRUPTED
    assert not sent
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    assert run(*asked)[0] == 0
    assert run(*asked, "--yes")[0] == 0
    assert [one.method for one in sent] == ["PUT", "PUT"]


def test_what_costs_money_says_so_before_it_is_called(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    assert run("call", "voicetel", "cnam-lookup", OWNED)[0] == Exit.INTERRUPTED
    assert "It costs money" in terminal.getvalue()


def test_a_secret_is_not_taken_from_the_command_line(
    run: Run, sent: list[SimRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run("call", "voicetel", "set-port-out-pin", OWNED, "4287", "--yes")
    assert code == Exit.USAGE
    assert "too many" in one_line(err)
    assert "4287" not in err
    code, _, err = run("call", "voicetel", "set-port-out-pin", OWNED, "--yes")
    assert code == Exit.USAGE
    assert "set ANYCARRIER_CALL_PIN" in one_line(err)
    monkeypatch.setenv("ANYCARRIER_CALL_PIN", "4287")
    code, _, err = run("call", "voicetel", "set-port-out-pin", OWNED, "--yes")
    assert (code, err, json.loads(sent[-1].body)) == (0, "", {"pin": "4287"})


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["call"], "anycarrier call --list lists them"),
        (["call", "voicetel"], "anycarrier call voicetel --list lists them"),
        (["call", "voicetl", "gateways"], "did you mean voicetel?"),
        (["call", "voicetel", "gatewys"], "did you mean gateways?"),
        (["call", "voicetel", "nothing"], "anycarrier call voicetel --list lists them"),
        (["call", "voicetel", "gateways", "--json"], "write --output json"),
    ],
)
def test_a_command_line_that_names_nothing_is_refused(run: Run, argv: list[str], said: str) -> None:
    code, out, err = run(*argv)
    assert (code, out) == (Exit.USAGE, "")
    assert said in one_line(err)


def test_an_error_of_the_provider_has_its_exit_code(run: Run) -> None:
    code, out, err = run("call", "voicetel", "gateway", "4711", "--output", "json")
    assert code == Exit.NOT_FOUND
    assert json.loads(out)["error"]["operation"] == "voicetel.gateway"
    last_line(err)


@pytest.mark.slow
def test_the_list_counts_the_operations(run: Run) -> None:
    _, out, _ = run("call", "--list", "--output", "json")
    every = json.loads(out)
    assert every["count"] == len(every["operations"]) >= 96
    assert {one["provider"] for one in every["operations"]} == {"lc_legacy", "lc_phone", "leadping", "voicetel"}
    _, out, _ = run("call", "voicetel", "--list", "--output", "json")
    own: list[dict[str, Any]] = json.loads(out)["operations"]
    assert len(own) == 74
    (found,) = [one for one in own if one["operation"] == "set_e911"]
    assert (found["effect"], found["documents"]) == ("changes", ["e911ProvisionAddress"])
    _, out, _ = run("call", "voicetel", "--list")
    assert out.splitlines()[-1].startswith("74 operations")


@pytest.mark.slow
def test_each_operation_has_a_help(run: Run) -> None:
    _, out, _ = run("call", "voicetel", "--list", "--output", "json")
    for one in json.loads(out)["operations"]:
        code, said, err = run("call", "voicetel", one["operation"], "--help")
        assert (code, err) == (0, ""), one
        assert one["documents"][0] in said
        assert "``" not in said


@pytest.mark.slow
def test_an_argument_that_is_refused_is_named_as_it_is_typed(run: Run, sent: list[SimRequest]) -> None:
    for wrong, said in (
        (["set-caller-name", OWNED, "A NAME THAT IS TOO LONG"], "call: NAME must be 1 to 15 characters"),
        (["add-gateway", "203.0.113.20:5060", "--limit", "5000"], "call: --limit must be 1 to 1000"),
        (["lrn-lookup", OWNED, "12"], "call: ANI is no phone number"),
    ):
        code, _, err = run("call", "voicetel", *wrong, "--yes")
        assert code == Exit.USAGE
        assert said in one_line(err)
    assert not sent


def test_a_change_whose_answer_is_lost_may_have_happened(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.fault("reset", method="PUT", done=True)
    code, _, err = run("call", "voicetel", "set-cnam", OWNED, "yes", "--yes")
    assert code == Exit.UNKNOWN
    assert "it may have happened: look before you call it again" in one_line(err)
    simulator.fault("reset", method="GET", done=True, times=10)
    code, _, err = run("call", "voicetel", "gateways")
    assert code == Exit.UNAVAILABLE
    assert "may have happened" not in one_line(err)


@pytest.mark.slow
def test_numbers_are_e164_amounts_exact_and_dates_iso(run: Run) -> None:
    _, out, _ = run("call", "voicetel", "number", OWNED, "--output", "json")
    assert json.loads(out)["number"] == f"+1{OWNED}"
    _, out, _ = run("call", "voicetel", "numbers", "--output", "csv")
    assert f"+1{OWNED}" in out
    _, out, _ = run("call", "voicetel", "account-info", "--output", "json")
    found = json.loads(out)
    assert isinstance(found["cash"], str)
    assert found["created"].startswith("2026-05-18T")


class Streamed:
    """Native operations, of which a listing notes what was printed when its second item was requested."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.printed = ""

    def numbers(self) -> Iterator[dict[str, Any]]:
        yield {"number": "1", "price": "2.00"}
        self.printed = self.capsys.readouterr().out
        yield {"number": "2", "price": None}


@pytest.mark.parametrize(
    ("form", "first", "last"),
    [
        ("json", '{"number": "1", "price": "2.00"}\n', '{"number": "2", "price": null}\n'),
        ("csv", "number,price\r\n1,2.00\r\n", "2,\r\n"),
    ],
)
def test_a_listing_is_printed_as_it_comes(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str, first: str, last: str
) -> None:
    native = Streamed(capsys)
    monkeypatch.setattr(Client, "native", property(lambda _: native))
    code, out, _ = run("call", "voicetel", "numbers", "--output", form)
    assert (code, native.printed, out) == (0, first, last)


def test_a_secret_is_shown_only_where_it_is_the_answer() -> None:
    assert record(Secret("abc")) == str(Secret("abc"))
    assert record({"a": Secret("abc")}, reveal=True) == {"a": "abc"}


@pytest.mark.slow
def test_a_document_is_read_from_a_file(run: Run, sent: list[SimRequest], tmp_path: Path) -> None:
    features = tmp_path / "features.json"
    features.write_text(json.dumps([{"number": "9075550123", "gateway": 1000}]))
    asked = ["call", "voicetel", "port-in", "9075550123", "--name", "Acme", "--name-type", "business"]
    asked += ["--billing-number", "9075550123", "--account-number", "1", "--authorized-person", "J", "--yes"]
    asked += ["--street-number", "5", "--street", "Main", "--street-type", "ST", "--city", "A", "--state", "AK"]
    asked += ["--zip-code", "99501", "--features"]
    run(*asked, f"@{features}")
    assert json.loads(sent[-1].body)["features"] == [{"number": "9075550123", "routing": {"gatewayId": 1000}}]
    for wrong, said in (
        ('[{"number": "9075550123", "gatewy": 1}]', "--features[0] has no member 'gatewy'; did you mean gateway?"),
        ('[{"gateway": 1}]', "--features[0] needs number"),
        ('[{"number": "9075550123", "gateway": "x"}]', "--features[0].gateway must be a whole number"),
        ("{}", "--features must be a JSON list"),
    ):
        code, _, err = run(*asked, wrong)
        assert code == Exit.USAGE
        assert said in one_line(err)
