"""Ports from other carriers. OpenAPI: iNumbering (``portAvailability``, ``portSubmit``, ``portList``, ``portGet``).

VoiceTel documents no key that makes an order repeatable, no limit of its numbers, and of the words for a port's state
"Complete" alone; the others are read by what they say, and stand in ``provider_status`` as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import evolve

from anycarrier.adapter import (
    Exchange,
    Failed,
    InvalidInput,
    InvalidRequest,
    Money,
    Owning,
    PhoneNumber,
    Port,
    Portability,
    PortDraft,
    PortedNumber,
    PortState,
    ResolutionPolicy,
    ToGateway,
    UnexpectedResponse,
    Unsupported,
    attributed_to,
    together,
)

from . import mapping, schemas
from .api import PROVIDER, Api, PortFeature

__all__ = ["Porting"]

AT_ONCE = 4
"""Questions about portability that are under way at once."""
PID = "[A-Za-z0-9]{5}"

LOA = "sign the letter of authorization on the page that loa_url names, or that the order's confirmation names"
CORRECT = "correct what the reason says, and order again under a new request id; VoiceTel's support can tell more"
TICKET = "ask VoiceTel's support in the ticket of this port what its state means"

_STATES: Sequence[tuple[str, PortState]] = (
    (r"\bcomplete[d]?\b|\bported\b", PortState.COMPLETE),
    (r"reject|denied|cancel|fail|refus|error|invalid", PortState.REJECTED),
    (r"\bloa\b|signature|letter", PortState.NEEDS_LOA),
    (r"\bfoc\b|schedul|confirm|commit", PortState.SCHEDULED),
    (r"submit|pending|progress|process|review|received|open\b|new\b", PortState.SUBMITTED),
)
"""Words of a state, the most final first; "incomplete" and its like are none of them."""
_UNSIGNED = re.compile(r"(complete|sign|need|awaiting|missing)\b.{0,20}\b(loa|letter)", re.IGNORECASE)
"""Words of a message that ask for the letter, as in the example of the document."""


class Porting(Owning):
    """The operations on ports."""

    api: Api
    port_rules: ClassVar[ResolutionPolicy] = ResolutionPolicy(
        settle=600.0, looks=3, look_every=30.0, refusals=frozenset({400, 401, 402})
    )
    port_fee: ClassVar[Money] = Money("6")
    portable_for: ClassVar[float] = 3600.0

    def portability(self, numbers: Sequence[PhoneNumber]) -> Exchange[list[Portability]]:
        """One request for each number. A number that VoiceTel refuses to look at cannot be ported."""
        wanted = [mapping.ours(number, "portable") for number in numbers]
        return attributed_to("portable", self._portability(wanted))

    def check_port(self, draft: PortDraft) -> None:
        """Raise what VoiceTel would refuse of it, all problems at once."""
        found: list[str] = []
        for at, line in enumerate(draft.numbers):
            found += [f"numbers[{at}]: {problem}" for problem in _problems(line)]
        address = draft.details.service_address
        if not re.fullmatch("[A-Z]{2}", address.state):
            found.append("state must be two capitals, such as 'NJ'")
        if not re.fullmatch("[A-Z]{2}", address.country):
            found.append("country must be two capitals, such as 'US'")
        mapping.ours(draft.details.billing_number, "port_in")
        if found:
            raise InvalidInput(f"VoiceTel does not take this port: {'; '.join(found)}", operation="port_in")

    def place_port(self, draft: PortDraft) -> Exchange[Port]:
        """One order (``portSubmit``), whatever the number of numbers; never repeated."""
        self.check_port(draft)
        return attributed_to("port_in", self._place(draft))

    def ports(self) -> Exchange[list[Port]]:
        """The list does not state the numbers of a port; ``port`` does."""
        return attributed_to("ports", self._ports())

    def port(self, id: str) -> Exchange[Port]:
        """One port, by the five letters and digits of its ``pid``."""
        return attributed_to("port", self._port(id))

    # -- steps

    def _portability(self, numbers: Sequence[PhoneNumber]) -> Exchange[list[Portability]]:
        found: list[Portability] = []
        asked = [self.api.portability(number) for number in numbers]
        for number, outcome in zip(numbers, (yield from together(asked, limit=AT_ONCE)), strict=True):
            if not isinstance(outcome, Failed):
                found.append(self._portable(number, outcome.value))
            elif isinstance(outcome.error, InvalidRequest):
                found.append(self._unportable(number, outcome.error.detail or "VoiceTel does not take this number"))
            else:
                raise outcome.error
        return found

    def _portable(self, number: PhoneNumber, record: schemas.Portability) -> Portability:
        return Portability(
            **self.mine,
            number=number,
            is_portable=record.portable,
            reason=None if record.portable else record.reason or "VoiceTel gives no reason",
            losing_carrier=record.losing_carrier,
            is_toll_free=number.is_toll_free,
            raw=record.raw,
        )

    def _unportable(self, number: PhoneNumber, reason: str) -> Portability:
        return Portability(
            **self.mine, number=number, is_portable=False, reason=reason, is_toll_free=number.is_toll_free
        )

    def _place(self, draft: PortDraft) -> Exchange[Port]:
        details = draft.details
        address = details.service_address
        account_number, pin = details.secrets
        order = yield from self.api.port_in(
            [line.number for line in draft.numbers],
            name=details.subscriber,
            name_type=details.subscriber_kind,
            billing_number=details.billing_number,
            account_number=account_number,
            authorized_person=details.authorized_person,
            street_number=address.street_number,
            street=address.street,
            street_type=address.street_type,
            city=address.city,
            state=address.state,
            zip_code=address.postal_code,
            country=address.country,
            street_prefix=address.street_prefix,  # type: ignore[arg-type]
            street_suffix=address.street_suffix,  # type: ignore[arg-type]
            building=address.building,
            floor=address.floor,
            room=address.room,
            unit=address.unit,
            pin=pin,
            desired_due_date=details.due_date,
            features=[feature for line in draft.numbers if (feature := _feature(line)) is not None],
        )
        if order.pid is None or not re.fullmatch(PID, order.pid):
            raise _wrong("the answer to the order has no pid of five letters and digits", maybe_applied=True)
        wanted = bool(order.loa_url) or _is_unsigned(order.message)
        return Port(
            **self.mine,
            id=order.pid,
            state=PortState.NEEDS_LOA if wanted else PortState.SUBMITTED,
            numbers=tuple(line.number for line in draft.numbers),
            loa_url=order.loa_url,
            reason=order.message,
            by_hand=LOA if wanted else None,
            raw=order.raw,
        )

    def _ports(self) -> Exchange[list[Port]]:
        return [self._listed(one) for one in (yield from self.api.ports())]

    def _port(self, pid: str) -> Exchange[Port]:
        record = yield from self.api.port(pid)
        if record.pid not in (None, pid):
            raise _wrong("the answer is about another port than the request")
        numbers = record.numbers
        read = None if numbers is None else [one for one in numbers if isinstance(one, PhoneNumber)]
        port = self._made(pid, record)
        # Half a list of numbers is none: what is missing in it would seem not to be ported.
        whole = read is not None and numbers is not None and len(read) == len(numbers)
        return evolve(port, numbers=tuple(read) if whole and read else None)

    def _listed(self, record: schemas.Port) -> Port:
        if record.pid is None or not re.fullmatch(PID, record.pid):
            raise _wrong("a port of the list has no pid of five letters and digits")
        return self._made(record.pid, record)

    def _made(self, pid: str, record: schemas.Port | schemas.PortDetail) -> Port:
        state = _state(record.status, record.message)
        return Port(
            **self.mine,
            id=pid,
            state=state,
            provider_status=record.status,
            due=record.foc,
            reason=record.message,
            by_hand=_BY_HAND.get(state),
            created=record.created_at,
            raw=record.raw,
        )


_BY_HAND: Mapping[PortState, str] = {
    PortState.NEEDS_LOA: LOA,
    PortState.REJECTED: CORRECT,
    PortState.UNKNOWN: TICKET,
}


def _state(status: str | None, message: str | None) -> PortState:
    """The state that VoiceTel's word means; its message says whether the letter is wanted still."""
    word = status or ""
    state = next((state for form, state in _STATES if re.search(form, word, re.IGNORECASE)), PortState.UNKNOWN)
    return PortState.NEEDS_LOA if state is PortState.SUBMITTED and _is_unsigned(message) else state


