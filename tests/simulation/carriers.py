"""Faulty carriers in virtual time, and the providers that speak to them.

Three kinds, after how a lost purchase can be resolved: ``key`` replays an idempotency key for a day, ``fpr`` binds a
purchase to a search's fingerprint and tells nobody what a second use does, ``bare`` has no key at all and charges a
second request for the same number once more.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from attrs import evolve, frozen

from anycarrier import errors as e
from anycarrier.attempt import Draft, ResolutionPolicy
from anycarrier.desired_state import Desired
from anycarrier.exchange import Request, send
from anycarrier.features import Can
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    Money,
    NoTexts,
    Offer,
    OwnedNumber,
    Status,
    TextsToWebhook,
)
from anycarrier.numbers import PhoneNumber

HOUR = 3600.0
KEY_TTL = 24 * HOUR

RULES = {
    "key": ResolutionPolicy(
        replay=True, replay_for=20 * HOUR, settle=120, looks=2, refusals=frozenset({400, 401, 402})
    ),
    "fpr": ResolutionPolicy(settle=180, looks=3, same_number_once=True, fresh_search=True),
    "bare": ResolutionPolicy(settle=300, looks=3, refusals=frozenset({400, 401, 403})),
}

WRITES = (
    "ok", "charge_lost", "charge_500", "charge_badjson", "charge_other", "charge_422", "charge_taken", "late_lost",
    "late_500", "late_500", "late_500", "nocharge_lost", "nocharge_503", "throttle", "gone", "refused_conn",
    "reject400", "reject401", "charge_429", "charge_429_page", "late_429_page", "charge_400_page", "charge_twin",
    "charge_contradiction", "stale",
)  # fmt: skip
"""Fates of a purchase: whether it is carried out, when, and what its sender hears.

