"""Mistakes about what is on the account: lists, their pages and rows, and the look of a purchase in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anycarrier.attempt import Attempt
from anycarrier.errors import AnyCarrierError, UnexpectedResponse
from anycarrier.exchange import Emit, Exchange, Listing, Request, Response
from anycarrier.model import OwnedNumber
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own, emitting, follows

LOOK = "test_a_look_that_got_no_clear_answer_proves_no_absence"
ONE_PAGE = "what it asks for comes in one answer"


class Absent(Break):
    def find_purchase(self, own: Own[OwnedNumber | None], attempt: Attempt) -> Exchange[OwnedNumber | None]:
        yield from own(attempt)
        return self.struck(None)


class FailureIsAbsence(Break):
    def find_purchase(self, own: Own[OwnedNumber | None], attempt: Attempt) -> Exchange[OwnedNumber | None]:
        try:
            return (yield from own(attempt))
        except AnyCarrierError as error:
            if self.takes(error):
                return self.struck(None)
            raise

    def takes(self, error: AnyCarrierError) -> bool:
        return True


class StrangersPageIsAbsence(FailureIsAbsence):
    def takes(self, error: AnyCarrierError) -> bool:
        return error.status == 404


class _Turned(Exception):
    """A listing is at its second page."""


class FirstPageOnly(Break):
    """Reads one page of a list and takes it for all."""

    last: Request | None = None
    turns = 0

    def list(self, own: Own[None], **more: object) -> Listing[OwnedNumber]:
        self.last = None
        try:
            yield from own(**more)
        except _Turned:
            self.strikes += 1

    def request(self, request: Request) -> Request:
        before, self.last = self.last, request
        if before is not None and follows(before, request):
            raise _Turned
        return request


class LookAtFirstPage(FirstPageOnly):
    def list(self, own: Own[None], **more: object) -> Listing[OwnedNumber]:
        self.last = None
        return own(**more)

    def find_purchase(self, own: Own[OwnedNumber | None], attempt: Attempt) -> Exchange[OwnedNumber | None]:
        self.last = None
        self.turns += 1
        try:
            return (yield from own(attempt))
        except _Turned:
            return self.struck(None)
        finally:
            self.turns -= 1

    def request(self, request: Request) -> Request:
        return super().request(request) if self.turns else request


class LastPageLost(Break):
    def list(self, own: Own[None], **more: object) -> Listing[OwnedNumber]:
        held: list[Emit[OwnedNumber]] = []

        def keep(emit: Emit[OwnedNumber]) -> Sequence[Emit[OwnedNumber]]:
            held.append(emit)
            return held[-2:-1]

        yield from emitting(own(**more), keep)
        if len(held) > 1:
            self.strikes += 1
        elif held:
            yield held[0]


class Twice(Break):
    def list(self, own: Own[None], **more: object) -> Listing[OwnedNumber]:
        return emitting(own(**more), lambda emit: [emit, self.struck(emit)])


class ListSwallows(Break):
    def list(self, own: Own[None], **more: object) -> Listing[OwnedNumber]:
        try:
            yield from own(**more)
        except AnyCarrierError:
            self.strikes += 1


class OddRowDropped(Break):
    """A row that cannot be read is left out, and the list ends as if it were whole."""

    def list(self, own: Own[None], **more: object) -> Listing[OwnedNumber]:
        try:
            yield from own(**more)
        except UnexpectedResponse as error:
            if error.status != 200:
                raise
            self.strikes += 1


class Endless(Break):
    """Asks on where a page comes again."""

    def list(self, own: Own[None], **more: object) -> Listing[OwnedNumber]:
        exchange = own(**more)
        outcome: Any = None
        bodies: set[bytes] = set()
        asked: Request | None = None
        again = False
        while True:
            try:
                effect = exchange.send(outcome)
            except StopIteration:
                break
            except AnyCarrierError:
                if not again:
                    raise
                break
            outcome = yield effect
            if isinstance(effect, Request) and isinstance(outcome, Response) and outcome.stream is None:
                again = again or outcome.body in bodies
                bodies.add(outcome.body)
                asked = effect
        if not again:
            return
        self.strikes += 1
        while True:
            yield asked


LISTS: dict[str, Mutant] = {
    "look-absent": Mutant(means="`look` finds nothing", way=Absent, cases=["test_a_look_finds_what_was_bought"]),
    "look-failure-is-absence": Mutant(means="`look` takes a failure for absence", way=FailureIsAbsence, cases=[LOOK]),
    "look-page-is-absence": Mutant(
        means="`look` takes a proxy's 404 for absence", way=StrangersPageIsAbsence, cases=[LOOK]
    ),
    "look-first-page": Mutant(
        means="`look` reads one page only",
        way=LookAtFirstPage,
        cases=["test_a_look_reads_on_where_the_filter_of_a_list_is_ignored"],
        never=ONE_PAGE,
    ),
    "list-first-page": Mutant(
        means="list() reads one page only",
        way=FirstPageOnly,
        cases=["test_the_list_goes_to_the_end"],
        needs=["list"],
        never=ONE_PAGE,
    ),
    "list-last-page": Mutant(
        means="list() loses its last page",
        way=LastPageLost,
        cases=["test_the_list_goes_to_the_end"],
        needs=["list"],
        never=ONE_PAGE,
    ),
    "list-twice": Mutant(
        means="list() gives numbers twice", way=Twice, cases=["test_the_list_goes_to_the_end"], needs=["list"]
    ),
    "list-swallows": Mutant(
        means="list() ends quietly where it breaks",
        way=ListSwallows,
        cases=["test_a_list_that_breaks_says_so"],
        needs=["list"],
    ),
    "list-odd-row": Mutant(
        means="list() leaves out quietly what it cannot read",
        way=OddRowDropped,
        cases=["test_a_row_that_cannot_be_read_is_told"],
        needs=["list"],
    ),
    "list-endless": Mutant(
        means="list() asks on for ever where a page comes again",
        way=Endless,
        cases=["test_a_list_without_end_is_given_up"],
        needs=["list"],
        never=ONE_PAGE,
    ),
}
