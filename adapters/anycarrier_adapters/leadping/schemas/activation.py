"""Activation of a business or an organization, its 10DLC application among it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anycarrier.adapter import Amount, Details, Flag, Instant, OneOf, Text

from .fields import Figure, Party
from .numbers import IdName

__all__ = ["Activation", "ActivationEvent", "DomainOption", "TenDlcDraft"]

TenDlcDraftBrandStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("NotSubmitted", "Pending", "Approved", "Rejected", "Failed")),
]
ActivationStatusWord: TypeAlias = Annotated[
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
ActivationOnboardingStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Draft", "Submitted", "Failed")),
]
ActivationPaymentStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("PaymentMethodPending", "PaymentMethodConfirmed", "Failed")),
]
ActivationBillingSubscriptionStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Pending", "Active", "Failed", "Canceled")),
]
ActivationLaunchReviewStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("NotReady", "Pending", "Approved", "NotRequired", "Blocked")),
]
ActivationTelephonyStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "NotStarted",
            "ProvisioningPending",
            "PartiallyProvisioned",
            "Ready",
            "Failed",
            "BlockedRequiresOperatorAction",
        )
    ),
]
ActivationWebsiteStatusWord: TypeAlias = Annotated[
    str | None,
    OneOf(
        values=(
            "NotStarted",
            "DomainSuggestionsPending",
            "DomainSelectionPending",
            "DomainPurchasePending",
            "DomainPurchased",
            "WebsiteGenerationQueued",
            "WebsiteGenerating",
            "WebsiteDeploymentQueued",
            "WebsiteDeploying",
            "WebsiteLive",
            "WebsiteFailed",
            "ManuallyBypassed",
        )
    ),
]
ActivationTenDlcStatusWord: TypeAlias = Annotated[
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
            "DraftNeedsAdminReview",
        )
    ),
]
ActivationDomainSearchStageWord: TypeAlias = Annotated[
    str | None,
    OneOf(values=("Queued", "AskingOpenAi", "CheckingCloudflare", "Ranking", "Complete", "Failed")),
]


class DomainOption(Details):
    """Domain that Leadping suggests."""

    domain_name: Text = None
    why_it_fits: Text = None
    industry_relevance: Text = None
    trust_concerns: Text = None
    estimated_annual_cost: Amount = None
    availability_status: Text = None
    recommended: Flag = None


class TenDlcDraft(Details):
    """Draft of the 10DLC application."""

    company_name: Text = None
    contact_name: Text = None
    contact_email: Text = None
    contact_phone: Party = None
    ein: Text = None
    website_url: Text = None
    industry: Text = None
    use_case: Text = None
    use_case_description: Text = None
    message_examples: list[str] | None = None
    opt_in_language: Text = None
    privacy_policy_url: Text = None
    terms_url: Text = None
    expected_monthly_volume: Figure = None
    trusted_form_required: Flag = None
    compliance_warnings: list[str] | None = None
    missing_fields: list[str] | None = None
    brand_status: TenDlcDraftBrandStatusWord = None
    campaign_status: TenDlcDraftBrandStatusWord = None
    last_submitted_at: Instant = None
    rejection_reason: Text = None
    updated_at: Instant = None
    version: Figure = None
    lead_source: Text = None


class ActivationEvent(Details):
    """Step of the activation."""

    id: Text = None
    type: Text = None
    title: Text = None
    details: Text = None
    status: Text = None
    actor: IdName | None = None
    failure_reason: Text = None
    created_at: Instant = None
    actor_name: Text = None


class Activation(Details):
    """State of the activation: billing, telephony, website, 10DLC."""

    status: ActivationStatusWord = None
    onboarding_status: ActivationOnboardingStatusWord = None
    payment_status: ActivationPaymentStatusWord = None
    billing_subscription_status: ActivationBillingSubscriptionStatusWord = None
    launch_review_status: ActivationLaunchReviewStatusWord = None
    controlled_launch: Flag = None
    telephony_status: ActivationTelephonyStatusWord = None
    website_status: ActivationWebsiteStatusWord = None
    ten_dlc_status: ActivationTenDlcStatusWord = None
    ten_dlc_application_id: Text = None
    customer_facing_status: Text = None
    payment_method_confirmed_at: Instant = None
    subscription_pending_at: Instant = None
    subscription_active_at: Instant = None
    launch_review_requested_at: Instant = None
    launch_approved_at: Instant = None
    telephony_provisioning_started_at: Instant = None
    telephony_partially_provisioned_at: Instant = None
    telephony_ready_at: Instant = None
    failed_at: Instant = None
    activated_at: Instant = None
    industry: Text = None
    organization_description: Text = None
    target_audience: Text = None
    offer: Text = None
    website_needs: Text = None
    service_area: Text = None
    compliance_notes: Text = None
    domain_options: list[DomainOption] | None = None
    domain_search_stage: ActivationDomainSearchStageWord = None
    domain_search_id: Text = None
    domain_search_attempt: Figure = None
    available_domain_count: Figure = None
    domain_search_updated_at: Instant = None
    selected_domain: Text = None
    domain_approved_at: Instant = None
    domain_purchased_at: Instant = None
    website_generation_result: Text = None
    website_url: Text = None
    ten_dlc_draft: TenDlcDraft | None = None
    events: list[ActivationEvent] | None = None
    created_at: Instant = None
    updated_at: Instant = None
    business_description: Text = None
