"""Spans and metrics: what there is to see, under which names, and what never stands in them."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from anycarrier import AsyncClient, Client, InvalidInput, OutcomeUnknown, Search, jobs, telemetry
from anycarrier.cli import main
from anycarrier.engine import watch
from anycarrier.errors import NotFound, RateLimited
from anycarrier.exchange import Response, each_page, sleep
from anycarrier.failover import Failover
from anycarrier.installation import how_to_install
from anycarrier.purchase import Order, journal
from anycarrier.simulator import AsyncSimTransport, SimTransport, Simulator, load
from anycarrier.simulator.server import running
from anycarrier.testing.fakes import MODES, AnyClient, Mode, StubTransport, VirtualClock
from anycarrier.transports._httpx_sync import SyncTransport
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel
from benchmark.test_guards import Canned
from contract.test_demo import Ahead
from support.jobs import phone_of
from support.process_state import changed, process_state

URL = "http://127.0.0.1:1"
OTHER = "http://127.0.0.1:2"


class Seen:
    """All that was exported so far."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meters = MeterProvider([self._reader])

    def spans(self, name: str = "") -> list[ReadableSpan]:
        return [span for span in self._exporter.get_finished_spans() if name in span.name]

    def one(self, name: str) -> ReadableSpan:
        (span,) = self.spans(name)
        return span

    def metrics(self) -> dict[str, dict[tuple[tuple[str, Any], ...], float]]:
        """By name and attributes the sum of a counter, or how many values a histogram has."""
        found: dict[str, dict[tuple[tuple[str, Any], ...], float]] = {}
        data = self._reader.get_metrics_data()
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.data.data_points:
                        of = tuple(sorted((point.attributes or {}).items()))
                        value = point.value if hasattr(point, "value") else point.count  # type: ignore[union-attr]
                        found.setdefault(metric.name, {})[of] = value
        return found

    def count(self, name: str, **attributes: str) -> float:
        """The sum over all attributes that have these, with an underscore for a dot."""
        wanted = {(f"anycarrier.{key}", value) for key, value in attributes.items()}
        return sum(value for of, value in self.metrics().get(name, {}).items() if wanted <= {*of})

    def values(self) -> Iterator[tuple[str, object]]:
        """Every attribute of every span, event and metric, and what else is free text."""
        for span in self.spans():
            yield from (span.attributes or {}).items()
            yield "name", span.name
            yield "status", span.status.description
            assert not span.events
            assert not span.links
        for points in self.metrics().values():
            for of in points:
                yield from of


@pytest.fixture
def seen() -> Iterator[Seen]:
    made = Seen()
    telemetry.enable(tracer_provider=made.tracers, meter_provider=made.meters)
    yield made
    telemetry.disable()


def in_process(mode: Mode, simulators: Mapping[str, Simulator], clock: VirtualClock) -> Any:
    if mode == "sync":
        return SimTransport(simulators, wait=clock.sleep)
    return AsyncSimTransport(simulators, wait=clock.async_sleep)


def simulated(mode: Mode, name: str = "voicetel", **more: Any) -> tuple[AnyClient, Simulator]:
    clock = VirtualClock()
    simulator = load(name, now=clock.time)
    kinds: dict[str, Any] = {"voicetel": VoiceTel, "lc_phone": LCPhone}
    provider = kinds[name](**simulator.settings, base_url=URL)
    return AnyClient(mode, provider, in_process(mode, {URL: simulator}, clock), clock, **more), simulator


def two_accounts(clock: VirtualClock) -> tuple[list[Any], dict[str, Simulator]]:
    first, second = load("voicetel", now=clock.time), load("lc_phone", now=clock.time)
    members = [
        VoiceTel(**first.settings, base_url=URL, account="first"),
        LCPhone(**second.settings, base_url=OTHER, account="second"),
    ]
    return members, {URL: first, OTHER: second}


def parent_of(span: ReadableSpan) -> int | None:
    return None if span.parent is None else span.parent.span_id