``_page`` is the answer of something in between, which has not the provider's own body; a ``twin`` is a request that
arrives twice, of which the sender hears the second answer; ``stale`` is a copy of what the provider said last.
"""

MANY = (*WRITES, "some_gone", "some_failed", "some_missing", "some_both")
"""Fates of an order of several numbers: also that some are gone, and that its answer tells wrongly of some."""

LIES = ("charge_400", "charge_401", "late_400")
"""A provider that says no in its own words, and charges. That cannot be seen in time; it has to be flagged."""

READS = ("ok", "fail", "lost", "wrong404", "short")

SETTINGS = (
    "ok", "ok", "done_lost", "done_500", "done_badjson", "undone_lost", "undone_503", "throttle", "refused_conn",
    "refused",
)  # fmt: skip
"""Fates of a step of a set-up: whether it is carried out, and what its sender hears."""

HOOK = "https://example.com/texts"
WANTED = Desired(routes=[TextsToWebhook(HOOK)], campaign="C1")

ENDS = ("", "", "stays", "vanishes")
"""Ends of a set-up: active, or failed, and then listed still or not."""

POOL = {
    kind: [PhoneNumber(f"+1201{nxx}{n:04d}") for n in range(100, 180)]
    for kind, nxx in (("key", 220), ("fpr", 221), ("bare", 222))
}

DEAR = Money("9.00")
"""Prices of a number by the time it is bought."""

SETUP = Money("1.25")


def setup_of(number):
    """The set-up cost of a number, which every fifth one has."""
    return SETUP if int(str(number)[-2:]) % 5 == 2 else None


LOST = object()
UNSENT = object()


class Provider:
    """The adapter of such a carrier."""

    title = "simulated"
    supports = dict.fromkeys(
        ("search", "buy", "list", "get", "route", "route.texts.webhook", "bind_campaign", "campaign_of"), Can()
    )

    def __init__(self, kind, rules=None, price="1.00"):
        self.name = kind
        self.rules = rules or RULES[kind]
        self.accounts = (SimpleNamespace(id=kind),)
        self.price = None if price is None else Money(price)
        self.rises = lambda: False

    def search(self, query, *, options=()):
        response = yield from send(Request(account=self.name, operation="search", method="GET", path="/search"))
        if response.status != 200:
            raise e.ProviderDown("down", status=response.status)
        numbers, fingerprint = response.body
        purchase = {"fp": fingerprint}
        return [
            Offer(
                provider=self.name,
                account=self.name,
                number=number,
                price=self.price,
                setup_price=setup_of(number),
                purchase=purchase,
            )
            for number in numbers
        ]

    def draft(self, target, *, key, options=()):
        number = target.number if isinstance(target, Offer) else target
        if self.name == "fpr" and isinstance(target, Offer):
            key = target.purchase["fp"]
        body = f"{number} {key}".encode()
        price = DEAR if self.rises() else self.price
        return Draft(
            provider=self.name,
            account=self.name,
            number=number,
            key=key,
            body=body,
            price=price,
            setup_price=setup_of(number),
        )
        yield

    def place(self, draft):
        response = yield from self._sent(draft)
        if isinstance(response.body, PhoneNumber):
            return self._owned(response.body, response)
        raise e.UnexpectedResponse("no JSON", maybe_applied=True, status=response.status, provider=self.name)

    def _sent(self, draft):
        """The answer with 201 to a purchase, unless it contradicts itself."""
        response = yield from send(
            Request(
                account=self.name,
                operation="buy",
                method="POST",
                path="/buy",
                purpose="purchase",
                body=draft.body,
                headers={"key": draft.key},
            )
        )
        status, said = response.status, {"status": response.status, "provider": self.name}
        if response.body in ("page", "contradiction"):
            raise e.UnexpectedResponse("not the provider's own words, or at odds", maybe_applied=True, **said)
        if status == 201:
            return response
        if status >= 500:
            raise e.ProviderDown("down", maybe_applied=True, **said)
        kinds = {429: e.RateLimited, 409: e.NumberUnavailable, 401: e.AuthenticationFailed}
        raise kinds.get(status, e.InvalidRequest)("refused", maybe_applied=False, **said)

    def find_purchase(self, attempt):
        number = attempt.draft.number
        request = Request(
            account=self.name, operation="look", method="GET", path="/owned/{number}", path_values={"number": number}
        )
        response = yield from send(request)
        if response.status == 200 and response.body != "short":
            return self._owned(number, response)
        if response.status == 404 and response.body == "envelope":
            return None
        if response.body == "short":
            raise e.UnexpectedResponse("the list is shorter than its own total", status=response.status)
        raise e.ProviderDown("no answer", status=response.status)

    # -- of a number that was bought

    def get(self, target):
        routed = yield from self._about(target, "get", "GET")
        routes = None if routed is None else (TextsToWebhook(routed) if routed else NoTexts(),)
        return OwnedNumber(provider=self.name, account=self.name, number=target, status=Status.ACTIVE, routes=routes)

    def route(self, target, *routes):
        yield from self._about(target, "texts", "PUT", routes[0].url)
        return OwnedNumber(provider=self.name, account=self.name, number=target, routes=routes)

    def bind_campaign(self, target, campaign_id):
        return self._binding(target, (yield from self._about(target, "campaign", "PUT", campaign_id)))

    def campaign_of(self, target):
        return self._binding(target, (yield from self._about(target, "binding", "GET")))

    def _binding(self, number, said):
        campaign, status = said
        return CampaignBinding(
            provider=self.name, account=self.name, number=number, campaign_id=campaign, status=BindingStatus(status)
        )

    def _about(self, number, operation, method, value=None):
        response = yield from send(
            Request(
                account=self.name,
                operation=operation,
                method=method,
                path="/owned/{number}",
                path_values={"number": number},
                purpose="read" if method == "GET" else "write",
                body=None if value is None else value.encode(),
            )
        )
        status, writes = response.status, method != "GET"
        said = {"status": status, "provider": self.name}
        if status == 404 and response.body == "envelope":
            raise e.NotFound("not on this account", maybe_applied=False, **said)
        if status == 400:
            raise e.InvalidRequest("refused", maybe_applied=False, **said)
        if status == 429:
            raise e.RateLimited("too many", maybe_applied=False, **said)
        if status >= 400:
            raise e.ProviderDown("down", maybe_applied=writes, **said)
        if response.body in ("?", "short"):
            raise e.UnexpectedResponse("no JSON", maybe_applied=writes, **said)
        return response.body

    def _owned(self, number, response):
        status = Status(response.headers["state"])
        return OwnedNumber(provider=self.name, account=self.name, number=number, status=status)


class Wholesale(Provider):
    """The adapter of a carrier that sells several numbers with one request."""

    def most_at_once(self):
        return 4

    def draft_many(self, targets, *, key, options=()):
        drafts = []
        for target in targets:
            drafts += [(yield from self.draft(target, key=key))]
        numbers = ",".join(str(draft.number) for draft in drafts)
        return [evolve(draft, body=f"{numbers} {key}".encode()) for draft in drafts]

    def numbers_in(self, draft):
        return ordered(draft.body)

    def place(self, draft):
        outcome = (yield from self.place_many([draft]))[draft.number]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def place_many(self, drafts):
        response = yield from self._sent(drafts[0])
        said = {"status": response.status, "provider": self.name}
        if not isinstance(response.body, Ordered):
            raise e.UnexpectedResponse("no JSON", maybe_applied=True, **said)
        told = {}
        for draft in drafts:
            number = draft.number
            if (number in response.body.got) == (number in response.body.failed):
                told[number] = e.UnexpectedResponse("in both lists, or in neither", maybe_applied=True, **said)
            elif number in response.body.failed:
                told[number] = e.NumberUnavailable("failed", maybe_applied=False, **said)
            else:
                status = Status(response.headers["states"][number])
                told[number] = OwnedNumber(provider=self.name, account=self.name, number=number, status=status)
        return told

    def find_purchases(self, attempts):
        numbers = tuple(attempt.draft.number for attempt in attempts)
        request = Request(
            account=self.name, operation="list", method="GET", path="/owned", path_values={"numbers": numbers}
        )
        response = yield from send(request)
        if response.status != 200 or response.body == "short":
            raise e.UnexpectedResponse("no whole list", status=response.status)
        return {
            number: OwnedNumber(provider=self.name, account=self.name, number=number, status=Status(status))
            for number, status in response.body.items()
        }


@frozen
class Ordered:
    """The answer to an order of several numbers."""

    got: tuple = ()
    failed: tuple = ()


def ordered(body):
    """The numbers that a body orders."""
    return [PhoneNumber(one) for one in body.decode().split(" ")[0].split(",")]


class Priced(Provider):
    """One that states its price nowhere but in an answer of its own, as an account's rate."""

    def search(self, query, *, options=()):
        offers = yield from super().search(query, options=options)
        return [evolve(offer, price=None) for offer in offers]

    def price_of(self, number, *, options=()):
        response = yield from send(Request(account=self.name, operation="price", method="GET", path="/price"))
        if response.status != 200:
            raise e.RateLimited("the price was read too often", status=response.status, retry_after=response.body)
        return self.price


