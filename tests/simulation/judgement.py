"""The invariants of a schedule that has ended, against the carriers' own ledgers."""

from __future__ import annotations

from anycarrier.attempt import AttemptState
from anycarrier.purchase.journal.types import ItemState
from anycarrier.purchase.plan import TRIES
from anycarrier.purchase.worker import CROWDED
from simulation.carriers import HOUR, SETUP, setup_of
from simulation.plan import START


def judged(world):
    """The invariants, against the carriers' own ledgers."""
    bad = []
    charges = world.carriers.ledger
    entries = world.journal.entries()
    by_number = {}
    for entry in entries:
        by_number.setdefault((entry.attempt.draft.provider, entry.attempt.draft.number), []).append(entry)
    placed = {one for one, kept in by_number.items() if _any(kept, AttemptState.PLACED)}
    confirmed = {one for one, kept in by_number.items() if _any(kept, AttemptState.CONFIRMED)}
    orphans = {one for one, kept in by_number.items() if _any(kept, AttemptState.ORPHAN)}
    items = [world.journal.load(name).item for name in world.journal.item_ids("r")]
    wanted = len(items)
    bad += _doubles(charges, orphans, wanted, world.carriers.lies)
    crowded = {item.id for item in items if item.claimable and _is_crowded_for_good(world, item)}
    for item in items:
        mine = {where for where, kept in by_number.items() if item.id in _owners(kept)}
        bad += _judged_item(item, [one for one in charges if one in mine], orphans, crowded=item.id in crowded)
        bad += _ended_early(world, item)
        its = next((entry for entry in entries if entry.id == item.attempt_id), None)
        if item.state in HAS and (its is None or its.attempt.state not in HAVING):
            bad.append("I3 FULFILLED WITHOUT A NUMBER")
    if any(one not in confirmed | orphans | placed for one in charges):
        bad.append("I2 LOST")
    strange = world.carriers.strangers.difference(charges)
    if any(one not in charges and one not in strange for one in confirmed):
        bad.append("I3 PHANTOM")
    if not all(_warned(by_number[one]) for one in (confirmed | orphans) & strange):
        bad.append("I3 A STRANGER'S NUMBER, WITHOUT A WORD")
    if world.denied:
        bad.append("I2 A JOURNAL'S ERROR DENIES WHAT WAS BEGUN")
    if world.carriers.changed_bodies:
        bad.append("I6 BODY CHANGED")
    # An order that holds looks for a day about each attempt, ever more rarely.
    held = world.order.in_doubt == "hold"
    set_ups = 0 if world.order.setup is None else 200 * wanted
    most = set_ups + 250 * (max(wanted, len(entries)) if held else wanted) + 60 * len(world.carriers.setting_up) + 50
    # One whose every number is another's goes on searching, ever more rarely, for as long as it has time.
    hours = (world.now - START) / HOUR if crowded else world.hours
    if world.http > most + 4 * hours:
        bad.append(f"I7 {world.http} REQUESTS")
    if world.cap is not None and _cost(charges) - _cost(orphans) - _MOST * world.carriers.lies > float(world.cap):
        bad.append("I8 OVER THE CAP")
    bad += _one_by_one(world, entries)
    bad += _judged_set_ups(world, items, entries)
    bad += _too_dear(world.order.max_price, [one for where in {*charges} for one in by_number.get(where, ())])
    promised = [one for promise in world.promises for one in promise.bought]
    if world.order.fulfilled_by == "active" and any(
        (one.provider, one.number) not in {*charges, *strange} for one in promised
    ):
        bad.append("I3 PROMISED AND NOT BOUGHT")
    return bad


def _one_by_one(world, entries):
    """One request, and one look, for all numbers of an order; several only where workers share them."""
    if not world.alone or world.plan.stopped:
        return
    sends = {}
    for entry in entries:
        key = entry.attempt.draft.key
        sends[key] = max(sends.get(key, 0), entry.attempt.sends)
    if any(count > sends.get(key, count) for key, count in world.carriers.sendings.items()):
        yield "I15 A REQUEST FOR SEVERAL NUMBERS WAS REPEATED ONE BY ONE"
    if world.one_by_one:
        yield "I16 NUMBERS OF ONE REQUEST WERE LOOKED FOR ONE BY ONE"


PASSING = ("RateLimited", "ProviderDown", "TransportError", "UnexpectedResponse", CROWDED)


