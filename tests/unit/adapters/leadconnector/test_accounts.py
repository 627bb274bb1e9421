"""An agency: its token gets those of its locations, and lists them."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from anycarrier import (
    Accounts,
    AsyncAccounts,
    AuthenticationFailed,
    Client,
    ConfigurationError,
    InvalidInput,
    Unsupported,
)
from anycarrier.failover import Failover
from anycarrier.purchase import journal
from anycarrier.simulator import AsyncSimTransport, SimTransport, load
from anycarrier.testing import VirtualClock
from anycarrier_adapters.lc_legacy import LCLegacy, LCLegacyAgency
from anycarrier_adapters.lc_phone import LCAgency, LCPhone, StoredTokens, Tokens
from support.lc import BASE, NAMES
from support.secret_stores import MemoryStore

APP = {"client_id": "6578278e879ad2646715ba9c", "client_secret": "ab12dc0ae1234a7898f9ff06d4f69gh"}
KINDS = {"lc_phone": LCAgency, "lc_legacy": LCLegacyAgency}


class Source:
    """The application's store of the company's tokens."""

    def __init__(self) -> None:
        self.tokens = Tokens(access_token="at-ended", refresh_token="rt-1", expires_at=1.0)
        self.loads = 0

    def load(self) -> Tokens:
        self.loads += 1
        return self.tokens

    def save(self, tokens: Tokens) -> None:
        self.tokens = tokens


class Company:
    """A simulated company with some locations, and the application that works for it."""

    def __init__(self, name: str, count: int = 3, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.names = [f"t{at}" for at in range(count)]
        self.simulator: Any = load(name, now=self.clock.time, accounts={one: {} for one in self.names}, burst=None)
        self.wire = SimTransport({BASE: self.simulator})
        self.source = Source()
        given = {"token_source": self.source, **APP, **settings}
        self.agency: Any = KINDS[name](company_id=self.simulator.company_id, **given)

    def id_of(self, name: str) -> str:
        return str(self.simulator.accounts[name].location_id)

    def client(self, name: str) -> Any:
        provider = self.agency.location(self.id_of(name), account=name)
        return Client(provider, transport=self.wire, clock=self.clock)

    @property
    def got(self) -> int:
        """Tokens that the simulator has given for locations."""
        return sum(one is None for one in self.simulator.refresh_tokens.values()) - 1


@pytest.fixture(params=NAMES)
def company(request: pytest.FixtureRequest) -> Company:
    return Company(request.param)


def test_each_location_gets_a_token_of_its_own_by_the_agencys(company: Company) -> None:
    for name in company.names:
        phone = company.client(name)
        assert list(phone.list()) == []
        assert phone.search(query()) != []
        assert phone.provider.account == name
    assert company.simulator.refreshes == 1
    assert company.got == 3
    grantees = {one.location_id for one in company.simulator.access_tokens.values() if one.user_type == "Location"}
    assert {company.id_of(name) for name in company.names} <= grantees


def query() -> Any:
    from anycarrier import Search

    return Search(area_code="201", limit=1)


def test_a_number_is_bought_at_the_location(company: Company) -> None:
    phone = company.client("t1")
    offer = phone.search(query())[0]
    assert phone.buy(offer).number == offer.number
    assert [*company.simulator.accounts["t1"].owned] == [offer.number.e164]


def test_a_token_that_ends_or_is_refused_is_got_anew(company: Company) -> None:
    phone = company.client("t0")
    for wait in (86_399 - 30, 86_399 - 30):
        list(phone.list())
        company.clock.advance(wait)
    list(phone.list())
    assert company.got == 3
    company.clock.advance(61)
    location = company.id_of("t0")
    company.simulator.access_tokens = {
        token: one for token, one in company.simulator.access_tokens.items() if one.location_id != location
    }
    list(phone.list())
    assert company.got == 4


def test_a_token_that_was_just_got_and_is_refused_is_not_got_again(company: Company) -> None:
    phone = company.client("t0")
    list(phone.list())
    company.simulator.access_tokens = {
        token: one for token, one in company.simulator.access_tokens.items() if one.user_type == "Company"
    }
    for _ in range(3):
        with pytest.raises(AuthenticationFailed):
            list(phone.list())
    assert company.got == 1


def test_a_location_without_the_app_is_an_error_and_the_others_go_on(company: Company) -> None:
    company.simulator.happen("uninstall", location=company.id_of("t0"))
    with pytest.raises(Exception, match="not active"):
        list(company.client("t0").list())
    assert list(company.client("t1").list()) == []


def test_all_locations_are_listed_page_by_page(company: Company) -> None:
    company.simulator.happen("uninstall", location=company.id_of("t0"))
    with Client(company.agency, transport=company.wire, clock=company.clock) as phone:
        found = list(phone.iterate(company.agency.locations()))
        there = list(phone.iterate(company.agency.locations(is_installed=True)))
    assert {one.id for one in found} == {one.location_id for one in company.simulator.accounts.values()}
    assert company.id_of("t0") not in {one.id for one in there}
    assert len(there) == len(found) - 1


@pytest.mark.parametrize("name", NAMES)
def test_a_company_of_hundreds_of_locations_is_listed_whole(name: str) -> None:
    company = Company(name, 250)
    with Client(company.agency, transport=company.wire, clock=company.clock) as phone:
        found = [one.id for one in phone.iterate(company.agency.locations())]
        assert len({*found}) == len(found) == 251


def test_an_agency_has_no_numbers_itself(company: Company) -> None:
    with Client(company.agency, transport=company.wire) as phone:
        with pytest.raises(Unsupported, match=r"use agency\.location"):
            phone.list()
        with pytest.raises(Unsupported, match=r"use agency\.location"):
            phone.search(query())
        assert not any(one["supported"] for one in phone.capabilities()["features"].values())


def test_a_location_is_the_same_object_for_as_long_as_it_is_used(company: Company) -> None:
    held = company.agency.location("L1", account="a")
    assert company.agency.location("L1", account="a") is held
    assert company.agency.location("L1").account == "L1"
    assert isinstance(held, LCPhone | LCLegacy)
    del held
    gc.collect()
    assert ("L1", "a") not in company.agency._made


def test_processes_share_the_tokens_of_locations_through_a_store() -> None:
    store = MemoryStore()
    first = Company("lc_phone", secret_store=store)
    list(first.client("t0").list())
    second: Any = LCAgency(company_id=first.simulator.company_id, token_source=first.source, secret_store=store, **APP)
    provider = second.location(first.id_of("t0"), account="t0")
    assert list(Client(provider, transport=first.wire, clock=first.clock).list()) == []
    assert first.got == 1
    assert first.simulator.refreshes == 1


def test_a_store_may_have_the_companys_tokens_too() -> None:
    store = MemoryStore()
    company = Company("lc_phone", secret_store=store, token_source=None)
    StoredTokens(store, company.simulator.company_id).save(company.source.tokens)
    assert list(company.client("t0").list()) == []
    assert StoredTokens(store, company.simulator.company_id).load().refresh_token == "rt-2"


def test_threads_and_clients_of_many_locations_refresh_the_agencys_token_once() -> None:
    company = Company("lc_phone", 24)
    clients = [Client(company.client(name).provider, transport=company.wire) for name in company.names]
    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(lambda phone: list(phone.list()), clients * 2)) == [[]] * 48
    assert company.simulator.refreshes == 1
    assert company.got == 24


def test_accounts_by_name_are_locations_of_an_agency() -> None:
    company = Company("lc_phone", 20)

    def one(name: str) -> Any:
        return company.agency.location(company.id_of(name), account=name)

    with Accounts(one, transport=company.wire, most=5) as accounts, ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda name: len(list(accounts.client(name).list())), company.names * 3))
        budgets = {id(accounts.client(name)._session._all_budgets[f"{name}.agency"]) for name in company.names}
    assert counts == [0] * 60
    assert len(budgets) == 1, "the company's requests are counted together"
    assert company.simulator.refreshes == 1

    async def main() -> list[int]:
        async with AsyncAccounts(one, transport=AsyncSimTransport({BASE: company.simulator})) as accounts:

            async def count(name: str) -> int:
                return len([found async for found in (await accounts.client(name)).list()])

            return await asyncio.gather(*map(count, company.names))

    assert asyncio.run(main()) == [0] * 20
    assert company.simulator.refreshes == 1


def test_locations_of_an_agency_stand_in_one_failover_with_a_journal() -> None:
    company = Company("lc_phone", 2)
    members = [company.agency.location(company.id_of(name), account=name) for name in company.names]
    with (
        journal.open(":memory:") as book,
        Client(Failover(members, journal=book), transport=company.wire, clock=company.clock) as phone,
    ):
        bought = phone.buy(phone.search(query())[0])
    assert bought.account in company.names


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"company_id": ""}, "company_id must be the id of a company"),
        ({"company_id": 5}, "company_id must be the id of a company"),
        ({"client_secret": None}, "client_secret is missing"),
        ({"token_source": None}, "token_source is missing"),
        ({"token_source": 5}, "token_source must be an object"),
        ({"token": "x"}, "exclude each other"),
        ({"secret_store": 5}, "secret_store must be a folder"),
        ({"account": "a b"}, "account must be"),
        ({"base_url": "https://evil.example"}, "base_url names a host"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_settings_of_an_agency_are_checked(name: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        KINDS[name](**{"company_id": "C1", "token_source": Source(), **APP, **given})
    assert APP["client_secret"] not in str(caught.value)


def test_settings_of_a_location_with_an_agency_are_checked(company: Company) -> None:
    kind = LCPhone if isinstance(company.agency, LCAgency) else LCLegacy
    for more, said in (
        ({"token": "x"}, "agency has the tokens"),
        ({"secret_store": MemoryStore()}, "agency has the tokens"),
        ({"agency": "x"}, "agency must be an agency, which is made in code"),
        ({"location_id": ""}, "location_id must be"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            kind(**{"location_id": "L1", "agency": company.agency, **more})  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="secret_store is for tokens that are refreshed"):
        kind(location_id="L1", token="x", secret_store=MemoryStore())


def test_an_agency_with_a_token_alone_needs_the_apps_id_to_list() -> None:
    company = Company("lc_phone", client_id=None, client_secret=None, token_source=None, token=lambda: "at-company")
    from anycarrier_adapters._leadconnector.simulator.records import Grantee

    company.simulator.access_tokens["at-company"] = Grantee("Company", company.simulator.company_id)
    assert list(company.client("t0").list()) == []
    with Client(company.agency, transport=company.wire, clock=company.clock) as phone:
        with pytest.raises(InvalidInput, match="app_id is needed"):
            list(phone.iterate(company.agency.locations()))
        assert len(list(phone.iterate(company.agency.locations(app_id=APP["client_id"])))) == 4


def test_no_secret_of_an_agency_is_shown(company: Company) -> None:
    phone = company.client("t0")
    list(phone.list())
    shown = [
        repr(company.agency),
        repr(vars(company.agency)),
        repr(phone.provider.accounts),
        repr(vars(phone.provider)),
    ]
    shown += [repr(one.credentials) for one in phone.provider.accounts]
    held = {text for one in phone.provider.accounts for text in one.credentials.secrets()}
    assert APP["client_secret"] in held
    assert len(held) > 2
    assert not [text for text in shown for secret in held if secret in text]