def id_of(span: ReadableSpan | trace.Span) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.span_id


# -- operations and requests


@pytest.mark.parametrize("mode", MODES)
def test_an_operation_is_a_span_with_its_requests_below_it(seen: Seen, mode: Mode) -> None:
    client, _ = simulated(mode)
    with client:
        (offer, *_) = client.search(Search(area_code="201", limit=3))
    operation, request = seen.one("search voicetel"), seen.one("GET /v2.2/inventory")
    assert operation.attributes == {"anycarrier.operation": "search", "anycarrier.provider": "voicetel"}
    assert operation.kind is SpanKind.INTERNAL
    assert request.kind is SpanKind.CLIENT
    assert request.attributes == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": 1,
        "url.template": request.name.partition(" ")[2],
        "anycarrier.operation": "search",
        "anycarrier.provider": "voicetel",
        "anycarrier.account": offer.account,
    }
    assert parent_of(request) == id_of(operation)
    assert parent_of(operation) is None
    assert seen.count("anycarrier.operation.duration", operation="search", provider="voicetel") == 1
    assert seen.count("http.client.request.duration", operation="search") == 1


@pytest.mark.parametrize("mode", MODES)
def test_what_fails_says_so_by_kind_and_not_in_the_provider_s_words(seen: Seen, mode: Mode) -> None:
    client, simulator = simulated(mode)
    simulator.fault("error", status=404, page="json")
    with client, pytest.raises(NotFound):
        client.get("+12015550123")
    operation, request = seen.one("get voicetel"), seen.one("GET /v2.2")
    assert (operation.attributes or {})["error.type"] == "NotFound"
    assert (request.attributes or {})["error.type"] == "404"
    assert {operation.status.status_code, request.status.status_code} == {StatusCode.ERROR}
    assert {operation.status.description, request.status.description} == {None}


def test_a_foreign_error_has_its_module_in_its_name(seen: Seen) -> None:
    def failing() -> Any:
        yield from sleep(0)
        raise subprocess.SubprocessError("+12015550123")

    client, _ = simulated("sync")
    with client, pytest.raises(subprocess.SubprocessError):
        client.run(failing())
    assert (seen.one("failing").attributes or {})["error.type"] == "subprocess.SubprocessError"


OPERATIONS: dict[str, Any] = {
    "search_each": lambda phone: phone.search_each([Search(area_code="201", limit=1)]),
    "get": lambda phone: phone.get("+12125550199"),
    "list": lambda phone: phone.list(),
    "balance": lambda phone: phone.balance(),
    "campaigns": lambda phone: phone.campaigns(),
    "coverage": lambda phone: phone.coverage("state"),
    "numbers_without_emergency_address": lambda phone: phone.every(phone.numbers_without_emergency_address()),
    "plan": lambda phone: phone.plan([]),
    "ports": lambda phone: phone.ports(),
    "wait": lambda phone: phone.wait("+12125550199"),
}


@pytest.mark.parametrize("mode", MODES)
def test_each_operation_has_the_name_of_its_method(seen: Seen, mode: Mode) -> None:
    client, _ = simulated(mode)
    with client:
        for use in OPERATIONS.values():
            use(client)
        client.run(client.provider.api.gateways())
        client.run(each_page(client.provider.list(), lambda page: sleep(0)))
    names = [str((span.attributes or {})["anycarrier.operation"]) for span in seen.spans(" voicetel")]
    assert names == [*OPERATIONS, "gateways", "each_page"]


def test_native_operations_have_the_names_of_their_methods(seen: Seen) -> None:
    simulator = load("voicetel")
    with Client(VoiceTel(**simulator.settings, base_url=URL), transport=SimTransport({URL: simulator})) as phone:
        phone.native.gateways()
    assert seen.one("gateways voicetel")


# -- one trace, whichever threads and tasks


