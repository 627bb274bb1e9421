"""The account: settings, balance, records."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias
from urllib.parse import unquote

from anycarrier.adapter import (
    Amount,
    Details,
    Flag,
    Hidden,
    Instant,
    Meta,
    NumberOrText,
    OneOf,
    Rate,
    Record,
    Text,
    UnixTime,
    Whole,
)

from ._base import moment

__all__ = [
    "AccountInfo",
    "AccountUpdated",
    "CallBilling",
    "CallRecord",
    "CallRecords",
    "Charge",
    "Credit",
    "Key",
    "NewAccount",
    "NewSubAccount",
    "Payment",
    "Rates",
    "RecurringCharges",
    "Registration",
    "Services",
]

PaymentStatus: TypeAlias = Annotated[
    str | None, OneOf(values=("Completed", "Pending", "Reversed", "Refunded", "Failed", "Denied", "Canceled_Reversal"))
]


class Services(Details):
    """Services that are enabled on an account.

    Attributes:
        sms: texts; ``mms`` with media.
        rcid: member of 2.2.10, without a description; later releases dropped it.
        bypass_media: audio does not pass through VoiceTel.
        e911: emergency addresses can be set.
        intl: international calls.
        cnam: callers' names are looked up.
        dialer: calls by an automatic dialer.
    """

    sms: Flag = None
    mms: Flag = None
    rcid: Flag = None
    bypass_media: Flag = None
    e911: Flag = None
    intl: Flag = None
    cnam: Flag = None
    dialer: Flag = None


class Rates(Details):
    """Prices of an account, in USD. A rate that is no amount is ``None``: it is not guessed.

    Attributes:
        did: of a number, each month.
        sms: of a text; ``mms`` of one with media.
        fax: of a fax.
        nibble: of a call, each minute.
        tf_adj: adjustment for toll-free calls.
        intl_max: highest rate of an international call.
        lrn: of looking up a routing number; ``cnam`` of a caller's name.
    """

    did: Rate = None
    sms: Rate = None
    mms: Rate = None
    fax: Rate = None
    nibble: Rate = None
    tf_adj: Rate = None
    intl_max: Rate = None
    lrn: Rate = None
    cnam: Rate = None


class AccountInfo(Details):
    """The account (``accountData``).

    Attributes:
        username: id of the account.
        cash: balance in USD.
        ccs: most calls at once.
        caller_id: number that calls show, where they have none of their own.
        notify: mail is sent when the balance falls below ``notify_threshold``, in USD.
        timezone: IANA name.
        auth_type: kind of authentication, as ``auth()`` describes it.
    """

    username: Text = None
    name: Text = None
    email: Text = None
    enabled: Flag = None
    created: Instant = None
    timezone: Text = None
    cash: Amount = None
    rates: Rates | None = None
    services: Services | None = None
    ccs: Whole = None
    caller_id: NumberOrText = None
    notify: Flag = None
    notify_threshold: Whole = None
    auth_type: Whole = None


class AccountUpdated(Details):
    """Names of the settings that were changed, as VoiceTel writes them."""

    updated: list[str] | None = None


class NewAccount(Details):
    """Account that was created (``accountSignupData``); ``username`` is its id."""

    username: Text = None
    password: Hidden = None
    name: Text = None
    email: Text = None


class NewSubAccount(NewAccount):
    """Account that was created under another (``accountAddData``): ``master_account`` pays."""

    master_account: Text = None


class Credit(Details):
    """Credit on the account, in USD; ``paid`` tells whether its invoice was."""

    paid: Flag = None
    date: Instant = None
    amount: Amount = None


class Payment(Details):
    """PayPal payment, in USD."""

    amount: Amount = None
    date: Instant = None
    status: PaymentStatus = None
    payer_email: Text = None
    transaction_id: Text = None


class CallBilling(Details):
    """Numbers, duration and price of a call.

    Attributes:
        cid: number that called; text where it is none.
        dst: number that was called; text where it is none.
        cn: name of the caller, with URL escapes: see :attr:`caller_name`.
        dur: seconds that were billed.
        nr: rate, in USD each minute; ``ba`` is the amount in USD.
        ip: address that handled the call.
    """

    cid: NumberOrText = None
    dst: NumberOrText = None
    cn: Text = None
    dur: Whole = None
    nr: Rate = None
    ba: Rate = None
    ip: Text = None

    @property
    def caller_name(self) -> str | None:
        """The name of the caller, without escapes."""
        return None if self.cn is None else unquote(self.cn)


class CallRecord(Details):
    """One call. ``key`` is the account's id and the start in seconds since 1970, both as text."""

    id: Text = None
    key: list[str | None] | None = None
    value: CallBilling | None = None

    @property
    def started(self) -> datetime | None:
        """The start of the call."""
        return moment(self.key)


class CallRecords(Details):
    """Calls of a time range, newest first. ``start`` is its newer end, and ``end`` the older."""

    start: UnixTime = None
    end: UnixTime = None
    cdr: list[CallRecord] | None = None


class Charge(Details):
    """One monthly charge, in USD."""

    amount: Amount = None
    description: Text = None


class RecurringCharges(Details):
    """Monthly charges, and their total in USD."""

    charges: list[Charge] | None = None
    total: Amount = None


class Registration(Details):
    """SIP device that is registered: what it calls itself, and its address."""

    agent: Text = None
    uri: Text = None


class Key(Record):
    """``POST /v2.2/account/api-key``. The member is ``apikey``, all lower case."""

    apikey: Annotated[str, Meta(pattern=r"^\s*[!-~]+\s*$")]

    def __repr__(self) -> str:
        return "Key(**********)"
