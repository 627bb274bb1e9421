"""Adapters by name.

Ours are found by importing ``anycarrier_adapters.<name>``, which costs nothing for those not used; others by the entry
point group ``anycarrier.providers`` (scanning those takes some 25 ms, so only when the name is not one of ours).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.settings import build, config_path, from_environment, read_accounts, variable
from anycarrier.validation import shape
from anycarrier.validation import text as check_text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["account", "loaded", "make", "names", "provider_class"]

GROUP = "anycarrier.providers"


def names() -> list[str]:
    """Every provider that is installed, sorted: those beside this package and those with an entry point."""
    import pkgutil
    from importlib.metadata import entry_points

    found = {entry.name for entry in entry_points(group=GROUP)}
    try:
        package = import_module("anycarrier_adapters")
    except ModuleNotFoundError:
        return sorted(found)
    found.update(info.name for info in pkgutil.iter_modules(package.__path__) if not info.name.startswith("_"))
    return sorted(found)


def provider_class(name: str) -> type[Any]:
    """The class of the provider called *name*; :class:`ConfigurationError` lists the known names if there is none."""
    if re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        module_name = f"anycarrier_adapters.{name}"
        try:
            module = import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name not in (module_name, "anycarrier_adapters"):
                raise
        else:
            return module.PROVIDER  # type: ignore[no-any-return]
        from importlib.metadata import entry_points

        entries = list(entry_points(group=GROUP, name=name))
        if len(entries) == 1:
            return entries[0].load()  # type: ignore[no-any-return]
        if entries:
            owners = ", ".join(sorted({entry.dist.name if entry.dist else entry.value for entry in entries}))
            raise ConfigurationError(f"several packages provide {name!r}: {owners}; uninstall all but one")
    from anycarrier.suggestions import meant_or_all

    raise ConfigurationError(f"no provider is called {name!r}{meant_or_all(name, names())}")


def account(name: str, path: Path | None = None, *, settings: Mapping[str, Any] | None = None) -> Any:
    """The provider object of the account called *name* in the accounts file; *settings* win over the file's.

    Raises:
        ConfigurationError: there is no such account, or its settings are wrong; it lists every problem.
        InvalidInput: an argument is not of its type.
    """
    check_text("name", name, "main")
    if path is not None and not callable(getattr(path, "open", None)):
        raise InvalidInput(f"path must be a Path, such as Path('accounts.toml'), not {shape(path)}")
    if settings is not None and not isinstance(settings, Mapping):
        raise InvalidInput(f"settings must be a mapping by name, such as {{'token': ...}}, not {shape(settings)}")
    path = path or config_path()
    accounts = read_accounts(path)
    if name not in accounts:
        from anycarrier.suggestions import meant_or_all

        raise ConfigurationError(f"no account {name!r} in {path}{meant_or_all(name, sorted(accounts))}")
    stored = dict(accounts[name])
    cls = provider_class(stored.pop("provider"))
    return build(
        cls,
        settings or {},
        {"account": name, **stored},
        where=f"accounts.{name}.",
        place=lambda _: f"in {path} under [accounts.{name}], and nowhere else",
    )


def loaded(name: str, source: object) -> Any:
    """The provider object of the account *name* from what an application loaded: a provider object, or its settings
    with the provider's name as ``provider``. Nothing is taken from the environment.

    Raises:
        ConfigurationError: it is neither, or the settings are wrong; it lists every problem.
    """
    if not isinstance(source, Mapping):
        if source is None:
            raise ConfigurationError(f"there is no account {name!r}: load() gave None")
        return make(source, {})
    stored = dict(source)
    provider = stored.pop("provider", None)
    if not isinstance(provider, str):
        raise ConfigurationError(f"the settings of account {name!r} need the name of a provider as provider")
    return build(
        provider_class(provider),
        {},
        {"account": name, **stored},
        where=f"{name}.",
        place=lambda _: f"in what load() gave for {name!r}, and nowhere else",
    )


def make(provider: Any, settings: Mapping[str, Any], problems: Sequence[str] = ()) -> Any:
    """*provider* if it is an object; if it is a name, an object of its class with *settings*, completed from the
    environment.

    Raises:
        ConfigurationError: it lists everything that is wrong, *problems* first.
    """
    if isinstance(provider, str):
        cls = provider_class(provider)
        stored, wrong = from_environment(cls, settings)
        return build(
            cls,
            settings,
            stored,
            problems=[*problems, *wrong],
            place=lambda setting: f"in the environment as {variable(cls.name, setting)}",
        )
    found = [*problems, *_object_problems(provider, settings)]
    if found:
        raise ConfigurationError(f"settings: {'; '.join(found)}", problems=tuple(found))
    return provider


def _object_problems(provider: Any, settings: Mapping[str, Any]) -> list[str]:
    kind = provider if isinstance(provider, type) else type(provider)
    if isinstance(provider, type) and getattr(provider, "name", None) is not None:
        return [f"provider is a class: give its name, or an object of it, such as {kind.__name__}(...)"]
    accounts = getattr(provider, "accounts", None)
    if isinstance(provider, type) or accounts is None:
        known = ", ".join(names())
        return [f"provider must be the name of an adapter ({known}) or a provider object, not {shape(provider)}"]
    if not isinstance(accounts, Sequence) or not all(isinstance(getattr(one, "id", None), str) for one in accounts):
        return [f"provider is a {kind.__name__} whose accounts are no list of anycarrier.engine.accounts.Account"]
    return [
        f"{name} is a setting of the provider, which is made already: give it to {kind.__name__}(...)"
        for name in sorted(settings)
    ]
