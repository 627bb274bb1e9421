"""Forms that were written once are read for ever: ``version_1.json`` holds those of the last release.

Members may be added; whoever renames one, drops one or changes its meaning breaks the programs that wrote or read them:
raise ``VERSION`` and read both. More samples are no break: write the file anew with
``PYTHONPATH=tests python tests/unit/json_forms/test_forms_on_file.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anycarrier.errors import AnyCarrierError
from anycarrier.json_forms import from_json, to_json
from support.json_samples import ERRORS, SAMPLES, error_of

FILE = Path(__file__).with_name("version_1.json")


def written() -> list[dict[str, Any]]:
    values = [*SAMPLES, *map(error_of, ERRORS)]
    return [{"class": type(one).__name__, "form": to_json(one)} for one in values]


def on_file() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


CLASSES = {type(one).__name__: type(one) for one in SAMPLES} | dict.fromkeys(ERRORS, AnyCarrierError)


def missing(old: Any, new: Any, at: str = "") -> list[str]:
    """Places of *old* that *new* lacks, or where it has something else."""
    if isinstance(old, dict) and isinstance(new, dict):
        gone = [f"{at}.{name}" for name in old if name not in new]
        return gone + [one for name in old if name in new for one in missing(old[name], new[name], f"{at}.{name}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [one for place, (a, b) in pairs for one in missing(a, b, f"{at}[{place}]")]
    return [] if old == new else [at]


@pytest.mark.parametrize("entry", on_file(), ids=lambda entry: entry["class"])
def test_a_form_on_file_is_read_as_what_it_was(entry: dict[str, Any]) -> None:
    again = to_json(from_json(CLASSES[entry["class"]], entry["form"]))
    assert missing(entry["form"], again) == []


def test_every_class_has_a_form_on_file() -> None:
    assert {entry["class"] for entry in written()} == {entry["class"] for entry in on_file()}


if __name__ == "__main__":
    FILE.write_text(json.dumps(written(), indent=1) + "\n", encoding="utf-8")
