"""``make demo-jobs``: 2,000 orders at four carriers, worked on by four processes that are killed at random.

It starts PostgreSQL and the carriers on this machine, and compares the journal with what the carriers charged.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time

from anycarrier.purchase.journal.store import Journal
from job_campaign.campaign import Campaign, Verdict, campaign, carriers
from job_campaign.carriers import NAMES
from support.postgres_server import Server


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def follow(run: Campaign, dsn: str, orders: int, ended: threading.Event) -> None:
    """Say every some seconds how far the jobs are."""
    from anycarrier.purchase import journal

    began = time.monotonic()
    with journal.open(dsn) as book:
        while not ended.wait(10.0):
            done = orders - run.open(book)
            took = time.monotonic() - began
            say(f"{done:6,} of {orders:,} after {took:3.0f} s, {done / took:.1f} a second; {run.kills} workers killed")


def told(verdict: Verdict) -> None:
    """Say what came of it."""
    say("")
    counts = f"{verdict.bought:,} bought, {verdict.charged:,} charged, {verdict.twice} twice, {verdict.lost} lost"
    say(f"{counts}, {verdict.stuck} stuck, in {verdict.seconds:.0f} s")
    for name, requests in verdict.requests.items():
        share = verdict.shares.get(name)
        rate = "no limit is documented" if share is None else f"{share:.1%} of the allowed rate"
        say(f"  {name:10} {requests:.2f} requests for a purchase, {rate}, {verdict.refused[name]} answers 429")


def main() -> int:
    """Run it; 0 where each order has one number that was paid once."""
    parser = argparse.ArgumentParser(prog="python -m job_campaign", description=__doc__)
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=8, help="workers that are killed")
    parser.add_argument("--every", type=float, default=12.0, help="seconds from kill to kill, about")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=0.0, help="probability of each fault of a request")
    parser.add_argument("--no-limits", action="store_true", help="carriers without rate limits")
    args = parser.parse_args()
    limits = not args.no_limits
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        database = Server(folder)
        ended = threading.Event()
        with (
            carriers(NAMES, limits=limits, stock=max(60, args.orders // 8), seed=args.seed) as settings,
            campaign(database.dsn, settings, args.seed, budget="shared" if limits else "own") as (run, book),
        ):
            verdict = watched(run, book, database.dsn, args, ended)
        database.close()
    told(verdict)
    right = verdict.bought == verdict.charged == args.orders and not (verdict.twice or verdict.lost or verdict.stuck)
    return 0 if right else 1


def watched(run: Campaign, book: Journal, dsn: str, args: argparse.Namespace, ended: threading.Event) -> Verdict:
    """Submit the orders and work on them, and say how far they are."""
    run.submit(book, args.orders)
    if args.faults:
        run.faulty(args.faults)
    say(f"PostgreSQL and {', '.join(NAMES)} run on this machine; {args.orders:,} orders are submitted")
    say(f"{args.workers} workers begin; {args.kills} times one of them is killed, and another takes its place")
    follower = threading.Thread(target=follow, args=(run, dsn, args.orders, ended))
    follower.start()
    try:
        run.run(book, workers=args.workers, kills=args.kills, every=args.every)
    finally:
        ended.set()
        follower.join()
    return run.verdict(book)


if __name__ == "__main__":
    sys.exit(main())
