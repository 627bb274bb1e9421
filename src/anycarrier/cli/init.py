"""``init``: the first account, typed at the terminal, checked, and written to the accounts file."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anycarrier.cli.accounts import Choice
from anycarrier.cli.context import Context, Ended
from anycarrier.cli.doctor import account_checks, show_check
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.option_values import is_secret
from anycarrier.cli.output import say, warn
from anycarrier.cli.working import quiet
from anycarrier.errors import ConfigurationError
from anycarrier.registry import names, provider_class
from anycarrier.settings import build, config_path, private_text, read_accounts, setting_names, variable
from anycarrier.suggestions import meant_or_all

__all__ = ["init"]

TRIES = 3
"""Answers to one question before the command ends."""

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def init(context: Context) -> int:
    """Ask for a provider and its settings, check them, and write the account.

    Credentials that the provider refuses are not written; those that cannot be checked now are.
    """
    args, path = context.args, config_path()
    accounts = read_accounts(path)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Ended(
            f"it asks for credentials, and there is no terminal to ask on: write {path}, as docs/settings.md shows, or "
            f"set {variable('<provider>', '<setting>')}"
        )
    provider = args.provider or _provider()
    cls = provider_class(provider)
    name = args.account or _name(accounts, provider)
    _check_name(name, accounts, path)
    given = dict(args.settings) | ({} if args.base_url is None else {"base_url": args.base_url})
    made, settings = _settings(cls, name, given)
    problem: int = Exit.DONE
    for check in account_checks(context, Choice(provider, name), made):
        show_check(context.out, check)
        problem = problem or check.code
    if problem == Exit.DENIED:
        raise Ended("nothing was written; start again with other credentials", problem)
    _write(path, name, {"provider": provider, **settings})
    context.out.line(f"Account {name} is in {path}, which only you can read.")
    if problem:
        warn(f"{args.command}: it was not accepted yet; to check it again: anycarrier doctor --account {name}")
        return problem
    context.out.line(f"Next: anycarrier list --account {name}")
    return Exit.DONE


# -- questions


def _ask(question: str) -> str:
    """The answer typed at the terminal, on stderr, so that stdout holds the result alone."""
    with quiet():
        sys.stderr.write(f"{question}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
    if not line:
        say("")
        raise Ended("nothing was written", Exit.INTERRUPTED)
    return line.strip()


def _ask_secret(question: str) -> str:
    """The answer, which does not show."""
    from getpass import GetPassWarning, getpass

    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass(f"{question} (does not show): ", sys.stderr).strip()
        except GetPassWarning:
            raise Ended("nothing was written: this terminal would show what is typed") from None
        except EOFError:
            raise Ended("nothing was written", Exit.INTERRUPTED) from None


def _provider() -> str:
    known = names()
    for place, one in enumerate(known, 1):
        say(f"  {place}  {one}: {provider_class(one).title}")
    for _ in range(TRIES):
        answer = _ask("Provider, by name or number")
        if answer in known:
            return answer
        if answer.isdecimal() and 0 < int(answer) <= len(known):
            return known[int(answer) - 1]
        said = f"There is no such provider{meant_or_all(answer, known)}"
        say(said if said.endswith("?") else f"{said}.")
    raise Ended("nothing was written: no provider was named")


def _name(accounts: Mapping[str, object], provider: str) -> str:
    default = "main" if "main" not in accounts else provider
    return _ask(f"Name for the account, of your choice [{default}]") or default


def _check_name(name: str, accounts: Mapping[str, object], path: Path) -> None:
    if not NAME.fullmatch(name):
        raise Ended("nothing was written: a name is 1 to 64 letters, digits, _ and -")
    if name in accounts:
        raise Ended(f"nothing was written: {path} has an account {name} already; choose another name, or edit the file")


def _settings(cls: type[Any], name: str, given: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    """A provider object, and the settings that made it: the ``given`` ones, and one question for each missing one."""
    settings, asked = dict(given), dict.fromkeys(setting_names(cls), 0)
    while True:
        try:
            return build(cls, {}, {"account": name, **settings}, where=f"accounts.{name}."), settings
        except ConfigurationError as error:
            problems = error.problems or (error.message,)
            wanted = next(filter(None, (_wanted(one, settings, asked) for one in problems)), None)
            if wanted is None or asked[wanted] == TRIES or wanted in given:
                raise
        if wanted in settings:
            say(f"{problems[0]}.")
        asked[wanted] += 1
        settings.pop(wanted, None)
        answer = (_ask_secret if is_secret(wanted) else _ask)(f"{cls.title}: {wanted}")
        if not answer.isprintable():
            say(f"{wanted} holds characters that cannot be printed.")
        elif answer:
            settings[wanted] = answer


def _wanted(problem: str, settings: Mapping[str, str], known: Mapping[str, int]) -> str | None:
    """The setting that *problem* asks for: of several ways to sign in, what completes the one that was begun."""
    mentioned = [word for word in re.findall(r"\w+", problem) if word in known]
    begun = [at for at, one in enumerate(mentioned) if one in settings]
    missing = [one for one in mentioned[begun[0] if begun else 0 :] if one not in settings]
    return next(iter([*missing, *mentioned]), None)


# -- the file


def _write(path: Path, name: str, settings: Mapping[str, str]) -> None:
    """Add an account to the file, for its owner alone; not a byte of what is there changes."""
    # What JSON writes as a text, TOML reads as the same.
    lines = [f"[accounts.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in settings.items())]
    block = "\n".join([*lines, ""])
    before = private_text(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if before is None:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as new:
                new.write(block)
            return
        block = ("\n" if before.endswith("\n") or not before else "\n\n") + block
        _check_together(path, before, block, name)
        with path.open("a", encoding="utf-8") as file:
            file.write(block)
    except OSError as error:
        raise Ended(f"nothing was written: {path}: {error.strerror or error}") from None


def _check_together(path: Path, before: str, block: str, name: str) -> None:
    """Refuse a file whose accounts are written in a form to which none can be added at the end."""
    try:
        document = tomllib.loads(before + block)
        del document["accounts"][name]
        alike = (document.get("accounts") or {}) == tomllib.loads(before).get("accounts", {})
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        alike = False
    if not alike:
        raise Ended(f"nothing was written: no account can be added at the end of {path}; edit it")
