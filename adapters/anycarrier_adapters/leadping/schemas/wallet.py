"""The wallet: prepaid balance, and the credit that it is made of."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anycarrier.adapter import Amount, Details, Instant, OneOf, Text

__all__ = ["Wallet"]

WalletSourceTypeWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "purchase",
            "promo",
            "admin_adjustment",
            "refund_adjustment",
            "chargeback_reversal",
            "compromise_restoration",
            "migration",
        )
    ),
]
WalletCreditStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("active", "consumed", "expired", "refunded", "voided", "disputed")),
]


class Wallet(Details):
    """Wallet of a business or an organization. June states no amounts in its documents."""

    balance: Amount = None
    balance_calculated_at: Instant = None
    amount_purchased: Amount = None
    amount_remaining: Amount = None
    currency: Text = None
    purchased_at: Instant = None
    expires_at: Instant = None
    source_type: WalletSourceTypeWord = None
    credit_status: WalletCreditStatusWord = None
    organization_id: Text = None
    original_transaction_id: Text = None
    next_credit_expiration_at: Instant = None
    next_expiring_credit_amount: Amount = None
    expired_credit_amount: Amount = None
    name: Text = None
    id: Text = None
    created_at: Instant = None
    modified_at: Instant = None
    business_id: Text = None
    stripe_charge_id: Text = None
    stripe_invoice_id: Text = None
    stripe_payment_intent_id: Text = None
