"""The command line as a process: what it loads, signals, pipes, and simulators over real HTTP."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anycarrier.cli.exit_codes import Exit
from anycarrier.installation import how_to_install

ROOT = Path(__file__).parents[2]
CANARY = "canary0secret0canary0secret0cana"
DATA = tempfile.mkdtemp()
"""Path of the journal."""
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
HEAVY = (
    "sqlite3",
    "httpx",
    "httpcore",
    "pydantic",
    "rich",
    "asyncio",
    "attr",
    "attrs",
    "phonenumbers",
    "dataclasses",
    "ssl",
    "shtab",
    "shutil",
)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYCARRIER_")}
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "adapters")])
    return {
        **kept,
        "PYTHONPATH": paths,
        "PYTHONWARNINGS": "error",
        "ANYCARRIER_CONFIG": str(ROOT / "no-such-file"),
        "XDG_DATA_HOME": DATA,
        **more,
    }


def anycarrier(*argv: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "anycarrier", *argv],
        env=environment(**more),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )


def loaded_by(argv: list[str]) -> set[str]:
    """The modules that a command line loads, beyond those of the interpreter and of the test itself."""
    script = (
        "import contextlib, io, json, sys\n"
        "before = set(sys.modules)\n"
        "from anycarrier.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):\n"
        f"    main({argv!r})\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, timeout=300
    )
    return set(json.loads(done.stdout))


def test_the_version_loads_no_parser() -> None:
    loaded = loaded_by(["--version"])
    assert loaded == {
        "__future__",
        "anycarrier",
        "anycarrier._version",
        "anycarrier.cli",
        "anycarrier.cli.exit_codes",
        "anycarrier.cli.streams",
    }


HELP = [["--help"], ["buy", "--help"], ["list", "--help"], ["search", "--help"], ["provision", "--help"]]


@pytest.mark.parametrize("argv", [*HELP, ["get"], []])
def test_help_loads_argparse_and_little_else(argv: list[str]) -> None:
    loaded = loaded_by(argv)
    assert not [name for name in loaded if name.partition(".")[0] in HEAVY]
    ours = {name for name in loaded if name.startswith("anycarrier.")}
    assert len(ours) <= (17 if "--help" in argv else 20), sorted(ours)  # a mistake also loads what errors are
    # Of Python itself argparse, gettext, re, textwrap and their parts; an error also loads typing and collections.
    most = 20 if "--help" in argv else 40
    assert len(loaded - ours) <= most, sorted(loaded - ours)


def test_version() -> None:
    done = anycarrier("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("anycarrier ")


def test_an_error_is_one_line_and_a_code() -> None:
    done = anycarrier("list")
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert done.stderr.startswith("anycarrier: list: no provider is named")
    assert done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, Any]]:
    argv = [sys.executable, "-m", "anycarrier", "simulate", "--port", "0", "--output", "json"]
    with subprocess.Popen(
        argv, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        try:
            yield next(
                one for one in json.loads(process.stdout.readline())["simulators"] if one["provider"] == "voicetel"
            )
        finally:
            process.send_signal(signal.SIGINT)
            rest, said = process.communicate(timeout=300)
    assert (process.returncode, rest, said) == (0, "", "")


def test_what_simulate_prints_is_all_that_a_client_needs(served: dict[str, Any]) -> None:
    more = {**served["environment"], "ANYCARRIER_PROVIDER": "voicetel"}
    found = anycarrier("search", "--area-code", "201", "--limit", "1", "--output", "json", **more)
    number = json.loads(found.stdout)["offers"][0]["number"]
    refused = anycarrier("buy", number, **more)
    assert refused.returncode == Exit.USAGE
    assert "--yes" in refused.stderr
    bought = anycarrier("buy", number, "--yes", **more)
    assert bought.returncode == 0, bought.stderr
    assert number in anycarrier("list", **more).stdout
    assert anycarrier("release", number, "--yes", **more).returncode == 0
    healthy = anycarrier("doctor", **more)
    assert healthy.returncode == 0, healthy.stdout
    assert "reachable: yes" in healthy.stdout


def test_a_secret_is_in_no_output(served: dict[str, Any]) -> None:
    more = {**served["environment"], "ANYCARRIER_VOICETEL_API_KEY": CANARY, "ANYCARRIER_PROVIDER": "voicetel"}
    for argv, code in (
        (["list"], Exit.DENIED),
        (["search", "--area-code", "201", "--provider", "all"], Exit.DENIED),
        (["buy", "2015550142", "--yes"], Exit.DENIED),
        (["doctor"], Exit.DENIED),
        (["providers"], 0),
        (["route", "2015550142", "--base-url", "https://example.com", "--gateway", "1"], Exit.USAGE),
    ):
        debug = [] if argv == ["providers"] else ["--debug"]
        for options in ([], ["--output", "json"]):
            done = anycarrier(*argv, *options, *debug, **more)
            assert done.returncode == code, (argv, done.stderr)
            assert CANARY not in done.stdout + done.stderr


def test_a_reader_that_leaves_is_no_error(served: dict[str, Any]) -> None:
    more = {**served["environment"], "ANYCARRIER_PROVIDER": "voicetel"}
    argv = [sys.executable, "-m", "anycarrier", "search", "--prefix", "2015550", "--limit", "100", "--output", "json"]
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(argv, env=environment(**more), stdout=write, stderr=subprocess.PIPE, timeout=300)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (Exit.PIPE, b"")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_terminating_a_purchase_tells_how_to_go_on(served: dict[str, Any]) -> None:
    import urllib.request

    fault = {"kind": "hang", "operation": "order", "done": True, "seconds": 30}
    asked = urllib.request.Request(f"{served['url']}/_simulator/faults", json.dumps(fault).encode())  # noqa: S310
    urllib.request.urlopen(asked).close()  # noqa: S310
    more = {**served["environment"], "ANYCARRIER_PROVIDER": "voicetel"}
    argv = [sys.executable, "-m", "anycarrier", "buy", "2015550143", "--yes"]
    with subprocess.Popen(argv, env=environment(**more), stderr=subprocess.PIPE, text=True) as process:
        _until_struck(served["url"])
        process.terminate()
        _, said = process.communicate(timeout=300)
    assert process.returncode == Exit.TERMINATED
    assert "go on with: anycarrier recover r" in said
    resume = said.rstrip().partition("go on with: anycarrier ")[2].split()
    assert anycarrier(*resume, **more).returncode == 0


def _until_struck(url: str) -> None:
    import time
    import urllib.request

    for _ in range(200):
        with urllib.request.urlopen(f"{url}/_simulator/ledger") as answer:  # noqa: S310
            if any(seen["fault"] == "hang" for seen in json.load(answer)["requests"]):
                return
        time.sleep(0.05)
    raise AssertionError("the purchase never came")


def test_simulate_for_people_with_a_scenario(tmp_path: Path) -> None:
    scenario = tmp_path / "faults.toml"
    scenario.write_text(
        'seed = 3\n[[fault]]\nsimulator = "voicetel"\nkind = "reset"\noperation = "order"\ndone = true\n'
    )
    argv = [sys.executable, "-m", "anycarrier", "simulate", "voicetel", "--port", "0", "--scenario", str(scenario)]
    with subprocess.Popen(argv, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("The credentials are good"):
                break
        process.terminate()
        rest, _ = process.communicate(timeout=300)
    assert (process.returncode, rest) == (0, "Stopped.\n")
    exports = dict(line.strip().removeprefix("export ").split("=", 1) for line in lines if "export " in line)
    assert set(exports) == {"ANYCARRIER_VOICETEL_BASE_URL", "ANYCARRIER_VOICETEL_API_KEY", "ANYCARRIER_PROVIDER"}


class Served:
    """In place of the server: says that it listens, and returns as if it had been interrupted."""

    def serve(self, simulators: list[Any], *, port: int, ready: Any) -> None:
        ready({simulator.name: f"http://127.0.0.1:{port + place}" for place, simulator in enumerate(simulators)})


def test_simulate_explains_all_that_it_plays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from anycarrier.cli import main, simulate

    monkeypatch.setattr(simulate, "server", Served)
    assert main(["simulate"]) == 0
    out = capsys.readouterr().out
    assert "voicetel is simulated at http://127.0.0.1:80" in out
    assert "  export ANYCARRIER_PROVIDER=voicetel\n" in out
    assert '  with Client("voicetel", **settings) as phone:' in out
    assert main(["simulate", "voicetel", "--output", "json", "--seed", "5"]) == 0
    found = json.loads(capsys.readouterr().out)["simulators"]
    assert found[0]["settings"]["base_url"] == found[0]["url"] == "http://127.0.0.1:8085"


def test_simulate_passes_over_what_cannot_be_played(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from anycarrier.cli import main, simulate, simulators

    real = simulators.load

    def load(name: str, **options: Any) -> Any:
        if name == "broken":
            raise ImportError("half of it is missing")
        return real(name, **options)

    monkeypatch.setattr(simulators, "load", load)
    monkeypatch.setattr(simulate, "server", Served)
    monkeypatch.setattr(simulators, "names", lambda: ["broken", "nobody", "voicetel"])
    assert main(["simulate", "--output", "json"]) == 0
    said = capsys.readouterr()
    assert [one["provider"] for one in json.loads(said.out)["simulators"]] == ["voicetel"]
    assert "the simulator of broken cannot be loaded: half of it is missing" in said.err
    monkeypatch.setattr(simulators, "names", lambda: ["nobody"])
    assert main(["simulate"]) == Exit.USAGE
    assert "no provider that is installed has a simulator" in capsys.readouterr().err


def test_a_command_may_run_in_any_thread() -> None:
    import threading

    from anycarrier.cli import main

    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(["providers", "--output", "json"])))
    thread.start()
    thread.join()
    assert codes == [0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("nonsense", "not TOML"),
        ('[[fault]]\nkind = "nonsense"\n', "kind must be one of"),
        ('[[fault]]\nsimulator = "nobody"\nkind = "reset"\n', "faults for nobody"),
        ("[options.nobody]\n", "options for nobody"),
        ("[options.voicetel]\ncache = 1\n", "takes seed, release"),
        ('[options.voicetel]\nbalance = "much"\n', "cannot be made with these options"),
        ("options = 1\n", "options are written as"),
        ("[options]\nvoicetel = 1\n", "options are written as"),
        ("a = " + "9" * 5000, "not TOML"),
    ],
)
def test_a_bad_scenario(tmp_path: Path, text: str | None, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    from anycarrier.cli import main

    path = tmp_path / "faults.toml"
    if text is not None:
        path.write_text(text)
    assert main(["simulate", "voicetel", "--scenario", str(path), "--seed", "1"]) == Exit.USAGE
    assert said in capsys.readouterr().err


def test_a_scenario_makes_a_simulator_as_its_provider_documents_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from anycarrier.cli import main, simulate

    made: list[Any] = []
    monkeypatch.setattr(simulate, "server", Served)
    monkeypatch.setattr(Served, "serve", lambda _, simulators, **more: made.extend(simulators))
    path = tmp_path / "cached.toml"
    path.write_text("\ufeff[options.voicetel]\r\nsearch_cache = 600\r\naccount_calls = 6\r\n", newline="")
    assert main(["simulate", "--scenario", str(path)]) == 0
    (one,) = [simulator for simulator in made if simulator.name == "voicetel"]
    assert (one.search_cache, one.account_calls) == (600, 6)


def test_simulate_joins_simulators(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from anycarrier.cli import main, simulate

    made: list[Any] = []
    monkeypatch.setattr(simulate, "server", Served)
    monkeypatch.setattr(Served, "serve", lambda _, simulators, **more: made.extend(simulators))
    pair = ["simulate", "lc_phone", "voicetel", "--join"]
    assert main([*pair, "lc_phone:voicetel"]) == 0
    losing, gaining = made
    assert (losing.gaining, gaining.losing) == ((gaining,), (losing,))
    for wrong, said in (
        ("lc_phone", "write LOSING:GAINING"),
        ("lc_phone:leadping", "--join names leadping; simulated are: lc_phone, voicetel"),
        ("voicetel:lc_phone", "takes no port orders"),
    ):
        with contextlib.suppress(SystemExit):
            assert main([*pair, wrong]) == Exit.USAGE
        assert said in capsys.readouterr().err, wrong


def test_simulate_prints_the_accounts_that_it_was_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import tomllib

    from anycarrier.cli import main, simulate

    monkeypatch.setattr(simulate, "server", Served)
    key = "5a" * 16  # no other test holds it, so that nothing is redacted
    argv = ["simulate", "voicetel", "--set", f"api_key={key}", "--set", "accounts.second.balance=5"]
    assert main(argv) == 0
    lines = capsys.readouterr().out.partition("ANYCARRIER_CONFIG names:\n")[2].partition("Or in Python")[0]
    printed = tomllib.loads(lines.partition("\n\nOr")[0])["accounts"]
    assert list(printed) == ["main", "second"]
    assert main([*argv, "--output", "json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["simulators"]
    assert {name: {"provider": "voicetel", **settings} for name, settings in record["accounts"].items()} == printed
    assert printed["main"]["api_key"] == key
    assert record["accounts"]["main"] == record["settings"] != record["accounts"]["second"]
    assert main(["simulate", "voicetel", "--set", "planet=mars"]) == Exit.USAGE
    assert "takes seed, release" in capsys.readouterr().err


def test_simulate_without_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import anycarrier.simulator
    from anycarrier.cli import main

    monkeypatch.delitem(sys.modules, "anycarrier.simulator.server", raising=False)
    monkeypatch.delattr(anycarrier.simulator, "server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    for command in (["simulate", "voicetel"], ["demo"]):
        assert main(command) == Exit.USAGE
        assert how_to_install("simulator") in capsys.readouterr().err
    assert main(["simulate", "nobody"]) == Exit.USAGE
