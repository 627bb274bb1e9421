"""The contract notices when an adapter is wrong: no mutant of ours survives, and a suite that proves nothing fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from anycarrier.testing.mutants.catalog import MUTANTS

ROOT = Path(__file__).parents[2]

NO_EMERGENCY = {"address-not-sent", "address-not-removed", "another-numbers-address", "error-is-no-address"}
NO_NAMES = {"look-up-sent-again", "both-parts-looked-up", "paid-part-lost", "caller-name-not-sent"}
NOT_SET_UP_LATER = {"pending-is-active", "failed-is-pending"}
NO_PORTS = {
    "port-sent-again",
    "lost-port-is-refused",
    "any-answer-is-a-port",
    "always-portable",
    "ports-cut-short",
    "error-is-a-port",
}
ONE_BY_ONE = {
    "every-number-is-bought",
    "lost-order-is-refused",
    "left-out-is-refused",
    "some-sent-again",
    "key-for-each",
    "all-found",
    "first-found",
}
NO_LABEL = {"label-not-sent", "always-enabled"}
NO_KIND = (
    NO_EMERGENCY
    | NO_NAMES
    | {
        "route-does-nothing",
        "bind-does-nothing",
        "unbind-does-nothing",
        "route-resets-others",
        "contradiction-accepted",
        "applied-forgotten",
        "unbinds-another",
        "campaign-is-active",
        "bind_campaign-believes",
        "route-believes",
    }
)
LC = (
    NO_KIND
    | NO_LABEL
    | NO_PORTS
    | ONE_BY_ONE
    | NOT_SET_UP_LATER
    | {
        "release-does-nothing",
        "release-of-nothing",
        "doubt-is-hidden",
        "page-is-no-campaign",
        "release-believes",
        "transfer-believes",
        "transfer-does-nothing",
        "change-sent-again",
        "from-memory",
        "balance-from-memory",
        "balance-in-cents",
        "campaigns-leave-one-out",
        "any-campaign-is-there",
        "coverage-everywhere",
    }
)
NOT_FOR: dict[str, set[str]] = {
    "voicetel": NO_LABEL
    | NOT_SET_UP_LATER
    | {
        "replays-without-promise",
        "look-first-page",
        "list-first-page",
        "list-last-page",
        "list-endless",
        "any-word-is-active",
        "max_price-ignored",
        "sort_by-ignored",
        "features-ignored",
        "price-in-cents",
        "draft-without-price",
        "postal_code-ignored",
        "pools-are-empty",
    },
    "lc_phone": LC,
    "lc_legacy": LC,
    "leadping": NO_KIND
    | NO_PORTS
    | ONE_BY_ONE
    | {
        "rate_center-ignored",
        "lata-ignored",
        "features-ignored",
        "price-in-cents",
        "draft-without-price",
        "postal_code-ignored",
        "pools-are-empty",
        "coverage-everywhere",
    },
}
"""The mutants that make no difference to a provider, because it lacks what they break."""

TARGETS = {
    "voicetel": "test_voicetel.py::TestVoiceTel",
    "lc_phone": "test_lc.py::TestLCPhone",
    "lc_legacy": "test_lc.py::TestLCLegacy",
    "leadping": "test_leadping.py::TestLeadping",
}


def tool(module: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    paths = [str(cwd), *(str(ROOT / folder) for folder in ("src", "adapters", "tests"))]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(paths))
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


def by_turns() -> dict[str, list[str]]:
    """Every mutant at one of the providers that it makes a difference to, in turn."""
    found: dict[str, list[str]] = {name: [] for name in NOT_FOR}
    for turn, mutant in enumerate(MUTANTS):
        providers = [name for name in NOT_FOR if mutant not in NOT_FOR[name]]
        found[providers[turn % len(providers)]].append(mutant)
    return found


def fates(name: str, folder: Path, *only: str) -> dict[str, str]:
    """Fates of the mutants of a provider's adapter: of all, or of those that are named."""
    target = f"{ROOT / 'tests' / 'contract' / TARGETS[name]}"
    chosen = [word for mutant in only for word in ("--only", mutant)]
    done = tool("anycarrier.testing.mutants", target, *chosen, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.findall(r"^  (\S.*?)  +\S.*\n {18}(\S+?): ", done.stdout, re.MULTILINE)
    return {mutant: end for end, mutant in found}


@pytest.mark.slow
@pytest.mark.parametrize("name", NOT_FOR)
def test_a_mutant_survives_at_no_adapter_whose_turn_it_is(name: str, tmp_path: Path) -> None:
    only = by_turns()[name]
    assert fates(name, tmp_path, *only) == dict.fromkeys(only, "killed")


@pytest.mark.soak
@pytest.mark.parametrize("name", NOT_FOR)
def test_no_mutant_of_an_adapter_survives(name: str, tmp_path: Path) -> None:
    never = NOT_FOR[name]
    assert fates(name, tmp_path) == {one: "does not apply" if one in never else "killed" for one in MUTANTS}


def written(folder: Path, **members: Any) -> str:
    """A test file whose subject is VoiceTel, with these members besides."""
    lines = [f"    {name} = {value!r}" for name, value in members.items()] or ["    pass"]
    (folder / "test_it.py").write_text(
        "from anycarrier.testing import Contract\n"
        "from support.provider_cases import VoiceTelCase\n\n\n"
        "class TestIt(VoiceTelCase, Contract):\n" + "\n".join(lines) + "\n"
    )
    return "test_it.py::TestIt"


def test_a_mutant_that_no_case_notices_survives(tmp_path: Path) -> None:
    target = written(tmp_path, test_no_secret_is_shown=None)
    done = tool("anycarrier.testing.mutants", target, "--only", "secret-shown", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 mutants, 0 killed, 1 survive" in done.stdout
    assert "no case noticed it" in done.stdout


def test_a_module_and_its_class_may_be_named(tmp_path: Path) -> None:
    written(tmp_path)
    done = tool("anycarrier.testing.mutants", "test_it:TestIt", "--only", "list-twice", "-v", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TestIt: 1 mutants, 1 killed" in done.stdout


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nothing_here.py::TestIt", "there is no file"),
        ("nothing_here:TestIt", "there is no module"),
        ("nothing_here", "there is no module nothing_here"),
        ("test_it.py::TestElse", "no class that inherits Contract"),
    ],
)
def test_a_target_that_is_not_there_is_told(target: str, said: str, tmp_path: Path) -> None:
    written(tmp_path)
    done = tool("anycarrier.testing.mutants", target, "--only", "list-twice", cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_contract_that_fails_already_says_nothing_of_mutants(tmp_path: Path) -> None:
    target = written(tmp_path, many=23, absent="+12015550100")
    done = tool("anycarrier.testing.mutants", target, "--only", "release-of-nothing", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    target = written(tmp_path, purchase="numbers_list")
    done = tool("anycarrier.testing.mutants", target, "--only", "refused-is-bought", cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "fails already as the adapter is" in done.stderr


def test_a_subject_that_names_no_operation_fails(tmp_path: Path) -> None:
    written(tmp_path, purchase="ordr")
    cases = "the_simulator_has or (whatever_breaks and reset)"
    done = tool("pytest", "-q", "-p", "no:cacheprovider", "test_it.py", "-k", cases, cwd=tmp_path)
    assert "ProviderCase.purchase is 'ordr', and the simulator has no operation of that name" in done.stdout
    assert "did you mean order" in done.stdout
    assert " passed" not in done.stdout


def test_a_fault_that_never_struck_fails_its_case(tmp_path: Path) -> None:
    written(tmp_path, purchase="number_get")
    done = tool("pytest", "-q", "-p", "no:cacheprovider", "test_it.py", "-k", "a_look_finds", cwd=tmp_path)
    assert "never struck, so this case proves nothing" in done.stdout
