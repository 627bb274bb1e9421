"""The command for jobs: many numbers that are bought, changed or ported together."""

from __future__ import annotations

from anycarrier.cli.commands.table import command
from anycarrier.cli.option_values import ago, percent
from anycarrier.cli.options import (
    add_confirmation,
    add_count,
    add_dry_run,
    add_journal,
    add_option,
    add_output,
    add_sources,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser


@command(
    "jobs",
    "many numbers at once: submit a file, work on it, see how far it is (costs money)",
    "jobs:jobs",
    "jobs submit orders.csv --name spring --account main --account spare",
    "jobs submit plan.json --name move --confirm 0123456789abcdef",
    "jobs submit port.toml --name port --account main --max-fee 60",
    "jobs list",
    "jobs work --once",
    "jobs status spring",
    "jobs cancel spring",
    "jobs resume spring",
    "jobs results spring --output csv",
    effect="changes",
)
def _jobs(made: ArgumentParser) -> None:
    """Buy numbers for many orders of a file, apply a plan, or port numbers, by one worker or by many on several
    machines. A job is a name for what is to be done, which is in the journal: all of it, or nothing. Workers need a
    journal on PostgreSQL to be several; on SQLite one process at a time has it."""
    actions = made.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    submit = actions.add_parser(
        "submit",
        help="record a file as a job: orders, a plan or a port order",
        description="Record what FILE has as a job, in one transaction; nothing is sent yet. Orders are a CSV, one a "
        "line; a plan is the JSON of plan -o or switch plan -o; a port order is TOML as port-in reads it, of which "
        "nothing about the subscriber is recorded: jobs work --ports FILE has it. The same file again under the same "
        "name is the same job. Asks first, except with --yes; a plan that needs it, except with --confirm.",
    )
    submit.add_argument("file", metavar="FILE", help="CSV of orders, JSON of a plan, or TOML of a port; - is stdin")
    submit.add_argument("--name", metavar="JOB", required=True, help="your own name for the job")
    submit.add_argument(
        "--profiles", metavar="FILE", help="TOML of the column profile (default: FILE with the suffix .toml, if there)"
    )
    submit.add_argument(
        "--valid-for", metavar="TIME", type=ago, default=604_800.0, help="it buys no longer than this: 7d (the default)"
    )
    submit.add_argument("--confirm", metavar="ID", help="id of the plan, for one that needs a confirmation")
    submit.add_argument(
        "--most",
        metavar="PERCENT",
        type=percent,
        default=30,
        help="part of an account's numbers that a plan changes without a confirmation (default: 30)",
    )
    submit.add_argument("--max-fee", metavar="AMOUNT", help="at most this for the whole port, such as 60 or 60USD")
    add_sources(submit, "providers, tried in this order; of a port one", " (default: ANYCARRIER_PROVIDER)")
    _add_queue(submit)
    submit.add_argument(
        "--no-queue", action="store_true", help="write no tasks for anycarrier jobs work: another engine does the work"
    )
    add_dry_run(submit, "check the file; record nothing")
    add_confirmation(submit)
    listed = actions.add_parser("list", help="every job", description="List the jobs of the journal, newest first.")
    status = actions.add_parser(
        "status",
        help="how far a job is",
        description="Show how far a job is: numbers by state, cost, rate and time left. Exit code 75: some are open; "
        "1: all are decided, and some are not as wanted.",
    )
    work = actions.add_parser(
        "work",
        help="work on jobs until stopped",
        description="Work on every job, and finish what a crash left, until it is stopped (Ctrl-C, SIGTERM): then it "
        "ends what is under way and leaves the rest to others. Run as many as you like on one journal on PostgreSQL. "
        "Exit code 75, with --once: something is left that has to wait.",
    )
    work.add_argument("--once", action="store_true", help="end when nothing is left to do now")
    add_count(work, "--concurrency", "chunks of 50 numbers that are worked on at once, 8 numbers of each", 4)
    add_count(work, "--grace", "seconds for what is under way once it is stopped", 30)
    work.add_argument(
        "--budget",
        metavar="WHOSE",
        choices=("own", "shared"),
        help="count requests for the rate limits alone (own) or with all processes of the journal (shared: the default "
        "on PostgreSQL)",
    )
    work.add_argument(
        "--ports",
        metavar="FILE",
        action="append",
        default=[],
        help="TOML (0600) of what port orders need, as port-in reads it: for the numbers that it lists, else for all; "
        "may be repeated (default: the environment); without it no port is ordered",
    )
    add_sources(work, "accounts (default: all with settings)", "")
    _add_queue(work)
    add_option(work)
    cancel = actions.add_parser(
        "cancel",
        help="begin nothing more of a job",
        description="Begin nothing more of a job. What is under way is found out about, and what is done stays.",
    )
    resume = actions.add_parser(
        "resume",
        help="go on with a job that was cancelled, and with what is open",
        description="Go on with a job: what its cancellation closed, what is open, and what failed.",
    )
    _add_queue(resume)
    resume.add_argument("--no-queue", action="store_true", help="write no tasks for anycarrier jobs work")
    results = actions.add_parser(
        "results",
        help="what came of each number",
        description="Show what came of each number of a job, in rows that are written as they are read.",
    )
    results.add_argument(
        "--outcome",
        metavar="OUTCOME",
        choices=("bought", "applied", "ported", "open", "failed"),
        help="only those with this outcome: bought, applied or ported, by the kind of the job; open or failed",
    )
    for one in (status, cancel, resume, results):
        one.add_argument("job", metavar="JOB", help="the name that it was submitted with")
    for one in (submit, listed, status, work, cancel, resume, results):
        add_journal(one)
        add_output(one)


def _add_queue(made: ArgumentParser) -> None:
    made.add_argument(
        "--queue",
        metavar="NAME",
        default="anycarrier",
        help="queue of the tasks on PostgreSQL: workers with other accounts take another (default: anycarrier)",
    )
