"""Tasks of ports: an order of some numbers, which is sent once and looked at until each of them has come.

The journal has the numbers and what they are set up with. What the losing carrier wants to know of its subscriber comes
from the worker, and is in no journal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any

from attrs import evolve, fields

from anycarrier.capabilities import require
from anycarrier.desired_state import Desired
from anycarrier.errors import AnyCarrierError, JournalError
from anycarrier.exchange import Exchange, call, now
from anycarrier.hints import checked
from anycarrier.jobs.submitting import Book, Enqueue, Job, accounts_named, submit_tasks
from anycarrier.jobs.tasks import SOON, Claim, passes, words_of
from anycarrier.json_forms import from_json, to_json
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import PortIn, PortRecord, PortState, RecordedNumber
from anycarrier.porting import observe_ports, port_in
from anycarrier.porting.looking import look
from anycarrier.porting.ordering import ANOTHER_ORDER, check_fee
from anycarrier.ports import PortDetails, PortOrder, ServiceAddress
from anycarrier.purchase.journal.job_records import JobKind
from anycarrier.purchase.journal.ports import PortEntry
from anycarrier.purchase.journal.task_records import NewTask, TaskNumber
from anycarrier.purchase.resolution import Timeline

__all__ = ["carry_port", "submit_ports"]

DEADLINE = 60.0
"""Seconds for which one visit looks for an order whose answer was lost."""

_PASSING = re.compile(r"(TransportError|RateLimited|ProviderDown|UnexpectedResponse)\b")
"""A refusal, in the words of the journal, that another try may not meet."""


@checked
def submit_ports(
    journal: Book,
    numbers: Sequence[Desired | str],
    account: object,
    *,
    name: str,
    max_fee: Money,
    reference: str | None = None,
    enqueue: Enqueue | None = None,
) -> Job:
    """Record the port of numbers of one subscriber to an account as a job, in one transaction; blocks, sends nothing.

    The same numbers again under the same name are the same job. What the order needs to say of the subscriber is not
    recorded: the worker has it, see the argument ``ports`` of :func:`~anycarrier.jobs.fill`.

    Args:
        journal: the journal of the account.
        numbers: the numbers; each may be a ``Desired``, whose calls to a gateway, caller name and campaign travel with
            the order.
        account: the account that they come to: a provider object, or a name such as ``acme/main``.
        name: the caller's name for the job, 1 to 100 printable characters. The request id of the order begins with it.
        max_fee: most that the provider may charge for the order as a whole.
        reference: the caller's own name for what it is for.
        enqueue: as that of :func:`~anycarrier.jobs.submit`.

    Raises:
        InvalidInput: the job exists with other numbers, or an argument cannot be used; all problems at once.
        SpendLimitExceeded: the provider's fee for the numbers is above *max_fee*.
        Unsupported: the provider ports no numbers in.
        JournalError: the journal does not work; submit again once it does.
    """
    # Checked as the order that a worker makes of them, with a subscriber of its own.
    order = PortOrder(tuple(numbers), max_fee=max_fee, reference=reference, **_SOMEBODY)
    (named,) = accounts_named([account])
    provider, _, account_id = named.partition("/")
    if not isinstance(account, str):
        require(account, "port_in")  # type: ignore[arg-type]
        check_fee(account, order)  # type: ignore[arg-type]
    body = {
        "provider": provider,
        "account": account_id,
        "numbers": [to_json(one) for one in order.numbers],
        "max_fee": to_json(max_fee),
        "reference": reference,
    }
    text = json.dumps(body, separators=(",", ":"))
    places = [(provider, account_id, one.number) for one in order.numbers if one.number is not None]
    amount = {"max_fee": [str(max_fee.amount.normalize()), max_fee.currency]}  # 60 is 60.00
    digest = sha256(json.dumps({**body, **amount}).encode()).hexdigest()
    return submit_tasks(journal, name, JobKind.PORT, digest, [NewTask(body=text, numbers=places)], enqueue)


_SOMEBODY: Mapping[str, Any] = {
    "subscriber": "-",
    "subscriber_kind": "business",
    "service_address": ServiceAddress(
        street_number="-", street="-", street_type="-", city="-", state="NJ", postal_code="-"
    ),
    "account_number": "-",
    "billing_number": "+12015550100",
    "authorized_person": "-",
}


def carry_port(claim: Claim) -> Exchange[None]:
    """Order what is not ordered yet, and look how far the others are."""
    body = json.loads(claim.task.body)
    member = claim.work.context.providers.get(body["account"])
    if member is None or member.name != body["provider"]:
        claim.passes_on(f"{body['provider']}/{body['account']} is not one of this worker's accounts")
        return
    require(member, "port_in")
    entries = yield from _entries(claim)
    open_numbers = {one.number for one in claim.numbers if one.is_open}
    refused = [
        entry
        for entry in entries
        if entry.record.state is PortState.REFUSED and open_numbers & {one.number for one in entry.record.numbers}
    ]
    if refused:
        # What was refused is ordered again, under another id after a resumption: unless it stands there after all.
        moment = yield from now()
        timeline = Timeline(moment, (yield from call(claim.work.context.journal.now, "now")))
        yield from claim.guarded(look(member, claim.work.context.journal, refused, timeline), looks=True)
        entries = yield from _entries(claim)
    if not claim.is_cancelled:
        for at in sorted({one.round for one in claim.numbers if one.is_open}):
            yield from _ordered(claim, member, body, at, entries)
    if any(entry.record.is_open for entry in entries):  # a new order is looked at by the next visit
        yield from _observed(claim, member, entries)
    entries = yield from _entries(claim)
    _note(claim, entries)
    if claim.is_cancelled:
        claim.close({one.number for entry in entries for one in entry.record.numbers if one.is_live})


def _request_id(claim: Claim, at: int) -> str:
    """The request id of the order of one round: another order needs another one."""
    return f"{claim.task.id}.{at}" if at else claim.task.id


def _entries(claim: Claim) -> Exchange[list[PortEntry]]:
    """The orders of the task on record, oldest first."""
    journal = claim.work.context.journal
    ids = [_request_id(claim, at) for at in range(claim.task.round + 1)]
    return (
        yield from call(lambda: [each for one in ids for each in journal.port_entries(request_id=one)], "read ports")
    )


# -- ordering


def _ordered(
    claim: Claim, member: Any, body: Mapping[str, Any], at: int, entries: Sequence[PortEntry]
) -> Exchange[None]:
    journal = claim.work.context.journal
    request_id = _request_id(claim, at)
    known = {
        one.number for entry in entries if entry.record.state is not PortState.REFUSED for one in entry.record.numbers
    }
    mine = [one for one in claim.numbers if one.round == at]
    todo = [one for one in mine if one.is_open and one.number not in known]
    if not todo:
        return
    numbers = {one.number for one in mine}
    details = _details_for(claim.work.ports, numbers)
    if details is None:
        claim.passes_on(_NO_DETAILS)
        return
    desired = [from_json(Desired, one) for one in body["numbers"]]
    facts = {each.name: getattr(details, each.name) for each in fields(PortDetails)}
    order = PortOrder(
        tuple(one for one in desired if one.number in numbers),
        max_fee=from_json(Money, body["max_fee"]),
        reference=body["reference"],
        **facts,
    )
    rest = claim.until - (yield from now()).monotonic
    porting = port_in(member, order, request_id=request_id, journal=journal, deadline=max(0.001, min(DEADLINE, rest)))
    try:
        made = yield from claim.guarded(porting)
    except JournalError:
        raise
    except AnyCarrierError as error:
        if error.code == ANOTHER_ORDER:
            claim.passes_on(_OTHER_DETAILS)
        elif passes(error):
            claim.waits(error.retry_after or SOON, words_of(error))
        else:
            claim.note([_ended(one, PortState.REFUSED, words_of(error)) for one in todo])
        return
    _note_refused(claim, todo, made)


def _details_for(ports: Sequence[PortDetails], numbers: Collection[PhoneNumber]) -> PortDetails | None:
    """Details for the order of *numbers*: those of these very numbers, else those of all."""
    for one in ports:
        if isinstance(one, PortOrder) and {each.number for each in one.numbers}.issuperset(numbers):
            return one
    return next((one for one in ports if not isinstance(one, PortOrder)), None)


_OTHER_DETAILS = (
    "it was begun with another subscriber, account or PIN than this worker has; to order the rest with these, cancel "
    "the job, let a worker visit it, and resume it"
)

_NO_DETAILS = (
    "not ordered yet: a worker that has the subscriber, address and account at the old carrier orders it, such as "
    "anycarrier jobs work --ports FILE"
)


def _note_refused(claim: Claim, todo: Sequence[TaskNumber], made: PortIn) -> None:
    refused = {one.number: one.reason or "no reason is stated" for one in made.refused}
    claim.note(
        [
            _ended(one, PortState.REFUSED, f"it cannot be ported now: {refused[one.number]}")
            for one in todo
            if one.number in refused
        ]
    )
    if made.unsent:
        claim.waits(SOON, "")


def _ended(one: TaskNumber, state: PortState, reason: str) -> TaskNumber:
    return evolve(one, state=state.value, is_open=False, reason=reason)


# -- looking


def _observed(claim: Claim, member: Any, entries: Sequence[PortEntry]) -> Exchange[None]:
    journal = claim.work.context.journal
    for request_id in dict.fromkeys(entry.record.request_id for entry in entries if entry.record.is_open):
        try:
            yield from claim.guarded(observe_ports(member, journal=journal, request_id=request_id), looks=True)
        except JournalError:
            raise
        except AnyCarrierError as error:
            # It is on its way, whatever became of this look.
            claim.waits(error.retry_after, words_of(error))


def _note(claim: Claim, entries: Sequence[PortEntry]) -> None:
    """Note of each number on record how far it is, by its latest order."""
    latest = {one.number: (entry.record, one) for entry in entries for one in entry.record.numbers}
    claim.note(
        [
            _seen(one, *latest[one.number])
            for one in claim.numbers
            # A number that this visit has ended has a later reason than an order that was refused before.
            if one.number in latest and (one.is_open or latest[one.number][1].state is not PortState.REFUSED)
        ]
    )


def _seen(one: TaskNumber, record: PortRecord, number: RecordedNumber) -> TaskNumber:
    why = number.reason or record.reason
    state = number.state
    if state is PortState.NEEDS_LOA:
        why = f"a person signs the letter of authorization{f': {record.loa_url}' if record.loa_url else ''}"
    elif state is PortState.SCHEDULED and record.due is not None:
        why = f"it comes on {record.due.isoformat()}"
    is_open = number.is_live or (state is PortState.REFUSED and _PASSING.match(why) is not None)
    detail = {} if record.port_id is None else {"port_id": record.port_id}
    if state is PortState.COMPLETE:
        why = ""
    return evolve(one, state=state.value, is_open=is_open, reason=why, detail=detail)
