"""Types of ``client.native``, written by ``.ci/make_native.py``: for type checkers alone."""

from typing import Any, overload

from anycarrier.client._native_modes import Awaiting, Blocking, ClientOf, Mode, Operations, listing, operation
from anycarrier.decoding.raw import Raw
from anycarrier_adapters.lc_legacy import LCLegacy
from anycarrier_adapters.lc_legacy.api import Api as LCLegacyApi
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.lc_phone.api import Api as LCPhoneApi
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.leadping.api import Api as LeadpingApi
from anycarrier_adapters.leadping.schemas.details import NumberRowDetails as leadping_NumberRowDetails
from anycarrier_adapters.leadping.schemas.events import CallEvent as leadping_CallEvent
from anycarrier_adapters.leadping.schemas.events import SmsEvent as leadping_SmsEvent
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.api import Api as VoiceTelApi
from anycarrier_adapters.voicetel.schemas.numbers import NumberRow as voicetel_NumberRow

__all__ = ["AwaitingNative", "BlockingNative"]

_lc_legacy: LCLegacyApi
_lc_phone: LCPhoneApi
_leadping: LeadpingApi
_voicetel: VoiceTelApi

class _NativeLCLegacy(Operations[Mode]):
    """Operations of lc_legacy."""

    access_token = operation(_lc_legacy.access_token)
    available = operation(_lc_legacy.available)
    installed_locations = operation(_lc_legacy.installed_locations)
    location_token = operation(_lc_legacy.location_token)
    number_page = operation(_lc_legacy.number_page)
    number_pools = operation(_lc_legacy.number_pools)
    numbers = listing(_lc_legacy.numbers)
    pool_list = operation(_lc_legacy.pool_list)
    purchase = operation(_lc_legacy.purchase)

class _NativeLCPhone(Operations[Mode]):
    """Operations of lc_phone."""

    access_token = operation(_lc_phone.access_token)
    available = operation(_lc_phone.available)
    installed_locations = operation(_lc_phone.installed_locations)
    location_token = operation(_lc_phone.location_token)
    number_page = operation(_lc_phone.number_page)
    number_pools = operation(_lc_phone.number_pools)
    numbers = listing(_lc_phone.numbers)
    pool_list = operation(_lc_phone.pool_list)
    purchase = operation(_lc_phone.purchase)
    rcs_sender_ids = operation(_lc_phone.rcs_sender_ids)

class _NativeLeadping(Operations[Mode]):
    """Operations of leadping."""

    call_events = listing(_leadping.call_events, leadping_CallEvent)
    check_number = operation(_leadping.check_number)
    clear_sender = operation(_leadping.clear_sender)
    create_number = operation(_leadping.create_number)
    delete_number = operation(_leadping.delete_number)
    get_number = operation(_leadping.get_number)
    list_numbers = listing(_leadping.list_numbers, leadping_NumberRowDetails)
    outbound_overview = operation(_leadping.outbound_overview)
    owner = operation(_leadping.owner)
    owner_options = operation(_leadping.owner_options)
    search_numbers = operation(_leadping.search_numbers)
    sender_for_conversation = operation(_leadping.sender_for_conversation)
    sender_for_new = operation(_leadping.sender_for_new)
    set_sender = operation(_leadping.set_sender)
    sms_events = listing(_leadping.sms_events, leadping_SmsEvent)
    status = operation(_leadping.status)
    switch_owner = operation(_leadping.switch_owner)
    update_number = operation(_leadping.update_number)
    validate_sender = operation(_leadping.validate_sender)
    wallet = operation(_leadping.wallet)
    warmup = operation(_leadping.warmup)

