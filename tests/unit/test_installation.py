"""The command that installs an extra from where the package was installed."""

from __future__ import annotations

import importlib.metadata
import json
from types import SimpleNamespace

import pytest

from anycarrier.installation import how_to_install


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (None, "pip install 'anycarrier[cli]'"),
        ({"url": "file:///srv/any%20carrier", "dir_info": {}}, "pip install '/srv/any carrier[cli]'"),
        ({"url": "file:///srv/anycarrier", "dir_info": {"editable": True}}, "pip install -e '/srv/anycarrier[cli]'"),
        (
            {"url": "file:///tmp/anycarrier-1.whl", "archive_info": {}},
            "pip install 'anycarrier[cli] @ file:///tmp/anycarrier-1.whl'",
        ),
        (
            {"url": "https://example.com/anycarrier", "vcs_info": {"vcs": "git"}},
            "pip install 'anycarrier[cli] @ git+https://example.com/anycarrier'",
        ),
    ],
)
def test_an_extra_is_installed_from_where_the_package_is(
    monkeypatch: pytest.MonkeyPatch, origin: object, command: str
) -> None:
    said = None if origin is None else json.dumps(origin)
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _: SimpleNamespace(read_text=lambda _: said))
    assert how_to_install("cli") == command


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    assert how_to_install() == "pip install anycarrier"
