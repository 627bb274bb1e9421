"""``doctor``: checks of the installation and the settings, and what to do about each problem."""

from __future__ import annotations

import os
import platform
import socket
import stat
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal
from urllib.parse import urlsplit

from attrs import frozen

from anycarrier._version import __version__
from anycarrier.capabilities import has, support_of
from anycarrier.cli.accounts import VARIABLE, Choice, configured
from anycarrier.cli.context import Context, close
from anycarrier.cli.exit_codes import Exit, exit_code
from anycarrier.cli.output import Output
from anycarrier.cli.variables import strange
from anycarrier.engine.accounts import Account
from anycarrier.errors import (
    AnyCarrierError,
    AuthenticationFailed,
    ConfigurationError,
    PermissionDenied,
    ProviderDown,
    RateLimited,
    TransportError,
)
from anycarrier.features import Can
from anycarrier.installation import how_to_install
from anycarrier.registry import names
from anycarrier.settings import CONFIG, config_path, read_accounts, setting_names, variable
from anycarrier.transports import Timeouts, sync_transport

__all__ = ["Check", "account_checks", "doctor", "show_check"]

NEEDED = ("attrs", "httpx", "msgspec", "phonenumbers", "pydantic")
OPTIONAL = (
    ("shtab", "cli", "completion"),
    ("starlette", "simulator", "simulators"),
    ("uvicorn", "simulator", "simulators"),
)
SECONDS = 5.0

State = Literal["ok", "note", "problem"]


@frozen
class Check:
    """One check; ``code`` is the exit code of a problem."""

    name: str
    state: State
    detail: str
    advice: str = ""
    code: int = Exit.DONE


def doctor(context: Context) -> int:
    """Check everything, and say what to do."""
    out = context.out
    checks: list[Check] = []
    for check in _all(context):
        checks.append(check)
        if out.form == "table":
            show_check(out, check)
    problems = [check for check in checks if check.state == "problem"]
    records = [{"check": one.name, "state": one.state, "detail": one.detail, "advice": one.advice} for one in checks]
    if out.form == "json":
        out.json({"ok": not problems, "checks": records})
    elif out.form == "csv":
        out.rows(("check", "state", "detail", "advice"), records)
    else:
        out.line()
        out.line(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}" if problems else "All is well.")
    return problems[0].code if problems else Exit.DONE


def show_check(out: Output, check: Check) -> None:
    """Show a check to people."""
    out.stated(check.state, f"{check.name}: {check.detail}")
    if check.advice:
        out.line(f"         -> {check.advice}")
    out.flush()


def _all(context: Context) -> Iterator[Check]:
    yield Check("anycarrier", "ok", f"{__version__}, Python {platform.python_version()} on {platform.system()}")
    yield from _libraries()
    yield _transport(context)
    yield from _accounts_file()
    yield from _variables()
    args = context.args
    if args.provider or args.account or args.base_url or args.settings:
        try:
            choices = [Choice.of(args)]
        except AnyCarrierError as error:
            yield _problem("provider", error)
            return
    else:
        yield from _default()
        try:
            choices = configured()
        except ConfigurationError:
            choices = []  # reported already, with the accounts file
        if not choices:
            yield Check(
                "providers",
                "problem",
                "none has settings",
                f"set {variable('<provider>', '<setting>')} or write the accounts file; anycarrier providers lists "
                "the settings, and anycarrier simulate needs no account",
                Exit.USAGE,
            )
    for choice in choices:
        yield from _provider(context, choice)


def _problem(name: str, error: AnyCarrierError, advice: str = "") -> Check:
    return Check(name, "problem", str(error), advice, exit_code(error))


def _libraries() -> Iterator[Check]:
    found: list[str] = []
    for name in NEEDED:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            yield Check("libraries", "problem", f"{name} is not installed", how_to_install(), Exit.USAGE)
    yield Check("libraries", "ok", ", ".join(found))
    for name, extra, use in OPTIONAL:
        try:
            yield Check(name, "ok", version(name))
        except PackageNotFoundError:
            yield Check(name, "note", f"not installed, needed for {use}", how_to_install(extra))


def _transport(context: Context) -> Check:
    try:
        made = sync_transport(context.transport, None)
    except (AnyCarrierError, ImportError) as error:
        return Check("transport", "problem", str(error), how_to_install(), Exit.USAGE)
    name = type(made).__module__.rpartition(".")[2]
    if context.transport is None:
        made.close()
    times = context.timeouts or Timeouts()
    return Check(
        "transport",
        "ok",
        f"{name}; seconds: connect {times.connect:g}, whole request {times.total:g}, purchase {times.purchase_total:g}",
    )


