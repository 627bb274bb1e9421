"""Wrong protocols of port orders, and the scenarios that catch them. Each mutant is a patch of the real one."""

from __future__ import annotations

from attrs import evolve

from anycarrier.attempt import ResolutionPolicy
from anycarrier.port_records import Port, PortState
from anycarrier.porting import looking, ordering, states
from anycarrier.purchase.resolution import Verdict
from anycarrier_adapters.voicetel import VoiceTel
from simulation.port_world import LOCAL, TOLL_FREE, Killed, World
from support.port_orders import PRIVATE, port_order

EVERY = (*LOCAL, TOLL_FREE)


# -- scenarios: each gives what is wrong, in words


def lost(book_of, *, fault="reset", **how):
    """An answer is lost; then the same call again, as a program does."""
    world = World(book_of, naive=True)
    world.played.fault(fault, operation="port_submit", **how)
    world.port_in(port_order(LOCAL[0]), deadline=5.0)
    wrong = world.judge()
    world.port_in(port_order(LOCAL[0]))
    world.wait()
    return wrong + world.settled()


def lost_before(book_of):
    return lost(book_of, done=False)


def lost_after(book_of):
    return lost(book_of, done=True)


def down_after(book_of):
    return lost(book_of, fault="error", status=502, page="html", done=True)


def not_json(book_of):
    return lost(book_of, fault="not_json", done=True)


def late(book_of):
    """The order is made minutes after its answer was lost; a new id is used as soon as it is said to be absent."""
    world = World(book_of, naive=True)
    world.played.fault("late", operation="port_submit", seconds=300.0, loses="reset")
    done = world.port_in(port_order(LOCAL[0]), deadline=250.0)
    if done.records[0].state is PortState.ABSENT:
        world.port_in(port_order(LOCAL[0]), "r2")
    world.clock.advance(400.0)
    world.wait()
    return world.settled()


def silent(operation):
    def silent_while_looking(book_of):
        world = World(book_of, naive=True)
        world.played.fault("reset", operation="port_submit", done=True)
        world.played.fault("error", operation=operation, status=500, times=None)
        world.port_in(port_order(LOCAL[0]), deadline=0.5)
        for _ in range(8):
            world.clock.advance(400.0)
            world.observe()
        wrong = world.judge()
        world.played.faults.clear()
        world.wait()
        return wrong + world.settled()

    silent_while_looking.__name__ = f"silent_{operation}"
    return silent_while_looking


def killed(book_of):
    whole = World(book_of, naive=True)
    whole.port_in(port_order(LOCAL[0]))
    wrong = []
    for at in range(len(whole.points)):
        world = World(book_of, naive=True)
        world.die_at = at
        try:
            world.port_in(port_order(LOCAL[0]))
        except Killed:
            pass
        wrong += world.judge()
        world.port_in(port_order(LOCAL[0]))
        world.wait()
        wrong += world.settled()
    return wrong


def two_requests(book_of):
    whole = World(book_of, naive=True)
    whole.port_in(port_order(LOCAL[0]))
    wrong = []
    for at in range(len(whole.points)):
        world = World(book_of, naive=True)

        def meet(name, world=world, at=at, own=World.point):
            own(world, name)
            if len(world.points) == at + 1:
                world.port_in(port_order(LOCAL[0]), "r2")

        world.point = meet
        world.port_in(port_order(LOCAL[0]))
        world.wait()
        wrong += world.settled()
    return wrong


def again_under_the_same_id(book_of):
    """An order that is absent, or that the losing carrier rejected, is not sent again under its id."""
    world = World(book_of, naive=True)
    world.played.fault("reset", operation="port_submit", done=False)
    world.port_in(port_order(LOCAL[0]))
    world.port_in(port_order(LOCAL[0]))
    wrong = [] if world.submitted() == 1 else ["an absent order was sent again under its id"]
    world = World(book_of, naive=True)
    world.played.other_carrier(LOCAL[0], account_number="1")
    world.port_in(port_order(LOCAL[0]))
    world.played.loa()
    world.clock.advance(3 * 86_400.0)
    (record,) = world.observe()
    world.port_in(port_order(LOCAL[0]))
    if record.state is not PortState.REJECTED or world.submitted() != 1:
        wrong.append("a rejected order was sent again under its id")
    return wrong


def by_a_person(book_of):
    """Of two numbers, a person ports one with another meanwhile; the order of both was not made."""
    world = World(book_of, naive=True)
    world.played.fault("reset", operation="port_submit", done=False)
    world.port_in(port_order(*LOCAL), deadline=0.1)
    world.played._start((LOCAL[0].removeprefix("+1"), "9075550159"), "Example")
    world.wait()
    found = [record.port_id for record in world.book.ports() if record.port_id]
    return ["a port of other numbers was taken for the order's"] if found else []


def in_part(book_of):
    """One of two numbers does not come, and the port is complete."""
    world = World(book_of)
    world.played.other_carrier(LOCAL[1], stays=True)
    world.port_in(port_order(*LOCAL))
    world.played.loa()
    world.clock.advance(20 * 86_400.0)
    (record,) = world.observe()
    kinds = [one.state for one in record.numbers]
    return [] if kinds == [PortState.COMPLETE, PortState.LEFT_OUT] else [f"one number did not come: {kinds}"]


def slow(book_of):
    """More than an hour goes by between two parts of an order."""
    world = World(book_of)
    write = world.book.write_port

    def writing(*given, **named):
        world.clock.advance(3700.0)
        return write(*given, **named)

    world.book.write_port = writing
    done = world.port_in(port_order(*EVERY), deadline=50_000.0)
    refused = [record for record in done.records if record.state is PortState.REFUSED]
    return ["an order was sent with an answer about portability that is too old"] if refused else []


