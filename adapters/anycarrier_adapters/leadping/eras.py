"""Leadping changes its API under one unversioned URL. All that differs between the eras in what is sent is this table.

Answers of every era are read whatever the setting: see :mod:`anycarrier_adapters.leadping.schemas`.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

__all__ = ["DEFAULT", "ERAS", "Era"]


@frozen(kw_only=True)
class Era:
    """What a server of one era is sent.

    Attributes:
        name: year and month from which on it is known.
        noun: what owns numbers.
        list_path: of the list operation.
        owner_path: of the owner that the credential belongs to.
        owner: the body's field with the owner's id; ``None`` where the body has none.
        purchase: the body's fields of a purchase. ``numberHealthEnabled`` is always there: a server that knows it bills
            for it when it is absent, and one that does not is expected to ignore it.
        update: the body's fields of an update, which is all that a request can set.
    """

    name: str
    noun: str
    list_path: str
    owner_path: str
    owner: str | None
    purchase: tuple[str, ...]
    update: tuple[str, ...]


ERAS: Mapping[str, Era] = {
    era.name: era
    for era in (
        Era(
            name="2026-06", noun="business", owner="businessId",
            list_path="/phone-numbers/all/my", owner_path="/businesses/me",
            purchase=("name", "number", "enabled", "numberHealthEnabled"),
            update=("name", "number", "businessId", "enabled", "adminEnablementOverride", "id"),
        ),
        Era(
            name="2026-08", noun="organization", owner="organizationId",
            list_path="/phone-numbers/all/organization", owner_path="/organizations/me",
            purchase=("name", "number", "enabled", "numberHealthEnabled"),
            update=("name", "number", "organizationId", "enabled", "id"),
        ),
        Era(
            name="2026-10", noun="organization", owner=None,
            list_path="/phone-numbers/all/organization", owner_path="/organizations/me",
            purchase=("name", "number", "numberHealthEnabled"),
            update=("name", "number", "numberHealthEnabled"),
        ),
    )
}  # fmt: skip
"""By name. Sources: the PyPI package ``leadping`` 1.0.5 (2026-06), the OpenAPI document (2026-08), 1.0.83 (2026-10)."""

DEFAULT = "2026-06"