@pytest.mark.parametrize("mode", MODES)
def test_what_several_threads_or_tasks_do_belongs_to_the_operation_and_that_to_its_caller(
    seen: Seen, mode: Mode
) -> None:
    members, simulators = two_accounts(VirtualClock())
    tracer = seen.tracers.get_tracer("the application")
    query = Search(area_code="201", limit=4)

    async def asking() -> None:
        async with AsyncClient(Failover(members), transport=AsyncSimTransport(simulators)) as phone:
            with tracer.start_as_current_span("sign-up") as span:
                await phone.search(query)
                assert trace.get_current_span() is span

    if mode == "async":
        asyncio.run(asking())
    else:
        phone = Client(Failover(members), transport=SimTransport(simulators))
        with phone, tracer.start_as_current_span("sign-up") as span:
            phone.search(query)
            assert trace.get_current_span() is span
    operation, outer = seen.one("search failover"), seen.one("sign-up")
    requests = [span for span in seen.spans() if span.kind is SpanKind.CLIENT]
    assert {str((span.attributes or {})["anycarrier.provider"]) for span in requests} == {"voicetel", "lc_phone"}
    assert {parent_of(span) for span in requests} == {id_of(operation)}
    assert parent_of(operation) == id_of(outer)


def test_operations_of_many_tasks_do_not_get_into_each_other_s_traces(seen: Seen) -> None:
    members, simulators = two_accounts(VirtualClock())
    tracer = seen.tracers.get_tracer("the application")

    async def one(phone: AsyncClient[Any], at: int) -> None:
        with tracer.start_as_current_span(f"task {at}"):
            await phone.search(Search(area_code="201", limit=1))

    async def many() -> None:
        async with AsyncClient(Failover(members), transport=AsyncSimTransport(simulators)) as phone:
            await asyncio.gather(*(one(phone, at) for at in range(8)))

    asyncio.run(many())
    tasks = {id_of(span): span for span in seen.spans("task ")}
    operations = {id_of(span): span for span in seen.spans("search failover")}
    assert len(tasks) == len(operations) == 8
    assert {parent_of(span) for span in operations.values()} == {*tasks}
    below = [parent_of(span) for span in seen.spans() if span.kind is SpanKind.CLIENT]
    assert {one: below.count(one) for one in operations} == dict.fromkeys(operations, 2)


def test_a_list_that_fetches_ahead_has_one_trace_and_lends_its_caller_none(seen: Seen) -> None:
    """A slow consumer lets the next page be fetched in a thread."""
    current: list[trace.Span] = []
    threads: set[int] = set()

    class Noting(Canned):
        def send(self, request: WireRequest) -> Response:
            current.append(trace.get_current_span())
            threads.add(threading.get_ident())
            return super().send(request)

    with Client(Leadping(api_key="lp_0", base_url=URL), transport=Noting("leadping")) as phone:
        for at, _ in enumerate(phone.list()):
            assert not trace.get_current_span().is_recording()
            if not at % 100:
                time.sleep(0.002)
    listing = seen.one("list leadping")
    assert len(current) == 10
    assert len(threads) == 2
    assert {parent_of(span) for span in current} == {id_of(listing)}  # type: ignore[arg-type]


def test_a_list_that_is_broken_off_has_not_failed(seen: Seen) -> None:
    with Client(Leadping(api_key="lp_0", base_url=URL), transport=Canned("leadping")) as phone:
        numbers = phone.list()
        next(iter(numbers))
        assert not seen.spans("list leadping")
        numbers.close()  # type: ignore[attr-defined]
    assert seen.one("list leadping").status.status_code is StatusCode.UNSET


def test_an_asynchronous_list_has_one_trace(seen: Seen) -> None:
    client, _ = simulated("async", "lc_phone")
    with client:
        assert len(client.list()) > 1
    listing = seen.one("list lc_phone")
    assert {parent_of(span) for span in seen.spans() if span.kind is SpanKind.CLIENT} == {id_of(listing)}


# -- transports


