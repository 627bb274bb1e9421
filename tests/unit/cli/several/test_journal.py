"""The journal on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from anycarrier import Search, errors
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import shown
from anycarrier.json_forms import from_json
from anycarrier.purchase import Order, Purchase, journal
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.simulator import Simulator
from anycarrier.testing import VirtualClock
from support.several import CANARY, FREE, PROVISION, charged, go_on_of, purchases_sent
from support.terminal import Run, last_line


@pytest.mark.slow
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
    purchase = from_json(Purchase, oldest)
    assert (purchase.request_id, [one.number for one in purchase.bought]) == ("order-1", ["+12015550100"])
    assert from_json(Order, oldest["order"]).criteria == Search(area_code="201")


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_journal_is_migrated_copied_and_pruned(run: Run, clock: VirtualClock, book: Path, tmp_path: Path) -> None:
    code, _, err = run("journal", "migrate")
    assert (code, "there is no journal" in err) == (Exit.INPUT_OUTPUT, True)
    assert run(*PROVISION, "--from", "voicetel", "--request-id", "order-1")[0] == 0
    code, out, _ = run("journal", "migrate")
    assert (code, "already" in out) == (0, True)
    copy = tmp_path / "copy"
    code, out, _ = run("journal", "backup", str(copy))
    assert (code, copy.exists()) == (0, True)
    code, _, err = run("journal", "backup", str(copy))
    assert (code, "is there already" in err) == (Exit.INPUT_OUTPUT, True)
    code, out, _ = run("journal", "prune", "--older-than", "2d", "--yes", "--output", "json")
    assert (code, json.loads(out)) == (0, {"orders": 0, "items": 0, "attempts": 0})
    code, _, err = run("journal", "prune", "--older-than", "1d", "--yes")
    assert (code, "two at least" in err) == (Exit.USAGE, True)


@pytest.mark.slow
def test_an_old_order_is_deleted_when_it_is_confirmed(run: Run, book: Path) -> None:
    with journal.open() as written, written._database.transaction() as tx:
        tx.run("INSERT INTO anycarrier_request(id, digest, criteria, created, valid_until) VALUES ('old','d','{}',1,2)")
        tx.run(
            "INSERT INTO anycarrier_intent(id, request_id, slot, state, claimable) VALUES ('old#1','old',1,'REFUSED',0)"
        )
    code, out, _ = run("journal", "prune", "--older-than", "400d", "--dry-run")
    assert (code, out) == (0, "1 order ended more than 400 days ago.\n")
    code, _, err = run("journal", "prune", "--older-than", "400d")
    assert (code, "--yes" in err) == (Exit.USAGE, True)
    code, out, _ = run("journal", "prune", "--older-than", "400d", "--yes")
    assert (code, out) == (0, "Deleted 1 order, 1 item, 0 attempts.\n")
