"""An environment of its own for us and for each peer, at pinned versions, under ``.bench``."""

# ruff: noqa: T201 - a program
from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".bench"
HTTPX = "httpx==0.28.1"
"""In every environment: what each peer is compared with."""


@dataclass(frozen=True)
class Peer:
    """A package that is measured beside us.

    Attributes:
        name: of the environment, and of the class that plays it in :mod:`benchmark.peers`.
        title: as the table has it.
        packages: what is installed, with versions.
        imports: the statement that a program needs.
        about: what it is, and what is unlike the others.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    imports: str
    about: str


PEERS = (
    Peer("voicetel_api", "voicetel-api", ("voicetel-api==2.2.17",), "from voicetel import Client", "VoiceTel's own"),
    Peer(
        "gohighlevel",
        "gohighlevel-api-client",
        ("gohighlevel-api-client==3.0.0",),
        "from highlevel import HighLevel",
        "LeadConnector's own; asynchronous only, returns untyped dicts",
    ),
    Peer(
        "leadping",
        "leadping",
        ("leadping==1.0.83", "microsoft-kiota-http==1.16.0"),
        "from leadping import LeadpingOpenApiClient",
        "Leadping's own; asynchronous only",
    ),
    Peer("twilio", "twilio", ("twilio==9.13.0",), "from twilio.rest import Client", "Twilio's own"),
    Peer("telnyx", "telnyx", ("telnyx==4.189.0",), "from telnyx import Telnyx", "Telnyx's own"),
    Peer(
        "libcloud",
        "apache-libcloud",
        ("apache-libcloud==3.9.1",),
        "from libcloud.dns.drivers.cloudflare import CloudFlareDNSDriver",
        "one interface over many providers, of DNS: it lists records instead of numbers",
    ),
)


@dataclass
class Environment:
    """An environment that was made, or why it was not."""

    name: str
    python: Path
    problem: str | None = None
    versions: dict[str, str] = field(default_factory=dict)


def harmless(text: str) -> str:
    """The last line of *text*, without paths, addresses and long digits: it goes into a page."""
    last = (text.strip().splitlines() or ["it ended without a word"])[-1]
    last = re.sub(r"\w+://\S+|(?:[A-Za-z]:)?(?:[/\\][\w.+~-]+){2,}", "...", last)
    return re.sub(r"\d{7,}", "#", last)[:120].replace("|", "/")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr or done.stdout, file=sys.stderr)
        raise RuntimeError("pip" if "pip" in command else command[0].rpartition("/")[2])


def _place(name: str) -> Path:
    folder = FOLDER / name
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def make(name: str, packages: tuple[str, ...], *, constraints: Path | None = None) -> Environment:
    """The environment called *name* with *packages*; made anew when they change."""
    python = _place(name)
    environment = Environment(name, python)
    text = f"{sys.version}\n{packages}\n{constraints.read_text() if constraints else ''}"
    wanted = hashlib.sha256(text.encode()).hexdigest()
    stamp = FOLDER / name / "bench.stamp"
    try:
        if not (stamp.exists() and stamp.read_text() == wanted):
            shutil.rmtree(FOLDER / name, ignore_errors=True)
            pinned = ["--constraint", str(constraints)] if constraints else []
            if uv := shutil.which("uv"):
                _run([uv, "venv", "--quiet", "--python", sys.executable, str(FOLDER / name)])
                _run([uv, "pip", "install", "--quiet", "--python", str(python), *pinned, *packages])
            else:
                _run([sys.executable, "-m", "venv", str(FOLDER / name)])
                pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
                _run([*pip, *pinned, *packages])
            # Byte code is there before anything is measured.
            subprocess.run([str(python), "-m", "compileall", "-q", str(FOLDER / name / "lib")], capture_output=True)
            stamp.write_text(wanted)
        environment.versions = versions(python)
    except (RuntimeError, OSError) as error:
        environment.problem = harmless(f"could not be installed ({error} failed)")
    return environment


def versions(python: Path) -> dict[str, str]:
    """Versions of the packages installed there."""
    code = "import importlib.metadata as m; print(*(f'{d.name}={d.version}' for d in m.distributions()), sep='\\n')"
    done = subprocess.run([str(python), "-I", "-c", code], capture_output=True, text=True, check=True)
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    return {name.lower().replace("_", "-"): version for name, _, version in pairs}


def our_packages() -> tuple[str, ...]:
    """anycarrier's dependencies: itself is read from the checkout."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    return (*project["dependencies"], *extras["cli"], "httpx2", *extras.get("fast", ()))


def ours() -> Environment:
    """anycarrier's dependencies, at the versions of ``constraints.txt``."""
    return make("anycarrier", our_packages(), constraints=ROOT / "constraints.txt")


def peer(which: Peer) -> Environment:
    """A peer's environment."""
    return make(which.name, (*which.packages, HTTPX))
