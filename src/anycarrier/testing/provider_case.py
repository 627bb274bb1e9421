"""Provider under test: attributes that its author sets, and the fixtures of every suite."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from attrs import evolve

from anycarrier import capabilities as declared
from anycarrier.exchange import Response
from anycarrier.features import OPERATIONS, Can
from anycarrier.model import (
    CallsToWebhook,
    ForwardTo,
    Money,
    NoForward,
    NoTexts,
    Offer,
    OwnedNumber,
    Route,
    Status,
    TextsTo,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.ports import PortOrder, ServiceAddress
from anycarrier.purchase import journal
from anycarrier.search import Search
from anycarrier.simulator import AsyncSimTransport, SimTransport, Simulator
from anycarrier.testing.fakes import MODES, AnyClient, Mode, StubTransport, VirtualClock

__all__ = ["ABSENCE", "BASE", "ROUTES", "ProviderCase"]

BASE = "http://127.0.0.1:1"
"""Base URL of the in-process simulator; nothing is ever sent there."""

ABSENCE = (*(one.name for one in OPERATIONS.values() if one.of_one_number and not one.writes), "release")
"""Operations that say whether a number is on the account."""

ROUTES: Sequence[Route] = (
    ToGateway(1000),
    ForwardTo(PhoneNumber("+12125550142")),
    NoForward(),
    CallsToWebhook("https://example.com/calls"),
    TextsTo("MG01"),
    TextsToWebhook("https://example.com/texts"),
    TextsToEmail("texts@example.com"),
    TextsToSip("texts@sip.example.com"),
    NoTexts(),
)

ADDRESS = EmergencyAddress(
    name="Acme Inc",
    street="411 Hackensack Avenue",
    unit="Ste 200",
    city="Hackensack",
    state="NJ",
    postal_code="07601",
)


class ProviderCase(ABC):
    """Description of a provider under test, in one class for all suites.

    Attributes:
        simulator: class that plays the provider; ``None`` for one without requests.
        criteria: a search that finds at least two numbers there.
        nothing: a search that is understood and finds none.
        absent: a number that is neither on the account nor for sale.
        campaign: id of a campaign that can be bound there.
        other_campaign: id of another one.
        no_campaign: id of a campaign that does not exist.
        to_account: where a number can be transferred.
        purchase: the simulator's name of the operation that buys.
        listing: the simulator's name of the operation that lists.
        many: how many numbers to page through: more than one page holds.
        lag: seconds by which what the account shows may lag behind a purchase, within the provider's own ``rules``.
        routes: one route of each kind, as the provider takes them; those that it cannot set are not tried.
        port: id of a port, in the form that the provider takes, which the account does not have.
        port_purchase: the simulator's name of the operation that orders a port.
        port_listing: the simulator's name of the operation that lists ports.
        elsewhere: two numbers of one other carrier that can be ported.
        gateways: two ids for ``ToGateway``.
        no_gateway: id of a gateway that does not exist.
        emergency_address: an address that the emergency service accepts.
        no_address: one that it refuses.
        caller_name: a name that carriers accept.
        label: a label that the provider accepts.
        area_codes: of the numbers that are put on the account.
        impossible: names of :data:`~anycarrier.simulator.STANDARD` faults that the provider's documents rule out for a
            purchase, each with the statement that does.
        pending: options under which its simulator takes between a minute and a day to set a number up that was bought;
            ``None`` where numbers are active when they are bought.
    """

    simulator: ClassVar[type[Simulator] | None] = None
    criteria: ClassVar[Search] = Search(area_code="201")
    nothing: ClassVar[Search] = Search(area_code="999")
    absent: ClassVar[str] = "+19075550199"
    campaign: ClassVar[str] = "CH5K5IZ"
    other_campaign: ClassVar[str] = "CXXXXX1"
    no_campaign: ClassVar[str] = "CXXXXX9"
    to_account: ClassVar[str] = "1000000002"
    purchase: ClassVar[str] = "order"
    listing: ClassVar[str] = "numbers"
    many: ClassVar[int] = 23
    lag: ClassVar[float] = 30.0
    routes: ClassVar[Sequence[Route]] = ROUTES
    port: ClassVar[str] = "a3a2a"
    port_purchase: ClassVar[str] = "port_submit"
    port_listing: ClassVar[str] = "port_list"
    elsewhere: ClassVar[tuple[str, str]] = ("+19075550150", "+19075550151")
    gateways: ClassVar[tuple[int, int]] = (1000, 1001)
    no_gateway: ClassVar[int] = 987_654
    emergency_address: ClassVar[EmergencyAddress] = ADDRESS
    no_address: ClassVar[EmergencyAddress] = evolve(ADDRESS, street="Nowhere")
    caller_name: ClassVar[str] = "ACME CORP"
    label: ClassVar[str] = "Front desk"
    area_codes: ClassVar[Sequence[str]] = ("415", "312", "617", "702")
    impossible: ClassVar[Mapping[str, str]] = {}
    pending: ClassVar[Mapping[str, Any] | None] = None

    # -- hooks of a subclass

    @abstractmethod
    def provider(self, base_url: str) -> Any:
        """The provider object, with credentials that its simulator accepts."""

    @classmethod
    def simulate(cls, **options: Any) -> Simulator:
        """A simulator in its first state."""
        if cls.simulator is None:
            pytest.skip("this provider has no simulator")
        return cls.simulator(**options)

    def own(self, simulator: Any, number: PhoneNumber) -> None:
        """Put a number on the simulated account."""
        simulator.own(number.ten_digit)

    def numbers(self, count: int) -> list[PhoneNumber]:
        """*count* numbers to put on the account."""
        places = [(code, line) for code in self.area_codes for line in range(100, 200)]
        return [PhoneNumber(f"+1{code}555{line:04}") for code, line in places[:count]]

    def failing(self, simulator: Any, number: PhoneNumber) -> None:
        """Have the set-up of a number fail, if it is bought under :attr:`pending`."""
        simulator.failing |= {number.e164}

    def settled(self, phone: AnyClient, owned: OwnedNumber) -> OwnedNumber:
        """A number that was just bought, set up; waits where the provider takes its time."""
        if owned.status is Status.PENDING:
            settled: OwnedNumber = phone.wait(owned)
            return settled
        return owned

    # -- fixtures

    @pytest.fixture(params=MODES)
    def mode(self, request: pytest.FixtureRequest) -> Mode:
        """Every case runs in both."""
        return request.param  # type: ignore[no-any-return]

    @pytest.fixture
    def clock(self) -> VirtualClock:
        return VirtualClock()

    @pytest.fixture
    def played(self, clock: VirtualClock) -> Iterator[Any]:
        """The simulator, in virtual time; a fault that a case planned and that never struck fails it."""
        played = self.simulate(now=clock.time)
        yield played
        self.all_struck(played)

    @pytest.fixture
    def phone(self, mode: Mode, clock: VirtualClock, played: Simulator) -> Iterator[AnyClient]:
        """A client of the simulated provider; at the end no stream may be open."""
        with self.calling(mode, played, clock) as phone:
            yield phone

    def all_struck(self, played: Simulator) -> None:
        """Fail where a fault was planned that struck no request: what it was to show was not shown."""
        for planned in played.faults.added:
            if not planned.struck:
                pytest.fail(
                    f"the fault {planned.fault.as_dict()} never struck, so this case proves nothing: no request was "
                    f"for its operation. ProviderCase.purchase is {self.purchase!r} and ProviderCase.listing "
                    f"{self.listing!r}; "
                    f"the simulator received {sorted({str(seen.operation) for seen in played.ledger.requests})}"
                )

    @contextmanager
    def calling(self, mode: Mode, simulator: Simulator, clock: VirtualClock) -> Iterator[AnyClient]:
        """A client of *simulator*, in process."""
        kind: Any = SimTransport if mode == "sync" else AsyncSimTransport
        transport = kind({BASE: simulator})
        with AnyClient(mode, self.provider(BASE), transport, clock) as phone:
            yield phone
        assert transport.open_streams == 0

    def stubbed(self, mode: Mode, status: int, body: bytes, **headers: str) -> AnyClient:
        """A client whose every request gets this answer."""
        named = {"content-type": "application/json", **{name.replace("_", "-"): h for name, h in headers.items()}}
        return AnyClient(mode, self.provider(BASE), StubTransport(lambda request: Response(status, named, body)))

    def can(self, feature: str) -> bool:
        """Return whether the provider declares *feature*."""
        return isinstance(declared.support_of(self.provider(BASE), feature), Can)

    def empty(self, **options: Any) -> Simulator:
        """A simulator whose account has no numbers."""
        return self.simulate(owned=(), **options)

    def charges(self, simulator: Simulator, number: PhoneNumber) -> list[Any]:
        """Charges of the simulator for a number."""
        names = {str(number), number.ten_digit}
        return [charge for charge in simulator.ledger.charges if charge.number in names]

    def offer(self) -> Offer:
        """An offer of the simulator's, fit to be bought."""
        with self.calling("sync", self.simulate(), VirtualClock()) as phone:
            found: Offer = phone.search(self.criteria)[0]
            return found

    def also(self, **more: Any) -> Search:
        """The criteria's digits, and more."""
        return Search(area_code=self.criteria.area_code, prefix=self.criteria.prefix, **more)

    def attempt(self, phone: AnyClient, feature: str, queries: Mapping[str, Search] | None = None) -> None:
        """Ask for a feature in its plainest form."""
        operation, _, rest = feature.partition(".")
        number = PhoneNumber(self.absent)
        if operation == "search":
            phone.search((queries or {}).get(feature, self.criteria))
        elif operation == "route":
            kinds = [route for route in self.routes if route.feature == feature or not rest]
            phone.route(number, *[route for route in kinds if rest or self.can(route.feature)][:1] or kinds[:1])
        elif operation == "list":
            phone.list()
        elif operation == "port_in":
            with journal.open(":memory:") as book:
                phone.port_in(self.port_order(), request_id="r1", journal=book)
        else:
            of_one = OPERATIONS[operation].of_one_number or operation in ("buy", "look_up")
            done = getattr(phone, operation)(*([number] if of_one else []), *self.arguments(operation))
            if operation.startswith("numbers_"):
                phone.every(done)

    def port_order(self, *numbers: str) -> PortOrder:
        """An order to port these in, or :attr:`absent`."""
        return PortOrder(
            numbers or (self.absent,),
            subscriber="Acme Inc",
            subscriber_kind="business",
            service_address=ServiceAddress(
                street_number="411", street="Main", street_type="ST", city="Closter", state="NJ", postal_code="07624"
            ),
            account_number="12345",
            billing_number=self.absent,
            authorized_person="Ann Example",
            max_fee=Money("100"),
        )

    def ported(self, simulator: Simulator) -> Counter[str]:
        """Count of the simulator's ports that have each number; override it where ``state()`` has no ``ports``."""
        ports = simulator.state()["ports"].values()
        return Counter(f"+1{number.removeprefix('+1')}" for one in ports for number in one["numbers"])

    def is_enabled(self, owned: OwnedNumber) -> bool | None:
        """Return whether a number is switched on, as its record says; override it where ``raw`` has another word."""
        enabled: bool | None = owned.raw.get("enabled")
        return enabled

    def arguments(self, operation: str) -> tuple[Any, ...]:
        """Plain arguments of an operation, after its number."""
        return {
            "transfer": (self.to_account,),
            "bind_campaign": (self.campaign,),
            "set_emergency_address": (self.emergency_address,),
            "check_emergency_address": (self.emergency_address,),
            "set_caller_name": (self.caller_name,),
            "set_label": (self.label,),
            "set_enabled": (False,),
            "campaign": (self.campaign,),
            "coverage": ("state",),
            "portable": ([self.absent],),
            "port": (self.port,),
        }.get(operation, ())
