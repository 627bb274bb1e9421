"""Choice of the sender of a text or a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, json_answer, route

from .history import History
from .paging import body_of
from .records import Number

__all__ = ["Senders"]

OUTGOING = "/phone-numbers/outgoing"
LABELS = {
    "ManualOverride": "Chosen by hand",
    "LocalArea": "In the recipient's area",
    "HealthyPool": "Healthy number",
}


class Senders(History):
    """``/phone-numbers/outgoing``."""

    def begin(self) -> None:
        super().begin()
        self.overrides: dict[str, str] = {}

    @route("POST", f"{OUTGOING}/new")
    def sender_of_new(self, call: Call) -> SimAnswer:
        return json_answer(200, self._chosen(body_of(call), None))

    @route("POST", f"{OUTGOING}/conversation/{{conversationId}}")
    def sender_of_conversation(self, call: Call) -> SimAnswer:
        return json_answer(200, self._chosen(body_of(call), self.overrides.get(call.values["conversationId"])))

    @route("POST", f"{OUTGOING}/manual-override")
    def checked_sender(self, call: Call) -> SimAnswer:
        one, selection = self._override(call)
        return json_answer(200, self._chosen(selection, one.id))

    @route("POST", f"{OUTGOING}/conversation/{{conversationId}}/override")
    def set_sender(self, call: Call) -> SimAnswer:
        one, selection = self._override(call)
        self.overrides[call.values["conversationId"]] = one.id
        return json_answer(200, self._chosen(selection, one.id))

    @route("DELETE", f"{OUTGOING}/conversation/{{conversationId}}/override")
    def clear_sender(self, call: Call) -> SimAnswer:
        self.overrides.pop(call.values["conversationId"], None)
        return json_answer(200, self._chosen({}, None))

    def _override(self, call: Call) -> tuple[Number, Mapping[str, Any]]:
        body = body_of(call)
        chosen, selection = body.get("fromPhoneNumberId"), body.get("selection")
        errors: dict[str, list[str]] = {}
        if not isinstance(selection, dict):
            errors["selection"] = ["The Selection field is required."]
        one = self.numbers.get(chosen) if isinstance(chosen, str) else None
        if one is None or one.owner != self.owner:
            errors["fromPhoneNumberId"] = ["The phone number is not known."]
        if errors or one is None:
            raise Refused(400, "Request validation failed", kind="validation", errors=errors)
        return one, selection or {}

    def _chosen(self, hints: Mapping[str, Any], override: str | None) -> dict[str, Any]:
        channel = hints.get("channel") or "sms"
        recipient = hints.get("recipientPhoneNumber")
        mine = [one for one in self.numbers.values() if one.owner == self.owner]
        able = [one for one in mine if self._can_send(one, channel)]
        near = [one for one in able if isinstance(recipient, str) and one.number[:5] == recipient[:5]]
        reason = "ManualOverride" if override else "LocalArea" if near else "HealthyPool"
        wanted = self.numbers.get(override) if override else next(iter(near or able), None)
        can = wanted is not None and wanted in able
        return {
            "canSend": can,
            "setupMessage": None if can else "No number can send: register a 10DLC campaign for one.",
            "phoneNumberId": None if wanted is None else wanted.id,
            "number": None if wanted is None else wanted.number,
            "displayNumber": None if wanted is None else _display(wanted.number),
            "healthStatus": "Healthy" if can else None,
            "healthLabel": "Healthy" if can else None,
            "healthWarning": None,
            "selectionReason": reason if can else None,
            "reasonLabel": LABELS[reason] if can else None,
            "wasManuallyOverridden": override is not None,
            "campaignId": hints.get("campaignId"),
            "sourceId": hints.get("sourceId"),
            "eligibleNumbers": [self._eligible(one, one is wanted, reason) for one in able],
        }

    def _can_send(self, one: Number, channel: str) -> bool:
        active = self._status(one) == "Active" and one.enabled
        return active and (channel == "call" or one.campaign is not None)

    def _eligible(self, one: Number, selected: bool, reason: str) -> dict[str, Any]:
        why = reason if selected else "HealthyPool"
        return {
            "phoneNumberId": one.id,
            "number": one.number,
            "displayNumber": _display(one.number),
            "healthStatus": "Healthy",
            "healthLabel": "Healthy",
            "healthWarning": None,
            "canSend": True,
            "selectionReason": why,
            "reasonLabel": LABELS[why],
            "label": one.name,
            "campaignId": None,
            "sourceId": None,
            "teamId": None,
            "isSelected": selected,
        }


def _display(number: str) -> str:
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
