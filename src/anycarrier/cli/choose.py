"""Which provider, with which settings: from options, from the environment, from the accounts file."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from anycarrier.errors import AnyCarrierError, ConfigurationError
from anycarrier.registry import make, names, provider_class
from anycarrier.settings import account, config_path, from_text, read_accounts, setting_names, variable

__all__ = ["ALL", "Choice", "Installed", "configured", "installed"]

ALL = "all"
VARIABLE = "ANYCARRIER_PROVIDER"


@frozen
class Choice:
    """One provider, not made yet.

    Attributes:
        provider: its name.
        account: name in the accounts file; ``None`` for settings of the environment.
        given: settings from options, which win over the others; never secrets.
    """

    provider: str
    account: str | None = None
    given: Mapping[str, str] = field(factory=dict[str, str])

    @classmethod
    def of(cls, args: argparse.Namespace) -> Choice:
        """The one that the options and the environment name."""
        given = dict(args.settings)
        if args.base_url is not None:
            given["base_url"] = args.base_url
        if args.account is not None:
            owner = _owner(args.account)
            if args.provider not in (None, owner):
                raise ConfigurationError(f"account {args.account!r} is of {owner!r}, not of {args.provider!r}")
            return cls(owner, args.account, given)
        name = args.provider or os.environ.get(VARIABLE)
        if not name:
            raise ConfigurationError(
                f"which provider? Give --provider NAME or --account NAME, or set {VARIABLE}; "
                f"there are: {', '.join(names())}"
            )
        if name == ALL:
            raise ConfigurationError(f"{args.command} is for one provider: give its name instead of {ALL}")
        return cls(name, None, given)

    @property
    def label(self) -> str:
        """For people: provider, and account where one was named."""
        return f"{self.provider} (account {self.account})" if self.account else self.provider

    def make(self) -> Any:
        """The provider object; :class:`ConfigurationError` lists everything that is wrong."""
        cls = provider_class(self.provider)
        given = {name: from_text(cls, name, value) for name, value in self.given.items()}
        return make(self.provider, given) if self.account is None else account(self.account, given=given)

    def options(self) -> str:
        """The options that choose the same again, for a command line that is shown."""
        words = ["--provider", self.provider] if self.account is None else ["--account", self.account]
        for name, value in self.given.items():
            words += ["--base-url", value] if name == "base_url" else ["--set", f"{name}={value}"]
        return shlex.join(words)


def _owner(name: str) -> str:
    accounts = read_accounts()
    if name not in accounts:
        known = ", ".join(sorted(accounts)) or "none"
        raise ConfigurationError(f"no account {name!r} in {config_path()}; there are: {known}")
    owner: str = accounts[name]["provider"]
    return owner


@frozen
class Installed:
    """A provider that is installed.

    Attributes:
        cls: its class; ``None`` where it cannot be loaded, and ``problem`` says why.
        variables: the names of the environment's variables that hold settings of it.
    """

    name: str
    cls: type[Any] | None
    problem: str | None = None
    variables: tuple[str, ...] = ()


def installed() -> list[Installed]:
    """Every provider that is installed; one that is broken does not hide the others."""
    found: list[Installed] = []
    for name in names():
        try:
            cls = provider_class(name)
        except (AnyCarrierError, ImportError) as error:
            found.append(Installed(name, None, str(error)))
            continue
        variables = tuple(
            each for setting in setting_names(cls) if os.environ.get(each := variable(cls.name, setting))
        )  # fmt: skip
        found.append(Installed(name, cls, None, variables))
    return found


def configured() -> list[Choice]:
    """Every provider that has a setting in the environment, then every account of the accounts file."""
    found = [Choice(one.name) for one in installed() if one.variables]
    found += [Choice(settings["provider"], name) for name, settings in sorted(read_accounts().items())]
    return found
