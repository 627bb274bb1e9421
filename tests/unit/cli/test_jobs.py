"""Jobs on the command line: submitted, worked on, shown, cancelled, resumed."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import threading
import time

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.output import say
from anycarrier.purchase import journal
from anycarrier.simulator import AsyncSimTransport, SimTransport, load
from support.terminal import account_each

URLS = {"voicetel": "http://127.0.0.1:1", "leadping": "http://127.0.0.1:2"}
ORDERS = "area_code,quantity,max_price,reference\n201,3,3,a\n212,2,,b\n201,1,0.10,c\n"
STATUS = ("jobs", "status", "spring")


@pytest.fixture
def simulators():
    return {name: load(name) for name in URLS}


@pytest.fixture
def run(simulators, monkeypatch, tmp_path, capsys):
    for name in [name for name in os.environ if name.startswith("ANYCARRIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(tmp_path / "accounts.toml"))
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "journal.sqlite"))
    monkeypatch.chdir(tmp_path)
    account_each(monkeypatch, simulators, URLS)
    (tmp_path / "orders.csv").write_text(ORDERS)

    def call(*argv):
        kind = AsyncSimTransport if argv[0] == "jobs" else SimTransport
        code = main(argv, transport=kind({URLS[name]: one for name, one in simulators.items()}))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def submitted(run, *more):
    return run("jobs", "submit", "orders.csv", "--name", "spring", "--from", "voicetel", "--yes", *more)


def test_what_is_wrong_with_a_file_names_its_columns(run, tmp_path):
    (tmp_path / "orders.csv").write_text("area_code,max_price,quantity\n201,cheap,1\n")
    code, _, err = submitted(run)
    assert code == Exit.USAGE
    assert "line 2, column max_price: " in err
    assert "--" not in err


@pytest.mark.slow
def test_a_file_becomes_numbers_and_each_step_is_shown(run, simulators):
    code, out, _ = submitted(run)
    assert (code, "3 orders for 6 numbers" in out, "anycarrier jobs work" in out) == (0, True, True)
    assert "as before" in submitted(run)[1]
    code, out, _ = run("jobs", "list")
    assert (code, out.splitlines()[2].split()[:4]) == (0, ["spring", "buy", "3", "6"])
    code, out, _ = run(*STATUS)
    assert (code, "bought     0 (0.0%)" in out, "open       6" in out) == (Exit.UNKNOWN, True, True)
    assert run("jobs", "work", "--once")[0] == 0
    assert len(simulators["voicetel"].ledger.charges) == 5
    assert len(simulators["leadping"].ledger.charges) == 0
    code, out, _ = run(*STATUS)
    assert code == Exit.REFUSED  # one has no number
    assert {"bought            5 (83.3%)", "nothing suitable  1", "spent             2.50 USD"} <= {*out.splitlines()}
    found = json.loads(run(*STATUS, "--output", "json")[1])
    assert (found["bought"], found["ended"], found["done"], found["spent"]) == (
        5,
        1,
        True,
        [{"amount": "2.5", "currency": "USD"}],
    )
    (row,) = csv.DictReader(io.StringIO(run(*STATUS, "--output", "csv")[1]))
    assert (row["name"], row["bought"]) == ("spring", "5")


@pytest.mark.slow
def test_results_are_a_table_csv_or_lines_of_json(run):
    submitted(run)
    run("jobs", "work", "--once", "--from", "voicetel")
    code, out, _ = run("jobs", "results", "spring")
    assert (code, len(out.splitlines())) == (0, 8)
    rows = list(csv.DictReader(io.StringIO(run("jobs", "results", "spring", "--output", "csv")[1])))
    assert [row["outcome"] for row in rows] == ["bought"] * 5 + ["failed"]
    assert rows[0]["number"].startswith("+1201")
    lines = run("jobs", "results", "spring", "--output", "json", "--outcome", "failed")[1].splitlines()
    assert [json.loads(line)["reference"] for line in lines] == ["c"]
    assert run("jobs", "results", "spring", "--outcome", "open")[1] == "Job spring has no such number.\n"


@pytest.mark.slow
def test_a_cancelled_job_goes_on_when_it_is_resumed(run, simulators):
    submitted(run)
    assert run("jobs", "cancel", "spring")[:2] == (0, "Cancelled 6 numbers of job spring.\n")
    assert run("jobs", "work", "--once")[0] == 0
    assert simulators["voicetel"].ledger.charges == []
    code, out, _ = run(*STATUS)
    assert (code, "job        spring (cancelled)" in out, "cancelled  6" in out) == (Exit.REFUSED, True, True)
    assert json.loads(run("jobs", "list", "--output", "json")[1])["jobs"][0]["cancelled"]
    code, out, _ = run("jobs", "resume", "spring", "--output", "json")
    assert (code, json.loads(out)) == (0, {"name": "spring", "open": 6})
    run("jobs", "work", "--once")
    assert len(simulators["voicetel"].ledger.charges) == 5


def test_a_dry_run_and_a_wrong_file_record_nothing(run, monkeypatch):
    code, out, _ = submitted(run, "--dry-run", "--output", "json")
    assert (code, json.loads(out)) == (0, {"dry_run": True, "orders": 3, "numbers": 6})
    monkeypatch.setattr("sys.stdin", io.StringIO("area_code,quantity\n201,none\n20,1\n"))
    code, _, err = run("jobs", "submit", "-", "--name", "spring", "--from", "voicetel", "--yes")
    assert (code, "stdin has 2 problems: line 2, column quantity" in err) == (Exit.USAGE, True)
    code, _, err = run("jobs", "submit", "orders.csv", "--name", "spring", "--from", "voicetel")
    assert (code, "give --yes" in err) == (Exit.USAGE, True)
    assert run("jobs", "list")[0] == Exit.INPUT_OUTPUT  # there is no journal


@pytest.mark.slow
def test_what_is_not_there_is_said(run):
    with journal.open():
        pass
    assert run("jobs", "list")[1].startswith("No job is on record in ")
    for action in ("status", "cancel", "resume", "results"):
        code, _, err = run("jobs", action, "winter")
        assert (code, "no job 'winter'" in err) == (Exit.USAGE, True)
    code, _, err = run("jobs", "work", "--once", "--budget", "shared")
    assert (code, "needs a journal on PostgreSQL" in err) == (Exit.USAGE, True)


def test_work_without_any_settings_says_what_to_do(run, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("ANYCARRIER_VOICETEL", "ANYCARRIER_LEADPING"))]:
        monkeypatch.delenv(name)
    code, _, err = run("jobs", "work", "--once")
    assert (code, "anycarrier doctor" in err) == (Exit.USAGE, True)


def test_once_says_that_something_is_left(run, monkeypatch):
    monkeypatch.setattr("anycarrier.jobs.worker.RECOVERY", 0.1)
    submitted(run)
    with journal.open() as book, book._database.transaction() as tx:
        tx.run("UPDATE anycarrier_intent SET resume_at = ?", time.time() + 3600)
        tx.run("UPDATE anycarrier_request SET criteria = replace(criteria, 'voicetel/voicetel', 'voicetel/other')")
    code, _, _ = run("jobs", "work", "--once", "--from", "leadping")
    assert code == Exit.UNKNOWN


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_stops_the_work_and_a_second_one_at_once(run, monkeypatch, times):
    monkeypatch.setattr("anycarrier.cli.jobs.SHOWS", 0.01)
    submitted(run)
    ready, begun = threading.Event(), threading.Event()

    def saying(text):
        say(text)
        if "done" in text:
            ready.set()
        if "Stopping" in text:
            begun.set()

    def send():
        for event in (ready, begun)[:times]:
            event.wait(60)
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("anycarrier.cli.jobs.say", saying)
    if times == 2:  # something is under way that does not end

        async def endless():
            ready.set()
            await asyncio.sleep(3600)

        monkeypatch.setattr("anycarrier.jobs.worker.Worker._fill_all", lambda _: endless())
    sender = threading.Thread(target=send)
    sender.start()
    code, _, err = run("jobs", "work")
    sender.join()
    assert "Stopping: what is under way has 30 s to end" in err
    if times == 1:
        assert (code, "spring: 5 of 6 bought, done" in err) == (0, True)
    else:
        assert code == Exit.INTERRUPTED
        assert "another worker goes on" in err


# -- plans and ports

PORT = """\
subscriber = "Umbrella Plumbing"
subscriber_kind = "business"
account_number = "AC-88442211-77"
billing_number = "+12015550177"
authorized_person = "Quentin Example"
numbers = ["+19075550150", "+19075550151"]
max_fee = "12 USD"
reference = "tenant-42"

