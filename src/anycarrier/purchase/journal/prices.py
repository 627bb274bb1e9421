"""Prices in the journal: what one process has read serves all others, and one at a time reads anew."""

from __future__ import annotations

from attrs import frozen

from anycarrier.model import Money
from anycarrier.purchase.journal.reader import Reader

__all__ = ["KeptPrice", "Prices"]


@frozen(kw_only=True)
class KeptPrice:
    """A price in the journal.

    Attributes:
        price: ``None`` if its provider does not state it.
        age: seconds since it was read; ``None`` if it never was.
    """

    price: Money | None = None
    age: float | None = None


class Prices(Reader):
    """The part of a journal that keeps prices. See :class:`anycarrier.purchase.journal.Journal`."""

    def price(self, provider: str, account: str, name: str) -> KeptPrice:
        """The price of this name, as it was last read."""
        with self._database.transaction(writes=False) as tx:
            rows = tx.rows(
                "SELECT amount, currency, taken FROM anycarrier_price"
                " WHERE provider = ? AND account = ? AND name = ? AND taken IS NOT NULL",
                provider,
                account,
                name,
            )
            if not rows:
                return KeptPrice()
            amount, currency, taken = rows[0]
            price = None if amount is None else Money(amount, currency)
            return KeptPrice(price=price, age=max(0.0, tx.time() - taken))

    def claim_price(self, provider: str, account: str, name: str, seconds: float) -> bool:
        """Claim the reading of a price for some seconds; whether it is the caller's."""
        with self._database.transaction() as tx:
            now = tx.time()
            tx.run(
                "INSERT INTO anycarrier_price(provider, account, name, claimed_until) VALUES (?, ?, ?, 0)"
                " ON CONFLICT (provider, account, name) DO NOTHING",
                provider,
                account,
                name,
            )
            # A claim that lasts longer than any was written by a clock that was ahead.
            return (
                tx.run(
                    "UPDATE anycarrier_price SET claimed_until = ? WHERE provider = ? AND account = ? AND name = ?"
                    " AND (claimed_until < ? OR claimed_until > ?)",
                    now + seconds,
                    provider,
                    account,
                    name,
                    now,
                    now + seconds + 60.0,
                )
                == 1
            )

    def keep_price(self, provider: str, account: str, name: str, price: Money | None) -> None:
        """Keep a price that was just read, and release the claim."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE anycarrier_price SET amount = ?, currency = ?, taken = ?, claimed_until = 0"
                " WHERE provider = ? AND account = ? AND name = ?",
                None if price is None else str(price.amount),
                None if price is None else price.currency,
                tx.time(),
                provider,
                account,
                name,
            )

    def release_price(self, provider: str, account: str, name: str) -> None:
        """Release the claim of a price that could not be read."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE anycarrier_price SET claimed_until = 0 WHERE provider = ? AND account = ? AND name = ?",
                provider,
                account,
                name,
            )
