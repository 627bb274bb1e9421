"""Operations of voicetel with their arguments, and the fields of its records: for type checkers alone.

Written by ``.ci/make_typing.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, assert_type

from msgspec import UnsetType

from anycarrier import Client, PhoneNumber
from anycarrier.adapter import Answer, Raw, Record, Rows
from anycarrier.secret import Secret
from anycarrier_adapters.voicetel.api import PortFeature
from anycarrier_adapters.voicetel.schemas import (
    AccountInfo,
    AccountUpdated,
    AclAdded,
    AclEntry,
    AclRemoved,
    Assignee,
    Attachment,
    Auth,
    AuthChange,
    Author,
    AuthUpdated,
    Bound,
    CallBilling,
    CallerName,
    CallerNameSet,
    CallRecord,
    CallRecords,
    Campaign,
    CampaignState,
    CarrierDecision,
    CarrierElection,
    CarrierRoute,
    Charge,
    Contact,
    Coverage,
    Credit,
    Customer,
    CustomerAddress,
    CustomerContacts,
    CustomField,
    E911Address,
    E911Record,
    Enablement,
    Fax,
    Forwarded,
    Gateway,
    GatewayNumber,
    InventoryRow,
    Job,
    Key,
    Message,
    MessageHistory,
    MessageValue,
    MessagingState,
    MessagingUpdated,
    Moved,
    NameLookupSet,
    NewAccount,
    NewSubAccount,
    Note,
    NumberRow,
    Order,
    OrderFailure,
    Payment,
    Port,
    Portability,
    PortDetail,
    PortOrder,
    PortOutPin,
    Rates,
    RecurringCharges,
    Registered,
    Registration,
    Routed,
    RouteLookup,
    SentMessage,
    Services,
    Sms,
    Source,
    StaffUser,
    Thread,
    ThreadAction,
    ThreadParts,
    Ticket,
    TicketParts,
    Tickets,
    TicketStatus,
    Translated,
    Unassigned,
    UnassignFailure,
    Unbound,
    Waiting,
)

NUMBER = "+12015550100"
DAY = date(2026, 5, 18)
NOON = datetime(2026, 5, 18, 12, tzinfo=UTC)
phone = Client("voicetel", api_key="0" * 32)

assert_type(phone.native.account_info(), AccountInfo)
assert_type(phone.native.acl(), list[AclEntry])
assert_type(phone.native.add_acl(["x"]), AclAdded)
assert_type(phone.native.add_gateway("x", prefix="x", limit=1), Gateway)
assert_type(phone.native.add_number(NUMBER, route=1), Routed)
assert_type(phone.native.api_key("x", Secret("x")), Secret)
assert_type(phone.native.assign_campaign(NUMBER, "x"), Answer[Bound])
assert_type(phone.native.auth(), Auth)
assert_type(phone.native.campaigns(["x"]), list[CampaignState])
assert_type(phone.native.cdr(start=NOON, end=NOON), CallRecords)
assert_type(phone.native.cnam_lookup(NUMBER), CallerName)
assert_type(phone.native.coverage("block", state="x", city="x", rate_center="x", npa="x", lata=1), list[Coverage])
assert_type(
    phone.native.create_e911(NUMBER, "x", address1="x", city="x", state="x", zip_code="x", address2="x"), E911Record
)
assert_type(phone.native.create_sub_account("x", "x", "x", master_account="x"), NewSubAccount)
assert_type(phone.native.create_ticket("x", "x", email="x"), Ticket)
assert_type(phone.native.credits(status="unpaid"), list[Credit])
assert_type(phone.native.e911(NUMBER), E911Record)
assert_type(phone.native.e911_records(), list[E911Record])
assert_type(phone.native.fax(NUMBER), Fax)
assert_type(phone.native.gateway(1), Gateway)
assert_type(phone.native.gateway_numbers(1), list[GatewayNumber])
assert_type(phone.native.gateways(), list[Gateway])
assert_type(
    phone.native.inventory("x", quantity=1, province="x", rate_center="x", lata="x"), Rows[InventoryRow, Record]
)
assert_type(phone.native.lrn_lookup(NUMBER, NUMBER), RouteLookup)
assert_type(phone.native.messages(NUMBER, kind="dlr", newest=NOON, oldest=NOON), MessageHistory)
assert_type(phone.native.messaging(NUMBER), Answer[MessagingState])
assert_type(phone.native.messaging_states([NUMBER]), list[MessagingState])
assert_type(phone.native.move(NUMBER, 1, 1), Answer[Moved])
assert_type(phone.native.number(NUMBER), Answer[NumberRow])
assert_type(phone.native.numbers(), Iterator[tuple[NumberRow, Raw]])
assert_type(phone.native.order([NUMBER], "x"), Answer[Order])
assert_type(phone.native.payments(), list[Payment])
assert_type(phone.native.port("x"), PortDetail)
assert_type(
    phone.native.port_in(
        [NUMBER],
        name="x",
        name_type="residential",
        billing_number=NUMBER,
        account_number="x",
        authorized_person="x",
        street_number="x",
        street="x",
        street_type="x",
        city="x",
        state="x",
        zip_code="x",
        country="x",
        street_prefix="NW",
        street_suffix="NW",
        building="x",
        floor="x",
        room="x",
        unit="x",
        pin="x",
        desired_due_date=DAY,
        features=[PortFeature(number=NUMBER, gateway=1, caller_name="x", campaign_id="x")],
    ),
    PortOrder,
)
assert_type(phone.native.portability(NUMBER), Portability)
assert_type(phone.native.ports(), list[Port])
assert_type(phone.native.recover_password("x"), Note)
assert_type(phone.native.recurring_charges(), RecurringCharges)
assert_type(phone.native.register_brand("x", "x", description="x"), Registered)
assert_type(phone.native.register_campaign("x", "x", "x", class_name="x", start=NOON), Registered)
assert_type(phone.native.registration(), Registration)
phone.native.release(NUMBER)
phone.native.remove(NUMBER)
assert_type(phone.native.remove_acl(["x"]), AclRemoved)
phone.native.remove_e911(NUMBER)
phone.native.remove_fax(NUMBER)
phone.native.remove_forward(NUMBER)
phone.native.remove_gateway(1)
phone.native.remove_sms(NUMBER)
phone.native.remove_ticket(1)
assert_type(phone.native.reply(1, "x"), Note)
assert_type(phone.native.send_message(NUMBER, NUMBER, "x", subject="x", media_urls=["x"]), SentMessage)
assert_type(phone.native.set_auth(password=Secret("x"), auth_type=3), AuthUpdated)
assert_type(phone.native.set_caller_name(NUMBER, "x", reference="x"), CallerNameSet)
assert_type(phone.native.set_cnam(NUMBER, True), NameLookupSet)
assert_type(phone.native.set_e911(NUMBER, 1, "x"), E911Record)
assert_type(phone.native.set_fax(NUMBER, "x"), Fax)
assert_type(phone.native.set_forward(NUMBER, NUMBER), Forwarded)
assert_type(phone.native.set_messaging(NUMBER, route_in=1, route_out=1), MessagingUpdated)
assert_type(phone.native.set_port_out_pin(NUMBER, "x"), PortOutPin)
assert_type(phone.native.set_route(NUMBER, 1), Routed)
assert_type(phone.native.set_sms(NUMBER, "sip", "x"), Sms)
assert_type(phone.native.set_ticket_status(1, "spam"), TicketStatus)
assert_type(phone.native.set_translation(NUMBER, NUMBER), Translated)
assert_type(phone.native.sign_up("x", "x", promo="x"), NewAccount)
assert_type(phone.native.sms(NUMBER), Sms)
assert_type(phone.native.ticket(1), Ticket)
assert_type(phone.native.ticket_messages(1), list[Thread])
assert_type(phone.native.tickets(), Tickets)
assert_type(phone.native.unassign_campaign(NUMBER, "x"), Answer[Unbound])
assert_type(phone.native.unassign_campaign_of_many([NUMBER], "x"), Unassigned)
assert_type(
    phone.native.update_account(
        caller_id=NUMBER, notify=True, notify_threshold=1, timezone="x", sms=True, mms=True, intl=True, e911=True, ccs=1
    ),
    AccountUpdated,
)
assert_type(phone.native.update_gateway(1, address="x", prefix="x", limit=1), Gateway)
assert_type(phone.native.validate_e911(address1="x", city="x", state="x", zip_code="x", address2="x"), E911Address)


def accountinfo(one: AccountInfo) -> None:
    """Each field of this record."""
    assert_type(one.username, str | None)
    assert_type(one.name, str | None)
    assert_type(one.email, str | None)
    assert_type(one.enabled, bool | None)
    assert_type(one.created, datetime | None)
    assert_type(one.timezone, str | None)
    assert_type(one.cash, Decimal | None)
    assert_type(one.rates, Rates | None)
    assert_type(one.services, Services | None)
    assert_type(one.ccs, int | None)
    assert_type(one.caller_id, PhoneNumber | str | None)
    assert_type(one.notify, bool | None)
    assert_type(one.notify_threshold, int | None)
    assert_type(one.auth_type, int | None)
    assert_type(one.raw, Mapping[str, Any])


def accountupdated(one: AccountUpdated) -> None:
    """Each field of this record."""
    assert_type(one.updated, list[str] | None)
    assert_type(one.raw, Mapping[str, Any])


def acladded(one: AclAdded) -> None:
    """Each field of this record."""
    assert_type(one.added, list[AclEntry] | None)
    assert_type(one.raw, Mapping[str, Any])


def aclentry(one: AclEntry) -> None:
    """Each field of this record."""
    assert_type(one.cidr, str)
    assert_type(one.raw, Mapping[str, Any])


def aclremoved(one: AclRemoved) -> None:
    """Each field of this record."""
    assert_type(one.removed, list[AclEntry] | None)
    assert_type(one.raw, Mapping[str, Any])


def assignee(one: Assignee) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.type, str | None)
    assert_type(one.first_name, str | None)
    assert_type(one.last_name, str | None)
    assert_type(one.email, str | None)
    assert_type(one.photo_url, str | None)
    assert_type(one.raw, Mapping[str, Any])


def attachment(one: Attachment) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.file_name, str | None)
    assert_type(one.file_url, str | None)
    assert_type(one.mime_type, str | None)
    assert_type(one.size, int | None)
    assert_type(one.raw, Mapping[str, Any])


def auth(one: Auth) -> None:
    """Each field of this record."""
    assert_type(one.auth_type, int | None)
    assert_type(one.auth_type_description, str | None)
    assert_type(one.acl, list[AclEntry] | None)
    assert_type(one.raw, Mapping[str, Any])


def authchange(one: AuthChange) -> None:
    """Each field of this record."""
    assert_type(one.field, str | None)
    assert_type(one.value, int | None)
    assert_type(one.raw, Mapping[str, Any])


def authupdated(one: AuthUpdated) -> None:
    """Each field of this record."""
    assert_type(one.updated, list[AuthChange] | None)
    assert_type(one.raw, Mapping[str, Any])


def author(one: Author) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.email, str | None)
    assert_type(one.type, str | None)
    assert_type(one.raw, Mapping[str, Any])


def bound(one: Bound) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber)
    assert_type(one.campaign_id, str | None)
    assert_type(one.carrier, int | None)
    assert_type(one.network, str | None)
    assert_type(one.upstream_cnp_id, str | None)
    assert_type(one.previous_network, str | None)
    assert_type(one.previous_network_cleared, bool | None)
    assert_type(one.status, str | None)
    assert_type(one.job, Job | None)
    assert_type(one.already_assigned, bool | None)
    assert_type(one.order_id, str | None)
    assert_type(one.warning, str | None)
    assert_type(one.message, str | None)
    assert_type(one.raw, Mapping[str, Any])


def callbilling(one: CallBilling) -> None:
    """Each field of this record."""
    assert_type(one.cid, PhoneNumber | str | None)
    assert_type(one.dst, PhoneNumber | str | None)
    assert_type(one.cn, str | None)
    assert_type(one.dur, int | None)
    assert_type(one.nr, Decimal | None)
    assert_type(one.ba, Decimal | None)
    assert_type(one.ip, str | None)
    assert_type(one.raw, Mapping[str, Any])


def callrecord(one: CallRecord) -> None:
    """Each field of this record."""
    assert_type(one.id, str | None)
    assert_type(one.key, list[str | None] | None)
    assert_type(one.value, CallBilling | None)
    assert_type(one.raw, Mapping[str, Any])


def callrecords(one: CallRecords) -> None:
    """Each field of this record."""
    assert_type(one.start, datetime | None)
    assert_type(one.end, datetime | None)
    assert_type(one.cdr, list[CallRecord] | None)
    assert_type(one.raw, Mapping[str, Any])


def callername(one: CallerName) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.cnam, str | None)
    assert_type(one.raw, Mapping[str, Any])


def callernameset(one: CallerNameSet) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.cnam, str | None)
    assert_type(one.carrier_status, str | None)
    assert_type(one.customer_order_reference, str | None)
    assert_type(one.raw, Mapping[str, Any])


def campaign(one: Campaign) -> None:
    """Each field of this record."""
    assert_type(one.id, str | None)
    assert_type(one.status, str | None)
    assert_type(one.network, str | None)
    assert_type(one.upstream_cnp_id, str | None)
    assert_type(one.raw, Mapping[str, Any])


def campaignstate(one: CampaignState) -> None:
    """Each field of this record."""
    assert_type(one.id, str | None)
    assert_type(one.status, str | None)
    assert_type(one.numbers, list[PhoneNumber | str | None] | None)
    assert_type(one.dca, CarrierElection | None)
    assert_type(one.raw, Mapping[str, Any])


def carrierdecision(one: CarrierDecision) -> None:
    """Each field of this record."""
    assert_type(one.carrier, str | None)
    assert_type(one.status, str | None)
    assert_type(one.detail, str | None)
    assert_type(one.updated_at, datetime | None)
    assert_type(one.raw, Mapping[str, Any])


def carrierelection(one: CarrierElection) -> None:
    """Each field of this record."""
    assert_type(one.election_complete, bool | None)
    assert_type(one.elected_carriers, list[str] | None)
    assert_type(one.carriers, list[CarrierDecision] | None)
    assert_type(one.raw, Mapping[str, Any])


def carrierroute(one: CarrierRoute) -> None:
    """Each field of this record."""
    assert_type(one.lrn, PhoneNumber | str | None)
    assert_type(one.ocn, str | None)
    assert_type(one.lec, str | None)
    assert_type(one.lec_type, str | None)
    assert_type(one.rc, str | None)
    assert_type(one.city, str | None)
    assert_type(one.state, str | None)
    assert_type(one.lata, str | None)
    assert_type(one.jurisdiction, str | None)
    assert_type(one.local, str | None)
    assert_type(one.raw, Mapping[str, Any])


def charge(one: Charge) -> None:
    """Each field of this record."""
    assert_type(one.amount, Decimal | None)
    assert_type(one.description, str | None)
    assert_type(one.raw, Mapping[str, Any])


def contact(one: Contact) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.type, str | None)
    assert_type(one.value, str | None)
    assert_type(one.raw, Mapping[str, Any])


def coverage(one: Coverage) -> None:
    """Each field of this record."""
    assert_type(one.count, int | None)
    assert_type(one.loc_state, str | None)
    assert_type(one.city, str | None)
    assert_type(one.rc_abbre, str | None)
    assert_type(one.npa, str | None)
    assert_type(one.nxx, str | None)
    assert_type(one.block, str | None)
    assert_type(one.lata, str | None)
    assert_type(one.raw, Mapping[str, Any])


def credit(one: Credit) -> None:
    """Each field of this record."""
    assert_type(one.paid, bool | None)
    assert_type(one.date, datetime | None)
    assert_type(one.amount, Decimal | None)
    assert_type(one.raw, Mapping[str, Any])


def customfield(one: CustomField) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.name, str | None)
    assert_type(one.value, str | None)
    assert_type(one.text, str | None)
    assert_type(one.raw, Mapping[str, Any])


def customer(one: Customer) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.type, str | None)
    assert_type(one.first_name, str | None)
    assert_type(one.last_name, str | None)
    assert_type(one.email, str | None)
    assert_type(one.company, str | None)
    assert_type(one.job_title, str | None)
    assert_type(one.notes, str | None)
    assert_type(one.photo_url, str | None)
    assert_type(one.photo_type, str | None)
    assert_type(one.created_at, datetime | None)
    assert_type(one.updated_at, datetime | None)
    assert_type(one.embedded, CustomerContacts | None)
    assert_type(one.raw, Mapping[str, Any])


def customeraddress(one: CustomerAddress) -> None:
    """Each field of this record."""
    assert_type(one.street, str | None)
    assert_type(one.city, str | None)
    assert_type(one.state, str | None)
    assert_type(one.zip, str | None)
    assert_type(one.country, str | None)
    assert_type(one.raw, Mapping[str, Any])


def customercontacts(one: CustomerContacts) -> None:
    """Each field of this record."""
    assert_type(one.emails, list[Contact] | None)
    assert_type(one.phones, list[Contact] | None)
    assert_type(one.websites, list[Contact] | None)
    assert_type(one.social_profiles, list[Contact] | None)
    assert_type(one.address, CustomerAddress | None)
    assert_type(one.raw, Mapping[str, Any])


def e911address(one: E911Address) -> None:
    """Each field of this record."""
    assert_type(one.addressid, int)
    assert_type(one.address1, str | None)
    assert_type(one.address2, str | None)
    assert_type(one.city, str | None)
    assert_type(one.state, str | None)
    assert_type(one.zip, str | None)
    assert_type(one.raw, Mapping[str, Any])


def e911record(one: E911Record) -> None:
    """Each field of this record."""
    assert_type(one.dn, PhoneNumber)
    assert_type(one.callername, str | None)
    assert_type(one.address1, str | None)
    assert_type(one.address2, str | None)
    assert_type(one.city, str | None)
    assert_type(one.state, str | None)
    assert_type(one.zip, str | None)
    assert_type(one.raw, Mapping[str, Any])


def enablement(one: Enablement) -> None:
    """Each field of this record."""
    assert_type(one.state, str | None)
    assert_type(one.campaign_id, str | None)
    assert_type(one.message, str | None)
    assert_type(one.created_at, datetime | None)
    assert_type(one.updated_at, datetime | None)
    assert_type(one.raw, Mapping[str, Any])


def fax(one: Fax) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.email, str | None)
    assert_type(one.raw, Mapping[str, Any])


def forwarded(one: Forwarded) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.forward_to, PhoneNumber | str | None)
    assert_type(one.raw, Mapping[str, Any])


def gateway(one: Gateway) -> None:
    """Each field of this record."""
    assert_type(one.id, int)
    assert_type(one.gateway, str | None)
    assert_type(one.prefix, str | None)
    assert_type(one.limit, int | None)
    assert_type(one.system, bool | None)
    assert_type(one.raw, Mapping[str, Any])


def gatewaynumber(one: GatewayNumber) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber)
    assert_type(one.translated, PhoneNumber | str | None)
    assert_type(one.carrier, int | None)
    assert_type(one.cnam, bool | None)
    assert_type(one.forward, bool | None)
    assert_type(one.forward_to, PhoneNumber | str | None)
    assert_type(one.sms_enabled, bool | None)
    assert_type(one.fax_enabled, bool | None)
    assert_type(one.raw, Mapping[str, Any])


def inventoryrow(one: InventoryRow) -> None:
    """Each field of this record."""
    assert_type(one.number, str)
    assert_type(one.rate_center, str | None)
    assert_type(one.city, str | None)
    assert_type(one.province, str | None)
    assert_type(one.lata, str | None)


def job(one: Job) -> None:
    """Each field of this record."""
    assert_type(one.state, str | None)
    assert_type(one.campaign_id, str | None)
    assert_type(one.message, str | None)
    assert_type(one.created_at, datetime | None)
    assert_type(one.updated_at, datetime | None)
    assert_type(one.raw, Mapping[str, Any])


def key(one: Key) -> None:
    """Each field of this record."""
    assert_type(one.apikey, str)


def message(one: Message) -> None:
    """Each field of this record."""
    assert_type(one.id, str | None)
    assert_type(one.key, list[str | None] | None)
    assert_type(one.value, MessageValue | None)
    assert_type(one.raw, Mapping[str, Any])


def messagehistory(one: MessageHistory) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.type, str | None)
    assert_type(one.from_ts, datetime | None)
    assert_type(one.to_ts, datetime | None)
    assert_type(one.messages, list[Message] | None)
    assert_type(one.raw, Mapping[str, Any])


def messagevalue(one: MessageValue) -> None:
    """Each field of this record."""
    assert_type(one.direction, str | None)
    assert_type(one.number, PhoneNumber | str | None)
    assert_type(one.rate, Decimal | None)
    assert_type(one.message, str | None)
    assert_type(one.source_number, PhoneNumber | str | None)
    assert_type(one.destination_number, PhoneNumber | str | None)
    assert_type(one.raw, Mapping[str, Any])


def messagingstate(one: MessagingState) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber)
    assert_type(one.on_account, bool | None)
    assert_type(one.campaign, Campaign | UnsetType | None)
    assert_type(one.enabled, bool | None)
    assert_type(one.carrier, int | None)
    assert_type(one.route_in, int | None)
    assert_type(one.resource, str | None)
    assert_type(one.network, str | None)
    assert_type(one.pending, Enablement | None)
    assert_type(one.raw, Mapping[str, Any])


def messagingupdated(one: MessagingUpdated) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.updated, list[str] | None)
    assert_type(one.raw, Mapping[str, Any])


def moved(one: Moved) -> None:
    """Each field of this record."""
    assert_type(one.number, str)
    assert_type(one.account_id, str | None)
    assert_type(one.route, int | None)


def namelookupset(one: NameLookupSet) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.cnam, bool | None)
    assert_type(one.raw, Mapping[str, Any])


def newaccount(one: NewAccount) -> None:
    """Each field of this record."""
    assert_type(one.username, str | None)
    assert_type(one.password, Secret | None)
    assert_type(one.name, str | None)
    assert_type(one.email, str | None)
    assert_type(one.raw, Mapping[str, Any])


def newsubaccount(one: NewSubAccount) -> None:
    """Each field of this record."""
    assert_type(one.username, str | None)
    assert_type(one.password, Secret | None)
    assert_type(one.name, str | None)
    assert_type(one.email, str | None)
    assert_type(one.master_account, str | None)
    assert_type(one.raw, Mapping[str, Any])


def note(one: Note) -> None:
    """Each field of this record."""
    assert_type(one.message, str | None)
    assert_type(one.raw, Mapping[str, Any])


def numberrow(one: NumberRow) -> None:
    """Each field of this record."""
    assert_type(one.number, str)
    assert_type(one.translated, str | None)
    assert_type(one.route, int | None)
    assert_type(one.gateway, str | None)
    assert_type(one.cnam, bool | None)
    assert_type(one.forward, bool | None)
    assert_type(one.forward_to, str | None)
    assert_type(one.carrier, int | None)
    assert_type(one.sms_enabled, bool | None)
    assert_type(one.fax_enabled, bool | None)


def order(one: Order) -> None:
    """Each field of this record."""
    assert_type(one.order_id, str | None)
    assert_type(one.amount_charged, Decimal | None)
    assert_type(one.numbers_ordered, list[str] | None)
    assert_type(one.failed, list[OrderFailure] | None)


def orderfailure(one: OrderFailure) -> None:
    """Each field of this record."""
    assert_type(one.number, str)
    assert_type(one.reason, str | None)


def payment(one: Payment) -> None:
    """Each field of this record."""
    assert_type(one.amount, Decimal | None)
    assert_type(one.date, datetime | None)
    assert_type(one.status, str | None)
    assert_type(one.payer_email, str | None)
    assert_type(one.transaction_id, str | None)
    assert_type(one.raw, Mapping[str, Any])


def port(one: Port) -> None:
    """Each field of this record."""
    assert_type(one.id, str | None)
    assert_type(one.pid, str | None)
    assert_type(one.status, str | None)
    assert_type(one.created_at, datetime | None)
    assert_type(one.foc, date | None)
    assert_type(one.message, str | None)
    assert_type(one.support_url, str | None)
    assert_type(one.raw, Mapping[str, Any])


def portdetail(one: PortDetail) -> None:
    """Each field of this record."""
    assert_type(one.id, str | None)
    assert_type(one.pid, str | None)
    assert_type(one.status, str | None)
    assert_type(one.created_at, datetime | None)
    assert_type(one.foc, date | None)
    assert_type(one.message, str | None)
    assert_type(one.name, str | None)
    assert_type(one.email, str | None)
    assert_type(one.numbers, list[PhoneNumber | str | None] | None)
    assert_type(one.raw, Mapping[str, Any])


def portorder(one: PortOrder) -> None:
    """Each field of this record."""
    assert_type(one.pid, str | None)
    assert_type(one.port_url, str | None)
    assert_type(one.loa_url, str | None)
    assert_type(one.message, str | None)
    assert_type(one.ticket, int | None)
    assert_type(one.raw, Mapping[str, Any])


def portoutpin(one: PortOutPin) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.port_out_pin, str | None)
    assert_type(one.changed, bool | None)
    assert_type(one.raw, Mapping[str, Any])


def portability(one: Portability) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber)
    assert_type(one.portable, bool)
    assert_type(one.reason, str | None)
    assert_type(one.losing_carrier, str | None)
    assert_type(one.rate_center_tier, str | None)
    assert_type(one.local_routing_number, PhoneNumber | str | None)
    assert_type(one.raw, Mapping[str, Any])


def rates(one: Rates) -> None:
    """Each field of this record."""
    assert_type(one.did, Decimal | None)
    assert_type(one.sms, Decimal | None)
    assert_type(one.mms, Decimal | None)
    assert_type(one.fax, Decimal | None)
    assert_type(one.nibble, Decimal | None)
    assert_type(one.tf_adj, Decimal | None)
    assert_type(one.intl_max, Decimal | None)
    assert_type(one.lrn, Decimal | None)
    assert_type(one.cnam, Decimal | None)
    assert_type(one.raw, Mapping[str, Any])


def recurringcharges(one: RecurringCharges) -> None:
    """Each field of this record."""
    assert_type(one.charges, list[Charge] | None)
    assert_type(one.total, Decimal | None)
    assert_type(one.raw, Mapping[str, Any])


def registered(one: Registered) -> None:
    """Each field of this record."""
    assert_type(one.status_code, str | None)
    assert_type(one.status, str | None)
    assert_type(one.raw, Mapping[str, Any])


def registration(one: Registration) -> None:
    """Each field of this record."""
    assert_type(one.agent, str | None)
    assert_type(one.uri, str | None)
    assert_type(one.raw, Mapping[str, Any])


def routelookup(one: RouteLookup) -> None:
    """Each field of this record."""
    assert_type(one.destination, PhoneNumber | None)
    assert_type(one.ani, PhoneNumber | None)
    assert_type(one.lrn, CarrierRoute | None)
    assert_type(one.raw, Mapping[str, Any])


def routed(one: Routed) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.route, int | None)
    assert_type(one.raw, Mapping[str, Any])


def sentmessage(one: SentMessage) -> None:
    """Each field of this record."""
    assert_type(one.id, str | None)
    assert_type(one.type, str | None)
    assert_type(one.from_number, PhoneNumber | None)
    assert_type(one.to_number, PhoneNumber | None)
    assert_type(one.parts, int | None)
    assert_type(one.subject, str | None)
    assert_type(one.media_urls, list[str] | None)
    assert_type(one.raw, Mapping[str, Any])


def services(one: Services) -> None:
    """Each field of this record."""
    assert_type(one.sms, bool | None)
    assert_type(one.mms, bool | None)
    assert_type(one.rcid, bool | None)
    assert_type(one.bypass_media, bool | None)
    assert_type(one.e911, bool | None)
    assert_type(one.intl, bool | None)
    assert_type(one.cnam, bool | None)
    assert_type(one.dialer, bool | None)
    assert_type(one.raw, Mapping[str, Any])


def sms(one: Sms) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.type, str | None)
    assert_type(one.resource, str | None)
    assert_type(one.raw, Mapping[str, Any])


def source(one: Source) -> None:
    """Each field of this record."""
    assert_type(one.type, str | None)
    assert_type(one.via, str | None)
    assert_type(one.raw, Mapping[str, Any])


def staffuser(one: StaffUser) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.type, str | None)
    assert_type(one.first_name, str | None)
    assert_type(one.last_name, str | None)
    assert_type(one.email, str | None)
    assert_type(one.raw, Mapping[str, Any])


def thread(one: Thread) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.type, str | None)
    assert_type(one.status, str | None)
    assert_type(one.state, str | None)
    assert_type(one.body, str | None)
    assert_type(one.source, Source | None)
    assert_type(one.action, ThreadAction | None)
    assert_type(one.customer, Customer | None)
    assert_type(one.created_by, Author | None)
    assert_type(one.assigned_to, StaffUser | None)
    assert_type(one.to, list[str] | None)
    assert_type(one.cc, list[str] | None)
    assert_type(one.bcc, list[str] | None)
    assert_type(one.created_at, datetime | None)
    assert_type(one.opened_at, datetime | None)
    assert_type(one.rating, int | None)
    assert_type(one.rating_comment, str | None)
    assert_type(one.embedded, ThreadParts | None)
    assert_type(one.raw, Mapping[str, Any])


def threadaction(one: ThreadAction) -> None:
    """Each field of this record."""
    assert_type(one.type, str | None)
    assert_type(one.text, str | None)
    assert_type(one.raw, Mapping[str, Any])


def threadparts(one: ThreadParts) -> None:
    """Each field of this record."""
    assert_type(one.attachments, list[Attachment] | None)
    assert_type(one.raw, Mapping[str, Any])


def ticket(one: Ticket) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.number, int | None)
    assert_type(one.type, str | None)
    assert_type(one.status, str | None)
    assert_type(one.state, str | None)
    assert_type(one.subject, str | None)
    assert_type(one.preview, str | None)
    assert_type(one.folder_id, int | None)
    assert_type(one.mailbox_id, int | None)
    assert_type(one.threads_count, int | None)
    assert_type(one.source, Source | None)
    assert_type(one.assignee, Assignee | None)
    assert_type(one.customer, Customer | None)
    assert_type(one.created_by, Author | None)
    assert_type(one.cc, list[str] | None)
    assert_type(one.bcc, list[str] | None)
    assert_type(one.created_at, datetime | None)
    assert_type(one.updated_at, datetime | None)
    assert_type(one.user_updated_at, datetime | None)
    assert_type(one.closed_at, datetime | None)
    assert_type(one.closed_by, int | None)
    assert_type(one.closed_by_user, StaffUser | None)
    assert_type(one.customer_waiting_since, Waiting | None)
    assert_type(one.custom_fields, list[CustomField] | None)
    assert_type(one.embedded, TicketParts | None)
    assert_type(one.raw, Mapping[str, Any])


def ticketparts(one: TicketParts) -> None:
    """Each field of this record."""
    assert_type(one.threads, list[Thread] | None)
    assert_type(one.raw, Mapping[str, Any])


def ticketstatus(one: TicketStatus) -> None:
    """Each field of this record."""
    assert_type(one.id, int | None)
    assert_type(one.status, str | None)
    assert_type(one.raw, Mapping[str, Any])


def tickets(one: Tickets) -> None:
    """Each field of this record."""
    assert_type(one.tickets, list[Ticket] | None)
    assert_type(one.total_count, int | None)
    assert_type(one.raw, Mapping[str, Any])


def translated(one: Translated) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | None)
    assert_type(one.translation, PhoneNumber | str | None)
    assert_type(one.raw, Mapping[str, Any])


def unassignfailure(one: UnassignFailure) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber | str | None)
    assert_type(one.reason, str | None)
    assert_type(one.raw, Mapping[str, Any])


def unassigned(one: Unassigned) -> None:
    """Each field of this record."""
    assert_type(one.campaign_id, str | None)
    assert_type(one.unassigned_numbers, list[PhoneNumber | str | None] | None)
    assert_type(one.failed, list[UnassignFailure] | None)
    assert_type(one.network, str | None)
    assert_type(one.upstream_cnp_id, str | None)
    assert_type(one.raw, Mapping[str, Any])


def unbound(one: Unbound) -> None:
    """Each field of this record."""
    assert_type(one.number, PhoneNumber)
    assert_type(one.campaign_id, str | None)
    assert_type(one.unassigned, bool | None)
    assert_type(one.network, str | None)
    assert_type(one.upstream_cnp_id, str | None)
    assert_type(one.raw, Mapping[str, Any])


def waiting(one: Waiting) -> None:
    """Each field of this record."""
    assert_type(one.time, datetime | None)
    assert_type(one.friendly, str | None)
    assert_type(one.latest_reply_from, str | None)
    assert_type(one.raw, Mapping[str, Any])