@pytest.mark.parametrize("transport", ["httpx", "httpx2", "fast"])
@pytest.mark.parametrize("mode", MODES)
def test_every_transport_gives_the_same_spans(seen: Seen, mode: Mode, transport: str) -> None:
    simulator = load("voicetel")
    with running(simulator) as urls:
        provider = VoiceTel(**simulator.settings, base_url=urls["voicetel"])
        with AnyClient(mode, provider, transport) as client:
            client.balance()
            assert len(client.list()) > 1
    port = urlsplit(urls["voicetel"]).port
    requests = [span.attributes or {} for span in seen.spans() if span.kind is SpanKind.CLIENT]
    assert len(requests) >= 2
    for one in requests:
        assert (one["server.address"], one["server.port"]) == ("127.0.0.1", port)
        assert one["http.response.status_code"] == 200


def test_a_lost_connection_is_named(seen: Seen) -> None:
    client, simulator = simulated("sync")
    simulator.fault("refuse", times=1)
    with client:
        client.get("+12125550199")
    first, second = (span.attributes or {} for span in seen.spans("GET"))
    assert first["error.type"] == "connect"
    assert "http.request.resend_count" not in first
    assert second["http.request.resend_count"] == 1
    wait = seen.one("anycarrier.wait").attributes or {}
    assert wait == {"anycarrier.reason": "backoff"}
    assert seen.count("anycarrier.wait.duration", reason="backoff") == 1


# -- rate limits


@pytest.mark.parametrize("mode", MODES)
def test_a_rate_limit_that_holds_a_request_back_is_a_wait_and_counted(seen: Seen, mode: Mode) -> None:
    client, simulator = simulated(mode)
    simulator.fault("throttle", page="json", retry_after="seconds", seconds=30, times=1)
    with client:
        with pytest.raises(RateLimited):
            client.balance()
        assert not seen.count("anycarrier.rate_limit.holds")
        client.balance()
    wait = seen.one("anycarrier.wait")
    assert wait.attributes == {
        "anycarrier.reason": "rate_limit",
        "anycarrier.provider": "voicetel",
        "anycarrier.account": client.provider.accounts[0].id,
    }
    assert parent_of(wait) == id_of(seen.spans("balance voicetel")[-1])
    assert seen.count("anycarrier.rate_limit.holds", outcome="waited") == 1
    assert seen.count("anycarrier.wait.duration", reason="rate_limit") == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_request_that_a_rate_limit_refuses_is_counted(seen: Seen, mode: Mode) -> None:
    client, simulator = simulated(mode, max_wait=1.0)
    simulator.fault("throttle", page="json", retry_after="seconds", seconds=30, times=1)
    with client:
        for _ in range(2):
            with pytest.raises(RateLimited):
                client.balance()
    assert seen.count("anycarrier.rate_limit.holds", outcome="refused", provider="voicetel") == 1
    assert not seen.spans("anycarrier.wait")


# -- purchases


@contextmanager
def ordering(
    mode: Mode, path: Path, *, second_first: bool = False
) -> Iterator[tuple[AnyClient, dict[str, Simulator], VirtualClock]]:
    """A client of two accounts, with a journal."""
    clock = VirtualClock()
    members, simulators = two_accounts(clock)
    with journal.open(path / "journal.db") as book:
        transport = in_process(mode, simulators, clock)
        with AnyClient(mode, Failover(members[:: -1 if second_first else 1], journal=book), transport, clock) as client:
            yield client, simulators, clock


@pytest.mark.parametrize("mode", MODES)
def test_a_purchase_is_a_span_with_its_outcome_around_its_requests(seen: Seen, mode: Mode) -> None:
    client, _ = simulated(mode)
    with client:
        (offer,) = client.search(Search(area_code="201", limit=1))
        client.buy(offer)
    purchase = seen.one("anycarrier.purchase")
    assert purchase.attributes == {
        "anycarrier.provider": "voicetel",
        "anycarrier.account": offer.account,
        "anycarrier.outcome": "confirmed",
    }
    assert parent_of(purchase) == id_of(seen.one("buy voicetel"))
    assert parent_of(seen.one("POST /v2.2/orders")) == id_of(purchase)
    assert seen.count("anycarrier.purchases", provider="voicetel", outcome="confirmed") == 1
    assert not seen.count("anycarrier.purchases.in_doubt")


