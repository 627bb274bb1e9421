"""Cases of misleading answers: answers about another number, strangers' pages, broken and endless lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
import pytest
from attrs import evolve

from anycarrier.decoding import Record, settled
from anycarrier.errors import (
    AnyCarrierError,
    NotFound,
    UnexpectedResponse,
)
from anycarrier.features import OPERATIONS
from anycarrier.model import (
    Route,
    Status,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import STANDARD, Failure, SimAnswer, SimRequest, Simulator
from anycarrier.testing.contract.altered_answers import (
    Handle,
    altered,
    answers,
    blanked,
    renamed,
    text_members,
)
from anycarrier.testing.fakes import AnyClient
from anycarrier.testing.provider_case import ABSENCE, ProviderCase

__all__ = ["AnswerCases"]

MOST_PAGES = 50
"""Requests after which a list without end must have stopped."""

BELIEVED = tuple(
    one.name
    for one in OPERATIONS.values()
    if one.writes and one.of_one_number and one.name not in ("route", "unbind_campaign")
)
"""Changes that one request makes, whatever the number has; routes are tried one by one."""

PAGE = SimAnswer(200, (("content-type", "text/html"),), b"<html><body>Welcome</body></html>")


class AnswerCases(ProviderCase):
    """Answers and lists that are not to be believed; in process only, as the wire adds nothing to them."""

    # -- answers that mislead

    def test_a_number_is_not_read_from_an_answer_about_another(self, phone: AnyClient, played: Simulator) -> None:
        number = phone.search(self.criteria)[0].number
        other = PhoneNumber(self.absent)
        bought = self.settled(phone, phone.buy(number))
        for operation in ("get", "campaign_of"):
            if not self.can(operation):
                continue
            assert getattr(phone, operation)(number).number == number
            with (
                answers(played, lambda _, answer: renamed(answer, number, other)) as changed,
                pytest.raises(AnyCarrierError) as caught,
            ):
                getattr(phone, operation)(bought.number)
            assert changed, f"no answer to {operation} names the number"
            assert caught.value.operation == operation

    def test_a_page_of_a_stranger_says_nothing_of_a_number(self, phone: AnyClient, played: Simulator) -> None:
        number = phone.search(self.criteria)[0].number
        self.settled(phone, phone.buy(number))
        for status in (404, 410):
            for body in (b"<html>gateway</html>", b'{"fault": {"code": "gateway"}}', b""):
                with answers(played, lambda _, answer: SimAnswer(status, (), body)):  # noqa: B023 - called here
                    for operation in ABSENCE:
                        if not self.can(operation):
                            continue
                        with pytest.raises(AnyCarrierError) as caught:
                            getattr(phone, operation)(number)
                        assert not isinstance(caught.value, NotFound), (
                            f"{operation} says that a number is not on the account because something in between "
                            f"answered {status} {body!r}: NotFound is for the provider's own words"
                        )

    def test_failures_are_not_absence(self, phone: AnyClient, played: Simulator) -> None:
        for name in ("500-json-before", "503-html-before", "reset-before", "throttle-none"):
            for operation in ABSENCE:
                if not self.can(operation):
                    continue
                played.faults.add(evolve(STANDARD[name], times=None))
                with pytest.raises(AnyCarrierError) as caught:
                    getattr(phone, operation)(self.absent)
                played.faults.clear()
                assert not isinstance(caught.value, NotFound), f"{operation} reports NotFound under {name}"

    def test_a_status_word_that_is_not_known_is_unknown(self, phone: AnyClient, played: Simulator) -> None:
        bought = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        word = phone.get(bought).provider_status
        if word is None:
            return

        def change(_: str | None, answer: SimAnswer) -> SimAnswer:
            said = json.dumps(word).encode()
            body = answer.body.replace(b": " + said, b': "unheard-of"').replace(b":" + said, b':"unheard-of"')
            return evolve(answer, body=body)

        with answers(played, change) as changed:
            told = phone.get(bought.number)
        assert changed
        assert told.status is Status.UNKNOWN, f"an unknown status word became {told.status}: it must be UNKNOWN"
        assert told.provider_status == "unheard-of"

    def test_a_success_that_is_none_is_not_believed(self, phone: AnyClient, played: Simulator) -> None:
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))

        def handle(own: Handle, request: SimRequest) -> SimAnswer | Failure:
            return PAGE if phone.sent[-1].purpose == "write" else own(request)

        operations: list[str | Route] = [*BELIEVED, *self.each_route()]
        for operation in operations:
            if not self.can(operation if isinstance(operation, str) else operation.feature):
                continue
            before = len(phone.sent)
            with altered(played, handle), pytest.raises(AnyCarrierError) as caught:
                self._write(phone, operation, number.number)
            wrote = [request for request in phone.sent[before:] if request.purpose == "write"]
            assert len(wrote) == 1, f"{operation} was sent {len(wrote)} times: a change is never repeated by itself"
            assert caught.value.maybe_applied, f"{operation} may have been done, and the error says that it was not"

    def _write(self, phone: AnyClient, operation: str | Route, number: PhoneNumber) -> object:
        if not isinstance(operation, str):
            return phone.route(number, operation)
        return getattr(phone, operation)(number, *self.arguments(operation))

    def each_route(self) -> Sequence[Route]:
        """The routes that the provider can set, one of each feature."""
        return [*{route.feature: route for route in self.routes if self.can(route.feature)}.values()]

    # -- lists

    def test_a_list_that_breaks_says_so(self, phone: AnyClient, played: Simulator) -> None:
        for number in self.numbers(self.many):
            self.own(played, number)
        before = len(phone.sent)
        phone.list()
        pages = len(phone.sent) - before
        names = ("500-json-before", "404-html-after", "truncate-after", "not_json-after", "reset-after")
        for name in names:
            for after in {0, pages - 1}:
                fault = evolve(STANDARD[name], operation=self.listing, times=None, after=after)
                played.faults.add(fault)
                with pytest.raises(AnyCarrierError):
                    phone.list()
                played.faults.clear()

    def test_a_row_that_cannot_be_read_is_told(self, phone: AnyClient, played: Simulator) -> None:
        first, second = self.numbers(2)
        for number in (first, second):
            self.own(played, number)
        odd = first.ten_digit[:6].encode() + b"-odd"

        def change(operation: str | None, answer: SimAnswer) -> SimAnswer:
            listed = operation == self.listing
            return evolve(answer, body=answer.body.replace(first.ten_digit.encode(), odd)) if listed else answer

        assert first in {owned.number for owned in phone.list()}
        with answers(played, change) as changed, pytest.raises(UnexpectedResponse):
            phone.list()
        assert changed

    def test_blank_text_of_a_row_is_no_fact(self, phone: AnyClient, played: Simulator) -> None:
        for number in self.numbers(2):
            self.own(played, number)
        names: set[str] = set()

        def note(_: str | None, answer: SimAnswer) -> SimAnswer:
            names.update(text_members(answer))
            return answer

        calls: Sequence[Callable[[], list[object]]] = (lambda: phone.search(self.criteria), phone.list)
        read = 0
        for call in calls:
            names.clear()
            with answers(played, note):
                call()
            for name in sorted(names):
                with answers(played, lambda _, answer: blanked(answer, name)) as changed:  # noqa: B023 - called here
                    try:
                        found = call()
                    except UnexpectedResponse:
                        continue
                assert changed
                read += 1
                for one in found:
                    assert not [*_blank(one)], (
                        f"{name!r} is blank in the answer, and so is {next(_blank(one))} of what was made of it"
                    )
        assert read, "no answer with a blank member was read"

    def test_a_list_without_end_is_given_up(self, phone: AnyClient, played: Simulator) -> None:
        for number in self.numbers(self.many):
            self.own(played, number)
        first: dict[str, SimAnswer] = {}
        asked = 0

        def change(operation: str | None, answer: SimAnswer) -> SimAnswer:
            nonlocal asked
            asked += 1
            assert asked <= MOST_PAGES, "one page for ever is read for ever: stop when it comes again"
            return first.setdefault("page", answer) if operation == self.listing else answer

        with answers(played, change):
            try:
                listed = phone.list()
            except AnyCarrierError:
                return
        assert len(listed) == len({owned.number for owned in listed})


def _blank(value: Any, name: str = "") -> Iterator[str]:
    """The names of the fields of *value*, and of the objects in it, that hold blank text; ``raw`` apart.

    A provider's own record may have blank words, but no text that :func:`anycarrier.decoding.settled` takes away.
    """
    if isinstance(value, str):
        if not value.strip():
            yield name
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if field.name != "raw":
                yield from _blank(getattr(value, field.name), field.name)
    elif isinstance(value, Record):
        if settled(value) != value:
            yield name
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _blank(each, name)
