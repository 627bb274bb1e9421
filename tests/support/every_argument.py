"""Public arguments of all classes and functions, found by themselves, with a right value of each."""

from __future__ import annotations

import builtins
import collections.abc
import functools
import importlib
import inspect
import pkgutil
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import anycarrier
import anycarrier_adapters
from anycarrier import adapter, desired_state, errors, model, ports, provider, purchase, search, switching, waiting
from anycarrier.attempt import Attempt, AttemptState, Draft
from anycarrier.client import AsyncClient, Client
from anycarrier.engine import session, shared_budget
from anycarrier.engine.accounts import Secret, StaticToken
from anycarrier.errors import OutcomeUnknown, TransportError
from anycarrier.exchange import Moment, Request, Response
from anycarrier.failover import Failover
from anycarrier.model import NoTexts
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Order
from anycarrier.search import Search
from anycarrier.secret_store import FileSecretStore
from anycarrier.testing import VirtualClock
from anycarrier_adapters.lc_legacy import LCLegacy
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel

N = PhoneNumber("+12015550123")
V = VoiceTel(api_key="0" * 32)
L = Leadping(api_key="lp_x")
LC = LCPhone(token="t", location_id="L1")
LEGACY = LCLegacy(token="t", location_id="L1", account="legacy")


class Went(BaseException):
    """A request would be sent, or a journal written: the arguments were taken."""


BINDING = model.CampaignBinding(
    provider="voicetel", account="voicetel", number=N, campaign_id=None, status=model.BindingStatus.UNBOUND
)
ADDRESS = EmergencyAddress(name="Acme Inc", street="1 Main St", city="Hackensack", state="NJ", postal_code="07601")


SERVED = ports.ServiceAddress(
    street_number="411", street="Hackensack", street_type="AVE", city="Hackensack", state="NJ", postal_code="07601"
)
DETAILS = ports.PortDetails(
    subscriber="Acme Inc",
    subscriber_kind="business",
    service_address=SERVED,
    account_number="12345",
    billing_number=N,
    authorized_person="Ann Example",
)
PORT_ORDER = ports.PortOrder(
    [N],
    subscriber="Acme Inc",
    subscriber_kind="business",
    service_address=SERVED,
    account_number="12345",
    billing_number=N,
    authorized_person="Ann Example",
    max_fee=model.Money("6"),
)


def _went(*_: object, **__: object) -> Any:
    raise Went


class Book:
    """A journal that nothing is to be written into."""

    lease = 60.0

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _went


JOURNAL: Any = Book()


class Wire:
    """A transport that nothing is to go through."""

    send = read = close_stream = staticmethod(_went)

    def close(self) -> None: ...


class AsyncWire:
    """The same. What is raised within a task would end the event loop, so it is remembered instead."""

    sent: ClassVar[list[object]] = []

    async def send(self, request: object) -> TransportError:
        self.sent.append(request)
        return TransportError("not sent", kind="connect", maybe_applied=False)

    async def close(self) -> None: ...


class Clock(VirtualClock):
    """Each reading of it takes half a minute."""

    def now(self) -> Moment:
        self.advance(30.0)
        return super().now()


