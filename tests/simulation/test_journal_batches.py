"""Many items at once in the journal, on each of its databases: all of a batch or none, and the same law as for one."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier.attempt import AttemptState, ResolutionPolicy
from anycarrier.errors import InvalidInput
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.types import (
    AlreadyClaimed,
    BatchItem,
    ItemState,
    LeaseLost,
    NumbersClaimed,
    Recorded,
    SpendCapExceeded,
)
from anycarrier.purchase.resolution import Instant, begun, resent
from simulation.test_journal import same_as_in_memory
from support.books import claimed, draft, made, recount, totals

N = [PhoneNumber(f"+120155501{n:02}") for n in range(20)]
RULES = ResolutionPolicy(replay=True, replay_for=72_000)


def attempts(ids, first=0, **how):
    """A batch: an attempt for each item, in an order that is not that of the numbers."""
    made = [begun(draft(N[first + n], **how), RULES, Instant(1000, 1000)) for n in range(len(ids))]
    return [*zip(reversed(ids), made, strict=True)]


def owned(book, count, name="r", owner="me"):
    ids = [made(book, f"{name}{n}")[0] for n in range(count)]
    assert all(mine for _, mine in book.claim_many(ids, owner))
    return ids


def test_many_are_claimed_with_their_snapshots(book):
    ids = [*made(book, "r", 2), *made(book, "s")]
    assert book.claim(ids[1], "you")[1]
    found = book.claim_many([*ids, "x#1"], "me")
    assert [(snapshot.item.id, mine) for snapshot, mine in found] == [("r#1", True), ("r#2", False), ("s#1", True)]
    assert [snapshot for snapshot, _ in found] == book.load_many(ids)
    assert found[0][0] == book.load("r#1")
    book.clock.now += 61
    assert all(mine for _, mine in book.claim_many(ids, "me"))
    book.release_many([ids[0], ids[2]], "you")
    assert not book.claim(ids[0], "you")[1]
    book.release_many([ids[0]], "me")
    assert book.claim(ids[0], "you")[1]
    book.abandon("me")
    assert book.claim(ids[1], "you")[1]
    assert not any(mine for _, mine in book.claim_many([ids[2]], "me"))


def test_a_request_that_a_clock_ahead_has_written_is_mended(book):
    book.clock.now = 1e6
    ids = made(book)
    book.clock.now = 1000.0
    assert book.claim_many(ids, "me")[0][0].request.created == 1000.0


def test_a_batch_comes_back_as_single_attempts_do(book):
    ids = owned(book, 3)
    batch = attempts(ids, setup="0.25")
    entries = book.begin_many("me", batch, None, "h1")
    assert [(one.item_id, one.seq) for one in entries] == [(item, 1) for item, _ in batch]
    for entry in entries:
        assert [*book.load(entry.item_id).entries] == [entry]
        assert entry.attempt.last_sent == 1012.0
    alone = claimed(book, "alone")
    single = book.begin(alone, "me", begun(draft(N[9], setup="0.25"), RULES, Instant(1000, 1000)), None, "h1")
    assert evolve(single.attempt, draft=entries[0].attempt.draft) == entries[0].attempt
    assert totals(book) == recount(book)


def test_one_number_that_is_claimed_leaves_nothing_of_the_batch(book):
    book.begin(claimed(book, "other"), "me", begun(draft(N[1]), RULES, Instant(1000, 1000)))
    ids = owned(book, 3)
    with pytest.raises(NumbersClaimed) as caught:
        book.begin_many("me", attempts(ids))
    assert caught.value.numbers == {N[1]}
    assert isinstance(caught.value, AlreadyClaimed)
    assert len(book.entries()) == 1
    assert len(book.begin_many("me", attempts(ids, 5))) == 3
    with pytest.raises(NumbersClaimed) as caught:  # each of them has a live attempt
        book.begin_many("me", attempts(ids, 10))
    assert caught.value.numbers == {N[10], N[11], N[12]}
    assert totals(book) == recount(book)


def test_the_same_number_of_one_holder_under_two_names_is_claimed_once(book):
    book.begin(claimed(book, "other"), "me", begun(draft(N[1]), RULES, Instant(1000, 1000)), None, "h1")
    with pytest.raises(NumbersClaimed):
        book.begin_many("me", attempts(owned(book, 3), account="second"), None, "h1")


def test_writes_of_who_lost_one_of_the_items_are_fenced(book):
    ids = owned(book, 3)
    entries = book.begin_many("me", attempts(ids))
    book.clock.now += 61
    assert book.claim(ids[1], "you")[1]
    again = [evolve(one, attempt=resent(one.attempt, RULES, Instant(1061, 1061))) for one in entries]
    for write in (
        lambda: book.resend_many(again, "me"),
        lambda: book.begin_many("me", attempts(ids, 5)),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert {one.attempt.sends for one in book.entries()} == {1}
    done = [Recorded(evolve(one, attempt=evolve(one.attempt, state=AttemptState.CONFIRMED))) for one in entries]
    mine = {one.id for one in entries if one.item_id != ids[1]}
    assert book.record_many(done, "me") == mine
    assert book.load(ids[0]).item.state is ItemState.ACTIVE
    assert book.load(ids[1]).item.state is ItemState.OPEN
    assert book.record_many(done, "me") == set()  # as after a connection that broke when it was committed
    assert book.load(ids[1]).entries[0].attempt.state is AttemptState.SENT
    assert book.record_many(done, "you") == {one.id for one in entries} - mine


def test_an_attempt_that_has_ended_undoes_the_recording(book):
    ids = owned(book, 2)
    entries = book.begin_many("me", attempts(ids))
    refused = evolve(entries[0].attempt, state=AttemptState.REJECTED)
    book.record(entries[0], "me", refused)
    late = [Recorded(evolve(one, attempt=evolve(one.attempt, state=AttemptState.IN_DOUBT))) for one in entries]
    with pytest.raises(LeaseLost):
        book.record_many(late, "me")
    assert [one.attempt.state.value for one in book.entries()] == ["REJECTED", "SENT"]


def test_a_batch_is_recorded_as_its_attempts_would_be_one_by_one(book):
    """Each state, price, watch and skipped account: the same rows as by ``record``."""
    both = []
    for name in ("many", "each"):
        first = 0 if name == "many" else 10
        ids = owned(book, 5, name)
        entries = book.begin_many("me", attempts(ids, first, key=name))
        states = ["CONFIRMED", "PLACED", "REJECTED", "IN_DOUBT", "NOT_SENT"]
        results = [
            Recorded(
                evolve(
                    entry,
                    attempt=evolve(
                        entry.attempt,
                        state=AttemptState(state),
                        reason=f"'{state}' %s ? ü",
                        next_at=1000.123456789,
                        order_id="o1",
                        draft=evolve(entry.attempt.draft, price=Money("0.75")),
                    ),
                ),
                ("main", 'no "more"') if state == "REJECTED" else None,
            )
            for entry, state in zip(entries, states, strict=True)
        ]
        if name == "many":
            assert book.record_many(results, "me") == {one.id for one in entries}
        else:
            for entry, one in zip(entries, results, strict=True):
                book.record(entry, "me", one.entry.attempt, one.passed)
        both.append([_shape(book.load(item)) for item in ids])
    assert both[0] == both[1]
    assert totals(book) == recount(book)


def _shape(snapshot):
    item, (entry,) = snapshot.item, snapshot.entries
    attempt = evolve(entry.attempt, draft=evolve(entry.attempt.draft, number=N[0], key="k"))
    ended = None if item.attempt_id is None else item.attempt_id == entry.id
    return item.state, item.claimable, dict(item.passed), item.reason, ended, attempt, entry.watched


def test_an_earlier_attempt_for_the_number_is_watched_no_more(book):
    ids = owned(book, 2)
    entries = book.begin_many("me", attempts(ids))
    refuted = [Recorded(evolve(one, attempt=evolve(one.attempt, state=AttemptState.REFUTED))) for one in entries]
    book.record_many(refuted, "me")
    assert len(book.watched()) == 2
    again = book.begin_many("me", attempts(ids, key="k2"))
    assert {one.seq for one in again} == {2}
    done = [Recorded(evolve(one, attempt=evolve(one.attempt, state=AttemptState.CONFIRMED))) for one in again]
    book.record_many(done, "me")
    assert book.watched() == []


def test_a_batch_is_sent_again_as_one(book):
    entries = book.begin_many("me", attempts(owned(book, 3)))
    book.clock.now = 1100.0
    again = [evolve(one, attempt=resent(one.attempt, RULES, Instant(1100, 1100))) for one in entries]
    sent = book.resend_many(again, "me")
    assert {(one.attempt.sends, one.attempt.first_sent, one.attempt.last_sent) for one in sent} == {(2, 1000.0, 1112.0)}
    assert [one.attempt for one in book.entries()] == [one.attempt for one in sorted(sent, key=lambda one: one.id)]


def test_spending_caps_hold_for_all_together(book):
    ids = [*made(book, "r", 3)]
    book.claim_many(ids, "me")
    other = owned(book, 1, "s")
    cap = Money("3.00")
    with pytest.raises(SpendCapExceeded, match=r"the order's .* 3\.60 with it"):
        book.begin_many("me", attempts(ids, price="1.20"), cap)
    entries = book.begin_many("me", [*attempts(ids[:2], price="1.20"), *attempts(other, 5, price="1.20")], cap)
    assert len(entries) == 3
    with pytest.raises(SpendCapExceeded):
        book.begin_many("me", attempts(ids[2:], 9, price="1.20"), cap)
    with pytest.raises(SpendCapExceeded, match="unknown"):
        book.begin_many("me", attempts(ids[2:], 9, price=None), cap)
    book.day_cap = Money("4.00")
    more = owned(book, 2, "t")
    with pytest.raises(SpendCapExceeded, match=r"the day's .* 5\.60 with it"):
        book.begin_many("me", attempts(more, 12, price="1.00"))
    book.begin_many("me", attempts(more, 12, price="0.20"))


def test_two_currencies_are_refused(book):
    mixed = evolve(draft(N[0]), setup_price=Money("1", "EUR"))
    ids = owned(book, 1)
    with pytest.raises(InvalidInput, match="the set-up cost in EUR"):
        book.begin_many("me", [(ids[0], begun(mixed, RULES, Instant(1000, 1000)))])


@pytest.mark.usefixtures("without_coverage")
def test_the_same_schedules_as_in_memory(book):
    """Every step of the story is the same, whether Python or SQL keeps the journal."""
    for seed in range(3000, 3000 + (20 if book._database.dialect == "sqlite" else 6)):
        same_as_in_memory(book, seed, many=True, quantity=3, accounts=("key", "bare"))


def test_open_batches_are_those_whose_request_several_share(book):
    assert book.open_batches() == []
    ids = owned(book, 3)
    entries = book.begin_many("me", attempts(ids))
    book.begin(claimed(book, "alone"), "me", begun(draft(N[9], key="k9"), RULES, Instant(1000, 1000)))
    expected = [BatchItem(item_id=item, provider="fake", account="main", key="k1") for item in ids]
    assert book.open_batches() == expected
    done = [Recorded(evolve(one, attempt=evolve(one.attempt, state=AttemptState.CONFIRMED))) for one in entries]
    book.record_many([one for one in done if one.entry.item_id == ids[0]], "me")
    assert book.open_batches() == expected[1:]
    book.record_many([one for one in done if one.entry.item_id == ids[1]], "me")
    assert book.open_batches() == []
