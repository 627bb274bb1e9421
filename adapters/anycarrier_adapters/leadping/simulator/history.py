"""History of the simulator's numbers: texts and calls, what is counted of them, and what can still go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from attrs import define

from anycarrier.simulator import Call, Refused, SimAnswer, event, json_answer, route

from .paging import body_of, page_of
from .records import Number
from .shapes import Shapes, date_text

__all__ = ["History", "Passed"]

SMS_PRICE, VOICE_PRICE = Decimal("0.02"), Decimal("0.021")
"""For a text of one part, and for a minute of a call (Leadping's price list)."""
LIMITS: Mapping[str, tuple[int, int, int]] = {"sms": (6, 60, 200), "voice": (2, 30, 100)}
"""Of a number, in a minute, an hour and a day."""
EASTERN = "America/New_York"
DAY = 86_400.0


@define
class Passed:
    """A text or a call that passed.

    Attributes:
        kind: ``sms`` or ``voice``.
        number: the account's number.
        other: the other party.
        seconds: duration of a call.
    """

    kind: Literal["sms", "voice"]
    id: str
    number: Number
    other: str
    inbound: bool
    at: float
    status: str
    text: str = ""
    seconds: int = 0
    price: Decimal = Decimal(0)
    reason: str | None = None

    @property
    def failed(self) -> bool:
        return self.status in ("failed", "undeliverable", "blocked_billing")


class History(Shapes):
    """``/events``, ``/outbound/overview``, and the reports on a number."""

    def begin(self) -> None:
        super().begin()
        self.passed: list[Passed] = []
        if self.first_owned is None:
            first, other = next(iter(self.numbers.values())).number, "+12015550150"
            self.text(first, other, "Is the house still for sale?", inbound=True, paid=False)
            self.text(first, other, "It is. When can we call you?", paid=False)
            self.call(first, other, seconds=75, paid=False)

    # What may happen, for programs and tests

    @event
    def text(self, number: str, other: str, text: str, *, inbound: bool = False, paid: bool = True) -> None:
        """Let a text pass between a *number* of the account and another; what goes out is paid from the wallet."""
        self._pass("sms", number, other, inbound, "delivered", SMS_PRICE if paid else Decimal(0), text=text)

    @event
    def call(self, number: str, other: str, *, seconds: int, inbound: bool = False, paid: bool = True) -> None:
        """The same for a call."""
        price = VOICE_PRICE * -(-seconds // 60) if paid else Decimal(0)
        self._pass("voice", number, other, inbound, "completed", price, seconds=seconds)

    def _pass(
        self, kind: Literal["sms", "voice"], number: str, other: str, inbound: bool, done: str, price: Decimal,
        **more: Any,
    ) -> None:  # fmt: skip
        found = [one for one in self.numbers.values() if one.number == number]
        if not found:
            raise ValueError("the account does not have this number")
        status, reason = "received" if inbound and kind == "sms" else done, None
        if inbound:
            price = Decimal(0)
        elif price > self.wallet:
            status, reason, price = "blocked_billing", "The wallet balance is insufficient.", Decimal(0)
        self.wallet -= price
        mark = f"{kind}_{len(self.passed) + 1:06}"
        self.passed.append(
            Passed(kind, mark, found[0], other, inbound, self.time(), status, price=price, reason=reason, **more)
        )

    # Events

    @route("POST", "/events/sms/phone/{phoneNumber}")
    def sms_history(self, call: Call) -> SimAnswer:
        return self._history(call, "sms")

    @route("POST", "/events/calls/phone/{phoneNumber}")
    def call_history(self, call: Call) -> SimAnswer:
        return self._history(call, "voice")

    def _history(self, call: Call, kind: str) -> SimAnswer:
        body = body_of(call)
        one = self._by_number(call.values["phoneNumber"])
        found = [event for event in reversed(self.passed) if event.kind == kind and event.number is one]
        rows = [self._text_row(event) if kind == "sms" else self._call_row(event) for event in found]
        return json_answer(200, page_of(rows, body, stuck=self.stuck))

    def _by_number(self, number: str) -> Number:
        for one in self.numbers.values():
            if one.number == number and one.owner == self.owner:
                return one
        raise Refused(400, "The phone number is not known.", kind="validation")

    def _event_row(self, event: Passed) -> dict[str, Any]:
        ours = event.number
        sender, recipient = (event.other, ours.number) if event.inbound else (ours.number, event.other)
        return {
            "id": event.id,
            "conversationId": f"conv_{ours.id}_{event.other[1:]}",
            "fromPhoneNumberId": None if event.inbound and event.kind == "voice" else ours.id,
            "fromPhoneNumber": sender,
            "toPhoneNumber": recipient,
            "status": event.status,
            "statusReason": event.reason,
            "direction": "inbound" if event.inbound else "outbound",
            "createdAt": date_text(event.at),
            "billingStatus": "charged" if event.price else None,
            "user": "",
        }

    def _later_row(self, event: Passed) -> dict[str, Any]:
        """Members that came in 2026-08."""
        name = self._owner_name(event.number.owner)
        entry = {
            "id": f"{event.id}_1",
            "stage": "provider",
            "status": event.status,
            "message": event.reason or "The provider answered.",
            "occurredAt": date_text(event.at),
        }
        shown = {
            "organization": name,
            "organizationName": name,
            "billableAmount": float(event.price),
            "consoleEntries": [entry],
            "userName": None,
        }
        return shown | ({"isDemo": False} if self.api_version == "2026-10" else {})

    def _text_row(self, event: Passed) -> dict[str, Any]:
        shown = self._event_row(event)
        shown |= {
            "outboundPhoneNumberId": event.number.id,
            "text": event.text,
            "isAutomated": False,
            "outboundSource": None if event.inbound else "api",
            "trafficType": "RealLead",
            "senderName": None,
        }
        marks = {"received": "receivedAt", "delivered": "deliveredAt", "blocked_billing": "blockedAt"}
        shown[marks[event.status]] = date_text(event.at)
        if self.api_version == "2026-06":
            name = self._owner_name(event.number.owner)
            return shown | {"business": name, "businessName": name, "isWarmup": False, "leadId": "lead_1"}
        return shown | self._later_row(event) | {"lead": {"id": "lead_1", "name": "Pat Example"}, "media": []}

    def _call_row(self, event: Passed) -> dict[str, Any]:
        answered = event.status == "completed"
        shown = self._event_row(event)
        shown |= {
            "leadId": "lead_1",
            "callerId": shown["fromPhoneNumber"],
            "answeredAt": date_text(event.at) if answered else None,
            "endedAt": date_text(event.at + event.seconds),
        }
        if self.api_version == "2026-06":
            return shown | {"business": self._owner_name(event.number.owner), "businessId": event.number.owner}
        seconds = event.seconds if answered else 0
        more = {"organizationId": event.number.owner, "duration": seconds, "billableSeconds": seconds}
        return shown | self._later_row(event) | more

    # Reports

    @route("GET", "/phone-numbers/{phoneNumber}/status")
    def number_status(self, call: Call) -> SimAnswer:
        return json_answer(200, self._report(self._by_number(call.values["phoneNumber"]), call))

    def _report(self, one: Number, call: Call) -> dict[str, Any]:
        begin, end = self._window(call)
        events = [event for event in self.passed if event.number is one and begin <= event.at < end]
        sent = [event for event in events if not event.inbound]
        texts, calls = [[event for event in sent if event.kind == kind] for kind in ("sms", "voice")]
        counts = {
            "smsSentCount": len(texts),
            "smsFailedCount": sum(event.failed for event in texts),
            "callPlacedCount": len(calls),
            "callFailedCount": sum(event.failed for event in calls),
        }
        window = {"windowDays": round((end - begin) / DAY), "windowStartedAt": date_text(begin)}
        contacted = len({event.other for event in texts})
        opt_outs = {"distinctContactedCount": contacted, "optOutCount": 0, "optOutRatePercent": 0.0}
        shown: dict[str, Any] = {
            "number": one.number,
            "messagesPossible": self._left(one, "sms", DAY),
            "callsPossible": self._left(one, "voice", DAY),
            "smsWarmup": self._sms_warmup(one),
            "recentEvents": [self._recent(event) for event in reversed(events[-10:]) if event.kind == "sms"],
            "optOutMetrics": {**window, **opt_outs},
            "trafficMetrics": {**window, **counts},
        }
        if self.api_version == "2026-06":
            return shown | {"messagesWarmed": 0, "warmupCallsMade": 0, "callWarmup": None}
        shown["trafficMetrics"] |= {
            "mmsSentCount": 0,
            "mmsFailedCount": 0,
            "callConnectedCount": sum(not event.failed for event in calls),
            "callShortCount": sum(event.seconds < 10 for event in calls),
            "callInvalidNumberCount": 0,
            "trend": [],
        }
        shown["outboundCapacity"] = self._capacity(one)
        place = self.places.get(one.number)
        if self.api_version == "2026-10" and place is not None:
            shown["location"] = self._location(place)
        return shown

    def _window(self, call: Call) -> tuple[float, float]:
        """Begin and end of the time that the request names: the last days (default: seven), or whole days of UTC."""
        given = {name: call.query(name) for name in ("windowDays", "startDate", "endDate")}
        try:
            days = int(given["windowDays"] or 7)
            if not 1 <= days <= 366:
                raise ValueError
            ends = [None if (day := given[name]) is None else _day(day) for name in ("startDate", "endDate")]
        except ValueError:
            raise Refused(400, "Request validation failed", errors={"windowDays": ["The window is not one."]}) from None
        end = self.time() + 1 if ends[1] is None else ends[1] + DAY
        return (end - days * DAY if ends[0] is None else ends[0]), end

    def _sms_warmup(self, one: Number) -> dict[str, Any]:
        june = self.api_version == "2026-06"
        state = "Warming" if june else "In Progress"
        return {
            "phoneNumberId": one.id,
            "phoneNumber": one.number,
            "status": state,
            "healthScore": self._figure(87),
            "progressPercent": self._figure(40),
            "warmupEnabled": True,
            "uiState": {"label": state, "tone": "info", "description": "Traffic is raised step by step."},
            **({"canPause": False, "canResume": False} if june else {"healthStatus": "Healthy"}),
        }

    def _recent(self, event: Passed) -> dict[str, Any]:
        row = self._event_row(event)
        shown = {name: row[name] for name in ("id", "createdAt", "direction", "fromPhoneNumber", "toPhoneNumber")}
        shown |= {"label": "Text", "eventType": "sms", "textPreview": event.text[:80], "isOptOut": False}
        return shown | ({"isDemo": False} if self.api_version == "2026-10" else {})

    # Capacity

    @route("GET", "/outbound/overview")
    def overview(self, call: Call) -> SimAnswer:
        mine = [one for one in self.numbers.values() if one.owner == self.owner]
        active = [one for one in mine if self._status(one) == "Active" and one.enabled]
        out = [event for event in self.passed if not event.inbound and event.number.owner == self.owner]
        shown = {
            "smsCapacityRemainingToday": sum(self._left(one, "sms", DAY) for one in active),
            "voiceCapacityRemainingToday": sum(self._left(one, "voice", DAY) for one in active),
            "healthyPhoneNumbers": len(active),
            "limitedPhoneNumbers": len(mine) - len(active),
            "coolingPhoneNumbers": 0,
            "scheduledCount": 0,
            "blockedCount": sum(event.failed for event in out),
            "phoneNumbers": [self._capacity(one) for one in mine],
            "recentDecisions": [_decision(event) for event in reversed(out[-20:])],
        }
        return json_answer(200, shown if self.api_version == "2026-06" else {**shown, "rampingPhoneNumbers": 0})

    def _left(self, one: Number, kind: str, seconds: float) -> int:
        limit = LIMITS[kind][(60.0, 3600.0, DAY).index(seconds)]
        return max(0, limit - self._used(one, kind, seconds))

    def _used(self, one: Number, kind: str, seconds: float) -> int:
        since = self.time() - seconds
        return sum(
            event.kind == kind and event.number is one and not event.inbound and event.at > since
            for event in self.passed
        )

    def _capacity(self, one: Number) -> dict[str, Any]:
        works = self._status(one) == "Active" and one.enabled
        shown: dict[str, Any] = {
            "phoneNumberId": one.id,
            "phoneNumber": one.number,
            "healthStatus": "healthy" if works else "disabled",
            "smsRemainingToday": self._left(one, "sms", DAY),
            "voiceRemainingToday": self._left(one, "voice", DAY),
        }
        if self.api_version == "2026-06":
            return shown
        shown |= {"capacityAvailable": works, "healthReason": None, "smsApproved": one.campaign is not None}
        resets = self._resets()
        for kind in ("sms", "voice"):
            shown[f"{kind}Ramping"] = False
            for (name, seconds), limit in zip(_SPANS, LIMITS[kind], strict=True):
                shown[f"{kind}Remaining{name}"] = self._left(one, kind, seconds)
                shown[f"{kind}Used{name}"] = self._used(one, kind, seconds)
                shown[f"{kind}Limit{name}"] = limit
            shown |= {f"{kind}{name}ResetsAt": at for name, at in resets.items()}
            if self.api_version == "2026-10":
                shown[f"{kind}RampDirection"] = "none"
        return shown

    def _resets(self) -> dict[str, str | None]:
        """Ends of the minute, of the hour and of the day; hours and days are those of Eastern time."""
        here = datetime.fromtimestamp(self.time(), ZoneInfo(EASTERN))
        hour = here.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        ends = {"Minutely": self.time() + 60, "Hourly": hour.timestamp(), "Daily": midnight.timestamp()}
        return {name: date_text(at) for name, at in ends.items()}


_SPANS = (("ThisMinute", 60.0), ("ThisHour", 3600.0), ("Today", DAY))


def _decision(event: Passed) -> dict[str, Any]:
    blocked = event.status == "blocked_billing"
    return {
        "id": f"queue_{event.id}",
        "channel": event.kind,
        "source": "api",
        "status": "blocked" if blocked else "sent",
        "reasonCode": "wallet_insufficient" if blocked else "allowed",
        "reason": event.reason,
        "scheduledSendAt": None,
        "phoneNumber": event.number.number,
    }


def _day(text: str) -> float:
    day = date.fromisoformat(text)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC")).timestamp()
