"""``init``: a first account, typed at a terminal without an echo of what is secret."""

from __future__ import annotations

import fcntl
import getpass
import io
import os
import pty
import stat
import subprocess
import sys
import termios
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.cli.exit_codes import Exit
from anycarrier.simulator import SimTransport
from anycarrier.simulator.server import running
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator
from support.terminal import Terminal

URL = "http://127.0.0.1:1"
ROOT = Path(__file__).parents[3]

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in [name for name in os.environ if name.startswith("ANYCARRIER_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "config" / "accounts.toml"
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(path))
    return path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, path: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Runs ``init`` with answers, those to secret questions last; its exit code, stdout and stderr."""

    def run(answers: str, *secrets: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
        left, err = list(secrets), Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal(answers))
        monkeypatch.setattr(sys, "stderr", err)
        monkeypatch.setattr(getpass, "getpass", lambda question, stream: stream.write(question) and left.pop(0))
        simulators = {URL: VoiceTelSimulator(), "http://127.0.0.1:2": LeadpingSimulator()}
        code = main(["init", *(options or ("--base-url", URL))], transport=SimTransport(simulators))
        out = capsys.readouterr().out
        assert not any(secret and secret in out + err.getvalue() for secret in secrets)
        return code, out, err.getvalue()

    return run


def test_an_account_is_asked_for_checked_and_written_for_its_owner_alone(typed: Typed, path: Path) -> None:
    code, out, err = typed("voicetel\n\n", DUMMY_API_KEY)
    assert (code, err.count("VoiceTel v2.2: api_key (does not show): ")) == (0, 1)
    assert out.splitlines() == [
        f"ok       voicetel (account main) settings: VoiceTel v2.2 at {URL}",
        "ok       voicetel (account main) reachable: yes",
        "ok       voicetel (account main) credentials: accepted",
        f"Account main is in {path}, which only you can read.",
        "Next: anycarrier list --account main",
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert tomllib.loads(path.read_text()) == {
        "accounts": {"main": {"provider": "voicetel", "base_url": URL, "api_key": DUMMY_API_KEY}}
    }


def test_a_further_account_leaves_the_file_as_it_is(typed: Typed, path: Path) -> None:
    path.parent.mkdir()
    before = "# mine\n[accounts.main]\nprovider = 'leadping'   # the first"
    path.write_text(before)
    path.chmod(0o600)
    assert typed("4\n\n", DUMMY_API_KEY)[0] == 0  # by its number; the name by default
    assert path.read_text().startswith(before)
    assert [*tomllib.loads(path.read_text())["accounts"]] == ["main", "voicetel"]


@pytest.mark.parametrize(
    ("before", "options", "said"),
    [
        ("[accounts.main]\nprovider = 'leadping'\n", ("--account", "main"), "has an account main already"),
        ("accounts = {x = {provider = 'leadping'}}\n", ("--account", "main"), "no account can be added at the end"),
        ("nonsense", (), "is not valid TOML"),
        ("", ("--account", "a b"), "a name is 1 to 64 letters"),
        ("", ("--provider", "voictel"), "did you mean voicetel?"),
    ],
)
def test_nothing_is_written_over(before: str, options: tuple[str, ...], said: str, typed: Typed, path: Path) -> None:
    path.parent.mkdir()
    path.write_text(before)
    path.chmod(0o600)
    code, _, err = typed(
        "\n",
        DUMMY_API_KEY,
        options=("--provider", "voicetel", "--base-url", URL, *options)[2 if "--provider" in options else 0 :],
    )
    assert code == Exit.USAGE
    assert said in err
    assert path.read_text() == before


def test_refused_credentials_are_not_written(typed: Typed, path: Path) -> None:
    code, out, err = typed("voicetel\n\n", "f" * 32)
    assert code == Exit.DENIED
    assert "problem  voicetel (account main) credentials: " in out
    assert "nothing was written" in err
    assert not path.exists()


@pytest.mark.slow
def test_what_cannot_be_checked_now_is_written(typed: Typed, path: Path) -> None:
    elsewhere = ("--base-url", "http://127.0.0.1:3")
    code, _, err = typed("", DUMMY_API_KEY, options=("--provider", "voicetel", "--account", "x", *elsewhere))
    assert code not in (Exit.DONE, Exit.BUG)
    assert "anycarrier doctor --account x" in err
    assert path.exists()


def test_a_wrong_answer_is_asked_for_again_and_three_of_them_end_it(typed: Typed, path: Path) -> None:
    code, _, err = typed("voictel\n9\nvoicetel\n\n", "", DUMMY_API_KEY)
    assert code == 0
    assert "There is no such provider; did you mean voicetel?\n" in err
    assert err.count("api_key (does not show)") == 2
    path.unlink()
    assert typed("x\nx\nx\n")[0] == Exit.USAGE
    assert typed("voicetel\n\n", "", "", "")[0] == Exit.USAGE
    assert not path.exists()


def test_a_user_name_on_the_command_line_asks_for_its_password(typed: Typed, path: Path) -> None:
    options = ("--provider", "voicetel", "--account", "x", "--base-url", URL, "--set", "username=joe")
    _, _, err = typed("", "secret-enough", options=options)
    assert "password (does not show)" in err
    assert "api_key (does not show)" not in err


def test_the_end_of_input_writes_nothing(typed: Typed, path: Path) -> None:
    assert typed("")[0] == Exit.INTERRUPTED
    assert typed("voicetel\n")[0] == Exit.INTERRUPTED
    assert not path.exists()


def test_a_file_that_cannot_be_written_is_named(
    typed: Typed, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(tmp_path / "file" / "accounts.toml"))
    code, _, err = typed("voicetel\n\n", DUMMY_API_KEY)
    assert code == Exit.USAGE
    assert "Not a directory" in err


def test_without_a_terminal_it_says_what_to_do_instead(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("voicetel\n"))
    assert main(["init"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "there is no terminal to ask on: write " in said
    assert "ANYCARRIER_<PROVIDER>_<SETTING>" in said
    assert not path.exists()


@pytest.mark.slow
def test_on_a_real_terminal_a_credential_does_not_show(path: Path) -> None:
    def takes_the_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    master, slave = pty.openpty()
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("src", "adapters"))
    with running(VoiceTelSimulator()) as urls:
        process = subprocess.Popen(
            [sys.executable, "-m", "anycarrier", "init", "--base-url", urls["voicetel"]],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=takes_the_terminal,  # noqa: PLW1509 - it is one system call
            env={**os.environ, "PYTHONPATH": paths, "ANYCARRIER_CONFIG": str(path)},
        )
        os.close(slave)
        shown = b""
        for question, answer in ((b"number: ", "voicetel"), (b"[main]: ", ""), (b"not show): ", DUMMY_API_KEY)):
            while question not in shown:
                shown += os.read(master, 1000)
            os.write(master, f"{answer}\n".encode())
        assert process.wait(60) == 0
        shown += os.read(master, 10_000)
        os.close(master)
    assert b"voicetel\r\n" in shown  # what is not secret shows
    assert DUMMY_API_KEY.encode() not in shown
    assert b"Account main is in" in shown
    assert DUMMY_API_KEY in path.read_text()
