"""A provider that quotes the credential of each request."""

from __future__ import annotations

import json
from collections.abc import Callable

from anycarrier import Client, Search
from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.transports.protocol import WireRequest

KEY = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
LEADPING = "lp_made-up/for+these_tests=0817263544"
PIT = "pit-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"

Answer = Callable[[WireRequest], Response]


class Echo:
    """A transport whose provider answers with what it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = answers
        self.sent: list[WireRequest] = []

    def send(self, request: WireRequest) -> Response | TransportError:
        self.sent.append(request)
        return self.answers[min(len(self.sent), len(self.answers)) - 1](request)

    def read(self, stream: object) -> bytes:
        raise AssertionError("nothing is streamed")

    def close_stream(self, stream: object) -> None: ...

    def close(self) -> None: ...


def searching(client: Client) -> object:
    return client.search(Search(area_code="201"))


def offering(_: WireRequest) -> Response:
    number = {"number": "2015550142", "city": "Closter", "province": "NJ", "rateCenter": "CLOSTER", "lata": "224"}
    return Response(200, {}, json.dumps({"status": "success", "data": {"numbers": [number]}}).encode())
