"""Uses of the public interface, for the type checkers: never run. An expected error is marked, and must occur."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, assert_type

from anycarrier import (
    AnyCarrierError,
    Applied,
    AsyncClient,
    Balance,
    Campaign,
    CampaignBinding,
    Client,
    Coverage,
    Desired,
    EmergencyRecord,
    LookUp,
    Offer,
    OwnedNumber,
    PhoneNumber,
    Plan,
    Port,
    Portability,
    PortOrder,
    Release,
    Route,
    Search,
    Timeouts,
    ToGateway,
    from_json,
)
from anycarrier.exchange import Exchange, Listing
from anycarrier.failover import Failover
from anycarrier.features import Support
from anycarrier.number_files import desired_from_csv
from anycarrier.port_records import PortIn
from anycarrier.porting.providers import PortProvider
from anycarrier.provider import Buys, Gets, Lists, PortsIn, Provider, Releases, RoutesNumbers, Searches, Transfers
from anycarrier_adapters.lc_legacy import LCLegacy
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel, VoiceTelPurchase
from anycarrier_adapters.voicetel.schemas import Gateway

KEY = "0" * 32
voicetel = VoiceTel(api_key=KEY)
by_object = Client(voicetel)
by_name = Client("voicetel", api_key=KEY)
name: str = "acme"

assert_type(from_json(Offer, {}), Offer)
assert_type(from_json(list[OwnedNumber], []), list[OwnedNumber])
assert_type(from_json(Route, {}), Route)
assert_type(desired_from_csv(""), list[Desired])
assert_type(by_object.search(Search(area_code="201")), list[Offer])
assert_type(by_object.buy("+12015550100", options=[VoiceTelPurchase(route=1000)]), OwnedNumber)
assert_type(by_object.list(), Iterator[OwnedNumber])
assert_type(by_object.release("+12015550100"), Release)
assert_type(by_object.bind_campaign("+12015550100", "CH5K5IZ"), CampaignBinding)
assert_type(by_object.balance(), Balance)
assert_type(by_object.campaigns(), list[Campaign])
assert_type(by_object.campaign("CH5K5IZ"), Campaign)
assert_type(by_object.coverage("prefix", area_code="201"), list[Coverage])
by_object.coverage("planet")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
by_object.pools()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
assert_type(by_object.emergency_address("+12015550100"), EmergencyRecord | None)
assert_type(by_object.look_up("+12015550100", carrier=False), LookUp)
assert_type(Client("leadping", api_key="lp_x").set_label("+12015550100", "x"), OwnedNumber)
assert_type(by_object.numbers_without_emergency_address(), Iterator[OwnedNumber])
assert_type(by_object.provider, VoiceTel)
assert_type(by_name, Client[VoiceTel])
assert_type(by_name.search(Search(area_code="201")), list[Offer])
assert_type(by_name.capabilities(), dict[str, Any])
assert_type(PhoneNumber("2015550100").ten_digit, str)

assert_type(Client("leadping", api_key="lp_x", api_version="2"), Client[Leadping])
assert_type(Client("lc_phone", token="t", location_id="L1", timeouts=Timeouts(read=5.0)), Client[LCPhone])
assert_type(Client("lc_legacy", token="t", location_id="L1", transport="fast"), Client[LCLegacy])
assert_type(Client(name, token="t"), Client[Any])
Client("leadping", api_key="lp_x").emergency_address("+12015550100")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
Client("lc_phone", token="t", location_id="L1").transfer("+12015550100", "x")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

assert_type(by_name.native.gateways(), list[Gateway])
assert_type(by_name.native.gateway(1000), Gateway)
by_name.native.gateway("x", 1)  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue]
by_name.native.gatewys()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
next(by_object.native.numbers())


def any_provider(phone: Client, query: Search) -> list[Offer]:
    """Take a client of any provider."""
    phone.release("+12015550100")
    return phone.search(query)


any_provider(by_name, Search(area_code="201"))

searches: Searches = voicetel
buys: Buys = voicetel
lists: Lists = voicetel
gets: Gets = voicetel
releases: Releases = voicetel
routes: RoutesNumbers = voicetel
transfers: Transfers = voicetel
plan = by_object.plan([Desired("+12015550100", campaign=False)])
assert_type(plan, Plan)
assert_type(by_object.apply(plan, confirm=plan.id), Iterator[Applied])
assert_type(by_object.undo(plan), Plan)
by_object.apply("0123456789abcdef")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
assert_type(by_object.wait("+12015550100"), OwnedNumber)
assert_type(by_object.wait(by_object.bind_campaign("+12015550100", "CH5K5IZ")), CampaignBinding)
assert_type(by_object.wait(by_object.release("+12015550100")), Release)
assert_type(by_object.wait(["+12015550100"]), list[OwnedNumber | CampaignBinding | Release | Port | AnyCarrierError])
provider: Provider = voicetel
ports_in: PortsIn = voicetel
port_provider: PortProvider = voicetel
assert_type(by_object.portable(["+12015550100"]), list[Portability])
assert_type(by_object.ports(), list[Port])
assert_type(by_object.wait(by_object.port("a3a2a")), Port)


def ordered(order: PortOrder) -> None:
    assert_type(by_object.port_in(order, request_id="r1"), PortIn)
    assert_type(Client(Failover([voicetel])).port_in(order, request_id="r1", account="voicetel"), PortIn)
    Client(Leadping(api_key="x")).ports()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


async def asynchronous() -> None:
    by_name: AsyncClient = AsyncClient("voicetel", api_key=KEY)
    assert_type(AsyncClient("voicetel", api_key=KEY), AsyncClient[VoiceTel])
    await by_name.release("+12015550100")
    assert_type(await AsyncClient(voicetel).native.gateway(1000), Gateway)
    async with AsyncClient(voicetel) as phone:
        assert_type(await phone.search(Search(area_code="201")), list[Offer])
        assert_type(phone.list(), AsyncIterator[OwnedNumber])
        planned = await phone.plan([Desired("+12015550100", enabled=True)])
        assert_type(phone.apply(planned), AsyncIterator[Applied])
        assert_type(await phone.wait("+12015550100"), OwnedNumber)
        assert_type(await phone.wait(await phone.release("+12015550100")), Release)
        assert_type(await phone.route("+12015550100", ToGateway(1000)), OwnedNumber)


class SearchesOnly:
    """A provider that can only search."""

    name = "some"
    title = "Some"
    supports: Mapping[str, Support] = {}
    accounts = ()

    def search(self, query: Search, *, options: Any = ()) -> Exchange[list[Offer]]:
        raise NotImplementedError


class ListsOnly:
    """A provider that can only list."""

    name = "some"
    title = "Some"
    supports: Mapping[str, Support] = {}
    accounts = ()

    def list(self, *, options: Any = ()) -> Listing[OwnedNumber]:
        raise NotImplementedError


only = Client(SearchesOnly())
assert_type(only.search(Search(area_code="201")), list[Offer])
only.release("+12015550100")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
only.list()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
Client(ListsOnly()).search(Search(area_code="201"))  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
only.buy("+12015550100")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
