"""Recorder of a provider's cassettes, from which secrets and real numbers are scrubbed before anything is written.

``python -m anycarrier.testing.cassettes RECIPE`` records with a real account, whose settings come from the environment
or the accounts file, into the folder that the tests replay. Needs the extra ``testing``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from attrs import Factory, define, evolve

from anycarrier.engine.session import SystemClock
from anycarrier.errors import AnyCarrierError, ConfigurationError
from anycarrier.registry import account as named_account
from anycarrier.registry import make
from anycarrier.testing.cassette_file import CassetteInfo, play_step, provenance, replayed, tape_machine
from anycarrier.testing.fakes import AnyClient
from anycarrier.testing.recording import Missing, Step, Steps, Values
from anycarrier.testing.scrubbing import SCRUBBED, Scrubber, known_members

__all__ = ["SCRUBBED", "Recording", "Scrubber", "load_recipe", "main", "record", "replayed"]


@define
class Recording:
    """Result of recording.

    Attributes:
        written: the cassettes, by step.
        left: steps that were not tried, each with the reason; their older cassettes stay.
        failed: steps that were tried and failed, each with the reason; their older cassettes stay.
        ours: numbers that were bought and not released, by the name of the value.
    """

    written: dict[str, Path] = Factory(dict)
    left: dict[str, str] = Factory(dict)
    failed: dict[str, str] = Factory(dict)
    ours: dict[str, str] = Factory(dict)


def record(
    account: Callable[[], object],
    steps: Steps,
    folder: Path,
    *,
    values: Mapping[str, str] | None = None,
    change: bool = False,
    spend: bool = False,
    only: Collection[str] = (),
) -> Recording:
    """Record the cassettes of a provider into *folder*, scrubbed, and write ``PROVENANCE.md`` anew.

    A cassette replaces an older one only after its scrubbed text was replayed.

    Args:
        account: makes the provider object of the account; called for each step, because an adapter may remember earlier
            answers. All of them sign in with the first one's credentials.
        steps: the recipe.
        folder: where the cassettes are.
        values: those that no step finds out, such as the account to which a number is transferred.
        change: also take the steps that change something. They only change numbers that were bought just now, or that
            *values* names.
        spend: also take those that cost money.
        only: names of the steps to record; empty for all.
    """
    provider = account()
    machine = _Recorder(account, provider, steps, folder)
    known = {**steps.values, **(values or {})}
    done = Recording()
    folder.mkdir(parents=True, exist_ok=True)
    for name, step in steps.steps.items():
        reason = _not_wanted(name, step, change, spend, only)
        if reason is None:
            seen = Values(known)
            try:
                path = machine.taped(name, step, seen)
            except Missing as missing:
                reason = f"needs the value {missing.args[0]!r}, which no step before it gave"
            except Exception as error:  # noqa: BLE001 - the other steps can be recorded all the same
                done.failed[name] = machine.scrubber.without_secrets(f"{type(error).__name__}: {error}")
            else:
                if path is None:
                    reason = "nothing was sent"
                else:
                    done.written[name] = path
            known.update(seen.used)
            done.ours.update({gained: known[gained] for gained in step.gains if gained in seen.used})
            if name in done.written and step.gives_up is not None:
                done.ours.pop(step.gives_up, None)
        if reason is not None:
            done.left[name] = reason
    (folder / "PROVENANCE.md").write_text(provenance(folder), encoding="utf-8")
    return done


def _not_wanted(name: str, step: Step, change: bool, spend: bool, only: Collection[str]) -> str | None:
    if only and name not in only:
        return "not selected"
    if step.effect == "documented":
        return "an answer that can only be taken from documents"
    if step.effect == "changes" and not change:
        return "changes something: give --change"
    if step.effect == "costs" and not spend:
        return "costs money: give --spend"
    return None


class _Recorder:
    """Records one step after the other, with one account's credentials."""

    def __init__(self, account: Callable[[], Any], provider: Any, steps: Steps, folder: Path) -> None:
        self.account = account
        self.accounts = provider.accounts
        self.steps = steps
        self.folder = folder
        self.scrubber = Scrubber(
            [
                lambda: [secret for each in self.accounts for secret in each.credentials.secrets()],
                lambda: steps.hidden(provider),
            ],
            known_members(type(provider)),
        )
        self.told = self._told(provider)

    def _told(self, provider: object) -> CassetteInfo:
        base_url = self.accounts[0].base_url
        local = urlsplit(base_url).hostname in ("127.0.0.1", "localhost", "::1")
        return CassetteInfo(
            evidence="simulated" if local else "recorded",
            source=base_url,
            date=datetime.now(UTC).date().isoformat(),
            settings={**self.steps.replay_settings(provider), "base_url": base_url},
        )

    def taped(self, name: str, step: Step, values: Values) -> Path | None:
        """The cassette of one step, proven; ``None`` if asking sent nothing."""
        provider = self.account()
        provider.accounts = self.accounts
        machine = tape_machine(
            record_mode="all",
            before_record_request=self.scrubber.request,
            before_record_response=self.scrubber.response,
            decode_compressed_response=True,
        )
        clock: Any = SystemClock()
        with TemporaryDirectory() as room, AnyClient("sync", provider, "httpx", clock) as phone:
            if step.signs_in is None:
                for each in self.accounts:
                    phone.run(each.credentials.headers())
            new = Path(room) / f"{name}.yaml"
            with machine.use_cassette(str(new)) as tape:
                answer = step.answer(phone, values)
            step.judge(answer, values)
            if not len(tape):
                return None
            told = evolve(self.told, values={key: self.scrubber.text(text) for key, text in values.used.items()})
            # By name nothing is looked for here: the key of a purchase is no secret, and the replay sends it again.
            text = new.read_text(encoding="utf-8") + self.scrubber.without_secrets(told.text())
            if any(secret in text for secret in self.scrubber.secrets() if secret not in SCRUBBED):
                raise ConfigurationError("a secret that became known too late is in the recording, which is discarded")
            new.write_text(text, encoding="utf-8")
            play_step(self.steps, name, new, "sync")
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path


