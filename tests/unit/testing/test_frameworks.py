"""Examples of docs/frameworks.md, each run against a simulated carrier that loses the answer to the purchase."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from anycarrier.testing import SimulatedCarrier, simulated_carrier

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
SHOWN = (
    "script.py",
    "fastapi_app.py",
    "django_shop/settings.py",
    "django_shop/management/commands/buy_number.py",
    "celery_tasks.py",
    "numbers.ipynb",
)


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory of its own, from which the examples can be imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOURNAL", str(tmp_path / "purchases.sqlite"))
    monkeypatch.syspath_prepend(EXAMPLES)


@pytest.fixture
def carrier() -> Iterator[SimulatedCarrier]:
    with simulated_carrier("voicetel") as carrier:
        carrier.lose_next_answer()
        yield carrier


def silence(carrier: SimulatedCarrier, seconds: float | None = None) -> None:
    """Let nothing tell what became of a purchase for so long."""
    for operation in ("order", "numbers", "number_get"):
        carrier.fault("error", operation=operation, status=503, times=None, lasts=seconds)


def paid(carrier: SimulatedCarrier) -> list[str]:
    return [charge.number for charge in carrier.charges]


def test_the_script(carrier: SimulatedCarrier, capsys: pytest.CaptureFixture[str]) -> None:
    script = import_module("script")
    for _ in range(2):
        assert script.main("ada", "201") == 0
        assert paid(carrier) == [capsys.readouterr().out.strip()]
    assert script.main("bob", "") == 1
    assert "area_code" in capsys.readouterr().err


@pytest.mark.slow
def test_the_script_does_not_know_yet(carrier: SimulatedCarrier, capsys: pytest.CaptureFixture[str]) -> None:
    script = import_module("script")
    silence(carrier)
    assert script.main("ada", "201") == 75
    assert "run it again" in capsys.readouterr().err
    carrier.simulator.faults.clear()
    assert script.main("ada", "201") == 0
    assert paid(carrier) == [capsys.readouterr().out.strip()]


def test_fastapi(carrier: SimulatedCarrier) -> None:
    from fastapi.testclient import TestClient

    with TestClient(import_module("fastapi_app").app) as web:
        assert len(web.post("/search", json={"area_code": "201", "limit": 3}).json()) == 3
        for _ in range(2):
            bought = web.put("/customers/ada/number", json={"area_code": "201"})
            assert bought.status_code == 200
            (number,) = paid(carrier)
            assert bought.json()["items"][0]["bought"]["number"] == number
        assert web.get(f"/numbers/{number}").json()["number"] == number
        missing = web.get("/numbers/+12125550198")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
        assert missing.json()["status"] == 404


@pytest.fixture
def same_time_zone() -> Iterator[None]:
    """The process's time zone, which Django sets, as before."""
    with mock.patch.dict(os.environ):
        yield
    time.tzset()


@pytest.mark.slow
@pytest.mark.usefixtures("same_time_zone")
def test_django(carrier: SimulatedCarrier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "django_shop.settings")
    import django
    from django.core.management import CommandError, call_command
    from django.test import override_settings

    django.setup()
    with override_settings(ANYCARRIER_JOURNAL=str(tmp_path / "purchases.sqlite")):
        for _ in range(2):
            out = io.StringIO()
            call_command("buy_number", "ada", area_code="201", stdout=out)
            assert paid(carrier) == [out.getvalue().strip()]
        with pytest.raises(CommandError, match="area_code"):
            call_command("buy_number", "bob", area_code="")
        carrier.fault("close", operation="order", done=True)
        silence(carrier)
        with pytest.raises(CommandError, match="run it again") as unknown:
            call_command("buy_number", "eve", area_code="201")
        assert unknown.value.returncode == 75


@pytest.mark.slow
def test_a_celery_task_that_does_not_know_yet_is_tried_again(carrier: SimulatedCarrier) -> None:
    give_number: Any = import_module("celery_tasks").give_number
    silence(carrier, seconds=45)
    done = give_number.apply(args=("ada", "201"))
    assert paid(carrier) == [done.get()]
    assert give_number.apply(args=("ada", "201")).get() == done.get()
    assert len(carrier.charges) == 1


def test_the_notebook(carrier: SimulatedCarrier) -> None:
    notebook = json.loads((EXAMPLES / "numbers.ipynb").read_text("utf-8"))
    assert (notebook["nbformat"], notebook["metadata"]["kernelspec"]["name"]) == (4, "python3")
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not [cell for cell in cells if cell["outputs"] or cell["execution_count"]]
    names: dict[str, Any] = {}
    for cell in [*cells[:-1], cells[1], cells[-1]]:  # one of them runs again
        exec(compile("".join(cell["source"]), "cell", "exec"), names)  # noqa: S102
    assert paid(carrier) == [str(number) for number in names["bought"].numbers]


def test_each_example_is_short_and_shown() -> None:
    page = (EXAMPLES.parent / "frameworks.md").read_text("utf-8")
    for name in SHOWN:
        assert f"<!-- examples/{name}: begin (make docs) -->" in page
        if name.endswith(".py"):
            assert len((EXAMPLES / name).read_text("utf-8").splitlines()) < 80
