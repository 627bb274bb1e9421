"""Commands about the installation, and simulators."""

from __future__ import annotations

from argparse import ArgumentTypeError

from anycarrier.cli.commands.table import command
from anycarrier.cli.option_values import port
from anycarrier.cli.options import add_count, add_output, add_provider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser


@command(
    "providers",
    "providers that are installed, and which have settings",
    "capabilities:providers",
    "providers",
    "providers --output json",
)
def _providers(made: ArgumentParser) -> None:
    """List the providers that are installed, with the names of their settings, and say which have settings."""
    add_output(made)


@command(
    "capabilities",
    "features of each provider, and why it lacks others",
    "capabilities:capabilities",
    "capabilities",
    "capabilities PROVIDER",
    "capabilities --output csv",
)
def _capabilities(made: ArgumentParser) -> None:
    """Show what each provider can do, what it cannot and why, and on what evidence."""
    made.add_argument("providers", metavar="PROVIDER", nargs="*", help="default: every one that is installed")
    add_output(made)


@command(
    "doctor",
    "check the installation, settings and credentials",
    "doctor:doctor",
    "doctor",
    "doctor --account main",
)
def _doctor(made: ArgumentParser) -> None:
    """Check the installation and the accounts file, and for each provider that has settings: the settings, the network
    and the credentials (by one read). Says what to do. The exit code is that of the first problem."""
    add_provider(made)
    add_output(made)


@command(
    "init",
    "write an account of yours to the accounts file",
    "init:init",
    "init",
    "init --provider PROVIDER --account main",
)
def _init(made: ArgumentParser) -> None:
    """Ask on the terminal for a provider and for its credentials, which do not show; check them by one read, and write
    them as a new account to the accounts file, for you alone to read. What the file has already stays. Exit
    code 77: the provider refused them, and nothing was written."""
    add_provider(made, title="account to write", default=False)
    add_output(made, ())


@command("help", "how to use a command", "", "help search", "help campaign bind", "help call")
def _help(made: ArgumentParser) -> None:
    """Show how to use a command, or an action of it, as --help after it does."""
    made.add_argument("words", metavar="COMMAND", nargs="*", help="default: the list of commands")


@command(
    "simulate",
    "simulate providers on this machine",
    "simulate:simulate",
    "simulate",
    "simulate -- pytest tests",
    "simulate --port 0 --seed 7",
    "simulate PROVIDER --set owned=2015550123,2015550124 --set accounts.second.balance=5",
    "simulate --join PROVIDER:OTHER",
)
def _simulate(made: ArgumentParser) -> None:
    """Simulate providers on 127.0.0.1 until Ctrl-C, and print how to use them. Nothing leaves this machine, no account
    is needed and no money is spent.

    With -- COMMAND, run that command instead with the settings of the simulators in its environment, an accounts file
    and a journal of its own, and end with its exit code."""
    made.add_argument("providers", metavar="PROVIDER", nargs="*", help="default: every one that has a simulator")
    made.add_argument(
        "--port",
        metavar="N",
        type=port,
        help="port of the first one (default: 8085, and free ports with -- COMMAND); 0: free ports",
    )
    made.add_argument("--scenario", metavar="FILE", help="faults to inject, and options, as TOML")
    made.add_argument(
        "--set",
        metavar="[PROVIDER.]OPTION=VALUE",
        action="append",
        default=[],
        help="an option of a simulator, as its numbers, its API version, or accounts.NAME.OPTION for one more account",
    )
    made.add_argument(
        "--join",
        metavar="LOSING:GAINING",
        action="append",
        default=[],
        type=_pair,
        help="a number that ports in at the simulator GAINING leaves LOSING on that day; may be repeated",
    )
    add_count(made, "--seed", "makes a run repeatable (default: 0, or the scenario's)", least=0)
    add_output(made, ("table", "json"), said="; json is one document with URLs and settings, once it listens")


def _pair(text: str) -> tuple[str, str]:
    losing, _, gaining = text.partition(":")
    if not (losing and gaining):
        raise ArgumentTypeError("write LOSING:GAINING, the names of two simulators")
    return losing, gaining


@command("demo", "the life of a number, against a simulator", "demo:demo", "demo", "demo --debug")
def _demo(made: ArgumentParser) -> None:
    """Search, buy, route, bind and release a number over real HTTP, against a simulator on this machine: no account is
    needed and no money is spent."""
    made.add_argument("--provider", metavar="NAME", help="simulate this one (default: the one with the longest story)")
    add_output(made, ())


@command(
    "completion",
    "print a script that completes commands and options",
    "completion:completion",
    "completion bash",
    "completion zsh",
    "completion fish",
)
def _completion(made: ArgumentParser) -> None:
    """Print a script that completes commands, options, choices, and the providers and accounts of this machine. Save it
    where the shell finds it, and again when providers or accounts change: for bash in
    ~/.local/share/bash-completion/completions/anycarrier, for zsh as _anycarrier in a folder of fpath, for fish in
    ~/.config/fish/completions/anycarrier.fish"""
    made.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")
    add_output(made, ())
