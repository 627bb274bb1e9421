"""Desired states in files: CSV as people and spreadsheets write it, profiles, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anycarrier.desired_state import Desired
from anycarrier.json_forms import to_json
from anycarrier.model import (
    CallsToWebhook,
    ForwardTo,
    NoForward,
    NoTexts,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.number_files import WrongFile, desired_from_csv, profiles_from_toml, read_desired
from anycarrier.number_services import EmergencyAddress

ADDRESS = EmergencyAddress(name="Acme", street="1 Main St", city="Hackensack", state="NJ", postal_code="07601")
PROFILES = """
[profile.support]
calls = "gateway 1000"
forward = false
texts = "webhook https://example.com/texts"
campaign = "C1"
enabled = true

[profile.silent]
texts = "none"
campaign = false

[profile.office.emergency]
name = "Acme"
street = "1 Main St"
city = "Hackensack"
state = "NJ"
postal_code = "07601"
"""


def one(*lines: str, profiles: str = "") -> Desired:
    (found,) = desired_from_csv("\r\n".join(lines), profiles=profiles_from_toml(profiles))
    return found


def problems(*lines: str, profiles: str = "") -> list[str]:
    with pytest.raises(WrongFile) as caught:
        desired_from_csv("\n".join(lines), profiles=profiles_from_toml(profiles), name="numbers.csv")
    return [*caught.value.problems]


def test_a_column_for_each_thing() -> None:
    found = one(
        "number,calls,forward,texts,campaign,label,caller_name,enabled,emergency_name,emergency_street,emergency_city,"
        "emergency_state,emergency_postal_code,status,note",
        "2015550123,gateway 1000,2015550124,webhook https://example.com/t,C1,Main line,ACME,yes,Acme,1 Main St,"
        "Hackensack,NJ,07601,active,call them on Monday",
    )
    assert found == Desired(
        "+12015550123",
        routes=[ToGateway(1000), ForwardTo("+12015550124"), TextsToWebhook("https://example.com/t")],
        campaign="C1",
        label="Main line",
        caller_name="ACME",
        enabled=True,
        emergency=ADDRESS,
    )


def test_an_empty_cell_leaves_its_thing_alone_and_none_wants_none() -> None:
    found = one("number,forward,texts,campaign,emergency,label", "2015550123,none,None,NONE,none,")
    assert found == Desired("+12015550123", routes=[NoForward(), NoTexts()], campaign=False, emergency=False)
    assert one("number,release", "2015550123,yes") == Desired("+12015550123", release=True)
    assert one("number,texts", "2015550123,") == Desired("+12015550123")


@pytest.mark.parametrize(
    ("column", "cell", "route"),
    [
        ("calls", "https://example.com/calls", CallsToWebhook("https://example.com/calls")),
        ("calls", "GATEWAY 7", ToGateway(7)),
        ("texts", "texts@example.com", TextsToEmail("texts@example.com")),
        ("texts", "sip:texts@example.com", TextsToSip("sip:texts@example.com")),
        ("texts", "sip texts@example.com", TextsToSip("texts@example.com")),
        ("forward", "1-201-555-0124", ForwardTo("+12015550124")),
        ("forward", "+442079460018", ForwardTo("+442079460018")),
    ],
)
def test_a_route_may_be_written_short(column: str, cell: str, route: object) -> None:
    assert one(f"number,{column}", f"2015550123,{cell}").routes == (route,)


def test_a_profile_says_the_same_of_many_and_a_cell_counts_for_more() -> None:
    first, second, third = desired_from_csv(
        "number,profile,texts\n2015550123,support,\n2015550124,support,none\n2015550125,silent,\n",
        profiles=profiles_from_toml(PROFILES),
    )
    texts = TextsToWebhook("https://example.com/texts")
    assert first == Desired("+12015550123", routes=[ToGateway(1000), NoForward(), texts], campaign="C1", enabled=True)
    assert second.routes == (ToGateway(1000), NoForward(), NoTexts())
    assert (third.routes, third.campaign) == ((NoTexts(),), False)
    assert one("number,profile", "2015550123,office", profiles=PROFILES).emergency == ADDRESS


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffNumber;Caller Name\r\n2015550123;ACME\r\n",
        "sep=;\nnumber;caller_name\n2015550123;ACME\n",
        "number\tcaller_name\n\n2015550123\tACME\n\t\n",
        '"number","caller_name"\n"2015550123","ACME"',
        "number,caller_name,\n2015550123,'ACME,\n",
    ],
)
def test_it_is_read_as_spreadsheets_write_it(text: str) -> None:
    assert desired_from_csv(text) == [Desired("+12015550123", caller_name="ACME")]


def test_all_that_is_wrong_is_said_at_once_with_its_place() -> None:
    found = problems(
        "number,texts,campaign,label,enabled,profile,emergency_name,calls",
        "2.01556E+09,,,,,,,",
        "2015550123,fax,,,perhaps,unheard,,",
        '2015550124,,,"two',
        'lines",,,,',
        "2015550123,,,,,,Acme,",
        "2015550125,,,,,,,none",
        ",none,,,,,,",
        "2015550126,,,,,,,,,x",
        "2015550127,,,,,,,",
        "2015550127,,,,,,,",
    )
    assert [one.partition(": ")[0] for one in found] == [
        "line 2, column number",
        "line 3, column profile",
        "line 3, column texts",
        "line 3, column enabled",
        "line 4, column label",
        "line 6, column emergency_street",
        "line 7, column calls",
        "line 8, column number",
        "line 9",
        "line 11, column number",
    ]
    assert "fax" not in " ".join(found)
    assert found[-1].endswith("it is that of line 10 again")


def test_a_contradiction_in_a_line_is_named() -> None:
    assert problems("number,release,label", "2015550123,yes,Main") == [
        "line 2: release=True gives the number up: nothing else can be wanted of it"
    ]
    assert problems("number,emergency,emergency_name", "2015550123,none,A")[0].startswith(
        "line 2, column emergency_street"
    )


def test_an_error_of_the_spreadsheet_is_no_value() -> None:
    address = "Acme,1 Main St,Hackensack,#REF!,07601"
    columns = "emergency_name,emergency_street,emergency_city,emergency_state,emergency_postal_code"
    for column, cell in (("label", "#N/A"), ("campaign", "#ref!"), ("caller_name", "#NAME?"), (columns, address)):
        with pytest.raises(WrongFile, match="an error of the spreadsheet"):
            desired_from_csv(f"number,{column}\n2015550123,{cell}\n")


@pytest.mark.slow
def test_a_file_of_many_lines_is_read() -> None:
    lines = [f"{npa}555{last:04d},gateway 1000" for npa in (201, 551) for last in range(4000)]
    assert len(desired_from_csv("number,calls\n" + "\n".join(lines))) == 8000


def test_a_column_that_is_not_known_is_refused() -> None:
    (said,) = problems("number,campain,2015550123", "2015550123,C1,")
    assert said == "line 1: there is no column campain, '##########'; did you mean campaign?"
    (said,) = problems("number,xyzzy", "2015550123,C1")
    assert said.startswith("line 1: there is no column xyzzy; there are number, profile, calls")
    assert problems("campaign", "C1") == ["line 1: there is no column number"]
    assert problems("number,label,label", "") == ["line 1: label stands there twice"]
    assert problems("") == ["line 1: there is no column number"]


def test_a_broken_file_is_one_sentence(tmp_path: Path) -> None:
    assert problems('number\n"2015550123') == ["line 2: unexpected end of data"]
    with pytest.raises(WrongFile, match=r"missing\.csv has 1 problem: it cannot be read: No such file"):
        read_desired(tmp_path / "missing.csv")
    (tmp_path / "old.csv").write_bytes("number,label\n2015550123,Café".encode("cp1252"))
    with pytest.raises(WrongFile, match="it is not UTF-8 text: save it as CSV UTF-8"):
        read_desired(tmp_path / "old.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[profile.a]\ncalls = 1000", "profile a, calls: it must be text, true or false, not int"),
        ("[profile.a]\ncampain = 'C1'", "profile a, campain: there is no such value; did you mean campaign?"),
        ("[profile.a]\nlabel = false", "profile a, label: label cannot be False"),
        ("[profile.a]\ncalls = false", "profile a, calls: routes must be neutral ones"),
        (
            "[profile.a.emergency]\nname = 'x'",
            "profile a, emergency: the address lacks street, city, state",
        ),
        ("[profile.a.emergency]\nstate = 'x'\nzip = 'y'", "profile a, emergency: an address has no zip"),
        ("[profiles.a]", "'aaaaaaaa' is not known here"),
        ("profile = 1", "profile must be tables"),
        ("a = ", "it is not TOML"),
    ],
)
def test_a_wrong_profile_is_named(text: str, said: str) -> None:
    with pytest.raises(WrongFile) as caught:
        profiles_from_toml(text, name="numbers.toml")
    assert caught.value.problems[0].startswith(said)
    assert caught.value.message.startswith("numbers.toml has ")


def test_profiles_stand_beside_the_file_or_where_they_are_said_to(tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("number,profile\n2015550123,silent\n", encoding="utf-8")
    with pytest.raises(WrongFile, match="there is no profile 'aaaaaa': no profiles were read"):
        read_desired(path)
    (tmp_path / "numbers.toml").write_text(PROFILES, encoding="utf-8")
    assert read_desired(path)[0].campaign is False
    other = tmp_path / "other.toml"
    other.write_text('[profile.silent]\nlabel = "x"\n', encoding="utf-8")
    assert read_desired(str(path), profiles=str(other))[0].label == "x"


def test_a_file_may_be_json(tmp_path: Path) -> None:
    wanted = [Desired("+12015550123", campaign=False), Desired("+12015550124", routes=[NoTexts()])]
    path = tmp_path / "numbers.json"
    path.write_text(json.dumps(to_json(wanted)), encoding="utf-8")
    assert read_desired(path) == wanted
    for text, said in (
        ("{", "it is not JSON"),
        ('[{"label": "x"}]', "must have a number of its own"),
        ('[{"number": "2015550123", "lable": "x"}]', "does not know: lable"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(WrongFile, match=said):
            read_desired(path)


@pytest.mark.parametrize("cell", ["20155501000", "442079460018"])
def test_a_digit_too_many_forwards_no_call_abroad(cell: str) -> None:
    with pytest.raises(WrongFile, match="forward must have its plus sign"):
        desired_from_csv(f"number,forward\n2015550123,{cell}\n")
