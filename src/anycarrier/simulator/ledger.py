"""The ledger of a simulated provider: everything that really happened there."""

from __future__ import annotations

from collections import Counter, deque
from decimal import Decimal
from typing import Any

from attrs import asdict, frozen

__all__ = ["Charge", "Ledger", "Seen"]


@frozen
class Charge:
    """Money taken: the time by the simulator's clock, the number, the amount, the mark or key of the request, and the
    account that pays."""

    at: float
    number: str
    amount: Decimal
    mark: str | None
    operation: str
    account: str = "main"


@frozen
class Seen:
    """One request.

    Attributes:
        at: time of its arrival.
        path: template of the route, ``None`` where none fits.
        status: of the provider's answer, also where it was lost; ``None`` where the work was not done (yet).
        fault: kind of the fault that struck it.
        mark: idempotency key or the like, see :meth:`~anycarrier.simulator.Simulator.mark_of`.
        digest: SHA-256 of the body, so that the sameness of repeated requests can be checked.
    """

    at: float
    method: str
    path: str | None
    operation: str | None
    status: int | None
    fault: str | None
    mark: str | None
    digest: str


class Ledger:
    """Everything that really happened at the provider, for tests to compare with the belief of a client.

    ``requests`` holds the last :data:`KEPT`; ``counters`` count all, as ``"<operation> <status or fault>"``.
    """

    KEPT = 20_000

    def __init__(self) -> None:
        self.charges: list[Charge] = []
        self.refunds: list[tuple[float, str, Decimal]] = []
        self.releases: list[tuple[float, str]] = []
        self.ported_out: list[tuple[float, str]] = []
        self.requests: deque[Seen] = deque(maxlen=self.KEPT)
        self.counters: Counter[str] = Counter()

    def total(self) -> Decimal:
        """Return the sum of all charges, without what was refunded."""
        charged = sum((charge.amount for charge in self.charges), Decimal(0))
        return charged - sum((amount for _, _, amount in self.refunds), Decimal(0))

    def charges_of(self, number: str) -> list[Charge]:
        """Return every charge for one number."""
        return [charge for charge in self.charges if charge.number == number]

    def as_dict(self) -> dict[str, Any]:
        """Return the ledger for the control endpoint, with amounts as text."""
        return {
            "charges": [{**asdict(charge), "amount": str(charge.amount)} for charge in self.charges],
            "refunds": [{"at": at, "number": number, "amount": str(amount)} for at, number, amount in self.refunds],
            "releases": [{"at": at, "number": number} for at, number in self.releases],
            "ported_out": [{"at": at, "number": number} for at, number in self.ported_out],
            "requests": [asdict(seen) for seen in self.requests],
            "counters": dict(self.counters),
            "total": str(self.total()),
        }
