"""The kit for writing an adapter: the one module that an adapter's author imports.

An adapter is three declarations and a mapping (docs/adapters.md builds one step by step):

- **Records**: what the provider sends, each declared once (:class:`Record`, see :mod:`anycarrier.decoding`).
- **An** :class:`Api`: every documented request as data. :func:`reads`, :func:`reads_rows`, :func:`writes` and
  :func:`buys` make an :class:`Endpoint`; :func:`numbered`, :func:`linked` and :func:`streamed` make lists of pages;
  an :class:`ErrorTable` says what error responses mean. ``api.search(...)`` gives the record of one request,
  ``api.search.answer(...)`` an :class:`Answer` with ``raw``, ``wrong`` and ``about``.
- **The provider class**: an :class:`Adapter` with the mixins of the operations that the provider has,
  :class:`Searching`, :class:`Owning`, :class:`Buying` or :class:`BuyingMany`, :class:`Routing`, :class:`Campaigns`.
  Each leaves a few hooks to the adapter and does the rest: checks of features and arguments, filters, confirmed
  purchases, routes, campaigns.

::

    class Api(adapter.Api):
        provider = "acme"
        errors = ErrorTable(status="status", rows=(means(NumberUnavailable, 409, only="POST /numbers"),))
        search = reads_rows("/available", Available, at=("available",), some=True)
        buy = buys("/numbers", Owned, accept=(201,))
        pages = linked(
            reads_rows("/numbers", Owned, at=("numbers",), around=Page),
            number="number",
            name=lambda row: row.number,
            parameter="page",
            cursor=lambda page: page.next,
        )

The Protocols of :mod:`anycarrier.provider` stay the contract: what the kit cannot say, an adapter writes by hand
beside it as a method that returns an exchange, and an adapter without the kit works as well.
"""

from __future__ import annotations

from anycarrier import account_records, errors, number_services, port_records
from anycarrier.account_records import *
from anycarrier.attempt import Attempt, Draft, ResolutionPolicy
from anycarrier.capabilities import require, require_search
from anycarrier.decoding import (
    E164,
    UNSET,
    Amount,
    AnyNumber,
    Converting,
    Count,
    Day,
    Details,
    Document,
    Flag,
    Forgiving,
    Hidden,
    Instant,
    LazyFields,
    LazySequence,
    Meta,
    NotAll,
    Number,
    NumberForm,
    NumberOrText,
    OneOf,
    OptionalAnyNumber,
    OptionalE164,
    OptionalNumber,
    OptionalTenDigit,
    Pages,
    Path,
    Rate,
    Raw,
    Record,
    RowErrors,
    Rows,
    Success,
    TenDigit,
    Text,
    UnixTime,
    UnsetType,
    Whole,
    absent,
    blank_to_none,
    blanks_to_none,
    build,
    not_all,
    phone_number,
    read,
    read_list,
    read_rows,
    read_value,
    settled,
    stream_rows,
)
from anycarrier.decoding.contradictions import says_done, says_failed
from anycarrier.decoding.json import json_body, load_json, parse_json, unexpected
from anycarrier.engine.accounts import Account, Credentials, Problems, Secret, StaticToken, Token, clean_token
from anycarrier.engine.rate_limits import Limit, Stated
from anycarrier.engine.request import request_id
from anycarrier.engine.retry import RetryPolicy
from anycarrier.engine.shared_secrets import SharedSecrets, Values, entry_name
from anycarrier.errors import *
from anycarrier.exchange import (
    Done,
    Emit,
    Exchange,
    Failed,
    Listing,
    Moment,
    Purpose,
    Request,
    Response,
    call,
    collect,
    exclusive,
    first,
    mapped,
    now,
    send,
    sleep,
    together,
)
from anycarrier.features import EMERGENCY_ADDRESSES, EVERYTHING_ELSE, PORTS, Can, Cannot, Evidence, Support, refusal
from anycarrier.hints import by_hints, checked, checked_methods
from anycarrier.http import ask, pairs, status_error
from anycarrier.model import (
    BindingStatus,
    CallsToWebhook,
    CampaignBinding,
    Feature,
    ForwardTo,
    Line,
    Money,
    NoForward,
    NoTexts,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Receipt,
    Release,
    ReleaseState,
    Route,
    Status,
    Target,
    TextsTo,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
    Transfer,
    number_of,
    one_of,
    options_of,
)
from anycarrier.money import price_of
from anycarrier.number_services import *
from anycarrier.numbers import (
    NANP_COUNTRIES,
    PhoneNumber,
    country_of,
    from_ten_digit,
    is_another,
    stated,
)
from anycarrier.port_records import *
from anycarrier.processes import begins_anew
from anycarrier.provider import attributed_to
from anycarrier.purchase.sending import fresh_key
from anycarrier.search import Search, filter_offers, matches
from anycarrier.secret_store import SecretStore
from anycarrier.validation import flag, seconds, shape, text, validator, whole

