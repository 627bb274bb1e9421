"""Mistakes with orders of several numbers, planted one at a time, for ``mutants.py``."""

from __future__ import annotations

from unittest.mock import patch

from attrs import evolve

from anycarrier import errors as e
from anycarrier.attempt import AttemptState
from anycarrier.exchange import call
from anycarrier.model import OwnedNumber
from anycarrier.purchase import attempts, batches
from anycarrier.purchase.journal.types import NumbersClaimed, Recorded
from anycarrier.purchase.resolution import Verdict
from anycarrier.purchase.sending import Sent, look_once
from simulation.carriers import Wholesale
from simulation.memory import MemoryJournal

classified, sent_many, sent = attempts.classify, Wholesale.place_many, batches.BatchWorker._send
checked = MemoryJournal._check_all_caps
begun_many, recorded_many, written = MemoryJournal.begin_many, MemoryJournal.record_many, MemoryJournal._write


def an_order_is_repeated_with_a_new_key():
    """A recovery orders the same numbers again."""
    count = [0]

    def placed(self, drafts):
        count[0] += 1
        key = f"again{count[0]}"
        numbers = drafts[0].body.decode().split(" ")[0]
        return (yield from sent_many(self, [evolve(one, key=key, body=f"{numbers} {key}".encode()) for one in drafts]))

    return patch.object(Wholesale, "place_many", placed)


def a_refusal_of_the_whole_order_is_believed():
    """Also where some of its numbers were bought: by a first request whose answer was lost, or by this very one."""

    def classify(error, rules, *, first_send, left):
        taken = isinstance(error, e.NumberUnavailable) and error.status == 409
        return Verdict.REJECTED if taken else classified(error, rules, first_send=first_send, left=left)

    return patch.object(attempts, "classify", classify)


def a_number_that_failed_is_refused():
    """The answer to an order lists it as failed, and nothing else says so."""

    def classify(error, rules, *, first_send, left):
        failed = isinstance(error, e.NumberUnavailable) and error.status == 201
        return Verdict.REJECTED if failed else classified(error, rules, first_send=first_send, left=left)

    return patch.object(attempts, "classify", classify)


def a_number_that_the_answer_leaves_out_is_refused():
    def outcome(outcomes, draft):
        told = outcomes.get(draft.number)
        if isinstance(told, OwnedNumber):
            return Sent(told)
        return Sent(error=e.InvalidRequest("no", status=400, maybe_applied=False))

    return patch.object(batches, "outcome_of", outcome)


def an_answer_confirms_every_number_of_the_order():
    def outcome(outcomes, draft):
        told = next((one for one in outcomes.values() if isinstance(one, OwnedNumber)), None)
        return Sent(error=outcomes[draft.number]) if told is None else Sent(evolve(told, number=draft.number))

    return patch.object(batches, "outcome_of", outcome)


def a_foreign_number_is_confirmed():
    """The answer to another order, a copy of which a proxy hands out, is taken for the answer to this one."""

    def placed(self, drafts):
        try:
            return (yield from sent_many(self, drafts))
        except e.UnexpectedResponse as error:
            if error.status != 201:
                raise
            return {
                draft.number: OwnedNumber(provider=self.name, account=self.name, number=draft.number)
                for draft in drafts
            }

    return patch.object(Wholesale, "place_many", placed)


def a_number_that_another_order_has_stays_in_the_body():
    """The others are begun without it, and the request is not made anew."""

    def begin(self, owner, wanted, request_cap=None, holder=None):
        try:
            return begun_many(self, owner, wanted, request_cap, holder)
        except NumbersClaimed as claimed:
            rest = [one for one in wanted if one[1].draft.number not in claimed.numbers]
            if not rest:
                raise
            return begun_many(self, owner, rest, request_cap, holder)

    return patch.object(MemoryJournal, "begin_many", begin)


def one_key_is_of_two_bodies():
    """A repetition orders only what is still open."""

    def placed(self, drafts):
        numbers = ",".join(str(one.number) for one in drafts)
        body = f"{numbers} {drafts[0].key}".encode()
        return (yield from sent_many(self, [evolve(one, body=body) for one in drafts]))

    return patch.object(Wholesale, "place_many", placed)


