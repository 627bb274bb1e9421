"""Completion scripts, and suggestions for what is mistyped."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from anycarrier.cli import main
from anycarrier.cli.commands import COMMANDS
from anycarrier.cli.exit_codes import Exit
from anycarrier.installation import how_to_install

CANARY = "canary0secret0canary0secret0cana"

ASK_BASH = """
source "$1"
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); COMP_LINE="${{COMP_WORDS[*]}}"; COMP_POINT=${{#COMP_LINE}}
complete_with=$(complete -p anycarrier | sed -E 's/.*-F ([^ ]+).*/\\1/')
"$complete_with" anycarrier "${{COMP_WORDS[$COMP_CWORD]}}" "${{COMP_WORDS[$COMP_CWORD-1]}}"
echo "${{COMPREPLY[*]}}"
"""


@pytest.fixture(autouse=True)
def accounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(f'[accounts.main]\nprovider = "voicetel"\napi_key = "{CANARY}"\n')
    path.chmod(0o600)
    monkeypatch.setenv("ANYCARRIER_CONFIG", str(path))


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert CANARY not in out
    return out


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_script_knows_every_command_and_the_providers_and_accounts_of_this_machine(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = script(shell, capsys)
    for name in (*COMMANDS, "area-code", "from-file", "toll_free", "voicetel", "main", "unbind", "route.forward"):
        assert name in made, name


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="this machine has no bash")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["se"], "search"),
        (["search", "--ar"], "--area-code"),
        (["search", "--output", ""], "table json csv"),
        (["search", "--line", "t"], "toll_free"),
        (["list", "--provider", "voi"], "voicetel"),
        (["list", "--account", "m"], "main"),
        (["call", "voi"], "voicetel"),
        (["call", "voicetel", "e911-"], "e911-records"),
        (["campaign", "u"], "unbind"),
        (["campaign", "bind", "--from-f"], "--from-file"),
        (["completion", "f"], "fish"),
    ],
)
def test_bash_completes(words: list[str], found: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "anycarrier.bash").write_text(script("bash", capsys))
    asked = ASK_BASH.format(words=" ".join(f'"{word}"' for word in ("anycarrier", *words)))
    done = subprocess.run(
        ["bash", "-c", asked, "bash", str(tmp_path / "anycarrier.bash")], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == (f"{found}\n", "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_the_script(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"this machine has no {shell}")
    path = tmp_path / f"anycarrier.{shell}"
    path.write_text(script(shell, capsys))
    done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_accounts_that_cannot_be_read_are_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "accounts.toml").write_text("nonsense")
    assert "search" in script("bash", capsys)


def test_without_shtab_one_line_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == Exit.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "anycarrier: completion: completion needs shtab, which is not installed: " + how_to_install("cli") + "\n"
    )


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["serach"], "there is no such command; did you mean search?"),
        (["xyzzy"], "there is no such command; there are: search, buy, "),
        (["campaign", "bnd", "+12015550123"], "there is no such action; did you mean bind?"),
        (["campaign", "xyzzy"], "there is no such action; there are: bind, unbind, show"),
        (["list", "--provder", "x"], "there is no --provder; did you mean --provider?"),
        (["campaign", "show", "+12015550123", "--acount=x"], "there is no --acount; did you mean --account?"),
        (["list", "--xyzzy"], "there is no --xyzzy (see"),
        (["provision", "--prefer", "cheepest"], "it takes given, cheapest or health; did you mean cheapest?"),
        (
            ["search", "--line", "mobil"],
            "it takes local, toll_free, mobile, national or shared_cost; did you mean mobile?",
        ),
        (["search", "--feature", "smz"], "it takes voice, sms, mms, fax or emergency; did you mean sms?"),
        (["list", "--output", "jsn"], "it takes table, json or csv; did you mean json?"),
        (["simulate", "--output", "csv"], "it takes table or json"),
        (["list", "--json"], "there is no --json; write --output json"),
        (["completion", "bsh"], "it takes bash, zsh or fish; did you mean bash?"),
        (["list", "--provider", "voictel"], "did you mean voicetel?"),
        (["list", "--account", "mian"], "did you mean main?"),
        (["list", "--account", "main", "--set", "bse_url=x"], "did you mean base_url?"),
        (["switch", "plan", "--from", "mian", "--to", "leadping"], "did you mean main?"),
        (["provision", "--need", "bind_campain", "--from", "voicetel"], "did you mean bind_campaign?"),
        (["provision", "--need", "smz", "--from", "voicetel"], "did you mean sms?"),
        (["buy", "2015550100", "--account", "main", "--option", "ruote=1", "--yes"], "did you mean route?"),
        (["capabilities", "leadpin"], "did you mean leadping?"),
        (["simulate", "leadpin"], "did you mean leadping?"),
        (["simulate", "voicetel", "--set", "ownd=2015550100"], "did you mean owned?"),
        (["simulate", "voicetel", "leadping", "--join", "voictel:leadping"], "did you mean voicetel?"),
        (["call", "voictel"], "did you mean voicetel?"),
        (["call", "voicetel", "set-cnma"], "did you mean set-cnam?"),
    ],
)
def test_the_right_word_is_suggested(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == Exit.USAGE
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err


@pytest.mark.parametrize(
    "argv", [[CANARY], ["list", "--output", CANARY], ["search", "--line", CANARY], ["list", CANARY]]
)
def test_a_wrong_value_is_not_repeated(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == Exit.USAGE
    assert CANARY not in capsys.readouterr().err


@pytest.mark.parametrize("width", [40, 80, 200])
def test_help_fits_the_terminal_and_its_examples_can_be_pasted(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for argv in ([], *([name] for name in COMMANDS), ["campaign", "bind"]):
        assert main([*argv, "--help"]) == 0
        out = capsys.readouterr().out
        long = [line for line in out.splitlines() if len(line) > width and "https://" not in line and "~/" not in line]
        assert not long, long
        command = argv[0] if argv else ""
        if len(argv) == 1:
            pasted = out.partition("examples:\n")[2].replace(" \\\n", " ")
            lines = [" ".join(line.split()) for line in pasted.splitlines()]
            assert lines == [f"anycarrier {example}" for example in COMMANDS[command].examples]