def _accounts_file() -> Iterator[Check]:
    try:
        accounts = read_accounts()
    except ConfigurationError as error:
        yield _problem("accounts file", error)
        return
    try:
        path = config_path()
    except ConfigurationError as error:  # a machine without home folders needs no file
        yield Check("accounts file", "ok", f"none; it is not needed: {error}")
        return
    if not path.exists():
        if CONFIG in os.environ:
            yield Check("accounts file", "note", f"{CONFIG} names {path}, and there is none", "check the name")
            return
        yield Check("accounts file", "ok", f"none at {path}; it is not needed")
        return
    yield Check("accounts file", "ok", f"{path}: {', '.join(sorted(accounts)) or 'no accounts'}")
    if os.name == "posix" and path.parent.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Check(
            "accounts file",
            "problem",
            "others can replace it: they may write to its folder",
            f"chmod go-w {path.parent}",
            Exit.USAGE,
        )


def _variables() -> Iterator[Check]:
    for one in strange():
        state: State = "problem" if one.meant else "note"
        yield Check(one.name, state, str(one), "correct its name, or unset it", Exit.USAGE)


def _default() -> Iterator[Check]:
    name = os.environ.get(VARIABLE)
    if name and name != "all" and name not in names():
        yield Check(
            VARIABLE,
            "problem",
            f"names {name!r}, which is not installed",
            f"set it to one of: {', '.join(names())}",
            Exit.USAGE,
        )


def _provider(context: Context, choice: Choice) -> Iterator[Check]:
    label = choice.label
    try:
        provider = choice.make()
    except ConfigurationError as error:
        for said in error.problems or (str(error),):
            yield Check(f"{label} settings", "problem", said, _where(choice), Exit.USAGE)
        return
    except ImportError as error:
        yield Check(label, "problem", f"its adapter cannot be loaded: {error}", "install it again", Exit.USAGE)
        return
    yield from account_checks(context, choice, provider)


def account_checks(context: Context, choice: Choice, provider: Any) -> Iterator[Check]:
    """Checks of a provider object: its address, whether that can be reached, and whether it takes the credentials."""
    label = choice.label
    urls = ", ".join(account.base_url for account in provider.accounts)
    yield Check(f"{label} settings", "ok", f"{provider.title} at {urls}")
    # A transport that a test passes makes its own connections.
    problem = None if context.transport is not None else _first_unreachable(provider.accounts, context.args.timeout)
    if problem:
        yield Check(
            f"{label} reachable",
            "problem",
            problem,
            "check the network, the firewall and base_url; proxies of the environment are not used",
            Exit.UNAVAILABLE,
        )
        return
    yield Check(f"{label} reachable", "ok", "yes")
    yield _credentials(context, choice, provider)


def _where(choice: Choice) -> str:
    if choice.account:
        return f"in {config_path()}, under [accounts.{choice.account}]"
    return f"in the environment, as {variable(choice.provider, '<setting>')}"


def _first_unreachable(accounts: Sequence[Account], timeout: float | None) -> str | None:
    """The first problem of reaching the origins of an account."""
    limit = min(timeout or SECONDS, SECONDS)
    return next(filter(None, (_unreachable(one.base_url, limit) for one in accounts)), None)


def _unreachable(base_url: str, limit: float) -> str | None:
    """The reason why no connection can be made, TLS included; None when one can."""
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), limit) as plain:
            if parts.scheme == "https":
                from anycarrier.transports._tls import shared_context

                shared_context().wrap_socket(plain, server_hostname=host).close()
    except TimeoutError:
        return f"{host}:{port} does not answer within {limit:g} s"
    except OSError as error:
        return f"{host}:{port}: {error.strerror or error}"
    return None


def _credentials(context: Context, choice: Choice, provider: Any) -> Check:
    name = f"{choice.label} credentials"
    if not (isinstance(support_of(provider, "list"), Can) and has(provider, "list")):
        return Check(name, "note", "not checked: this provider has no cheap read")
    try:
        with context.client(provider) as client:
            numbers = client.list()
            first = next(numbers, None)
            close(numbers)
    except AnyCarrierError as error:
        return _problem(name, error, _advice(error, choice))
    return Check(name, "ok", "accepted" if first else "accepted; the account has no numbers")


def _advice(error: AnyCarrierError, choice: Choice) -> str:
    if isinstance(error, AuthenticationFailed):
        from anycarrier.cli.option_values import is_secret
        from anycarrier.registry import provider_class

        secret = [name for name in setting_names(provider_class(choice.provider)) if is_secret(name)]
        return f"get new credentials from the provider and put them {_where(choice)}: {' or '.join(secret)}"
    if isinstance(error, PermissionDenied):
        return "have the provider give these credentials the right to list numbers"
    if isinstance(error, RateLimited | ProviderDown | TransportError):
        return "try again later"
    return "the answer is not what the provider documents: please report it, with --debug"
