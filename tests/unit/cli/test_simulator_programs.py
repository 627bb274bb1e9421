"""``simulate -- COMMAND``: a program with the simulators' settings, and none of this machine's."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit

SHOW = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('ANYCARRIER')}))"


def python(code: str, *simulate: str) -> int:
    return main(["simulate", *(simulate or ["voicetel"]), "--", sys.executable, "-c", code])


def test_the_program_has_the_settings_of_the_simulators_and_none_of_a_real_account(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("ANYCARRIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANYCARRIER_VOICETEL_USERNAME", "real")
    monkeypatch.setenv("ANYCARRIER_LEADPING_API_KEY", "real")
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(tmp_path / "real.toml"))
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "real.sqlite"))
    assert python(SHOW) == 0
    said: dict[str, Any] = json.loads(capfd.readouterr().out)
    assert {*said} == {f"ANYCARRIER_{name}" for name in ("PROVIDER", "CONFIG", "JOURNAL", "ONLY_LOOPBACK")} | {
        "ANYCARRIER_VOICETEL_BASE_URL",
        "ANYCARRIER_VOICETEL_API_KEY",
    }
    assert "real" not in " ".join(said.values())
    assert not Path(said["ANYCARRIER_CONFIG"]).parent.exists()


@pytest.mark.slow
def test_a_program_of_the_library_works_in_it_and_its_journal_goes_with_it(tmp_path: Path) -> None:
    code = "from anycarrier.cli import main; import sys; sys.exit(main(['buy', '2015550100', '--yes']))"
    assert python(code) == 0
    assert not [*tmp_path.rglob("*.sqlite")]


def test_several_accounts_are_in_an_accounts_file(capfd: pytest.CaptureFixture[str]) -> None:
    code = "from anycarrier.settings import read_accounts; print(sorted(read_accounts()))"
    assert python(code, "voicetel", "--set", "accounts.second.balance=5") == 0
    assert capfd.readouterr().out == "['main', 'second']\n"


def test_accounts_of_one_name_at_two_simulators_are_told_apart(capfd: pytest.CaptureFixture[str]) -> None:
    both = ["voicetel", "lc_phone", "--set", "voicetel.accounts.second.balance=5"]
    code = "from anycarrier.settings import read_accounts; print(*sorted(read_accounts()))"
    assert python(code, *both, "--set", "lc_phone.accounts.third.location_id=ve9EPM428h8vShlRW1KX") == 0
    assert capfd.readouterr().out == "lc_phone-main second third voicetel-main\n"


def test_a_program_is_needed_after_the_dashes(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "voicetel", "--"]) == Exit.USAGE
    assert "write a command after --" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("raise SystemExit(7)", 7),
        (f"import os, signal; os.kill(os.getpid(), {int(signal.SIGKILL)})", 137),
    ],
)
def test_the_exit_code_is_that_of_the_program(code: str, ended: int) -> None:
    assert python(code) == ended


def test_ctrl_c_is_for_the_program_and_sigterm_is_passed_on() -> None:
    interrupts = f"""
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
os.kill(os.getppid(), signal.{signal.SIGINT.name})
os.kill(os.getppid(), signal.{signal.SIGTERM.name})
signal.pause()
"""
    assert python(interrupts) == 9


def test_a_signal_that_the_system_hands_to_another_thread_is_passed_on(tmp_path: Path) -> None:
    """The wait of the main thread does not end by such a signal."""
    begun = tmp_path / "begun"
    waits = f"""
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
pathlib.Path({str(begun)!r}).touch()
time.sleep(60)
"""

    def terminate() -> None:
        while not begun.exists():
            time.sleep(0.01)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    other = threading.Thread(target=terminate, daemon=True)
    other.start()
    assert python(waits) == 9
    other.join()


def test_a_program_that_cannot_run_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "voicetel", "--", "no-such-program"]) == 127
    assert capfd.readouterr().err == "anycarrier: simulate: there is no program no-such-program\n"
    (tmp_path / "text").write_text("")
    assert main(["simulate", "voicetel", "--", str(tmp_path / "text")]) == 126
    assert "cannot be run: Permission denied" in capfd.readouterr().err
