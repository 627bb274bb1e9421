"""Two joined simulators and a client of both: numbers of an account at LC that move to VoiceTel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anycarrier import Applied, Desired, PhoneNumber, Plan, TextsToWebhook, ToGateway
from anycarrier.failover import Failover
from anycarrier.ports import PortDetails, ServiceAddress
from anycarrier.purchase import Journal
from anycarrier.purchase import journal as journals
from anycarrier.simulator import AsyncSimTransport, SimTransport, join, load
from anycarrier.switching import SwitchRules
from anycarrier.testing import AnyClient
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

LC, VOICETEL = "http://127.0.0.1:1", "http://127.0.0.1:2"
DAY = 86_400.0
HOOK = TextsToWebhook("https://example.com/texts")
SETUP = Desired(routes=[ToGateway(1000), HOOK], campaign="CH5K5IZ")
RULES = SwitchRules(setup=SETUP)


def details_of(simulator: LCPhoneSimulator, number: str, **other: Any) -> PortDetails:
    """Details that a port order of a number needs, by the losing carrier's record."""
    record = simulator.service_record(number)
    assert record is not None
    facts: dict[str, Any] = {
        "subscriber": "Acme Inc",
        "subscriber_kind": "business",
        "service_address": ServiceAddress(
            street_number=record.street_number or "411",
            street="Hackensack",
            street_type="AVE",
            city="Hackensack",
            state="NJ",
            postal_code=record.zip or "07601",
        ),
        "account_number": record.account_number,
        "pin": record.pin,
        "billing_number": number,
        "authorized_person": "Ada Doe",
        **other,
    }
    return PortDetails(**facts)


class SwitchWorld:
    """Numbers at LC: some that can be ported, some that cannot, some in a pool or behind an IVR; and VoiceTel."""

    def __init__(
        self, mode: Any, folder: Path, *, ported: int = 3, replaced: int = 2, pooled: int = 1, menus: int = 1
    ) -> None:
        self.at = 1_790_000_000.0
        self.lc = load("lc_phone", owned=[], now=self.now)
        self.voicetel = load("voicetel", owned=[], balance=5000, now=self.now)
        assert isinstance(self.lc, LCPhoneSimulator)
        assert isinstance(self.voicetel, VoiceTelSimulator)
        join(losing=self.lc, gaining=self.voicetel)
        self.ported = [PhoneNumber(one) for one in self.lc.fill(ported, name="Line {}")]
        self.replaced = [PhoneNumber(f"+1201555{110 + at:04}") for at in range(replaced)]
        for number in self.replaced:
            self.lc.own(number.e164, name="Old line")
        self.left = [PhoneNumber(one) for one in self.lc.fill(pooled, pooled=True)]
        self.left += [
            PhoneNumber(one) for one in self.lc.fill(menus, inbound={"type": "ivr", "value": "68e381b296a83800a27cd1"})
        ]
        for number in self.replaced:
            self.voicetel.happen("other_carrier", number=number.ten_digit, reason="Rate center not served")
        self.book: Journal = journals.open(folder / "journal.sqlite")
        self.providers = (
            LCPhone(**self.lc.settings, base_url=LC),
            VoiceTel(**self.voicetel.settings, base_url=VOICETEL),
        )
        simulators = {LC: self.lc, VOICETEL: self.voicetel}
        transport = SimTransport(simulators) if mode == "sync" else AsyncSimTransport(simulators)
        self.phone = AnyClient(mode, Failover(self.providers, journal=self.book), transport)
        self.details = details_of(self.lc, self.ported[0]) if ported else None

    def now(self) -> float:
        return self.at

    def plan(self, **more: Any) -> Plan:
        plan: Plan = self.phone.plan_switch("lc_phone", "voicetel", **{"rules": RULES, **more})
        return plan

    def apply(self, plan: Plan, **more: Any) -> dict[PhoneNumber, Applied]:
        results = self.phone.apply(plan, **{"confirm": plan.id, "ports": [self.details], **more})
        return {one.number: one for one in self.phone.every(results)}

    def status(self, plan: Plan) -> dict[PhoneNumber, Applied]:
        return {one.number: one for one in self.phone.every(self.phone.status(plan))}

    def sign(self) -> None:
        """A person signs every letter of authorization."""
        for pid in self.voicetel.account.ports:
            self.voicetel.happen("loa", pid=pid)

    def pass_days(self, days: float) -> None:
        self.at += days * DAY

    def close(self) -> None:
        self.phone.close()
        self.book.close()
