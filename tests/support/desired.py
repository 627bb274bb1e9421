"""A simulated provider with two numbers, and a client of either mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anycarrier import Applied, Change, Desired, PhoneNumber, Plan
from anycarrier.desired_state import ChangeState, NumberState, carry_out, observe
from anycarrier.simulator import AsyncSimTransport, SimTransport, Simulator, load
from anycarrier.testing import AnyClient
from anycarrier_adapters.lc_legacy import LCLegacy
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel

BASE = "http://127.0.0.1:1"
ONE, OTHER, ELSEWHERE = (PhoneNumber(f"+1201555010{last}") for last in (1, 2, 9))
KINDS = {"voicetel": VoiceTel, "leadping": Leadping, "lc_phone": LCPhone, "lc_legacy": LCLegacy}


class World:
    """A simulated provider with two numbers, and a client of either mode."""

    def __init__(self, mode: Any, name: str = "voicetel", *, count: int = 2, **options: Any) -> None:
        self.numbers = [PhoneNumber(f"+1201555{101 + at:04}") for at in range(count)]
        numbers = [one.ten_digit if name == "voicetel" else one.e164 for one in self.numbers]
        self.simulator: Simulator = load(name, **{"owned": tuple(numbers), **options})
        self.provider: Any = KINDS[name](**self.simulator.settings, base_url=BASE)
        simulators = {BASE: self.simulator}
        transport = SimTransport(simulators) if mode == "sync" else AsyncSimTransport(simulators)
        self.mode = mode
        self.phone = AnyClient(mode, self.provider, transport)

    def observed(self, number: PhoneNumber = ONE, **more: Any) -> NumberState:
        states: dict[PhoneNumber, NumberState] = self.phone.run(observe(self.provider, [number], **more))
        return states[number]

    def carry_out(self, what: str, after: Any, before: Any = None, **more: Any) -> ChangeState:
        state: ChangeState = self.phone.run(carry_out(self.provider, Change(ONE, what, before, after), **more))
        return state

    def plan(self, *wanted: Desired, **more: Any) -> Plan:
        plan: Plan = self.phone.plan(wanted, **more)
        return plan

    def apply(self, plan: Plan, *, stop_after: int | None = None, **more: Any) -> list[Applied]:
        """The results; after the first *stop_after*, the rest is cancelled."""
        results: Any = self.phone.apply(plan, **{"confirm": plan.id, **more})
        return self.phone.every(results) if stop_after is None else self.phone.some(results, stop_after)

    def writes(self) -> list[str]:
        return [request.method for request in self.phone.sent if request.method != "GET"]


Make = Callable[..., World]
