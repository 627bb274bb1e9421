"""``jobs submit``: orders of a CSV, a plan or a port order, recorded as a job."""

from __future__ import annotations

from pathlib import Path

from anycarrier import jobs as engine
from anycarrier.cli.accounts import made, sources
from anycarrier.cli.applying import confirmed, parsed_plan, plan_of
from anycarrier.cli.confirm import confirm
from anycarrier.cli.context import Context, Ended
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import place, shown, writing
from anycarrier.cli.json_output import both
from anycarrier.cli.output import warn
from anycarrier.cli.purchase_output import consequence, cost, counter
from anycarrier.cli.search import money
from anycarrier.cli.targets import listed, text_of
from anycarrier.desired_state import Plan
from anycarrier.jobs.orders import orders_from_csv, read_orders
from anycarrier.json_forms.writing import time_text
from anycarrier.number_files import WrongFile, read_port_numbers, read_profiles
from anycarrier.purchase.journal import Journal
from anycarrier.purchase.order import Order

__all__ = ["done", "enqueuer_of", "job_record", "show", "submit"]

MOST_LINES = 1_000_001
"""Lines of a file, with its header."""


def submit(context: Context) -> int:
    """Record what the file has: a plan (JSON), a port order (TOML), or orders (CSV)."""
    file = context.args.file
    if file.casefold().endswith(".toml"):
        return _ports(context)
    if file == "-":
        text = text_of(file, most_lines=MOST_LINES)
        if text.lstrip().startswith("{"):
            return _plan(context, parsed_plan(text, "stdin"))
        return _orders(context, _orders_of(context, text))
    if _is_json(file):
        return _plan(context, plan_of(file))
    return _orders(context, read_orders(file, profiles=context.args.profiles, valid_for=context.args.valid_for))


def _is_json(file: str) -> bool:
    """Return whether a file begins as an object of JSON does, which no table does."""
    try:
        with Path(file).open("rb") as stream:
            return stream.read(100).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    except OSError:
        return False  # reading it whole says what is wrong


def _refuse(context: Context, kind: str, *options: str) -> None:
    """Refuse options that are for another kind of file."""
    names = {"sources": "--from or --account"}
    set_here = [one for one in options if getattr(context.args, one) not in (None, [])]
    named = [names.get(one, f"--{one.replace('_', '-')}") for one in set_here]
    if named:
        raise Ended(f"{', '.join(named)} is not for {kind}, which {context.args.file} has")


def _orders(context: Context, orders: list[Order]) -> int:
    args = context.args
    _refuse(context, "orders", "confirm", "max_fee")
    choices = sources(args)
    members = made(choices, lenient=args.sources == [("from", "all")])
    numbers = sum(order.quantity for order in orders)
    said = f"{counter(len(orders), 'order')} for {counter(numbers, 'number')}"
    if args.dry_run:
        return done(context, {"dry_run": True, "orders": len(orders), "numbers": numbers}, f"The file has {said}.")
    labels = ", else ".join(choice.label for choice in choices)
    confirm(context, f"Submit {said} as job {args.name}, to be bought from {labels}?", consequence(members))
    with writing(context) as book:
        job = engine.submit(book, orders, members, name=args.name, enqueue=enqueuer_of(context, book))
    return _submitted(context, job, said)


def _orders_of(context: Context, text: str) -> list[Order]:
    """The orders of stdin."""
    args = context.args
    profiles = {} if args.profiles is None else read_profiles(args.profiles)
    return orders_from_csv(text, profiles=profiles, valid_for=args.valid_for, name="stdin")


def _plan(context: Context, plan: Plan) -> int:
    args = context.args
    _refuse(context, "a plan", "max_fee", "profiles", "sources")
    numbers = sum(bool(one.changes) for one in plan.numbers)
    said = f"plan {plan.id} for {counter(numbers, 'number')}"
    if args.dry_run:
        return done(context, {"dry_run": True, "plan": plan.id, "numbers": numbers}, f"The file has {said}.")
    confirmed(context, plan, f"Submit plan {plan.id} as job {args.name}")
    reasons = plan.unsafe(args.most / 100)
    with writing(context) as book:
        job = engine.submit_plan(
            book,
            plan,
            name=args.name,
            most=args.most / 100,
            confirm=plan.id if reasons else None,
            enqueue=enqueuer_of(context, book),
        )
    return _submitted(context, job, said)


def _ports(context: Context) -> int:
    args = context.args
    _refuse(context, "a port order", "confirm", "profiles")
    try:
        order = read_port_numbers(args.file, max_fee=money(args.max_fee, "--max-fee"))
    except WrongFile as wrong:
        for problem in wrong.problems:
            warn(f"jobs submit: {problem}")
        raise Ended(
            f"{args.file} is no port order, which is TOML as port-in reads it. Orders are CSV; a plan is JSON, which "
            "plan -o and switch plan -o write",
        ) from None
    numbers = [one.number for one in order.numbers if one.number is not None]
    said = f"the port of {counter(len(numbers), 'number')}"
    if args.dry_run:
        return done(context, {"dry_run": True, "numbers": len(numbers)}, f"The file has {said}.")
    choices = sources(args)
    if len(choices) != 1:
        raise Ended("a port has one account that its numbers come to: name one with --from or --account")
    (provider,) = made(choices)
    confirm(
        context,
        f"Submit the port of {listed(numbers, both)} to {choices[0].label} as job {args.name}, for at most "
        f"{cost(order.max_fee)}?",
        "This costs money, also where the losing carrier refuses, and cannot be taken back by a command.",
    )
    with writing(context) as book:
        job = engine.submit_ports(
            book,
            order.numbers,
            provider,
            name=args.name,
            max_fee=order.max_fee,
            reference=order.reference,
            enqueue=enqueuer_of(context, book),
        )
    return _submitted(context, job, said)


def _submitted(context: Context, job: engine.Job, said: str) -> int:
    told = f"Job {job.name} is on record in {shown(place(context))}: {said}"
    told += ". To work on it: anycarrier jobs work" if job.is_new else ", as before"
    if job.is_new and job.kind is engine.JobKind.PORT:
        told += f" --ports {context.args.file}"
    return done(context, {**job_record(job), "is_new": job.is_new}, f"{told}.")


def enqueuer_of(context: Context, book: Journal) -> engine.Enqueue | None:
    """The function that writes tasks, where workers take them from Procrastinate."""
    if context.args.no_queue or not book.is_shared:
        return None
    from anycarrier.jobs.worker import enqueuer

    return enqueuer(book, queue=context.args.queue)


# -- output


def job_record(job: engine.Job) -> dict[str, object]:
    """A job as JSON-able data."""
    return {
        "name": job.name,
        "kind": job.kind.value,
        "orders": job.orders,
        "numbers": job.numbers,
        "cancelled": job.cancelled,
        "created": time_text(job.created),
    }


def done(context: Context, found: dict[str, object], said: str) -> int:
    """Show what was done."""
    if context.out.form == "table":
        context.out.line(said)
    else:
        show(context, found)
    return Exit.DONE


def show(context: Context, found: dict[str, object]) -> None:
    """Show facts as JSON or CSV."""
    if context.out.form == "json":
        context.out.json(found)
    else:
        context.out.rows(tuple(found), [found])
