"""The command line wherever it runs: closed or full streams, no home folder, odd terminals, odd settings."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from anycarrier.cli.commands import COMMANDS
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.parser import Once, Parser, parse, parser
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY

ROOT = Path(__file__).parents[2]
CHILD = ROOT / "tests" / "support" / "surroundings.py"
PATHS = os.pathsep.join(str(ROOT / folder) for folder in ("src", "adapters", "tests"))
FREE, OWNED = "2015550100", "2125550199"

ARGUMENTS: dict[str, list[list[str]]] = {
    "providers": [[], ["--output", "json"]],
    "capabilities": [[], ["--output", "json"], ["voicetel"]],
    "search": [["--area-code", "201"], ["--area-code", "201", "--provider", "all", "--output", "json"]],
    "buy": [[FREE, "--yes"], [FREE, "--yes", "--output", "json"], [FREE]],
    "provision": [
        ["--area-code", "201", "--from", "voicetel", "--yes", "--output", "json"],
        ["--area-code", "201", "--dry-run"],
        ["--area-code", "201", "--from", "all", "--yes"],
    ],
    "jobs": [
        ["submit", "nowhere.csv", "--name", "spring", "--yes"],
        ["list"],
        ["list", "--output", "json"],
        ["status", "spring"],
        ["work", "--once"],
        ["cancel", "spring"],
        ["resume", "spring"],
        ["results", "spring", "--output", "csv"],
    ],
    "audit": [[], ["--output", "json"]],
    "purchases": [[], ["--output", "json"]],
    "recover": [[], ["--output", "json"]],
    "reconcile": [[], ["--output", "json"]],
    "journal": [["migrate"], ["prune", "--older-than", "400d", "--output", "json"]],
    "list": [[], ["--output", "json"], ["--account", "main", "--output", "json"]],
    "dump": [[], ["--output", "json"]],
    "plan": [["nowhere.csv"]],
    "apply": [["nowhere.json"]],
    "undo": [["nowhere.json", "--yes"]],
    "status": [["nowhere.json"]],
    "switch": [["finish", "nowhere.json"], ["plan", "--from", "lc_phone", "--to", "voicetel"]],
    "get": [[OWNED], [OWNED, "--output", "json"]],
    "release": [[OWNED, "--yes"], [OWNED]],
    "route": [[OWNED, "--gateway", "1000"]],
    "transfer": [[OWNED, "--to", "1000000002", "--yes"]],
    "campaign": [["show", OWNED], ["bind", OWNED, "CH5K5IZ", "--output", "json"]],
    "wait": [[OWNED]],
    "portable": [["9075550123"], [OWNED, "--output", "json"]],
    "port-in": [["nowhere.toml", "--yes"]],
    "ports": [[], ["--output", "json"], ["--on-record"]],
    "port": [["a3a2a"]],
    "simulate": [["--scenario", "no-such-file"]],
    "help": [["search"]],
    "init": [[], ["--provider", "voicetel"]],
    "demo": [["--provider", "nobody"]],
    "doctor": [[], ["--output", "json"]],
    "call": [["--list"], ["voicetel", "gateways", "--output", "json"], ["voicetel", "set-cnam", OWNED, "yes", "--yes"]],
    "completion": [["bash"]],
}
HELP = [["--help"], ["--version"], ["buy", "--help"], ["nothing"], []]

KEPT = ["null", "null", "kept"]
STREAMS = {
    "stdin closed": ["closed", "null", "kept"],
    "stdout closed": ["null", "closed", "kept"],
    "stderr closed": ["null", "null", "closed"],
    "all closed": ["closed", "closed", "closed"],
    "stdout full": ["null", "full", "kept"],
    "stdout and stderr full": ["null", "full", "full"],
    "stdout unread": ["null", "unread", "kept"],
    "stderr unread": ["null", "null", "unread"],
    "stdout for reading only": ["null", "readonly", "kept"],
}


def cases(surrounding: dict[str, Any], folder: Path, commands: list[list[str]]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for place, argv in enumerate(commands):
        environment = {name: None for name in os.environ if name.startswith("ANYCARRIER_")}
        environment |= {
            "ANYCARRIER_PROVIDER": "voicetel",
            "ANYCARRIER_VOICETEL_API_KEY": DUMMY_API_KEY,
            "ANYCARRIER_VOICETEL_BASE_URL": "http://127.0.0.1:1",
            "HOME": str(folder),
            "ANYCARRIER_JOURNAL": str(folder / f"{place}.sqlite"),
            "XDG_CONFIG_HOME": None,
            "XDG_DATA_HOME": None,
        }
        case = {"argv": argv, "streams": KEPT, "homeless": False, "encoding": "utf-8", **surrounding}
        made.append({**case, "environment": environment | surrounding.get("environment", {})})
    return made


def every() -> list[list[str]]:
    assert set(ARGUMENTS) == set(COMMANDS)
    return [[name, *more] for name, tries in ARGUMENTS.items() for more in tries] + HELP


def run(surrounding: dict[str, Any], folder: Path, commands: list[list[str]] | None = None) -> dict[str, Any]:
    """The outcome of each command, by its words."""
    (found,) = run_in([surrounding], folder, commands)
    return found


def run_in(
    surroundings: list[dict[str, Any]], folder: Path, commands: list[list[str]] | None = None
) -> list[dict[str, Any]]:
    """The same in each of the surroundings."""
    return run_each([(one, every() if commands is None else commands) for one in surroundings], folder)


def run_each(asked: list[tuple[dict[str, Any], list[list[str]]]], folder: Path) -> list[dict[str, Any]]:
    """In each of the surroundings its own commands."""
    every_case: list[dict[str, Any]] = []
    for place, (surrounding, commands) in enumerate(asked):
        room = folder / f"room{place}"
        room.mkdir()
        every_case += cases(surrounding, room, commands)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(CHILD)],
        env={**os.environ, "PYTHONPATH": PATHS},
        cwd=folder,
        input=json.dumps(every_case),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    came = iter(json.loads(done.stdout))
    every_found = [{" ".join(argv): next(came) for argv in commands} for _, commands in asked]
    for found, (surrounding, _) in zip(every_found, asked, strict=True):
        for words, one in found.items():
            assert one["code"] not in (Exit.BUG, 255), (words, one, surrounding)
            for never in ("Traceback", ": internal error (", "Exception ignored"):
                assert never not in one["said"], (words, one, surrounding)
    return every_found


def run_in_turn(
    surroundings: list[dict[str, Any]], folder: Path, parts: int, *, always: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Each command in one of so many *parts* of the surroundings, and each of these with that part of the commands;
    those that begin with a word of *always* in each."""
    asked = [
        (one, [argv for at, argv in enumerate(every()) if (argv and argv[0] in always) or (at + place) % parts == 0])
        for place, one in enumerate(surroundings)
    ]
    return run_each(asked, folder)


