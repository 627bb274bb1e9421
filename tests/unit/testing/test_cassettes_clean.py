"""No cassette of any provider holds a secret or a real number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.clean import problems

ROOT = Path(__file__).parents[3]
CASSETTES = sorted((ROOT / "cassettes").rglob("*.yaml"))


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_cassette_is_clean(path: Path) -> None:
    assert not problems(path.read_text(encoding="utf-8"))


def test_every_folder_says_where_its_cassettes_come_from() -> None:
    for folder in {path.parent for path in CASSETTES}:
        told = (folder / "PROVENANCE.md").read_text(encoding="utf-8")
        assert re.search("documented|published|recorded", told, re.IGNORECASE), folder


CLEAN = """interactions:
- request: {{body: '{sent}', headers: {{accept: application/json{header}}}, method: GET, uri: 'https://example.com/{path}'}}
  response: {{body: {{string: '{body}'}}, headers: {{}}, status: {{code: 200, message: OK}}}}
version: 1
"""


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("header", ", authorization: x"),
        ("header", ", X-Api-Key: x"),
        ("header", ", set-cookie: x"),
        ("path", "2014110123"),
        ("path", "%2B12014110123"),
        ("body", '{"number": 2014110123}'),
        ("body", '{"to": "+442079460018"}'),
        ("body", '{"apikey": "0123456789abcdef0123456789abcdef"}'),
        ("body", '{"accessToken": "x"}'),
        ("body", '{"password": "hunter2"}'),
        ("body", "Bearer abcdefghijkl"),
        ("body", '{"x": "eyJhbGciOiJIUzI1NiJ9"}'),
        ("body", '{"x": "pi_3MtwBwLkdIwHu7ix28a3tqPa"}'),
        ("body", '{"friendlyName": "(201) 411-0123"}'),
        ("body", '{"x": "somebody@mail.example.dev"}'),
        ("sent", "grant_type=refresh_token&refresh_token=hunter2"),
        ("sent", "client_id=hunter2&x=1"),
        ("sent", "username=hunter2&password="),
        ("sent", '{"username": "hunter2"}'),
        ("path", "x?refreshToken=hunter2"),
        ("body", "access_token=hunter2"),
        ("body", '{"x": "Zm9vYmFyOTg3NjU0MzIxQUJDREVGeHl6"}'),
        ("body", '{"x": "lp_a1b2c3d4e5f6"}'),
    ],
)
def test_the_check_finds_what_it_looks_for(where: str, text: str) -> None:
    parts = {"header": "", "path": "", "body": "{}", "sent": "grant_type=refresh_token&refresh_token=scrubbed"}
    assert not problems(CLEAN.format(**parts))
    assert problems(CLEAN.format(**parts | {where: text}))
