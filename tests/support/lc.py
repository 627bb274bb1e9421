"""Driving the two LeadConnector adapters in tests: scripted answers, a clock that does not wait, both modes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from anycarrier import AsyncClient, Client
from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.registry import make
from anycarrier.testing import VirtualClock
from anycarrier.transports.protocol import WireRequest

NAMES = ("lc_phone", "lc_legacy")
MODES = ("sync", "async")
VERSIONS = {"lc_phone": "v3", "lc_legacy": "2021-07-28"}
LOCATION = "ve9EPM428h8vShlRW1KT"
TOKEN = "pit-00000000-0000-0000-0000-000000000001"
BASE = "https://services.leadconnectorhq.com"

Answer = Response | TransportError | Callable[[WireRequest], Response | TransportError]


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """*body* as JSON; bytes go out as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, dict(headers or {}), raw)


def enveloped(data: Any, status: int = 200) -> dict[str, Any]:
    """v3's success envelope."""
    return {"status": "success", "data": data, "message": "OK", "statusCode": status}


def lost() -> TransportError:
    return TransportError("no answer in time", kind="timeout", maybe_applied=True)


def unsent() -> TransportError:
    return TransportError("refused", kind="connect", maybe_applied=False)


class Wire:
    """Answers from a script, one each; records the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[WireRequest] = []

    def send(self, request: WireRequest) -> Response | TransportError:
        self.requests.append(request)
        assert self.answers, f"nobody expected {request.label}"
        given = self.answers.pop(0)
        return given(request) if callable(given) else given

    def read(self, stream: object) -> bytes:
        raise AssertionError(stream)

    def close_stream(self, stream: object) -> None: ...

    def close(self) -> None: ...

    def header(self, name: str, place: int = -1) -> list[str]:
        """Every value of a header of one request."""
        return [value for key, value in self.requests[place].headers if key.lower() == name]

    def query(self, place: int = -1) -> dict[str, str]:
        pairs = parse_qsl(urlsplit(self.requests[place].url).query, keep_blank_values=True)
        assert len(dict(pairs)) == len(pairs), "a repeated parameter"
        return dict(pairs)

    def body(self, place: int = -1) -> Any:
        return json.loads(self.requests[place].body or b"null")

    def path(self, place: int = -1) -> str:
        return urlsplit(self.requests[place].url).path


class AsyncWire:
    """The same for an asynchronous client."""

    def __init__(self, wire: Any) -> None:
        self.wire = wire

    async def send(self, request: WireRequest) -> Response | TransportError:
        await asyncio.sleep(0)
        return self.wire.send(request)  # type: ignore[no-any-return]

    async def read(self, stream: object) -> bytes:
        return self.wire.read(stream)  # type: ignore[no-any-return]

    async def close_stream(self, stream: object) -> None: ...

    async def close(self) -> None: ...


class Lc:
    """One provider object, called through the client of one mode."""

    def __init__(
        self,
        name: str,
        *answers: Answer,
        mode: str = "sync",
        wire: Any = None,
        clock: VirtualClock | None = None,
        **settings: Any,
    ) -> None:
        given = {"location_id": LOCATION, **({} if "token_source" in settings else {"token": TOKEN}), **settings}
        self.name = name
        self.mode = mode
        self.provider = make(name, given)
        self.wire = wire or Wire(*answers)
        self.clock = clock or VirtualClock(1_800_000_000.0, chance=0.5)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def called(*values: Any, **named: Any) -> Any:
            if self.mode == "sync":
                client = Client(self.provider, transport=self.wire, clock=self.clock)
                result = getattr(client, operation)(*values, **named)
                return list(result) if operation == "list" else result
            return asyncio.run(self._asynchronous(operation, values, named))

        return called

    async def _asynchronous(self, operation: str, values: Any, named: Any) -> Any:
        client = AsyncClient(self.provider, transport=AsyncWire(self.wire), clock=self.clock)
        if operation == "list":
            return [item async for item in client.list(*values, **named)]
        return await getattr(client, operation)(*values, **named)


AVAILABLE: dict[str, Any] = {
    "fingerprintId": "1773314252953",
    "numbers": [
        {
            "phoneNumber": "+18705550123",
            "friendlyName": "(870) 555-0123",
            "lata": "528",
            "locality": "Wynne",
            "rateCenter": "WYNNE",
            "latitude": "35.241800",
            "longitude": "-90.846000",
            "region": "AR",
            "postalCode": "72396",
            "isoCountry": "US",
            "addressRequirements": "none",
            "beta": False,
            "capabilities": {"MMS": True, "SMS": True, "voice": True},
            "price": {"number_type": "local", "price": 1.15, "price_unit": "USD"},
        }
    ],
}
NUMBER = "+18705550123"
ROW: dict[str, Any] = {
    "phoneNumber": NUMBER,
    "friendlyName": "Main line",
    "sid": "PN1",
    "countryCode": "US",
    "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
    "type": "local",
}


ADDRESS = "AD1234567890abcdef1234567890abcde"
PURCHASE: dict[str, Any] = {
    "address_sid": ADDRESS,
    "bundle_sid": "BU1234567890abcdef1234567890abcde",
    "locality": "San Antonio",
    "region": "TX",
    "skip_location_kyc": False,
    "payment_intent_id": "pi_3Oxx",
    "stripe_account_id": "acct_1Oxx",
    "payment_method_id": "pm_1Oxx",
}
"""Options of a purchase that say all that v3 can require."""


def available(*numbers: str, mark: str = "1773314252953", **changes: Any) -> dict[str, Any]:
    """A search's answer with these numbers."""
    rows = [{**AVAILABLE["numbers"][0], "phoneNumber": number, **changes} for number in numbers]
    return {"fingerprintId": mark, "numbers": rows}


def listed(*rows: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A legacy list's answer."""
    return {"numbers": list(rows), "isUnderGhl": True, "pageSize": 100, "page": 0, "accountStatus": "active", **more}


def bought(name: str, *numbers: str) -> Response:
    """The answer to a purchase, in the shape of each version."""
    if name == "lc_phone":
        slim = {"number": numbers[0], "locationId": LOCATION, "id": "twilio-account-123", "underLcAccount": False}
        return answer(enveloped(slim, 201), 201)
    record = {
        "id": "8xMPW85D2z5jgcTa5L1p",
        "account_sid": "AC1",
        "under_ghl_account": True,
        "validate_sms": True,
        "location_id": LOCATION,
        "numbers": dict.fromkeys(numbers, "conversation"),
        "number_name": dict.fromkeys(numbers, "My Number"),
    }
    return answer(record, 201)
