"""Work on some items and tasks of jobs, side by side: the function that every engine calls, at least once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, runtime_checkable
from zlib import crc32

from attrs import frozen

from anycarrier import validation
from anycarrier.errors import InvalidInput, JournalError
from anycarrier.exchange import Exchange, Failed, ForClient, named, now, together
from anycarrier.features import refusal
from anycarrier.hints import checked
from anycarrier.jobs.plans import apply_part
from anycarrier.jobs.ports import carry_port
from anycarrier.jobs.tasks import Claim, TaskWork, carried
from anycarrier.ports import PortDetails
from anycarrier.purchase.batches import fulfill_batch
from anycarrier.purchase.context import PurchaseContext, Stopped, may_be_done, new_owner
from anycarrier.purchase.journal.job_records import JobKind
from anycarrier.purchase.recovery import Recovery
from anycarrier.purchase.worker import OrderItemWorker, fulfill_item
from anycarrier.validation import shape

__all__ = ["Filled", "Fills", "fill", "filled", "port_details", "recover"]

AT_ONCE = 8
"""Items that are worked on at once."""

PATIENCE = 20.0
"""Seconds for which a worker waits for its item; one that has to wait for longer is let go, and found again later."""

MOST = 1000
"""Items of one call at most."""

_ITEM = re.compile(r"#\d+\Z")
"""End of the id of an item, which no task has."""

_KINDS: Mapping[JobKind, Callable[[Claim], Exchange[None]]] = {JobKind.APPLY: apply_part, JobKind.PORT: carry_port}


@frozen(kw_only=True)
class Filled:
    """The result of :func:`fill`.

    Attributes:
        decided: number of items that came to an end, now or before.
        left: ids of the items that are undecided still: another worker has them, or they have to wait. Call again with
            them later, or leave them to ``recover()``.
        waiting: those of ``left`` that wait for long, such as a port on its way, or for what this client lacks, such as
            another account: ``recover()`` goes on with them in time, here or at another worker.
    """

    decided: int
    left: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


@runtime_checkable
class Fills(Protocol):
    """Works on items of jobs through its journal: :class:`anycarrier.failover.Failover` does."""

    def fill(
        self,
        item_ids: Sequence[str],
        *,
        deadline: float = 600.0,
        stopped: Callable[[], bool] | None = None,
        ports: Sequence[PortDetails] = (),
    ) -> Exchange[Filled]:
        """Work on items until each is decided or has to wait."""
        ...


@checked
def fill(
    item_ids: Sequence[str],
    *,
    deadline: float = 600.0,
    stopped: Callable[[], bool] | None = None,
    ports: Sequence[PortDetails] = (),
) -> ForClient[Filled]:
    """Work on some items of a job, by ``client.run(fill(item_ids))``: again is right, and by several at once too.

    It returns when each item is decided or has to wait for long. What it leaves, ``recover()`` finds. Items of a job
    that was cancelled are left alone, apart from what is under way, whose outcome is found out.

    Args:
        item_ids: ids of items, a thousand at most, as :func:`~anycarrier.jobs.chunks` has them.
        deadline: seconds after which nothing more is begun.
        stopped: called before an item is begun; once it returns true, none is begun any more.
        ports: what port orders need, and no journal has: a ``PortOrder`` for its own numbers, ``PortDetails`` for all
            others. Without any, no port is ordered: that is left to a worker which has them.

    Raises:
        JournalError: the journal does not work.
        InvalidInput: an id is not one of the journal's.
    """
    ids = tuple(dict.fromkeys(item_ids))
    if len(ids) > MOST:
        raise InvalidInput(f"item_ids must be {MOST:,} at most, got {len(ids):,}")
    for one in ids:
        validation.text("item_ids", one, "spring:000001#1", 300)
    validation.deadline(deadline)
    return ForClient(partial(_of_writer, ids, deadline, stopped, port_details(ports)))


def port_details(ports: object) -> Sequence[PortDetails]:
    """The argument *ports*, if each is what a port order needs."""
    found: object = [ports] if isinstance(ports, PortDetails) else ports
    if (
        isinstance(found, str)
        or not isinstance(found, Sequence)
        or not all(isinstance(one, PortDetails) for one in found)
    ):
        raise InvalidInput(f"ports must be a list of PortDetails or PortOrder, not {shape(ports)}")
    return found


def _of_writer(
    item_ids: Sequence[str], deadline: float, stopped: Stopped, ports: Sequence[PortDetails], writer: object
) -> Exchange[Filled]:
    if not isinstance(writer, Fills):
        name: str = getattr(writer, "name", "the provider")
        raise refusal(name, "fill", "give the client a journal: Client(..., journal=...)")
    return named("fill", writer.fill(item_ids, deadline=deadline, stopped=stopped, ports=ports))


def filled(
    provider: object,
    context: PurchaseContext,
    ids: Sequence[str],
    deadline: float,
    stopped: Stopped = None,
    ports: Sequence[PortDetails] = (),
) -> Exchange[Filled]:
    """Work on items and tasks with the accounts of *context* for *deadline* seconds at most, or until *stopped*."""
    try:
        return (yield from _of_kinds(TaskWork(provider, context, ports), ids, deadline, stopped))
    except JournalError as error:
        raise may_be_done(error, "call fill() or recover() again", "fill") from None


def _of_kinds(work: TaskWork, ids: Sequence[str], deadline: float, stopped: Stopped) -> Exchange[Filled]:
    """Work on items, then on tasks: their ids say which are which."""
    items = [one for one in ids if _ITEM.search(one)]
    tasks = [one for one in ids if not _ITEM.search(one)]
    until = (yield from now()).monotonic + deadline
    done = Filled(decided=0)
    if items or not tasks:
        done = yield from _filled(work.context, items, deadline, stopped)
    if not tasks:
        return done
    journal = work.context.journal
    yield from carried(work, tasks, until, stopped, _KINDS)
    left = yield from work.context.journaled(partial(journal.tasks_left, tasks), "open tasks")
    return Filled(
        decided=done.decided + len(tasks) - len(left),
        left=(*done.left, *left),
        waiting=tuple(one for one, waits in left.items() if waits or one in work.passed),
    )


def recover(
    provider: object,
    context: PurchaseContext,
    purchases: Exchange[Recovery],
    deadline: float,
    ports: Sequence[PortDetails],
    stopped: Stopped = None,
) -> Exchange[Recovery]:
    """Finish *purchases*, and beside them go on with the tasks that are due, until *stopped*."""
    try:
        return (yield from _recovered(TaskWork(provider, context, port_details(ports)), purchases, deadline, stopped))
    except JournalError as error:
        raise may_be_done(error, "run recover() again", "recover") from None
    finally:
        purchases.close()


def _recovered(work: TaskWork, purchases: Exchange[Recovery], deadline: float, stopped: Stopped) -> Exchange[Recovery]:
    due = yield from work.context.journaled(work.context.journal.due_tasks, "due tasks")
    if not due:
        return (yield from purchases)
    until = (yield from now()).monotonic + deadline
    both: list[Exchange[Any]] = [purchases, carried(work, due, until, stopped, _KINDS)]
    outcomes = yield from together(both)
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            raise outcome.error
    result: Recovery = outcomes[0].value  # type: ignore[union-attr]
    return result


def _filled(context: PurchaseContext, item_ids: Sequence[str], deadline: float, stopped: Stopped) -> Exchange[Filled]:
    journal = context.journal
    until = (yield from now()).monotonic + deadline
    todo = yield from context.journaled(partial(journal.open_of, item_ids, free=True), "open items")
    todo = yield from fulfill_batch(context, todo, deadline, patience=PATIENCE, stopped=stopped)
    places = enumerate(todo, _begins(item_ids))
    working = [_one(context, one, until, stopped, place) for place, one in places]
    outcomes = yield from together(working, limit=AT_ONCE)
    broken = next((outcome.error for outcome in outcomes if isinstance(outcome, Failed)), None)
    if broken is not None:
        raise broken
    left = yield from context.journaled(partial(journal.open_of, item_ids), "open items")
    return Filled(decided=len(item_ids) - len(left), left=tuple(left))


def _begins(item_ids: Sequence[str]) -> int:
    """A number from 1 that each chunk has another of: of the offers of a search, the one at which it begins."""
    return 1 + crc32(item_ids[0].encode()) if item_ids else 1


def _one(context: PurchaseContext, item_id: str, until: float, stopped: Stopped, place: int) -> Exchange[None]:
    rest = until - (yield from now()).monotonic
    if rest <= 0 or (stopped is not None and stopped()):
        return
    worker = OrderItemWorker(context, item_id, (yield from new_owner()), patience=PATIENCE)
    worker.place = place
    yield from fulfill_item(context, item_id, rest, worker=worker)
