"""Mistakes about ports of numbers from other carriers."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from anycarrier.errors import AnyCarrierError, UnexpectedResponse
from anycarrier.exchange import Exchange
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Port, Portability, PortDraft, PortState
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own

__all__ = ["PORTS"]


class OrderSentAgain(Break):
    def place_port(self, own: Own[Port], draft: PortDraft) -> Exchange[Port]:
        try:
            return (yield from own(draft))
        except AnyCarrierError as error:
            if not error.maybe_applied:
                raise
            self.strikes += 1
        return (yield from own(draft))


class LostOrderIsRefused(Break):
    def place_port(self, own: Own[Port], draft: PortDraft) -> Exchange[Port]:
        try:
            return (yield from own(draft))
        except AnyCarrierError as error:
            if error.maybe_applied:
                self.strikes += 1
                error.maybe_applied, error.status = False, 400
            raise


class AnyAnswerIsAPort(Break):
    def place_port(self, own: Own[Port], draft: PortDraft) -> Exchange[Port]:
        try:
            return (yield from own(draft))
        except UnexpectedResponse:
            account = self.provider.accounts[0].id
            return self.struck(
                Port(provider=self.provider.name, account=account, id="00000", state=PortState.SUBMITTED)
            )


class AlwaysPortable(Break):
    def portability(self, own: Own[list[Portability]], numbers: Sequence[PhoneNumber]) -> Exchange[list[Portability]]:
        found = yield from own(numbers)
        if not all(one.is_portable for one in found):
            self.strikes += 1
        return [evolve(one, is_portable=True, reason=None) for one in found]


class PortsCutShort(Break):
    def ports(self, own: Own[list[Port]]) -> Exchange[list[Port]]:
        try:
            return (yield from own())
        except UnexpectedResponse:
            return self.struck([])


class ErrorIsAPort(Break):
    def port(self, own: Own[Port], id: str) -> Exchange[Port]:
        try:
            return (yield from own(id))
        except AnyCarrierError:
            account = self.provider.accounts[0].id
            return self.struck(Port(provider=self.provider.name, account=account, id=id))


_BREAKS = "test_under_any_fault_a_port_is_ordered_once_or_not_at_all"

PORTS: dict[str, Mutant] = {
    "port-sent-again": Mutant(
        means="an order of a port whose answer is lost is sent again",
        way=OrderSentAgain,
        cases=[f"{_BREAKS}[reset-after]", f"{_BREAKS}[500-json-after]"],
        needs=["port_in"],
    ),
    "lost-port-is-refused": Mutant(
        means="an order of a port whose answer is lost counts as refused",
        way=LostOrderIsRefused,
        cases=["test_the_answer_to_an_order_says_nothing_that_is_not_there"],
        needs=["port_in"],
    ),
    "any-answer-is-a-port": Mutant(
        means="an answer that names no port counts as one that was made",
        way=AnyAnswerIsAPort,
        cases=["test_the_answer_to_an_order_says_nothing_that_is_not_there"],
        needs=["port_in"],
    ),
    "always-portable": Mutant(
        means="a number that cannot be ported counts as portable",
        way=AlwaysPortable,
        cases=["test_a_number_is_portable_or_there_is_a_reason"],
        needs=["portable"],
    ),
    "ports-cut-short": Mutant(
        means="a list of ports that cannot be read counts as one without ports",
        way=PortsCutShort,
        cases=["test_a_list_of_ports_that_cannot_be_read_whole_is_none"],
        needs=["ports"],
    ),
    "error-is-a-port": Mutant(
        means="a port that cannot be read counts as one of which nothing is stated",
        way=ErrorIsAPort,
        cases=["test_a_port_of_another_is_not_found"],
        needs=["port"],
    ),
}
