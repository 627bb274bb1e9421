"""Leadping, step by step: what its cassettes are recorded and replayed by.

What a recording needs to be told: ``movable``, a number of the account that may be given away, and ``to_account``, the
owner who gets it.
"""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from anycarrier.errors import InvalidRequest
from anycarrier.model import BindingStatus, Offer, OwnedNumber, ReleaseState, Search, Status
from anycarrier.testing.recording import SCRUBBED, Step, Steps, Values

from . import Leadping

__all__ = ["STEPS"]


def _search(phone: Any, values: Values) -> list[Offer]:
    offers: list[Offer] = phone.search(Search(area_code=values["area_code"]))
    if offers:
        values["found"] = offers[0].number
    return offers


def _buy(phone: Any, values: Values) -> OwnedNumber:
    bought: OwnedNumber = phone.buy(values["found"], key=values.get("key", f"ac1_{token_hex(13)}"))
    values["number"] = bought.number
    return bought


def _list(phone: Any, values: Values) -> list[OwnedNumber]:
    numbers: list[OwnedNumber] = phone.list()
    if numbers:
        values["owned"] = numbers[0].number
    return numbers


def _is_owned(owned: OwnedNumber, values: Values) -> bool:
    return owned.number == values["owned"]


def _get(phone: Any, values: Values) -> OwnedNumber:
    owned: OwnedNumber = phone.get(values["owned"])
    return owned


STEPS = Steps(
    provider=Leadping,
    settings={"api_key": SCRUBBED},
    kept=lambda provider: {"era": provider.era.name},
    values={"area_code": "201"},
    steps={
        "search": Step(
            _search, lambda offers, values: all(offer.number.npa == values["area_code"] for offer in offers)
        ),
        "search_refused": Step(
            _search, lambda error, values: bool(error.detail), effect="documented", refused=InvalidRequest
        ),
        "availability": Step(
            lambda phone, values: phone.run(phone.provider.availability(values["found"])),
            lambda answer, values: isinstance(answer.available, bool),
        ),
        "buy": Step(
            _buy,
            lambda owned, values: (
                (owned.number, owned.label) == (values["found"], values["key"])
                and owned.status in (Status.ACTIVE, Status.PENDING)
            ),
            effect="costs",
            gains=("number",),
        ),
        "wait": Step(
            lambda phone, values: phone.wait(values["number"]),
            lambda owned, values: owned.number == values["number"] and owned.status is Status.ACTIVE,
        ),
        "list": Step(_list, lambda numbers, values: all(isinstance(owned, OwnedNumber) for owned in numbers)),
        "get": Step(_get, lambda owned, values: _is_owned(owned, values) and owned.id),
        "august_get": Step(_get, _is_owned, effect="documented"),
        "october_get": Step(_get, _is_owned, effect="documented"),
        "campaign_of": Step(
            lambda phone, values: phone.campaign_of(values["owned"]),
            lambda bound, values: (
                bound.number == values["owned"]
                and (bound.campaign_id is None) == (bound.status is BindingStatus.UNBOUND)
            ),
        ),
        "update": Step(
            lambda phone, values: phone.run(phone.provider.update(values["number"], name="Front desk")),
            lambda owned, values: (owned.number, owned.label) == (values["number"], "Front desk"),
            effect="changes",
        ),
        "transfer": Step(
            lambda phone, values: phone.transfer(values["movable"], values["to_account"]),
            lambda moved, values: (moved.number, moved.to_account) == (values["movable"], values["to_account"]),
            effect="changes",
        ),
        "release": Step(
            lambda phone, values: phone.release(values["number"]),
            lambda gone, values: (
                gone.number == values["number"] and gone.state in (ReleaseState.RELEASED, ReleaseState.SCHEDULED)
            ),
            effect="changes",
            gives_up="number",
        ),
    },
)
