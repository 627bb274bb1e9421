"""Cassette files: their description, their replay, and the page that lists their sources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from attrs import asdict, field, frozen

from anycarrier.testing.fakes import AnyClient, Mode
from anycarrier.testing.recording import Steps, Values

__all__ = ["FILES", "CassetteInfo", "cassettes", "play_step", "provenance", "replayed", "tape_machine"]

FILES = "<!-- files -->"
"""Line of a ``PROVENANCE.md`` below which the recorder writes the rest."""


@frozen(kw_only=True)
class CassetteInfo:
    """Description that a cassette has of itself, under the key ``step``.

    Attributes:
        evidence: ``documented`` or ``inferred`` where it was written from documents, ``recorded``, or ``simulated``
            for a recording of a simulator.
        source: document that it was written from, or host that was recorded.
        date: of the recording.
        settings: those of the account that a replay needs; no secrets.
        values: those that the step read and set.
    """

    evidence: str
    source: str
    date: str = ""
    settings: Mapping[str, Any] = field(factory=dict)
    values: Mapping[str, str] = field(factory=dict)

    @classmethod
    def of(cls, cassette: Path) -> CassetteInfo:
        """Read the description of *cassette*."""
        import yaml  # type: ignore[import-untyped]

        told = yaml.safe_load(cassette.read_text(encoding="utf-8")).get("step")
        if told is None:
            raise AssertionError(f"{cassette.name} does not say where it comes from: it has no member 'step'")
        return cls(**told)

    @property
    def from_documents(self) -> bool:
        """Return whether its values come from documents, not from a recording."""
        return self.evidence in ("documented", "inferred")

    def text(self) -> str:
        """Format it as the end of a cassette."""
        import yaml

        told = {name: value for name, value in asdict(self).items() if value}
        return str(yaml.safe_dump({"step": told}, sort_keys=False, width=120, allow_unicode=True))


def cassettes(folder: Path) -> dict[str, Path]:
    """The cassettes of a folder, by step."""
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def provenance(folder: Path) -> str:
    """Text of a folder's ``PROVENANCE.md``: unchanged down to :data:`FILES`, then the description of each file."""
    page = folder / "PROVENANCE.md"
    head = page.read_text(encoding="utf-8") if page.exists() else "# Where these come from\n\n"
    rows = [
        f"| `{name}` | {told.evidence}{told.date and f' on {told.date}'} | {told.source} |"
        for name, told in ((name, CassetteInfo.of(path)) for name, path in cassettes(folder).items())
    ]
    return "\n".join([head.partition(FILES)[0] + FILES, "", "| file | evidence | from |", "|---|---|---|", *rows, ""])


def _same_body(one: object, other: object) -> None:
    if _value(one) != _value(other):
        raise AssertionError("the bodies differ")


def _value(request: Any) -> object:
    body = request.body or b""
    text = body if isinstance(body, str) else bytes(body).decode()
    try:
        return json.loads(text)
    except ValueError:
        return parse_qsl(text, keep_blank_values=True) or text


def _same_url(one: Any, other: Any) -> None:
    if unquote(one.uri) != unquote(other.uri):
        raise AssertionError("the URLs differ")


def tape_machine(**options: Any) -> Any:
    """A VCR that knows a request by its method, URL and body."""
    import vcr

    machine = vcr.VCR(match_on=("method", "same_url", "same_body"), **options)
    machine.register_matcher("same_url", _same_url)
    machine.register_matcher("same_body", _same_body)
    return machine


@contextmanager
def replayed(cassette: Path, *, again: bool = False) -> Iterator[Any]:
    """Answer every request from *cassette*; one that is not in it is an error, and nothing reaches the network.

    Args:
        cassette: the file.
        again: whether a recorded answer may be replayed more than once.
    """
    with tape_machine(record_mode="none").use_cassette(str(cassette), allow_playback_repeats=again) as played:
        yield played


def play_step(steps: Steps, name: str, cassette: Path, mode: Mode) -> object:
    """The answer of one step, replayed; raises ``AssertionError`` if anything is not as it must be."""
    told, step = CassetteInfo.of(cassette), steps.steps[name]
    values = Values(told.values)
    with AnyClient(mode, steps.replaying(name, told.settings), "httpx") as phone, replayed(cassette) as played:
        answer = step.answer(phone, values)
    if not played.all_played:
        raise AssertionError(f"{name}: {len(played) - played.play_count} recorded answers were not requested")
    step.judge(answer, values)
    if values.used != told.values:
        raise AssertionError(
            f"{name}: the step uses and gives {values.used}, and the cassette was made with {told.values}"
        )
    return answer