@pytest.mark.parametrize("mode", MODES)
def test_a_lost_answer_is_counted_once_and_its_waits_say_settling(seen: Seen, mode: Mode) -> None:
    client, simulator = simulated(mode, "lc_phone")
    simulator.fault("hang", operation="purchase", done=True, seconds=100, times=1)
    with client:
        (offer,) = client.search(Search(area_code="201", limit=1))
        with pytest.raises(OutcomeUnknown) as raised:
            client.buy(offer, deadline=0.5)
        assert seen.count("anycarrier.purchases.in_doubt", provider="lc_phone") == 1
        assert not seen.count("anycarrier.purchases")
        client.resolve(raised.value, deadline=900)
    first, second = (span.attributes or {} for span in seen.spans("anycarrier.purchase"))
    assert first["anycarrier.outcome"] == "in_doubt"
    assert second["anycarrier.outcome"] in ("confirmed", "placed")
    assert seen.count("anycarrier.purchases.in_doubt") == seen.count("anycarrier.purchases") == 1
    assert (seen.one("buy lc_phone").attributes or {})["error.type"] == "OutcomeUnknown"


@pytest.mark.parametrize("mode", MODES)
def test_an_order_through_a_journal_has_a_span_for_each_number(seen: Seen, mode: Mode, tmp_path: Path) -> None:
    with ordering(mode, tmp_path) as (client, _, _):
        client.provision(Order(criteria=Search(area_code="201"), quantity=3), request_id="order-1")
        client.recover(deadline=1)
        client.sweep()
        client.reconcile()
        client.quotes(Order(criteria=Search(area_code="201")))
        client.resume("order-1")
    operation = seen.one("provision failover")
    purchases = [span for span in seen.spans("anycarrier.purchase") if parent_of(span) == id_of(operation)]
    assert len(purchases) == 3
    assert {str((span.attributes or {})["anycarrier.outcome"]) for span in purchases} == {"confirmed"}
    orders = [span for span in seen.spans("POST") if parent_of(span) in {id_of(one) for one in purchases}]
    assert len(orders) == 3
    assert seen.count("anycarrier.purchases", outcome="confirmed") == 3
    for name in ("recover", "sweep", "reconcile", "quotes", "resume"):
        assert seen.one(f"{name} failover")


@pytest.mark.slow
def test_a_purchase_that_turns_up_late_is_counted_as_such(seen: Seen, tmp_path: Path) -> None:
    with ordering("sync", tmp_path, second_first=True) as (client, simulators, clock):
        simulators[OTHER].fault("late", operation="purchase", loses="close", seconds=3600.0, times=1)
        simulators[OTHER].fault("error", operation="purchase", status=400, page="json")
        order = Order(criteria=Search(area_code="201"), deadline=3000.0)
        client.provision(order, request_id="order-1")
        assert seen.count("anycarrier.purchases", outcome="refuted")
        clock.advance(4000.0)
        client.list()  # whatever is due happens
        client.sweep()
    assert seen.count("anycarrier.purchases", outcome="orphan") == 1


def test_a_job_that_is_filled_with_one_request_counts_each_number(seen: Seen, tmp_path: Path) -> None:
    orders = [Order(criteria=Search(area_code="201"))] * 4
    with journal.open(tmp_path / "journal.db") as book:
        phone, simulators = phone_of(book, "voicetel")
        with phone:
            jobs.submit(book, orders, [phone.provider], name="spring")
            for chunk in jobs.chunks(book, "spring"):
                phone.run(jobs.fill(chunk))
        assert len(simulators["voicetel"].ledger.charges) == 4
    assert len(seen.spans("POST /v2.2/orders")) == 1
    assert parent_of(seen.one("POST /v2.2/orders")) == id_of(seen.one("fill failover"))
    assert seen.count("anycarrier.purchases", outcome="confirmed", provider="voicetel") == 4


