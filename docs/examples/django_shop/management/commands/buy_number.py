"""``manage.py buy_number ada --area-code 201``: a number for a customer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from anycarrier import AnyCarrierError, Client, OutcomeUnknown, Search
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.registry import make


class Command(BaseCommand):
    help = "Buys a number for a customer: one, however often it is called."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer")
        parser.add_argument("--area-code", required=True)

    def handle(self, *args: Any, customer: str, area_code: str, **options: Any) -> None:
        carriers = [make(settings.ANYCARRIER_PROVIDER, {})]  # keys from the environment
        try:
            order = Order(criteria=Search(area_code=area_code), max_price=settings.ANYCARRIER_MAX_PRICE)
            with (
                journal.open(settings.ANYCARRIER_JOURNAL) as book,
                Client(Failover(carriers, journal=book)) as phone,
            ):
                bought = phone.provision(order, request_id=f"customer-{customer}")
        except OutcomeUnknown as unknown:
            raise CommandError("not known yet: run it again", returncode=75) from unknown
        except AnyCarrierError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(bought.numbers[0]))
