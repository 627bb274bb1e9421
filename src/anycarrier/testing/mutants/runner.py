"""Runs of the contract against each mutant of an adapter, in process."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from anycarrier.capabilities import support_of
from anycarrier.errors import AnyCarrierError
from anycarrier.features import Cannot, in_words
from anycarrier.testing.contract import Contract
from anycarrier.testing.mutants.catalog import MUTANTS
from anycarrier.testing.mutants.wrapper import Break, Mutant, broken
from anycarrier.testing.provider_case import BASE

__all__ = ["Failed", "Fate", "run"]

HERE = Path(__file__).parent


@frozen
class Fate:
    """Fate of a mutant.

    Attributes:
        end: ``killed``, ``survives``, or ``none`` for one that does not apply.
        by: the case that noticed it, or why it does not apply.
        why: what that case said.
    """

    name: str
    end: str
    by: str
    why: str = ""


class Failed(Exception):
    """The tool cannot say anything; its text says why."""


def run(target: str, names: Sequence[str] = ()) -> dict[str, list[Fate]]:
    """Run each mutant (or those of *names*) and return their fates, by the name of the class that has the contract.

    Raises:
        Failed: the target is not found, or its contract fails without a mutant.
    """
    player = _Player({name: MUTANTS[name] for name in names or MUTANTS})
    shown = io.StringIO()
    options = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", "--capture=no", "--import-mode=importlib"]
    # This package has a plugin, so pytest would rewrite its assertions, and it is imported already: it has none.
    options += ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        pytest.main([*options, _pytest_target(target)], plugins=[player])
    if player.failed:
        raise Failed(player.failed)
    if not player.fates:
        raise Failed(f"no class that inherits Contract was found in {target}\n{shown.getvalue()}")
    return player.fates


def _pytest_target(target: str) -> str:
    """*target* as pytest takes it: a file, and a class in it.

    Raises:
        Failed: there is no such file or module.
    """
    path, _, _ = target.partition("::")
    if path.endswith(".py"):
        if not Path(path).is_file():
            raise Failed(f"there is no file {path}")
        return target
    module, _, name = target.partition(":")
    sys.path.insert(0, "")
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise Failed(f"there is no module {module}")
    return f"{spec.origin}::{name}"


class _Player:
    """A plugin that runs the cases of a contract once for each mutant."""

    def __init__(self, mutants: Mapping[str, Mutant]) -> None:
        self.mutants = mutants
        self.fates: dict[str, list[Fate]] = {}
        self.failed = ""
        self._raised: BaseException | None = None
        self._where = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own loop."""
        cases: dict[type[Contract], list[pytest.Function]] = {}
        for item in session.items:
            kind = getattr(item, "cls", None)
            if isinstance(item, pytest.Function) and kind is not None and issubclass(kind, Contract):
                cases.setdefault(kind, []).append(item)
        try:
            for kind, items in cases.items():
                self.fates[kind.__name__] = self._all(kind, [item for item in items if _is_blocking(item)])
        except Failed as failed:
            self.failed = str(failed)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Keep what a case raised; the report itself is pytest's to make."""
        if call.excinfo is not None:
            self._raised = call.excinfo.value
            self._where = str(call.excinfo.traceback[-1].path)

    def _all(self, kind: type[Contract], items: Sequence[pytest.Function]) -> list[Fate]:
        provider = kind().provider(BASE)
        chosen = {name: _cases(mutant, items) for name, mutant in self.mutants.items()}
        self._passes({item.name: item for cases in chosen.values() for item in cases}.values())
        return [self._fate(name, kind, provider, chosen[name], items) for name in self.mutants]

    def _passes(self, items: Iterable[pytest.Function]) -> None:
        """A case that fails as the adapter is would notice anything."""
        for item in items:
            if self._fails(item):
                raise Failed(
                    f"{item.name} fails already as the adapter is, so nothing can be said: make its contract pass "
                    f"first\n{self._raised!r}"
                )

    def _fate(
        self,
        name: str,
        kind: type[Contract],
        provider: Any,
        chosen: Sequence[pytest.Function],
        items: Sequence[pytest.Function],
    ) -> Fate:
        mutant = self.mutants[name]
        for feature in mutant.needs:
            support = support_of(provider, feature)
            if isinstance(support, Cannot):
                return Fate(name, "none", f"{provider.name} cannot: {in_words(feature)}")
        own = kind.provider
        ways: list[Break] = []

        def made(subject: Contract, base_url: str) -> Any:
            real = own(subject, base_url)
            ways.append(mutant.way(real))
            return broken(real, ways[-1])

        late: Fate | None = None
        before = vars(kind).get("provider")
        kind.provider = made  # type: ignore[method-assign, assignment]
        try:
            for item in chosen:
                if self._fails(item):
                    return self._killed(name, item)
            if not any(way.strikes for way in ways) and _as_the_suite_has_them(kind, mutant):
                return Fate(name, "none", mutant.never)
            for item in items:
                if item not in chosen and self._fails(item):
                    late = self._killed(name, item)
                    break
        finally:
            if before is None:
                del kind.provider
            else:
                kind.provider = before  # type: ignore[method-assign]
        if late is None and not any(way.strikes for way in ways):
            return Fate(name, "none", mutant.never)
        if late is None:
            return Fate(name, "survives", "no case noticed it")
        self._passes([item for item in items if item.name == late.by])
        return late

    def _fails(self, item: pytest.Function) -> bool:
        from _pytest.runner import runtestprotocol

        self._raised = None
        reports = runtestprotocol(item, log=False, nextitem=None)
        return any(report.failed for report in reports)

    def _killed(self, name: str, item: pytest.Function) -> Fate:
        """A mutant fails a case: by what an adapter may raise, and not by a mistake of its own."""
        if Path(self._where).parent == HERE and not isinstance(self._raised, AnyCarrierError):
            raise Failed(f"the mutant {name} is itself broken: {self._raised!r}")
        said = f"{type(self._raised).__name__}: {self._raised}"
        return Fate(name, "killed", item.name, said.splitlines()[0])


def _is_blocking(item: pytest.Function) -> bool:
    """One mode is enough: both are driven from one source."""
    callspec = getattr(item, "callspec", None)
    return callspec is None or callspec.params.get("mode", "sync") == "sync"


def _cases(mutant: Mutant, items: Sequence[pytest.Function]) -> list[pytest.Function]:
    found: list[pytest.Function] = []
    for case in mutant.cases:
        name, _, fault = case.rstrip("]").partition("[")
        found += [
            item
            for item in items
            if item.originalname == name and (not fault or item.callspec.params.get("name") == fault)
        ]
    return found


def _as_the_suite_has_them(kind: type[Contract], mutant: Mutant) -> bool:
    """Return whether the cases that bring *mutant* about were not taken out or replaced."""
    names = [case.partition("[")[0] for case in mutant.cases]
    return all(getattr(kind, name, None) is getattr(Contract, name) for name in names)
