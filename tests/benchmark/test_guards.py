"""The cost of an operation, in things that can be counted: requests, decoded documents, built models, connections,
TLS contexts, modules. Times are measured by ``make bench`` and asserted nowhere."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from anycarrier import Accounts, Client, Search
from anycarrier.exchange import Response
from anycarrier.transports.protocol import WireRequest
from benchmark import plans
from benchmark.server import Protocol
from benchmark.shape import AREA
from benchmark.shapes import answer

SETTINGS: dict[str, dict[str, Any]] = {
    "voicetel": {"api_key": "0" * 32},
    "lc_phone": {"token": "pit-0", "location_id": "loc1"},
    "lc_legacy": {"token": "pit-0", "location_id": "loc1"},
    "leadping": {"api_key": "lp_0"},
}
PROVIDERS = tuple(SETTINGS)
QUERY = Search(area_code=AREA, limit=50)
LIST_REQUESTS = {"voicetel": 1, "lc_phone": 4, "lc_legacy": 5, "leadping": 10}
"""For 1000 numbers. The legacy LC states no total, so only a page that is not full is known to be the last."""


class Canned:
    """Answers with the benchmark's bodies, in this process; a streamed one in pieces of 64 kB."""

    def __init__(self, name: str, size: int = 1000) -> None:
        self.name = name
        self.size = size
        self.sent = 0
        self.open = 0

    def send(self, request: WireRequest) -> Response:
        self.sent += 1
        url = urlsplit(request.url)
        body = answer(self.name, self.size, url.path, url.query, request.body or b"")
        headers = {"content-type": "application/json"}
        if not request.stream:
            return Response(200, headers, body)
        self.open += 1
        return Response(200, headers, stream=[body[at : at + 65536] for at in range(0, len(body), 65536)])

    def read(self, stream: Any) -> bytes:
        return stream.pop(0) if stream else b""

    def close_stream(self, stream: object) -> None:
        self.open -= 1

    def close(self) -> None:
        return


def canned(name: str) -> tuple[Client[Any], Canned]:
    transport = Canned(name)
    return Client(name, transport=transport, base_url="http://127.0.0.1:9", **SETTINGS[name]), transport


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The length of each document that json decodes, whoever asks it to."""
    lengths: list[int] = []
    decode = json.JSONDecoder.decode

    def counted(self: json.JSONDecoder, text: str, *more: Any) -> Any:
        lengths.append(len(text))
        return decode(self, text, *more)

    monkeypatch.setattr(json.JSONDecoder, "decode", counted)
    return lengths


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_search_is_one_request_and_decodes_its_answer_at_most_once(name: str, decoded: list[int]) -> None:
    client, transport = canned(name)
    offers = client.search(QUERY)
    assert len(offers) == 50
    assert transport.sent == 1
    assert len([length for length in decoded if length > 1000]) <= 1


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_raw_records_of_one_answer_are_decoded_once_and_only_when_looked_at(name: str, decoded: list[int]) -> None:
    client, _ = canned(name)
    offers = client.search(QUERY)
    decoded.clear()
    assert all(offer.raw is not None for offer in offers)
    assert decoded == []
    digits = [next(str(value) for value in offer.raw.values() if AREA in str(value)) for offer in offers]
    assert len(set(digits)) == 50
    assert len(decoded) <= 1


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_list_of_1000_asks_for_its_pages_once_and_decodes_each_once(name: str, decoded: list[int]) -> None:
    client, transport = canned(name)
    numbers = [owned.number for owned in client.list()]
    assert len(set(numbers)) == 1000
    assert transport.sent == LIST_REQUESTS[name]
    assert transport.open == 0
    assert len([length for length in decoded if length > 1000]) <= LIST_REQUESTS[name]


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_list_is_read_no_further_than_it_is_used(name: str) -> None:
    client, transport = canned(name)
    numbers = client.list()
    next(iter(numbers))
    assert transport.sent <= 2  # one page may be fetched ahead
    numbers.close()  # type: ignore[attr-defined]
    assert transport.open == 0


def probe(code: str) -> Any:
    """Output of *code*, as JSON, in a process of its own."""
    script = f"import json, sys\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def test_four_providers_need_one_tls_context() -> None:
    made = probe(
        f"""
import ssl
made = []
new = ssl.SSLContext.__new__
def counted(cls, *arguments, **more):
    made.append(cls.__name__)
    return new(cls, *arguments, **more)
