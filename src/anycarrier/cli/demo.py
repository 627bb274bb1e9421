"""``demo``: the life of a number, over real HTTP on this machine, with each request.

A simulator's ``story`` has the values: ``area_code`` to search in; ``gateway``, ``forward`` and ``webhook`` for routes;
``campaign`` to bind to; and ``purchase``, its name of the operation that buys, whose answer gets lost once. A feature
that a provider lacks has no value there; the demo shows how it is refused.
"""

from __future__ import annotations

import contextlib
import logging
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from anycarrier.capabilities import support_of
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.json_output import both, routes_words
from anycarrier.cli.output import Output
from anycarrier.cli.simulators import found, server
from anycarrier.client import Client
from anycarrier.errors import ConfigurationError, Unsupported
from anycarrier.features import FEATURES, Cannot
from anycarrier.model import ForwardTo, Money, NoForward, Offer, Route, TextsToWebhook, ToGateway
from anycarrier.numbers import PhoneNumber
from anycarrier.registry import make
from anycarrier.search import Search
from anycarrier.simulator import Simulator

__all__ = ["demo"]

WIDTH = 78


def demo(context: Context) -> int:
    """Run the demo."""
    simulator = _player(context.args.provider)
    with server().running(simulator) as urls, _wire() as wire:
        settings = {**simulator.settings, "base_url": urls[simulator.name]}
        provider = make(simulator.name, settings)
        with context.client(provider) as client:
            return _Story(context.out, simulator, client, urls[simulator.name], wire).tell()


def _player(wanted: str | None) -> Simulator:
    simulators = found([wanted] if wanted else [])
    # The longest story shows most; of several of one length, the first.
    best = max(simulators, key=lambda simulator: len(simulator.story))
    if "area_code" not in best.story or "purchase" not in best.story:
        raise ConfigurationError(f"no demo for: {', '.join(one.name for one in simulators)}")
    return best


