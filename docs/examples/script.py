"""A script that buys a number for a customer: ``python script.py ada 201``. Called again, it buys no second one."""

from __future__ import annotations

import sys

from anycarrier import AnyCarrierError, Client, Money, OutcomeUnknown, Search
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.registry import make


def main(customer: str, area_code: str) -> int:
    carriers = [make("voicetel", {})]  # settings from the environment; a second one is tried where this one has none
    try:
        order = Order(criteria=Search(area_code=area_code), max_price=Money("2.00"), reference=customer)
        with journal.open("purchases.sqlite") as book, Client(Failover(carriers, journal=book)) as phone:
            bought = phone.provision(order, request_id=f"customer-{customer}")
    except OutcomeUnknown:
        print("not known yet: run it again", file=sys.stderr)
        return 75  # a temporary failure, by sysexits.h
    except AnyCarrierError as error:
        print(error, file=sys.stderr)
        return 1
    print(bought.numbers[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
