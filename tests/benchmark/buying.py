"""Buy one number and say what the buyer was told: ``python -m benchmark.buying SUBJECT URL NUMBER``."""

# ruff: noqa: T201 - a program
from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

PATIENCE = 2.0
"""Seconds that every client waits for an answer, so that a hang does not take minutes; all else is its default."""


def voicetel_api(url: str, number: str) -> str | None:
    from voicetel import Client
    from voicetel.models import OrderCreateRequest

    with Client(api_key="0" * 32, base_url=url, timeout=PATIENCE) as client:
        order = client.inumbering.order(OrderCreateRequest(numbers=[number[2:]]))
    return "+1" + order.numbersOrdered[0] if order.numbersOrdered else None


def leadping(url: str, number: str) -> str | None:
    import httpx
    from kiota_http.kiota_client_factory import KiotaClientFactory
    from leadping.models.phone_number_request import PhoneNumberRequest

    from benchmark import peers

    async def buy() -> str | None:
        http = httpx.AsyncClient(timeout=PATIENCE, headers={"authorization": f"Bearer {sys.argv[4]}"})
        client = peers.leadping(url, KiotaClientFactory.create_with_default_middleware(http))
        body = PhoneNumberRequest(name="bench", number=number, number_health_enabled=False)
        record = await client.phone_numbers.post(body)
        return record.number

    return asyncio.run(buy())


def telnyx(url: str, number: str) -> str | None:
    from telnyx import Telnyx

    client = Telnyx(api_key="0", base_url=url + "/v2", timeout=PATIENCE)
    order = client.number_orders.create(phone_numbers=[{"phone_number": number}])
    return order.data.phone_numbers[0].phone_number


class NoWaiting:
    """The machine's clock, but waiting takes no time: what is waited for passes at once."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> Any:
        from anycarrier.exchange import Moment

        return Moment(time.monotonic() + self._ahead, time.time() + self._ahead, 0.5)

    def sleep(self, seconds: float) -> None:
        self._ahead += seconds

    async def async_sleep(self, seconds: float) -> None:
        self._ahead += seconds


def ours(name: str, url: str, number: str) -> str | None:
    from anycarrier import Client, Timeouts

    settings = json.loads(sys.argv[4])
    timeouts = Timeouts(purchase_read=PATIENCE, purchase_total=PATIENCE)
    with Client(name, base_url=url, timeouts=timeouts, clock=NoWaiting(), **settings) as client:
        return str(client.buy(number, deadline=1800).number)


if __name__ == "__main__":
    subject, url, number = sys.argv[1:4]
    told: dict[str, Any]
    try:
        if subject.startswith("anycarrier/"):
            told = {"number": ours(subject.partition("/")[2], url, number)}
        else:
            told = {
                "number": {"voicetel_api": voicetel_api, "leadping": leadping, "telnyx": telnyx}[subject](url, number)
            }
    except Exception as error:  # noqa: BLE001 - what a buyer gets to see
        refuted = getattr(error, "maybe_applied", None) is False and getattr(error, "safe_elsewhere", None) is True
        told = {"error": type(error).__name__, "proven": refuted}
    print(json.dumps(told))
