"""Body of an update: the changes that a caller wants, everything else as the record has it, and the check afterwards.

Leadping's update replaces: no document says whether absent members survive. So a number is read, changed and sent back
whole, and the answer must show the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anycarrier.adapter import InvalidInput, Unsupported, flag, shape
from anycarrier_adapters.leadping.errors import PROVIDER
from anycarrier_adapters.leadping.options import AdminOverride, NoOverride, checked_name
from anycarrier_adapters.leadping.schemas import AdminEnablementOverride, NumberRecord

from . import checked_id
from .versions import ApiVersion

__all__ = ["NOT_IN_UPDATE", "changes", "settable", "unconfirmed"]

NOT_IN_UPDATE = (
    "no request of Leadping's API can carry it, and an update would drop it silently; Leadping's staff sets it, and "
    "what it is now stands in the number's detail"
)
_OVERRIDE = "adminEnablementOverride"
_NEVER_SET = frozenset({
    "routing", "route", "routes", "team", "team_id", "source", "source_id", "campaign", "campaign_id", "ten_dlc",
    "warmup", "warmup_enabled", "call_warmup_enabled", "is_default", "is_preferred", "capabilities", "billing",
    "location",
})  # fmt: skip


def changes(
    version: ApiVersion,
    *,
    name: str | None,
    enabled: bool | None,
    business: str | None,
    admin_enablement_override: AdminOverride | NoOverride | None,
    number_health: bool | None,
    others: Mapping[str, object],
) -> dict[str, Any]:
    """Return the members to change, checked.

    Raises:
        InvalidInput: a value that Leadping cannot take, an unknown argument, or nothing to change.
        Unsupported: a request of this *version*, or of every version, has no such member.
    """
    for other in others:
        if other in _NEVER_SET:
            raise Unsupported(PROVIDER, f"leadping.update {other}", NOT_IN_UPDATE)
        raise InvalidInput(
            f"update takes name, enabled, business, admin_enablement_override and number_health, not {other}"
        )
    change: dict[str, Any] = {}
    if name is not None:
        change["name"] = checked_name(name)
    if enabled is not None:
        change["enabled"] = flag("enabled", enabled)
    if business is not None:
        change[version.owner or "businessId"] = checked_id("business", business)
    if admin_enablement_override is not None:
        change[_OVERRIDE] = _decision(admin_enablement_override)
    if number_health is not None:
        change["numberHealthEnabled"] = flag("number_health", number_health)
    if not change:
        raise InvalidInput("name at least one thing to change")
    for field in change:
        if field not in version.update:
            reason = f"a request of version {version.name} has no such field, and the server would drop it silently"
            raise Unsupported(PROVIDER, f"leadping.update {field}", reason)
    return change


def _decision(override: AdminOverride | NoOverride) -> dict[str, Any] | None:
    if isinstance(override, NoOverride):
        return None
    if not isinstance(override, AdminOverride):
        raise InvalidInput(f"admin_enablement_override must be an AdminOverride or NO_OVERRIDE, not {shape(override)}")
    return override.as_dict()


def settable(version: ApiVersion, record: NumberRecord, id: str) -> dict[str, Any]:
    """Return the members that an update of this *version* can set, with the values of *record*."""
    override, owner = record.admin_enablement_override, record.owner
    values = {
        "name": record.name,
        "number": record.number,
        "enabled": record.enabled,
        "id": record.id or id,
        "numberHealthEnabled": record.number_health_enabled,
        _OVERRIDE: override and _stated(override),
        version.owner: owner and owner.id,
    }
    return {name: values[name] for name in version.update if values[name] is not None}


def _stated(override: AdminEnablementOverride) -> dict[str, Any]:
    values = {
        "enabled": override.enabled,
        "reason": override.reason,
        "updatedByUserId": override.updated_by_user_id,
        "updatedAt": None if override.updated_at is None else override.updated_at.isoformat().replace("+00:00", "Z"),
    }
    return {name: value for name, value in values.items() if value is not None}


def unconfirmed(sent: Mapping[str, Any], shown: Mapping[str, Any], change: Mapping[str, Any]) -> list[str]:
    """Return the members of *sent* that the answer, as :func:`settable` reads it, does not confirm.

    A member that was only sent back may be absent from the answer, but must not have another value.
    """
    return [name for name in sent if not _confirms(shown.get(name), name, sent[name], changed=name in change)]


def _confirms(shown: Any, name: str, sent: Any, *, changed: bool) -> bool:
    if not changed and (shown is None or name == _OVERRIDE):
        return True
    if name == _OVERRIDE and sent is not None and shown is not None:
        # Leadping sets who decided, and when.
        return all(shown.get(part) == sent.get(part) for part in ("enabled", "reason"))
    return bool(shown == sent)
