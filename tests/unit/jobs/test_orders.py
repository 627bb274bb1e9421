"""Files of orders: what a line says, and everything that is wrong with a file, at once."""

from __future__ import annotations

import time

import pytest

from anycarrier import Desired, Feature, Line, Money, Search, TextsToWebhook
from anycarrier.jobs import orders_from_csv, read_orders
from anycarrier.jobs.orders import COLUMNS
from anycarrier.number_files import WrongFile
from anycarrier.purchase import Order
from anycarrier.search import FILTERS

WEEK = 7 * 86_400.0


def order(**more):
    search = more.pop("search", {"area_code": "201"})
    criteria = None if "number" in more else Search(limit=100, **search)
    return Order(criteria=criteria, valid_for=WEEK, **more)


def problems(text, **more):
    with pytest.raises(WrongFile) as caught:
        orders_from_csv(text, **more)
    return caught.value.problems


@pytest.mark.parametrize(
    ("header", "line", "expected"),
    [
        ("area_code", "201", order()),
        ("Area Code", "201 212", order(search={"area_code": ("201", "212")})),
        ("area_code", "201.0", order()),
        ("state,city,rate_center", "NJ,Newark,", order(search={"state": "NJ", "city": "Newark"})),
        ("line", "toll_free", order(search={"line": Line.TOLL_FREE})),
        ("area_code,sort_by", "201,price", order(search={"area_code": "201", "sort_by": "price"})),
        ("area_code,spells", "201,TAXI", order(search={"area_code": "201", "spells": "TAXI"})),
        (
            "state,excluding,without",
            "NJ,201 551.0,4 13",
            order(search={"state": "NJ", "excluding": {"201", "551"}, "without": {"4", "13"}}),
        ),
        ("number", "2015550123", order(number="+12015550123")),
        ("area_code,quantity", "201,3", order(quantity=3)),
        ("area_code,quantity", "201,3.0", order(quantity=3)),
        ("area_code,features", "201,sms voice", order(features={Feature.SMS, Feature.VOICE})),
        ("area_code,capabilities", "201,route release", order(capabilities=("route", "release"))),
        ("area_code,max_price,spend_cap", "201,1.50,9", order(max_price=Money("1.50"), spend_cap=Money("9"))),
        ("area_code,max_price", "201,2 CAD", order(max_price=Money("2", "CAD"))),
        ("area_code,prefer,in_doubt", "201,cheapest,hold", order(prefer="cheapest", in_doubt="hold")),
        ("area_code,reference", "201,tenant-42", order(reference="tenant-42")),
        (
            "area_code,tags",
            '201,"plan=basic; at = east coast"',
            order(tags={"plan": "basic", "at": "east coast"}),
        ),
        ("area_code,note", "201,of Ann", order()),
        ("area_code,campaign", "201,CB2PATH", order(setup=Desired(campaign="CB2PATH"))),
        (
            "area_code,texts",
            "201,https://example.com/t",
            order(setup=Desired(routes=[TextsToWebhook("https://example.com/t")])),
        ),
    ],
)
def test_a_line_is_an_order(header, line, expected):
    assert orders_from_csv(f"{header}\n{line}\n") == [expected]


def test_every_filter_is_a_column():
    assert {one.name for one in FILTERS} <= {*COLUMNS}


def test_a_profile_says_what_each_number_is_set_up_with_and_a_cell_counts_for_more():
    profiles = {"support": {"campaign": "CB2PATH", "label": "Support"}}
    found = orders_from_csv("area_code;profile;label\n201;support;\n212;support;Sales\n", profiles=profiles)
    assert [one.setup for one in found] == [
        Desired(campaign="CB2PATH", label="Support"),
        Desired(campaign="CB2PATH", label="Sales"),
    ]


def test_a_file_has_its_profiles_beside_it(tmp_path):
    (tmp_path / "orders.csv").write_text("area_code,profile\n201,support\n")
    (tmp_path / "orders.toml").write_text('[profile.support]\ncampaign = "CB2PATH"\n')
    assert read_orders(tmp_path / "orders.csv")[0].setup == Desired(campaign="CB2PATH")
    (tmp_path / "other.toml").write_text('[profile.support]\ncampaign = "CB3PATH"\n')
    found = read_orders(tmp_path / "orders.csv", profiles=tmp_path / "other.toml", valid_for=3600.0)
    assert (found[0].setup, found[0].valid_for) == (Desired(campaign="CB3PATH"), 3600.0)


def test_everything_that_is_wrong_is_said_at_once_with_line_and_column():
    text = (
        "area_code,number,quantity,features,max_price,tags,profile\n"
        "20,,1,,,,\n"
        ",,1,,,,\n"
        "201,2015550123,1,,,,\n"
        "201,,many,fax machine,free,plan,other\n"
        "201,,0,,-1,,\n"
        "201,,1,,,,,more\n"
        ",2015550123,2,,,,\n"
        "201,,#N/A,,,,\n"
    )
    said = problems(text)
    for line, column, word in (
        (2, "area_code", ""),
        (3, None, "neither a number nor a filter"),
        (4, None, "a number needs no search"),
        (5, "quantity", "whole number"),
        (5, "features", "there is no feature"),
        (5, "max_price", ""),
        (5, "tags", "plan=basic"),
        (5, "profile", "no profile"),
        (6, "quantity", ""),
        (6, "max_price", ""),
        (7, None, "8 cells"),
        (8, None, "quantity must be 1"),
        (9, "quantity", "error of the spreadsheet"),
    ):
        begins = f"line {line}, column {column}: " if column else f"line {line}: "
        assert any(one.startswith(begins) and word in one for one in said), (begins, word, said)
    assert len(said) == 13


def test_strange_columns_and_an_empty_file_are_refused():
    assert problems("area_code,colour\n201,blue\n")[0].startswith("line 1: there is no column colour")
    assert problems("area_code\n") == ("there is no order in it",)
    assert problems("") == ("there is no order in it",)
    assert problems("release\nyes\n")[0].startswith("line 1: there is no column release")


def test_a_file_that_cannot_be_read_says_so(tmp_path):
    with pytest.raises(WrongFile, match="cannot be read"):
        read_orders(tmp_path / "none.csv")


def test_lines_that_say_the_same_are_read_once_so_a_hundred_thousand_take_a_moment():
    text = "area_code,max_price,reference\n" + "".join(f"{201 + at % 3},3,r{at}\n" for at in range(2000))
    began = time.process_time()
    found = orders_from_csv(text)
    assert (time.process_time() - began) * 50 < 60  # a bound that a slow machine keeps: it takes 5 s
    assert len({id(one.criteria) for one in found}) == 3
    assert [found[at].reference for at in (0, 1999)] == ["r0", "r1999"]
