"""Rules of a switch, and the files that have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anycarrier import Desired, ForwardTo, InvalidInput, InvalidNumber, ToGateway
from anycarrier.json_forms import from_json, to_json
from anycarrier.number_files import WrongFile
from anycarrier.switching import Move, SwitchRules, moves_from_csv, read_moves, read_rules, rules_from_toml

NUMBER, OTHER = "+12015550123", "+12015550124"
RULES = """
move = "replace"
not_portable = "leave"
alike = ["rate_center", "state"]
labels = false
routes = false

[setup]
calls = "gateway 1000"
campaign = "CH5K5IZ"

[campaigns]
OLD1 = "CB2PATH"

[profile.support]
forward = "2125550142"
"""


def test_a_file_has_rules_and_profiles(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(RULES)
    rules, profiles = read_rules(file)
    assert rules == SwitchRules(
        move="replace",
        not_portable="leave",
        alike=("rate_center", "state"),
        setup=Desired(routes=[ToGateway(1000)], campaign="CH5K5IZ"),
        campaigns={"OLD1": "CB2PATH"},
        labels=False,
        routes=False,
    )
    assert profiles == {"support": {"forward": ForwardTo("+12125550142")}}
    assert from_json(SwitchRules, to_json(rules)) == rules
    assert rules_from_toml("") == (SwitchRules(), {})


def test_all_that_is_wrong_with_rules_is_said_at_once() -> None:
    with pytest.raises(WrongFile) as caught:
        rules_from_toml(
            """
move = "sell"
not_portable = "port"
alike = "state"
labels = 1
colour = "red"
profile = 3
[setup]
calls = "nowhere"
[campaigns]
OLD1 = 7
"""
        )
    said = "; ".join(caught.value.problems)
    for part in ("move must be one of port, replace, leave", "not_portable must be", "alike must be a list", "labels",
                 "is not known here", "profile must be tables", "setup, calls", "campaigns"):  # fmt: skip
        assert part in said, said
    assert len(caught.value.problems) == 8
    for text in ("move = ", "a = " + "[" * 5000):
        with pytest.raises(WrongFile):
            rules_from_toml(text)
    with pytest.raises(WrongFile, match="setup must be a table"):
        rules_from_toml("setup = 3")


def test_a_csv_says_what_becomes_of_each_number(tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text(
        "number,move,profile,campaign,rate_center,state\n"
        "2015550123,Replace,,,CLOSTER,NJ\n"
        "(201) 555-0124,,support,CB2PATH,,\n"
        "2015550125,,,,,\n"
    )
    _, profiles = rules_from_toml(RULES)
    first, second, third = read_moves(file, profiles=profiles)
    assert first == Move(NUMBER, "replace", rate_center="CLOSTER", state="NJ")
    assert second == Move(OTHER, desired=Desired(OTHER, routes=[ForwardTo("+12125550142")], campaign="CB2PATH"))
    assert third == Move("+12015550125")
    assert from_json(list[Move], to_json([first, second, third])) == [first, second, third]


def test_all_lines_that_are_wrong_are_named() -> None:
    with pytest.raises(WrongFile) as caught:
        moves_from_csv("number,move,release\n2015550123,sell,\n2015550124,port,yes\n")
    assert caught.value.problems == (
        "line 2: column move: it must be one of port, replace, leave, not 'aaaa'",
        "line 3: a switch releases nothing by itself: finish_switch() plans that",
    )
    with pytest.raises(WrongFile, match="no column colour; there are number, move, rate_center, state, profile"):
        moves_from_csv("number,colour\n2015550123,red\n")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SwitchRules(move="sell"), "move must be one of"),
        (lambda: SwitchRules(not_portable="port"), "not_portable must be one of"),
        (lambda: SwitchRules(alike=[]), "alike must be a list"),
        (lambda: SwitchRules(alike=["planet"]), "alike must be one of"),
        (lambda: SwitchRules(campaigns=["OLD1"]), "campaigns must be ids"),
        (lambda: SwitchRules(campaigns={"OLD1": ""}), "a campaign of campaigns"),
        (lambda: SwitchRules(labels="yes"), "labels must be"),
        (lambda: SwitchRules(setup=Desired(NUMBER)), "setup"),
        (lambda: Move(NUMBER, "sell"), "move must be one of"),
        (lambda: Move(NUMBER, desired="port"), "desired must be a Desired"),
        (lambda: Move(NUMBER, desired=Desired(OTHER, label="x")), "desired is of another number"),
        (lambda: Move(NUMBER, desired=Desired(NUMBER, release=True)), "releases nothing by itself"),
        (lambda: Move(NUMBER, rate_center=3), "rate_center"),
        (lambda: Move(NUMBER, state=""), "state"),
    ],
)
def test_wrong_rules_are_refused_by_name(make: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        make()


def test_a_move_needs_a_number() -> None:
    with pytest.raises(InvalidNumber):
        Move("201")
