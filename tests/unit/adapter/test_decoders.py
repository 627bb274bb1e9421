"""A provider that answers in XML: its decoder makes JSON of answers and errors, and the one reader reads that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from xml.etree import ElementTree as ET

import pytest

from anycarrier import (
    InvalidRequest,
    NumberUnavailable,
    OutcomeUnknown,
    PhoneNumber,
    Search,
    UnexpectedResponse,
    adapter,
)
from anycarrier.adapter import (
    E164,
    Buying,
    Draft,
    ErrorTable,
    Exchange,
    LazyFields,
    Listing,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Record,
    Request,
    ResolutionPolicy,
    Response,
    Searching,
    Settings,
    build,
    buys,
    can,
    means,
    numbered,
    price_of,
    reads,
    reads_rows,
    writes,
)
from anycarrier.adapter._decoders import GROWTH, SPARE, decoded
from anycarrier.simulator import AsyncSimTransport, SimAnswer, SimTransport, Simulator, route
from anycarrier.testing.fakes import MODES, AnyClient, Mode, StubTransport, VirtualClock
from support.script import answer, drive

HERE = "http://127.0.0.1:1"
N1, N2 = PhoneNumber("+12015550101"), PhoneNumber("+12015550102")
LISTS = {"Offers": "Offer", "Numbers": "Number"}
"""Elements that are lists, and what they list: one row, or none, is a list too."""

READ = Request(account="x", operation="get", method="GET", path="/x", purpose="read")
BUY = Request(account="x", operation="buy", method="POST", path="/x", purpose="purchase")


def xml(body: bytes) -> object:
    """An XML body without a document type, which alone can declare entities."""
    text = body.decode()
    if "<!DOCTYPE" in text.upper():
        raise ValueError("a document type")
    return {(root := ET.fromstring(text)).tag: _value(root)}  # noqa: S314 - entities need a document type


def _value(element: ET.Element) -> object:
    if element.tag in LISTS:
        return {LISTS[element.tag]: [_value(one) for one in element]}
    names = [one.tag for one in element]
    if len({*names}) < len(names):
        raise ValueError("an element comes twice")
    return {one.tag: _value(one) for one in element} if names else element.text


class Sold(Record, rename="pascal"):
    number: E164
    monthly: Decimal | None = None


class Ordered(Record, rename="pascal"):
    number: E164
    state: str


class Row(Record, rename="pascal"):
    phone: E164


class Api(adapter.Api):
    provider = "xmlco"
    decode = xml
    errors = ErrorTable(
        detail=("Error.Text",),
        code="Error.Code",
        rows=(means(NumberUnavailable, code="5003"), means(InvalidRequest, code="1002")),
    )
    search = reads_rows("/offers", Sold, at=("Offers", "Offer"))
    order = buys("/orders", Ordered, accept=(201,), at=("Order",), content="xml")
    listed = numbered(
        reads_rows("/numbers", Row, at=("Numbers", "Number")),
        number="phone",
        name=lambda row: row.phone,
        parameter="page",
        size=("size", 100),
    )
    release = writes("DELETE", "/numbers/{number}", accept=(204,))


OFFER = LazyFields(Offer, price=lambda row, _: price_of(row.monthly))
OWNED = LazyFields[Row, OwnedNumber](OwnedNumber)


class XmlCo(Searching, Buying):
    name, title = "xmlco", "XML"
    supports = can("search.area_code")
    rules: ClassVar[ResolutionPolicy] = ResolutionPolicy(refusals=frozenset({409}), settle=30.0, looks=2)

    def __init__(self, *, base_url: str = HERE) -> None:
        settings = Settings(self.name, "xmlco", base_url, (), False)
        self.open(settings, settings.bearer("token", "tok-9f8e7d6c5b", "set token"))
        self.api = Api(self.account)

    def offers(self, query: Search, options: Sequence[ProviderOptions]) -> Exchange[Sequence[Offer]]:
        rows = yield from self.api.search(query={"area": query.leading[:3]})
        return build(OFFER, rows, **self.mine, number=rows.numbers("number"))

    def order_body(self, number: PhoneNumber, key: str, options: Sequence[ProviderOptions]) -> bytes:
        return f"<Order><Number>{number}</Number></Order>".encode()

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        ordered = yield from self.api.order.answer(body=draft.body)
        return self.bought(draft, ordered, ordered.value.number)

    def numbers(
        self, number: PhoneNumber | None = None, options: Sequence[ProviderOptions] = ()
    ) -> Listing[OwnedNumber]:
        return self.api.listed(
            lambda found: build(OWNED, found, **self.mine, number=found.numbers("phone")), about=number
        )


class XmlSimulator(Simulator):
    name = "xmlco"
    settings: ClassVar[Mapping[str, str]] = {}

    def begin(self) -> None:
        self.stock, self.owned = [N1, N2], list[str]()
        self.body: bytes | None = None  # in place of the answer to an order

    def error(self, status: int, message: str, **more: object) -> SimAnswer:
        code = {409: "5003"}.get(status, "1002")
        return self.say(status, f"<Error><Code>{code}</Code><Text>{message}</Text></Error>")

    def say(self, status: int, text: str) -> SimAnswer:
        return SimAnswer(status, (("content-type", "application/xml"),), f'<?xml version="1.0"?>{text}'.encode())

    @route("GET", "/offers")
    def offers(self, call: Any) -> SimAnswer:
        rows = "".join(f"<Offer><Number>{one}</Number><Monthly>1.15</Monthly></Offer>" for one in self.stock)
        return self.say(200, f"<Offers>{rows}</Offers>")

    @route("POST", "/orders", success=201)
    def order(self, call: Any) -> SimAnswer:
        number = ET.fromstring(call.request.body.decode()).findtext("Number")  # noqa: S314 - our own request
        assert number is not None
        if number not in self.stock:
            return self.error(409, "It is gone.")
        self.stock.remove(PhoneNumber(number))
        self.owned.append(number)
        self.charge(call, number, Decimal("1.15"))
        if self.body is not None:
            return SimAnswer(201, (), self.body)
        return self.say(201, f"<Order><Number>{number}</Number><State>done</State></Order>")

    @route("GET", "/numbers")
    def numbers(self, call: Any) -> SimAnswer:
        rows = "".join(f"<Number><Phone>{one}</Phone></Number>" for one in self.owned)
        return self.say(200, f"<Numbers>{rows}</Numbers>")


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param  # type: ignore[no-any-return]


def calling(mode: Mode, simulator: Simulator, clock: VirtualClock) -> AnyClient:
    kind: Any = SimTransport if mode == "sync" else AsyncSimTransport
    return AnyClient(mode, XmlCo(), kind({HERE: simulator}), clock)


def test_answers_and_errors_are_read_by_the_one_reader(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = XmlSimulator(now=clock.time)
    with calling(mode, simulator, clock) as phone:
        first, _ = offers = phone.search(Search(area_code="201"))
        assert [(one.number, str(one.price)) for one in offers] == [(N1, "1.15 USD"), (N2, "1.15 USD")]
        assert dict(first.raw) == {"Number": N1, "Monthly": "1.15"}
        assert phone.list() == []
        assert phone.buy(first).number == N1
        with pytest.raises(NumberUnavailable, match=r"It is gone\.") as gone:
            phone.buy("+12015550103")
        assert (gone.value.code, gone.value.maybe_applied) == ("5003", False)
        assert [one.number for one in phone.list()] == [N1]
    assert simulator.ledger.total() == Decimal("1.15")


@pytest.mark.parametrize(
    "body", [b"<Order><Number>", b"", b"\xff\xfe", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"{}"]
)
def test_a_purchase_whose_answer_cannot_be_decoded_may_have_been_carried_out(mode: Mode, body: bytes) -> None:
    clock = VirtualClock()
    simulator = XmlSimulator(now=clock.time)
    simulator.body = body
    with calling(mode, simulator, clock) as phone:
        assert phone.buy(N1).number == N1, "it is on the account"
    assert simulator.ledger.total() == Decimal("1.15")
    error, _ = drive(XmlCo().place(drafted()), answer(body, 201))
    assert isinstance(error, UnexpectedResponse)
    assert error.maybe_applied
    assert "cannot be decoded" in error.message


def drafted() -> Draft:
    draft: Draft
    draft, _ = drive(XmlCo().draft(N1, key="k1"))
    return draft


def test_the_page_of_a_gateway_is_not_the_providers_own_word() -> None:
    own = b"<Error><Code>5003</Code><Text>gone</Text></Error>"
    error, _ = drive(XmlCo().place(drafted()), answer(own, 409))
    assert not error.maybe_applied
    # Of a provider that speaks XML, JSON is somebody else's, whatever it says.
    for body in (b'{"Error": {"Code": "5003", "Text": "gone"}}', b"<html>no", b""):
        error, _ = drive(XmlCo().place(drafted()), answer(body, 409))
        assert error.maybe_applied, body


def test_an_answer_that_is_not_read_is_not_decoded() -> None:
    assert drive(XmlCo().api.release(number="1"), answer(b"", 204))[0] is None


def test_what_is_sent_is_the_adapters_bytes() -> None:
    transport = StubTransport(lambda request: Response(503, {}, b""))
    with AnyClient("sync", XmlCo(), transport) as phone, pytest.raises(OutcomeUnknown):
        phone.buy(N1, deadline=1.0)
    sent = next(one for one in transport.sent if one.method == "POST")
    assert (sent.body, dict(sent.headers)["content-type"]) == (drafted().body, "application/xml")
    with pytest.raises(TypeError, match="as its bytes"):
        Api.order.encoded({"number": N1})


def nested(levels: int) -> object:
    value: object = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (nested(33), "nested too deep"),
        ({"a": (1,)}, "tuple is no type of JSON's"),
        ({1: 2}, "a name is no text"),
        ({"a": float("nan")}, "not finite"),
        ({"a": Decimal("Infinity")}, "not finite"),
        ("x" * (GROWTH * 2 + SPARE), "much longer"),
        ("\ud800", "UnicodeEncodeError"),
    ],
)
def test_limits_on_size_depth_and_types_hold(value: object, said: str) -> None:
    with pytest.raises(UnexpectedResponse, match=said) as caught:
        decoded(lambda body: value, BUY, Response(200, {}, b"ab"), provider="x")
    assert caught.value.maybe_applied


def test_numbers_stay_exact_and_errors_quote_nothing() -> None:
    made = decoded(lambda body: {"a": Decimal("1.150"), "b": nested(31)}, READ, Response(200, {}, b""), provider="x")
    assert made.body.startswith(b'{"a":1.150,')

    def fails(body: bytes) -> object:
        raise RuntimeError(body.decode())

    with pytest.raises(UnexpectedResponse, match=r"\(RuntimeError\)") as caught:
        decoded(fails, READ, Response(200, {}, b"secret"), provider="x")
    assert "secret" not in str(caught.value)
    assert not caught.value.maybe_applied


def test_one_endpoint_may_have_a_decoder_of_its_own_and_a_stream_has_none() -> None:
    class Mixed(adapter.Api):
        provider = "xmlco"
        thing = reads("/thing", Ordered, decode=lambda body: {"Number": body.decode(), "State": "done"})
        whole = reads_rows("/all", Row, at=("Rows",), stream=True, decode=xml)

    api = Mixed("xmlco")
    assert drive(api.thing(), answer(b"+12015550101"))[0].number == N1
    with pytest.raises(TypeError, match="piece by piece"):
        api.whole  # noqa: B018 - it is bound when it is first looked at
