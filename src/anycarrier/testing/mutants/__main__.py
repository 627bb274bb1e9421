"""The command ``python -m anycarrier.testing.mutants``: a table of what becomes of each mutant."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence

from anycarrier.errors import AnyCarrierError
from anycarrier.testing import mutants
from anycarrier.testing.mutants.catalog import MUTANTS
from anycarrier.testing.mutants.runner import Failed, Fate, run

HELP = """\
what to break, one of:
  tests/test_acme.py::TestAcme   a test file, and a class in it that inherits Contract
  mypkg.test_acme:TestAcme       the same, by the name of the module
"""


def table(fates: Mapping[str, Sequence[Fate]], *, verbose: bool = False) -> str:
    """*fates* for people; *verbose* with what the cases said."""
    lines: list[str] = []
    for kind, each in fates.items():
        count = {end: sum(fate.end == end for fate in each) for end in ("killed", "survives", "none")}
        lines.append(
            f"{kind}: {len(each)} mutants, {count['killed']} killed, {count['survives']} survive, "
            f"{count['none']} do not apply"
        )
        for fate in sorted(each, key=lambda fate: ("survives", "killed", "none").index(fate.end)):
            end = "does not apply" if fate.end == "none" else fate.end
            lines.append(f"  {end:<14}  {MUTANTS[fate.name].means}")
            lines.append(f"                  {fate.name}: {re.sub('^test_', '', fate.by)}")
            if verbose and fate.why:
                lines.append(f"                  {fate.why}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what becomes of each mutant; 1 where one survives, 2 where nothing can be said."""
    parser = argparse.ArgumentParser(
        prog="python -m anycarrier.testing.mutants",
        description=(mutants.__doc__ or "").partition("\n\n")[2],
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", help="what to break; see below")
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], choices=sorted(MUTANTS), help="one mutant"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="say what each case said")
    given = parser.parse_args(arguments)
    try:
        fates = run(given.target, given.only)
    except (Failed, AnyCarrierError) as failed:
        print(failed, file=sys.stderr)  # noqa: T201
        return 2
    print(table(fates, verbose=given.verbose))  # noqa: T201
    return int(any(fate.end == "survives" for each in fates.values() for fate in each))


if __name__ == "__main__":
    raise SystemExit(main())