def unusable_streams(folder: Path, parts: int) -> None:
    for found in run_in_turn([{"streams": streams} for streams in STREAMS.values()], folder, parts, always=("buy",)):
        for words in (f"buy {FREE} --yes", f"buy {FREE} --yes --output json"):
            assert (found[words]["code"], found[words]["charges"]) == (Exit.DONE, 1), found[words]
        assert (found[f"buy {FREE}"]["code"], found[f"buy {FREE}"]["charges"]) == (Exit.USAGE, 0)


@pytest.mark.slow
def test_a_stream_that_cannot_be_used_is_never_a_mistake_and_no_purchase_is_called_failed(tmp_path: Path) -> None:
    """A third of the commands with each; a soak has every command with each."""
    unusable_streams(tmp_path, 3)


@pytest.mark.soak
def test_soak_every_command_with_each_stream_that_cannot_be_used(tmp_path: Path) -> None:
    unusable_streams(tmp_path, 1)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("stdout full", Exit.INPUT_OUTPUT),
        ("stdout for reading only", Exit.INPUT_OUTPUT),
        ("stdout unread", Exit.PIPE),
        ("stdout closed", Exit.DONE),
    ],
)
def test_what_only_shows_something_fails_where_it_cannot_be_written(name: str, code: int, tmp_path: Path) -> None:
    shown = [
        ["search", "--area-code", "201"],
        ["list", "--output", "json"],
        ["--version"],
        ["buy", "--help"],
        ["providers"],
    ]
    for words, one in run({"streams": STREAMS[name]}, tmp_path, shown).items():
        assert one["code"] == code, (words, one)
        if code == Exit.INPUT_OUTPUT:
            assert one["said"].count("\n") == 1, (words, one)
            assert "the output could not be written" in one["said"], (words, one)
        else:
            assert one["said"] == "", (words, one)


