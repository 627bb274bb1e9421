"""The vendors' own clients get right answers from the simulators, and the page says so."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from vendors.clients import CLIENTS, VendorClient
from vendors.page import PAGE, kept, page, results
from vendors.programs.recorder import differences
from vendors.runs import PROGRAMS, run

each = pytest.mark.parametrize("client", CLIENTS, ids=str)


@pytest.mark.vendors
@each
def test_every_call_that_is_right_by_the_documents_gets_a_right_answer(client: VendorClient) -> None:
    found = run(client)
    assert not found["forgotten"], "methods that are neither called nor excluded"
    surprises = {method: problems for method, problems in found["problems"].items() if method not in client.wrong}
    assert not surprises
    assert kept(found) == results()[str(client)], "stale: make vendors WRITE=1"


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(results()), "stale: make vendors WRITE=1"


@each
def test_each_method_without_a_right_answer_has_a_reason_and_each_reason_a_method(client: VendorClient) -> None:
    found = results()[str(client)]
    assert set(found["wrong"]) == set(client.wrong)
    for beginning in (beginning for listed in client.excluded.values() for beginning in listed):
        assert any(method.startswith(beginning) for method in found["excluded"]), beginning
    assert bool(found["lost"]) == bool(client.loses)
    assert not set(found["excluded"]) & {*found["right"], *found["wrong"]}


@pytest.mark.parametrize("program", sorted({client.program for client in CLIENTS}))
def test_results_name_the_methods_that_the_program_calls(program: str) -> None:
    nodes = list(ast.walk(ast.parse((PROGRAMS / f"{program}.py").read_text())))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    called = {
        node.args[0].value
        for node in nodes
        if isinstance(node, ast.Call) and "call" in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
        if isinstance(node.args[0], ast.Constant)
    }
    found = [results()[str(client)] for client in CLIENTS if client.program == program]
    assert called <= {method for one in found for method in (*one["right"], *one["wrong"])} <= texts


RIGHT: dict[str, Any] = {"id": 7, "name": "x", "rows": [{"id": 1}, {"id": 2}], "none": None}


@pytest.mark.parametrize(
    ("expects", "problem"),
    [
        ({"id": int, "rows": [{"id": 1}, {}]}, None),
        ({"id": 7, "name": str, "rows": list, "none": None}, None),
        ({"id": 8}, "answer.id is 7, not 8"),
        ({"missing": int}, "answer.missing is None, no int"),
        ({"name": {"first": str}}, "answer.name is 'x', no object"),
        ({"rows": [{"id": 1}]}, "not a list of 1"),
        ({"rows": [{"id": 1}, {"id": 3}]}, "answer.rows[1].id is 2, not 3"),
        (None, "not None"),
    ],
)
def test_an_answer_that_differs_is_a_problem(expects: Any, problem: str | None) -> None:
    found = differences(expects, RIGHT)
    assert len(found) == (problem is not None)
    assert all(problem in line for line in found)


def test_an_empty_text_is_no_answer() -> None:
    assert differences({"name": str}, {"name": ""}) == ["answer.name is '', no str"]