INTERNAL: dict[str, str] = {
    "anycarrier.adapter": "for adapters: the kit",
    "anycarrier.engine.async_driver": "performs effects for a client",
    "anycarrier.validation": "the checks themselves",
    "anycarrier.cli": "has its own parser",
    "anycarrier.desired_state": "within clients and orders; Desired and Change are public as anycarrier",
    "anycarrier.decoding": "for adapters: reads what providers send",
    "anycarrier.engine.driver": "performs effects for a client",
    "anycarrier.errors": "made by the library",
    "anycarrier.exchange": "for adapters: effects",
    "anycarrier.csv_cells": "within the command line and anycarrier.number_files",
    "anycarrier.frames": "within drivers",
    "anycarrier.suggestions": "within messages",
    "anycarrier.installation": "within messages",
    "anycarrier.json_forms.members": "public as anycarrier.json_forms",
    "anycarrier.json_forms.problems": "public as anycarrier.json_forms",
    "anycarrier.json_forms.pydantic_types": "for pydantic",
    "anycarrier.json_forms.reading": "public as anycarrier.json_forms",
    "anycarrier.json_forms.schemas": "public as anycarrier.json_forms",
    "anycarrier.json_forms.writing": "public as anycarrier.json_forms",
    "anycarrier.jobs.chunking": "within anycarrier.jobs",
    "anycarrier.jobs.filling": "public as anycarrier.jobs",
    "anycarrier.jobs.kinds": "within anycarrier.jobs",
    "anycarrier.jobs.orders": "public as anycarrier.jobs",
    "anycarrier.jobs.plans": "public as anycarrier.jobs",
    "anycarrier.jobs.ports": "public as anycarrier.jobs",
    "anycarrier.jobs.results": "public as anycarrier.jobs",
    "anycarrier.jobs.standing": "public as anycarrier.jobs",
    "anycarrier.jobs.submitting": "public as anycarrier.jobs",
    "anycarrier.jobs.tasks": "within anycarrier.jobs",
    "anycarrier.number_files.numbers": "public as anycarrier.number_files",
    "anycarrier.number_files.problems": "public as anycarrier.number_files",
    "anycarrier.number_files.profiles": "public as anycarrier.number_files",
    "anycarrier.number_files.reading": "public as anycarrier.number_files",
    "anycarrier.number_files.values": "within anycarrier.number_files",
    "anycarrier.number_files.writing": "public as anycarrier.number_files",
    "anycarrier.freezing": "for PyInstaller",
    "anycarrier.porting": "public as methods of a client",
    "anycarrier.switching.applying": "public as methods of a client",
    "anycarrier.switching.finishing": "public as methods of a client",
    "anycarrier.switching.moving": "within a switch",
    "anycarrier.switching.planning": "public as methods of a client",
    "anycarrier.port_records": "public as anycarrier.ports",
    "anycarrier.hints": "the checks themselves",
    "anycarrier.purchase.attempts": "within the protocol",
    "anycarrier.purchase.batch_offers": "within the protocol",
    "anycarrier.purchase.batch_plan": "within the protocol",
    "anycarrier.purchase.batches": "within the protocol",
    "anycarrier.purchase.order_checks": "within an order",
    "anycarrier.purchase.set_ups": "within the protocol",
    "anycarrier.engine.budget_table": "within Accounts",
    "anycarrier.engine.shared_budget": "within clients; Places is a protocol",
    "anycarrier.engine.shared_secrets": "for adapters: credentials that processes share",
    "anycarrier.engine.rate_windows": "public as anycarrier.engine.rate_limits",
    "anycarrier.words": "public as anycarrier.model",
    "anycarrier.money": "public as anycarrier.model",
    "anycarrier.http": "for adapters: requests and answers",
    "anycarrier.processes": "within transports and journals",
    "anycarrier.purchase.reconciliation": "public as anycarrier.purchase",
    "anycarrier.purchase.selection": "public as anycarrier.purchase",
    "anycarrier.purchase.resolution": "within the protocol",
    "anycarrier.purchase.context": "within the protocol",
    "anycarrier.purchase.circuit_breaker": "public as anycarrier.purchase",
    "anycarrier.purchase.journal": "opens files: its own tests",
    "anycarrier.purchase.order": "public as anycarrier.purchase",
    "anycarrier.purchase.provisioning": "public as anycarrier.purchase",
    "anycarrier.purchase.recovery": "public as anycarrier.purchase",
    "anycarrier.purchase.buying": "public as anycarrier.purchase",
    "anycarrier.purchase.sending": "within the protocol",
    "anycarrier.purchase.digest": "within the protocol",
    "anycarrier.purchase.shared_prices": "within the protocol",
    "anycarrier.purchase.shared_searches": "within the protocol",
    "anycarrier.purchase.standing": "within the protocol",
    "anycarrier.purchase.worker": "within the protocol",
    "anycarrier.purchase.plan": "within the protocol",
    "anycarrier.waiting": "within clients and purchases",
    "anycarrier.redaction": "within the session",
    "anycarrier.secret_marks": "within redaction",
    "anycarrier.secret": "within accounts and sessions",
    "anycarrier.registry": "within clients and the command line",
    "anycarrier.engine.session": "within clients",
    "anycarrier.engine.request": "within sessions",
    "anycarrier.settings": "within clients and the command line",
    "anycarrier.simulator": "for tests: its own tests say what scenarios refuse",
    "anycarrier.testing": "for adapters' own tests",
    "anycarrier.engine.threads": "within drivers",
    "anycarrier.transports": "made by a client; Timeouts is public as anycarrier",
}
"""Modules whose names are no program's to call, with the reason."""