def test_a_purchase_that_could_not_be_shown_says_that_it_was_made(tmp_path: Path) -> None:
    found = run({"streams": STREAMS["stdout full"]}, tmp_path, [["buy", FREE, "--yes"]])
    (one,) = found.values()
    assert one["said"].endswith("the output could not be written: No space left on device; what was done is done\n")


def test_nothing_that_is_opened_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from anycarrier.cli import main\n"
        "os.close(0), os.close(1), os.close(2)\n"
        "sys.stdin = sys.stdout = sys.stderr = None\n"
        "main(['providers', '--output', 'json'])\n"
        "opened = os.open(os.devnull, os.O_RDONLY)\n"
        "os._exit(0 if opened > 2 else 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": PATHS}, cwd=tmp_path)
    assert done.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="shells of Windows have no >&-")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("providers --output json >&-", 0),
        ("--version >&-", 0),
        ("--help >/dev/full", Exit.INPUT_OUTPUT),
        ("capabilities >/dev/full", Exit.INPUT_OUTPUT),
        ("providers >&- 2>&- <&-", 0),
        ("search --provider nobody --output json 2>&-", Exit.USAGE),
    ],
)
def test_a_real_shell_agrees(line: str, code: int, tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m anycarrier {line}'],
        env={**os.environ, "PYTHONPATH": PATHS},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, done.stderr
    assert "Exception ignored" not in done.stderr
    if "nobody" in line:
        assert json.loads(done.stdout)["error"]["type"] == "ConfigurationError"


NO_HOME: dict[str, Any] = {
    "homeless": True,
    "environment": {"HOME": None, "ANYCARRIER_JOURNAL": None, "XDG_CONFIG_HOME": None, "XDG_DATA_HOME": None},
}


def test_without_a_home_folder_each_command_works_or_says_what_to_set(tmp_path: Path) -> None:
    found = run(NO_HOME, tmp_path)
    for words in ("providers", "doctor", "search --area-code 201", "list --output json", f"get {OWNED}"):
        assert found[words]["code"] == Exit.DONE, found[words]
    assert found["list --account main --output json"]["code"] == Exit.USAGE
    assert "ANYCARRIER_CONFIG" in found["list --account main --output json"]["said"]
    for words, variable in ((f"buy {FREE} --yes", "ANYCARRIER_JOURNAL"), ("purchases", "ANYCARRIER_JOURNAL")):
        assert variable in found[words]["said"], found[words]
        assert found[words]["charges"] == 0
    assert not list(tmp_path.rglob("~*"))


@pytest.mark.parametrize("home", ["", "home"])
def test_a_home_folder_that_is_another_one_in_every_folder_is_none(home: str, tmp_path: Path) -> None:
    environment = {**NO_HOME["environment"], "HOME": home}
    asked = [["buy", FREE, "--yes"], ["list", "--account", "main"], ["list", "--output", "json"], ["doctor"]]
    found = run({"environment": environment}, tmp_path, asked)
    assert (found[f"buy {FREE} --yes"]["code"], found[f"buy {FREE} --yes"]["charges"]) == (Exit.USAGE, 0)
    assert "ANYCARRIER_JOURNAL" in found[f"buy {FREE} --yes"]["said"]
    assert "ANYCARRIER_CONFIG" in found["list --account main"]["said"]
    assert found["list --output json"]["code"] == found["doctor"]["code"] == Exit.DONE
    tilde = {**environment, "ANYCARRIER_JOURNAL": "~/journal.sqlite"}
    (tmp_path / "again").mkdir()
    (one,) = run({"environment": tilde}, tmp_path / "again", [["buy", FREE, "--yes"]]).values()
    assert (one["code"], one["charges"]) == (Exit.USAGE, 0)
    assert "home folder is not known" in one["said"]


@pytest.mark.parametrize("place", [":memory:", "journal.sqlite # the one of the shop"])
def test_a_journal_that_would_not_be_found_again_is_refused(place: str, tmp_path: Path) -> None:
    (one,) = run({"environment": {"ANYCARRIER_JOURNAL": place}}, tmp_path, [["buy", FREE, "--yes"]]).values()
    assert (one["code"], one["charges"]) == (Exit.USAGE, 0)
    assert one["said"].count("\n") == 1


def test_a_purchase_under_an_id_that_cannot_be_looked_up_may_have_been_made(tmp_path: Path) -> None:
    (tmp_path / "damaged").write_bytes(b"no journal " * 1000)
    environment = {"ANYCARRIER_JOURNAL": str(tmp_path / "damaged")}
    named, new = ["buy", FREE, "--yes", "--request-id", "order-1"], ["buy", FREE, "--yes"]
    found = run({"environment": environment}, tmp_path, [named, new])
    one = found[" ".join(named)]
    assert (one["code"], one["charges"]) == (Exit.UNKNOWN, 0)
    assert one["said"].endswith("anycarrier recover order-1\n")
    one = found[" ".join(new)]
    assert (one["code"], one["charges"]) == (Exit.INPUT_OUTPUT, 0)
    assert "Nothing was sent" in one["said"]


def test_a_relative_journal_in_a_folder_that_is_gone_is_refused(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from anycarrier.cli import main\n"
        "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    environment = {**os.environ, "PYTHONPATH": PATHS, "ANYCARRIER_JOURNAL": "journal.sqlite"}
    done = subprocess.run(
        [sys.executable, "-c", script, "purchases"], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == Exit.USAGE, done.stderr
    assert "write the whole path" in done.stderr


def parser_of(name: str) -> Parser:
    (commands,) = [one.choices for one in parser(name)._actions if isinstance(one, argparse._SubParsersAction)]
    made: Parser = commands[name]
    return made


def single_options() -> list[tuple[str, str, str]]:
    """Every option of every command that takes one value, with one that it accepts."""
    found: list[tuple[str, str, str]] = []
    for name in COMMANDS:
        single = [one for one in parser_of(name)._actions if isinstance(one, Once) and one.option_strings]
        found += [(name, one.option_strings[0], str(next(iter(one.choices or "7")))) for one in single]
    return found


def test_an_option_with_one_value_is_given_once(capsys: pytest.CaptureFixture[str]) -> None:
    options = single_options()
    assert {("buy", "--provider", "7"), ("buy", "--max-price", "7"), ("recover", "--journal", "7")} <= set(options)
    for command, option, value in options:
        words = [*ARGUMENTS[command][0], option, value, option, value]
        with pytest.raises(SystemExit) as ended:
            parse([command, *words] if option not in ARGUMENTS[command][0] else [command, *words[:-2]])
        assert ended.value.code == Exit.USAGE
        assert f"argument {option}: it appears twice" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["list", "--seed", "1"],
        ["campaign", "show", FREE, "--x"],
        ["get", FREE, "-"],
        ["list", "--provider", ""],
        ["buy", " "],
    ],
)
def test_wrong_usage_of_a_command_points_at_its_own_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(words)
    said = capsys.readouterr().err
    command = "campaign show" if words[0] == "campaign" else words[0]
    assert said.startswith(f"anycarrier: {command}: ")
    assert said.endswith(f"(see anycarrier {command} --help)\n")


@pytest.mark.parametrize(
    "words", [["--output", "json", "list"], ["--provider", "voicetel", "list"], ["--nothing"], ["--", "list"]]
)
def test_an_option_before_the_command_says_where_it_belongs(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(words)
    assert "options come after the command" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["9" * 10, "9" * 5_000, "3x", "\u0663"])
def test_a_count_is_a_number_that_can_be_counted_to(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["list", "--limit"], ["search", "--area-code", "201", "--limit"], ["simulate", "--seed"]):
        with pytest.raises(SystemExit):
            parse([*words, number])
        said = capsys.readouterr().err
        assert "write a whole number" in said
        assert number not in said


def odd_terminals(folder: Path, parts: int) -> None:
    odd = [
        {"encoding": "ascii", "environment": {"LC_ALL": "C", "LANG": "C"}},
        {"encoding": "latin-1", "environment": {"TERM": "dumb", "COLUMNS": "1"}},
        {"encoding": "cp1252", "environment": {"NO_COLOR": "", "TERM": ""}},
    ]
    for found in run_in_turn(odd, folder, parts, always=("list", "providers")):
        assert found["list"]["code"] == found["providers"]["code"] == Exit.DONE


@pytest.mark.slow
def test_odd_terminals_and_encodings(tmp_path: Path) -> None:
    """Each command in one of them; a soak has every command in each."""
    odd_terminals(tmp_path, 3)


@pytest.mark.soak
def test_soak_every_command_at_each_odd_terminal(tmp_path: Path) -> None:
    odd_terminals(tmp_path, 1)


def test_bytes_that_are_no_text_are_refused_wherever_they_are_typed(tmp_path: Path) -> None:
    odd = "\udcff"
    tried = [["search", "--city", odd], ["buy", odd, "--yes"], [odd], ["list", "--account", odd], ["route", OWNED, odd]]
    for words, one in run({}, tmp_path, tried).items():
        assert one["code"] == Exit.USAGE, words
        assert "not text" in one["said"]


def odd_accounts_files(folder: Path) -> list[Path]:
    (folder / "folder.toml").mkdir()
    made = {
        "huge.toml": b"# " + b"x" * 2_000_000,
        "deep.toml": b"a = " + b"[" * 50_000,
        "nul.toml": b"\0\0\0",
        "digits.toml": b"a = " + b"9" * 9_000,
        "utf16.toml": "[accounts]".encode("utf-16"),
        "list.toml": b"accounts = [1]",
    }
    for name, content in made.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    return [folder / name for name in ("folder.toml", *made)]


def test_an_accounts_file_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    asked = [
        ["list", "--account", "main"],
        ["doctor"],
        ["providers"],
        ["search", "--area-code", "201", "--provider", "all"],
    ]
    paths = odd_accounts_files(tmp_path)
    surroundings = [{"environment": {"ANYCARRIER_CONFIG": str(path)}} for path in paths]
    for path, found in zip(paths, run_in(surroundings, tmp_path, asked), strict=True):
        one = found["list --account main"]
        assert one["code"] == Exit.USAGE
        assert one["said"].count("\n") == 1
        assert path.name in one["said"]


def test_a_journal_that_cannot_be_kept_where_it_should_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    places = (tmp_path / "file" / "journal.sqlite", tmp_path / "folder", Path("/proc/journal.sqlite"))
    surroundings = [{"environment": {"ANYCARRIER_JOURNAL": str(place)}} for place in places]
    for found in run_in(surroundings, tmp_path, [["buy", FREE, "--yes"], ["purchases"]]):
        one = found[f"buy {FREE} --yes"]
        assert (one["code"], one["charges"]) == (Exit.INPUT_OUTPUT, 0), one
        assert one["said"].count("\n") == 1, one
