"""Port orders in a private file and in the environment."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import pytest

from anycarrier import Money, ToGateway
from anycarrier.desired_state import Desired
from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.number_files import WrongFile, port_variables, read_port_details, read_port_order

SECRET, PIN = "canary100200300", "canary4321"
ORDER = f"""
subscriber = "Example Inc"
subscriber_kind = "business"
account_number = "{SECRET}"
pin = "{PIN}"
billing_number = "+12125550123"
authorized_person = "Ann Example"
due_date = 2026-12-15
max_fee = "12 USD"
reference = "move-2026"
numbers = ["+12125550123", "+12125550124"]

[service_address]
street_number = "411"
street = "Hackensack"
street_type = "AVE"
city = "Hackensack"
state = "NJ"
postal_code = "07601"

[setup]
calls = "gateway 1000"
campaign = "CH5K5IZ"
"""


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ANYCARRIER_")]:
        monkeypatch.delenv(name)


def written(folder: Path, text: str = ORDER, mode: int = 0o600) -> Path:
    file = folder / "order.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def problems_of(file: Path | None) -> str:
    with pytest.raises(WrongFile) as wrong:
        read_port_order(file)
    assert SECRET not in str(wrong.value)
    assert PIN not in str(wrong.value)
    return " | ".join(wrong.value.problems)


def test_an_order_is_read_whole(tmp_path: Path) -> None:
    order = read_port_order(written(tmp_path))
    assert [str(one.number) for one in order.numbers] == ["+12125550123", "+12125550124"]
    assert order.setup == Desired(routes=[ToGateway("1000")], campaign="CH5K5IZ")
    assert (order.max_fee, order.reference, order.due_date) == (Money("12"), "move-2026", date(2026, 12, 15))
    assert order.secrets == (SECRET, PIN)
    assert (order.service_address.street_number, order.service_address.country) == ("411", "US")
    assert SECRET not in repr(order)


def test_numbers_and_the_most_that_it_may_cost_may_be_named_otherwise(tmp_path: Path) -> None:
    order = read_port_order(written(tmp_path), numbers=[Desired("+12125550125")], max_fee=Money("6"))
    assert [str(one.number) for one in order.numbers] == ["+12125550125"]
    assert order.max_fee == Money("6")


@pytest.mark.parametrize("name", ["numbers.csv", "order.csv"])
def test_numbers_are_read_from_a_csv_beside_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("number,campaign\n+12125550123,CH5K5IZ\n+12125550124,\n")
    text = ORDER.replace('numbers = ["+12125550123", "+12125550124"]', f'numbers = "{name}"')
    order = read_port_order(written(tmp_path, text))
    assert [one.campaign for one in order.numbers] == ["CH5K5IZ", None]


def test_a_value_of_the_environment_counts_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_PORT_PIN", "9999")
    monkeypatch.setenv("ANYCARRIER_PORT_STREET_NUMBER", "412")
    monkeypatch.setenv("ANYCARRIER_PORT_DUE_DATE", "2026-12-16")
    text = ORDER.replace(f'account_number = "{SECRET}"\n', "")
    monkeypatch.setenv("ANYCARRIER_PORT_ACCOUNT_NUMBER", SECRET)
    order = read_port_order(written(tmp_path, text))
    assert order.secrets == (SECRET, "9999")
    assert (order.service_address.street_number, order.due_date) == ("412", date(2026, 12, 16))


def test_the_environment_may_have_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "subscriber": "Example Inc", "subscriber_kind": "residential", "account_number": SECRET,
        "billing_number": "2125550123", "authorized_person": "Ann Example", "street_number": "411",
        "street": "Hackensack", "street_type": "AVE", "city": "Hackensack", "state": "NJ", "postal_code": "07601",
    }  # fmt: skip
    variables = port_variables()
    for name, value in values.items():
        monkeypatch.setenv(variables[name], value)
    details = read_port_details()
    assert (details.subscriber_kind, details.secrets, str(details.billing_number)) == (
        "residential",
        (SECRET, None),
        "+12125550123",
    )
    order = read_port_order(numbers=[Desired("+12125550123")], max_fee=Money("6"))
    assert order.service_address == details.service_address
    monkeypatch.setenv(variables["pin"], "")
    with pytest.raises(ConfigurationError, match="ANYCARRIER_PORT_PIN is set and empty"):
        read_port_details()


@pytest.mark.parametrize("mode", [0o644, 0o622, 0o666])
def test_a_file_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="run chmod 600"):
        read_port_order(written(tmp_path, mode=mode))
    with pytest.raises(ConfigurationError, match="run chmod 600"):
        read_port_details(written(tmp_path, mode=mode))


def test_a_file_that_is_not_there_or_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no file .*order\.toml"):
        read_port_order(tmp_path / "order.toml")
    assert problems_of(written(tmp_path, f'pin = "{PIN}')).startswith("it is not TOML (at")
    assert "it holds what no order does" in problems_of(written(tmp_path, "a = " + "9" * 5000))
    assert "at the end" not in problems_of(written(tmp_path, "a = " + "[" * 5000))


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    text = f"""
    subscriber = "Example Inc"
    color = "red"
    account_number = "{SECRET}"
    due_date = "soon"
    max_fee = "much"
    numbers = 5
    setup = 5

    [service_address]
    street_number = "411"
    planet = "Earth"
    """
    said = problems_of(written(tmp_path, text))
    for one in (
        "there is no 'aaaaa'; there are: subscriber",
        "service_address has no 'aaaaaa'; it has street_number",
        "it lacks subscriber_kind, billing_number, authorized_person, service_address.street, ",
        "due_date must be such as",
        "max_fee: it must be such as '12 USD'",
        "numbers: it must be a list of numbers",
        "setup: it must be a table",
    ):
        assert one in said, one
    text = text.replace(
        '    [service_address]\n    street_number = "411"\n    planet = "Earth"\n', "service_address = 5"
    )
    assert "service_address must be a table" in problems_of(written(tmp_path, text))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"411"', "411", "service_address: street_number must be"),
        ('max_fee = "12 USD"', "", "max_fee: the most that the order may cost is missing"),
        ('numbers = ["+12125550123", "+12125550124"]', 'numbers = "none.csv"', "numbers: it cannot be read"),
        ('numbers = ["+12125550123", "+12125550124"]', "numbers = []", "numbers must not be empty"),
        ('subscriber_kind = "business"', 'subscriber_kind = "shop"', "subscriber_kind must be"),
        ('campaign = "CH5K5IZ"', "color = 5", "setup: there is no such value"),
        ("2026-12-15", "2026-12-15T10:00:00", "due_date must be a date"),
    ],
)
def test_one_wrong_value_is_named(before: str, after: str, said: str, tmp_path: Path) -> None:
    assert before in ORDER
    assert said in problems_of(written(tmp_path, ORDER.replace(before, after)))


def test_details_alone_are_checked_too(tmp_path: Path) -> None:
    details = read_port_details(written(tmp_path))
    assert details.secrets == (SECRET, PIN)
    for text in (ORDER.replace('"business"', '"shop"'), ORDER.replace('subscriber = "Example Inc"', "")):
        with pytest.raises(WrongFile):
            read_port_details(written(tmp_path, text))
    with pytest.raises(InvalidInput):
        read_port_order(5)  # type: ignore[arg-type]


def test_the_order_on_the_page_on_files_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "files.md").read_text(encoding="utf-8")
    (block,) = [
        one for one in re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE) if "subscriber" in one
    ]
    (tmp_path / "numbers.csv").write_text("number\n+12015550123\n")
    order = read_port_order(written(tmp_path, block))
    assert (str(order.numbers[0].number), order.max_fee) == ("+12015550123", Money("60"))
    assert order.setup is not None
    assert order.setup.caller_name == "EXAMPLE INC"
