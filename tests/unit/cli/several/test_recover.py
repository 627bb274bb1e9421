"""Orders that are recovered, and accounts that are compared with the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from anycarrier.cli.exit_codes import Exit
from anycarrier.json_forms import from_json
from anycarrier.purchase import ItemState, OrderItem, journal
from anycarrier.simulator import Simulator
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel import VoiceTel
from support.several import FREE, PROVISION, charged, go_on_of
from support.terminal import Run, last_line


@pytest.mark.slow
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
    assert found["slots"][0]["resume_at"] == found["items"][0]["resume_at"]
    assert datetime.fromisoformat(found["slots"][0]["resume_at"]).timestamp() > 1_700_000_000
    assert "+12015550100 may have been bought from lc_phone, key" in last_line(err)
    assert last_line(err).endswith("do not buy again, go on with: anycarrier recover 'an order'")
    assert run("purchases", "--open")[1].count("in doubt") == 1
    code, out, err = run("recover", "--deadline", "1", "--output", "json")
    assert code == Exit.UNKNOWN
    assert go_on_of(err) == ["recover"]
    (item,) = (from_json(OrderItem, one) for one in json.loads(out)["items"])
    assert (item.state, item.undecided) == (ItemState.OPEN, True)
    # The journal's own clock tells a new process the time; here it goes on by itself.
    for _ in range(40):
        clock.sleep(20)
        code, out, err = run("recover", "an order", "--deadline", "60")
        if code == 0:
            break
    assert code == 0, err
    assert len(charged(simulators)) == 1


@pytest.mark.slow
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
    code, out, _ = run("recover", "--output", "json")
    assert (code, json.loads(out)["items"], json.loads(out)["slots"]) == (0, [], [])


@pytest.mark.slow
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
        assert "a purchase is under way at lc_phone, account lc_phone, which this client does not have" in out
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


@pytest.mark.slow
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
        from anycarrier.purchase.digest import digest
        from anycarrier.purchase.journal import OrderRecord
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
