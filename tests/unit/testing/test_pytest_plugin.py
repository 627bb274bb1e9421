"""Fixtures of pytest, each in a run of pytest of its own; and the page that shows them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[3]
PLUGIN = ("-p", "no:anycarrier", "-p", "anycarrier.testing.pytest_plugin", "-p", "no:cacheprovider")
"""The plugin, whether or not its entry point is installed here."""
PAGE = ROOT / "docs" / "testing.md"


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project whose tests buy a number."""
    pytester.makepyfile(
        shop="""
        from anycarrier import Client, Search

        def buy(provider="voicetel"):
            with Client(provider) as phone:
                return str(phone.buy(phone.search(Search(area_code="201", limit=1))[0]).number)
        """
    )
    pytester.syspathinsert()
    return pytester


def outcomes(project: pytest.Pytester, *more: str) -> dict[str, int]:
    return project.runpytest_inprocess(*PLUGIN, *more).parseoutcomes()


@pytest.mark.slow
def test_an_application_is_given_a_carrier_that_is_new_in_every_test(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
        import pytest
        from shop import buy

        @pytest.mark.parametrize("time", range(2))
        def test_one(simulated_carrier, time):
            simulated_carrier.lose_next_answer()
            assert [buy()] == [charge.number for charge in simulated_carrier.charges]
        """
    )
    assert outcomes(run) == {"passed": 2}


@pytest.mark.slow
def test_a_test_of_carrier_runs_for_every_provider(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
        from shop import buy

        def test_each(carrier, simulated_carrier, phone):
            number = buy(carrier.provider)
            assert [charge.number for charge in simulated_carrier.charges] == [number]
            assert number in {str(owned.number) for owned in phone.list()}
        """
    )
    found = run.runpytest_inprocess(*PLUGIN, "-v")
    found.assert_outcomes(passed=4)
    found.stdout.fnmatch_lines_random(
        [f"*test_each?{name}? PASSED*" for name in ("lc_legacy", "lc_phone", "leadping", "voicetel")]
    )


def test_the_setting_names_providers(run: pytest.Pytester) -> None:
    run.makeini("[pytest]\nanycarrier_providers = voicetel leadping\n")
    run.makepyfile(
        """
        def test_each(carrier, simulated_carrier):
            assert list(simulated_carrier.simulators) == ["voicetel", "leadping"]
        """
    )
    assert outcomes(run) == {"passed": 2}


@pytest.mark.slow
def test_the_nearest_markers_name_providers_and_options(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.carrier("lc_phone", "voicetel", owned=["+12015550123"])

        def test_of_the_module(carrier):
            assert list(carrier.simulators) in (["lc_phone"], ["voicetel"])

        @pytest.mark.carrier("leadping")
        @pytest.mark.carrier("voicetel", owned=["2015550124"])
        @pytest.mark.carrier("voicetel", balance="7")
        def test_of_its_own(simulated_carrier):
            assert list(simulated_carrier.simulators) == ["leadping", "voicetel"]
            assert simulated_carrier["voicetel"].numbers == ["+12015550124"]
            assert str(simulated_carrier["voicetel"].simulator.account.balance) == "7"

        class TestOfClass:
            pytestmark = pytest.mark.carrier(owned=["+12015550125"])

            def test_of_all(self, simulated_carrier):
                assert len(simulated_carrier.simulators) == 4
                assert set(simulated_carrier.numbers) == {"+12015550125"}
        """
    )
    run.makeini("[pytest]\naddopts = --strict-markers --strict-config\n")
    run.makepyfile(test_strict="def test_nothing(): pass")
    assert outcomes(run)["passed"] >= 4


def test_a_project_may_have_fixtures_of_these_names(run: pytest.Pytester) -> None:
    run.makeconftest(
        """
        import pytest

        @pytest.fixture
        def phone():
            return "a telephone"

        @pytest.fixture
        def carrier():
            return "a pigeon"
        """
    )
    run.makepyfile(
        """
        import pytest

        def test_ours(phone, carrier):
            assert (phone, carrier) == ("a telephone", "a pigeon")

        @pytest.mark.parametrize("simulated_carrier", ["a"])
        def test_by_hand(simulated_carrier, carrier):
            assert simulated_carrier == "a"
        """
    )
    assert outcomes(run) == {"passed": 2}


@pytest.mark.slow
def test_a_project_may_build_on_these(run: pytest.Pytester) -> None:
    run.makeconftest(
        """
        import pytest

        @pytest.fixture
        def carrier(carrier):
            carrier.lose_next_answer()
            return carrier
        """
    )
    run.makepyfile(
        """
        from shop import buy

        def test_lost(carrier):
            buy(carrier.provider)
            assert "close" in [seen.fault for seen in carrier.requests]
        """
    )
    assert outcomes(run) == {"passed": 4}


@pytest.mark.slow
def test_asynchronous_tests_use_it(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
        import pytest
        from anycarrier import AsyncClient, Search

        pytestmark = [pytest.mark.anyio, pytest.mark.carrier("voicetel")]

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        async def test_of_its_own(simulated_carrier):
            async with AsyncClient("voicetel") as phone:
                await phone.buy((await phone.search(Search(area_code="201")))[0])
            assert len(simulated_carrier.charges) == 1

        async def test_given(carrier, async_phone):
            carrier.lose_next_answer()
            await async_phone.buy((await async_phone.search(Search(area_code="201")))[0])
            assert len(carrier.charges) == 1
        """
    )
    assert outcomes(run) == {"passed": 2}


