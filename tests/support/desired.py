"""A simulated provider with two numbers, and a client of either mode."""

from __future__ import annotations

from typing import Any

from anycarrier import Change, PhoneNumber
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

    def __init__(self, mode: Any, name: str = "voicetel", **options: Any) -> None:
        numbers = [one.ten_digit if name == "voicetel" else one.e164 for one in (ONE, OTHER)]
        self.simulator: Simulator = load(name, **{"owned": tuple(numbers), **options})
        self.provider: Any = KINDS[name](**self.simulator.settings, base_url=BASE)
        simulators = {BASE: self.simulator}
        transport = SimTransport(simulators) if mode == "sync" else AsyncSimTransport(simulators)
        self.phone = AnyClient(mode, self.provider, transport)

    def observed(self, number: PhoneNumber = ONE, **more: Any) -> NumberState:
        states: dict[PhoneNumber, NumberState] = self.phone.run(observe(self.provider, [number], **more))
        return states[number]

    def carry_out(self, what: str, after: Any, before: Any = None, **more: Any) -> ChangeState:
        state: ChangeState = self.phone.run(carry_out(self.provider, Change(ONE, what, before, after), **more))
        return state

    def writes(self) -> list[str]:
        return [request.method for request in self.phone.sent if request.method != "GET"]
