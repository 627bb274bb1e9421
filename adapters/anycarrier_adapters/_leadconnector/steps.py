"""Both versions, step by step: what their cassettes are recorded and replayed by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from anycarrier.model import Offer, OwnedNumber, Search
from anycarrier.testing.recording import SCRUBBED, Missing, Step, Steps, Values

from ._later import schemas
from .oauth import Tokens

__all__ = ["steps"]


class _Ended:
    """Keeps tokens that have to be refreshed at once."""

    def __init__(self) -> None:
        self.tokens = Tokens(access_token=SCRUBBED, refresh_token=SCRUBBED, expires_at=0.0)

    def load(self) -> Tokens:
        return self.tokens

    def save(self, tokens: Tokens) -> None:
        self.tokens = tokens


def _search(phone: Any, values: Values) -> list[Offer]:
    offers: list[Offer] = phone.search(Search(area_code=values["area_code"]))
    return offers


def _buy(phone: Any, values: Values) -> OwnedNumber:
    """Of a search of its own: to buy a number by itself would send it in two pieces, which no scrubber recognises."""
    offers = (offer for offer in _search(phone, values) if offer.address_requirement in (None, "none"))
    offer = next(offers, None)
    if offer is None:
        raise Missing("an offer without an address")
    bought: OwnedNumber = phone.buy(offer)
    values["number"] = bought.number
    return bought


def _list(phone: Any, values: Values) -> list[OwnedNumber]:
    numbers: list[OwnedNumber] = phone.list()
    if numbers:
        values["owned"] = numbers[0].number
    return numbers


def steps(provider: Callable[..., Any], more: Mapping[str, Step]) -> Steps:
    """The steps of one version; *more* are its own."""
    return Steps(
        provider=provider,
        settings={"token": SCRUBBED, "location_id": SCRUBBED},
        hidden=lambda provider: (provider.location_id,),
        values={"area_code": "201"},
        steps={
            "token": Step(
                lambda phone, values: phone.run(phone.provider.accounts[0].credentials.headers()),
                lambda headers, values: headers["authorization"].startswith("Bearer "),
                signs_in=lambda: {
                    "token": None, "client_id": SCRUBBED, "client_secret": SCRUBBED, "token_source": _Ended(),
                },
            ),
            "search": Step(
                _search, lambda offers, values: all(offer.number.npa == values["area_code"] for offer in offers)
            ),
            "buy": Step(
                _buy,
                lambda owned, values: owned.number.npa == values["area_code"],
                effect="costs",
                gains=("number",),
            ),
            "list": Step(_list, lambda numbers, values: all(isinstance(owned, OwnedNumber) for owned in numbers)),
            "get": Step(
                lambda phone, values: phone.get(values["owned"]),
                lambda owned, values: owned.number == values["owned"],
            ),
            "number_pools": Step(
                lambda phone, values: phone.run(phone.provider.number_pools()),
                lambda pools, values: all(isinstance(pool, schemas.NumberPool) for pool in pools),
            ),
            **more,
        },
    )  # fmt: skip
