"""``--option``: options that only one provider has, for purchases, routes and transfers."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from anycarrier.cli.exit_codes import Exit
from anycarrier.model import ProviderOptions, Route
from anycarrier.registry import names, provider_class
from anycarrier.simulator import SimRequest, Simulator
from support.terminal import Run, last_line

ROOT = Path(__file__).parents[4]
FREE, OWNED = "2015550100", "2125550199"


@pytest.fixture
def bodies(simulators: Mapping[str, Simulator], monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The JSON bodies that came to the simulators."""
    came: list[dict[str, Any]] = []

    def watch(simulator: Simulator) -> None:
        handle = simulator.handle

        def handled(request: SimRequest) -> Any:
            if request.body[:1] == b"{":
                came.append(json.loads(request.body))
            return handle(request)

        monkeypatch.setattr(simulator, "handle", handled)

    for simulator in simulators.values():
        watch(simulator)
    return came


def test_a_purchase_takes_the_options_of_its_provider(run: Run, bodies: list[dict[str, Any]]) -> None:
    code, _, err = run("buy", FREE, "--provider", "voicetel", "--option", "route=1000", "--yes")
    assert code == 0, err
    assert bodies[-1]["numbers"] == [{"number": FREE, "route": 1000}]
    asked = ["--option", "address_sid=AD123", "--option", "skip-location-kyc=yes"]
    code, _, err = run("buy", "2015550101", "--provider", "lc_phone", *asked, "--yes")
    assert code == 0, err
    assert {"addressSid": "AD123", "skipLocationKYC": True}.items() <= bodies[-1].items()


def test_the_command_that_goes_on_repeats_the_options(run: Run) -> None:
    _, _, err = run("buy", FREE, "--provider", "voicetel", "--option", "route=1000", "--request-id", "r1", "--yes")
    assert "anycarrier recover r1 --option route=1000" in err


def test_of_several_providers_each_takes_what_it_has(run: Run, bodies: list[dict[str, Any]]) -> None:
    asked = ["provision", "--area-code", "201", "--from", "lc_phone", "--from", "voicetel", "--yes"]
    code, _, err = run(*asked, "--option", "voicetel.route=1000", "--option", "region=NJ")
    assert code == 0, err
    assert [one["region"] for one in bodies if "region" in one] == ["NJ"]
    code, _, err = run(*asked, "--option", "leadping.name=x")
    assert code == Exit.USAGE
    assert "leadping is none of the providers of this command: lc_phone, voicetel" in err


def test_a_transfer_and_a_route_take_theirs(run: Run, bodies: list[dict[str, Any]]) -> None:
    asked = ["transfer", OWNED, "--to", "1000000002", "--provider", "voicetel", "--yes"]
    run(*asked, "--option", "route=1001")
    assert bodies[-1]["route"] == 1001
    run("route", OWNED, "--provider", "voicetel", "--option", "route_out=17", "--option", "route_in=0")
    assert bodies[-1] == {"routeIn": 0, "routeOut": 17}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["buy", FREE, "--option", "rout=1"], "--option rout does not exist; did you mean route?"),
        (["buy", FREE, "--option", "colour=red"], "does not exist; for buy voicetel has route"),
        (["buy", FREE, "--option", "route=x"], "--option route must be a whole number"),
        (["buy", FREE, "--option", "route"], "write NAME=VALUE"),
        (["buy", FREE, "--option", "route="], "--option route is empty"),
        (["buy", FREE, "--option", "route=1", "--option", "route=2"], "--option route appears twice"),
        (["transfer", OWNED, "--to", "1000000002", "--option", "name=x"], "for transfer voicetel has route"),
        (["route", OWNED, "--option", "gateway=1"], "for route voicetel has route_in, route_out"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_sent(
    run: Run, simulators: Mapping[str, Simulator], argv: list[str], said: str
) -> None:
    yes = [] if argv[0] == "route" else ["--yes"]
    code, _, err = run(*argv, *yes, "--provider", "voicetel")
    assert code == Exit.USAGE
    assert said in last_line(err)
    assert not simulators["voicetel"].ledger.requests


def test_a_required_option_that_is_missing_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from attrs import field, frozen

    @frozen(kw_only=True)
    class Needs(ProviderOptions):
        plan: str = field()
        note: str | None = None

    needs = {"buy": Needs}
    Needs.__annotations__["note"] = str
    Needs.__annotations__["plan"] = str
    monkeypatch.setattr(provider_class("voicetel"), "option_classes", needs)
    code, _, err = run("buy", FREE, "--provider", "voicetel", "--option", "note=x", "--yes")
    assert code == Exit.USAGE
    assert "voicetel needs plan with note: add --option plan=..." in last_line(err)


def test_every_class_of_options_that_an_adapter_uses_is_declared() -> None:
    for name in names():
        declared = {cls.__name__ for cls in provider_class(name).option_classes.values()}
        folder = ROOT / "adapters" / "anycarrier_adapters" / name
        nodes = [node for path in folder.glob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
        own = {node.name for node in nodes if isinstance(node, ast.ClassDef)}
        used = {
            node.args[0].id
            for node in nodes
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "options_of"
            and isinstance(node.args[0], ast.Name)
        }
        assert used <= declared, name
        assert declared <= used | own | {"MessagingRoutes"}, name
        assert all(issubclass(cls, ProviderOptions | Route) for cls in provider_class(name).option_classes.values())
