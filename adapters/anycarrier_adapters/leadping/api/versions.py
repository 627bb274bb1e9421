"""Versions of Leadping's API, which changes under one unversioned URL: a table of all that differs in requests.

Answers of every version are read, whatever the setting: see :mod:`anycarrier_adapters.leadping.schemas`.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

__all__ = ["DEFAULT", "VERSIONS", "ApiVersion"]


@frozen(kw_only=True)
class ApiVersion:
    """Requests that a server of one version takes.

    Attributes:
        name: year and month of the first document that has it.
        noun: the owner of numbers, in Leadping's word.
        list_path: path of the list operation.
        owner_path: path of the owner that the credential belongs to.
        owner: body member with the owner's id; ``None`` if the body has none.
        purchase: body members of a purchase. ``numberHealthEnabled`` is always there: a server that knows it bills for
            it when it is absent, and one that does not is expected to ignore it.
        update: body members of an update, which is all that a request can set.
    """

    name: str
    noun: str
    list_path: str
    owner_path: str
    owner: str | None
    purchase: tuple[str, ...]
    update: tuple[str, ...]


VERSIONS: Mapping[str, ApiVersion] = {
    version.name: version
    for version in (
        ApiVersion(
            name="2026-06",
            noun="business",
            owner="businessId",
            list_path="/phone-numbers/all/my",
            owner_path="/businesses/me",
            purchase=("name", "number", "enabled", "numberHealthEnabled"),
            update=("name", "number", "businessId", "enabled", "adminEnablementOverride", "id"),
        ),
        ApiVersion(
            name="2026-08",
            noun="organization",
            owner="organizationId",
            list_path="/phone-numbers/all/organization",
            owner_path="/organizations/me",
            purchase=("name", "number", "enabled", "numberHealthEnabled"),
            update=("name", "number", "organizationId", "enabled", "id"),
        ),
        ApiVersion(
            name="2026-10",
            noun="organization",
            owner=None,
            list_path="/phone-numbers/all/organization",
            owner_path="/organizations/me",
            purchase=("name", "number", "numberHealthEnabled"),
            update=("name", "number", "numberHealthEnabled"),
        ),
    )
}
"""By name. Sources: the PyPI package ``leadping`` 1.0.5 (2026-06), the OpenAPI document (2026-08), 1.0.83 (2026-10)."""

DEFAULT = "2026-06"
