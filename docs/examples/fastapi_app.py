"""Numbers over HTTP with FastAPI: ``uvicorn fastapi_app:app``."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Body, Depends, FastAPI, Request, Response

from anycarrier import AnyCarrierError, AsyncClient, Money, Offer, OwnedNumber, Problem, Search
from anycarrier.failover import Failover
from anycarrier.purchase import Order, Purchase, journal
from anycarrier.registry import make


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One client for the life of the application: its connections, and its share of the rate limit."""
    with journal.open(os.environ.get("JOURNAL", "purchases.sqlite")) as book:
        async with AsyncClient(Failover([make("voicetel", {})], journal=book)) as phone:
            app.state.phone = phone
            await phone.recover(deadline=10)  # what was under way when the application last ended
            yield


def client(request: Request) -> AsyncClient[Failover]:
    phone: AsyncClient[Failover] = request.app.state.phone
    return phone


app = FastAPI(lifespan=lifespan)
Phone = Annotated[AsyncClient[Failover], Depends(client)]


@app.exception_handler(AnyCarrierError)
async def problem(request: Request, error: AnyCarrierError) -> Response:
    """Answer with a problem of RFC 9457: a status that fits, what to do, and ``Retry-After`` where it is known."""
    found = Problem.of(error)
    return Response(json.dumps(found.body), found.status, found.headers)


@app.post("/search")
async def search(query: Annotated[Search, Body()], phone: Phone) -> list[Offer]:
    return await phone.search(query)


@app.put("/customers/{customer}/number")
async def buy(customer: str, query: Annotated[Search, Body()], phone: Phone) -> Purchase:
    """Buy a customer's number. A ``PUT``: sent again after a timeout, it buys no second one."""
    order = Order(criteria=query, max_price=Money("2.00"), reference=customer, deadline=20)
    return await phone.provision(order, request_id=f"customer-{customer}")


@app.get("/numbers/{number}")
async def look(number: str, phone: Phone) -> OwnedNumber:
    return await phone.get(number)
