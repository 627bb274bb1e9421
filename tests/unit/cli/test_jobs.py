"""Jobs on the command line: submitted, worked on, shown, cancelled, resumed."""

from __future__ import annotations

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
from anycarrier.purchase import journal
from anycarrier.simulator import AsyncSimTransport, load
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
        code = main(argv, transport=AsyncSimTransport({URLS[name]: one for name, one in simulators.items()}))
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


def test_a_file_becomes_numbers_and_each_step_is_shown(run, simulators):
    code, out, _ = submitted(run)
    assert (code, "3 orders for 6 numbers" in out, "anycarrier jobs work" in out) == (0, True, True)
    assert "as before" in submitted(run)[1]
    code, out, _ = run("jobs", "list")
    assert (code, out.splitlines()[2].split()[:4]) == (0, ["spring", "3", "6", "submitted"])
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


@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_stops_the_work_and_a_second_one_at_once(run, monkeypatch, times):
    monkeypatch.setattr("anycarrier.cli.jobs.SHOWS", 0.05)
    submitted(run)

    def send():
        for _ in range(times):
            time.sleep(1.0)
            os.kill(os.getpid(), signal.SIGTERM)

    if times == 2:  # something is under way that does not end
        monkeypatch.setattr("anycarrier.jobs.worker.Worker._fill_all", lambda _: _forever())
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


async def _forever():
    import asyncio

    await asyncio.sleep(3600)
