"""``providers`` and ``capabilities``: what there is, without credentials and without the network."""

from __future__ import annotations

from typing import Any

from anycarrier.capabilities import capabilities as declared
from anycarrier.cli.accounts import installed
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.errors import ConfigurationError
from anycarrier.features import FEATURES
from anycarrier.registry import names, provider_class
from anycarrier.settings import config_path, read_accounts, setting_names

__all__ = ["capabilities", "providers"]


def providers(context: Context) -> int:
    """Every provider that is installed, and whether it has settings."""
    accounts: dict[str, dict[str, Any]] = {}
    path = problem = None
    try:
        path = str(config_path())
        accounts = read_accounts()
    except ConfigurationError as error:  # the list is of use even so
        problem = str(error)
    found: list[dict[str, Any]] = [
        {
            "provider": one.name, "title": one.cls.title if one.cls else None,
            "settings": list(setting_names(one.cls)) if one.cls else [], "environment": list(one.variables),
            "accounts": sorted(name for name, held in accounts.items() if held["provider"] == one.name),
            "problem": one.problem,
        }
        for one in installed()
    ]  # fmt: skip
    if context.out.as_json:
        context.out.json({"providers": found, "accounts_file": path, "problem": problem})
        return Exit.DONE
    context.out.table(
        ("provider", "title", "settings from", "accounts", "problem"),
        [
            (
                one["provider"], one["title"], "the environment" if one["environment"] else "",
                ", ".join(one["accounts"]), one["problem"],
            )
            for one in found
        ],
    )  # fmt: skip
    context.out.line()
    context.out.line(f"Accounts file: {problem or path}")
    return Exit.DONE


def capabilities(context: Context) -> int:
    """What each provider can do; for one provider with how and why not."""
    wanted = list(dict.fromkeys(context.args.providers))
    classes: list[Any] = [provider_class(name) for name in wanted]
    if not wanted:
        classes = [one.cls for one in installed() if one.cls is not None]
    if not classes:
        raise ConfigurationError(f"no provider can be loaded; there are: {', '.join(names()) or 'none'}")
    found = [declared(cls) for cls in classes]
    if context.out.as_json:
        context.out.json({"providers": found})
    elif len(found) == 1:
        _one(context, found[0])
    else:
        rows = [
            (name, meaning, *(_word(one["features"][name]) for one in found)) for name, meaning in FEATURES.items()
        ]  # fmt: skip
        context.out.table(("feature", "what", *(one["provider"] for one in found)), rows)
        context.out.line()
        context.out.line("How, and why not: anycarrier capabilities PROVIDER")
    return Exit.DONE


def _one(context: Context, found: dict[str, Any]) -> None:
    context.out.line(f"{found['title']} ({found['provider']})")
    context.out.line()
    context.out.table(
        ("feature", "can", "how, or why not"),
        [
            (name, _word(support), support.get("reason") or support.get("note") or FEATURES[name])
            for name, support in found["features"].items()
        ],
    )


def _word(support: dict[str, Any]) -> str:
    return f"yes, {support['evidence']}" if support["supported"] else "no"