class _NativeVoiceTel(Operations[Mode]):
    """Operations of voicetel."""

    account_info = operation(_voicetel.account_info)
    acl = operation(_voicetel.acl)
    add_acl = operation(_voicetel.add_acl)
    add_gateway = operation(_voicetel.add_gateway)
    add_number = operation(_voicetel.add_number)
    api_key = operation(_voicetel.api_key)
    assign_campaign = operation(_voicetel.assign_campaign)
    auth = operation(_voicetel.auth)
    campaigns = operation(_voicetel.campaigns)
    cdr = operation(_voicetel.cdr)
    cnam_lookup = operation(_voicetel.cnam_lookup)
    coverage = operation(_voicetel.coverage)
    create_e911 = operation(_voicetel.create_e911)
    create_sub_account = operation(_voicetel.create_sub_account)
    create_ticket = operation(_voicetel.create_ticket)
    credits = operation(_voicetel.credits)
    e911 = operation(_voicetel.e911)
    e911_records = operation(_voicetel.e911_records)
    fax = operation(_voicetel.fax)
    gateway = operation(_voicetel.gateway)
    gateway_numbers = operation(_voicetel.gateway_numbers)
    gateways = operation(_voicetel.gateways)
    inventory = operation(_voicetel.inventory)
    lrn_lookup = operation(_voicetel.lrn_lookup)
    messages = operation(_voicetel.messages)
    messaging = operation(_voicetel.messaging)
    messaging_states = operation(_voicetel.messaging_states)
    move = operation(_voicetel.move)
    number = operation(_voicetel.number)
    numbers = listing(_voicetel.numbers, tuple[voicetel_NumberRow, Raw])
    order = operation(_voicetel.order)
    payments = operation(_voicetel.payments)
    port = operation(_voicetel.port)
    port_in = operation(_voicetel.port_in)
    portability = operation(_voicetel.portability)
    ports = operation(_voicetel.ports)
    recover_password = operation(_voicetel.recover_password)
    recurring_charges = operation(_voicetel.recurring_charges)
    register_brand = operation(_voicetel.register_brand)
    register_campaign = operation(_voicetel.register_campaign)
    registration = operation(_voicetel.registration)
    release = operation(_voicetel.release)
    remove = operation(_voicetel.remove)
    remove_acl = operation(_voicetel.remove_acl)
    remove_e911 = operation(_voicetel.remove_e911)
    remove_fax = operation(_voicetel.remove_fax)
    remove_forward = operation(_voicetel.remove_forward)
    remove_gateway = operation(_voicetel.remove_gateway)
    remove_sms = operation(_voicetel.remove_sms)
    remove_ticket = operation(_voicetel.remove_ticket)
    reply = operation(_voicetel.reply)
    send_message = operation(_voicetel.send_message)
    set_auth = operation(_voicetel.set_auth)
    set_caller_name = operation(_voicetel.set_caller_name)
    set_cnam = operation(_voicetel.set_cnam)
    set_e911 = operation(_voicetel.set_e911)
    set_fax = operation(_voicetel.set_fax)
    set_forward = operation(_voicetel.set_forward)
    set_messaging = operation(_voicetel.set_messaging)
    set_port_out_pin = operation(_voicetel.set_port_out_pin)
    set_route = operation(_voicetel.set_route)
    set_sms = operation(_voicetel.set_sms)
    set_ticket_status = operation(_voicetel.set_ticket_status)
    set_translation = operation(_voicetel.set_translation)
    sign_up = operation(_voicetel.sign_up)
    sms = operation(_voicetel.sms)
    ticket = operation(_voicetel.ticket)
    ticket_messages = operation(_voicetel.ticket_messages)
    tickets = operation(_voicetel.tickets)
    unassign_campaign = operation(_voicetel.unassign_campaign)
    unassign_campaign_of_many = operation(_voicetel.unassign_campaign_of_many)
    update_account = operation(_voicetel.update_account)
    update_gateway = operation(_voicetel.update_gateway)
    validate_e911 = operation(_voicetel.validate_e911)

class BlockingNative:
    """Type of ``native`` in this mode."""

    @overload
    def __get__(self, instance: ClientOf[LCLegacy], owner: Any) -> _NativeLCLegacy[Blocking]: ...
    @overload
    def __get__(self, instance: ClientOf[LCPhone], owner: Any) -> _NativeLCPhone[Blocking]: ...
    @overload
    def __get__(self, instance: ClientOf[Leadping], owner: Any) -> _NativeLeadping[Blocking]: ...
    @overload
    def __get__(self, instance: ClientOf[VoiceTel], owner: Any) -> _NativeVoiceTel[Blocking]: ...
    @overload
    def __get__(self, instance: Any, owner: Any) -> Any: ...

class AwaitingNative:
    """Type of ``native`` in this mode."""

    @overload
    def __get__(self, instance: ClientOf[LCLegacy], owner: Any) -> _NativeLCLegacy[Awaiting]: ...
    @overload
    def __get__(self, instance: ClientOf[LCPhone], owner: Any) -> _NativeLCPhone[Awaiting]: ...
    @overload
    def __get__(self, instance: ClientOf[Leadping], owner: Any) -> _NativeLeadping[Awaiting]: ...
    @overload
    def __get__(self, instance: ClientOf[VoiceTel], owner: Any) -> _NativeVoiceTel[Awaiting]: ...
    @overload
    def __get__(self, instance: Any, owner: Any) -> Any: ...
