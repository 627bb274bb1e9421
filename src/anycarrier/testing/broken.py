"""Adapters broken in the classic ways: a provider wrapped, its requests, answers and exchanges, never its source.

Each :class:`Mutant` is a mistake that adapters make. A suite that does not notice one of them would not notice it in an
adapter either. :mod:`anycarrier.testing.mutants` runs them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, ClassVar

from attrs import evolve, frozen

from anycarrier.capabilities import OPERATIONS, Can, Cannot, support_of
from anycarrier.errors import (
    AnyCarrierError,
    NotFound,
    ProviderDown,
    ProviderError,
    RateLimited,
    TransportError,
    UnexpectedResponse,
    Unsupported,
)
from anycarrier.exchange import Emit, Exchange, Exclusive, Request, Response, Together
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    ForwardTo,
    Money,
    NoForward,
    OwnedNumber,
    Release,
    ReleaseState,
    Search,
    Status,
    Transfer,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.operations import number_of

__all__ = ["MUTANTS", "Break", "Mutant", "broken"]

METHODS = ("draft", "place", "look", "price_of", *(name for name in OPERATIONS if name != "buy"))

Own = Callable[..., Exchange[Any]]


class Break:
    """One way to be broken. A method called like a provider's takes its place; *own* is the provider's.

    Attributes:
        strikes: how often it made a difference.
    """

    def __init__(self, provider: Any) -> None:
        self.provider = provider
        self.strikes = 0

    def attribute(self, name: str, value: Any) -> Any:
        """What ``provider.<name>`` is."""
        return value

    def request(self, request: Request) -> Request:
        """What is sent instead."""
        return request

    def struck(self, value: Any) -> Any:
        """*value*, counted as a difference."""
        self.strikes += 1
        return value

    def owned(self, number: PhoneNumber) -> OwnedNumber:
        """A number as if the provider had said that it is ours."""
        account = self.provider.accounts[0].id
        return OwnedNumber(provider=self.provider.name, account=account, number=number, status=Status.ACTIVE)


def broken(provider: Any, way: Break) -> Any:
    """*provider*, broken in this *way*."""

    def method(name: str) -> Callable[..., Exchange[Any]]:
        def own(*given: Any, **more: Any) -> Exchange[Any]:
            return _relayed(getattr(provider, name)(*given, **more), way)

        def call(_: Any, *given: Any, **more: Any) -> Exchange[Any]:
            instead = getattr(way, name, None) or getattr(way, "every", None)
            return own(*given, **more) if instead is None else instead(own, *given, **more)

        return call

    def attribute(_: Any, name: str) -> Any:
        return way.attribute(name, getattr(provider, name))

    members: dict[str, Any] = {name: method(name) for name in METHODS if hasattr(type(provider), name)}
    return type(type(provider).__name__, (), {**members, "__getattr__": attribute})()


def _relayed(exchange: Exchange[Any], way: Break) -> Exchange[Any]:
    """*exchange* with its requests as *way* sends them."""
    outcome: Any = None
    try:
        while True:
            try:
                effect = exchange.send(outcome)
            except StopIteration as stop:
                return stop.value
            if isinstance(effect, Request):
                effect = way.request(effect)
            elif isinstance(effect, Together):
                effect = Together(tuple(_relayed(one, way) for one in effect.exchanges), effect.limit)
            elif isinstance(effect, Exclusive):
                effect = Exclusive(effect.key, _relayed(effect.exchange, way))
            outcome = yield effect
    finally:
        exchange.close()


@frozen(kw_only=True)
class Mutant:
    """A mistake.

    Attributes:
        means: what the adapter does wrong.
        way: how it is brought about.
        cases: those of the suite that should notice, likeliest first; ``[...]`` picks a fault.
        needs: features without which it cannot be made.
        never: why it may make no difference to a provider.
    """

    means: str
    way: Callable[[Any], Break]
    cases: Sequence[str]
    needs: Sequence[str] = ()
    never: str = "no case brought it about"


# -- the answer to a purchase


class RefusedIsBought(Break):
    def place(self, own: Own, draft: Any) -> Exchange[Any]:
        try:
            return (yield from own(draft))
        except ProviderError as error:
            if error.status is not None and 400 <= error.status < 500:
                return self.struck(self.owned(draft.number))
            raise


class AnySuccessIsBought(Break):
    def place(self, own: Own, draft: Any) -> Exchange[Any]:
        try:
            return (yield from own(draft))
        except AnyCarrierError as error:
            if _succeeded(error):
                return self.struck(self.owned(draft.number))
            raise


class NotApplied(Break):
    """Takes some of the errors of a purchase for proof that nothing happened."""

    statuses: ClassVar[range] = range(0)

    def place(self, own: Own, draft: Any) -> Exchange[Any]:
        try:
            return (yield from own(draft))
        except AnyCarrierError as error:
            if self.takes(error) and error.maybe_applied:
                error.maybe_applied = self.struck(False)
            raise

    def takes(self, error: AnyCarrierError) -> bool:
        return error.status in self.statuses


class PageRefuses(NotApplied):
    statuses = range(400, 429)


class LimitRefuses(NotApplied):
    statuses = range(429, 430)


class FailureRefuses(NotApplied):
    statuses = range(500, 600)


class OddSuccessRefuses(NotApplied):
    statuses = range(200, 300)


class LostIsNotSent(NotApplied):
    def takes(self, error: AnyCarrierError) -> bool:
        return isinstance(error, TransportError)


class SentAgain(Break):
    """Sends a purchase again by itself when its answer is lost."""

    def place(self, own: Own, draft: Any) -> Exchange[Any]:
        try:
            return (yield from own(draft))
        except (TransportError, ProviderDown, RateLimited):
            self.strikes += 1
            return (yield from own(draft))


# -- the request of a purchase


class KeyMissing(Break):
    key = ""

    def place(self, own: Own, draft: Any) -> Exchange[Any]:
        self.key = draft.key
        return own(draft)

    def request(self, request: Request) -> Request:
        if request.purpose != "purchase" or not self.key:
            return request
        return self.struck(  # type: ignore[no-any-return]
            evolve(
                request,
                headers={name: value for name, value in request.headers.items() if value != self.key},
                query=tuple(pair for pair in request.query if pair[1] != self.key),
                body=(request.body or b"").replace(self.key.encode(), b""),
            )
        )


class BodyDiffers(Break):
    """The second time a purchase is sent its bytes are others, as when a moment is written into them."""

    sent = 0

    def request(self, request: Request) -> Request:
        if request.purpose != "purchase":
            return request
        self.sent += 1
        spaces = b" " * (self.sent - 1)
        return self.struck(evolve(request, body=(request.body or b"") + spaces)) if spaces else request


# -- what is said of how purchases are resolved


class Rules(Break):
    changed: ClassVar[Mapping[str, Any]] = {}

    def attribute(self, name: str, value: Any) -> Any:
        return self.struck(evolve(value, **self.changed)) if name == "rules" else value


class PriceInCents(Break):
    """Takes a price for a hundredth of what it is, or the other way round."""

    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        offers = yield from own(query, **more)
        return [self._dearer(offer) for offer in offers]

    def draft(self, own: Own, target: Any, **more: Any) -> Exchange[Any]:
        return self._dearer((yield from own(target, **more)))

    def _dearer(self, one: Any) -> Any:
        if one.price is None:
            return one
        return self.struck(evolve(one, price=Money(one.price.amount * 100, one.price.currency)))


class DraftWithoutPrice(Break):
    def draft(self, own: Own, target: Any, **more: Any) -> Exchange[Any]:
        draft = yield from own(target, **more)
        return draft if draft.price is None else self.struck(evolve(draft, price=None))


class ConcludesAtOnce(Rules):
    changed = {"replay": False, "settle": 0.0, "looks": 1, "look_every": 0.0}  # noqa: RUF012


class ReplaysWithoutPromise(Rules):
    changed = {"replay": True, "replay_for": 3600.0}  # noqa: RUF012

    def attribute(self, name: str, value: Any) -> Any:
        return value if name == "rules" and value.replay else super().attribute(name, value)


# -- looking


class Absent(Break):
    def look(self, own: Own, attempt: Any) -> Exchange[Any]:
        yield from own(attempt)
        return self.struck(None)


class FailureIsAbsence(Break):
    def look(self, own: Own, attempt: Any) -> Exchange[Any]:
        try:
            return (yield from own(attempt))
        except AnyCarrierError as error:
            if self.takes(error):
                return self.struck(None)
            raise

    def takes(self, error: AnyCarrierError) -> bool:
        return True


class StrangersPageIsAbsence(FailureIsAbsence):
    def takes(self, error: AnyCarrierError) -> bool:
        return error.status == 404


class _Turned(Exception):
    """A listing is at its second page."""


class FirstPageOnly(Break):
    """Reads one page of a list and takes it for all."""

    last: Request | None = None
    turns = 0

    def list(self, own: Own, **more: Any) -> Exchange[Any]:
        self.last = None
        try:
            yield from own(**more)
        except _Turned:
            self.strikes += 1

    def request(self, request: Request) -> Request:
        before, self.last = self.last, request
        if before is not None and _follows(before, request):
            raise _Turned
        return request


class LookAtFirstPage(FirstPageOnly):
    def list(self, own: Own, **more: Any) -> Exchange[Any]:
        self.last = None
        return own(**more)

    def look(self, own: Own, attempt: Any) -> Exchange[Any]:
        self.last = None
        self.turns += 1
        try:
            return (yield from own(attempt))
        except _Turned:
            return self.struck(None)
        finally:
            self.turns -= 1

    def request(self, request: Request) -> Request:
        return super().request(request) if self.turns else request


class LastPageLost(Break):
    def list(self, own: Own, **more: Any) -> Exchange[Any]:
        held: list[Emit[Any]] = []

        def keep(emit: Emit[Any]) -> Sequence[Emit[Any]]:
            held.append(emit)
            return held[-2:-1]

        yield from _emitting(own(**more), keep)
        if len(held) > 1:
            self.strikes += 1
        elif held:
            yield held[0]


class Twice(Break):
    def list(self, own: Own, **more: Any) -> Exchange[Any]:
        return _emitting(own(**more), lambda emit: [emit, self.struck(emit)])


class ListSwallows(Break):
    def list(self, own: Own, **more: Any) -> Exchange[Any]:
        try:
            yield from own(**more)
        except AnyCarrierError:
            self.strikes += 1


class OddRowDropped(Break):
    """A row that cannot be read is left out, and the list ends as if it were whole."""

    def list(self, own: Own, **more: Any) -> Exchange[Any]:
        try:
            yield from own(**more)
        except UnexpectedResponse as error:
            if error.status != 200:
                raise
            self.strikes += 1


class Endless(Break):
    """Asks on where a page comes again."""

    def list(self, own: Own, **more: Any) -> Exchange[Any]:
        exchange = own(**more)
        outcome: Any = None
        bodies: set[bytes] = set()
        asked: Request | None = None
        again = False
        while True:
            try:
                effect = exchange.send(outcome)
            except StopIteration:
                break
            except AnyCarrierError:
                if not again:
                    raise
                break
            outcome = yield effect
            if isinstance(effect, Request) and isinstance(outcome, Response) and outcome.stream is None:
                again = again or outcome.body in bodies
                bodies.add(outcome.body)
                asked = effect
        if not again:
            return
        self.strikes += 1
        while True:
            yield asked


# -- searching


class Filter(Break):
    """Ignores one filter of a search."""

    without: ClassVar[Mapping[str, Any]] = {}

    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        other = self.other(query)
        return own(query if other == query else self.struck(other), **more)

    def other(self, query: Search) -> Search:
        return evolve(query, **self.without)


def _ignoring(**without: Any) -> type[Filter]:
    return type("Ignoring", (Filter,), {"without": without})


class PrefixIgnored(Filter):
    def other(self, query: Search) -> Search:
        if query.prefix is None or len(query.prefix) <= 3:
            return query
        return evolve(query, prefix=None, area_code=query.prefix[:3])


class UnsupportedIgnored(Break):
    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        try:
            return (yield from own(query, **more))
        except Unsupported:
            self.strikes += 1
            digits = query.leading[:3] or "201"
            return (yield from own(Search(area_code=digits, limit=query.limit), **more))


class SearchFailsQuietly(Break):
    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        try:
            return (yield from own(query, **more))
        except Unsupported:
            raise
        except AnyCarrierError:
            return self.struck([])


class OffersOfAnother(Break):
    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        offers = yield from own(query, **more)
        return [self.struck(evolve(offer, account="another")) for offer in offers]


class OffersTwice(Break):
    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        offers = yield from own(query, **more)
        return [*self.struck(offers[:1]), *offers][: query.limit]


class OffersOfElsewhere(Break):
    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        offers = yield from own(query, **more)
        return [*offers[:-1], self.struck(evolve(offers[-1], number=PhoneNumber("+19075550198")))] if offers else offers


class AskedForEver(Break):
    """Repeats a read that fails, again and again."""

    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        for _ in range(9):
            try:
                return (yield from own(query, **more))
            except (ProviderDown, TransportError):
                self.strikes += 1
        return (yield from own(query, **more))


class RedirectFollowed(Break):
    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        try:
            return (yield from own(query, **more))
        except UnexpectedResponse as error:
            if error.status is None or not 300 <= error.status < 400:
                raise
            self.strikes += 1
            return (yield from own(query, **more))


class WithoutPlus(Break):
    """Numbers are handed out as the provider writes them."""

    def search(self, own: Own, query: Search, **more: Any) -> Exchange[Any]:
        offers = yield from own(query, **more)
        for offer in offers:
            object.__setattr__(offer, "number", self.struck(offer.number.ten_digit))
        return offers


# -- reading one number


class AnothersAnswer(Break):
    def get(self, own: Own, target: Any) -> Exchange[Any]:
        try:
            return (yield from own(target))
        except TransportError:
            raise
        except AnyCarrierError as error:
            if error.status in (None, 200):
                return self.struck(self.owned(number_of(target)))
            raise


class AnyPageIsNotFound(Break):
    def every(self, own: Own, *given: Any, **more: Any) -> Exchange[Any]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError as error:
            if error.status == 404 and not isinstance(error, NotFound):
                self.strikes += 1
                raise _not_found(error) from error
            raise


class FromMemory(Break):
    """Answers what it was asked before."""

    known: ClassVar[tuple[str, ...]] = ()

    def get(self, own: Own, target: Any) -> Exchange[Any]:
        return self._kept("get", own, target)

    def campaign_of(self, own: Own, target: Any) -> Exchange[Any]:
        return self._kept("campaign_of", own, target)

    def _kept(self, operation: str, own: Own, target: Any) -> Exchange[Any]:
        kept: dict[Any, Any] = vars(self).setdefault("_memory", {})
        asked = operation, str(number_of(target))
        if asked in kept:
            self.strikes += 1
        else:
            kept[asked] = yield from own(target)
        return kept[asked]


class FailureIsNotFound(Break):
    def get(self, own: Own, target: Any) -> Exchange[Any]:
        try:
            return (yield from own(target))
        except (ProviderDown, TransportError, RateLimited) as error:
            self.strikes += 1
            raise _not_found(error) from error


class AnyWordIsActive(Break):
    def get(self, own: Own, target: Any) -> Exchange[Any]:
        owned = yield from own(target)
        return owned if owned.status is Status.ACTIVE else self.struck(evolve(owned, status=Status.ACTIVE))


# -- changing things


class Believes(Break):
    """Takes any success for what was asked."""

    def release(self, own: Own, target: Any) -> Exchange[Any]:
        return self._believed(own(target), lambda: self._released(target))

    def transfer(self, own: Own, target: Any, to_account: str, **more: Any) -> Exchange[Any]:
        def moved() -> Transfer:
            mine = self.owned(number_of(target))
            return Transfer(provider=mine.provider, account=mine.account, number=mine.number, to_account=to_account)

        return self._believed(own(target, to_account, **more), moved)

    def bind_campaign(self, own: Own, target: Any, campaign_id: str) -> Exchange[Any]:
        def bound() -> CampaignBinding:
            return self._binding(target, campaign_id, BindingStatus.ACTIVE)

        return self._believed(own(target, campaign_id), bound)

    def route(self, own: Own, target: Any, *routes: Any) -> Exchange[Any]:
        return self._believed(own(target, *routes), lambda: self.owned(number_of(target)))

    def _believed(self, exchange: Exchange[Any], made: Callable[[], Any]) -> Exchange[Any]:
        try:
            return (yield from exchange)
        except AnyCarrierError as error:
            if _succeeded(error):
                return self.struck(made())
            raise

    def _released(self, target: Any) -> Release:
        mine = self.owned(number_of(target))
        released = ReleaseState.RELEASED
        return Release(provider=mine.provider, account=mine.account, number=mine.number, state=released)

    def _binding(self, target: Any, campaign_id: str | None, status: BindingStatus) -> CampaignBinding:
        mine = self.owned(number_of(target))
        return CampaignBinding(
            provider=mine.provider, account=mine.account, number=mine.number, campaign_id=campaign_id, status=status
        )


def _only(way: type[Break], operation: str) -> type[Break]:
    """*way*, for one operation alone."""
    helpers = {name: member for name, member in vars(Believes).items() if name[0] == "_" and name[1] != "_"}
    return type(way.__name__, (Break,), {operation: vars(way)[operation], **helpers})


def _believing(operation: str) -> type[Break]:
    return _only(Believes, operation)


class ReleasesNothing(Believes):
    def release(self, own: Own, target: Any) -> Exchange[Any]:
        yield from ()
        return self.struck(self._released(target))


class ReleasesWhatIsNotThere(Believes):
    def release(self, own: Own, target: Any) -> Exchange[Any]:
        try:
            return (yield from own(target))
        except NotFound:
            return self.struck(self._released(target))


class DoesNothing(Believes):
    """Says that it was done, and sends nothing."""

    def transfer(self, own: Own, target: Any, to_account: str, **more: Any) -> Exchange[Any]:
        yield from ()
        mine = self.owned(number_of(target))
        return self.struck(
            Transfer(provider=mine.provider, account=mine.account, number=mine.number, to_account=to_account)
        )

    def route(self, own: Own, target: Any, *routes: Any) -> Exchange[Any]:
        self.strikes += 1
        return (yield from self.provider.get(target))

    def bind_campaign(self, own: Own, target: Any, campaign_id: str) -> Exchange[Any]:
        yield from ()
        return self.struck(self._binding(target, campaign_id, BindingStatus.ACTIVE))

    def unbind_campaign(self, own: Own, target: Any, campaign_id: str | None = None) -> Exchange[Any]:
        yield from ()
        return self.struck(self._binding(target, campaign_id, BindingStatus.UNBOUND))


def _doing(operation: str) -> type[Break]:
    return _only(DoesNothing, operation)


class RouteResetsOthers(Break):
    def route(self, own: Own, target: Any, *routes: Any) -> Exchange[Any]:
        yield from own(target, *routes)
        self.strikes += any(isinstance(route, ForwardTo) for route in routes)
        return (yield from own(target, NoForward()))


class ChangeSentAgain(Break):
    """Sends a change again by itself when its answer is lost."""

    def every(self, own: Own, *given: Any, **more: Any) -> Exchange[Any]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError as error:
            if not error.maybe_applied:
                raise
            self.strikes += 1
        return (yield from own(*given, **more))

    def place(self, own: Own, draft: Any) -> Exchange[Any]:
        return own(draft)


class DoubtIsHidden(Break):
    """A change that may have been made is told as not made."""

    def every(self, own: Own, *given: Any, **more: Any) -> Exchange[Any]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError as error:
            if error.maybe_applied:
                error.maybe_applied = self.struck(False)
            raise

    def place(self, own: Own, draft: Any) -> Exchange[Any]:
        return own(draft)


class ContradictionAccepted(Break):
    def route(self, own: Own, target: Any, *routes: Any) -> Exchange[Any]:
        self.strikes += len(routes) > 1
        owned: Any = None
        for route in routes:
            owned = yield from own(target, route)
        return owned


class AppliedForgotten(Break):
    def route(self, own: Own, target: Any, *routes: Any) -> Exchange[Any]:
        try:
            return (yield from own(target, *routes))
        except AnyCarrierError as error:
            if error.applied:
                error.applied = self.struck(())
            raise


class UnbindsWhatIsThere(Break):
    def unbind_campaign(self, own: Own, target: Any, campaign_id: str | None = None) -> Exchange[Any]:
        return own(target, self.struck(None) if campaign_id else None)


class CampaignIsActive(Break):
    def campaign_of(self, own: Own, target: Any) -> Exchange[Any]:
        binding = yield from own(target)
        return self.struck(evolve(binding, status=BindingStatus.ACTIVE))


class StrangersPageIsNoCampaign(Believes):
    def campaign_of(self, own: Own, target: Any) -> Exchange[Any]:
        try:
            return (yield from own(target))
        except AnyCarrierError as error:
            if error.status == 404 and not isinstance(error, NotFound):
                return self.struck(self._binding(target, None, BindingStatus.UNBOUND))
            raise


# -- what is declared, and what errors say


class DeclaresMore(Break):
    def attribute(self, name: str, value: Any) -> Any:
        if name != "supports":
            return value
        cannot = [feature for feature in OPERATIONS if isinstance(support_of(self.provider, feature), Cannot)]
        cannot += [feature for feature, support in value.items() if isinstance(support, Cannot)]
        return {**value, **{feature: Can() for feature in self.struck(cannot[:1])}}


class Error(Break):
    """Does something to every error."""

    def every(self, own: Own, *given: Any, **more: Any) -> Exchange[Any]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError as error:
            self.spoil(error)
            raise

    def spoil(self, error: AnyCarrierError) -> None:
        raise NotImplementedError


def _losing(name: str) -> type[Error]:
    def spoil(self: Error, error: AnyCarrierError) -> None:
        if getattr(error, name, None) is not None:
            setattr(error, name, self.struck(None))

    return type("Losing", (Error,), {"spoil": spoil})


class OneClass(Error):
    """Every error is of one class."""

    def every(self, own: Own, *given: Any, **more: Any) -> Exchange[Any]:
        try:
            return (yield from own(*given, **more))
        except Unsupported:
            raise
        except ProviderError as error:
            self.strikes += 1
            raise ProviderError(
                error.message, provider=error.provider, operation=error.operation, status=error.status,
                request_id=error.request_id, maybe_applied=error.maybe_applied,
            ) from error  # fmt: skip


class NumberShown(Break):
    def get(self, own: Own, target: Any) -> Exchange[Any]:
        try:
            return (yield from own(target))
        except AnyCarrierError as error:
            error.message = self.struck(f"{error.message}: {number_of(target).ten_digit}")
            error.args = (error.message,)
            raise


class SecretInUrl(Break):
    def request(self, request: Request) -> Request:
        secrets = [text for account in self.provider.accounts for text in account.credentials.secrets() if text]
        return self.struck(evolve(request, query=(*request.query, ("key", secrets[0])))) if secrets else request


class SecretShown(Error):
    def spoil(self, error: AnyCarrierError) -> None:
        secrets = [text for account in self.provider.accounts for text in account.credentials.secrets() if text]
        error.message = self.struck(f"{error.message} (sent with {', '.join(secrets)})")
        error.args = (error.message,)


# -- helpers


def _succeeded(error: AnyCarrierError) -> bool:
    return error.status is not None and 200 <= error.status < 300


def _not_found(error: AnyCarrierError) -> NotFound:
    return NotFound(
        "not on this account", provider=error.provider, operation=error.operation, status=error.status,
        request_id=error.request_id,
    )  # fmt: skip


def _emitting(listing: Exchange[Any], each: Callable[[Emit[Any]], Sequence[Emit[Any]]]) -> Generator[Any, Any, None]:
    """*listing* with each page replaced by those that *each* gives."""
    outcome: Any = None
    try:
        while True:
            try:
                effect = listing.send(outcome)
            except StopIteration:
                return
            outcome = None
            if isinstance(effect, Emit):
                yield from each(effect)
            else:
                outcome = yield effect
    finally:
        listing.close()


def _follows(one: Request, other: Request) -> bool:
    """Whether *other* asks for a later page of what *one* asks for."""
    if (one.method, one.path) != (other.method, other.path) or one.attempt != other.attempt:
        return False
    before, after = _asked(one), _asked(other)
    return before != after and before.keys() <= after.keys()


def _asked(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = {}
    return {**dict(request.query), **(body if isinstance(body, dict) else {})}


BREAKS = "test_whatever_breaks_nothing_is_paid_twice_or_forgotten"
PLACE = "test_place_sends_one_request_whatever_becomes_of_it"
LOOK = "test_a_look_that_got_no_clear_answer_proves_no_absence"
FILTERS = ("test_a_filter_that_few_fit_holds_for_every_offer", "test_features_that_are_asked_for_are_had")
STATUS = "test_a_status_becomes_its_error"
STRANGER = "test_a_page_of_a_stranger_says_nothing_of_a_number"
PRICE = "test_the_price_that_is_told_is_what_is_charged"
SUCCESS = "test_a_success_that_is_none_is_not_believed"
ONE_PAGE = "what it asks for comes in one answer"


def _all() -> Mapping[str, Mutant]:
    found = {
        "refused-is-bought": Mutant(
            means="an order that was refused is taken as bought", way=RefusedIsBought,
            cases=[f"{BREAKS}[409-html-before]", f"{BREAKS}[throttle-seconds]"],
        ),
        "any-success-is-bought": Mutant(
            means="any answer of 2xx is taken as bought", way=AnySuccessIsBought,
            cases=["test_a_hostile_answer_is_never_a_purchase", "test_an_answer_about_another_number_is_not_believed"],
        ),
        "page-refuses": Mutant(
            means="a 4xx page of something in between is taken as the provider's refusal", way=PageRefuses,
            cases=[f"{BREAKS}[{status}-html-after]" for status in (400, 401, 402, 403)],
        ),
        "limit-refuses": Mutant(
            means="a 429 is taken as proof that nothing was bought", way=LimitRefuses,
            cases=[PLACE, f"{BREAKS}[throttle-html-after]"],
        ),
        "failure-refuses": Mutant(
            means="a 5xx is taken as not sent", way=FailureRefuses, cases=[PLACE, f"{BREAKS}[503-html-after]"],
        ),
        "odd-success-refuses": Mutant(
            means="an answer of 2xx that cannot be read is taken as proof that nothing was bought",
            way=OddSuccessRefuses, cases=["test_a_hostile_answer_is_never_a_purchase"],
        ),
        "lost-is-not-sent": Mutant(
            means="a lost answer is taken as not sent", way=LostIsNotSent, cases=[PLACE, f"{BREAKS}[reset-after]"],
        ),
        "sent-again": Mutant(means="a purchase is sent again when its answer is lost", way=SentAgain, cases=[PLACE]),
        "key-missing": Mutant(
            means="the key is not in the request of a purchase", way=KeyMissing,
            cases=["test_the_request_of_a_purchase_carries_its_key_and_its_body"],
        ),
        "body-differs": Mutant(
            means="a purchase that is sent again has other bytes", way=BodyDiffers,
            cases=[f"{BREAKS}[refuse]", f"{BREAKS}[503-html-before]"],
        ),
        "concludes-at-once": Mutant(
            means="`rules` let one early look prove that nothing was bought", way=ConcludesAtOnce,
            cases=[f"{BREAKS}[late-hang]", "test_a_list_that_lags_behind_costs_nothing"],
        ),
        "replays-without-promise": Mutant(
            means="`rules` say that a key is answered again, and it is not", way=ReplaysWithoutPromise,
            cases=["test_a_replay_is_answered_again_and_charges_nothing"],
            never="the provider does answer a key again",
        ),
        "price-in-cents": Mutant(
            means="a price is read as another one", way=PriceInCents, cases=[PRICE],
            never="it states no price before the purchase",
        ),
        "draft-without-price": Mutant(
            means="a purchase forgets the price that its offer states, so no cap holds", way=DraftWithoutPrice,
            cases=[PRICE], never="it states no price before the purchase",
        ),
        "look-absent": Mutant(
            means="`look` finds nothing", way=Absent, cases=["test_a_look_finds_what_was_bought"]
        ),
        "look-failure-is-absence": Mutant(
            means="`look` takes a failure for absence", way=FailureIsAbsence, cases=[LOOK]
        ),
        "look-page-is-absence": Mutant(
            means="`look` takes a proxy's 404 for absence", way=StrangersPageIsAbsence, cases=[LOOK]
        ),
        "look-first-page": Mutant(
            means="`look` reads one page only", way=LookAtFirstPage,
            cases=["test_a_look_reads_on_where_the_filter_of_a_list_is_ignored"], never=ONE_PAGE,
        ),
        "list-first-page": Mutant(
            means="list() reads one page only", way=FirstPageOnly, cases=["test_the_list_goes_to_the_end"],
            needs=["list"], never=ONE_PAGE,
        ),
        "list-last-page": Mutant(
            means="list() loses its last page", way=LastPageLost, cases=["test_the_list_goes_to_the_end"],
            needs=["list"], never=ONE_PAGE,
        ),
        "list-twice": Mutant(
            means="list() gives numbers twice", way=Twice, cases=["test_the_list_goes_to_the_end"], needs=["list"]
        ),
        "list-swallows": Mutant(
            means="list() ends quietly where it breaks", way=ListSwallows,
            cases=["test_a_list_that_breaks_says_so"], needs=["list"],
        ),
        "list-odd-row": Mutant(
            means="list() leaves out quietly what it cannot read", way=OddRowDropped,
            cases=["test_a_row_that_cannot_be_read_is_told"], needs=["list"],
        ),
        "list-endless": Mutant(
            means="list() asks on for ever where a page comes again", way=Endless,
            cases=["test_a_list_without_end_is_given_up"], needs=["list"], never=ONE_PAGE,
        ),
        "limit-ignored": Mutant(
            means="search() gives more than was asked for", way=_ignoring(limit=50),
            cases=["test_search_keeps_to_the_limit"],
        ),
        "unsupported-ignored": Mutant(
            means="a filter that is not supported is dropped silently", way=UnsupportedIgnored,
            cases=["test_what_it_cannot_is_refused_before_anything_is_sent"],
            never="there is no filter that it cannot take",
        ),
        "search-fails-quietly": Mutant(
            means="a search that fails finds nothing", way=SearchFailsQuietly, cases=[STATUS]
        ),
        "offers-twice": Mutant(
            means="search() gives offers twice", way=OffersTwice, cases=["test_search_finds_what_was_asked_for"],
        ),
        "offers-of-elsewhere": Mutant(
            means="search() gives numbers that were not asked for", way=OffersOfElsewhere,
            cases=["test_search_finds_what_was_asked_for"],
        ),
        "asked-for-ever": Mutant(
            means="a read that fails is repeated without end", way=AskedForEver, cases=[STATUS]
        ),
        "redirect-followed": Mutant(means="redirects are followed", way=RedirectFollowed, cases=[STATUS]),
        "from-memory": Mutant(
            means="get() and campaign_of() answer what they were asked before", way=FromMemory,
            cases=["test_a_released_number_is_gone_or_scheduled", "test_a_campaign_is_bound_read_and_unbound"],
            needs=["release"],
        ),
        "offers-of-another": Mutant(
            means="offers name another account", way=OffersOfAnother, cases=["test_search_finds_what_was_asked_for"]
        ),
        "without-plus": Mutant(
            means="numbers are handed out as the provider writes them", way=WithoutPlus,
            cases=["test_search_finds_what_was_asked_for"],
        ),
        "prefix-ignored": Mutant(
            means="a filter is not kept: prefix", way=PrefixIgnored, cases=FILTERS, needs=["search.prefix"]
        ),
        "anothers-answer": Mutant(
            means="get() believes an answer about another number", way=AnothersAnswer,
            cases=["test_a_number_is_not_read_from_an_answer_about_another"], needs=["get"],
        ),
        "any-page-is-not-found": Mutant(
            means="any 404 is NotFound, a proxy's too", way=AnyPageIsNotFound, cases=[STRANGER]
        ),
        "failure-is-not-found": Mutant(
            means="get() takes a failure for NotFound", way=FailureIsNotFound,
            cases=["test_failures_are_not_absence"], needs=["get"],
        ),
        "any-word-is-active": Mutant(
            means="any word for a number's state is taken as active", way=AnyWordIsActive,
            cases=["test_a_status_word_that_is_not_known_is_unknown"], needs=["get"],
            never="the provider states no word for a number's state",
        ),
        "release-does-nothing": Mutant(
            means="release() releases nothing", way=ReleasesNothing,
            cases=["test_a_released_number_is_gone_or_scheduled"], needs=["release"],
        ),
        "release-of-nothing": Mutant(
            means="release() of a number that is not ours says that it is done", way=ReleasesWhatIsNotThere,
            cases=["test_a_number_that_is_not_ours_is_not_found"], needs=["release"],
        ),
        "transfer-does-nothing": Mutant(
            means="transfer() transfers nothing", way=_doing("transfer"),
            cases=["test_a_transferred_number_is_not_ours"], needs=["transfer"],
        ),
        "route-does-nothing": Mutant(
            means="route() routes nothing", way=_doing("route"),
            cases=["test_each_route_takes_effect_and_leaves_the_others"], needs=["route"],
        ),
        "bind-does-nothing": Mutant(
            means="bind_campaign() binds nothing", way=_doing("bind_campaign"),
            cases=["test_a_campaign_is_bound_read_and_unbound"], needs=["bind_campaign"],
        ),
        "unbind-does-nothing": Mutant(
            means="unbind_campaign() unbinds nothing", way=_doing("unbind_campaign"),
            cases=["test_a_campaign_is_bound_read_and_unbound"], needs=["unbind_campaign"],
        ),
        "route-resets-others": Mutant(
            means="a route takes another one away", way=RouteResetsOthers,
            cases=["test_each_route_takes_effect_and_leaves_the_others"], needs=["route.forward", "route.gateway"],
        ),
        "change-sent-again": Mutant(
            means="a change is sent again when its answer is lost", way=ChangeSentAgain, cases=[STATUS, SUCCESS],
            never="there is nothing that it can change",
        ),
        "doubt-is-hidden": Mutant(
            means="a change that may have been made is told as not made", way=DoubtIsHidden, cases=[STATUS, SUCCESS],
            never="there is nothing that it can change",
        ),
        "contradiction-accepted": Mutant(
            means="routes that contradict each other are accepted", way=ContradictionAccepted,
            cases=["test_routes_that_contradict_each_other_are_refused"], needs=["route"],
        ),
        "applied-forgotten": Mutant(
            means="a route that fails does not say what was applied before", way=AppliedForgotten,
            cases=["test_a_route_that_fails_says_what_was_applied_before"], needs=["route"],
        ),
        "unbinds-another": Mutant(
            means="another campaign than the one named is unbound", way=UnbindsWhatIsThere,
            cases=["test_another_campaign_is_not_unbound"], needs=["unbind_campaign"],
        ),
        "campaign-is-active": Mutant(
            means="a campaign is always active", way=CampaignIsActive,
            cases=["test_a_campaign_is_bound_read_and_unbound"], needs=["campaign_of", "bind_campaign"],
        ),
        "page-is-no-campaign": Mutant(
            means='a proxy\'s 404 is read as "no campaign"', way=StrangersPageIsNoCampaign, cases=[STRANGER],
            needs=["campaign_of"],
        ),
        "declares-more": Mutant(
            means="something is declared that it cannot do", way=DeclaresMore,
            cases=["test_it_has_the_operations_that_it_declares", "test_what_it_can_is_not_refused"],
        ),
        "errors-of-one-class": Mutant(means="every error is of one class", way=OneClass, cases=[STATUS]),
        "number-shown": Mutant(
            means="an error message shows the number", way=NumberShown, cases=["test_numbers_in_logs_are_templates"],
            needs=["get"],
        ),
        "secret-in-url": Mutant(
            means="the credentials are in the URL", way=SecretInUrl, cases=["test_no_secret_is_shown"],
            never="it has no credentials",
        ),
        "secret-shown": Mutant(
            means="an error message shows the credentials", way=SecretShown, cases=["test_no_secret_is_shown"]
        ),
    }  # fmt: skip
    for name, without in {
        "ends_with": None, "contains": None, "city": None, "state": None, "rate_center": None, "lata": None,
        "max_price": None, "country": None, "features": frozenset[Any](), "line": None,
    }.items():  # fmt: skip
        needs = [f"search.{name}"] if name != "line" else []
        found[f"{name}-ignored"] = Mutant(
            means=f"a filter is not kept: {name}", way=_ignoring(**{name: without}), cases=FILTERS, needs=needs,
            never="no case could search for it",
        )  # fmt: skip
    for operation in ("release", "transfer", "bind_campaign", "route"):
        found[f"{operation}-believes"] = Mutant(
            means=f"{operation}() believes any answer of 2xx", way=_believing(operation), cases=[SUCCESS],
            needs=[operation],
        )  # fmt: skip
    for name in ("status", "request_id", "retry_after", "operation", "provider"):
        found[f"errors-lose-{name}"] = Mutant(
            means=f"errors lose {name}", way=_losing(name), cases=[STATUS]
        )  # fmt: skip
    return found


MUTANTS: Mapping[str, Mutant] = _all()
