"""Words for the states of a number: the enums of Leadping's documents, of every version."""

from __future__ import annotations

from enum import StrEnum


class InventoryState(StrEnum):
    """State of a number in Leadping's inventory (2026-06)."""

    AVAILABLE = "Available"
    ASSIGNED = "Assigned"
    PENDING_VERIFICATION = "Pending verification"
    READY_FOR_SMS = "Ready for SMS"
    READY_FOR_VOICE = "Ready for voice"
    RESTRICTED = "Restricted"
    SUSPENDED = "Suspended"
    FAILED = "Failed"
    RELEASED = "Released"
    PENDING_RELEASE = "Pending release"
    WARMUP_ONLY = "Warmup-only"
    INTERNAL_TEST_ONLY = "Internal/test-only"


class NumberStatus(StrEnum):
    """Status of a number (2026-06)."""

    UNREGISTERED = "Unregistered"
    PROVISIONING = "Provisioning"
    FAILED_PROVISIONING = "FailedProvisioning"
    ACTIVE = "Active"
    EXPIRED = "Expired"
    SUSPENDED = "Suspended"
    PENDING_RELEASE = "PendingRelease"


class LifecycleState(StrEnum):
    """``providerLifecycleState`` of a row of the list (2026-06)."""

    UNKNOWN = "Unknown"
    REQUESTED = "Requested"
    PURCHASING = "Purchasing"
    PURCHASED = "Purchased"
    PROVISIONING = "Provisioning"
    ACTIVE = "Active"
    FAILED = "Failed"
    RELEASED = "Released"
    SUSPENDED = "Suspended"


class WarmupState(StrEnum):
    """Warm-up of texts, and its health (``warmupState`` and ``healthStatus`` of 2026-06)."""

    NOT_STARTED = "Not Started"
    WARMING = "Warming"
    HEALTHY = "Healthy"
    NEEDS_ATTENTION = "Needs Attention"
    PAUSED = "Paused"
    BLOCKED = "Blocked"
    READY = "Ready"


class CallWarmupState(StrEnum):
    """Warm-up of calls (2026-06)."""

    NOT_STARTED = "Not Started"
    NOT_ELIGIBLE = "Not Eligible"
    WARMING = "Warming"
    WARMED = "Warmed"
    PAUSED = "Paused"
    NEEDS_ATTENTION = "Needs Attention"
    BLOCKED = "Blocked"


class CallWarmupStage(StrEnum):
    """Stage of the warm-up of calls (every version; ``warmup.callStage`` in the later ones)."""

    STAGE_0 = "Stage 0"
    STAGE_1 = "Stage 1"
    STAGE_2 = "Stage 2"
    STAGE_3 = "Stage 3"
    STAGE_4 = "Stage 4"


class ReadinessState(StrEnum):
    """``warmup.state`` (2026-08 and later)."""

    NOT_STARTED = "Not Started"
    IN_PROGRESS = "In Progress"
    PAUSED = "Paused"
    BLOCKED = "Blocked"
    READY = "Ready"


class ReadinessHealth(StrEnum):
    """``warmup.healthStatus`` (2026-08 and later)."""

    NOT_EVALUATED = "Not Evaluated"
    EVALUATING = "Evaluating"
    HEALTHY = "Healthy"
    NEEDS_ATTENTION = "Needs Attention"
    BLOCKED = "Blocked"


class Ownership(StrEnum):
    """Party whose traffic a number serves (2026-10; free text in the rows of earlier versions)."""

    UNASSIGNED = "Unassigned"
    LEADPING = "Leadping"
    ORGANIZATION = "Organization"