def _ended_early(world, item):
    """An item ends without a number only once each account has a reason that does not pass, or was tried enough."""
    if item.state not in (ItemState.REFUSED, ItemState.EXHAUSTED):
        return
    sent = [
        entry.attempt.draft.account
        for entry in world.journal.load(item.id).entries
        if entry.attempt.state is not AttemptState.NOT_SENT
    ]
    for provider in world.providers:
        reason = item.passed.get(provider.name)
        if reason is None and sent.count(provider.name) < TRIES:
            yield f"I10 ENDED, AND {provider.name} WAS NOT TRIED"
        if reason is not None and reason.startswith(PASSING):
            yield f"I10 ENDED FOR A REASON THAT PASSES: {reason}"


def _judged_set_ups(world, items, entries):
    """Set-ups: they are so when an item says so, or something was refused for good."""
    if world.order.setup is None:
        return
    drafts = {entry.id: entry.attempt.draft for entry in entries}
    for item in items:
        if item.state is ItemState.SET_UP and not world.judged_set_ups.get(item.id, True):
            yield "I11 CALLED SET UP, AND IT IS NOT"
        draft = drafts.get(item.attempt_id)
        failed = item.state is ItemState.ACTIVE and not item.claimable and draft is not None
        # A number that a stranger bought may vanish with our own failed purchase of it.
        known = world.carriers.unset | world.carriers.strangers
        if failed and not (item.reason and (draft.provider, draft.number) in known):
            yield f"I12 NOT SET UP WITHOUT A REASON: {item.reason}"
    alone = world.alone and not world.plan.stopped
    if alone and any(count > 1 for count in world.carriers.set.values()):
        yield "I13 SET TWICE, WITHOUT A LOOK"
    # One that somebody else bought on the account is there, and vanishes where our own purchase of it fails later.
    known = {*world.carriers.visible, *world.carriers.strangers}
    if any((kind, number) not in known for kind, number, _ in world.carriers.set):
        yield "I14 SET UP A NUMBER THAT IS NOT OURS"


HAS = (ItemState.PLACED, ItemState.ACTIVE, ItemState.SET_UP)
HAVING = (AttemptState.PLACED, AttemptState.CONFIRMED, AttemptState.ORPHAN)


def _owners(entries):
    """The intents to which the charge for a number belongs: those that say they have it, else all that asked for it."""
    having = [entry for entry in entries if entry.attempt.state in HAVING]
    return {entry.item_id for entry in having or entries}


def _doubles(charges, orphans, wanted, lies):
    if len(set(charges)) != len(charges) and not lies:
        # After a lie a carrier that sells a number twice sells it to the next order, which no provider can.
        yield "I1 THE SAME NUMBER TWICE"
    elif len(set(charges)) > wanted:
        flagged = orphans and len(set(charges)) - len(orphans) <= wanted
        if not (flagged and lies):
            yield "I1 DOUBLE, FLAGGED" if flagged else "I1 DOUBLE"


def _cost(numbers):
    """The first months of numbers, as their carriers charge them."""
    return sum(1.0 + _setup(number) for _, number in numbers)


def _setup(number):
    return float(setup.amount) if (setup := setup_of(number)) else 0.0


_MOST = 1.0 + float(SETUP.amount)


def _too_dear(most, entries):
    drafts = [one.attempt.draft for one in entries if one.attempt.state in HAVING]
    if most is not None and any(float(one.price.amount) + _setup(one.number) > float(most.amount) for one in drafts):
        yield "I8 DEARER THAN ALLOWED"


def _warned(entries):
    return any("another buyer" in entry.attempt.reason for entry in entries if entry.attempt.state in HAVING)


def _is_crowded_for_good(world, item):
    """Return whether each number on offer is another order's, was tried, or is too dear: as when a carrier offers one
    again that it took an order for, whose placing has fulfilled that. Such an item searches on until it expires."""
    if item.state is not ItemState.OPEN:
        return False
    others_have = False
    tried = {entry.attempt.draft.number for entry in world.journal.load(item.id).entries}
    most = world.order.max_price
    for provider in world.providers:
        offered, _ = world.carriers.search(provider.name)
        others = world.journal.claimed(provider.name, offered)
        for number in offered:
            dear = most is not None and 1.0 + _setup(number) > float(most.amount)
            if not (number in tried or number in others or dear):
                return False
            others_have |= number in others
    return others_have


def _judged_item(item, paid, orphans, *, crowded):
    if len(set(paid) - orphans) > 1:
        yield "I1 DOUBLE"
    if item.state in (ItemState.REFUSED, ItemState.EXHAUSTED) and paid:
        yield f"I4 {item.state.value} AND CHARGED"
    if (item.claimable and not crowded) or item.state is ItemState.PARKED:
        yield f"I5 {item.state.value}"


def _any(entries, state):
    return any(entry.attempt.state is state for entry in entries)
