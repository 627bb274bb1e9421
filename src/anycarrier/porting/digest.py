"""Digest of a port order, by which another order under the same request id is noticed.

It is an HMAC with the account's credential, so that who reads the journal cannot try account numbers and PINs until one
fits. The credential may be replaced: the digest names its key, and without that key the numbers alone are compared.
"""

from __future__ import annotations

import json
from typing import Any

from anycarrier.engine.accounts import Account
from anycarrier.exchange import Exchange
from anycarrier.json_forms import to_json
from anycarrier.ports import PortOrder

__all__ = ["digest_of", "is_another"]


def digest_of(account: Account, order: PortOrder) -> Exchange[str]:
    """Digest of *order*: of its numbers, the id of its key, and the keyed digest of all that is sent.

    The caps and the reference of an order are no part of it.
    """
    import hashlib  # both load OpenSSL's hashes, which few programs need
    import hmac

    key = hashlib.sha256((yield from _credential(account)).encode()).digest()
    name = hmac.new(key, b"anycarrier: name of the key of port orders", hashlib.sha256).hexdigest()[:16]
    keyed = hmac.new(key, _text(_of(order)).encode(), hashlib.sha256).hexdigest()
    numbers = _text(sorted(str(one.number) for one in order.numbers))
    return f"1:{hashlib.sha256(numbers.encode()).hexdigest()[:32]}:{name}:{keyed}"


def is_another(one: str, other: str) -> bool:
    """Return whether two digests are of different orders, as far as their keys show."""
    version, numbers, name, keyed = one.split(":")
    its_version, its_numbers, its_name, its_keyed = other.split(":")
    if numbers != its_numbers:
        return True
    return (version, name) == (its_version, its_name) and keyed != its_keyed


def _credential(account: Account) -> Exchange[str]:
    """A text of the account's credential that lasts as long as that."""
    secrets = account.credentials.secrets()
    if secrets:
        return secrets[0]
    headers = yield from account.credentials.headers()
    return _text(sorted(headers.items()))


def _of(order: PortOrder) -> dict[str, Any]:
    """All of *order* that is sent."""
    account_number, pin = order.secrets
    return {
        "numbers": sorted((to_json(one) for one in order.desired()), key=_text),
        "subscriber": order.subscriber,
        "subscriber_kind": order.subscriber_kind,
        "service_address": to_json(order.service_address),
        "account_number": account_number,
        "pin": pin,
        "billing_number": str(order.billing_number),
        "authorized_person": order.authorized_person,
        "due_date": None if order.due_date is None else order.due_date.isoformat(),
    }


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