@pytest.mark.slow
def test_unittest_uses_it(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
        import unittest

        import pytest
        from shop import buy

        @pytest.mark.usefixtures("simulated_carrier")
        class Marked(unittest.TestCase):
            def test_bought(self):
                assert buy().startswith("+1201")

        class Given(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _carrier(self, simulated_carrier):
                self.carrier = simulated_carrier

            def test_bought(self):
                self.carrier.lose_next_answer()
                number = buy()
                self.assertEqual([charge.number for charge in self.carrier.charges], [number])
        """
    )
    assert outcomes(run) == {"passed": 2}


def blocks() -> dict[str, str]:
    """Files of the page, by name."""
    found = re.findall(r"^```python notest\n# (\S+)\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return dict(found)


@pytest.mark.slow
def test_every_file_of_the_page_runs(pytester: pytest.Pytester) -> None:
    files = blocks()
    assert {"shop.py", "test_shop.py", "test_with_unittest.py"} <= set(files)
    for name, code in files.items():
        (pytester.path / name).write_text(code, encoding="utf-8")
    pytester.syspathinsert()
    tests = sum(code.count("def test_") for code in files.values())
    each = sum(code.count("(carrier") for code in files.values())
    assert outcomes(pytester, "-W", "error") == {"passed": tests + 3 * each}


@pytest.mark.slow  # two more processes import the library
def test_each_worker_of_xdist_has_carriers_of_its_own(pytester: pytest.Pytester) -> None:
    for name in ("shop.py", "test_shop.py"):
        (pytester.path / name).write_text(blocks()[name], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", *PLUGIN, "-p", "no:cov", "-n", "2", "-q"],
        cwd=pytester.path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(pytester.path)])},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_the_page_runs_with_unittest_alone(pytester: pytest.Pytester) -> None:
    for name in ("shop.py", "test_with_unittest.py"):
        (pytester.path / name).write_text(blocks()[name], encoding="utf-8")
    code = "import sys, unittest; unittest.main(None, argv=['x', 'test_with_unittest'], exit=False)"
    code += "; assert 'pytest' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=pytester.path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(pytester.path)])},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "OK"), done.stderr


def test_the_entry_point_names_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"anycarrier": "anycarrier.testing.pytest_plugin"}


@pytest.mark.slow
def test_a_run_that_uses_no_fixture_of_it_loads_nothing_of_the_library(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_of_another_project(): pass")
    code = f"import json, sys, pytest; assert not pytest.main({[*PLUGIN, '-p', 'no:cov', '-q']})\n"
    code += "print(json.dumps(sorted(name for name in sys.modules if name.startswith('anycarrier'))))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == [
        "anycarrier",
        "anycarrier._version",
        "anycarrier.testing",
        "anycarrier.testing.pytest_plugin",
    ]