EXEMPT: dict[str, str] = {
    "purchase.Audit": "a result", "purchase.Choice": "a result", "purchase.Progress": "a result",
    "purchase.Quote": "a result", "purchase.Recovery": "a result", "purchase.Sweep": "a result",
    "purchase.Journal": "made by journal.open()", "purchase.CircuitBreaker": "called by the protocol",
    "rate_limits.Budget": "within the session", "rate_limits.Window": "within the session",
    "accounts.check_reachable": "within a session",
    "accounts.is_loopback": "for adapters",
    "accounts.is_same": "for adapters",
    "accounts.refuse_twins": "within failovers and orders",
    "accounts.Credentials": "a Protocol", "provider.attributed_to": "for adapters",
    "model.number_of": "for adapters", "retry.fetch": "for adapters",
    "retry.backoff": "within the engine and purchases", "retry.retry_after": "for adapters",
    "numbers.country_of": "for adapters", "numbers.is_another": "for adapters",
    "capabilities.require_search": "for adapters", "failover.Offers": "a result",
    "features.Operation": "a row of a table", "filters.Filter": "a row of a table",
    "filters.Core": "a part of a row", "filters.row": "for a field of Search",
    "filters.filters_of": "for the table of filters", "filters.each_is_a_filter": "for attrs",
    "filters.digits_of": "within searches",
    "filters.by_price": "within searches", "capabilities.takes_area_codes": "for adapters",
    "finding.find_offers": "within clients and failovers",
    "search.features_needed": "for adapters", "search.filters_used": "within the command line",
    "features.in_words": "for messages", "features.refusal": "for adapters", "search.filter_offers": "for adapters",
    "search.matches": "for adapters", "model.options_of": "for adapters", "model.one_of": "for adapters",
    "model.option_objects": "for adapters", "capabilities.require": "for adapters",
    "jobs.Filled": "a result", "jobs.Job": "a result", "jobs.JobResult": "a result", "jobs.JobStatus": "a result",
    "number_files.PortNumbers": "a result", "port_orders.PortNumbers": "a result",
    "jobs.results_to_csv": "takes what results() has", "jobs.results_to_json_lines": "takes what results() has",
    "anycarrier.Applied": "a result", "anycarrier.Plan": "made by client.plan()",
    "voicetel.Ordered": "a result", "leadping.Available": "a result",
    "lc_phone.Agency": "base of LCAgency and LCLegacyAgency",
    "lc_phone.RateLimits": "a result", "lc_legacy.RateLimits": "a result",
}  # fmt: skip
"""Names of public modules that are not for programs to call, with the reason."""

UNCHECKED: dict[tuple[str, str], str] = {}
"""Arguments that stay unchecked, each with the reason."""