def _is_unsigned(message: str | None) -> bool:
    return _UNSIGNED.search(message or "") is not None


def _problems(line: PortedNumber) -> list[str]:
    """Settings of a number that VoiceTel does not take, in words."""
    found: list[str] = []
    try:
        mapping.ours(line.number, "port_in")
        if isinstance(line.calls, ToGateway):
            mapping.gateway(line.calls)
    except (InvalidInput, Unsupported) as error:
        found.append(error.message)
    if line.caller_name is not None and not re.fullmatch("[A-Za-z0-9 ]{1,15}", line.caller_name):
        found.append("caller_name must be 1 to 15 letters, digits and spaces, such as 'ACME CORP'")
    if line.campaign is not None and not re.fullmatch("[A-Z0-9]+", line.campaign):
        found.append("campaign must be capitals and digits, such as CH5K5IZ")
    return found


def _feature(line: PortedNumber) -> PortFeature | None:
    """Settings that travel with the order; ``None`` where there are none. Calls go to a gateway alone."""
    gateway = mapping.gateway(line.calls)["route"] if isinstance(line.calls, ToGateway) else None
    if gateway is None and line.caller_name is None and line.campaign is None:
        return None
    return PortFeature(number=line.number, gateway=gateway, caller_name=line.caller_name, campaign_id=line.campaign)


def _wrong(what: str, *, maybe_applied: bool = False) -> UnexpectedResponse:
    return UnexpectedResponse(what, provider=PROVIDER, maybe_applied=maybe_applied)