class Interrupt(BaseException):
    pass


def test_an_interrupt_carries_the_purchase_as_it_does_without_telemetry(seen: Seen) -> None:
    client, _ = simulated("sync")
    with client:
        (offer,) = client.search(Search(area_code="201", limit=1))
        inner = client.run.__self__._driver.transport

        def interrupted(request: WireRequest) -> Any:
            if request.purpose == "purchase":
                raise Interrupt
            return inner.inner.send(request)

        inner.send = interrupted
        with pytest.raises(Interrupt) as raised:
            client.buy(offer)
    assert raised.value.outcome_unknown.attempt is not None  # type: ignore[attr-defined]
    assert (seen.one("POST").attributes or {})["error.type"] == "interrupted"
    assert (seen.one("buy voicetel").attributes or {})["error.type"].endswith(".Interrupt")  # type: ignore[union-attr]


# -- no number and no secret


def test_numbers_are_there_only_when_asked_for(seen: Seen) -> None:
    telemetry.enable(tracer_provider=seen.tracers, meter_provider=seen.meters, numbers=True)
    client, _ = simulated("sync")
    with client:
        (offer,) = client.search(Search(area_code="201", limit=1))
        client.buy(offer)
        with pytest.raises(NotFound):
            client.get("+12015550199")
    assert (seen.one("anycarrier.purchase").attributes or {})["anycarrier.number"] == str(offer.number)
    assert (seen.one("get voicetel").attributes or {})["anycarrier.number"] == "+12015550199"
    assert "anycarrier.number" not in {name for points in seen.metrics().values() for of in points for name, _ in of}


NAMES = {
    *("name", "status", "error.type", "http.request.method", "http.request.resend_count", "http.response.status_code"),
    *("server.address", "server.port", "url.template", "anycarrier.operation", "anycarrier.provider"),
    *("anycarrier.account", "anycarrier.outcome", "anycarrier.reason"),
}


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def said_in(sent: list[WireRequest]) -> set[str]:
    """Whatever stood in a body, in a query string, in a header or in a path."""
    found: set[str] = set()
    for wire in sent:
        parts = urlsplit(wire.url)
        found |= {value for _, value in parse_qsl(parts.query)}
        found |= {value for _, value in wire.headers} | {value.partition(" ")[2] for _, value in wire.headers}
        if wire.body:
            text = wire.body.decode()
            found |= {value for _, value in parse_qsl(text)} | {text}
            if text[0] in "[{":
                found |= {*leaves(json.loads(text))}
        found |= {part for part in parts.path.split("/") if re.search(r"\d{4}", part)}
    return {one for one in found if len(one) > 3}


