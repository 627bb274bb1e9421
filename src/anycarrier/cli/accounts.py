"""Providers and their settings: from options, the environment and the accounts file."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from anycarrier.cli.output import warn
from anycarrier.errors import AnyCarrierError, ConfigurationError
from anycarrier.registry import account, make, names, provider_class
from anycarrier.settings import (
    config_path,
    environment_value,
    from_text,
    read_accounts,
    setting_names,
    variable,
)
from anycarrier.suggestions import meant_or_all

__all__ = ["ALL", "Choice", "Installed", "configured", "gathered", "installed", "made", "sources"]

ALL = "all"
VARIABLE = "ANYCARRIER_PROVIDER"


@frozen
class Choice:
    """One provider, before its object is made.

    Attributes:
        provider: its name.
        account: name in the accounts file; None for settings in the environment.
        settings: from the command line, which win over the others; never secrets.
    """

    provider: str
    account: str | None = None
    settings: Mapping[str, str] = field(factory=dict[str, str])

    @classmethod
    def of(cls, args: argparse.Namespace) -> Choice:
        """The provider that the options or the environment name."""
        settings = dict(args.settings)
        if args.base_url is not None:
            settings["base_url"] = args.base_url
        if args.account is not None:
            owner = _owner(args.account)
            if args.provider not in (None, owner):
                raise ConfigurationError(f"account {args.account!r} belongs to {owner!r}, not to {args.provider!r}")
            return cls(owner, args.account, settings)
        name = args.provider or environment_value(VARIABLE)
        if not name:
            raise ConfigurationError(
                f"no provider is named: add --provider NAME or --account NAME, or set {VARIABLE}; "
                f"installed: {', '.join(names())}"
            )
        if name == ALL:
            raise ConfigurationError(f"{args.command} is for one provider: write its name instead of {ALL}")
        return cls(name, None, settings)

    @property
    def label(self) -> str:
        """The provider for people, with the account where one was named."""
        return f"{self.provider} (account {self.account})" if self.account else self.provider

    def make(self) -> Any:
        """The provider object; :class:`ConfigurationError` lists everything that is wrong."""
        cls = provider_class(self.provider)
        settings = {name: from_text(cls, name, value) for name, value in self.settings.items()}
        return make(self.provider, settings) if self.account is None else account(self.account, settings=settings)

    def options(self) -> str:
        """The options that choose the same provider, for a command line in a message."""
        words = ["--provider", self.provider] if self.account is None else ["--account", self.account]
        for name, value in self.settings.items():
            words += ["--base-url", value] if name == "base_url" else ["--set", f"{name}={value}"]
        return shlex.join(words)


def _owner(name: str) -> str:
    accounts = read_accounts()
    if name not in accounts:
        raise ConfigurationError(f"no account {name!r} in {config_path()}{meant_or_all(name, sorted(accounts))}")
    owner: str = accounts[name]["provider"]
    return owner


@frozen
class Installed:
    """A provider that is installed.

    Attributes:
        cls: its class; None where it cannot be loaded, and ``problem`` says why.
        variables: environment variables that hold its settings.
    """

    name: str
    cls: type[Any] | None
    problem: str | None = None
    variables: tuple[str, ...] = ()


def installed() -> list[Installed]:
    """Every installed provider; a broken one does not hide the others."""
    found: list[Installed] = []
    for name in names():
        try:
            cls = provider_class(name)
        except (AnyCarrierError, ImportError) as error:
            found.append(Installed(name, None, str(error)))
            continue
        variables = tuple(
            each for setting in setting_names(cls) if os.environ.get(each := variable(cls.name, setting), "").strip()
        )
        found.append(Installed(name, cls, None, variables))
    return found


def configured() -> list[Choice]:
    """Every provider that has a setting in the environment, then every account in the accounts file."""
    found = [Choice(one.name) for one in installed() if one.variables]
    found += [Choice(settings["provider"], name) for name, settings in sorted(read_accounts().items())]
    return found


def sources(args: argparse.Namespace) -> list[Choice]:
    """The providers and accounts of ``--from`` and ``--account``, in their order."""
    named: list[tuple[str, str]] = list(args.sources)
    if not named:
        name = environment_value(VARIABLE)
        if not name:
            raise ConfigurationError(
                f"no provider is named: add --from NAME or --account NAME, each as often as needed, or set {VARIABLE}; "
                f"installed: {', '.join(names())}"
            )
        named = [("from", name)]
    if ("from", ALL) in named:
        if len(named) > 1:
            raise ConfigurationError(f"--from {ALL} names every one already: use it alone")
        found = configured()
        if not found:
            raise ConfigurationError("no provider has settings: anycarrier doctor says what to set")
        return found
    found = [Choice(name) if kind == "from" else Choice(_owner(name), name) for kind, name in named]
    return [choice for place, choice in enumerate(found) if choice not in found[:place]]


def made(choices: Sequence[Choice], *, lenient: bool = False) -> list[object]:
    """The provider objects of *choices*, each with an account of its own.

    Args:
        choices: the providers.
        lenient: whether one that cannot be made is reported and skipped, as long as there is another.

    Raises:
        ConfigurationError: the settings of one are wrong, or two have the same account id.
    """
    providers: list[object] = []
    taken: dict[str, Choice] = {}
    for choice in choices:
        try:
            provider = choice.make()
            ids = [account.id for account in provider.accounts]
            other = next((taken[one] for one in ids if one in taken), None)
            if other is not None:
                raise ConfigurationError(
                    f"the accounts of {choice.label} and {other.label} are both called {', '.join(ids)}: "
                    "rename one of them, with its setting account"
                )
        except ConfigurationError as error:
            if not lenient or (choice is choices[-1] and not providers):
                raise
            warn(f"{choice.label} is skipped: {error}")
            continue
        taken.update(dict.fromkeys(ids, choice))
        providers.append(provider)
    return providers


def gathered(wanted: Iterable[str]) -> tuple[list[object], dict[str, str]]:
    """Provider objects for the accounts in the journal, with settings from the environment and the accounts file.

    Args:
        wanted: accounts as the journal names them, ``provider/account``.

    Returns:
        The objects, and for each account without one the reason.
    """
    accounts = read_accounts()
    providers: list[object] = []
    missing: dict[str, str] = {}
    for name in dict.fromkeys(wanted):
        owner, _, id_ = name.partition("/")
        problems: list[str] = []
        for choice in [
            *(Choice(owner, one) for one, settings in sorted(accounts.items()) if settings["provider"] == owner),
            Choice(owner),
        ]:
            try:
                provider = choice.make()
            except (ConfigurationError, ImportError) as error:
                problems.append(str(error))
                continue
            if [account.id for account in provider.accounts] == [id_]:
                providers.append(provider)
                break
        else:
            missing[name] = problems[-1] if problems else f"no settings of {owner} are for an account called {id_}"
    return providers, missing
