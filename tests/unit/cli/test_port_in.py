"""``port-in``, orders on record, and waiting for a port."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.json_forms import from_json
from anycarrier.ports import PortIn, PortRecord, PortState
from anycarrier.purchase import journal
from anycarrier.simulator import SimTransport, join, load
from anycarrier.testing import VirtualClock
from anycarrier_adapters._leadconnector.simulator import LeadConnectorSimulator
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.terminal import Run, Terminal, set_up

URL = "http://127.0.0.1:1"
ONE, TWO, OURS = "+12125550123", "+12125550124", "+12125550199"
DAY = 86_400.0
SECRET, PIN = "canary100200300", "canary4321"
ORDER = f"""
subscriber = "Example Inc"
subscriber_kind = "business"
account_number = "{SECRET}"
pin = "{PIN}"
billing_number = "{ONE}"
authorized_person = "Ann Example"
max_fee = "60 USD"
numbers = ["{ONE}", "{TWO}"]

[service_address]
street_number = "411"
street = "Hackensack"
street_type = "AVE"
city = "Hackensack"
state = "NJ"
postal_code = "07601"
"""


@pytest.fixture
def simulator(clock: VirtualClock) -> VoiceTelSimulator:
    records = {f"{ONE[2:]},{TWO[2:]}": {"carrier": "Far Telecom", "account_number": SECRET, "pin": PIN}}
    return VoiceTelSimulator(now=clock.time, service_records=records)


@pytest.fixture
def run(
    simulator: VoiceTelSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    clock: VirtualClock,
) -> Run:
    set_up(monkeypatch, tmp_path, clock)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "journal.sqlite"))
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", DUMMY_API_KEY)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", URL)
    written(ORDER)

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(argv, transport=SimTransport({URL: simulator}, wait=clock.sleep), clock=clock)
        said = capsys.readouterr()
        assert SECRET not in said.out + said.err
        assert PIN not in said.out + said.err
        return code, said.out, said.err

    return call


def written(text: str) -> None:
    file = Path("order.toml")
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)


def ordered(simulator: VoiceTelSimulator) -> int:
    """Port orders that the provider took."""
    return len(simulator.account.ports)


IN = ("port-in", "order.toml", "--request-id", "move-42", "--yes")


def test_an_order_is_sent_once_and_shows_each_number(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, err = run(*IN)
    assert code == Exit.DONE, err
    (pid,) = simulator.account.ports
    rows = [line.split() for line in out.splitlines()[-2:]]
    assert [(row[0], row[1], row[2]) for row in rows] == [(ONE, "needs_loa", pid), (TWO, "needs_loa", pid)]
    assert "Request move-42, on record in" in err
    assert f"Sign the letter of authorization at https://api.voicetel.com/a/loa/{pid}/" in err
    assert simulator.account.balance == 88
    assert run(*IN)[0] == Exit.DONE
    assert ordered(simulator) == 1


def test_an_order_in_json_is_the_public_form(run: Run) -> None:
    made = from_json(PortIn, json.loads(run(*IN, "--output", "json")[1]))
    (one,) = made.records
    assert (made.request_id, one.fee and str(one.fee.amount), one.state) == ("move-42", "12", PortState.NEEDS_LOA)


def test_an_order_in_csv_has_a_row_for_each_number(run: Run) -> None:
    rows = [*csv.DictReader(io.StringIO(run(*IN, "--output", "csv")[1], newline=""))]
    assert [(row["number"], row["ten_digit"], row["state"], row["request_id"]) for row in rows] == [
        (ONE, ONE[2:], "needs_loa", "move-42"),
        (TWO, TWO[2:], "needs_loa", "move-42"),
    ]


def test_without_a_request_id_one_is_made(run: Run, simulator: VoiceTelSimulator) -> None:
    code, _, err = run("port-in", "order.toml", "--yes")
    assert code == Exit.DONE
    name = err.split("run it again with --request-id ")[1].split(":")[0]
    assert run("port-in", "order.toml", "--request-id", name)[0] == Exit.DONE  # it was confirmed, and is on record
    assert ordered(simulator) == 1


@pytest.mark.parametrize(("answer", "orders"), [("yes\n", 1), ("no\n", 0), ("", 0)])
def test_it_says_what_it_costs_and_asks(
    answer: str, orders: int, run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code, _, err = run("port-in", "order.toml")
    assert f"Port 2 numbers ({ONE}, {TWO}) to voicetel for 12.00 USD (6.00 USD each)?" in err
    assert (code, ordered(simulator)) == (Exit.DONE if orders else Exit.INTERRUPTED, orders)


def test_without_a_terminal_it_needs_yes(run: Run, simulator: VoiceTelSimulator) -> None:
    code, _, err = run("port-in", "order.toml", "--request-id", "move-42")
    assert (code, ordered(simulator)) == (Exit.USAGE, 0)
    assert "give --yes" in err


def test_numbers_and_the_cap_may_be_options(run: Run, simulator: VoiceTelSimulator) -> None:
    Path("numbers.csv").write_text(f"number,campaign\n{TWO},CB2PATH\n")
    code, _, err = run(*IN, "--numbers", "numbers.csv", "--max-fee", "5")
    assert code != Exit.DONE
    assert ordered(simulator) == 0
    assert run(*IN, "--numbers", "numbers.csv", "--max-fee", "6USD")[0] == Exit.DONE, err
    (port,) = simulator.account.ports.values()
    assert port.numbers == (TWO[2:],)
    assert port.features[TWO[2:]]["campaign"] == "CB2PATH"


def test_the_environment_may_have_what_is_secret(
    run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCARRIER_PORT_PIN", "8765")
    assert run(*IN)[0] == Exit.DONE
    (port,) = simulator.account.ports.values()
    assert port.stated["pin"] == "8765"


def test_a_wrong_file_names_all_that_is_wrong_and_sends_nothing(run: Run, simulator: VoiceTelSimulator) -> None:
    written(ORDER.replace('subscriber_kind = "business"\n', "").replace('"60 USD"', '"much"'))
    code, out, err = run(*IN, "--output", "json")
    assert code == Exit.USAGE
    assert "port-in: it lacks subscriber_kind" in err
    assert "port-in: max_fee: it must be such as '12 USD'" in err
    assert json.loads(out)["error"]["type"] == "InvalidInput"
    Path("order.toml").chmod(0o644)
    assert run(*IN)[0] == Exit.USAGE
    assert not simulator.ledger.requests


def test_a_provider_that_cannot_is_named_before_anything_is_read(run: Run) -> None:
    code, _, err = run(*IN, "--provider", "lc_phone")
    assert code in (Exit.UNSUPPORTED, Exit.USAGE)
    assert err


def test_a_number_that_cannot_be_ported_is_left_out_with_its_reason(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.happen("other_carrier", number=TWO, reason="Rate center not served")
    code, out, err = run(*IN)
    assert code == Exit.REFUSED
    assert f"port-in: {TWO} cannot be ported: Rate center not served; it was not ordered" in err
    assert [line.split()[0] for line in out.splitlines()[-1:]] == [ONE]


def test_an_order_whose_answer_is_lost_is_looked_for(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.fault("close", operation="port_submit", done=True)
    code, out, _ = run(*IN)
    (pid,) = simulator.account.ports
    assert (code, out.splitlines()[-1].split()[1:3]) == (Exit.DONE, ["needs_loa", pid])
    assert simulator.account.balance == 88


def test_an_order_in_doubt_ends_with_75_and_the_same_command_goes_on(
    run: Run, simulator: VoiceTelSimulator, clock: VirtualClock
) -> None:
    simulator.fault("close", operation="port_submit", done=True)
    down = simulator.fault("error", status=503, operation="port_list", times=1000)
    code, out, _ = run(*IN)
    assert (code, out.splitlines()[-1].split()[1]) == (Exit.UNKNOWN, "in_doubt")
    assert run("ports", "--request-id", "move-42")[0] in (Exit.UNKNOWN, Exit.UNAVAILABLE)
    simulator.faults.remove(down)
    clock.sleep(3600)
    code, out, _ = run(*IN)
    assert (code, out.splitlines()[-1].split()[1]) == (Exit.DONE, "needs_loa")
    assert ordered(simulator) == 1


# -- orders on record


def test_orders_on_record_are_followed_until_the_numbers_are_there(
    run: Run, simulator: VoiceTelSimulator, clock: VirtualClock
) -> None:
    assert run(*IN)[0] == Exit.DONE
    code, out, _ = run("ports", "--request-id", "move-42")
    assert (code, out.splitlines()[-1].split()[1]) == (Exit.UNKNOWN, "needs_loa")
    simulator.happen("loa")
    clock.sleep(2 * DAY)
    code, out, _ = run("ports", "--on-record", "--output", "json")
    (record,) = (from_json(PortRecord, json.loads(line)) for line in out.splitlines())
    assert (code, record.state, str(record.due)) == (Exit.UNKNOWN, PortState.SCHEDULED, "2023-11-22")
    clock.sleep(7 * DAY)
    code, out, _ = run("ports", "--request-id", "move-42", "--output", "csv")
    assert code == Exit.DONE
    assert [row["state"] for row in csv.DictReader(io.StringIO(out, newline=""))] == ["complete", "complete"]


def test_an_order_that_the_losing_carrier_refused_ends_with_1(
    run: Run, simulator: VoiceTelSimulator, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCARRIER_PORT_PIN", "8765")
    assert run(*IN)[0] == Exit.DONE
    simulator.happen("loa")
    clock.sleep(2 * DAY)
    code, out, _ = run("ports", "--request-id", "move-42")
    assert (code, out.splitlines()[-1].split()[1]) == (Exit.REFUSED, "rejected")
    (pid,) = simulator.account.ports
    code, out, _ = run("wait", "--port", pid)
    assert code == Exit.REFUSED
    assert "PIN does not match" in out


def test_no_orders_on_record_are_said_to_be_none(run: Run, tmp_path: Path) -> None:
    assert run("ports", "--on-record")[0] == Exit.INPUT_OUTPUT  # there is no journal
    journal.open(tmp_path / "journal.sqlite").close()
    assert run("ports", "--on-record") == (Exit.DONE, "No port is on record.\n", "")


def test_what_the_time_did_not_allow_is_ordered_by_the_same_command(run: Run, simulator: VoiceTelSimulator) -> None:
    simulator.fault("latency", seconds=10, operation="port_check", times=2)
    code, _, err = run(*IN, "--deadline", "5")
    assert (code, ordered(simulator)) == (Exit.UNKNOWN, 0)
    assert "port-in: 2 numbers not ordered yet: the same command goes on" in err
    assert run(*IN)[0] == Exit.DONE
    assert ordered(simulator) == 1


def test_an_interrupted_order_says_how_to_go_on(
    run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(simulator, "port_submit", stop)
    code, _, err = run(*IN)
    assert code == Exit.INTERRUPTED
    assert "the same command goes on with --request-id move-42, and orders nothing twice" in err


def test_another_order_under_the_same_id_is_refused(run: Run, simulator: VoiceTelSimulator) -> None:
    assert run(*IN)[0] == Exit.DONE
    written(ORDER.replace(f'"{ONE}", "{TWO}"', '"+12125550125"'))
    assert run(*IN)[0] == Exit.USAGE
    assert ordered(simulator) == 1


def test_a_journal_that_breaks_is_no_word_that_nothing_was_sent(
    run: Run, simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anycarrier.errors import JournalError
    from anycarrier.purchase.journal.store import Journal

    assert run(*IN)[0] == Exit.DONE

    def broken(*_: object, **__: object) -> None:
        raise JournalError("the disk is full", code="broken")

    monkeypatch.setattr(Journal, "port_entries", broken)
    monkeypatch.setattr(Journal, "ports", lambda *_, **__: ["one"])
    code, _, err = run(*IN)
    assert "An earlier order may have been carried out" in err
    assert code == Exit.UNKNOWN


def test_numbers_leave_the_old_carrier_on_the_day_on_which_they_come(
    run: Run, simulator: VoiceTelSimulator, clock: VirtualClock
) -> None:
    losing = load("lc_phone", now=clock.time, owned=[])
    assert isinstance(losing, LeadConnectorSimulator)
    join(losing=losing, gaining=simulator)
    moved = losing.fill(4) + losing.fill(2, kind="tollFree")
    stays = losing.fill(1)
    record = losing.service_record(moved[0])
    assert record is not None
    Path("numbers.csv").write_text("number\n" + "\n".join(moved) + "\n")
    written(ORDER.replace(SECRET, str(record.account_number)).replace(PIN, str(record.pin)))
    code, out, err = run(*IN, "--numbers", "numbers.csv", "--output", "csv")
    assert code == Exit.DONE, err
    ports = {row["port_id"] for row in csv.DictReader(io.StringIO(out, newline=""))}
    assert len(ports) == 2  # toll-free numbers go apart
    simulator.happen("loa")
    clock.sleep(7 * DAY)
    assert sorted(losing.held()) == sorted(moved + stays)
    clock.sleep(DAY)
    code, out, _ = run("ports", "--request-id", "move-42", "--output", "csv")
    assert code == Exit.DONE
    states = {row["number"]: row["state"] for row in csv.DictReader(io.StringIO(out, newline=""))}
    assert states == dict.fromkeys(moved, "complete")
    assert [*losing.held()] == stays
    assert {*moved} <= {*simulator.held()}


# -- waiting


def test_a_port_is_waited_for(run: Run, simulator: VoiceTelSimulator, clock: VirtualClock) -> None:
    assert run(*IN)[0] == Exit.DONE
    (pid,) = simulator.account.ports
    code, _, err = run("wait", "--port", pid, "--deadline", "60")
    assert code == Exit.UNKNOWN
    assert f"go on with: anycarrier wait --port {pid} --provider voicetel" in err
    simulator.happen("loa")
    clock.sleep(8 * DAY - 60)
    code, out, _ = run("wait", "--port", pid, "--deadline", "86400", "--output", "json")
    assert (code, json.loads(out)["state"]) == (Exit.DONE, "complete")
    code, out, _ = run("wait", "--port", pid)
    assert (code, "complete" in out) == (Exit.DONE, True)


@pytest.mark.parametrize("argv", [("wait", ONE, "--port", "a3a2a"), ("wait", "--from-file", "x", "--port", "a3a2a")])
def test_a_port_is_waited_for_alone(argv: tuple[str, ...], run: Run) -> None:
    code, _, err = run(*argv)
    assert code == Exit.USAGE
    assert "write no numbers beside it" in err
