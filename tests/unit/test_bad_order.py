"""Orders, money, searches, clients and failovers refuse wrong arguments when they are made, by name."""

from __future__ import annotations

import math
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from anycarrier import AsyncClient, Client, Feature, ForwardTo, Money, Offer, OwnedNumber, PhoneNumber, Search, Timeouts
from anycarrier.errors import AnyCarrierError, ConfigurationError, InvalidInput
from anycarrier.failover import Failover
from anycarrier.purchase import Order, provision, quotes, recover, resume, sweep
from anycarrier.simulator import SimTransport
from anycarrier_adapters.voicetel import VoiceTel
from support.script import play

N = "+12015550123"
V = VoiceTel(api_key="0" * 32)
CRITERIA = Search(area_code="201")
ENDLESS = 10**5000
"""Of more digits than ``str`` of an int may write."""


class Hostile:
    """Raises whatever is asked of it."""

    def __str__(self) -> str:
        raise RuntimeError("str")

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    def __hash__(self) -> int:
        raise RuntimeError("hash")

    def __bool__(self) -> bool:
        raise RuntimeError("bool")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "an order has either criteria or a number"),
        ({"criteria": CRITERIA, "number": N}, "an order has either criteria or a number"),
        ({"criteria": {"area_code": "201"}}, "criteria must be a Search, such as Search(area_code='201'), not dict"),
        ({"number": 2015550123}, "number must be a phone number, such as '+12015550123', not int"),
        ({"number": "+1201555"}, "number: '+#######' has 6 digits"),
        ({"number": Hostile()}, "number must be a phone number"),
        ({"number": N, "quantity": 2}, "quantity must be 1"),
        ({"features": {"smz"}}, "features must be of voice, sms, mms, fax, emergency, not 'aaa'"),
        ({"features": "sms"}, "features must be a collection"),
        ({"features": {"sms": False}}, "features must be a collection, such as {'sms', 'voice'}, not dict"),
        ({"features": [Hostile()]}, "features must be of"),
        ({"capabilities": "route"}, "capabilities must be a collection, such as ['release', 'route'], not 'aaaaa'"),
        ({"capabilities": ["rout"]}, "capabilities must be of search"),
        ({"capabilities": [Hostile()]}, "capabilities must be of search"),
        ({"max_price": "3"}, "max_price must be Money, such as Money('1.50'), not '#'"),
        ({"max_price": 3}, "max_price must be Money, such as Money('1.50'), not int"),
        ({"max_price": Money(-1)}, "max_price must not be below 0"),
        ({"spend_cap": 3.5}, "spend_cap must be Money, such as Money('1.50'), not float"),
        ({"spend_cap": Money(-1)}, "spend_cap must not be below 0"),
        ({"quantity": True}, "quantity must be a whole number, such as 1, not bool"),
        ({"quantity": 0}, "quantity must be 1 to 1000, got 0"),
        ({"quantity": ENDLESS}, "quantity must be 1 to 1000, got a number of more than 9 digits"),
        ({"prefer": "cheap"}, "prefer must be 'given' or 'cheapest' or 'health', not 'aaaaa'"),
        ({"prefer": Hostile()}, "prefer must be"),
        ({"in_doubt": None}, "in_doubt must be 'wait' or 'hold', not None"),
        ({"deadline": 0}, "deadline must be a number of seconds above 0, got 0"),
        ({"deadline": math.nan}, "deadline must be a number of seconds above 0, got nan"),
        ({"deadline": math.inf}, "deadline must be a number of seconds of at most 1,000,000,000, got inf"),
        ({"valid_for": ENDLESS}, "valid_for must be a number of seconds of at most"),
        ({"valid_for": "1"}, "valid_for must be a number of seconds"),
    ],
)
def test_an_order_says_what_is_wrong_with_it(wrong: dict[str, Any], said: str) -> None:
    made = wrong if not wrong or {"criteria", "number"} & wrong.keys() else {"criteria": CRITERIA, **wrong}
    with pytest.raises(InvalidInput) as caught:
        Order(**made)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [None, True, "", " ", "1,50", "1_000", "\uff11", "nan", "-Infinity", "1e999", "1e-999", "9" * 61, 10**12, ENDLESS,
     math.nan, math.inf, 1e300, b"1", [], Hostile(), Decimal("sNaN"), Decimal("NaN"), Decimal("1e4000"), 1j],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_an_amount_is_a_number_of_a_size_that_something_costs(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^amount must be a number, such as 1\.15"):
        Money(wrong)


def test_amounts_as_people_and_documents_write_them() -> None:
    for given, amount in (("3", "3"), (" 1.50 ", "1.50"), (1.15, "1.15"), (".5", "0.5"), ("1e2", "1E+2"), (-2, "-2")):
        assert Money(given).amount == Decimal(amount)
    assert str(Money(0.1 + 0.2).amount) == "0.30000000000000004"


@pytest.mark.parametrize("wrong", [{"max_price": Money(-1)}, {"features": {"sms": False}}, {"line": Hostile()}])
def test_a_search_refuses_what_would_find_nothing_or_something_else(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=f"^{next(iter(wrong))} must"):
        Search(**wrong)


@pytest.mark.parametrize("kind", [Offer, OwnedNumber])
@pytest.mark.parametrize(
    ("name", "wrong"),
    [("provider", 5), ("account", None), ("number", 2015550123), ("features", "sms"), ("raw", []), ("line", "local")],
)
def test_what_is_handed_to_a_client_is_what_it_seems(kind: Any, name: str, wrong: Any) -> None:
    with pytest.raises(InvalidInput, match=f"^{name} must be "):
        kind(**{"provider": "p", "account": "a", "number": N, name: wrong})
    assert type(kind(provider="p", account="a", number=N).number) is PhoneNumber


def test_a_route_names_its_number() -> None:
    with pytest.raises(InvalidInput, match=r"^number: '####' "):
        ForwardTo("1234")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("voicetel",), "providers must be a list of providers or their names, not 'aaaaaaaa'"),
        ((V,), "providers must be a list of providers or their names, not VoiceTel"),
        (([5],), "provider must be the name of an adapter"),
        (([VoiceTel],), "provider is a class"),
        (([],), "at least one provider"),
    ],
)
def test_a_failover_takes_a_list_of_providers(arguments: Any, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Failover(*arguments)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"journal": "x.sqlite"}, "journal must be a Journal, such as journal.open(path) of anycarrier.purchase gives"),
        ({"journal": 5}, "journal must be a Journal"),
        ({"notify": "print"}, "notify must be a function of one argument, not 'aaaaa'"),
        ({"options": "x"}, "options must be a list"),
        ({"options": [{}]}, "options must hold objects"),
    ],
)
def test_a_failover_says_what_is_wrong(more: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Failover([V], **more)
    assert said in str(caught.value)


JOURNAL: Any = SimpleNamespace(create=print, begin=print, load=print)
ORDER = Order(criteria=CRITERIA)


@pytest.mark.parametrize(
    ("exchange", "said"),
    [
        (lambda: provision({}, [V], journal=JOURNAL, request_id="r"), "order must be an Order"),  # type: ignore[arg-type]
        (lambda: provision(ORDER, V, journal=JOURNAL, request_id="r"), "providers must be a list"),  # type: ignore[arg-type]
        (lambda: provision(ORDER, ["voicetel"], journal=JOURNAL, request_id="r"), "providers must be provider objects"),
        (lambda: provision(ORDER, [V], journal="x.sqlite", request_id="r"), "journal must be a Journal"),  # type: ignore[arg-type]
        (lambda: provision(ORDER, [V], journal=JOURNAL, request_id=5), "request_id must be text"),  # type: ignore[arg-type]
        (lambda: provision(ORDER, [V], journal=JOURNAL, request_id="r\n"), "request_id must be 1 to 200 printable"),
        (lambda: provision(ORDER, [V], journal=JOURNAL, request_id="r", notify=5), "notify must be"),  # type: ignore[arg-type]
        (lambda: provision(ORDER, [V], journal=JOURNAL, request_id="r", breaker=5), "breaker must be"),  # type: ignore[arg-type]
        (lambda: provision(ORDER, [V], journal=JOURNAL, request_id="r", options=5), "options must be"),  # type: ignore[arg-type]
        (lambda: resume("", [V], journal=JOURNAL), "request_id must be 1 to 200 printable"),
        (lambda: resume("r", [V], journal=JOURNAL, deadline=-1), "deadline must be a number of seconds from 0"),
        (lambda: recover([V], journal=JOURNAL, deadline=math.nan), "deadline must be a number of seconds"),
        (lambda: sweep([V], journal=None), "journal must be a Journal"),  # type: ignore[arg-type]
        (lambda: quotes(None, [V]), "order must be an Order"),  # type: ignore[arg-type]
    ],
)
def test_an_order_through_a_journal_says_what_is_wrong(exchange: Any, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        play(exchange())
    assert said in str(caught.value)


class Deaf:
    """No transport: it has nothing that one has."""


class Asynchronous:
    async def send(self, request: Any) -> Any: ...

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"timeouts": 5}, "timeouts must be Timeouts"),
        ({"max_wait": "5"}, "max_wait must be seconds"),
        ({"max_wait": math.nan}, "max_wait must be seconds"),
        ({"max_wait": ENDLESS}, "max_wait must be seconds"),
        (
            {"transport": Deaf()},
            "transport must be the name of one, such as 'httpx', or an object with blocking send()",
        ),
        ({"transport": Asynchronous()}, "or an object with blocking send()"),
        ({"transport": Asynchronous}, "or an object with blocking send()"),
        ({"transport": 5}, "or an object with blocking send()"),
        ({"clock": 5}, "clock must be an object with now() and sleep()"),
        ({"clock": Deaf()}, "clock must be an object with now() and sleep()"),
    ],
)
def test_a_client_says_what_is_wrong(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client(V, **more)
    assert said in str(caught.value)


def test_a_transport_is_of_the_clients_mode() -> None:
    """A request would be sent, and nothing would wait for its answer."""
    with pytest.raises(ConfigurationError, match="an object with asynchronous send"):
        AsyncClient(V, transport=SimTransport({}))  # type: ignore[arg-type]
    AsyncClient(V, transport=Asynchronous())  # type: ignore[arg-type]


def test_one_error_lists_all_that_is_wrong_with_a_client() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client(V, transport=5, clock=5, timeouts=5, max_wait=-1)  # type: ignore[call-overload]
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    "wrong", [0, -1, math.nan, math.inf, ENDLESS, "5", None, True, 3e6], ids=lambda value: type(value).__name__
)
def test_a_timeout_is_one_that_a_socket_takes(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^total must be a number of seconds"):
        Timeouts(total=wrong)


def test_no_other_exception_than_ours_shows_a_number() -> None:
    with pytest.raises(AnyCarrierError) as caught:
        Search(limit=12015550123)
    assert "12015550123" not in str(caught.value)


def test_features_are_read_from_any_collection() -> None:
    for given in (["sms"], ("sms",), {"sms"}, {Feature.SMS}, frozenset({"sms"}), {"sms": 1}.keys()):
        assert Order(criteria=CRITERIA, features=given).features == {Feature.SMS}  # type: ignore[arg-type]
