"""A Celery task that buys a number: ``celery -A celery_tasks worker``."""

from __future__ import annotations

import os

from celery import Celery

from anycarrier import Client, Money, OutcomeUnknown, ProviderDown, RateLimited, Search
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.registry import make

app = Celery("numbers", broker=os.environ.get("CELERY_BROKER_URL", "memory://"))
app.conf.task_acks_late = True  # a task whose worker died runs again, which is safe here


@app.task(
    autoretry_for=(OutcomeUnknown, ProviderDown, RateLimited),
    retry_backoff=True,
    retry_backoff_max=600,
    max_retries=20,
)
def give_number(customer: str, area_code: str) -> str:
    """Buy a customer's number. The request id is the customer's, so a task that runs again goes on with the first."""
    order = Order(criteria=Search(area_code=area_code), max_price=Money("2.00"), reference=customer, deadline=50)
    with (
        journal.open(os.environ.get("JOURNAL", "purchases.sqlite")) as book,
        Client(Failover([make("voicetel", {})], journal=book)) as phone,
    ):
        return str(phone.provision(order, request_id=f"customer-{customer}").numbers[0])