def half_of_an_order_is_recorded():
    """Its items are brought forward, and the attempts of half of them are not."""

    def record(self, entries, owner):
        half = {one.entry.id for one in entries[::2]}

        def write(self, entry, attempt, *, watched):
            return self.by_id[entry.id] if entry.id in half else written(self, entry, attempt, watched=watched)

        with patch.object(MemoryJournal, "_write", write):
            return recorded_many(self, entries, owner)

    return patch.object(MemoryJournal, "record_many", record)


def an_order_is_on_record_after_it_was_sent():
    def begin(self, owner, wanted, request_cap=None, holder=None):
        return begun_many(self, owner, wanted, request_cap, holder)

    def buys(self, provider, rules, entries, moment):
        first = entries[0].attempt
        if first.sends == 1:
            for entry in entries:  # as if nothing had been written before
                self.context.journal.by_id.pop(entry.id)
                self.context.journal.of[entry.item_id].remove(entry.id)
            outcomes = None
            try:
                outcomes = yield from provider.place_many([one.attempt.draft for one in entries])
            except e.AnyCarrierError:
                return
            pairs = [(one.item_id, one.attempt) for one in entries]
            entries = yield from call(lambda: self.context.journal.begin_many(self.owner, pairs), "begin many")
            results = [
                Recorded(evolve(one, attempt=evolve(one.attempt, state=AttemptState.CONFIRMED)))
                for one in entries
                if isinstance(outcomes.get(one.attempt.draft.number), OwnedNumber)
            ]
            yield from self._record(results)
            return
        yield from sent(self, provider, rules, entries, moment)

    return patch.object(batches.BatchWorker, "_send", buys)


def numbers_are_looked_for_one_by_one():
    def look_for(provider, entries):
        found = {}
        for one in entries:
            found[one.id] = yield from look_once(provider, one.attempt)
        return found

    return patch.object(batches, "look_for", look_for)


def an_order_is_repeated_for_each_of_its_numbers():
    """Each item is recovered by itself."""
    return patch.object(batches.BatchWorker, "_is_shared", lambda self, entry: False)


def a_list_that_is_cut_off_is_absence():
    looked = Wholesale.find_purchases

    def found(self, wanted):
        try:
            return (yield from looked(self, wanted))
        except e.UnexpectedResponse:
            return {}

    return patch.object(Wholesale, "find_purchases", found)


def caps_are_checked_for_each_number_alone():
    def check(self, wanted, request_cap):
        for one in wanted:
            checked(self, [one], request_cap)

    return patch.object(MemoryJournal, "_check_all_caps", check)


_MANY = {"many": True, "quantity": 4, "setup": None, "accounts": ("key", "bare")}
_CALM = dict.fromkeys(("journal", "strangers", "ahead", "clock", "stop", "rises", "full"), 0.0)
_ALONE = {**_MANY, "workers": 1, "deadline": 1e6, "weather": {**_CALM, "crash": 0.05}}

BATCH_MUTANTS = {
    "many: an order is repeated with a new key": (an_order_is_repeated_with_a_new_key, _MANY),
    "many: a refusal of the whole order is believed": (a_refusal_of_the_whole_order_is_believed, _MANY),
    "many: a number that failed is refused": (a_number_that_failed_is_refused, {**_MANY, "menu": ("some_failed",)}),
    "many: a number that the answer leaves out is refused": (
        a_number_that_the_answer_leaves_out_is_refused,
        {**_MANY, "menu": ("some_missing", "stale")},
    ),
    "many: an answer confirms every number of the order": (an_answer_confirms_every_number_of_the_order, _MANY),
    "many: a foreign number is confirmed": (a_foreign_number_is_confirmed, _MANY),
    "many: a number that another order has stays in the body": (
        a_number_that_another_order_has_stays_in_the_body,
        {**_MANY, "workers": 3, "scarce": True},
    ),
    "many: one key is of two bodies": (one_key_is_of_two_bodies, _MANY),
    "many: half of an order is recorded": (half_of_an_order_is_recorded, _MANY),
    "many: an order is on record after it was sent": (an_order_is_on_record_after_it_was_sent, _MANY),
    "many: numbers are looked for one by one": (numbers_are_looked_for_one_by_one, _ALONE),
    "many: an order is repeated for each of its numbers": (an_order_is_repeated_for_each_of_its_numbers, _ALONE),
    "many: a list that is cut off is absence": (a_list_that_is_cut_off_is_absence, _MANY),
    "many: caps are checked for each number alone": (
        caps_are_checked_for_each_number_alone,
        {**_MANY, "cap": "2.50", "max_price": None},
    ),
}