[service_address]
street_number = "411"
street = "Hackensack"
street_type = "AVE"
city = "Closter"
state = "NJ"
postal_code = "07624"
"""


@pytest.fixture
def plan(run, tmp_path):
    (tmp_path / "numbers.csv").write_text("number,forward\n+12015550197,+12125550142\n+12015550198,+12125550142\n")
    assert run("plan", "numbers.csv", "-o", "plan.json", "--provider", "voicetel")[0] == 0
    return json.loads((tmp_path / "plan.json").read_text())["id"]


@pytest.fixture
def port(tmp_path):
    file = tmp_path / "port.toml"
    file.write_text(PORT)
    file.chmod(0o600)
    return file


@pytest.mark.slow
def test_a_plan_is_submitted_applied_and_shown_in_its_own_words(run, plan, simulators):
    code, out, err = run("jobs", "submit", "plan.json", "--name", "move")
    assert (code, f"plan {plan} for 2 numbers" in out, err) == (0, True, "")
    assert "as before" in run("jobs", "submit", "plan.json", "--name", "move")[1]
    assert run("jobs", "list")[1].splitlines()[2].split()[:4] == ["move", "apply", "1", "2"]
    code, out, _ = run("jobs", "status", "move")
    assert (code, "applied    0 (0.0%)" in out) == (Exit.UNKNOWN, True)
    assert run("jobs", "work", "--once", "--from", "voicetel")[0] == 0
    code, out, _ = run("jobs", "status", "move")
    assert (code, "applied    2 (100.0%)" in out, "bought" in out) == (0, True, False)
    code, out, _ = run("jobs", "results", "move", "--outcome", "applied", "--output", "csv")
    assert [row["changes"] for row in csv.DictReader(io.StringIO(out))] == ["forward=done"] * 2
    assert "applied" in run("jobs", "results", "move")[1]
    status = json.loads(run("jobs", "status", "move", "--output", "json")[1])
    assert (status["kind"], status["reached"], status["states"]) == ("apply", 2, {"done": 2})


@pytest.mark.slow
def test_a_plan_that_needs_a_confirmation_is_submitted_with_its_id_alone(run, tmp_path):
    (tmp_path / "numbers.csv").write_text("number,release\n+12015550197,yes\n")
    run("plan", "numbers.csv", "-o", "plan.json", "--provider", "voicetel")
    plan_id = json.loads((tmp_path / "plan.json").read_text())["id"]
    code, _, err = run("jobs", "submit", "plan.json", "--name", "move", "--yes")
    assert (code == 0, f"--confirm {plan_id}" in err) == (False, True)
    assert "not the id of this plan" in run("jobs", "submit", "plan.json", "--name", "move", "--confirm", "x")[2]
    assert not (tmp_path / "journal.sqlite").exists()
    assert run("jobs", "submit", "plan.json", "--name", "move", "--confirm", plan_id)[0] == 0
    assert run("jobs", "work", "--once", "--from", "voicetel")[0] == 0
    assert run("jobs", "status", "move")[0] == 0


@pytest.mark.slow
def test_a_port_is_submitted_without_its_secrets_and_ordered_by_a_worker_that_has_them(run, port, simulators, tmp_path):
    code, out, err = run("jobs", "submit", "port.toml", "--name", "port", "--from", "voicetel", "--yes")
    assert (code, "the port of 2 numbers" in out, "jobs work --ports port.toml" in out, err) == (0, True, True, "")
    assert b"AC-88442211-77" not in (tmp_path / "journal.sqlite").read_bytes()
    code, _, err = run("jobs", "work", "--once", "--from", "voicetel")
    assert (code, "No port is ordered here: a worker that has the subscriber" in err) == (Exit.UNKNOWN, True)
    assert "a worker that has the subscriber" in " ".join(run("jobs", "results", "port")[1].split())
    with journal.open(tmp_path / "journal.sqlite") as book, book._database.transaction() as tx:
        tx.run("UPDATE anycarrier_task SET resume_at = 0")
    assert run("jobs", "work", "--once", "--from", "voicetel", "--ports", "port.toml")[0] == Exit.UNKNOWN
    code, out, _ = run("jobs", "status", "port")
    assert (code, "ported     0 (0.0%)" in out, "needs loa  2" in out) == (Exit.UNKNOWN, True, True)
    rows = [json.loads(line) for line in run("jobs", "results", "port", "--output", "json")[1].splitlines()]
    assert len(simulators["voicetel"].account.ports) == 1
    assert [row["state"] for row in rows] == ["needs_loa"] * 2
    assert "cancelled 0 numbers; 2 more may be under way" in run("jobs", "cancel", "port")[1].casefold().replace(
        " of job port", ""
    )
    assert b"AC-88442211-77" not in (tmp_path / "journal.sqlite").read_bytes()


def test_a_port_is_ordered_with_the_subscriber_of_the_environment(run, port, simulators, monkeypatch):
    run("jobs", "submit", "port.toml", "--name", "port", "--from", "voicetel", "--yes", "--max-fee", "12")
    for line in PORT.splitlines():
        name, _, value = line.partition(" = ")
        if value and name not in ("numbers", "max_fee", "reference"):
            monkeypatch.setenv(f"ANYCARRIER_PORT_{name.upper()}", json.loads(value))
    assert run("jobs", "work", "--once", "--from", "voicetel")[0] == Exit.UNKNOWN
    assert len(simulators["voicetel"].account.ports) == 1


@pytest.mark.slow
def test_a_file_that_is_of_no_kind_is_refused_with_what_would_be_right(run, plan, port, tmp_path):
    (tmp_path / "rules.toml").write_text('move = "port"\n')
    (tmp_path / "rules.toml").chmod(0o600)
    (tmp_path / "other.json").write_text('{"a": 1}')
    for argv, said in (
        (("rules.toml",), "Orders are CSV; a plan is JSON"),
        (("other.json",), "is no plan"),
        (("missing.csv",), "missing.csv"),
        (("plan.json", "--from", "voicetel"), "--from or --account is not for a plan"),
        (("plan.json", "--max-fee", "6"), "--max-fee is not for a plan"),
        (("orders.csv", "--confirm", "x"), "--confirm is not for orders"),
        (("port.toml", "--confirm", "x"), "--confirm is not for a port order"),
        (("port.toml", "--from", "voicetel", "--from", "leadping"), "one account"),
        (("port.toml", "--from", "voicetel", "--max-fee", "11"), "12 USD"),
    ):
        code, _, err = run("jobs", "submit", *argv, "--name", "x", "--yes")
        assert code != 0, argv
        assert said in " ".join(err.split()), (argv, err)
    assert "No job" in run("jobs", "list")[1]


def test_what_a_plan_and_a_port_would_be_is_shown_by_a_dry_run(run, plan, port, tmp_path):
    assert "for 2 numbers" in run("jobs", "submit", "plan.json", "--name", "x", "--dry-run")[1]
    assert "the port of 2 numbers" in run("jobs", "submit", "port.toml", "--name", "x", "--dry-run")[1]
    assert not (tmp_path / "journal.sqlite").exists()
