"""What really happened at a provider that is played."""

from __future__ import annotations

from collections import Counter, deque
from decimal import Decimal
from typing import Any

from attrs import frozen

__all__ = ["Charge", "Ledger", "Seen"]


@frozen
class Charge:
    """Money taken: when (the simulator's clock), for what, how much, and the request's mark or key."""

    at: float
    number: str
    amount: Decimal
    mark: str | None
    operation: str


@frozen
class Seen:
    """One request.

    Attributes:
        at: when it came.
        path: template of the route, ``None`` where none fits.
        status: what the provider answered or would have; ``None`` where the work was not done (yet).
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
    """What really happened at the provider, for tests to compare with what a client believes.

    ``requests`` holds the last :data:`KEPT`; ``counters`` count all, as ``"<operation> <status or fault>"``.
    """

    KEPT = 20_000

    def __init__(self) -> None:
        self.charges: list[Charge] = []
        self.releases: list[tuple[float, str]] = []
        self.requests: deque[Seen] = deque(maxlen=self.KEPT)
        self.counters: Counter[str] = Counter()

    def total(self) -> Decimal:
        """All money taken."""
        return sum((charge.amount for charge in self.charges), Decimal(0))

    def charges_of(self, number: str) -> list[Charge]:
        """Every charge for one number."""
        return [charge for charge in self.charges if charge.number == number]

    def as_dict(self) -> dict[str, Any]:
        """For the control endpoint; amounts as text."""
        return {
            "charges": [
                {"at": c.at, "number": c.number, "amount": str(c.amount), "mark": c.mark, "operation": c.operation}
                for c in self.charges
            ],
            "releases": [{"at": at, "number": number} for at, number in self.releases],
            "requests": [
                {
                    "at": s.at, "method": s.method, "path": s.path, "operation": s.operation, "status": s.status,
                    "fault": s.fault, "mark": s.mark, "digest": s.digest,
                }
                for s in self.requests
            ],
            "counters": dict(self.counters),
            "total": str(self.total()),
        }  # fmt: skip