class _Wire(logging.Handler):
    """Collects the log lines of each request."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # "GET /path -> 200 in 1.2 ms (account ...)": the rest is the same for every line of a demo.
        self.lines.append(record.getMessage().partition(" (")[0])

    def taken(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


@contextlib.contextmanager
def _wire() -> Iterator[_Wire]:
    logger, handler = logging.getLogger("anycarrier"), _Wire()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)


class _Story:
    def __init__(self, out: Output, simulator: Simulator, client: Client[Any], url: str, wire: _Wire) -> None:
        self.out = out
        self.simulator = simulator
        self.story: Mapping[str, str] = simulator.story
        self.client = client
        self.url = url
        self.wire = wire
        self.steps = 0

    def tell(self) -> int:
        """Run every step; the exit code is 0 when the ledger is right."""
        provider = self.client.provider
        self._say(
            f"{provider.title}, simulated on this machine at {self.url}. Everything below goes over real HTTP; "
            "no account is needed and no money is spent."
        )
        offers: list[Offer] = self._step("Search: three numbers to buy", "phone.search(...)", self._search)
        number, second = offers[0].number, offers[1].number
        self._step("Buy the first", f'phone.buy("{number}")', lambda: self._buy(number))
        self._step("List what the account has", "phone.list()", self._list)
        self._step("Read one number", f'phone.get("{number}")', lambda: self._get(number))
        self._step("Route its calls and texts", "phone.route(number, ...)", lambda: self._route(number))
        self._step(
            "Bind it to a 10DLC campaign, and undo that", "phone.bind_campaign(...)", lambda: self._campaign(number)
        )
        self._step("Buy the second, and lose the answer", f'phone.buy("{second}")', lambda: self._lost(second))
        impossible = _impossible(provider, self.story["area_code"])
        if impossible is not None:
            query, what = impossible
            self._step(
                "Try a search that this provider cannot do", "phone.search(...)", lambda: self._refused(query, what)
            )
        self._step("Release the first", f'phone.release("{number}")', lambda: self._release(number))
        return self._ledger(number, second)

    # -- the steps

    def _search(self) -> list[Offer]:
        offers = self.client.search(Search(area_code=self.story["area_code"], limit=3))
        for offer in offers:
            place = ", ".join(part for part in (offer.city, offer.state) if part)
            price = f"{offer.price} a month" if offer.price else ""
            self._fact("  ".join(part for part in (both(offer.number), place, price) if part))
        return offers

    def _buy(self, number: PhoneNumber) -> None:
        owned = self.client.buy(number)
        self._fact(f"{both(owned.number)} is ours: {owned.status.value}")

    def _list(self) -> None:
        for owned in self.client.list():
            self._fact(f"{both(owned.number)}  {routes_words(owned.routes)}")

    def _get(self, number: PhoneNumber) -> None:
        owned = self.client.get(number)
        self._fact(f"{both(owned.number)}  {routes_words(owned.routes)}")

    def _route(self, number: PhoneNumber) -> None:
        routes: list[Route] = []
        if "gateway" in self.story:
            routes.append(ToGateway(self.story["gateway"]))
        if "forward" in self.story:
            routes.append(ForwardTo(PhoneNumber(self.story["forward"])))
        if "webhook" in self.story:
            routes.append(TextsToWebhook(self.story["webhook"]))
        routes = routes or [NoForward()]
        self._fact(f"request: {routes_words(routes)}")
        self._fact(f"its record says: {routes_words(self.client.route(number, *routes).routes)}")

    def _campaign(self, number: PhoneNumber) -> None:
        campaign = self.story.get("campaign", "CEXMPL1")
        bound = self.client.bind_campaign(number, campaign)
        self._fact(f"bound to {bound.campaign_id}: {bound.status.value}")
        shown = self.client.campaign_of(number)
        self._fact(f"read back: {shown.campaign_id}, {shown.status.value}")
        self._fact(f"unbinding: {self.client.unbind_campaign(number, campaign).status.value}")

    def _lost(self, number: PhoneNumber) -> None:
        self._fact("The provider takes the money, and then the connection is cut before its answer.")
        self.simulator.fault("reset", operation=self.story["purchase"], done=True)
        owned = self.client.buy(number)
        charges = len(self.simulator.ledger.charges_of(_key_of(self.simulator, number)))
        self._fact(f"{both(owned.number)} is ours, and was charged {_times(charges)}.")
        if getattr(self.client.provider, "rules", None) and self.client.provider.rules.replay:
            self._fact("The same bytes went out again under the same key, and the answer came without a second charge.")

    def _refused(self, query: Search, what: str) -> None:
        self._fact(f"request: {what}")
        self.client.search(query)

    def _release(self, number: PhoneNumber) -> None:
        self._fact(f"{both(number)} is {self.client.release(number).state.value}")

    def _ledger(self, first: PhoneNumber, second: PhoneNumber) -> int:
        ledger = self.simulator.ledger
        self._head("The provider's own ledger")
        for charge in ledger.charges:
            self._fact(f"charged {charge.amount} for {charge.number}, marked {charge.mark}")
        for _, number in ledger.releases:
            self._fact(f"released {number}")
        self._fact(f"in all {ledger.total()}")
        charges = [len(ledger.charges_of(_key_of(self.simulator, number))) for number in (first, second)]
        self.out.line()
        if charges != [1, 1]:
            self._say("This is wrong: each number should have been charged once.")
            return Exit.REFUSED
        self._say("Two numbers were bought and each was charged once, although an answer was lost.")
        self._say("Next: anycarrier simulate, and anycarrier --help")
        return Exit.DONE

    # -- how it looks

    def _step(self, title: str, code: str, play: Callable[[], object]) -> Any:
        self._head(title, code)
        self.wire.taken()
        value: object = None
        try:
            value = play()
        except Unsupported as error:
            self._fact(f"refused: {error.reason}")
        lines = self.wire.taken()
        for line in lines:
            asked, _, came = line.partition(" -> ")  # room for "broken in 12345.6 ms" in 80 columns
            self.out.line(f"     wire  {_short(asked, 46):<46} {came}")
        if not lines:
            self.out.line("     wire  nothing was sent")
        return value

    def _head(self, title: str, code: str = "") -> None:
        self.steps += 1
        self.out.line()
        head = f"{self.steps:>2}. {title}"
        self.out.line(f"{head:<{max(len(head) + 2, WIDTH - len(code))}}{code}".rstrip())

    def _fact(self, text: str) -> None:
        for line in textwrap.wrap(text, WIDTH - 4, subsequent_indent="  "):
            self.out.line(f"    {line}")

    def _say(self, text: str) -> None:
        for line in textwrap.wrap(text, WIDTH):
            self.out.line(line)


def _short(asked: str, room: int) -> str:
    """Method and path in *room* characters; the end of a path tells more than its beginning."""
    if len(asked) <= room:
        return asked
    method, _, path = asked.partition(" ")
    return f"{method} …{path[len(method) + 2 - room :]}"


def _times(count: int) -> str:
    return {0: "not at all", 1: "once"}.get(count, f"{count} times")


def _key_of(simulator: Simulator, number: PhoneNumber) -> str:
    """*number* as the simulator's ledger writes it: as its provider does."""
    written = {charge.number for charge in simulator.ledger.charges}
    return next((form for form in (number.e164, number.national) if form in written), number.e164)


def _impossible(provider: Any, area_code: str) -> tuple[Search, str] | None:
    """A search that *provider* cannot do, if there is one among these."""
    asks: Sequence[tuple[str, dict[str, Any]]] = (
        ("search.features", {"features": frozenset({"sms"})}),
        ("search.max_price", {"max_price": Money("1.50")}),
        ("search.rate_center", {"rate_center": "NEWARK"}),
        ("search.lata", {"lata": "224"}),
        ("search.mobile", {"line": "mobile"}),
    )
    for feature, filters in asks:
        if isinstance(support_of(provider, feature), Cannot):
            return Search(area_code=area_code, **filters), f"search {FEATURES[feature]}"
    return None
