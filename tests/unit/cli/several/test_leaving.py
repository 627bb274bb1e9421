"""All that there is can be taken along: the commands of the page run, and miss nothing of an account or a journal."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from anycarrier import Client, Money, Search, ToGateway, jobs
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.simulator import SimTransport, Simulator
from anycarrier_adapters.voicetel import VoiceTel
from support.port_orders import port_order
from support.several import ROOT, URLS
from support.terminal import Run

PAGE = ROOT / "docs" / "leaving.md"


def commands() -> list[tuple[list[str], str | None]]:
    """The commands of the page, each with the file that its output goes to."""
    found: list[tuple[list[str], str | None]] = []
    for line in re.findall(r"^ *\$ anycarrier (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        words, _, file = line.partition(" > ")
        found.append((words.split(), file or None))
    return found


@pytest.fixture
def used(simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch, book: Path) -> Mapping[str, Simulator]:
    """Accounts and a journal in which there is one of each thing."""
    monkeypatch.setenv("ANYCARRIER_PROVIDER", "voicetel")
    voicetel = simulators["voicetel"]
    provider = VoiceTel(**voicetel.settings, base_url=URLS["voicetel"], account="voicetel")
    book.parent.mkdir(parents=True)
    with journal.open(book) as opened:
        transport = SimTransport({URLS["voicetel"]: voicetel})
        with Client(Failover([provider], journal=opened), transport=transport) as phone:
            order = Order(criteria=Search(area_code="201"), quantity=2, reference="tenant-42", tags={"team": "sales"})
            first, _ = phone.provision(order, request_id="order-1").bought
            phone.route(first.number, ToGateway(1000))
            phone.port_in(port_order("+19075550150"), request_id="move-1")
        opened.claim_switch("0123456789abcdef", "lc_phone/lc_phone", "voicetel/voicetel", "me")
        jobs.submit(opened, [Order(criteria=Search(area_code="212"))], [provider], name="spring")
        jobs.cancel(opened, "spring")
        jobs.submit_ports(opened, ["+19075550151"], provider, name="ports", max_fee=Money("6"), reference="tenant-42")
        jobs.cancel(opened, "ports")
    return simulators


@pytest.mark.slow
def test_the_page_s_commands_dump_everything(
    used: Mapping[str, Simulator], run: Run, tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed: dict[str, str] = {}
    for argv, file in commands():
        code, out, err = run(*argv)
        assert code in (0, 1), (argv, err)
        printed[file or " ".join(argv)] = out
    assert Path("journal-copy.sqlite").exists()
    assert "Nothing is open" in printed["purchases --open"]

    owned = {number.e164: number for number in listed(used["voicetel"])}
    dumped = {row["number"]: row for row in csv.DictReader(io.StringIO(printed["numbers.csv"]))}
    assert {*dumped} == {number[2:] for number in owned}
    raw = lines(printed["numbers.jsonl"])
    assert {one["number"] for one in raw} == {*owned}
    assert all(one["raw"] for one in raw)

    found = lines(printed["journal.jsonl"])
    of = {kind: [one for one in found if one["record"] == kind] for kind in sorted({one["record"] for one in found})}
    assert [*of] == ["attempt", "change", "job", "order", "port", "switch", "task"]
    first = next(one for one in of["order"] if one["id"] == "order-1")
    assert (first["reference"], first["tags"]) == ("tenant-42", {"team": "sales"})
    assert first["order"]["criteria"]["area_code"] == "201"
    bought = [one["number"] for one in of["attempt"] if one["state"] == "CONFIRMED"]
    assert sorted(bought) == sorted(f"+1{charge.number[-10:]}" for charge in used["voicetel"].ledger.charges[:2])
    routed = next(one for one in of["change"] if one["number"] == bought[0])
    assert routed["after"]["gateway"] == "1000"
    assert dumped[bought[0][2:]]["calls"] == "gateway 1000"
    assert [one["request_id"] for one in of["port"]] == ["move-1"]
    assert of["port"][0]["port_id"] in {one["id"] for one in lines(printed["ports.jsonl"])}
    assert [(one["source"], one["target"]) for one in of["switch"]] == [("lc_phone/lc_phone", "voicetel/voicetel")]
    assert [one["name"] for one in of["job"]] == ["ports", "spring"]
    (task,) = of["task"]
    assert (task["job"], task["body"]["reference"]) == ("ports", "tenant-42")
    assert [one["e164"] for one in task["numbers"]] == ["+19075550151"]


KNOWN = {
    *("request", "intent", "attempt", "tag"),  # order, attempt
    *("change", "port", "port_number", "switch", "job", "task", "task_number"),
    *("price", "budget", "budget_slice", "spent", "schema"),  # what the page says is not exported
}


def test_no_table_of_the_journal_was_forgotten(book: Path) -> None:
    book.parent.mkdir(parents=True)
    with journal.open(book) as opened, opened._database.transaction(writes=False) as tx:
        names = {row[0] for row in tx.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    ours = {name.removeprefix("anycarrier_") for name in names if name.startswith("anycarrier_")}
    assert len(ours) > 10
    assert ours <= KNOWN, ours - KNOWN


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def listed(simulator: Simulator) -> list[Any]:
    provider = VoiceTel(**simulator.settings, base_url=URLS["voicetel"])
    with Client(provider, transport=SimTransport({URLS["voicetel"]: simulator})) as phone:
        return [owned.number for owned in phone.list()]
