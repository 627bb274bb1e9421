"""Simulated carriers for the tests of an application that makes its own clients.

:func:`simulated_carrier` serves them on 127.0.0.1 and sets the environment and an accounts file, so that a client that
is made by name reaches them: ``Client`` and ``AsyncClient``, in this process and in those that it starts. The fixtures
of :mod:`anycarrier.testing.pytest_plugin` are made of it. Needs the extra ``testing``.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from attrs import define, evolve

from anycarrier.client import AsyncClient, Client
from anycarrier.engine.accounts import ONLY_LOOPBACK, OnlyLoopback
from anycarrier.engine.session import SystemClock
from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.exchange import Moment
from anycarrier.installation import how_to_install
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.registry import names
from anycarrier.settings import CONFIG, PREFIX, variable
from anycarrier.simulator import (
    MAIN,
    AsyncSimTransport,
    Charge,
    Fault,
    PortIn,
    Seen,
    SimTransport,
    Simulator,
    has_simulator,
    load,
)

if TYPE_CHECKING:
    from anycarrier.simulator.server import Served

__all__ = ["HandClock", "SimulatedCarrier", "simulated", "simulated_carrier", "simulated_providers"]


class SimulatedCarrier:
    """Simulated providers, and what really happened at them. Every test has new ones.

    Where it stands for several providers, what it lists is of all of them, and ``carrier["acme"]`` is one of them.

    Attributes:
        simulators: the simulators by the provider's name, for whatever is not here.
        urls: their base URLs by the provider's name.
        environment: variables with which an application in another process finds them, also where its environment
            does not come from this one.
    """

    def __init__(
        self,
        simulators: Mapping[str, Simulator],
        urls: Mapping[str, str],
        clock: HandClock,
        environment: Mapping[str, str],
    ) -> None:
        self.simulators = MappingProxyType(dict(simulators))
        self.urls = MappingProxyType({name: urls[name] for name in simulators})
        self.environment = environment
        self._clock = clock

    def __getitem__(self, provider: str) -> SimulatedCarrier:
        if provider not in self.simulators:
            raise InvalidInput(f"{provider} is not simulated in this test; simulated are: {', '.join(self.simulators)}")
        return SimulatedCarrier({provider: self.simulators[provider]}, self.urls, self._clock, self.environment)

    def __repr__(self) -> str:
        return f"SimulatedCarrier({', '.join(self.simulators)})"

    @property
    def provider(self) -> str:
        """Name of the provider, where it is one."""
        return self.simulator.name

    @property
    def url(self) -> str:
        """Base URL, where it is one provider."""
        return self.urls[self.provider]

    @property
    def simulator(self) -> Simulator:
        """The simulator, where it is one provider, with everything that the docs page on simulators says."""
        if len(self.simulators) != 1:
            raise InvalidInput(f"choose one: carrier[{next(iter(self.simulators))!r}], of {', '.join(self.simulators)}")
        return next(iter(self.simulators.values()))

    def settings(self, account: str = MAIN) -> dict[str, Any]:
        """Return the settings with which a client of one provider is let in to an account, ``base_url`` included."""
        return _settings(self.simulator, self.url, account)

    def client(self, account: str = MAIN) -> Client[Any]:
        """Return a client of one provider that works without a connection, which is quicker than the application's."""
        transport = SimTransport({self.url: self.simulator}, wait=self._clock.sleep)
        return Client(self.provider, transport=transport, **self.settings(account))

    def async_client(self, account: str = MAIN) -> AsyncClient[Any]:
        """Return the same for asyncio; it needs no closing."""
        transport = AsyncSimTransport({self.url: self.simulator}, wait=self._clock.async_sleep)
        return AsyncClient(self.provider, transport=transport, **self.settings(account))

    # What happened

    @property
    def charges(self) -> list[Charge]:
        """Every charge, in order, with its number in E.164, its amount and its account."""
        every = [charge for one in self.simulators.values() for charge in one.ledger.charges]
        return [evolve(charge, number=_e164(charge.number)) for charge in sorted(every, key=lambda one: one.at)]

    @property
    def releases(self) -> list[str]:
        """Numbers that were released, in E.164 and in order."""
        every = [release for one in self.simulators.values() for release in one.ledger.releases]
        return [_e164(number) for _, number in sorted(every, key=lambda one: one[0])]

    @property
    def numbers(self) -> list[str]:
        """Numbers of every account, in E.164 and sorted."""
        for one in self.simulators.values():
            one.settle()
        return sorted(_e164(number) for one in self.simulators.values() for number in one.held())

    @property
    def ports(self) -> list[PortIn]:
        """Port orders of every account."""
        for one in self.simulators.values():
            one.settle()
        return [port for one in self.simulators.values() for port in one.port_orders()]

    @property
    def requests(self) -> list[Seen]:
        """Every request that arrived, in order, with the operation, the status and the fault that struck it."""
        return sorted(
            (seen for one in self.simulators.values() for seen in one.ledger.requests), key=lambda one: one.at
        )

    # What happens next

    def lose_next_answer(self, operation: str | None = None) -> None:
        """Let the answer to the next purchase get lost, at each provider, after the number was bought and charged.

        Args:
            operation: another operation whose next answer is lost instead, by the simulator's name of it.
        """
        for one in self.simulators.values():
            one.fault("close", operation=operation or one.story["purchase"], done=True)

    def fault(self, kind: str, **how: object) -> None:
        """Plan a fault by its name, such as ``fault("throttle", seconds=5)`` or ``fault("error", status=503)``, at
        each provider that has the operation. The docs page on simulators lists them.

        Raises:
            InvalidInput: it can strike nowhere.
        """
        fault = Fault.read({"kind": kind, **how})
        able = [one for one in self.simulators.values() if one.faults.knows(fault)]
        for one in able or self.simulators.values():
            one.faults.add(fault)

    def happen(self, event: str, account: str = MAIN, **details: Any) -> None:
        """Let happen at one provider what no request causes, such as ``happen("loa")``: a letter of authorization that
        is signed."""
        self.simulator.happen(event, account, **details)

    def pass_time(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move on the clock of all that is simulated in this test, and of every client in this process."""
        self._clock.advance(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds())


class HandClock:
    """The machine's clock, ahead of it by what was passed by hand; waiting on it moves it, and takes no time."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        """Unix seconds."""
        return time.time() + self.ahead

    def now(self) -> Moment:
        real = SYSTEM.now()
        return Moment(real.monotonic + self.ahead, real.wall + self.ahead, real.random)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        if not seconds >= 0:
            raise InvalidInput("time passes forwards: give days, hours, minutes or seconds of 0 or more")
        self.ahead += seconds

    def sleep(self, seconds: float) -> None:
        until = self.now().monotonic + seconds
        time.sleep(min(seconds, INSTANT))
        self._reach(until)

    async def async_sleep(self, seconds: float) -> None:
        import asyncio

        until = self.now().monotonic + seconds
        await asyncio.sleep(min(seconds, INSTANT))
        self._reach(until)

    def _reach(self, until: float) -> None:
        # Those who wait at the same time wait for the same time, not for the sum.
        self.ahead += max(0.0, until - self.now().monotonic)


INSTANT = 0.001
"""Seconds that a wait really takes, so that other threads and tasks have their turn."""


class _System(SystemClock):
    """The machine's clock, also while :class:`SystemClock` is moved by hand."""

    now = SystemClock.now


SYSTEM = _System()
JOURNAL_TIME = SqliteDatabase.time
"""The time of a journal in a file, also while it is moved by hand."""


@cache
def simulated_providers() -> tuple[str, ...]:
    """Return the names of the installed providers that can be simulated."""
    return tuple(name for name in names() if has_simulator(name))


@contextmanager
def simulated_carrier(*providers: str, **options: Any) -> Iterator[SimulatedCarrier]:
    """Simulate providers while a block of code runs, or a test: ``self.enterContext(simulated_carrier("acme"))``.

    Meanwhile the environment has their settings, and ``ANYCARRIER_CONFIG`` names an accounts file with them: an
    account called as each provider, each further account by its name, and ``main``, which is that of the first
    provider. A journal that is opened without a place is a new file. Nothing that a client sends leaves this machine,
    and waits of clients in this process move the simulated time instead of taking any. Blocks may
    be nested: the inner one counts. It is one per process: threads share it.

    Args:
        providers: names of them; all that can be simulated by default.
        options: of each simulator, such as ``owned=["2015550123"]``, ``balance="5"`` or
            ``accounts={"second": {"balance": "5"}}``.

    Raises:
        ConfigurationError: a provider has no simulator, or the extra ``testing`` is not installed.
        InvalidInput: a simulator does not take these options.
    """
    with simulated(dict.fromkeys(providers or simulated_providers(), options)) as carrier:
        yield carrier


@contextmanager
def simulated(options: Mapping[str, Mapping[str, Any]]) -> Iterator[SimulatedCarrier]:
    """Simulate providers, each with options of its own."""
    clock = HandClock()
    simulators = {name: load(name, **{"now": clock.time, **how}) for name, how in options.items()}
    with ExitStack() as undo:
        folder = undo.enter_context(TemporaryDirectory(prefix="anycarrier-"))
        urls = {name: undo.enter_context(_on_stage(simulator)) for name, simulator in simulators.items()}
        path = Path(folder, "accounts.toml")
        path.touch(0o600)
        path.write_text(_accounts(simulators, urls), encoding="utf-8")
        environment = _environment(simulators, urls, path)
        undo.enter_context(_environment_of(environment))
        undo.enter_context(patch.multiple(SystemClock, now=clock.now, sleep=clock.sleep, async_sleep=clock.async_sleep))
        undo.enter_context(patch.multiple(SqliteDatabase, time=_journal_time(clock)))
        undo.enter_context(patch.multiple(OnlyLoopback, on=True))
        yield SimulatedCarrier(simulators, urls, clock, MappingProxyType(environment))


def _journal_time(clock: HandClock) -> Callable[[SqliteDatabase], float]:
    """The time of journals in a file, as far ahead as that of the clients that wait for what is due there."""
    return lambda database: JOURNAL_TIME(database) + clock.ahead


def _e164(number: str) -> str:
    return number if number.startswith("+") else f"+1{number}"


def _settings(simulator: Simulator, url: str, account: str = MAIN) -> dict[str, Any]:
    return {**simulator.settings_of(account), "base_url": url}


def _environment(simulators: Mapping[str, Simulator], urls: Mapping[str, str], accounts: Path) -> dict[str, str]:
    found = {
        f"{PREFIX}_PROVIDER": next(iter(simulators)),
        CONFIG: str(accounts),
        f"{PREFIX}_JOURNAL": str(accounts.with_name("journal.sqlite")),
        ONLY_LOOPBACK: "yes",
    }
    for name, simulator in simulators.items():
        found |= {variable(name, setting): value for setting, value in _settings(simulator, urls[name]).items()}
    return found


def _accounts(simulators: Mapping[str, Simulator], urls: Mapping[str, str]) -> str:
    """Return the text of an accounts file."""
    tables: dict[str, dict[str, str]] = {}
    for provider, simulator in simulators.items():
        for account in simulator.accounts:
            settings = {"provider": provider, **_settings(simulator, urls[provider], account)}
            called = [provider, *([] if tables else [MAIN])] if account == MAIN else [account]
            for name in called:
                if name in tables:
                    raise InvalidInput(f"two accounts are called {name}: give one of them another name")
                tables[name] = settings
    lines: list[str] = []
    for name, settings in tables.items():
        # What JSON writes as a text, TOML reads as the same.
        lines += [f"[accounts.{json.dumps(name)}]", *(f"{key} = {json.dumps(text)}" for key, text in settings.items())]
    return "\n".join([*lines, ""])


@contextmanager
def _environment_of(variables: Mapping[str, str]) -> Iterator[None]:
    """The environment with *variables*, and without settings of any other account."""
    ours = tuple(variable(name, "") for name in _installed())
    before = {name: value for name, value in os.environ.items() if name in variables or name.startswith(ours)}
    for name in before:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)
        os.environ.update(before)