def load_recipe(path: Path) -> Steps:
    """``STEPS`` of the Python file *path*; a file in a package is imported as its module.

    Raises:
        ConfigurationError: there is no such file, or it has no ``STEPS``.
    """
    if not path.is_file():
        raise ConfigurationError(f"there is no recipe {path}; give the path of a Python file that defines STEPS")
    root, name = path.resolve().parent, path.stem
    while (root / "__init__.py").exists():
        root, name = root.parent, f"{root.name}.{name}"
    sys.path.insert(0, str(root))
    steps = getattr(import_module(name), "STEPS", None)
    if not isinstance(steps, Steps):
        raise ConfigurationError(f"{path} defines no STEPS, which must be a Steps object")
    return steps


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m anycarrier.testing.cassettes",
        description="Record cassettes with a real account, scrubbed as they are written, in the place of those there.",
    )
    parser.add_argument("recipe", type=Path, help="Python file that defines STEPS, such as tests/recordings/acme.py")
    parser.add_argument("--account", help="a name in the accounts file instead")
    parser.add_argument("--into", type=Path, help="folder (default: cassettes/PROVIDER, which the tests replay)")
    parser.add_argument("--change", action="store_true", help="also the steps that change something")
    parser.add_argument("--spend", action="store_true", help="also the steps that buy: costs money")
    parser.add_argument("--value", action="append", default=[], metavar="NAME=TEXT", help="what steps need to know")
    parser.add_argument("--only", action="append", default=[], metavar="STEP", help="record these only")
    parser.add_argument("--list", action="store_true", help="say what the steps are, and ask for nothing")
    given = parser.parse_args(arguments)
    try:
        steps = load_recipe(given.recipe)
        provider: str = steps.provider.name
        if unknown := set(given.only) - steps.steps.keys():
            raise ConfigurationError(f"no step is called {', '.join(sorted(unknown))}")
        if given.list:
            for name, step in steps.steps.items():
                print(f"{name}: {step.effect}")  # noqa: T201 - a command
            return 0
        done = record(
            lambda: named_account(given.account) if given.account else make(provider, {}),
            steps,
            given.into or Path("cassettes") / provider,
            values=dict(one.partition("=")[::2] for one in given.value),
            change=given.change,
            spend=given.spend,
            only=given.only,
        )
    except AnyCarrierError as error:
        print(f"not recorded: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    _tell(done)
    return 1 if done.failed or not done.written else 0


def _tell(done: Recording) -> None:
    for path in done.written.values():
        print(path)  # noqa: T201 - a command
    for name, reason in (done.left | done.failed).items():
        print(f"not recorded: {name}: {reason}", file=sys.stderr)  # noqa: T201 - a command
    for name, number in done.ours.items():
        print(f"bought and still on the account: {number} ({name})", file=sys.stderr)  # noqa: T201 - a command


if __name__ == "__main__":
    raise SystemExit(main())