def quoting(book_of):
    """The provider's words quote what is private."""
    world = World(book_of)
    world.played.other_carrier(LOCAL[0], carrier=PRIVATE[0], account_number="1")
    world.port_in(port_order(LOCAL[0]))
    world.played.loa()
    world.clock.advance(3 * 86_400.0)
    world.observe()
    return [f"{text} is in the journal" for text in world.leaks()]


SCENARIOS = (
    *(lost_before, lost_after, down_after, not_json, late, silent("port_list"), silent("port_get")),
    *(again_under_the_same_id, by_a_person, in_part, slow, quoting, two_requests, killed),
)


# -- mutants


def sends_again(patch):
    real = ordering.sent_once

    def twice(exchange, not_after=None):
        port, error, left = yield from real(exchange, not_after)
        if error is not None and getattr(error, "maybe_applied", True):
            port, error, left = yield from real(exchange.again(), not_after)
        return port, error, left

    send = ordering._Work._send

    def sending(self, entry, numbers, moment):
        place = self.provider.place_port

        class Again:
            """An exchange that can be begun anew."""

            def __init__(self, draft):
                self.draft = draft
                self.one = place(draft)
                self.send, self.close = self.one.send, self.one.close

            def again(self):
                return place(self.draft)

        provider = self.provider
        self.provider = type("Provider", (), {
            "__getattr__": lambda _, name: getattr(provider, name), "place_port": lambda _, draft: Again(draft),
        })()  # fmt: skip
        try:
            return (yield from send(self, entry, numbers, moment))
        finally:
            self.provider = provider

    patch.setattr(ordering, "sent_once", twice)
    patch.setattr(ordering._Work, "_send", sending)


def sends_before_the_record(patch):
    def order(self, numbers, until):
        from anycarrier.port_records import PortDraft, PortRecord, RecordedNumber

        draft = PortDraft(numbers=self.order.lines(numbers), details=self.order)
        port, error, _ = yield from ordering.sent_once(self.provider.place_port(draft))
        record = PortRecord(
            request_id=self.request_id,
            provider=self.provider.name,
            account=self.account,
            state=PortState.IN_DOUBT,
            numbers=tuple(RecordedNumber(number=number, state=PortState.IN_DOUBT) for number in numbers),
        )
        entry = yield from ordering.call(lambda: self.journal.begin_port(record, self.digest))
        if error is None:
            seen = states.seen(entry.record, port, ())
            yield from ordering.call(lambda: self.journal.write_port(entry, seen, entry.attempt, answered=True))
        return True

    patch.setattr(ordering._Work, "_order", order)


def takes_an_incomplete_list_for_whole(patch):
    real = looking._ports

    def whole(*given):
        return evolve((yield from real(*given)), is_whole=True)

    patch.setattr(looking, "_ports", whole)


def takes_silence_for_an_empty_list(patch):
    real = looking._ports

    def silent(*given):
        try:
            return (yield from real(*given))
        except Exception:  # noqa: BLE001 - the mutant
            return looking._Ports([], True)

    patch.setattr(looking, "_ports", silent)


def believes_the_first_look(patch):
    patch.setattr(VoiceTel, "port_rules", ResolutionPolicy(settle=0.0, looks=1, look_every=1.0))


def takes_an_error_for_a_refusal(patch):
    real = ordering.classify

    def classify(error, *given, **named):
        verdict = real(error, *given, **named)
        return Verdict.REJECTED if verdict is Verdict.IN_DOUBT else verdict

    patch.setattr(ordering, "classify", classify)


def has_no_fence(patch):
    from anycarrier.purchase.journal.ports import Ports

    real = Ports.begin_port

    def begin(self, *given):
        with self._database.transaction() as tx:
            tx.run("DROP INDEX IF EXISTS anycarrier_one_port")
        return real(self, *given)

    patch.setattr(Ports, "begin_port", begin)
    patch.setattr(Ports, "live_ports", lambda *_: {})


def orders_again_what_ended(patch):
    real = ordering._Work.entries

    def entries(self):
        found = yield from real(self)
        return [one for one in found if one.record.is_open]

    patch.setattr(ordering._Work, "entries", entries)


def finds_by_one_number(patch):
    real = looking._Ports.find

    def find(self, numbers, sent):
        return next((one for one in self.unknown if frozenset(one.numbers or ()) & numbers), real(self, numbers, sent))

    patch.setattr(looking._Ports, "find", find)


def does_not_read_the_account(patch):
    def owned(_, numbers):
        yield from ()
        return numbers

    patch.setattr(looking, "_owned", owned)


def asks_about_portability_once(patch):
    patch.setattr(VoiceTel, "portable_for", 1e9)


def stores_the_providers_words(patch):
    patch.setattr(states, "_rejection", lambda port: port.reason or "")


def forgets_the_id(patch):
    real = ordering.seen

    def seen(record, port, owned):
        return real(record, evolve(port, id="00000") if isinstance(port, Port) else port, owned)

    patch.setattr(ordering, "seen", seen)


MUTANTS = (
    *(sends_again, sends_before_the_record, takes_an_incomplete_list_for_whole, takes_silence_for_an_empty_list),
    *(believes_the_first_look, takes_an_error_for_a_refusal, has_no_fence, orders_again_what_ended),
    *(finds_by_one_number, does_not_read_the_account, asks_about_portability_once, stores_the_providers_words),
    forgets_the_id,
)