from ._buying_many import BuyingMany
from ._campaigns import Campaigns
from ._declarations import buys, reads, reads_rows, writes
from ._decoders import Decode
from ._endpoints import Api, Bound, Endpoint
from ._errors import ErrorTable, Meaning, Said, at_place, means, text_of
from ._messages import Answer, Body, Query, Sent, same_number, sent
from ._paging import BoundPages, Paged, linked, numbered, streamed
from ._provider import Adapter, Buying, Mine, Owning, Routing, Searching, can, cannot
from ._routes import RouteRow, sets
from ._settings import BasicAuth, Settings

__all__ = [
    "E164",
    "EMERGENCY_ADDRESSES",
    "EVERYTHING_ELSE",
    "NANP_COUNTRIES",
    "PORTS",
    "UNSET",
    "Account",
    "Adapter",
    "Amount",
    "Answer",
    "AnyNumber",
    "Api",
    "Attempt",
    "BasicAuth",
    "BindingStatus",
    "Body",
    "Bound",
    "BoundPages",
    "Buying",
    "BuyingMany",
    "CallsToWebhook",
    "CampaignBinding",
    "Campaigns",
    "Can",
    "Cannot",
    "Converting",
    "Count",
    "Credentials",
    "Day",
    "Decode",
    "Details",
    "Document",
    "Done",
    "Draft",
    "Emit",
    "Endpoint",
    "ErrorTable",
    "Evidence",
    "Exchange",
    "Failed",
    "Feature",
    "Flag",
    "Forgiving",
    "ForwardTo",
    "Hidden",
    "Instant",
    "LazyFields",
    "LazySequence",
    "Limit",
    "Line",
    "Listing",
    "Meaning",
    "Meta",
    "Mine",
    "Moment",
    "Money",
    "NoForward",
    "NoTexts",
    "NotAll",
    "Number",
    "NumberForm",
    "NumberOrText",
    "Offer",
    "OneOf",
    "OptionalAnyNumber",
    "OptionalE164",
    "OptionalNumber",
    "OptionalTenDigit",
    "OwnedNumber",
    "Owning",
    "Paged",
    "Pages",
    "Path",
    "PhoneNumber",
    "Problems",
    "ProviderOptions",
    "Purpose",
    "Query",
    "Rate",
    "Raw",
    "Receipt",
    "Record",
    "Release",
    "ReleaseState",
    "Request",
    "ResolutionPolicy",
    "Response",
    "RetryPolicy",
    "Route",
    "RouteRow",
    "Routing",
    "RowErrors",
    "Rows",
    "Said",
    "Search",
    "Searching",
    "Secret",
    "SecretStore",
    "Sent",
    "Settings",
    "SharedSecrets",
    "Stated",
    "StaticToken",
    "Status",
    "Success",
    "Support",
    "Target",
    "TenDigit",
    "Text",
    "TextsTo",
    "TextsToEmail",
    "TextsToSip",
    "TextsToWebhook",
    "ToGateway",
    "Token",
    "Transfer",
    "UnixTime",
    "UnsetType",
    "Values",
    "Whole",
    "absent",
    "ask",
    "at_place",
    "attributed_to",
    "begins_anew",
    "blank_to_none",
    "blanks_to_none",
    "build",
    "buys",
    "by_hints",
    "call",
    "can",
    "cannot",
    "checked",
    "checked_methods",
    "clean_token",
    "collect",
    "country_of",
    "entry_name",
    "exclusive",
    "filter_offers",
    "first",
    "flag",
    "fresh_key",
    "from_ten_digit",
    "is_another",
    "json_body",
    "linked",
    "load_json",
    "mapped",
    "matches",
    "means",
    "not_all",
    "now",
    "number_of",
    "numbered",
    "one_of",
    "options_of",
    "pairs",
    "parse_json",
    "phone_number",
    "price_of",
    "read",
    "read_list",
    "read_rows",
    "read_value",
    "reads",
    "reads_rows",
    "refusal",
    "request_id",
    "require",
    "require_search",
    "same_number",
    "says_done",
    "says_failed",
    "seconds",
    "send",
    "sent",
    "sets",
    "settled",
    "shape",
    "sleep",
    "stated",
    "status_error",
    "stream_rows",
    "streamed",
    "text",
    "text_of",
    "together",
    "unexpected",
    "validator",
    "whole",
    "writes",
]
__all__ += account_records.__all__
__all__ += errors.__all__
__all__ += number_services.__all__
__all__ += port_records.__all__