@cache
def _installed() -> tuple[str, ...]:
    return tuple(names())


def _server() -> ModuleType:
    """The HTTP server, which needs an extra."""
    try:
        from anycarrier.simulator import server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "anycarrier":
            raise
        raise ConfigurationError(
            f"simulated carriers need {error.name}, which is not installed: {how_to_install('testing')}"
        ) from None
    return server


@define
class _Stage:
    """A server of this process that plays one simulator after the other, always at the same URL."""

    served: Served
    playing: Simulator | None = None


_STAGES: dict[tuple[int, str], _Stage] = {}
"""By process and provider: a server does not outlive a fork."""
_OPENING = threading.Lock()


@contextmanager
def _on_stage(simulator: Simulator) -> Iterator[str]:
    """The URL at which *simulator* is played."""
    place = (os.getpid(), simulator.name)
    with _OPENING:
        if place not in _STAGES:
            serving = _server().running(simulator)
            _STAGES[place] = _Stage(serving.__enter__())
            atexit.register(serving.__exit__, None, None, None)
    stage = _STAGES[place]
    before = stage.playing
    stage.served.play({simulator.name: simulator})
    stage.playing = simulator
    try:
        yield stage.served[simulator.name]
    finally:
        stage.playing = before
        if before is not None:
            stage.served.play({simulator.name: before})
