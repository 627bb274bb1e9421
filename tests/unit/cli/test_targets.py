"""Numbers and request ids from a file or from stdin."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.terminal import Run, Terminal, set_up

URL = "http://127.0.0.1:1"
OWNED, OTHER, STRANGE = "+12125550199", "+12015550197", "+16465550142"
FREE = [f"+1201555010{place}" for place in range(4)]

File = Callable[..., str]


@pytest.fixture
def simulator() -> VoiceTelSimulator:
    return VoiceTelSimulator()


@pytest.fixture
def run(
    simulator: VoiceTelSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Run:
    clock = VirtualClock(1_700_000_000.0, chance=0.5)
    set_up(monkeypatch, tmp_path, clock)
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "journal.sqlite"))
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", DUMMY_API_KEY)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_BASE_URL", URL)

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(argv, transport=SimTransport({URL: simulator}, wait=clock.sleep), clock=clock)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(*lines: str) -> str:
        path = tmp_path / "numbers.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)

    return write


def test_a_file_has_a_number_on_each_line(run: Run, file: File) -> None:
    name = file("\ufeff# ours", "", "  (212) 555-0199 ", "2015550197", "+12125550199")
    code, out, err = run("get", "--from-file", name, "--output", "json")
    assert [json.loads(line)["number"] for line in out.splitlines()] == [OWNED, OTHER]
    assert (code, err) == (0, f"anycarrier: {name}: 1 repeated line left out\n")
    code, out, _ = run("get", "--from-file", name)
    assert [line.split()[0] for line in out.splitlines()[2:]] == [OWNED, OTHER]
    code, out, _ = run("get", "--from-file", name, "--output", "csv")
    assert [row["number"] for row in csv.DictReader(io.StringIO(out))] == [OWNED, OTHER]


def test_a_dash_is_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{OWNED}\r\n{OTHER}\r\n"))
    code, out, _ = run("get", "--from-file", "-", "--output", "json")
    assert (code, len(out.splitlines())) == (0, 2)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"number,note\r\n{OWNED},ours\r\n{OTHER[2:]}.0,\r\n"))
    code, out, _ = run("get", "-", "--output", "json")
    assert (code, len(out.splitlines())) == (0, 2)
    code, _, err = run("get", "-", OWNED)
    assert (code, "write no others beside it" in err) == (Exit.USAGE, True)


def test_several_numbers_may_be_typed(run: Run, simulator: VoiceTelSimulator) -> None:
    code, out, err = run("get", OWNED, "2015550197", OWNED, "--output", "json")
    assert [json.loads(line)["number"] for line in out.splitlines()] == [OWNED, OTHER]
    assert (code, err) == (0, "anycarrier: the command line: 1 repeated number left out\n")
    code, out, err = run("route", OWNED, OTHER, "--gateway", "1000")
    assert (code, out.splitlines()) == (0, [f"{one}: Set: calls to gateway 1000." for one in (OWNED, OTHER)])
    sent = len(simulator.ledger.requests)
    code, out, err = run("release", OWNED, "555", "20155", "--yes")
    assert (code, out, len(simulator.ledger.requests)) == (Exit.USAGE, "", sent)
    assert "number 2: " in err
    assert "number 3: " in err


def test_several_numbers_are_bound_to_a_campaign_and_unbound(run: Run) -> None:
    code, out, _ = run("campaign", "bind", OWNED, OTHER, "CH5K5IZ", "--output", "json")
    assert (code, [json.loads(line)["campaign_id"] for line in out.splitlines()]) == (0, ["CH5K5IZ", "CH5K5IZ"])
    code, out, _ = run("campaign", "unbind", OWNED, OTHER, "--output", "json")
    assert (code, len(out.splitlines())) == (0, 2)
    run("campaign", "bind", OWNED, "CH5K5IZ")
    code, out, _ = run("campaign", "unbind", OWNED, "CH5K5IZ", "--output", "json")
    assert (code, len(out.splitlines())) == (0, 1)


def test_a_csv_is_read_by_its_column(run: Run, file: File) -> None:
    name = file("\ufefflabel;Number;status", f"Main;{OWNED};active", ";;", "'=x;2,015,550,197.0;")
    code, out, _ = run("get", "--from-file", name, "--output", "json")
    assert (code, [json.loads(line)["number"] for line in out.splitlines()]) == (Exit.USAGE, [])
    name = file("\ufefflabel;Number;status", f"Main;{OWNED};active", ";;", "'=x;2,015,550,197;")
    code, out, _ = run("get", "--from-file", name, "--output", "json")
    assert (code, [json.loads(line)["number"] for line in out.splitlines()]) == (0, [OWNED, OTHER])
    code, _, err = run("get", "--from-file", file("number", "2.01556E+09", OWNED, "x"))
    assert code == Exit.USAGE
    assert "line 2 of " in err
    assert "scientific notation" in err
    assert "line 4 of " in err


def test_a_file_of_results_says_what_came_of_each_number(
    run: Run, file: File, tmp_path: Path, simulator: VoiceTelSimulator
) -> None:
    results = tmp_path / "results.csv"
    code, *_ = run("get", STRANGE, OWNED, "--results", str(results))
    rows = [*csv.DictReader(results.read_text(encoding="utf-8").splitlines())]
    assert [(row["number"], row["result"], row["error"]) for row in rows] == [
        (STRANGE, "failed", "NotFound"),
        (OWNED, "done", ""),
    ]
    code, _, err = run("get", OWNED, "--results", str(results))
    assert (code, "exists already" in err) == (Exit.USAGE, True)
    simulator.fault("error", status=401, times=None)
    other = tmp_path / "other.csv"
    run("get", "--from-file", file(OWNED, OTHER, STRANGE), "--results", str(other))
    rows = [*csv.DictReader(other.read_text(encoding="utf-8").splitlines())]
    assert [(row["number"], row["result"]) for row in rows] == [
        (OWNED, "failed"),
        (OTHER, "not tried"),
        (STRANGE, "not tried"),
    ]
    run("get", "--from-file", str(other))  # it is a file of numbers again


def test_a_terminal_shows_how_far_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    run("get", OWNED, OTHER, "--output", "json")
    assert f"1 of 2: {OWNED}" in shown.getvalue()
    assert f"2 of 2: {OTHER}" in shown.getvalue()
    assert shown.getvalue().endswith("\r")


def test_one_that_fails_is_reported_and_the_next_is_tried(run: Run, file: File) -> None:
    code, out, err = run("get", "--from-file", file(STRANGE, OWNED), "--output", "json")
    assert code == Exit.NOT_FOUND
    failed, found = map(json.loads, out.splitlines())
    assert (failed["number"], failed["error"]["type"]) == (STRANGE, "NotFound")
    assert found["number"] == OWNED
    assert err.startswith(f"anycarrier: {STRANGE}: voicetel get: not on this account")


def test_what_would_fail_in_the_same_way_is_not_tried(run: Run, file: File, simulator: VoiceTelSimulator) -> None:
    simulator.fault("error", status=401, times=None)
    code, out, err = run("get", "--from-file", file(OWNED, OTHER, STRANGE))
    assert (code, out) == (Exit.DENIED, "")
    assert err.endswith("anycarrier: get: 2 more were not tried\n")
    assert len(simulator.ledger.requests) == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["2125550199", "555"], "line 2 of "),
        ([], "is empty"),
        (["# nothing"], "is empty"),
        (["2125550199"] * 100_001, "is too long: at most 100,000 lines are read"),
        (["number", *["2125550199"] * 100_001], "is too long"),
    ],
)
def test_every_line_is_checked_before_anything_is_sent(
    lines: list[str], said: str, run: Run, file: File, simulator: VoiceTelSimulator
) -> None:
    for command in (["get"], ["release", "--yes"], ["buy", "--yes"], ["route", "--gateway", "1000"]):
        code, out, err = run(*command, "--from-file", file(*lines))
        assert (code, out, err.count("\n")) == (Exit.USAGE, "", 1)
        assert said in err
    assert not simulator.ledger.requests


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.slow
def test_a_header_does_not_count_among_a_hundred_thousand_numbers(run: Run, file: File) -> None:
    for lines in (["number", *[OWNED] * 100_000], [OWNED] * 100_000):
        code, out, err = run("get", "--from-file", file(*lines), "--output", "csv")
        assert (code, out.count(OWNED), "99999 repeated lines left out" in err) == (0, 1, True)


def test_a_file_that_cannot_be_read_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, said in (("missing", "No such file"), ("binary", "not UTF-8"), (".", "directory")):
        code, _, err = run("get", "--from-file", str(tmp_path / name))
        assert (code, err.count("\n")) == (Exit.USAGE, 1)
        assert said in err


@pytest.mark.parametrize("argv", [["get"], ["get", OWNED, "--from-file", "x"], ["recover", "a", "--from-file", "x"]])
def test_a_number_or_a_file_and_not_both(argv: list[str], run: Run) -> None:
    code, _, err = run(*argv)
    assert (code, "--from-file" in err) == (Exit.USAGE, True)


def test_each_number_is_bought_once_however_often_the_file_is_used(
    run: Run, file: File, simulator: VoiceTelSimulator
) -> None:
    name = file(*FREE[:2])
    for count in (1, 2):
        code, out, err = run("buy", "--from-file", name, "--yes", "--request-id", "today")
        assert (code, len(out.splitlines())) == (0, 2), err
        assert out.startswith(f"Bought {FREE[0]} (2015550100) from voicetel, 0.50 USD a month\n")
        assert ("has already bought" in err) is (count == 2)
        assert [charge.number for charge in simulator.ledger.charges] == [one[2:] for one in FREE[:2]]
    code, out, _ = run("purchases", f"today-{FREE[0]}", "--output", "json")
    assert (code, json.loads(out)["purchases"][0]["request_id"]) == (0, f"today-{FREE[0]}")
    _, out, _ = run("buy", "--from-file", name, "--yes", "--request-id", "today", "--output", "csv")
    assert [(row["number"], row["price"]) for row in csv.DictReader(io.StringIO(out))] == [
        (one, "0.5") for one in FREE[:2]
    ]


def test_a_purchase_with_an_unknown_outcome_stops_the_file(run: Run, file: File, simulator: VoiceTelSimulator) -> None:
    assert run("buy", FREE[3], "--yes", "--request-id", "first")[0] == 0
    simulator.fault("reset", operation="order", done=True)
    code, _, err = run("buy", "--from-file", file(FREE[3], *FREE[:3]), "--yes", "--deadline", "1")
    assert code == Exit.UNKNOWN
    assert f"{FREE[3]} was bought by request first" in err
    assert "go on with: anycarrier recover" in err
    assert err.endswith("anycarrier: buy: 2 more were not tried\n")
    assert len(simulator.ledger.charges) == 2


def test_a_price_over_the_cap_is_one_failure_and_the_next_number_is_tried(
    run: Run, file: File, simulator: VoiceTelSimulator
) -> None:
    code, _, err = run("buy", "--from-file", file(*FREE[:2]), "--yes", "--max-price", "0.10")
    assert code == Exit.REFUSED
    assert err.count("nothing was bought: it costs 0.50 USD a month, and --max-price is 0.10 USD") == 2
    assert not simulator.ledger.charges


def test_stdin_cannot_hold_both_the_numbers_and_the_answer(
    run: Run, monkeypatch: pytest.MonkeyPatch, simulator: VoiceTelSimulator
) -> None:
    for command in (["buy"], ["release"], ["transfer", "--to", "1000000002"]):
        monkeypatch.setattr(sys, "stdin", Terminal(f"{OWNED}\nyes\n".replace("yes\n", "")))
        monkeypatch.setattr(sys, "stderr", Terminal())
        assert run(*command, "--from-file", "-")[0] == Exit.USAGE
        assert "give --yes" in sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert not simulator.ledger.requests


def test_one_question_names_the_numbers_that_are_given_up(
    run: Run, file: File, monkeypatch: pytest.MonkeyPatch, simulator: VoiceTelSimulator
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    monkeypatch.setattr(sys, "stderr", Terminal())
    code, out, _ = run("release", "--from-file", file(OWNED, OTHER))
    assert (code, out) == (0, f"{OWNED} is released.\n{OTHER} is released.\n")
    assert f"Give up 2 numbers ({OWNED}, {OTHER}) at voicetel?" in sys.stderr.getvalue()  # type: ignore[attr-defined]
    names = file(*(f"+1201555{place:04}" for place in range(100, 112)))
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    assert run("release", "--from-file", names)[0] == Exit.INTERRUPTED
    assert "12 numbers (+12015550100, " in sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert "+12015550109 and 2 more)" in sys.stderr.getvalue()  # type: ignore[attr-defined]


def test_an_interrupt_shows_what_was_done_and_says_what_was_not_tried(
    run: Run, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = VoiceTel.release

    def release(self: VoiceTel, number: object) -> object:
        if str(number) != OWNED:
            raise KeyboardInterrupt
        return real(self, number)  # type: ignore[arg-type]

    monkeypatch.setattr(VoiceTel, "release", release)
    code, out, err = run("release", "--from-file", file(OWNED, OTHER, STRANGE), "--yes")
    assert (code, out) == (Exit.INTERRUPTED, f"{OWNED} is released.\n")
    assert "1 more was not tried" in err
    assert f"it may have happened, see: anycarrier get {OTHER}" in err


def test_routes_and_campaigns_take_files(run: Run, file: File) -> None:
    name = file(OWNED, OTHER)
    code, out, _ = run("route", "--from-file", name, "--gateway", "1001")
    assert (code, out) == (0, f"{OWNED}: Set: calls to gateway 1001.\n{OTHER}: Set: calls to gateway 1001.\n")
    code, out, _ = run("campaign", "bind", "--from-file", name, "CH5K5IZ")
    assert (code, out.splitlines()[0]) == (0, f"{OWNED}: campaign CH5K5IZ, active")
    code, out, _ = run("campaign", "show", "--from-file", name)
    assert [line.split()[2] for line in out.splitlines()[2:]] == ["CH5K5IZ", "CH5K5IZ"]
    code, out, _ = run("campaign", "unbind", "--from-file", name, "CH5K5IZ", "--output", "json")
    assert (code, [json.loads(line)["status"] for line in out.splitlines()]) == (0, ["unbound", "unbound"])
    code, out, _ = run("wait", "--from-file", name, "--output", "json")
    assert (code, len(out.splitlines())) == (0, 2)
    code, out, _ = run("transfer", "--from-file", name, "--to", "1000000002", "--yes")
    assert (code, len(out.splitlines())) == (0, 2)


def test_orders_are_recovered_by_the_ids_of_a_file(run: Run, file: File, simulator: VoiceTelSimulator) -> None:
    for place in (0, 1):
        simulator.fault("reset", operation="order", done=True)
        assert run("buy", FREE[place], "--yes", "--deadline", "1", "--request-id", f"id-{place}")[0] == Exit.UNKNOWN
    code, out, err = run("recover", "--from-file", file("id-0", "id-1"))
    assert (code, len(out.splitlines())) == (0, 2), err
    code, out, _ = run("purchases", "--from-file", file("id-1", "id-0"), "--output", "json")
    assert [one["request_id"] for one in json.loads(out)["purchases"]] == ["id-1", "id-0"]
    code, _, err = run("recover", "--from-file", file("id-0", "id-9"))
    assert (code, "no request 'id-9'" in err) == (Exit.USAGE, True)
    assert len(simulator.ledger.charges) == 2
