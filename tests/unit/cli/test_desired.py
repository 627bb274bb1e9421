"""``dump``, and the files that say what should be true of numbers."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest
from attrs import evolve

from anycarrier import Client, Money
from anycarrier.cli import main
from anycarrier.cli.commands.numbers import KINDS
from anycarrier.cli.desired import _planned_record, plan_rows, plan_summary, planned_row
from anycarrier.cli.exit_codes import Exit
from anycarrier.desired_state import NAMED, Applied, ChangeState, NumberState, Plan
from anycarrier.desired_state.plan import digest_of
from anycarrier.json_forms import from_json, to_json
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.terminal import Run, Terminal, set_up

URL = "http://127.0.0.1:1"
OWNED, OTHER = "+12125550199", "+12015550197"


@pytest.fixture
def simulator() -> VoiceTelSimulator:
    return VoiceTelSimulator(owned=[OWNED[2:], OTHER[2:]])


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

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(argv, transport=SimTransport({URL: simulator}, wait=clock.sleep), clock=clock)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def rows(out: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(out, newline=""))]


def test_the_kinds_of_the_command_line_are_those_of_the_library() -> None:
    assert [*KINDS, "release"] == [kind.value for kind in NAMED]


def test_a_dump_has_a_line_for_each_number(run: Run) -> None:
    run("route", OWNED, "--gateway", "1000", "--texts-webhook", "https://example.com/texts")
    code, out, err = run("dump")
    assert (code, err) == (0, "")
    found = {row["number"]: row for row in rows(out)}
    assert {*found} == {OWNED[2:], OTHER[2:]}
    assert found[OWNED[2:]]["calls"] == "gateway 1000"
    assert found[OWNED[2:]]["texts"] == "webhook https://example.com/texts"


def test_a_dump_reads_what_is_wanted_alone(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, _ = run("dump", "--only", "label")
    assert (code, [*rows(out)[0]]) == (0, ["number", "status", "label"])
    assert len(simulator.ledger.requests) == 1
    code, out, err = run("dump", "--only", "lable")
    assert (code, "did you mean label?" in err) == (Exit.USAGE, True)


def test_a_dump_as_json_is_the_public_form(run: Run) -> None:
    code, out, _ = run("dump", "--output", "json")
    states = [from_json(NumberState, json.loads(line)) for line in out.splitlines()]
    assert (code, [one.number for one in states]) == (0, [OWNED, OTHER])


FILE = "number,calls,forward,texts\n2125550199,gateway 1000,,webhook https://example.com/t\n2015550197,gateway 1000,,\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "wanted.csv"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def test_what_was_dumped_and_not_edited_is_no_change(run: Run, tmp_path: Path) -> None:
    run("route", OWNED, "--gateway", "1000", "--texts-webhook", "https://example.com/texts")
    (tmp_path / "numbers.csv").write_text(run("dump")[1], encoding="utf-8")
    code, out, err = run("plan", "numbers.csv")
    assert (code, out) == (0, "Every number is as desired.\n")
    assert err.startswith("2 numbers: 2 as desired, 0 to change. Plan ")


@pytest.mark.slow
def test_a_plan_is_written_applied_resumed_and_undone(
    run: Run, file: str, simulator: VoiceTelSimulator, tmp_path: Path
) -> None:
    before = run("dump", "--only", "calls", "--only", "texts")[1]
    code, out, err = run("plan", file, "-o", "plan.json")
    assert code == 0, err
    assert "to make it so: anycarrier apply plan.json --provider voicetel" in err
    assert "Cost: none that the providers' documents state." in err
    assert not [one for one in simulator.ledger.requests if one.method != "GET"]
    plan = from_json(Plan, json.loads((tmp_path / "plan.json").read_text(encoding="utf-8")))
    assert len([*plan.changes]) >= 3

    code, out, err = run("apply", "plan.json", "--results", "results.csv", "--output", "json")
    assert code == 0, err
    assert [from_json(Applied, json.loads(line)).state for line in out.splitlines()] == [ChangeState.DONE] * 2
    assert [row["result"] for row in rows((tmp_path / "results.csv").read_text(encoding="utf-8"))] == ["done", "done"]
    sent = len([one for one in simulator.ledger.requests if one.method != "GET"])
    code, out, err = run("apply", "plan.json")
    assert (code, len([one for one in simulator.ledger.requests if one.method != "GET"])) == (0, sent)
    assert ": already (" in out
    assert run("plan", file)[:2] == (0, "Every number is as desired.\n")

    code, out, err = run("undo", "plan.json")
    assert (code, "give --yes" in err) == (Exit.USAGE, True)
    code, out, err = run("undo", "plan.json", "-o", "reverse.json")
    assert (tmp_path / "reverse.json").exists()
    code, out, err = run("undo", plan.id, "--yes")
    after = run("dump", "--only", "calls", "--only", "texts")[1]
    assert {row["number"]: row["calls"] for row in rows(after)} == {row["number"]: row["calls"] for row in rows(before)}
    code, out, err = run("undo", "plan.json", "--yes")
    assert "Nothing is there to undo." in err


def test_a_plan_that_another_machine_has_changed_is_refused(run: Run, file: str, tmp_path: Path) -> None:
    run("plan", file, "-o", "plan.json")
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    plan["numbers"][0]["changes"][0]["after"] = {"kind": "ToGateway", "gateway": "7"}
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    code, out, err = run("apply", "plan.json")
    assert (code, out) == (Exit.USAGE, "")
    assert "plan again" in err
    for text, said in (
        ("{", "it is not JSON"),
        ("{}", "Plan lacks id, numbers"),
        ("[]", "must be an object"),
        ("[" * 100_000, "nested too deeply"),
    ):
        (tmp_path / "bad.json").write_text(text, encoding="utf-8")
        code, _, err = run("apply", "bad.json")
        assert (code, said in err) == (Exit.USAGE, True)


def test_a_plan_that_costs_money_says_so_and_asks_first(run: Run, file: str, tmp_path: Path) -> None:
    run("plan", file, "-o", "plan.json")
    plan = from_json(Plan, json.loads((tmp_path / "plan.json").read_text(encoding="utf-8")))
    first, *others = plan.numbers
    numbers = (evolve(first, changes=tuple(evolve(one, cost=Money("6")) for one in first.changes)), *others)
    dear = evolve(plan, id=digest_of(numbers, plan.existing), numbers=numbers)
    (tmp_path / "dear.json").write_text(json.dumps(to_json(dear)), encoding="utf-8")
    total = f"{6 * len(first.changes)}.00 USD"
    assert f" s. Cost: {total}. Plan {dear.id}." in plan_summary(dear)
    assert [_planned_record(row)["cost"] for row in plan_rows(dear)][:1] == ["6 USD"]
    assert [planned_row(row)[-1] for row in plan_rows(dear)][:1] == ["6.00 USD"]
    code, _, err = run("apply", "dear.json")
    assert (code, f"it costs {6 * len(first.changes)} USD: look at the plan" in err) == (Exit.USAGE, True)
    assert run("apply", "dear.json", "--confirm", dear.id)[0] == Exit.DONE


def test_a_plan_with_a_mark_at_its_beginning_is_read(run: Run, file: str, tmp_path: Path) -> None:
    run("plan", file, "-o", "plan.json")
    text = (tmp_path / "plan.json").read_text(encoding="utf-8")
    (tmp_path / "marked.json").write_text(text, encoding="utf-8-sig")
    assert run("apply", "marked.json")[0] == Exit.DONE


def test_undo_of_what_is_neither_a_file_nor_an_id_says_so(run: Run) -> None:
    for name in ("a" * 5000, "a\0b"):
        code, _, err = run("undo", name, "--yes")
        assert (code, "internal error" in err) == (Exit.USAGE, False)


def test_all_wrong_lines_are_named_and_nothing_is_sent(run: Run, tmp_path: Path, simulator: VoiceTelSimulator) -> None:
    (tmp_path / "bad.csv").write_text("number,texts\n2.01556E+09,none\n2125550199,fax\n", encoding="utf-8")
    code, out, err = run("plan", "bad.csv", "--output", "json")
    assert (code, len(err.splitlines()), [*simulator.ledger.requests]) == (Exit.USAGE, 2, [])
    assert err.startswith("anycarrier: plan: bad.csv: line 2, column number: ")
    assert json.loads(out)["error"]["problems"][1].startswith("line 3, column texts: ")


def test_what_cannot_be_done_is_said_with_what_a_person_does(run: Run, tmp_path: Path) -> None:
    (tmp_path / "strange.csv").write_text(
        "number,calls\n6465550142,gateway 7\n2125550199,gateway 1\n", encoding="utf-8"
    )
    code, out, err = run("plan", "strange.csv", "--output", "csv")
    found = {row["number"]: row for row in rows(out)}
    assert code == Exit.REFUSED
    assert (found["+16465550142"]["plan"], found["+16465550142"]["reason"]) == ("cannot", "it is not on this account")
    assert "1 of which something cannot be done" in err


def test_giving_numbers_up_needs_the_id_of_the_plan(run: Run, tmp_path: Path) -> None:
    (tmp_path / "up.csv").write_text("number,release\n2125550199,yes\n", encoding="utf-8")
    run("plan", "up.csv", "-o", "plan.json")
    name = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["id"]
    code, out, err = run("apply", "plan.json")
    assert (code, out) == (Exit.USAGE, "")
    assert f"it gives 1 number up, for good: look at the plan, then give --confirm {name}" in err
    assert run("apply", "plan.json", "--confirm", "0" * 16)[0] == Exit.USAGE
    assert run("apply", "plan.json", "--confirm", name)[0] == 0
    assert [row["number"] for row in rows(run("dump", "--only", "label")[1])] == [OTHER[2:]]


def test_what_failed_has_an_exit_code_and_its_reason(
    run: Run, file: str, tmp_path: Path, simulator: VoiceTelSimulator
) -> None:
    run("plan", file, "-o", "plan.json")
    simulator.fault("error", method="PUT", status=400, times=None)
    simulator.fault("error", method="PATCH", status=400, times=None)
    simulator.fault("error", method="POST", status=400, times=None)
    code, out, _ = run("apply", "plan.json", "--results", "results.csv", "--output", "csv")
    assert code not in (0, Exit.BUG)
    found = rows((tmp_path / "results.csv").read_text(encoding="utf-8"))
    assert {row["result"] for row in found} <= {"failed", "unknown"}
    assert {row["state"] for row in rows(out)} == {"failed"}


def test_a_terminal_is_asked_about_a_plan_that_changes_much(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "up.csv").write_text("number,release\n2125550199,yes\n", encoding="utf-8")
    run("plan", "up.csv", "-o", "plan.json")
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    assert run("apply", "plan.json")[0] == Exit.INTERRUPTED
    assert "It gives 1 number up, for good." in shown.getvalue()
    assert len(rows(run("dump", "--only", "label")[1])) == 2
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    assert run("apply", "plan.json")[0] == 0
    assert len(rows(run("dump", "--only", "label")[1])) == 1


def test_an_apply_that_is_interrupted_says_how_to_go_on(
    run: Run, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("plan", file, "-o", "plan.json")

    def interrupted(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "apply", interrupted)
    code, _, err = run("apply", "plan.json", "--results", "results.csv")
    assert code == Exit.INTERRUPTED
    assert "the same command goes on, and does nothing twice" in err
    assert {row["result"] for row in rows((tmp_path / "results.csv").read_text(encoding="utf-8"))} == {"not tried"}


def test_a_file_may_come_from_stdin(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "known.toml").write_text('[profile.desk]\ncalls = "gateway 1000"\n', encoding="utf-8")
    text = "number,profile\n2125550199,desk\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    code, out, _ = run("plan", "-", "--profiles", "known.toml", "--output", "json")
    assert (code, len([*from_json(Plan, json.loads(out)).changes])) == (0, 1)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    code, _, err = run("plan", "-")
    assert (code, "line 2, column profile" in err) == (Exit.USAGE, True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(out))
    assert run("apply", "-")[0] == 0


def test_a_number_that_was_changed_since_is_skipped_and_the_others_go_on(run: Run, file: str, tmp_path: Path) -> None:
    run("plan", file, "-o", "plan.json")
    run("route", OTHER, "--gateway", "1001")
    code, out, err = run("apply", "plan.json", "--results", "results.csv")
    found = {row["number"]: row for row in rows((tmp_path / "results.csv").read_text(encoding="utf-8"))}
    assert (code, found[OWNED]["result"], found[OTHER]["result"]) == (Exit.REFUSED, "done", "skipped")
    assert found[OTHER]["message"]
    assert f"{OTHER}: skipped (" in out
    assert ": 1 done, 1 skipped." in err or ": 1 skipped, 1 done." in err


def test_a_plan_without_changes_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "strange.csv").write_text("number,calls\n6465550142,gateway 7\n", encoding="utf-8")
    run("plan", "strange.csv", "-o", "plan.json")
    code, out, err = run("apply", "plan.json")
    assert (code, out, "changes nothing" in err) == (0, "", True)
    assert run("plan", "strange.csv", "-o", "plan.json")[0] == Exit.USAGE  # it exists