ssl.SSLContext.__new__ = counted
from anycarrier import AsyncClient, Client
import asyncio
async def main():
    return [kind(name, **settings) for name, settings in {SETTINGS!r}.items() for kind in (Client, AsyncClient)]
clients = asyncio.run(main())
print(json.dumps(made))
"""
    )
    assert len(made) == 1


MAY_LOAD = {"anycarrier", "attr", "attrs"}


@pytest.mark.parametrize(
    ("code", "packages"), [("import anycarrier", {"anycarrier"}), ("from anycarrier import Client, Search", MAY_LOAD)]
)
def test_an_import_loads_no_package_but_these(code: str, packages: set[str]) -> None:
    loaded = probe(f"before = set(sys.modules)\n{code}\nprint(json.dumps(sorted(set(sys.modules) - before)))")
    roots = {name.partition(".")[0] for name in loaded}
    assert roots - set(sys.stdlib_module_names) <= packages | {"anycarrier_adapters"}
    assert not roots & {"asyncio", "ssl", "socket", "sqlite3", "email", "http", "concurrent", "pydantic"}
    lazy = {"journal", "simulator", "testing", "cli", "failover", "border", "httpx", "httpx2", "telemetry"}
    own = [name for name in loaded if name.startswith("anycarrier.")]
    assert not [name for name in own if lazy & set(name.split("."))]
    assert len(own) <= 38


@pytest.mark.parametrize("name", PROVIDERS)
def test_searches_and_lists_load_no_model(name: str) -> None:
    loaded = probe(
        f"""
sys.path[:0] = {sys.path!r}
from benchmark.test_guards import QUERY, canned
client, _ = canned({name!r})
found = [len(client.search(QUERY)), len([*client.list()])]
print(json.dumps([*found, "pydantic" in sys.modules, "opentelemetry" in sys.modules]))
"""
    )
    assert loaded == [50, 1000, False, False]


class Counted(Protocol):
    """Counts connections."""

    made = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        type(self).made += 1
        super().connection_made(transport)


@pytest.fixture
def served() -> Iterator[tuple[str, Callable[[], int]]]:
    """The benchmark's server in a thread, and how many connections it has had."""
    loop = asyncio.new_event_loop()
    kind = type("Fresh", (Counted,), {"made": 0})
    server = loop.run_until_complete(loop.create_server(kind, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", lambda: kind.made  # type: ignore[attr-defined]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for _ in range(3):  # connections end
            loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()


@pytest.mark.parametrize("name", PROVIDERS)
def test_all_operations_of_a_client_share_one_connection(name: str, served: tuple[str, Callable[[], int]]) -> None:
    origin, connections = served
    with Client(name, base_url=f"{origin}/{name}-300-0", **SETTINGS[name]) as client:
        for _ in range(3):
            assert len(client.search(QUERY)) == 50
            assert len(list(client.list())) == 300
    assert connections() == 1


ACCOUNTS, MEGABYTES = 300, 5.0
ROWS: dict[str, Callable[[int], dict[str, Any]]] = {
    "voicetel": lambda at: {"api_key": f"{at * 0x9E3779B97F4A7C15 % 2**128:032x}"},
    "lc_phone": lambda at: {
        "token": f"pit-{at * 0x9E3779B97F4A7C15 % 2**128:032x}",
        "location_id": f"location{at}",
    },
    "leadping": lambda at: {"api_key": f"lp_{at * 0x9E3779B97F4A7C15 % 2**128:032x}"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_three_hundred_accounts_take_less_than_five_megabytes(name: str) -> None:
    """Each with its client, its rate budget, and its secret, which is looked for in everything that is shown."""
    import gc
    import tracemalloc

    def row(tenant: str) -> dict[str, Any]:
        return {"provider": name, **ROWS[name](int(tenant))}

    with Accounts(row, transport=Canned(name)) as accounts:
        accounts.client("0").search(QUERY)[0].raw  # noqa: B018 - whatever is made once is made now
        gc.collect()
        tracemalloc.start()
        try:
            for at in range(1, 1 + ACCOUNTS):
                accounts.client(str(at)).search(QUERY)[0].raw  # noqa: B018
            gc.collect()
            used, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert used / 1e6 < MEGABYTES


def test_a_thousand_numbers_are_planned_with_three_requests_and_a_plan_that_is_done_writes_nothing() -> None:
    requests, writes, reads = plans.counts()
    assert requests <= 3
    assert writes == 0
    assert reads <= 3
    assert plans.counts(used=False)[0] <= requests + 1  # a gateway that no number has is looked up
