"""Tests mirror the source: a module has a test file of its name, or stands here with the file that tests it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "anycarrier"
TESTS = ROOT / "tests"

ELSEWHERE = {
    "json_markers": "unit/json_forms/test_round_trips.py",
    "secret_marks": "unit/test_redaction.py",
    "purchase/journal/functions": "simulation/test_functions.py",
    "purchase/journal/places": "simulation/test_places.py",
    "decoding/forgiving": "unit/decoding/test_short_answers.py",
    "decoding/pages": "unit/decoding/test_whole_lists.py",
    "decoding/records": "unit/decoding/test_short_answers.py",
    "decoding/rows": "unit/decoding/test_long_answers.py",
    "decoding/settling": "unit/decoding/test_fields.py",
    "purchase/sending": "unit/purchase/test_buying.py",
    "secret": "unit/test_security.py",
    "transports/fast": "unit/transports/test_httpx.py",
    "transports/httpx2": "unit/transports/test_httpx.py",
    "capabilities": "unit/test_search.py",
    "engine/accounts": "unit/adapters/leadconnector/test_auth.py",
    "engine/session": "unit/engine/test_driver.py",
    "exchange": "unit/engine/test_driver.py",
    "features": "unit/test_search.py",
    "filters": "unit/test_search.py",
    "engine/budget_table": "unit/client/test_accounts.py",
    "engine/rate_windows": "unit/engine/test_rate_limits.py",
    "money": "unit/test_model.py",
    "words": "unit/test_model.py",
    "port_records": "unit/test_ports.py",
    "purchase/journal/ports": "simulation/test_ports.py",
    "purchase/journal/batches": "simulation/test_journal_batches.py",
    "purchase/journal/jobs": "simulation/test_journal_jobs.py",
    "purchase/journal/job_records": "simulation/test_journal_jobs.py",
    "purchase/journal/tasks": "simulation/test_journal_tasks.py",
    "purchase/journal/task_records": "simulation/test_journal_tasks.py",
    "purchase/journal/changes": "simulation/test_journal_changes.py",
    "purchase/journal/claims": "simulation/test_journal.py",
    "purchase/journal/steps": "simulation/test_journal.py",
    "purchase/order_checks": "unit/purchase/test_order.py",
    "hints": "unit/test_bad_order.py",
    "attempt": "unit/purchase/test_resolution.py",
    "provider": "contract/test_voicetel.py",
    "provider_abilities": "unit/desired_state/test_plans.py",
    "purchase/batch_offers": "unit/purchase/test_batches.py",
    "purchase/batch_plan": "unit/purchase/test_batches.py",
    "purchase/attempts": "simulation/test_schedules.py",
    "purchase/circuit_breaker": "unit/purchase/test_provisioning.py",
    "purchase/context": "unit/purchase/test_provisioning.py",
    "purchase/journal/database": "simulation/test_journal.py",
    "purchase/journal/maintenance": "simulation/test_maintenance.py",
    "purchase/journal/mapping": "simulation/test_journal.py",
    "purchase/journal/migrations": "simulation/test_migrations.py",
    "purchase/journal/postgres": "simulation/test_journal.py",
    "purchase/journal/reader": "simulation/test_journal.py",
    "purchase/journal/schema": "simulation/test_journal.py",
    "purchase/journal/spending": "simulation/test_spending.py",
    "purchase/journal/sqlite": "simulation/test_journal.py",
    "purchase/journal/store": "simulation/test_journal.py",
    "purchase/journal/types": "simulation/test_journal.py",
    "purchase/protocols": "unit/purchase/test_provisioning.py",
    "purchase/standing": "simulation/test_journal_breaks.py",
    "purchase/worker": "simulation/test_schedules.py",
    "processes": "process/test_forks.py",
    "registry": "unit/test_settings.py",
    "transports/protocol": "unit/transports/test_httpx.py",
    "validation": "unit/test_bad_input.py",
}
"""Modules whose tests stand elsewhere: they are tested through the module that uses them, or by whole processes."""

ROOMS = ("adapter", "client", "decoding", "engine", "purchase", "transports")
"""Folders that are looked through, beside the modules of the package itself; command line, simulator and test kit are
tested by what they do."""


def modules() -> list[str]:
    """Public modules, as paths without a suffix."""
    found = [path for room in ROOMS for path in (SOURCE / room).rglob("*.py")] + [*SOURCE.glob("*.py")]
    names = [path.relative_to(SOURCE).with_suffix("").as_posix() for path in found]
    return sorted(name for name in names if not name.rpartition("/")[2].startswith("_"))


def has_its_own(module: str) -> bool:
    folder, _, name = module.rpartition("/")
    return (TESTS / "unit" / folder / f"test_{name}.py").exists()


@pytest.mark.parametrize("module", modules())
def test_a_module_has_a_test_file(module: str) -> None:
    if module in ELSEWHERE:
        assert not has_its_own(module), f"take {module} out of ELSEWHERE: it has a test file of its name"
        assert (TESTS / ELSEWHERE[module]).exists()
    else:
        assert has_its_own(module), f"there is no tests/unit/.../test_{module.rpartition('/')[2]}.py"


def test_the_list_names_modules_that_exist() -> None:
    assert not set(ELSEWHERE) - set(modules())