@pytest.mark.slow
def test_no_attribute_of_a_whole_demo_run_has_a_number_a_secret_a_body_or_a_query(
    seen: Seen, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[WireRequest] = []
    send = SyncTransport.send

    def noting(self: Any, request: WireRequest) -> Any:
        sent.append(request)
        return send(self, request)

    monkeypatch.setattr(SyncTransport, "send", noting)
    for name in ("voicetel", "lc_phone", "lc_legacy"):
        assert main(["demo", "--provider", name], clock=Ahead()) == 0
    with ordering("sync", tmp_path) as (client, simulators, _):
        first, second = simulators.values()
        second.fault("close", operation="purchase", done=True, times=1)
        first.fault("throttle", page="json", times=1)
        first.fault("error", operation="order", status=422, page="json", times=1)
        order = Order(criteria=Search(area_code="201"), quantity=4, deadline=900.0, prefer="cheapest")
        client.provision(order, request_id="buy-2015550123")
        sent += client.sent
    simulator = load("leadping")
    with AnyClient("sync", Leadping(**simulator.settings, base_url=URL), SimTransport({URL: simulator})) as client:
        for offer in client.search(Search(area_code="201", limit=2)):
            client.buy(offer)
        assert len(client.list()) > 1
        sent += client.sent
    capsys.readouterr()
    values = [*seen.values()]
    assert len(sent) > 40
    assert len(values) > 800
    assert {name for name, _ in values} <= NAMES
    texts = {str(value) for name, value in values if value is not None and name != "server.port"}
    assert not [text for text in texts if re.search(r"\d{6}", text)]
    words = {"200", "201", "204", "404", "422", "429"}  # statuses
    hidden = {one for one in said_in(sent) if one not in words}
    assert len(hidden) > 40
    assert not [(text, one) for text in texts for one in hidden if one in text and one not in HARMLESS]


HARMLESS: set[str] = set()


# -- on, off, and not installed


def test_nothing_is_seen_once_it_is_switched_off(seen: Seen) -> None:
    telemetry.disable()
    client, _ = simulated("sync")
    with client:
        (offer,) = client.search(Search(area_code="201", limit=1))
        client.buy(offer)
    assert watch.observer is None
    assert not seen.spans()
    assert not seen.metrics()


def test_a_test_that_leaves_it_on_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    before = process_state()
    telemetry.enable()
    monkeypatch.setenv("ANYCARRIER_LEFT", "1")
    assert changed(before) == ["the observer of telemetry", "the environment"]
    assert watch.observer is None


def test_the_option_is_checked() -> None:
    with pytest.raises(InvalidInput, match="numbers"):
        telemetry.enable(numbers="yes")  # type: ignore[arg-type]
    assert watch.observer is None


@pytest.mark.slow
def test_without_opentelemetry_everything_works_and_switching_on_says_what_is_missing() -> None:
    code = """
import sys
sys.modules["opentelemetry"] = None
from anycarrier import Client, ConfigurationError, Search
from anycarrier.simulator import SimTransport, load
simulator = load("voicetel")
url = "http://127.0.0.1:1"
with Client("voicetel", **simulator.settings, base_url=url, transport=SimTransport({url: simulator})) as phone:
    phone.buy(phone.search(Search(area_code="201", limit=1))[0])
try:
    from anycarrier import telemetry
except ConfigurationError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    assert how_to_install("telemetry") in done.stdout


def test_an_operation_adds_no_frame_and_no_generator_while_it_is_off() -> None:
    """Calls of one operation, counted: the observer costs a look at one name for each request and operation."""
    calls: list[str] = []

    def noting(frame: Any, event: str, argument: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_qualname)

    stub = StubTransport(lambda request: Response(200, {}, b'{"status":{"code":200},"data":{}}'))
    with AnyClient("sync", VoiceTel(api_key="0" * 32), stub) as client:
        exchange = client.provider.api.gateways
        sys.setprofile(noting)
        try:
            client.run(evolving(exchange))
        finally:
            sys.setprofile(None)
    assert "Session._send" in calls
    assert not [one for one in calls if "_observed" in one or "_sending" in one or "telemetry" in one.lower()]


def evolving(make: Any) -> Any:
    try:
        return (yield from make())
    except Exception:  # noqa: BLE001 - the stub's answer is of no use
        return None


# -- the log


def test_log_records_have_fields_of_the_same_names(caplog: pytest.LogCaptureFixture) -> None:
    client, simulator = simulated("sync")
    simulator.fault("refuse", times=1)
    with client, caplog.at_level(logging.DEBUG, "anycarrier"):
        client.get("+12125550199")
    lost, answered = [vars(record) for record in caplog.records if record.name == "anycarrier"]
    assert lost["error.type"] == "connect"
    assert "http.response.status_code" not in lost
    assert answered["http.response.status_code"] == 200
    assert answered["anycarrier.attempt"] == 2
    assert answered["anycarrier.duration"] >= 0
    assert answered["anycarrier.operation"] == "get"
    assert answered["anycarrier.provider"] == "voicetel"
    assert answered["anycarrier.account"] == client.provider.accounts[0].id
    assert answered["http.request.method"] == "GET"
    assert answered["url.template"].startswith("/v2.2/")
    fields = {name: value for name, value in {**lost, **answered}.items() if "." in name}
    assert "2125550199" not in str(fields)