OBJECTS: Mapping[str, Any] = {
    "Client(voicetel)": Client(V, transport=Wire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "Client(leadping)": Client(L, transport=Wire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "Client(lc_phone)": Client(LC, transport=Wire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "Client(failover)": Client(Failover([V, L], journal=JOURNAL), transport=Wire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "AsyncClient(voicetel)": AsyncClient(V, transport=AsyncWire(), clock=Clock(), max_wait=None),  # type: ignore[arg-type]
    "AsyncClient(failover)": AsyncClient(
        Failover([V, L], journal=JOURNAL),
        transport=AsyncWire(),
        clock=Clock(),
        max_wait=None,  # type: ignore[arg-type]
    ),
    "voicetel": V,
    "voicetel.api": V.api,
    "leadping": L,
    "leadping.api": L.api,
    "lc_phone": LC,
    "lc_phone.api": LC.api,
    "lc_legacy": LEGACY,
    "lc_legacy.api": LEGACY.api,
    "failover": Failover([V, L], journal=JOURNAL),
}
"""Objects whose methods are called."""

HOOKS = frozenset({
    "account_at", "address", "bind", "binding", "bought", "campaign", "contradiction", "error_of", "fetch", "note",
    "number_of", "numbers", "offers", "open", "many_body", "order_body", "pending", "shown", "unbind", "unbound",
})  # fmt: skip
"""Methods between an adapter and the kit, which has checked their arguments already."""
DRAFT = Draft(provider="voicetel", account="voicetel", number=N, key="k", body=b"{}")
ATTEMPT = Attempt(draft=DRAFT, state=AttemptState.SENT, first_sent=0.0, last_sent=0.0)
PLAN = desired_state.Plan(id=desired_state.plan.digest_of((), {}), numbers=())
CHANGES = (
    desired_state.NumberPlan(
        provider="voicetel",
        account="voicetel",
        number=N,
        changes=(desired_state.Change(N, desired_state.ChangeKind.CAMPAIGN, None, "CH5K5IZ"),),
    ),
)
CHANGING = desired_state.Plan(id=desired_state.plan.digest_of(CHANGES, {}), numbers=CHANGES)
ORDER = Order(criteria=Search(area_code="201"))


def _nothing() -> Iterator[Any]:
    yield from ()


VALID: dict[str, Callable[[], Any]] = {
    "provider: str": lambda: "voicetel",
    "target": lambda: N, "number": lambda: N, "query": lambda: Search(area_code="201"), "order": lambda: ORDER,
    "queries": lambda: [Search(area_code="201")], "error": lambda: OutcomeUnknown("x", attempt=ATTEMPT),
    "exchange": _nothing, "listing": _nothing, "request_id": lambda: "r1", "to_account": lambda: "1000000001",
    "by": lambda: "state", "within": Search, "count": lambda: 1,
    "campaign_id": lambda: "CH5K5IZ", "routes": NoTexts, "key": lambda: "k1", "draft": lambda: DRAFT,
    "attempt": lambda: ATTEMPT, "numbers": lambda: [N], "provider": lambda: V, "providers": lambda: [V],
    "journal": lambda: JOURNAL, "amount": lambda: "1.50", "gateway": lambda: 1000, "url": lambda: "https://x.example",
    "address": lambda: "sip:x@x.example", "account": lambda: "main", "state": lambda: "NJ", "body": lambda: b"{}",
    "country": lambda: "US", "types": lambda: ["local"], "text": lambda: "2015550123", "value": lambda: "opaque",
    "token": lambda: "t", "base_url": lambda: "https://x.example", "credentials": lambda: StaticToken("t"),
    "requests": lambda: 5, "seconds": lambda: 5.0, "reason": lambda: "none", "enabled": lambda: True,
    "route": lambda: 4, "access_token": lambda: "t", "id": lambda: "id1", "request": lambda: Request(
        account="a", operation="get", method="GET", path="/"), "response": lambda: Response(200, {}, b"{}"),
    "conversation_id": lambda: "c1", "phone_number_id": lambda: "p1", "sender": lambda: N, "receiver": lambda: N,
    "targets": lambda: [N], "ids": lambda: ["C1"], "brand_id": lambda: "BX1", "name": lambda: "main",
    "description": lambda: "x", "username": lambda: "1000", "email": lambda: "x@x.example", "password": lambda:
        Secret("x"), "ranges": lambda: ["192.0.2.0/24"], "tn_mask": lambda: "201", "count_by": lambda: "state",
    "pid": lambda: "AB123", "ticket": lambda: 1, "status": lambda: "closed", "message": lambda: "x",
    "subject": lambda: "x", "caller_name": lambda: "x", "address1": lambda: "x", "city": lambda: "x",
    "zip_code": lambda: "07624", "address_id": lambda: 1, "ani": lambda: N, "account_id": lambda: 1,
    "pin": lambda: "1234", "destination": lambda: N, "translation": lambda: N, "kind": lambda: "email",
    "resource": lambda: "x@x.example", "campaign": lambda: "C1",
    "label": lambda: "x", "street": lambda: "1 Main St", "postal_code": lambda: "07601",
    "wanted": lambda: [desired_state.Desired(N, campaign=False)], "plan": lambda: PLAN,
    "first_sent": lambda: 0.0, "last_sent": lambda: 0.0,
    "subscriber": lambda: "Acme Inc", "subscriber_kind": lambda: "business", "service_address": lambda: SERVED,
    "account_number": lambda: Secret("12345"), "billing_number": lambda: N, "authorized_person": lambda: "Ann Example",
    "source": lambda: "main", "file": lambda: "numbers.csv",
    "max_fee": lambda: model.Money("6"), "is_portable": lambda: True, "details": lambda: DETAILS,
}  # fmt: skip
"""A right value of each required argument, by its name."""

OF: dict[str, dict[str, Callable[[], Any]]] = {
    "ForwardTo": {},
    "Accounts": {"load": lambda: str.upper},
    "AsyncAccounts": {"load": lambda: str.upper},
    "LCAgency": {"company_id": lambda: "C1", "token": lambda: "t"},
    "LCLegacyAgency": {"company_id": lambda: "C1", "token": lambda: "t"},
    "StoredTokens": {"store": lambda: FileSecretStore("secrets"), "location_id": lambda: "L1"},
    "PortDraft": {"numbers": lambda: (ports.PortedNumber(number=N),)},
    "ServiceAddress": dict.fromkeys(("street_number", "street", "street_type"), lambda: "x"),
    "Release": {"state": lambda: model.ReleaseState.RELEASED},
    "CampaignBinding": {"status": lambda: model.BindingStatus.ACTIVE},
    "Attempt": {"state": lambda: AttemptState.SENT},
    "buy": {},
    "set_caller_name": {"name": lambda: "ACME"},
    "EmergencyAddress": {"name": lambda: "Acme Inc"},
    "EmergencyRecord": {"address": lambda: ADDRESS},
    "MessagingRecord": {"binding": lambda: BINDING},
    "Change": {"what": lambda: "campaign", "before": lambda: None, "after": lambda: "CH5K5IZ"},
    "set_emergency_address": {"address": lambda: ADDRESS},
    "check_emergency_address": {"address": lambda: ADDRESS},
    "require_search": {},
    "Bought": {},
    "OrderItem": {"state": lambda: purchase.ItemState.OPEN, "id": lambda: "r1#0"},
    "Purchase": {"items": lambda: ()},
    "MessagingRoutes": {"route_in": lambda: 1},
    "set_messaging": {"route_in": lambda: 1},
    "Failover": {},
    "Problem": {
        "type": lambda: "about:blank",
        "title": lambda: "Not found",
        "status": lambda: 404,
        "error": lambda: "x",
    },
    "from_json": {"kind": lambda: model.Money, "data": lambda: {"amount": "1"}},
    "json_schema": {"kind": lambda: model.Money},
    "fill": {"item_ids": lambda: ["r1#1"]},
    "Worker": {"client": lambda: OBJECTS["AsyncClient(voicetel)"]},
    "submit": {"orders": lambda: [ORDER], "accounts": lambda: [V]},
    "submit_plan": {"plan": lambda: CHANGING},
    "submit_ports": {"account": lambda: V},
    "read_orders": {"file": lambda: "orders.csv"},
    "read_desired": {"file": lambda: "numbers.csv"},
    "read_profiles": {"file": lambda: "numbers.toml"},
    "states_to_csv": {"states": lambda: ()},
    "number_in_cell": {"cell": lambda: "2015550123"},
    "update": {"name": lambda: "x", "body": dict},
    "PortRecord": {"state": lambda: ports.PortState.UNKNOWN, "numbers": lambda: ()},
    "RecordedNumber": {"state": lambda: ports.PortState.UNKNOWN},
    "port_in": {
        "order": lambda: PORT_ORDER,
        "name_type": lambda: "business",
        "billing_number": lambda: N,
        **dict.fromkeys(("account_number", "authorized_person", "street_number", "street", "street_type"), lambda: "x"),
    },
    "check_base_url": {},
    "number_of": {"name": lambda: "target"},
    "PhoneNumber": {"number": lambda: "2015550123"},
    "to_ten_digit": {"number": lambda: "2015550123"},
    "LCPhone": {"location_id": lambda: "L1", "token": lambda: "t"},
    "LCLegacy": {"location_id": lambda: "L1", "token": lambda: "t"},
    "VoiceTel": {"api_key": lambda: "0" * 32},
    "Leadping": {"api_key": lambda: "lp_x"},
    "Order": {"criteria": lambda: Search(area_code="201")},
    "access_token": {
        "grant_type": lambda: "authorization_code",
        "client_id": lambda: "c",
        "client_secret": lambda: Secret("x"),
    },
    "location_token": {"company_id": lambda: "C1", "location_id": lambda: "L1"},
    "installed_locations": {"company_id": lambda: "C1", "app_id": lambda: "A1"},
}
"""The same for single functions, and what they need besides, by the function's name."""


def modules() -> Iterator[types.ModuleType]:
    """Every public module of the core and of our adapters."""
    yield anycarrier
    for package in (anycarrier, anycarrier_adapters):
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            name = info.name
            if any(part.startswith("_") for part in name.split(".")):
                continue
            if any(name == one or name.startswith(one + ".") for one in INTERNAL):
                continue
            if name.startswith("anycarrier_adapters.") and name.count(".") > 1:
                continue  # an adapter's own parts: what is public of them stands in its package, or is its api
            yield importlib.import_module(name)


def callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public class, function and method, by a name for people."""
    seen: set[int] = set()
    for module in modules():
        for name in getattr(module, "__all__", ()):
            found = getattr(module, name)
            title = f"{module.__name__.rpartition('.')[2]}.{name}"
            if not callable(found) or id(found) in seen or title in EXEMPT or name in errors.__all__:
                continue
            seen.add(id(found))
            if inspect.isclass(found) and (_is_plain(found) or getattr(found, "_is_protocol", False)):
                continue
            if inspect.isclass(found) or inspect.isfunction(found):
                yield title, found
    for title, one in OBJECTS.items():
        for name in dir(type(one)):
            if name in HOOKS and isinstance(one, adapter.Adapter | adapter.Api):
                continue
            if not name.startswith("_") and inspect.isfunction(inspect.getattr_static(type(one), name)):
                yield f"{title}.{name}", getattr(one, name)


def _is_plain(cls: type[Any]) -> bool:
    """An enumeration, an error, or what has no arguments."""
    return issubclass(cls, types.GenericAlias | BaseException) or hasattr(cls, "__members__") or not arguments_of(cls)


@functools.cache
def arguments_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    signature = inspect.signature(function)
    return [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]


NAMESPACE: dict[str, Any] = {}
for _module in (
    *(typing, collections.abc, builtins, model, purchase, provider, search, session, desired_state, waiting),
    *(ports, switching, shared_budget),
):
    NAMESPACE.update(vars(_module))


def hint_of(function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The annotation, read where it stands; names that only type checkers import are looked for in the library."""
    hint = parameter.annotation
    if not isinstance(hint, str):
        return Any if hint is inspect.Parameter.empty else hint
    own = inspect.unwrap(function.__init__ if inspect.isclass(function) else function)
    homes = [sys.modules[function.__module__]]
    if inspect.isclass(function):
        homes += [sys.modules[base.__module__] for base in function.__mro__ if base.__module__ in sys.modules]
    found = {**NAMESPACE}
    for home in reversed(homes):
        found.update(vars(home))
    found.update(getattr(own, "__globals__", {}))
    try:
        return eval(hint, found)  # noqa: S307 - our own source
    except TypeError:  # a generic alias whose own parts are only named
        return eval(hint.partition("[")[0], found)  # noqa: S307
