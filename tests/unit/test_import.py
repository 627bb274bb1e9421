"""The cost of importing, in modules: a number that does not flicker."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import anycarrier


def loaded_by(code: str) -> set[str]:
    probe = f"import json, sys; before = set(sys.modules)\n{code}\nprint(json.dumps(sorted(set(sys.modules) - before)))"
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    done = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


HEAVY = {"httpx", "httpcore", "httpx2", "pydantic", "pydantic_core", "asyncio", "ssl", "phonenumbers", "rich", "attrs"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import anycarrier") & HEAVY


@pytest.mark.slow
def test_the_two_names_of_every_program_load_neither_http_nor_pydantic() -> None:
    loaded = loaded_by("from anycarrier import Client, Search")
    assert not loaded & (HEAVY - {"attrs"})


def test_a_number_needs_neither_phonenumbers_nor_pydantic() -> None:
    loaded = loaded_by("from anycarrier import PhoneNumber; PhoneNumber('(201) 555-0123').country")
    assert not loaded & (HEAVY - {"attrs"})


@pytest.mark.parametrize("name", ["Client", "Search", "PhoneNumber", "NotFound", "Evidence", "Timeouts"])
def test_each_public_name_is_there(name: str) -> None:
    import anycarrier

    assert name in dir(anycarrier)
    assert getattr(anycarrier, name).__name__ == name


def test_a_name_that_is_not_there_says_so() -> None:
    import anycarrier

    with pytest.raises(AttributeError, match="no attribute 'Cilent'"):
        _ = anycarrier.Cilent


@pytest.mark.slow
def test_the_help_of_a_command_loads_no_adapter_and_no_model() -> None:
    for argv in (["--help"], ["call", "--help"], ["call"]):
        code = "from contextlib import redirect_stdout\nfrom anycarrier.cli.parser import parse\n"
        code += f"try:\n  with redirect_stdout(sys.stderr): parse({argv})\nexcept SystemExit: pass"
        loaded = loaded_by(code)
        assert not [name for name in loaded if name.startswith(("anycarrier_adapters", "anycarrier.adapter"))]


def test_everything_public_is_there_by_its_name() -> None:
    names: dict[str, object] = {}
    exec("from anycarrier import *", names)  # noqa: S102
    assert names.keys() >= {*anycarrier.__all__}
    assert {*anycarrier.__all__} <= {*dir(anycarrier)}
