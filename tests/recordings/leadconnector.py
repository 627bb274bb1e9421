"""Steps that both LeadConnector APIs have.

Those of a company need its token, and the values ``company_id``, ``other_location`` (one of its locations) and
``app_id``.
"""

from __future__ import annotations

from typing import Any

from anycarrier.account_records import Pool
from anycarrier.model import OwnedNumber
from anycarrier.search import Search
from anycarrier.testing import SCRUBBED, Missing, Step, Steps, Values, standard_steps
from anycarrier_adapters._leadconnector.auth import Tokens
from anycarrier_adapters._leadconnector.schemas import NumberPool

__all__ = ["steps"]


class _ExpiredTokens:
    """Token source whose access token has to be refreshed at once."""

    def __init__(self) -> None:
        self.tokens = Tokens(access_token=SCRUBBED, refresh_token=SCRUBBED, expires_at=0.0)

    def load(self) -> Tokens:
        return self.tokens

    def save(self, tokens: Tokens) -> None:
        self.tokens = tokens


def _buy(phone: Any, values: Values) -> OwnedNumber:
    """Buy an offer of a search of its own.

    To buy a number by itself would send it in two pieces, which the scrubber does not recognize.
    """
    offers = phone.search(Search(area_code=values["area_code"]))
    offer = next((offer for offer in offers if offer.address_requirement in (None, "none")), None)
    if offer is None:
        raise Missing("an offer without an address")
    bought: OwnedNumber = phone.buy(offer)
    values["number"] = bought.number
    return bought


def steps(provider: type[Any], **more: Step) -> Steps:
    """All steps of one API; *more* are those that only this one has."""
    standard = standard_steps(found=())
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
                    "token": None,
                    "client_id": SCRUBBED,
                    "client_secret": SCRUBBED,
                    "token_source": _ExpiredTokens(),
                },
            ),
            "search": standard["search"],
            "buy": Step(
                _buy, lambda owned, values: owned.number.npa == values["area_code"], effect="costs", gains=("number",)
            ),
            "list": standard["list"],
            "get": standard["get"],
            "number_pools": Step(
                lambda phone, values: phone.run(phone.provider.number_pools()),
                lambda pools, values: all(isinstance(pool, NumberPool) for pool in pools),
            ),
            "pools": Step(
                lambda phone, values: phone.pools(),
                lambda pools, values: all(isinstance(pool, Pool) for pool in pools),
            ),
            "location_token": Step(
                lambda phone, values: phone.run(
                    phone.provider.api.location_token(values["company_id"], values["other_location"])
                ),
                lambda grant, values: grant.access_token and grant.location_id == values["other_location"],
                effect="changes",
            ),
            "installed_locations": Step(
                lambda phone, values: phone.run(
                    phone.provider.api.installed_locations(values["company_id"], values["app_id"])
                ),
                lambda found, values: all(one.id for one in found.items or found.locations or ()),
            ),
            **more,
        },
    )
