"""Recording recipe of Leadping.

A recording needs the values ``movable``, a number of the account that may be given away, ``to_account``, its new owner,
and ``campaign``, the id of a 10DLC campaign of a number.
"""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from anycarrier.errors import InvalidRequest
from anycarrier.model import OwnedNumber, Status
from anycarrier.testing import SCRUBBED, Step, Steps, Values, standard_steps
from anycarrier_adapters.leadping import Leadping

__all__ = ["STEPS"]

STANDARD = standard_steps()
GET = STANDARD["get"]


def _buy(phone: Any, values: Values) -> OwnedNumber:
    bought: OwnedNumber = phone.buy(values["found"], key=values.get("key", f"ac1_{token_hex(13)}"))
    values["number"] = bought.number
    return bought


STEPS = Steps(
    provider=Leadping,
    settings={"api_key": SCRUBBED},
    replay_settings=lambda provider: {"api_version": provider.api_version.name},
    values={"area_code": "201"},
    steps={
        "search": STANDARD["search"],
        "search_refused": Step(
            STANDARD["search"].ask,
            lambda error, values: bool(error.detail),
            effect="documented",
            refused=InvalidRequest,
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
        "list": STANDARD["list"],
        "get": Step(GET.ask, lambda owned, values: GET.check(owned, values) and owned.id),
        "august_get": Step(GET.ask, GET.check, effect="documented"),
        "october_get": Step(GET.ask, GET.check, effect="documented"),
        "campaign_of": STANDARD["campaign_of"],
        "balance": Step(lambda phone, values: phone.balance(), lambda balance, values: balance.amount is not None),
        "campaigns": Step(
            lambda phone, values: phone.campaigns(), lambda found, values: all(one.id and one.raw for one in found)
        ),
        "campaign": Step(
            lambda phone, values: phone.campaign(values["campaign"]),
            lambda found, values: found.id == values["campaign"],
        ),
        "update": Step(
            lambda phone, values: phone.run(phone.provider.update(values["number"], name="Front desk")),
            lambda owned, values: (owned.number, owned.label) == (values["number"], "Front desk"),
            effect="changes",
        ),
        "set_label": Step(
            lambda phone, values: phone.set_label(values["number"], "Front desk"),
            lambda owned, values: (owned.number, owned.label) == (values["number"], "Front desk"),
            effect="changes",
        ),
        "set_enabled": Step(
            lambda phone, values: phone.set_enabled(values["number"], False),
            lambda owned, values: owned.number == values["number"] and owned.detail.enabled is False,
            effect="changes",
        ),
        "transfer": Step(
            lambda phone, values: phone.transfer(values["movable"], values["to_account"]),
            lambda moved, values: (moved.number, moved.to_account) == (values["movable"], values["to_account"]),
            effect="changes",
        ),
        "release": STANDARD["release"],
    },
)