class Carriers:
    """All carriers of one world, with the ledger of what was really charged."""

    def __init__(
        self,
        draw,
        *,
        lag=15.0,
        late=1.0,
        fingerprint="replay",
        cache="errors",
        exclusive=True,
        scarce=False,
        pends=0.0,
        blinks=0.0,
    ):
        self.draw = draw
        self.pends = pends
        self.blinks = blinks
        self.shown = set()
        self.setting_up = {}
        self.unread_until = dict.fromkeys(POOL, 0.0)
        self.lag = lag
        # As late as the settle windows promise to cover, times "late".
        self.late_max = {kind: (rules.settle - lag - 1) * late for kind, rules in RULES.items()}
        self.fingerprint = fingerprint
        self.cache = cache
        self.exclusive = exclusive
        self.scarce = scarce
        self.ledger = []
        self.visible = {}
        self.answers = {}
        self.late = []
        self.bodies = {}
        self.said = {}
        self.lies = 0
        self.strangers = set()
        self.searches = dict.fromkeys(POOL, 0)
        self.changed_bodies = 0
        self.sendings = Counter()
        self.texts = {}
        self.bindings = {}
        self.set = Counter()
        self.unset = set()

    def due(self, now):
        """Commit what was under way until *now*, and end what was being set up."""
        for item in [one for one in self.late if one[0] <= now]:
            self.late.remove(item)
            self.commit(item[0], *item[1:])
        for one, (until, fails) in [*self.setting_up.items()]:
            if until <= now and fails:
                # Nothing is charged for it: half of them stay on the list as failed, the others vanish from it.
                self.setting_up[one] = (float("inf"), fails)
                self.ledger = [charged for charged in self.ledger if charged != one]
                if fails == "vanishes":
                    self.visible.pop(one, None)

    def state(self, kind, number, now):
        """The word of a carrier for a number that it shows; some wait for a person, who acts in time."""
        until, fails = self.setting_up.get((kind, number), (now, ""))
        if now < until < float("inf"):
            return "needs_action" if int(str(number)[-1]) % 3 == 0 else "pending"
        return "failed" if fails else "active"

    def commit(self, now, kind, number, key, lag=None):
        if isinstance(number, tuple):
            self.commit_many(now, kind, number, key, (), lag)
            return
        if self._cached(kind, key, now) is not None:
            return
        if self._exclusive(kind) and (kind, number) in self.visible:
            return
        if kind == "key" or (kind == "fpr" and self.fingerprint != "ignored"):
            self.answers[kind, key] = (now, 201, number)
        self.ledger.append((kind, number))
        self.setting_up.pop((kind, number), None)
        if self.pends and self.draw(0, 1) <= self.pends:
            fails = ENDS[int(self.draw(0, 3.999) + len(self.setting_up)) % 4]
            self.setting_up[kind, number] = (now + self.draw(1, 2 * HOUR), fails)
        self.visible.setdefault((kind, number), now + (self.draw(0, self.lag) if lag is None else lag))

    def _exclusive(self, kind):
        return kind == "fpr" or (kind == "key" and self.exclusive)

    def _cached(self, kind, key, now):
        kept = self.answers.get((kind, key))
        return None if kept is None or (kind == "key" and now - kept[0] >= KEY_TTL) else kept

    def search(self, kind):
        self.searches[kind] += 1
        if self.scarce:
            # Everybody is offered the same few numbers.
            free = [number for number in POOL[kind][:40] if (kind, number) not in self.visible]
            return free[:4], f"fp{self.searches[kind]}"
        first = (self.searches[kind] - 1) * 3 % 75
        return POOL[kind][first : first + 4], f"fp{self.searches[kind]}"

    def taken_by_a_stranger(self, kind, now):
        """A person buys a number on the same account."""
        free = [number for number in POOL[kind] if (kind, number) not in self.visible]
        if free:
            number = free[int(self.draw(0, 0.999) * min(len(free), 8))]
            self.strangers.add((kind, number))
            self.visible[kind, number] = now

    def price(self, kind, now, fails):
        """The answer to a reading of its price, or 429 and the seconds to wait; *fails* begins hours of that."""
        if fails and now >= self.unread_until[kind]:
            self.unread_until[kind] = now + self.draw(1, 5) * HOUR
        wait = self.unread_until[kind] - now
        return (429, wait) if wait > 0 else (200, "")

    def owned(self, kind, number, now):
        return self.visible.get((kind, number), now + 1) <= now

    def found(self, kind, number, now):
        """Return whether a look finds a number: one that is being set up may be missing for once."""
        if not self.owned(kind, number, now):
            return False
        if not self.blinks or self.state(kind, number, now) != "pending":
            return True
        if (kind, number) in self.shown and self.draw(0, 1) <= self.blinks:
            self.shown.remove((kind, number))
            return False
        self.shown.add((kind, number))
        return True

    # -- set-ups

    def setting(self, kind, number, what, value, fault, now):
        """(what its sender hears, how long that takes) after a request to set *what* of a number to *value*."""
        if not self.owned(kind, number, now):
            return (404, "envelope"), 0.05
        if fault in ("undone_lost", "undone_503", "throttle", "refused"):
            self.unset.update({(kind, number)} if fault == "refused" else ())
            answers = {"undone_503": (503, ""), "throttle": (429, ""), "refused": (400, "")}
            return (answers[fault], 0.05) if fault in answers else (LOST, 45.0)
        if what == "campaign" and self.binding(kind, number, now)[1] == "failed":
            self.set[kind, number, what] = 0  # nothing of the earlier request is left: it may be sent again
        self.set[kind, number, what] += 1
        if what == "texts":
            self.texts[kind, number] = value
        else:
            # A third is bound at once, others in some hours, and a third of those fail.
            takes = (self.draw(-2 * HOUR, 4 * HOUR), self.draw(0, 1) > 0.67)
            if self.binding(kind, number, now)[1] not in ("pending", "active"):
                self.bindings[kind, number] = (value, now + max(0.0, takes[0]), takes[1] and takes[0] > 0)
        said = self.texts[kind, number] if what == "texts" else self.binding(kind, number, now)
        answers = {"ok": (200, said), "done_500": (500, ""), "done_badjson": (200, "?")}
        return (answers[fault], 0.05) if fault in answers else (LOST, 45.0)

    def binding(self, kind, number, now):
        """Campaign of a number, and the word for its binding."""
        campaign, until, fails = self.bindings.get((kind, number), (None, 0.0, False))
        if campaign is None:
            return None, "unbound"
        if now < until:
            return campaign, "pending"
        if fails:
            self.unset.add((kind, number))
        return campaign, "failed" if fails else "active"

    def serves(self, kind, number, now):
        """Return whether a number is set up as each order of a set-up wants it."""
        return self.texts.get((kind, number)) == HOOK and self.binding(kind, number, now) == ("C1", "active")

    def buy(self, kind, number, key, body, fault, now):
        """(what its sender hears, how long that takes); ``LOST`` is no answer."""
        if self.bodies.setdefault((kind, key), body) != body:
            self.changed_bodies += 1
        kept = self._cached(kind, key, now)
        if kept is not None:
            if kind == "key" or self.fingerprint == "replay":
                return (kept[1], kept[2]), 0.05
            return (409, "used"), 0.05
        if kind == "key" and self.cache == "conflict" and any(item[3] == key for item in self.late):
            return (409, "in flight"), 0.05
        if self._exclusive(kind) and (kind, number) in self.visible:
            return (409, "taken"), 0.05
        if fault == "stale":
            self.commit(now, kind, number, key)
            copy = self.said.get(kind, LOST)
            return (LOST, 45.0) if copy is LOST else (copy, 0.05)
        answer, takes = self._answered(kind, number, key, fault, now)
        if answer is not LOST and answer[0] in (201, 500, 503):
            # Of what a second copy may say, a refusal in the provider's own words is a lie of its own.
            self.said[kind] = answer
        return answer, takes

    def buy_many(self, kind, numbers, key, body, fault, now):
        """The same for an order of several numbers; it gets those that are there."""
        self.sendings[key] += 1
        if self.bodies.setdefault((kind, key), body) != body:
            self.changed_bodies += 1
        kept = self._cached(kind, key, now)
        if kept is not None:
            return (kept[1], kept[2]), 0.05
        if self.cache == "conflict" and any(item[3] == key for item in self.late):
            return (409, "in flight"), 0.05
        if all((kind, number) in self.visible for number in numbers) and self._exclusive(kind):
            return (409, "taken"), 0.05
        gone = numbers[len(numbers) // 2 :] if fault == "some_gone" else ()
        if fault.startswith("some_"):
            self.commit_many(now, kind, numbers, key, gone)
            got, failed = (self.answers[kind, key][2].got, self.answers[kind, key][2].failed)
            told = {
                "some_gone": Ordered(got, failed),
                "some_failed": Ordered(got[1:], (*got[:1], *failed)),
                "some_missing": Ordered(got[1:], failed),
                "some_both": Ordered(got, (*got[:1], *failed)),
            }
            return (201, told[fault]), 0.05
        if fault == "stale":
            self.commit_many(now, kind, numbers, key)
            copy = self.said.get(kind, LOST)
            return (LOST, 45.0) if copy is LOST else (copy, 0.05)
        answer, takes = self._answered(kind, tuple(numbers), key, fault, now)
        if answer is not LOST and answer[0] == 201 and answer[1] == tuple(numbers):
            answer = 201, self.answers[kind, key][2]
        if answer is not LOST and answer[0] in (201, 500, 503):
            self.said[kind] = answer
        return answer, takes

    def commit_many(self, now, kind, numbers, key, gone=(), lag=None):
        if self._cached(kind, key, now) is not None:
            return
        here = [one for one in numbers if one not in gone and not (self.exclusive and (kind, one) in self.visible)]
        self.answers.pop((kind, key), None)
        for number in here:
            self.answers.pop((kind, key), None)  # all of one order, under one key
            self.commit(now, kind, number, key, lag)
        failed = tuple(one for one in numbers if one not in here)
        self.answers[kind, key] = (now, 201, Ordered(tuple(here), failed))

    def _answered(self, kind, number, key, fault, now):
        refusals = {"throttle": 429, "gone": 409, "reject400": 400, "reject401": 401, "nocharge_503": 503}
        if fault in refusals:
            if kind == "key" and self.cache == "errors" and fault in ("gone", "reject400"):
                self.answers[kind, key] = (now, refusals[fault], "cached")
            return (refusals[fault], fault), 0.05
        if fault == "nocharge_lost":
            return LOST, 45.0
        self.lies += fault in LIES
        if fault.startswith("late"):
            self.late.append((now + self.draw(0.1, self.late_max[kind]), kind, number, key))
        else:
            self.commit(now, kind, number, key, 0.0 if fault == "charge_taken" else None)
        answers = {
            "ok": (201, number),
            "charge_500": (500, ""),
            "late_500": (500, ""),
            "charge_badjson": (201, "?"),
            "charge_other": (201, POOL[kind][-1]),
            "charge_422": (422, ""),
            "charge_taken": (409, "taken"),
            "charge_429": (429, ""),
            "charge_429_page": (429, "page"),
            "late_429_page": (429, "page"),
            "charge_400_page": (400, "page"),
            "charge_twin": (409, "taken"),
            "charge_400": (400, ""),
            "charge_401": (401, ""),
            "late_400": (400, ""),
            "charge_contradiction": (201, "contradiction"),
        }
        return (answers[fault], 0.05) if fault in answers else (LOST, 45.0)
