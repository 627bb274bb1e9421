"""Businesses and organizations, which own numbers."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anycarrier.adapter import Amount, Details, Flag, Instant, OneOf, Text

from .activation import Activation
from .fields import Figure, Party
from .numbers import AdminEnablementOverride, IdName

__all__ = [
    "BillingState",
    "Cancellation",
    "CompliancePolicy",
    "Dunning",
    "IdNameValue",
    "Owner",
    "StreetAddress",
    "StripeInfo",
    "SwitchOption",
]

BillingStatePendingBillingPlanWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Annual", "Monthly")),
]
OwnerSubscriptionStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Pending", "Active", "Overdue", "Canceled")),
]
OwnerStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("SettingUp", "SetupCompleted", "Active")),
]
OwnerSetupStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=("Personal", "Organization", "Details", "Compliance", "Phone", "Plan", "Billing", "Review", "Complete")
    ),
]
OwnerSetupStepWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "DomainFinding",
            "DomainOptionsFound",
            "SiteGenerating",
            "SiteGenerated",
            "BrandSubmitted",
            "BrandApproved",
            "CampaignSubmitted",
            "CampaignApproved",
            "CarrierReviewing",
            "TenDlcComplete",
            "Complete",
        )
    ),
]
SwitchOptionRoleWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Owner", "Admin", "Agent")),
]
SwitchOptionActivationStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "DraftOnboarding",
            "PaymentMethodPending",
            "PaymentMethodConfirmed",
            "SubscriptionPending",
            "SubscriptionReceived",
            "SubscriptionActive",
            "LaunchReviewPending",
            "TelephonyProvisioningPending",
            "TelephonyPartiallyProvisioned",
            "TelephonyReady",
            "AwaitingReview",
            "DomainSelection",
            "WebsiteSetup",
            "ComplianceRegistration",
            "ReadyForApproval",
            "Active",
            "Failed",
            "Blocked",
            "BlockedRequiresOperatorAction",
            "ManuallyBypassed",
        )
    ),
]
SwitchOptionTenDlcStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "NotStarted",
            "DraftGenerated",
            "DraftIncomplete",
            "ReadyToSubmit",
            "Submitted",
            "PendingTelnyxReview",
            "Approved",
            "Rejected",
            "NeedsChanges",
            "ResubmissionReady",
            "Failed",
        )
    ),
]


class IdNameValue(Details):
    """Reference to a document or a number."""

    value: Text = None
    id: Text = None
    name: Text = None


class StreetAddress(Details):
    """Postal address."""

    line1: Text = None
    line2: Text = None
    city: Text = None
    state: Text = None
    province: Text = None
    region: Text = None
    postal_code: Text = None
    country: Text = None
    additional_info: Text = None


class Dunning(Details):
    """Recovery of a payment that failed."""

    stage: Text = None
    payment_failed_at: Instant = None
    last_failed_invoice_status: Text = None
    retry_attempt_count: Figure = None
    next_retry_at: Instant = None
    grace_period_ends_at: Instant = None
    outbound_restricted_at: Instant = None
    outbound_suspended_at: Instant = None
    final_cancellation_at: Instant = None
    last_updated_at: Instant = None
    last_failed_invoice_id: Text = None


class BillingState(Details):
    """State of the subscription (2026-08 and later)."""

    has_stripe_customer: Flag = None
    has_payment_method: Flag = None
    phone_number_quantity: Figure = None
    organization_member_quantity: Figure = None
    organization_member_assigned_quantity: Figure = None
    pending_billing_plan: BillingStatePendingBillingPlanWord = None
    billing_plan_change_effective_at: Instant = None
    plan_renewal_at: Instant = None
    plan_period_start_at: Instant = None
    cancel_at: Instant = None
    dunning: Dunning | None = None
    last_subscription_event_at: Instant = None
    last_payment_method_event_at: Instant = None


class Cancellation(Details):
    """Cancellation of a subscription (2026-06)."""

    cancel_at_period_end: Flag = None
    competitor: Text = None
    missing_feature: Text = None
    notes: Text = None
    reason: Text = None
    reason_code: Text = None
    requested_at: Instant = None
    requested_by_user_id: Text = None
    technical_issues: Text = None


class StripeInfo(Details):
    """Ids of the payment processor (2026-06)."""

    business_user_subscription_item_id: Text = None
    cancel_at: Instant = None
    cancellation: Cancellation | None = None
    customer_id: Text = None
    default_payment_method_id: Text = None
    dunning: Dunning | None = None
    last_payment_method_event_at: Instant = None
    last_subscription_event_at: Instant = None
    phone_subscription_id: Text = None
    phone_subscription_item_id: Text = None
    plan_subscription_id: Text = None
    plan_subscription_item_id: Text = None
    subscription_ids: list[str] | None = None


class CompliancePolicy(Details):
    """Rules for leads."""

    enabled: Flag = None
    allowed_states: list[str] | None = None
    allowed_products: list[str] | None = None
    require_lead_state: Flag = None
    require_agent_license_state: Flag = None
    require_product: Flag = None
    require_trusted_form_for_automations: Flag = None
    require_source_compliance_approval: Flag = None


class Owner(Details):
    """Owner of numbers: a business in 2026-06, later an organization."""

    secondary_name: Text = None
    user: IdName | None = None
    account_balance: Amount = None
    billing_plan: BillingStatePendingBillingPlanWord = None
    subscription_status: OwnerSubscriptionStatusWord = None
    billing_state: BillingState | None = None
    auto_refill_enabled: Flag = None
    auto_refill_amount: Amount = None
    auto_refill_trigger: Amount = None
    status: OwnerStatusWord = None
    setup_status: OwnerSetupStatusWord = None
    enabled: Flag = None
    phone: Party = None
    website: Text = None
    address: StreetAddress | None = None
    billing_name: Text = None
    billing_address: StreetAddress | None = None
    billing_tax_id: Text = None
    vertical: Text = None
    description: Text = None
    ein: Text = None
    ein_document: IdNameValue | None = None
    domain: Text = None
    phones: list[IdNameValue] | None = None
    site: IdName | None = None
    setup_step: OwnerSetupStepWord = None
    activation: Activation | None = None
    compliance_policy: CompliancePolicy | None = None
    name: Text = None
    id: Text = None
    created_at: Instant = None
    modified_at: Instant = None
    is_demo: Flag = None
    admin_enablement_override: AdminEnablementOverride | None = None
    stripe_info: StripeInfo | None = None


class SwitchOption(Details):
    """Business or organization that the user can switch to."""

    id: Text = None
    name: Text = None
    role: SwitchOptionRoleWord = None
    is_current: Flag = None
    last_used_at: Instant = None
    organization_status: OwnerStatusWord = None
    activation_status: SwitchOptionActivationStatusWord = None
    ten_dlc_status: SwitchOptionTenDlcStatusWord = None
    needs_admin_review: Flag = None
    activation_summary: Text = None
    has_payment_method: Flag = None
    ready_for_customer_traffic: Flag = None
    is_demo: Flag = None
    business_status: OwnerStatusWord = None
