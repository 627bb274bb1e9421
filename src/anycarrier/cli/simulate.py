"""``simulate``: simulators on this machine, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve

from anycarrier.cli.accounts import VARIABLE
from anycarrier.cli.context import Context, Ended
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.output import Output
from anycarrier.cli.simulator_programs import accounts_file, accounts_of, environment_of, first_of, run_program
from anycarrier.cli.simulators import found, server
from anycarrier.cli.working import quiet
from anycarrier.registry import names
from anycarrier.simulator import MAIN, Scenario, Simulator, join, read_options, read_scenario
from anycarrier.suggestions import meant

__all__ = ["simulate"]

PORT = 8085


def simulate(context: Context) -> int:
    """Run simulators, and print how to use them."""
    args, out = context.args, context.out
    scenario = _scenario(args.scenario, args.seed)
    seed = {} if scenario.seed is None else {"seed": scenario.seed}
    own = read_options(args.set, args.providers or names())
    options = {name: {**scenario.options.get(name, {}), **own.get(name, {})} for name in {**scenario.options, **own}}
    simulators = found(args.providers, options, **seed)
    played = {simulator.name for simulator in simulators}
    for what, targets in (("faults", (target for target, _ in scenario.faults)), ("options", options)):
        strangers = sorted({target for target in targets if target is not None} - played)
        if strangers:
            near = meant(strangers[0], played)
            raise Ended(
                f"the scenario has {what} for {', '.join(strangers)}{near}; simulated are: {', '.join(sorted(played))}"
            )
    for simulator in simulators:
        simulator.apply(scenario)
    _join(args.join, {simulator.name: simulator for simulator in simulators})
    if args.program:
        with quiet(), server().running(simulators, port=args.port or 0) as urls:
            return run_program(args.program, simulators, urls)

    def ready(urls: Mapping[str, str]) -> None:
        if out.form == "json":
            out.json({"simulators": [_record(simulator, urls[simulator.name]) for simulator in simulators]})
        else:
            _explain(out, simulators, urls)
        out.flush()

    with quiet():
        server().serve(simulators, port=PORT if args.port is None else args.port, ready=ready)
    if out.form != "json":
        out.line("Stopped.")
    return Exit.DONE


def _join(pairs: Sequence[tuple[str, str]], simulators: Mapping[str, Simulator]) -> None:
    for pair in pairs:
        if strangers := [name for name in pair if name not in simulators]:
            near = meant(strangers[0], simulators)
            raise Ended(f"--join names {', '.join(strangers)}{near}; simulated are: {', '.join(sorted(simulators))}")
        losing, gaining = (simulators[name] for name in pair)
        join(losing=losing, gaining=gaining)


def _scenario(path: str | None, seed: int | None) -> Scenario:
    if path is None:
        return Scenario(seed)
    try:
        scenario = read_scenario(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Ended(f"the scenario cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Ended("the scenario is not UTF-8 text") from None
    return scenario if seed is None else evolve(scenario, seed=seed)


def _record(simulator: Simulator, url: str) -> dict[str, object]:
    return {
        "provider": simulator.name,
        "url": url,
        "settings": {"base_url": url, **simulator.settings_of(MAIN)},
        "accounts": accounts_of(simulator, url),
        "environment": environment_of(simulator, url),
    }


def _explain(out: Output, simulators: Sequence[Simulator], urls: Mapping[str, str]) -> None:
    first = first_of(simulators)
    url = urls[first.name]
    for simulator in simulators:
        out.line(f"{simulator.name} is simulated at {urls[simulator.name]}")
    out.line()
    out.line("Paste this into another terminal:")
    out.line()
    for simulator in simulators:
        for name, value in environment_of(simulator, urls[simulator.name]).items():
            out.line(f"  export {name}={value}")
    out.line(f"  export {VARIABLE}={first.name}")
    area = first.story.get("area_code", "201")
    out.line(f"  anycarrier search --area-code {area}")
    if accounts := [*accounts_file(simulators, urls)]:
        out.line()
        out.line("Their accounts, for the file that ANYCARRIER_CONFIG names:")
        out.line()
    for line in accounts:
        out.line(f"  {line}")
    out.line()
    out.line("Or in Python:")
    out.line()
    out.line("  from anycarrier import Client, Search")
    out.line()
    out.line("  settings = {")
    for name, value in {"base_url": url, **first.settings_of(MAIN)}.items():
        out.line(f'      "{name}": "{value}",')
    out.line("  }")
    out.line(f'  with Client("{first.name}", **settings) as phone:')
    out.line(f'      print(phone.search(Search(area_code="{area}")))')
    out.line()
    out.line("Its ledger, and a fault for the next purchase (done, but the answer is lost):")
    out.line()
    out.line(f"  curl {url}/_simulator/ledger")
    fault = f'{{"kind": "reset", "operation": "{first.story.get("purchase", "...")}", "done": true}}'
    out.line(f"  curl {url}/_simulator/faults -d '{fault}'")
    out.line()
    out.line("The credentials are good for these simulators alone. Ctrl-C stops them.")
