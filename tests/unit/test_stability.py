"""Promises of docs/stability.md that a test can hold: names, exit codes and members of the JSON output stay.

``promised.json`` is what the last release had. Whoever removes or renames something in it breaks programs: keep the old
one for as long as the page says, or, for a release that may break them, write the file anew with
``python tests/unit/test_stability.py`` and say so in CHANGELOG.md. More names and members are no break; a release that
adds some writes the file anew too.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from anycarrier import Offer, OwnedNumber, PhoneNumber
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.json_output import error_record, record
from anycarrier.cli.purchase_output import bought_record, purchase_record, slot_record
from anycarrier.errors import ProviderDown
from anycarrier.purchase import Bought, ItemState, OrderItem, Purchase

FILE = Path(__file__).with_name("promised.json")
PAGE = (Path(__file__).parents[2] / "docs" / "stability.md").read_text(encoding="utf-8")
MODULES = (
    "anycarrier",
    "anycarrier.adapter",
    "anycarrier.errors",
    "anycarrier.features",
    "anycarrier.json_forms",
    "anycarrier.number_files",
    "anycarrier.purchase",
    "anycarrier.purchase.journal",
    "anycarrier.simulator",
    "anycarrier.testing",
    "anycarrier.transports",
)
NUMBER = PhoneNumber("+12015550123")
WHERE: dict[str, Any] = {"provider": "acme", "account": "a", "number": NUMBER}


def members() -> dict[str, list[str]]:
    """Members of the JSON output, by the thing that it describes."""
    bought = Bought(**WHERE, key="k")
    item = OrderItem(id="r#1", state=ItemState.ACTIVE, bought=bought)
    shown: dict[str, Any] = {
        "error": error_record(ProviderDown("down")),
        "offer": record(Offer(**WHERE)),
        "number": record(OwnedNumber(**WHERE)),
        "purchase": purchase_record(Purchase(request_id="r", items=(item,))),
        "purchase.slots": slot_record(item),
        "purchase.bought": bought_record(bought),
    }
    return {name: sorted(one) for name, one in shown.items()}


def present() -> dict[str, Any]:
    return {
        "modules": {name: sorted(import_module(name).__all__) for name in MODULES},
        "exit_codes": {name: code for name, code in vars(Exit).items() if name.isupper()},
        "item_states": [state.value for state in ItemState],
        "json": members(),
    }


def promised() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("kind", ["modules", "json"])
def test_no_promised_name_is_gone(kind: str) -> None:
    now = present()[kind]
    gone = {
        f"{home}: {name}" for home, names in promised()[kind].items() for name in names if name not in now.get(home, ())
    }
    assert not gone, f"programs use these; see the head of {Path(__file__).name}"


def test_every_promised_name_can_be_imported() -> None:
    for home, names in promised()["modules"].items():
        module = import_module(home)
        assert [name for name in names if not hasattr(module, name)] == []


def test_exit_codes_and_states_keep_their_meaning() -> None:
    now = present()
    assert promised()["exit_codes"].items() <= now["exit_codes"].items()
    assert set(promised()["item_states"]) <= set(now["item_states"])


def test_the_page_names_the_modules_that_it_promises() -> None:
    assert [name for name in MODULES if f"`{name}`" not in PAGE] == []


if __name__ == "__main__":
    FILE.write_text(json.dumps(present(), indent=1) + "\n", encoding="utf-8")
