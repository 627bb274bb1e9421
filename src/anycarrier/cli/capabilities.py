"""``providers`` and ``capabilities``, without credentials and without the network."""

from __future__ import annotations

from typing import Any

from anycarrier.capabilities import capabilities as declared
from anycarrier.cli.accounts import installed
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.output import View
from anycarrier.cli.table import Column
from anycarrier.errors import ConfigurationError
from anycarrier.features import FEATURES
from anycarrier.registry import names, provider_class
from anycarrier.settings import config_path, read_accounts, setting_names

__all__ = ["capabilities", "providers"]


def providers(context: Context) -> int:
    """List every installed provider, and whether it has settings."""
    accounts: dict[str, dict[str, object]] = {}
    path = problem = None
    try:
        path = str(config_path())
        accounts = read_accounts()
    except ConfigurationError as error:  # the list is of use even so
        problem = str(error)
    found = [
        {
            "provider": one.name,
            "title": one.cls.title if one.cls else None,
            "settings": list(setting_names(one.cls)) if one.cls else [],
            "environment": list(one.variables),
            "accounts": sorted(name for name, held in accounts.items() if held["provider"] == one.name),
            "problem": one.problem,
        }
        for one in installed()
    ]
    columns = (
        Column("provider"),
        Column("title", wraps=True),
        Column("settings from", wraps=True),
        Column("accounts", wraps=True),
        Column("problem", wraps=True),
    )
    fields = ("provider", "title", "settings", "environment", "accounts", "problem")
    context.out.show(
        View(columns, _installed, fields, lambda one: one),
        found,
        lambda records: {"providers": records, "accounts_file": path, "problem": problem},
    )
    if context.out.form == "table":
        context.out.line()
        context.out.line(f"Accounts file: {problem or path}")
    return Exit.DONE


def _installed(one: dict[str, Any]) -> tuple[object, ...]:
    accounts = ", ".join(one["accounts"])
    return one["provider"], one["title"], "the environment" if one["environment"] else "", accounts, one["problem"]


def capabilities(context: Context) -> int:
    """Show the features of each provider; of one provider also how, and why not."""
    wanted = list(dict.fromkeys(context.args.providers))
    classes: list[Any] = [provider_class(name) for name in wanted]
    if not wanted:
        classes = [one.cls for one in installed() if one.cls is not None]
    if not classes:
        raise ConfigurationError(f"no provider can be loaded; installed: {', '.join(names()) or 'none'}")
    found = [declared(cls) for cls in classes]
    out = context.out
    if out.form == "json":
        out.json({"providers": found})
    elif out.form == "csv":
        out.rows(_FIELDS, (row for one in found for row in _rows(one)))
    elif len(found) == 1:
        _one(context, found[0])
    else:
        columns = [Column("feature"), Column("meaning", wraps=True)]
        columns += [Column(one["provider"], wraps=True) for one in found]
        out.table(
            columns,
            [(name, said, *(_word(one["features"][name]) for one in found)) for name, said in FEATURES.items()],
        )
        out.line()
        out.line("How, and why not: anycarrier capabilities PROVIDER")
    return Exit.DONE


_FIELDS = ("provider", "feature", "meaning", "supported", "evidence", "note", "reason")


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"provider": found["provider"], "feature": name, "meaning": FEATURES[name], **support}
        for name, support in found["features"].items()
    ]


def _one(context: Context, found: dict[str, Any]) -> None:
    context.out.line(f"{found['title']} ({found['provider']})")
    context.out.line()
    context.out.table(
        (Column("feature"), Column("can"), Column("how, or why not", wraps=True)),
        [
            (name, _word(support), support.get("reason") or support.get("note") or FEATURES[name])
            for name, support in found["features"].items()
        ],
    )


def _word(support: dict[str, Any]) -> str:
    return f"yes, {support['evidence']}" if support["supported"] else "no"
